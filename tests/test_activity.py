"""Activity patterns against formulas on fixed times, and against truth on times made from it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import iv
from scipy.stats import beta, vonmises

from species_db.analysis.activity import (
    DRAW_FROM,
    INTERPRET_FROM,
    ActivityCurve,
    Overlap,
    OverlapEstimator,
    TooFewEventsError,
    activity_curve,
    bandwidth,
    density,
    overlap,
)
from species_db.analysis.diel import DielType, activity_type, type_supports
from species_db.analysis.sun_time import Light, LightShares
from species_db.analysis.time_doubts import TimeTrouble, time_doubts
from species_db.language import speaking

TURN = 2 * np.pi
HOUR = TURN / 24
# A dusk and a dawn animal, the dawn peak the smaller: no symmetry that would hide a mistake.
DUSK_HOURS = (
    "16.9 17.2 17.5 17.6 17.8 18.0 18.1 18.3 18.3 18.4 18.6 18.7 18.9 19.1 19.4 20.2 21.5 "
    "5.1 5.6 5.9 6.1 6.4 7.2 23.9 0.4"
)
NOON_HOURS = (
    "7.5 8.9 9.4 10.1 10.6 10.9 11.2 11.4 11.6 11.9 12.0 12.2 12.5 12.7 12.9 13.2 13.6 13.9 "
    "14.4 15.0 15.8 16.9 18.4"
)
FIXED = {
    name: np.array(hours.split(), dtype=float) * HOUR
    for name, hours in (("dusk", DUSK_HOURS), ("noon", NOON_HOURS))
}


def by_hand(times: np.ndarray, kappa: float) -> object:
    """The mean of SciPy's von Mises densities around the times."""
    return lambda at: np.mean([vonmises.pdf(at, kappa, loc=one) for one in times], axis=0)


def kappa_by_hand(times: np.ndarray) -> float:
    """Taylor's rule with the largest concentration of three moments, each by root finding."""
    found = []
    for order in (1, 2, 3):
        cosine, sine = np.cos(order * times).mean(), np.sin(order * times).mean()
        length = np.hypot(cosine, sine)
        found.append(
            brentq(lambda k, o=order, r=length: iv(o, k) / iv(0, k) - r, 1e-6, 300, xtol=1e-12)
        )
    kappa = max(found)
    top = 3 * len(times) * kappa**2 * iv(2, 2 * kappa)
    return float((top / (4 * np.sqrt(np.pi) * iv(0, kappa) ** 2)) ** 0.4)


@pytest.mark.parametrize("name", FIXED)
def test_the_bandwidth_is_the_papers(name: str) -> None:
    """Length of the whole moment, sine and cosine, and Taylor's rule (Ridout and Linkie 2009)."""
    assert bandwidth(FIXED[name]) == pytest.approx(kappa_by_hand(FIXED[name]), rel=1e-4)


@given(st.floats(0, TURN))
def test_midnight_is_no_edge(turned: float) -> None:
    """A pattern that is turned has the same bandwidth, wherever its peaks come to lie."""
    turned_times = (FIXED["dusk"] + turned) % TURN
    assert bandwidth(turned_times) == pytest.approx(bandwidth(FIXED["dusk"]), rel=1e-6)


@pytest.mark.parametrize("name", FIXED)
def test_a_curve_is_the_mean_of_kernels(name: str) -> None:
    """At every ten minutes that of SciPy's densities, and its integral over the day is one."""
    told = activity_curve(FIXED[name], draws=20)
    expected = by_hand(FIXED[name], kappa_by_hand(FIXED[name]))
    assert told.density == pytest.approx(expected(told.at), rel=1e-3)
    assert len(told.at) == 144 and told.at[6] == pytest.approx(HOUR)
    assert told.density.mean() * TURN == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", FIXED)
def test_the_level_is_the_mean_by_the_peak(name: str) -> None:
    """Area under the curve divided by that of a day all at the peak (Rowcliffe et al. 2014)."""
    told = activity_curve(FIXED[name], draws=200).level
    curve = by_hand(FIXED[name], kappa_by_hand(FIXED[name]))
    peak = curve(np.linspace(0, TURN, 20_000)).max()
    area = quad(lambda at: float(curve(np.array([at]))[0]), 0, TURN, limit=200)[0]
    assert told.value == pytest.approx(area / (TURN * peak), rel=1e-3)
    assert told.low < told.value < told.high <= 1


