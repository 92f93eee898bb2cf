"""What a table of a pack is, and how a result fills its cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from species_db.evaluation.results import VERDICT_WORDS, Measured, Result
from species_db.evaluation.words import reason_text
from species_db.study.answer import Cell, Table

DECIMALS = 4  # of values: computers that differ in the last bits write the same
FEWER, FROM = 2, 10.0  # of larger ones: nobody takes a share of 29.65 % for a latitude
PARTED = "; "


@dataclass(frozen=True)
class PackTable:
    """One table with its title and its columns' names in both languages."""

    name: str
    zh: str
    en: str
    columns: tuple[tuple[str, str, str], ...]  # key, English, Chinese
    rows: Sequence[tuple[Cell, ...]]

    @property
    def plain(self) -> Table:
        """The same for a CSV file, under the keys."""
        return Table(self.name, tuple(key for key, _, _ in self.columns), self.rows)


SIDE_COLUMNS = (
    ("Value", "value", "值"),
    ("Low95", "low 95 %", "下限95%"),
    ("High95", "high 95 %", "上限95%"),
    ("Effort", "effort", "工作量"),
    ("Cases", "counted", "计数"),
    ("Stations", "stations", "点位数"),
    ("Visits", "visits on foot", "人工调查次数"),
    ("CountedTo", "counted to", "计至"),
)
BOTH_SIDES = tuple(
    (f"{prefix}{key}", f"{en_side} {en}", f"{zh_side}{zh}")
    for prefix, en_side, zh_side in (
        ("baseline", "baseline", "基线期"),
        ("current", "reported", "报告期"),
    )
    for key, en, zh in SIDE_COLUMNS
)
CHANGE_COLUMNS = (
    ("change", "change", "变化"),
    ("changeLow95", "change low 95 %", "变化下限95%"),
    ("changeHigh95", "change high 95 %", "变化上限95%"),
    ("changeKind", "kind of change", "变化类型"),
    ("verdict", "verdict", "判断"),
    ("verdictZh", "verdict (zh)", "判断（中文）"),
    ("asWished", "as the plan wishes", "是否符合期望"),
    ("reason", "why no interval", "无区间原因"),
    ("caveats", "caveats", "注意事项"),
)


def result_cells(one: Result) -> tuple[Cell, ...]:
    """Both sides of a result and its change, as `BOTH_SIDES` and `CHANGE_COLUMNS` name them."""
    return (
        *_side(one, one.before),
        *_side(one, one.after),
        rounded(one.change),
        rounded(one.low),
        rounded(one.high),
        "ratio" if one.indicator.is_by_ratio else "difference",
        one.verdict.value,
        VERDICT_WORDS[one.verdict][1],
        one.is_wished,
        reason_text(one)[0] or None,
        PARTED.join(caveat.value for caveat in one.caveats) or None,
    )


def _side(one: Result, told: Measured) -> Iterator[Cell]:
    """Camera-days are told whole: to the minute they would order the stations of a trail."""
    is_days = one.indicator_id == "camera_days"
    yield None if told.value is None else rounded(told.value, 0 if is_days else DECIMALS)
    yield rounded(told.low)
    yield rounded(told.high)
    yield None if told.effort is None else round(told.effort)
    yield told.cases
    yield told.stations
    yield told.visits
    yield told.counted_to


def rounded(value: float | None, digits: int = DECIMALS) -> float | None:
    """A value with the digits that tables tell.

    >>> rounded(0.123456), rounded(94.246575), rounded(None)
    (0.1235, 94.25, None)
    """
    if value is None:
        return None
    return float(round(value, min(digits, FEWER) if abs(value) >= FROM else digits))
