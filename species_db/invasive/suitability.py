"""Where else an invader could live: an envelope of county, height and habitat from own records.

Of each stratum it says at how many surveyed places the taxon was found, and how sure that share
is. It is a share of places where it was found, not of places where it is: who looks and misses
counts as not found. Nothing surveyed is not known, never nought.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from species_db.geo.bands import BAND_M, ElevationBand, elevation_band
from species_db.invasive.words import habitat_words
from species_db.language import tr
from species_db.places import COUNTIES

if TYPE_CHECKING:
    from species_db.geo.map_values import MapLayer


class SuitabilityClass(StrEnum):
    """What can be said of a stratum, the most telling first."""

    SUITABLE = "suitable"
    MARGINAL = "marginal"
    NO_EVIDENCE = "no_evidence"  # surveyed enough, and not found
    TOO_FEW = "too_few"  # surveyed, but too little to say
    NOT_SURVEYED = "not_surveyed"


ORDER = tuple(SuitabilityClass)


@dataclass(frozen=True)
class SuitabilitySettings:
    """The rule by which strata are classified."""

    band_m: int = BAND_M
    level: float = 0.95  # of the interval
    fewest_places: int = 5  # nought of 4 leaves up to 49 % open: nothing can be said
    fewest_found: int = 3  # places in all: an envelope around one or two is a guess
    suitable_above: float = 0.10  # the interval's lower end: surely more than one place in ten


@dataclass(frozen=True, order=True)
class Stratum:
    """A county, a band of height and a habitat."""

    county: str
    band: ElevationBand
    habitat: str  # an Ecosystem, or empty: not noted


@dataclass(frozen=True)
class SurveyedPlace:
    """A place where the taxon was looked for or met: a plot, a station, a cell off all plots.

    Without a search, a place can only be one where it was found; such places tell that it lives
    there, and would lift every share.
    """

    anchor: str
    county: str
    elevation_m: float | None
    habitat: str
    is_found: bool
    is_searched: bool = True


@dataclass(frozen=True)
class StratumShare:
    """At how many surveyed places of a stratum the taxon was found, with the interval.

    `met` counts places where it was met without a search; they are in no share.
    """

    stratum: Stratum
    surveyed: int
    found: int
    interval: tuple[float, float] | None  # None: nothing surveyed, not known
    suitability: SuitabilityClass
    met: int = 0

    @property
    def share(self) -> float | None:
        """The share of surveyed places where it was found; None when nothing was surveyed."""
        return self.found / self.surveyed if self.surveyed else None


@dataclass(frozen=True)
class Suitability:
    """The envelope of one taxon: surveyed strata, and what could not be placed.

    `refusal` says why no stratum is classified; empty when they are.
    """

    settings: SuitabilitySettings
    strata: tuple[StratumShare, ...]
    surveyed: int
    found: int
    unplaced: int  # places without county or height, in no stratum
    elevations_m: tuple[float, float] | None  # lowest and highest place where it was found
    refusal: str

    @cached_property
    def _by_stratum(self) -> Mapping[Stratum, StratumShare]:
        return {one.stratum: one for one in self.strata}

    def at(self, county: str, elevation_m: float, habitat: str = "") -> StratumShare:
        """What is known of a place's stratum; not surveyed when nobody looked there."""
        wanted = Stratum(county, elevation_band(elevation_m, self.settings.band_m), habitat)
        return self._by_stratum.get(wanted) or StratumShare(
            wanted, 0, 0, None, SuitabilityClass.NOT_SURVEYED
        )

    def best_of(self, county: str) -> StratumShare | None:
        """The stratum of a county in which the taxon does best; None: nothing surveyed there."""
        here = [one for one in self.strata if one.stratum.county == county]
        return min(here, key=_rank, default=None)

    def method(self) -> str:
        """How the figures came about, for the foot of a table or map."""
        known = self.settings
        level, share = f"{known.level:.0%}", f"{known.suitable_above:.0%}"
        return tr(
            f"Share of surveyed places where it was found, with Wilson's {level} interval. "
            f"Suitable: surely above {share}. Marginal: found. No evidence: not found at "
            f"{known.fewest_places} places or more. Found is not the same as present: places "
            "where it was overlooked count as not found.",
            f"调查地点中发现该物种的比例及 Wilson {level} 置信区间。适宜：下限高于 {share}；"
            f"边缘：有发现；无证据：至少 {known.fewest_places} 处调查未发现。"
            "“未发现”不等于“不存在”，漏检也计为未发现。",
        )


def suitability_of(
    places: Iterable[SurveyedPlace], *, settings: SuitabilitySettings | None = None
) -> Suitability:
    """Classify the strata of an envelope; a place counts once in a stratum, however many records.

    >>> found = [SurveyedPlace(f"F{n}", "540402", 3100.0, "forest", n < 6) for n in range(8)]
    >>> told = suitability_of(found).at("540402", 3200.0, "forest")
    >>> told.found, told.surveyed, told.suitability.value
    (6, 8, 'suitable')
    """
    known = settings or SuitabilitySettings()
    told = list(places)
    per_stratum = _by_stratum(told, known.band_m)
    found_at = {one.anchor for one in told if one.is_found}
    refusal = _refusal(len(found_at), known)
    strata = (_share_of(one, here.values(), known) for one, here in per_stratum.items())
    heights = [one.elevation_m for one in told if one.is_found and one.elevation_m is not None]
    placed = {anchor for here in per_stratum.values() for anchor in here}
    anchors = {one.anchor for one in told}
    return Suitability(
        settings=known,
        strata=tuple(
            sorted((_unclassified(one) if refusal else one for one in strata), key=_in_table)
        ),
        surveyed=len({one.anchor for one in told if one.is_searched}),
        found=len(found_at),
        unplaced=len(anchors - placed),
        elevations_m=(min(heights), max(heights)) if heights else None,
        refusal=refusal,
    )