def test_many_events_are_summed_in_parts() -> None:
    """Thousands of times a hundred: the parts give what the whole gives."""
    times = np.random.default_rng(2).vonmises(1, 2, 30_000) % TURN
    at = np.arange(200) * TURN / 200
    apart = np.cos(at[:, None] - times[None, :])
    assert density(times, at, kappa=5) == pytest.approx(
        np.exp(5 * apart).mean(axis=1) / (TURN * iv(0, 5))
    )


def test_overlap_of_few_is_the_integral_of_the_smaller_density() -> None:
    """The first estimator, its kernels a quarter wider, by SciPy's quadrature."""
    told = overlap(FIXED["dusk"], FIXED["noon"], draws=50)
    f, g = (by_hand(times, kappa_by_hand(times) / 0.8) for times in FIXED.values())
    at = np.linspace(0, TURN, 5000)
    assert told.estimator is OverlapEstimator.DELTA_1
    assert told.value == pytest.approx(np.trapezoid(np.minimum(f(at), g(at)), at), abs=1e-3)


def test_overlap_of_many_is_by_the_densities_at_the_events() -> None:
    """The fourth estimator: the mean of the ratio at the events of each, cut to one."""
    random = np.random.default_rng(8)
    first = np.concatenate([random.vonmises(m, 9, 60) for m in (1.5, 4.6)]) % TURN
    second = random.vonmises(3.4, 3, 90) % TURN
    told = overlap(first, second, draws=50)
    f, g = (by_hand(times, kappa_by_hand(times)) for times in (first, second))
    at_first = np.minimum(1, g(first) / f(first)).mean()
    at_second = np.minimum(1, f(second) / g(second)).mean()
    assert told.estimator is OverlapEstimator.DELTA_4
    assert told.value == pytest.approx((at_first + at_second) / 2, abs=5e-4)
    assert overlap(second, first, draws=5).value == pytest.approx(told.value, abs=1e-9)


@pytest.mark.parametrize(
    ("smaller", "estimator"), [(75, OverlapEstimator.DELTA_1), (76, OverlapEstimator.DELTA_4)]
)
def test_the_smaller_sample_chooses_the_estimator(
    smaller: int, estimator: OverlapEstimator
) -> None:
    """Up to 75 events the first, above it the fourth, however many the other has."""
    random = np.random.default_rng(1)
    few, many = random.vonmises(1, 2, smaller) % TURN, random.vonmises(2, 2, 300) % TURN
    assert overlap(few, many, draws=5).estimator is estimator
    assert overlap(many, few, draws=5).estimator is estimator


def test_a_pattern_overlaps_itself_wholly() -> None:
    """The same events twice give one, and the interval does not pass it."""
    told = overlap(FIXED["noon"], FIXED["noon"], draws=50)
    assert told.value == pytest.approx(1) and told.high == 1


def test_the_overlap_interval_holds_the_truth() -> None:
    """In 40 pairs of samples of two known patterns, nearly always; the benchmark runs more."""
    random, at = np.random.default_rng(12), np.linspace(0, TURN, 4001)
    truth = np.trapezoid(np.minimum(*(vonmises.pdf(at, 3, loc=mean) for mean in (2.0, 3.0))), at)
    held = 0
    for seed in range(40):
        pair = (random.vonmises(mean, 3, 80) % TURN for mean in (2.0, 3.0))
        told = overlap(*pair, draws=100, seed=seed)
        held += told.low <= truth <= told.high
    assert held >= 34


