"""Which part of day and night a taxon is active in: by the sun's altitude, never by the clock.

How many events fall in daylight, twilight and night says nothing until one knows how much of each
there was to watch: in Linzhi twilight is a twenty-fifth of the time. So shares of events stand
beside shares of time.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import beta, binomtest

from species_db.analysis.activity import INTERPRET_FROM, LEVEL
from species_db.analysis.sun_time import Light, Lights, LightShares
from species_db.language import tr

MAIN_SHARE = 0.80
"""A taxon of one light has at least this probability of being active in it (Gerber et al. 2024)."""

SUPPORTED_FROM = 0.75
"""A type is named when it is three times as probable as the others together: less is not worth
more than a bare mention (Kass and Raftery 1995)."""


class DielType(StrEnum):
    """When a taxon is active, in the words of the literature."""

    DIURNAL = "diurnal"
    NOCTURNAL = "nocturnal"
    CREPUSCULAR = "crepuscular"
    CATHEMERAL = "cathemeral"
    UNKNOWN = "not known"

    @property
    def words(self) -> str:
        """As people say it."""
        return {
            DielType.DIURNAL: tr("diurnal", "昼行性"),
            DielType.NOCTURNAL: tr("nocturnal", "夜行性"),
            DielType.CREPUSCULAR: tr("crepuscular", "晨昏性"),
            DielType.CATHEMERAL: tr("cathemeral", "昼夜均活动"),
            DielType.UNKNOWN: tr("not known", "未知"),
        }[self]


MAIN_LIGHT = {
    DielType.DIURNAL: Light.DAY,
    DielType.NOCTURNAL: Light.NIGHT,
    DielType.CREPUSCULAR: Light.TWILIGHT,
}


@dataclass(frozen=True)
class LightUse:
    """A taxon's use of one light: its share of the events, and of the time that was watched.

    `ratio` is used by available (Manly et al. 2002): above 1 the light is sought, below avoided.
    `low` and `high` are the ratio's 95 % interval, from the exact binomial one of the share. None
    where the time is not known, or none of it was in this light.
    """

    light: Light
    events: int
    used: float | None
    available: float | None
    ratio: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ActivityType:
    """Which light a taxon uses, and the type that fits best with its probability."""

    events: int
    uses: tuple[LightUse, ...]
    closest: DielType
    support: float

    @property
    def label(self) -> DielType:
        """The type that may be stated: not known with few events, or where two fit about alike."""
        is_known = self.events >= INTERPRET_FROM and self.support >= SUPPORTED_FROM
        return self.closest if is_known else DielType.UNKNOWN

    @property
    def sought(self) -> tuple[Light, ...]:
        """The lights used more than they were there to use, beyond chance."""
        return tuple(use.light for use in self.uses if use.low is not None and use.low > 1)


def activity_type(light: Lights, *, available: LightShares | None) -> ActivityType:
    """Tell when a taxon is active from the light at each of its independent events.

    The types are the "Traditional" set of Gerber et al. (2024, Journal of Animal Ecology): diurnal,
    nocturnal or crepuscular with a probability of at least 0.80 for that one light, cathemeral
    otherwise. The probability of each type follows from the multinomial model of that paper, types
    being equally likely before; it is exact here, where the R package Diel.Niche samples it.
    A little under 0.80 may already be named, since few taxa of many lights come so near to one.
    Twilight is short, so crepuscular by this rule is rare: what a taxon seeks is told by `sought`.
    `available` comes from `available_light`, over the same days and stations as the events.

    >>> lights = np.array(["night"] * 90 + ["twilight"] * 8 + ["day"] * 2)
    >>> told = activity_type(lights, available=LightShares(0.5, 0.04, 0.46))
    >>> told.label, round(told.support, 2), told.sought
    (<DielType.NOCTURNAL: 'nocturnal'>, 1.0, (<Light.NIGHT: 'night'>,))
    """
    events = len(light)
    counts = {one: int(np.count_nonzero(light == one.value)) for one in Light}
    shares = {one: None if available is None else getattr(available, one.value) for one in Light}
    uses = tuple(_use(one, counts[one], events, shares[one]) for one in Light)
    supports = type_supports(counts[Light.DAY], counts[Light.TWILIGHT], counts[Light.NIGHT])
    closest = max(supports, key=lambda one: supports[one])
    return ActivityType(events, uses, closest, supports[closest])


def type_supports(day: int, twilight: int, night: int) -> dict[DielType, float]:
    """Give the probability of each type from the events in each light; together 1.

    With a flat prior the probability of activity in one light is a Beta variable, so the share of
    it above 0.80 is known; divided by the same share before any event it is the Bayes factor.

    >>> told = type_supports(day=1, twilight=89, night=10)
    >>> round(told[DielType.CREPUSCULAR], 3)
    0.999
    """
    events = day + twilight + night
    of = {Light.DAY: day, Light.TWILIGHT: twilight, Light.NIGHT: night}
    before = float(beta.sf(MAIN_SHARE, 1, 2))
    after = {
        one: float(beta.sf(MAIN_SHARE, 1 + of[main], 2 + events - of[main]))
        for one, main in MAIN_LIGHT.items()
    }
    factors = {one: share / before for one, share in after.items()}
    factors[DielType.CATHEMERAL] = (1 - sum(after.values())) / (1 - before * len(after))
    total = sum(factors.values())
    return {one: factor / total for one, factor in factors.items()}


def _use(light: Light, count: int, events: int, available: float | None) -> LightUse:
    if not events:
        return LightUse(light, 0, None, available, None, None, None)
    used = count / events
    if not available:
        return LightUse(light, count, used, available, None, None, None)
    interval = binomtest(count, events).proportion_ci(LEVEL, method="exact")
    low, high = float(interval.low / available), float(interval.high / available)
    return LightUse(light, count, used, available, used / available, low, high)
