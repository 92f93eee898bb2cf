"""The symptoms that speak for a correction: kept as figures, told as sentences."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from species_db.language import tr

Figure = str | int | float | None


@dataclass(frozen=True)
class Symptom:
    """One symptom by its code, with the files and figures that show it; times are camera-local."""

    code: str
    figures: Mapping[str, Figure] = field(default_factory=dict)


def as_json(symptoms: Iterable[Symptom]) -> str:
    """Canonical JSON, so that the same evidence is the same text on every laptop."""
    told = [{"symptom": one.code, **one.figures} for one in symptoms]
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sentences(evidence: str) -> tuple[str, ...]:
    """Tell stored evidence in the reader's language, a sentence a symptom.

    >>> sentences('[{"symptom":"stated","person":"Tashi"}]')
    ('Stated by Tashi.',)
    """
    return tuple(_tell(dict(one)) for one in json.loads(evidence))


def length(seconds: float) -> str:
    """Tell a length of time, roughly where it is long.

    >>> length(-29100), length(86400 * 365), length(45)
    ('-8 h 05 min', '365 d', '45 s')
    """
    sign, rest = "-" if seconds < 0 else "", abs(round(seconds))
    days, rest = divmod(rest, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds_left = divmod(rest, 60)
    d, h, m, s = tr("d", "天"), tr("h", "小时"), tr("min", "分"), tr("s", "秒")
    parts = [f"{days} {d}"] if days else []
    if hours or (days and minutes):
        parts.append(f"{hours} {h}")
    if minutes:
        parts.append(f"{minutes:02d} {m}" if parts else f"{minutes} {m}")
    if seconds_left and not days:
        parts.append(f"{seconds_left:02d} {s}" if parts else f"{seconds_left} {s}")
    return sign + " ".join(parts or [f"0 {s}"])


def _tell(told: dict[str, Figure]) -> str:
    code = str(told.pop("symptom"))
    teller = _TELLERS.get(code)
    return teller(told) if teller else f"{code}: {told}"


def _number(value: Figure) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _backwards(of: Mapping[str, Figure]) -> str:
    back = length(_number(of["seconds"]))
    return tr(
        f"{of['file']} says {of['time']}, {back} before the file in front of it ({of['before']}).",
        f"{of['file']} 的时间为 {of['time']},比前一个文件({of['before']})早 {back}。",
    )


def _factory(of: Mapping[str, Figure]) -> str:
    return tr(
        f"The stretch begins at {of['time']}: a clock that starts at its factory time.",
        f"这一段从 {of['time']} 开始:时钟从出厂时间起走。",
    )


def _outside(of: Mapping[str, Figure]) -> str:
    return tr(
        f"{of['outside']} of {of['files']} files lie outside the deployment: "
        f"they say {of['first']} to {of['last']}.",
        f"{of['files']} 个文件中有 {of['outside']} 个在布设期之外:时间为 {of['first']} 至 "
        f"{of['last']}。",
    )


def _years(of: Mapping[str, Figure]) -> str:
    years = f"{_number(of['years']):+.0f}"
    return tr(
        f"With {years} years, and with no other number of years, all lie inside the deployment.",
        f"加 {years} 年后全部落在布设期内;其他年数均不能。",
    )


def _end(of: Mapping[str, Figure]) -> str:
    is_setup = of["which"] == "setup"
    apart = length(abs(_number(of["seconds"])))
    return tr(
        f"Corrected, the {'first' if is_setup else 'last'} file lies {apart} from "
        f"{'set-up' if is_setup else 'retrieval'}.",
        f"校正后,{'首个文件与布设' if is_setup else '最后一个文件与回收'}时间相差 {apart}。",
    )


def _sun(of: Mapping[str, Figure]) -> str:
    is_before = of["when"] == "before"
    figures = (
        f"{of['grey_high']}/{of['grey']}",
        f"{of['colour_dark']}/{of['colour']}",
    )
    return tr(
        f"{'As it stands' if is_before else 'Corrected'}, {figures[0]} grey (infrared) pictures "
        f"fall under a high sun and {figures[1]} colour pictures in deep night.",
        f"{'目前' if is_before else '校正后'},{figures[0]} 张灰度(红外)照片落在太阳高照时,"
        f"{figures[1]} 张彩色照片落在深夜。",
    )


def _between(of: Mapping[str, Figure]) -> str:
    return tr(
        f"By file order and field sheet the first file was taken between {of['earliest']} and "
        f"{of['latest']}.",
        f"按文件顺序和布设登记,首个文件拍摄于 {of['earliest']} 至 {of['latest']} 之间。",
    )


def _anchored(of: Mapping[str, Figure]) -> str:
    is_setup = of["which"] == "setup"
    return tr(
        f"Taken as the visit at {'set-up' if is_setup else 'retrieval'}: "
        f"the {'first' if is_setup else 'last'} file. Anchor a board photo if there is one.",
        f"以{'首个文件为布设' if is_setup else '最后一个文件为回收'}时的拍摄。"
        "如有记录板照片,请以其为准。",
    )


def _doubt(of: Mapping[str, Figure]) -> str:
    return tr(
        "Or these files are of another deployment; look at them before you accept.",
        "也可能是其他布设的文件;接受前请先查看。",
    )


def _anchor(of: Mapping[str, Figure]) -> str:
    return tr(
        f"{of['file']} says {of['camera_time']}; {of['person']} read {of['true_time']} from it.",
        f"{of['file']} 的时间为 {of['camera_time']};{of['person']} 从中读出的时间为 "
        f"{of['true_time']}。",
    )


def _stated(of: Mapping[str, Figure]) -> str:
    return tr(f"Stated by {of['person']}.", f"由 {of['person']} 指定。")


_TELLERS: dict[str, Callable[[Mapping[str, Figure]], str]] = {
    "backwards": _backwards,
    "factory": _factory,
    "outside": _outside,
    "years": _years,
    "end": _end,
    "sun": _sun,
    "between": _between,
    "anchored": _anchored,
    "doubt": _doubt,
    "anchor": _anchor,
    "stated": _stated,
}