def test_the_curve_interval_holds_the_truth() -> None:
    """Where an animal is active, some nine times in ten: kernels round off every peak a little."""
    random = np.random.default_rng(4)
    truth, share = None, []
    for seed in range(40):
        times = np.concatenate([random.vonmises(m, 4, 50) for m in (1.6, 4.7)]) % TURN
        told = activity_curve(times, draws=100, seed=seed)
        truth = (vonmises.pdf(told.at, 4, loc=1.6) + vonmises.pdf(told.at, 4, loc=4.7)) / 2
        held = (told.low <= truth) & (truth <= told.high)
        share.append(held[truth > 0.1 * truth.max()].mean())
    assert 0.85 < np.mean(share) < 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    """A frozen pack rebuilt elsewhere has the same numbers; another seed has others."""
    first, again, other = (activity_curve(FIXED["dusk"], draws=40, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first.low, again.low) and first.level == again.level
    assert not np.array_equal(first.low, other.low)
    pair = FIXED["dusk"], FIXED["noon"]
    assert overlap(*pair, draws=40) == overlap(*pair, draws=40)


def test_few_events_are_not_drawn() -> None:
    """Nineteen events are refused with the number that is needed; twenty are drawn."""
    times = FIXED["noon"]
    with pytest.raises(TooFewEventsError, match="19; needed are 20"):
        activity_curve(times[: DRAW_FROM - 1])
    with pytest.raises(TooFewEventsError):
        overlap(times, times[: DRAW_FROM - 1])
    assert activity_curve(times[:DRAW_FROM], draws=5).events == DRAW_FROM


def test_a_curve_of_some_events_carries_a_caution() -> None:
    """From 20 to 49 events the curve says that its peaks mean nothing yet, in both languages."""
    times = np.random.default_rng(1).vonmises(2, 2, INTERPRET_FROM) % TURN
    enough, few = (activity_curve(times[:n], draws=5) for n in (INTERPRET_FROM, 49))
    assert (enough.is_interpretable, enough.caution) == (True, "")
    assert not few.is_interpretable and "do not interpret" in few.caution
    with speaking("zh"):
        assert "请勿解读" in few.caution
    assert not overlap(times[:49], times, draws=5).is_interpretable


def test_times_all_at_one_minute_still_have_a_curve() -> None:
    """Nothing overflows on a pattern as sharp as a heap of equal times."""
    told = activity_curve(np.full(200, 3.0), draws=5)
    assert isinstance(told, ActivityCurve) and np.isfinite(told.density).all()
    heap: Overlap = overlap(np.full(200, 3.0), np.full(200, 0.0), draws=5)
    assert heap.value == pytest.approx(0, abs=1e-6)


def lights(day: int, twilight: int, night: int) -> np.ndarray:
    """So many events in each light."""
    return np.repeat([Light.DAY.value, Light.TWILIGHT.value, Light.NIGHT.value],
                     [day, twilight, night])  # fmt: skip


LINZHI = LightShares(day=0.51, twilight=0.04, night=0.45)


@pytest.mark.parametrize(
    ("shares", "label", "sought"),
    [
        ((0.93, 0.04, 0.03), DielType.DIURNAL, (Light.DAY,)),
        ((0.05, 0.03, 0.92), DielType.NOCTURNAL, (Light.NIGHT,)),
        ((0.05, 0.90, 0.05), DielType.CREPUSCULAR, (Light.TWILIGHT,)),
        ((0.50, 0.05, 0.45), DielType.CATHEMERAL, ()),
        ((0.35, 0.30, 0.35), DielType.CATHEMERAL, (Light.TWILIGHT,)),
    ],
)
def test_simulated_animals_are_named_by_their_light(
    shares: tuple[float, float, float], label: DielType, sought: tuple[Light, ...]
) -> None:
    """Diurnal, nocturnal, crepuscular, and two cathemeral ones of which one seeks the twilight."""
    counts = np.random.default_rng(6).multinomial(200, shares)
    told = activity_type(lights(*counts.tolist()), available=LINZHI)
    assert (told.label, told.sought) == (label, sought)
    assert [use.events for use in told.uses] == counts.tolist()


def test_a_ratio_is_used_by_available() -> None:
    """Thirty of a hundred events in a twenty-fifth of the time: sought seven and a half times."""
    use = activity_type(lights(50, 30, 20), available=LINZHI).uses[1]
    assert (use.light, use.used, use.available) == (Light.TWILIGHT, 0.3, 0.04)
    assert use.ratio == pytest.approx(7.5)
    low, high = beta.ppf(0.025, 30, 71) / 0.04, beta.ppf(0.975, 31, 70) / 0.04
    assert (use.low, use.high) == (pytest.approx(low), pytest.approx(high))


def test_few_events_have_no_type() -> None:
    """With 49 events by day the type is not known; with 50 it is diurnal."""
    assert activity_type(lights(49, 0, 0), available=LINZHI).label is DielType.UNKNOWN
    assert activity_type(lights(50, 0, 0), available=LINZHI).label is DielType.DIURNAL


def test_a_type_that_another_fits_as_well_is_not_known() -> None:
    """Three quarters by day is diurnal or cathemeral, nobody can tell; the nearest is kept."""
    told = activity_type(lights(75, 5, 20), available=LINZHI)
    assert told.label is DielType.UNKNOWN
    assert told.closest in (DielType.DIURNAL, DielType.CATHEMERAL) and told.support < 0.75


def test_unknown_time_gives_no_ratio() -> None:
    """Without the watched time, or with none of it in a light, there is no ratio; never zero."""
    told = activity_type(lights(60, 0, 0), available=None)
    assert [use.ratio for use in told.uses] == [None] * 3 and told.sought == ()
    polar = activity_type(lights(60, 0, 0), available=LightShares(1.0, 0.0, 0.0))
    assert [use.ratio for use in polar.uses] == [1.0, None, None]
    empty = activity_type(lights(0, 0, 0), available=LINZHI)
    assert empty.label is DielType.UNKNOWN and empty.uses[0].used is None


def test_the_support_is_that_of_the_paper() -> None:
    """Against a sample of the multinomial's posterior and of its prior (Gerber et al. 2024)."""
    random, counts = np.random.default_rng(5), np.array([44, 6, 10])
    mass = []
    for weights in (counts + 1, np.ones(3)):
        p = random.dirichlet(weights, 400_000)
        single = [(p[:, i] >= 0.8).mean() for i in (0, 2, 1)]
        mass.append(np.array([*single, 1 - sum(single)]))
    factors = mass[0] / mass[1]
    told = type_supports(day=44, twilight=6, night=10)
    assert list(told) == [
        DielType.DIURNAL, DielType.NOCTURNAL, DielType.CREPUSCULAR, DielType.CATHEMERAL
    ]  # fmt: skip
    assert list(told.values()) == pytest.approx(factors / factors.sum(), abs=0.01)


def troubles(seconds: np.ndarray, unresolved: int = 0) -> list[TimeTrouble]:
    """What is wrong with these times."""
    return [doubt.trouble for doubt in time_doubts(seconds, unresolved=unresolved).doubts]


def clean(count: int, step: int = 1) -> np.ndarray:
    """Times of an animal of the night, whose busiest hour is midnight, none of them in doubt."""
    random = np.random.default_rng(9)
    seconds = (random.vonmises(0, 2, count) / TURN * 86400).astype(np.int64) // step * step % 86400
    return np.where(seconds == 0, 7 * step, seconds)


def test_dates_alone_make_no_peak_at_midnight() -> None:
    """All at 00:00:00, or a part: those are left out and counted; the others stay."""
    told = time_doubts(np.zeros(60, dtype=np.int64))
    assert not told.is_usable.any() and told.doubts[0].events == 60
    mixed = np.concatenate([np.zeros(5, dtype=np.int64), clean(300)])
    told = time_doubts(mixed)
    assert told.is_usable.tolist() == [False] * 5 + [True] * 300
    assert "5 of 305 events have a date but no time" in told.doubts[0].message
    with speaking("zh"):
        assert "只有日期" in told.doubts[0].message


def test_an_animal_at_midnight_is_believed() -> None:
    """A few true midnights among thousands of times, by second or by minute, raise no doubt."""
    by_second, by_minute = clean(2000), clean(2000, step=60)
    by_second[:1], by_minute[:4] = 0, 0
    for seconds in (by_second, by_minute):
        told = time_doubts(seconds)
        assert told.is_usable.all() and told.doubts == ()


def test_half_at_one_second_are_a_stand_in() -> None:
    """Noon on every row of a sheet, or midnight of another zone, are no times of day."""
    seconds = np.concatenate([np.full(40, 12 * 3600), clean(30)])
    told = time_doubts(seconds)
    assert told.is_usable.sum() == 30
    assert troubles(seconds) == [TimeTrouble.PLACEHOLDER]
    both = np.concatenate([seconds, np.zeros(20, dtype=np.int64)])
    assert troubles(both) == [TimeTrouble.DATE_ONLY, TimeTrouble.PLACEHOLDER]
    assert time_doubts(both).is_usable.sum() == 30


def test_whole_hours_are_told() -> None:
    """Times rounded to the hour can be used, with a warning about what they cannot show."""
    hours = np.tile(np.arange(1, 24), 4) * 3600
    told = time_doubts(hours)
    assert told.is_usable.all() and troubles(hours) == [TimeTrouble.WHOLE_HOURS]
    assert troubles(hours[:8]) == []


def test_unresolved_clocks_are_told() -> None:
    """Events under a doubtful clock are counted in a warning; which they are is not known here."""
    told = time_doubts(clean(100), unresolved=12)
    assert told.is_usable.all()
    assert "12 of 100 events come from cameras whose clock" in told.doubts[0].message
    assert troubles(clean(100)) == []


def test_no_events_raise_no_doubt() -> None:
    """Nothing to doubt in an empty table."""
    told = time_doubts(np.array([], dtype=np.int64))
    assert (len(told.is_usable), told.doubts) == (0, ())
