"""Why a camera was as it was, kept as a code with figures and said in both languages."""

from dataclasses import dataclass, replace

from species_db.language import Language
from species_db.vocabulary import DayState

NOTE_WORDS = {
    "stolen": ("stolen", "被盗"),
    "snow": ("snow", "积雪"),
    "covered": ("something at the lens", "镜头前有遮挡"),
    "full": ("card full", "存储卡已满"),
    "battery": ("battery flat", "电池耗尽"),
    "moved": ("camera moved", "相机移位或倾倒"),
    "flash": ("flash broken", "补光灯故障"),
}

# Every code with what it says; {since}, {days} and so on are its figures.
CAUSE_WORDS = {
    "photos": ("pictures on this day", "当日有照片"),
    "heartbeat": ("time-lapse picture on this day", "当日有定时(心跳)照片"),
    "quiet": (
        "no picture for {days} days, with pictures before and after",
        "{days} 天无照片,但前后均有照片",
    ),
    "quiet_end": (
        "no picture for the last {days} days: not unusual for this camera",
        "最后 {days} 天无照片,对该相机而言并不反常",
    ),
    "silent": (
        "no picture for {days} days from {since}: nothing proves that the camera worked",
        "自 {since} 起 {days} 天无照片,无法证明相机在工作",
    ),
    "no_heartbeat": (
        "the daily time-lapse picture is missing for {days} days from {since}",
        "自 {since} 起 {days} 天缺少每日定时照片",
    ),
    "no_media": ("no dated picture at all", "没有任何带时间的照片"),
    "not_computed": ("not worked out yet", "尚未计算"),
    "ended": (
        "no picture from {since} to retrieval ({days} days), after {active} days with pictures",
        "自 {since} 至回收共 {days} 天无照片,此前有 {active} 天拍到照片",
    ),
    "battery": (
        "no picture from {since} to retrieval ({days} days); battery fell to {percent} %",
        "自 {since} 至回收共 {days} 天无照片;电池电压降至起始的 {percent}%",
    ),
    "full_size": (
        "stopped on {since} with {gb} GB written: about a {card} GB card",
        "{since} 停止时已写入 {gb} GB,接近 {card} GB 存储卡容量",
    ),
    "full_rate": (
        "stopped on {since} while writing without a pause ({photos} pictures on the last day)",
        "{since} 在连续拍摄中突然停止(最后一天 {photos} 张)",
    ),
    "full_note": ("no picture after {since}", "{since} 之后无照片"),
    "full_both": (
        "stopped on {since} while writing without a pause, {gb} GB written: about a {card} GB card",
        "{since} 在连续拍摄中突然停止,已写入 {gb} GB,接近 {card} GB 存储卡容量",
    ),
    "black_nights": (
        "night pictures are black from {since}: dead flash ({photos} pictures)",
        "自 {since} 起夜间照片全黑({photos} 张):补光灯失效",
    ),
    "no_nights": (
        "day pictures go on, none at night since {since}: by chance {chance} "
        "(nights on {lit} of {active} other days)",
        "自 {since} 起只有白天照片,偶然发生的概率 {chance}"
        "(其余 {active} 天中有 {lit} 天拍到夜间照片)",
    ),
    "never_at_night": (
        "pictures by day only, from the first day on: check the flash",
        "自始至终只有白天照片,请检查补光灯",
    ),
    "bright": (
        "near-uniform bright pictures from {since}: snow, dew or a leaf lit by the flash",
        "自 {since} 起画面几乎一片亮白:积雪、结露或叶片反光",
    ),
    "dark": (
        "near-uniform dark pictures from {since}: lens covered",
        "自 {since} 起画面几乎一片暗:镜头被遮盖",
    ),
    "grey": (
        "near-uniform pictures from {since}: lens covered",
        "自 {since} 起画面几乎无内容:镜头被遮盖",
    ),
    "blurred": (
        "contrast and sharpness collapsed from {since}: leaf, web, dew or lasting fog",
        "自 {since} 起对比度和清晰度骤降:叶片、蛛网、结露或持续浓雾",
    ),
    "scene": (
        "scene changed on {since} and stayed so: camera turned or fell",
        "{since} 画面突然改变,此后未恢复:相机转向或倾倒",
    ),
}

STATE_WORDS = {
    DayState.WORKING: ("working", "正常"),
    DayState.DAY_ONLY: ("day only", "仅白天"),
    DayState.BLOCKED: ("blocked", "遮挡"),
    DayState.MOVED: ("moved", "移位"),
    DayState.FULL_CARD: ("card full", "卡满"),
    DayState.DEAD: ("dead", "停机"),
    DayState.UNKNOWN: ("unknown", "不明"),
}


@dataclass(frozen=True)
class Cause:
    """A code of `CAUSE_WORDS`, its figures, and the words of the field sheet that support it.

    >>> told = Cause("silent", (("days", "25"), ("since", "2026-06-01")), ("snow",))
    >>> told.stored()
    'silent|days=25|since=2026-06-01|note=snow'
    >>> Cause.read(told.stored()) == told
    True
    >>> told.said("en")
    'no picture for 25 days from 2026-06-01: nothing proves that the camera worked; \
the field sheet says: snow'
    """

    code: str
    figures: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @staticmethod
    def of(code: str, **figures: object) -> "Cause":
        """A cause with figures in the order of their names."""
        return Cause(code, tuple((name, str(value)) for name, value in sorted(figures.items())))

    @staticmethod
    def read(text: str) -> "Cause":
        """Read what `stored` wrote."""
        code, *parts = text.split("|")
        pairs = [part.partition("=")[::2] for part in parts]
        return Cause(
            code,
            tuple((name, value) for name, value in pairs if name != "note"),
            tuple(value for name, value in pairs if name == "note"),
        )

    def with_notes(self, notes: tuple[str, ...]) -> "Cause":
        """The same cause, supported by the field sheet."""
        return replace(self, notes=notes)

    def stored(self) -> str:
        """One line without a language, for the table."""
        figures = [f"{name}={value}" for name, value in self.figures]
        return "|".join([self.code, *figures, *(f"note={note}" for note in self.notes)])

    def said(self, language: Language) -> str:
        """One phrase for people; a code of a newer version is shown as it is."""
        index = 1 if language == "zh" else 0
        words = CAUSE_WORDS.get(self.code)
        if words is None:
            return self.stored()
        phrase = words[index].format(**dict(self.figures))
        if not self.notes:
            return phrase
        notes = [NOTE_WORDS[note][index] for note in self.notes if note in NOTE_WORDS]
        if language == "zh":
            return f"{phrase};登记表注明:{'、'.join(notes)}"
        return f"{phrase}; the field sheet says: {', '.join(notes)}"
