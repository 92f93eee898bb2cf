"""Thresholds of each kind of rule, as settings that a person may set and a mistake is told of.

The reason for each shipped value stands beside it in species_db/data/alert_rules.toml.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any

from species_db.language import did_you_mean, tr
from species_db.vocabulary import AreaKind, RuleKind

CLASS_I, CLASS_II, INVASIVE = "I", "II", "invasive"
OF = (CLASS_I, CLASS_II, INVASIVE)
PLACES = ("county", "plot")
HUMAN, VEHICLE, DOG, SNARE, GUN, POISON = "human", "vehicle", "dog", "snare", "gun", "poison"
DISTURBANCES = (HUMAN, DOG, VEHICLE, SNARE, GUN, POISON)


class RuleError(Exception):
    """A rule, a threshold or its value is not known; the message says which are."""


@dataclass(frozen=True)
class First:
    """First record of a listed taxon in a county or a plot."""

    of: tuple[str, ...]
    ask_for_groups: bool
    not_older_than_days: int


@dataclass(frozen=True)
class FirstInBand:
    """First record of a listed taxon in a band of elevation; a band holds its lower edge."""

    of: tuple[str, ...]
    band_m: int
    min_earlier: int
    not_older_than_days: int


@dataclass(frozen=True)
class AfterSilence:
    """A record when the last one at the place is so many calendar months old, or older."""

    of: tuple[str, ...]
    place: str
    months: int
    min_camera_days: float
    not_older_than_days: int


@dataclass(frozen=True)
class InvasiveNear:
    """An invasive taxon at most so many kilometres from an area or a plot, the limit included."""

    within_km: float
    areas: tuple[str, ...]
    plots: bool
    quiet_days: int
    not_older_than_days: int


@dataclass(frozen=True)
class IndexOutside:
    """The last period's events lie outside what the earlier periods lead to expect."""

    of: tuple[str, ...]
    place: str
    period_months: int
    same_season: bool
    min_earlier_periods: int
    min_camera_days: float
    min_earlier_events: int
    min_reviewed_share: float
    level: float
    not_older_than_days: int


@dataclass(frozen=True)
class Disturbance:
    """People, dogs, vehicles or snares inside an area or on a plot that is named."""

    what: tuple[str, ...]
    areas: tuple[str, ...]
    plots: tuple[str, ...]
    quiet_days: int
    join_days: int
    setup_minutes: int
    not_older_than_days: int


@dataclass(frozen=True)
class DeadOrIll:
    """An animal that is said to be dead or ill, by a field of the record or in words."""

    words: tuple[str, ...]
    unless: tuple[str, ...]
    quiet_days: int
    not_older_than_days: int


Thresholds = (
    First | FirstInBand | AfterSilence | InvasiveNear | IndexOutside | Disturbance | DeadOrIll
)
SETTINGS: Mapping[RuleKind, type[Thresholds]] = {
    RuleKind.FIRST_IN_COUNTY: First,
    RuleKind.FIRST_IN_PLOT: First,
    RuleKind.FIRST_IN_BAND: FirstInBand,
    RuleKind.AFTER_SILENCE: AfterSilence,
    RuleKind.INVASIVE_NEAR: InvasiveNear,
    RuleKind.INDEX_OUTSIDE: IndexOutside,
    RuleKind.DISTURBANCE: Disturbance,
    RuleKind.DEAD_OR_ILL: DeadOrIll,
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "of": OF,
    "place": PLACES,
    "what": DISTURBANCES,
    "areas": tuple(kind.value for kind in AreaKind),
}
WHOLE_YEAR = 12


def read_thresholds(kind: RuleKind, told: Mapping[str, Any]) -> Thresholds:
    """Make a kind's settings of what a file or a row says.

    Raises:
        RuleError: a threshold is missing, unknown, or has a value that it cannot have.
    """
    settings = SETTINGS[kind]
    names = [field.name for field in fields(settings)]
    for name in told:
        if name not in names:
            raise _unknown(kind, name, names)
    if missing := [name for name in names if name not in told]:
        listed = ", ".join(missing)
        raise RuleError(
            tr(
                f"Rule {kind.value} lacks {listed}; give each threshold a value.",
                f"规则 {kind.value} 缺少 {listed};请为每个阈值赋值。",
            )
        )
    values = {
        field.name: _value(field.name, str(field.type), told[field.name])
        for field in fields(settings)
    }
    return settings(**values)


