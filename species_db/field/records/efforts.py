"""Effort of each protocol: what must be told, in which unit, and what is still believable.

Efforts of different protocols are never added: an hour of recording is no hour of walking
(VISION N10). A value becomes Darwin Core's sampleSizeValue and sampleSizeUnit; everything told
stands in samplingEffort as text.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from species_db.cells import read_number
from species_db.field_sheet import Mistakes, SheetRow
from species_db.language import tr
from species_db.vocabulary import FieldProtocol as P


@dataclass(frozen=True)
class Part:
    """One figure of an effort: its unit, its words in samplingEffort, and its bounds."""

    unit: str
    words: str  # "length {} m"
    least: float
    most: float  # more is a typing slip or a wrong unit


PARTS: Mapping[str, Part] = {
    "length_m": Part("m", "length {} m", 10, 50_000),  # nobody surveys more than 50 km in a day
    "minutes": Part("minute", "duration {} minutes", 1, 1_440),
    "radius_m": Part("m", "radius {} m", 5, 1_000),  # no bird is told beyond a kilometre
    "area_m2": Part("m2", "area {} m2", 0.01, 100_000),  # from a moss frame to ten hectares
    "net_metre_hours": Part("net metre hour", "nets {} net metre hours", 1, 100_000),
    "litres": Part("litre", "filtered {} litres", 0.01, 200),  # filters clog long before
    "hours": Part("hour", "recorded {} hours", 0.01, 9_000),  # a year has 8,760
    "area_km2": Part("km2", "area flown {} km2", 0.001, 1_000),
}
RECORDER = "recorder {}"
ROUNDED_MINUTES = 5.0  # people round the time of day more than the time spent
OTHER_SIGNS = ";|"  # would break the text of samplingEffort


@dataclass(frozen=True)
class Rule:
    """What one protocol asks: its measure (the first one that is told), and what else."""

    measures: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


RULES: Mapping[P, Rule] = {
    P.INCIDENTAL: Rule(),
    P.PHOTO: Rule(),
    P.TRANSECT: Rule(("length_m",), ("minutes",)),
    P.QUADRAT: Rule(("area_m2",)),
    P.POINT_COUNT: Rule(("minutes",), ("radius_m",)),
    P.NETTING: Rule(("net_metre_hours",)),
    P.EDNA: Rule(("litres",), ("sample_id",)),
    P.ACOUSTIC: Rule(("hours",), ("recorder_id",)),
    P.UAV: Rule(("minutes", "area_km2")),
}


@dataclass(frozen=True)
class Effort:
    """An effort as it is stored; all None for a protocol that has none."""

    value: float | None = None
    unit: str | None = None
    text: str | None = None


def has_effort(protocol: P) -> bool:
    """Tell whether a protocol has an effort, so that its silence says something.

    >>> has_effort(P.TRANSECT), has_effort(P.PHOTO)
    (True, False)
    """
    return bool(RULES[protocol].measures)


def effort_columns(protocol: P) -> tuple[str, ...]:
    """The columns that tell a protocol's effort, in the order in which people are asked."""
    rule = RULES[protocol]
    return (*rule.measures, *rule.also)


def read_effort(
    row: SheetRow,
    protocol: P,
    mistakes: Mistakes,
    *,
    minutes_between: float | None = None,
    are_times_read: bool = True,
) -> Effort:
    """Read the effort of one line; `minutes_between` start and end stand in for the minutes.

    When the times could not be read, that is mistake enough: no minutes are asked for as well.
    """
    rule = RULES[protocol]
    told: dict[str, float] = {}
    for name, part in PARTS.items():
        if name not in effort_columns(protocol):
            if row.text(name):
                mistakes.add(row, name, _not_of(protocol))
            continue
        value = read_number(row, name, part.least, part.most, mistakes)
        if value is None and not row.text(name) and name == "minutes":
            value = minutes_between
        if value is not None:
            told[name] = value
    _find_overlong(row, told, minutes_between, mistakes)
    if not are_times_read:
        told.setdefault("minutes", 0.0)
    _find_missing(row, rule, told, mistakes)
    measure = next((name for name in rule.measures if name in told), None)
    if measure is None:
        return Effort()
    recorder = row.text("recorder_id") if "recorder_id" in rule.also else ""
    return Effort(told[measure], PARTS[measure].unit, effort_text(told, recorder=recorder))


def effort_text(told: Mapping[str, float], *, recorder: str = "") -> str:
    """Everything told of an effort, for samplingEffort.

    >>> effort_text({"length_m": 2000, "minutes": 95})
    'length 2000 m; duration 95 minutes'
    """
    words = [PARTS[name].words.format(_number(value)) for name, value in told.items()]
    return "; ".join([*words, RECORDER.format(recorder)] if recorder else words)


def effort_cells(text: str | None) -> dict[str, str]:
    """The cells that a text of samplingEffort was made of.

    >>> effort_cells("recorded 12.5 hours; recorder AM-07")
    {'hours': '12.5', 'recorder_id': 'AM-07'}
    """
    forms = {name: part.words for name, part in PARTS.items()} | {"recorder_id": RECORDER}
    cells = {}
    for piece in (text or "").split("; "):
        for name, words in forms.items():
            before, after = words.split("{}")
            if piece.startswith(before) and piece.endswith(after):
                cells[name] = piece[len(before) : len(piece) - len(after)]
                break
    return cells


def _find_missing(row: SheetRow, rule: Rule, told: Mapping[str, float], mistakes: Mistakes) -> None:
    if rule.measures and not any(name in told or row.text(name) for name in rule.measures):
        names = tr(" or ", " 或 ").join(rule.measures)
        mistakes.add(row, rule.measures[0], _missing(row.text("protocol"), names))
    for name in rule.also:
        if name not in told and not row.text(name):
            mistakes.add(row, name, _missing(row.text("protocol"), name))
    recorder = row.text("recorder_id")
    if "recorder_id" in rule.also and any(sign in recorder for sign in OTHER_SIGNS):
        mistakes.add(row, "recorder_id", tr("leave out ; and |.", "不能包含 ; 和 |。"))


def _find_overlong(
    row: SheetRow, told: Mapping[str, float], minutes_between: float | None, mistakes: Mistakes
) -> None:
    """Nobody looks, and no recorder records, longer than from start to end."""
    for name, minutes_each in (("minutes", 1), ("hours", 60)):
        spent = told.get(name, 0.0) * minutes_each
        if minutes_between is not None and spent > minutes_between + ROUNDED_MINUTES:
            why = tr(
                f"'{row.text(name)}' is longer than from start to end, {minutes_between:.0f} "
                "minutes.",
                f"“{row.text(name)}”超过开始至结束的 {minutes_between:.0f} 分钟。",
            )
            mistakes.add(row, name, why)


def _missing(protocol: str, names: str) -> str:
    return tr(
        f"a record by {protocol} needs its effort; give {names}.",
        f"方法“{protocol}”须填写调查强度：{names}。",
    )


def _not_of(protocol: P) -> str:
    if not has_effort(protocol):
        return tr(
            f"a record by {protocol.value} has no effort; leave this empty, or choose the method "
            "that has it.",
            f"方法“{protocol.value}”没有调查强度；请留空，或改选相应的方法。",
        )
    return tr(
        f"this is no effort of {protocol.value}; leave it empty.",
        f"这不是方法“{protocol.value}”的调查强度，请留空。",
    )


def _number(value: float) -> str:
    return f"{value:.10g}"