@dataclass
class _Tally:
    is_found: bool = False
    is_searched: bool = False


def _by_stratum(places: Iterable[SurveyedPlace], band_m: int) -> dict[Stratum, dict[str, _Tally]]:
    """What is known of each place in each stratum; all that befell one place taken together."""
    strata: dict[Stratum, dict[str, _Tally]] = defaultdict(lambda: defaultdict(_Tally))
    for one in places:
        if one.county and one.elevation_m is not None:
            band = elevation_band(one.elevation_m, band_m)
            tally = strata[Stratum(one.county, band, one.habitat)][one.anchor]
            tally.is_found |= one.is_found
            tally.is_searched |= one.is_searched
    return strata


def wilson_interval(found: int, surveyed: int, *, level: float = 0.95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927), advised for few trials by Brown et al. (2001).

    Brown, Cai & DasGupta, Statistical Science 16:101-133.

    >>> [round(end, 3) for end in wilson_interval(2, 10)]
    [0.057, 0.51]
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, spread = found / surveyed, z * z / surveyed
    middle = share + spread / 2
    half = z * sqrt(share * (1 - share) / surveyed + spread / (4 * surveyed))
    low = 0.0 if found == 0 else (middle - half) / (1 + spread)
    high = 1.0 if found == surveyed else (middle + half) / (1 + spread)
    return low, high


def _share_of(
    stratum: Stratum, places: Collection[_Tally], settings: SuitabilitySettings
) -> StratumShare:
    searched = [one.is_found for one in places if one.is_searched]
    surveyed, count, met = len(searched), sum(searched), len(places) - len(searched)
    interval = wilson_interval(count, surveyed, level=settings.level) if surveyed else None
    if interval is None or surveyed < settings.fewest_places:
        told = SuitabilityClass.TOO_FEW
    elif interval[0] > settings.suitable_above:
        told = SuitabilityClass.SUITABLE
    else:
        told = SuitabilityClass.MARGINAL if count or met else SuitabilityClass.NO_EVIDENCE
    return StratumShare(stratum, surveyed, count, interval, told, met)


def _unclassified(one: StratumShare) -> StratumShare:
    """Counts and interval stay; only the word is withheld."""
    return replace(one, suitability=SuitabilityClass.TOO_FEW)


def _refusal(found: int, settings: SuitabilitySettings) -> str:
    if found >= settings.fewest_found:
        return ""
    return tr(
        f"Found at {found} place(s): {settings.fewest_found} are needed before an envelope says "
        "anything. Confirm more records, or survey more places.",
        f"仅在 {found} 处发现：至少需要 {settings.fewest_found} 处才能给出适生判断。"
        "请确认更多记录或增加调查。",
    )


def _rank(one: StratumShare) -> tuple[int, float]:
    return ORDER.index(one.suitability), -one.interval[0] if one.interval else 0.0


def _in_table(one: StratumShare) -> tuple[Stratum, int]:
    return one.stratum, one.surveyed


def class_words(told: SuitabilityClass) -> str:
    """A class in the reader's language."""
    return {
        SuitabilityClass.SUITABLE: tr("suitable", "适宜"),
        SuitabilityClass.MARGINAL: tr("marginal", "边缘"),
        SuitabilityClass.NO_EVIDENCE: tr("no evidence", "无证据"),
        SuitabilityClass.TOO_FEW: tr("too few places", "调查过少"),
        SuitabilityClass.NOT_SURVEYED: tr("not surveyed", "未调查"),
    }[told]


def suitability_layer(told: Suitability) -> "MapLayer":
    """Counties filled by their best stratum, each with its class and interval in words."""
    from species_db.geo.map_values import MapCounty, MapLayer, MapScale

    shown = (SuitabilityClass.NO_EVIDENCE, SuitabilityClass.MARGINAL, SuitabilityClass.SUITABLE)
    scale = MapScale(
        tr("Best stratum", "最佳分层"),
        tuple(float(number) for number in range(len(shown))),
        tuple(class_words(one) for one in shown),
        tr("not known", "未知"),
    )
    counties = []
    for code in sorted(COUNTIES):
        best = told.best_of(code)
        word = best.suitability if best else SuitabilityClass.NOT_SURVEYED
        value = float(shown.index(word)) if word in shown else None
        counties.append(MapCounty(code, value, _text(best, word), _label(code, best, word)))
    return MapLayer(scale=scale, counties=tuple(counties))


def _text(best: StratumShare | None, word: SuitabilityClass) -> str:
    if best is None or best.interval is None:
        return class_words(word)
    low, high = best.interval
    return f"{class_words(word)} {low:.0%}–{high:.0%}"


def _label(code: str, best: StratumShare | None, word: SuitabilityClass) -> str:
    county = tr(COUNTIES[code].name_en, COUNTIES[code].name_zh)
    if best is None:
        return f"{county}: {class_words(word)}"
    where = " · ".join(filter(None, (str(best.stratum.band), habitat_words(best.stratum.habitat))))
    return tr(
        f"{county}, {where}: found at {best.found} of {best.surveyed} surveyed places",
        f"{county}，{where}：调查 {best.surveyed} 处，发现 {best.found} 处",
    )