def changed(kind: RuleKind, thresholds: Thresholds, said: Mapping[str, str]) -> Thresholds:
    """The thresholds with what a person typed in place of some of them; lists have commas.

    >>> rule = InvasiveNear(2.0, ("reserve",), True, 180, 730)
    >>> changed(RuleKind.INVASIVE_NEAR, rule, {"within_km": "5"}).within_km
    5.0

    Raises:
        RuleError: a threshold is unknown, or has a value that it cannot have.
    """
    types = {field.name: str(field.type) for field in fields(thresholds)}
    told: dict[str, Any] = asdict(thresholds)
    for name, text in said.items():
        if name not in types:
            raise _unknown(kind, name, list(types))
        told[name] = _typed(name, types[name], text.strip())
    return read_thresholds(kind, told)


def stored(thresholds: Thresholds) -> str:
    """The thresholds as a row keeps them, always in the same letters."""
    return json.dumps(asdict(thresholds), ensure_ascii=False, sort_keys=True)


def _typed(name: str, wanted: str, text: str) -> Any:
    if wanted.startswith("tuple"):
        return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
    if "bool" in wanted:
        if text.lower() not in ("true", "false", "yes", "no", "是", "否"):
            raise _wrong(name, text, tr("true or false", "true 或 false"))
        return text.lower() in ("true", "yes", "是")
    if "str" in wanted:
        return text
    try:
        return float(text) if "float" in wanted else int(text)
    except ValueError:
        wanted = tr("a number", "数字") if "float" in wanted else tr("a whole number", "整数")
        raise _wrong(name, text, wanted) from None


def _value(name: str, wanted: str, value: Any) -> Any:
    """Check one value: its type, that it is not negative, and that its words are known."""
    if wanted.startswith("tuple"):
        if not isinstance(value, list | tuple):
            raise _wrong(name, value, tr("a list", "列表"))
        for word in value:
            _check_choice(name, str(word))
        return tuple(str(word) for word in value)
    if "str" in wanted:
        _check_choice(name, str(value))
        return str(value)
    if "bool" in wanted:
        if not isinstance(value, bool):
            raise _wrong(name, value, tr("true or false", "true 或 false"))
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not isfinite(value) or value < 0:
        raise _wrong(name, value, tr("a number, 0 or more", "不小于 0 的数字"))
    return _in_range(name, float(value) if "float" in wanted else int(value))


def _in_range(name: str, value: float) -> float:
    if name in ("level", "min_reviewed_share") and not 0 < value < 1 + (name != "level"):
        raise _wrong(name, value, tr("a share between 0 and 1", "0 与 1 之间的比例"))
    if name == "period_months" and (value < 1 or WHOLE_YEAR % value):
        raise _wrong(name, value, "1, 2, 3, 4, 6, 12")
    if name in ("band_m", "months") and value < 1:
        raise _wrong(name, value, tr("1 or more", "不小于 1"))
    return value


def _check_choice(name: str, word: str) -> None:
    known = CHOICES.get(name)
    if known is not None and word not in known:
        raise _wrong(name, word, ", ".join(known))


def _unknown(kind: RuleKind, name: str, known: list[str]) -> RuleError:
    hint, listed = did_you_mean(name, known), ", ".join(known)
    return RuleError(
        tr(
            f"Rules of kind {kind.value} have no threshold '{name}'.{hint} They have: {listed}.",
            f"{kind.value} 类规则没有阈值“{name}”。{hint}可用:{listed}。",
        )
    )


def _wrong(name: str, value: object, wanted: str) -> RuleError:
    return RuleError(
        tr(
            f"Threshold {name} cannot be '{value}': expected {wanted}.",
            f"阈值 {name} 不能为“{value}”:应为 {wanted}。",
        )
    )
