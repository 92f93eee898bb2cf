"""Whether a name can be at a place: county, elevation band and season against the checklist.

The checklist names what its sources saw. Where they are silent the answer is "not known", never
"out of range": nothing is held back because nobody has written about it (VISION N3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from species_db.geo.bands import elevation_band


class Verdict(StrEnum):
    """What the checklist says of a name at a place."""

    IN_RANGE = "in range"
    OUT_OF_RANGE = "out of range"
    NOT_KNOWN = "not known"


class Aspect(StrEnum):
    """What a place and the range of a taxon are compared by."""

    COUNTY = "county"
    ELEVATION = "elevation"
    SEASON = "season"


@dataclass(frozen=True)
class LocalRange:
    """Where and when a taxon is known from; empty or None where the sources do not say.

    `counties` are division codes, and only given where the sources name nothing else: a source
    that says "the gorge" leaves the counties open. `months` are 1 to 12.
    """

    counties: frozenset[str] = frozenset()
    low_m: float | None = None
    high_m: float | None = None
    months: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Scene:
    """Where and when a picture was taken; empty or None where that is not known."""

    county: str = ""
    elevation_m: float | None = None
    month: int | None = None


@dataclass(frozen=True)
class Plausibility:
    """The verdict, what could be compared, and by what the scene lies outside."""

    verdict: Verdict
    compared: tuple[Aspect, ...] = ()
    outside: tuple[Aspect, ...] = ()


NOT_KNOWN = Plausibility(Verdict.NOT_KNOWN)


def judge_range(known: LocalRange, scene: Scene) -> Plausibility:
    """Compare a scene with the range of one taxon.

    Elevations are compared by whole bands (`species_db/geo/bands.py`), because heights are not
    known better and an animal walks further in a night.

    >>> leopard_cat = LocalRange(frozenset({"540423"}), low_m=700, high_m=2300)
    >>> judge_range(leopard_cat, Scene("540423", 2480.0)).verdict.value
    'in range'
    >>> judge_range(leopard_cat, Scene("540425", 4100.0)).outside
    (<Aspect.COUNTY: 'county'>, <Aspect.ELEVATION: 'elevation'>)
    >>> judge_range(LocalRange(), Scene("540425", 4100.0)).verdict.value
    'not known'
    """
    fits: dict[Aspect, bool] = {}
    if known.counties and scene.county:
        fits[Aspect.COUNTY] = scene.county in known.counties
    if scene.elevation_m is not None and (known.low_m is not None or known.high_m is not None):
        band = elevation_band(scene.elevation_m)
        is_above = known.low_m is None or band >= elevation_band(known.low_m)
        is_below = known.high_m is None or band <= elevation_band(known.high_m)
        fits[Aspect.ELEVATION] = is_above and is_below
    if known.months and scene.month is not None:
        fits[Aspect.SEASON] = scene.month in known.months
    outside = tuple(aspect for aspect, is_inside in fits.items() if not is_inside)
    if not fits:
        return NOT_KNOWN
    verdict = Verdict.OUT_OF_RANGE if outside else Verdict.IN_RANGE
    return Plausibility(verdict, tuple(fits), outside)


def judge_group(members: Iterable[Plausibility]) -> Plausibility:
    """Judge a genus or family: it is out of range only where every known member of it is.

    >>> out = Plausibility(Verdict.OUT_OF_RANGE, (Aspect.COUNTY,), (Aspect.COUNTY,))
    >>> judge_group([out, NOT_KNOWN]).verdict.value, judge_group([out]).verdict.value
    ('not known', 'out of range')
    """
    judged = list(members)
    for verdict in (Verdict.IN_RANGE, Verdict.NOT_KNOWN):
        found = next((one for one in judged if one.verdict is verdict), None)
        if found is not None:
            return found
    return judged[0] if judged else NOT_KNOWN
