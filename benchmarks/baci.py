"""How often the interval of a before/after/control comparison holds the planted effect.

    python benchmarks/baci.py [simulations]

Plots vary by a log-normal factor from visit to visit, all plots change together by another, and
treated ones keep a fifth. Beside Welch's interval stands a percentile bootstrap over plots, which
holds too rarely with the few plots that a county has.

Camera stations have independent events that are clumped: each station and span has its own gamma
factor besides chance, and at the works stations may be moved unlike each other. Their efforts
differ eightfold. Beside the interval stands the usual one, Welch's t on logs with half an event
added to each station. A passage is one camera; its weeks are clumped, and hang together or not.
"""

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from species_db.analysis.baci import Design, PlotMeasures, compare_plots
from species_db.analysis.index_change import Counted, IndexEffect, StationCounts, compare_index
from species_db.analysis.use_rate import Block, rate_ratio, use_rate

TRUE_RATIO, SHARED_CHANGE, NOISE = 0.2, 1.6, 0.5
DRAWS = 1000
CAMERA_SIMULATIONS = 500  # a camera comparison takes tens of milliseconds


@dataclass(frozen=True)
class Cameras:
    """One planted survey of camera stations."""

    impact: int
    control: int
    rate: float  # events per 100 camera-days of the middle station
    ratio: float
    clumping: float = 0.4  # coefficient of variation of a station's rate in a span
    unlike: float = 0.0  # spread, in logs, of what works do to each station


CAMERAS = (
    Cameras(3, 3, 6, 0.4),
    Cameras(3, 8, 6, 0.4),
    Cameras(5, 5, 6, 0.4),
    Cameras(5, 5, 6, 1.0),
    Cameras(10, 10, 6, 0.4),
    Cameras(5, 5, 2, 0.4),
    Cameras(10, 10, 2, 0.4, clumping=0.0),
    Cameras(20, 20, 2, 0.4),
    Cameras(5, 5, 20, 0.4),
    Cameras(5, 5, 6, 0.05),
    Cameras(8, 8, 3, 0.05),
    Cameras(5, 5, 6, 3.0, clumping=0.8),
    Cameras(8, 3, 6, 0.4, unlike=0.7),
    Cameras(4, 10, 20, 0.4, clumping=0.2, unlike=1.0),
    Cameras(1, 5, 6, 0.4),
    Cameras(2, 8, 6, 0.4),
)
# weeks, events per 100 camera-days, coefficient of variation between weeks, their correlation
PASSAGES = ((13, 5, 0.0, 0.0), (13, 20, 1.0, 0.0), (52, 3, 1.0, 0.0), (52, 20, 1.0, 0.0),
            (52, 20, 1.0, 0.5), (52, 20, 1.0, 0.8))  # fmt: skip


def simulate(chance: np.random.Generator, treated: int, control: int) -> list[PlotMeasures]:
    """Plots with two visits before and two after, in square metres of stand."""
    plots = []
    for number in range(treated + control):
        is_treated = number < treated
        base = chance.lognormal(4.0, 1.0)
        change = SHARED_CHANGE * (TRUE_RATIO if is_treated else 1.0)
        own = math.exp(chance.normal(0.0, NOISE))  # what this plot does by itself
        before = tuple(base * chance.lognormal(0.0, 0.2) for _ in range(2))
        after = tuple(base * change * own * chance.lognormal(0.0, 0.2) for _ in range(2))
        plots.append(PlotMeasures(f"{is_treated} {number}", is_treated, before, after))
    return plots


def bootstrap(plots: list[PlotMeasures], chance: np.random.Generator) -> tuple[float, float]:
    """The percentile interval over plots."""
    sides = [
        np.array(
            [math.log(np.mean(p.after) / np.mean(p.before)) for p in plots if p.is_treated is s]
        )
        for s in (True, False)
    ]
    drawn = [
        side[chance.integers(len(side), size=(DRAWS, len(side)))].mean(axis=1) for side in sides
    ]
    low, high = np.quantile(np.exp(drawn[0] - drawn[1]), (0.025, 0.975))
    return float(low), float(high)


def plots(simulations: int) -> None:
    """Print coverage by number of plots."""
    chance = np.random.default_rng(2026)
    print(f"plots; planted: {TRUE_RATIO} of the stand is left; {simulations} simulations a line")
    print("treated control   t covers   width(x)   bootstrap covers   bias(log)")
    for treated, control in ((3, 3), (3, 8), (5, 5), (10, 10), (1, 5), (1, 10), (2, 6)):
        hits = strapped = 0
        widths, errors = [], []
        for _ in range(simulations):
            drawn = simulate(chance, treated, control)
            effect = compare_plots(drawn)
            assert effect.ratio is not None
            assert effect.low is not None
            assert effect.high is not None
            hits += effect.low <= TRUE_RATIO <= effect.high
            widths.append(effect.high / effect.low)
            errors.append(math.log(effect.ratio / TRUE_RATIO))
            if treated > 1:
                low, high = bootstrap(drawn, chance)
                strapped += low <= TRUE_RATIO <= high
        shown = f"{strapped / simulations:.3f}" if treated > 1 else "-"
        print(
            f"{treated:7} {control:7}   {hits / simulations:8.3f}   {np.median(widths):8.1f}"
            f"   {shown:>16}   {np.mean(errors):+9.3f}"
        )


def stations(chance: np.random.Generator, planted: Cameras) -> list[StationCounts]:
    """Stations with clumped events before and after, over 20 to 150 camera-days each."""
    made = []
    for number in range(planted.impact + planted.control):
        is_impact = number < planted.impact
        base = planted.rate / 100 * chance.lognormal(0.0, 0.8)
        effect = planted.ratio * math.exp(chance.normal(0.0, 1.0) * planted.unlike)
        spans = {}
        for span, change in (
            ("before", 1.0),
            ("after", SHARED_CHANGE * (effect if is_impact else 1)),
        ):
            days = float(chance.uniform(21.0, 150.0))
            shape = 1 / planted.clumping**2 if planted.clumping else 0.0
            own = chance.gamma(shape, 1 / shape) if shape else 1.0
            spans[span] = Counted(int(chance.poisson(base * change * own * days)), days)
        made.append(StationCounts(str(number), is_impact, spans))
    return made


def half_events(made: list[StationCounts]) -> tuple[float, float]:
    """The usual interval: Welch's t on the logs of rates with half an event added to each."""
    rates = [
        PlotMeasures(
            one.station_id,
            one.is_impact,
            *(((told.events + 0.5) / told.camera_days,) for told in one.spans.values()),
        )
        for one in made
        if sum(told.events for told in one.spans.values())
    ]
    told = compare_plots(rates)
    return told.low or 0.0, told.high or math.inf


def cameras(simulations: int) -> None:
    """Print coverage by number of stations and how often the taxon is seen."""
    chance = np.random.default_rng(2026)
    print(f"\ncamera stations; {simulations} simulations a line, those with a comparison counted")
    print(
        "impact control  rate ratio clumps unlike   n  covers   low>   high<  width(x)"
        "  half-event covers  median ratio  clear  smallest fall  seen then"
    )
    for planted in CAMERAS:
        found = [
            (effect, half_events(made))
            for made in (stations(chance, planted) for _ in range(simulations))
            if (effect := compare_index(made, after="after")).low is not None
            and effect.design in (Design.BACI, Design.ONE_TREATED)
        ]
        effects = [effect for effect, _ in found]
        low = np.array([one.low for one in effects])
        high = np.array([math.inf if one.high is None else one.high for one in effects])
        usual = np.mean([a <= planted.ratio <= b for _, (a, b) in found])
        fall = _median_fall(effects)
        shown = f"{fall:13.2f}  {_power(chance, planted, fall, simulations):9.2f}" if fall else \
            f"{'-':>13}  {'-':>9}"  # fmt: skip
        widths = high / np.maximum(low, 1e-6)
        ratios = [1e-6 if one.ratio is None else one.ratio for one in effects]
        print(
            f"{planted.impact:6} {planted.control:7} {planted.rate:5} {planted.ratio:5}"
            f" {planted.clumping:6} {planted.unlike:6} {len(found):3}"
            f"   {np.mean((low <= planted.ratio) & (planted.ratio <= high)):5.3f}"
            f"  {np.mean(low > planted.ratio):5.3f}   {np.mean(high < planted.ratio):5.3f}"
            f"  {np.median(widths):8.1f}  {usual:17.3f}  {np.median(ratios):12.2f}"
            f"  {np.mean([one.is_clear for one in effects]):5.2f}  {shown}"
        )


def _median_fall(effects: list[IndexEffect]) -> float:
    return float(np.median([one.smallest_fall or 0.0 for one in effects]))


def _power(chance: np.random.Generator, planted: Cameras, ratio: float, simulations: int) -> float:
    """How often a planted fall is seen as clear: four times in five, if the promise holds."""
    fallen = Cameras(
        planted.impact, planted.control, planted.rate, ratio, planted.clumping, planted.unlike
    )
    told = [compare_index(stations(chance, fallen), after="after") for _ in range(simulations)]
    return float(np.mean([one.is_clear for one in told]))


def weeks(
    chance: np.random.Generator, count: int, rate: float, varying: float, together: float
) -> list[Block]:
    """One camera's weeks, some of them only part of a week, with a log-normal rate."""
    spread = math.sqrt(math.log(1 + varying**2))
    at, made = chance.normal(), []
    for week in range(count):
        days = float(chance.choice([7.0, 7.0, 7.0, 4.0]))
        mean = rate / 100 * math.exp(spread * at - spread**2 / 2)
        made.append(Block("U", week, int(chance.poisson(mean * days)), days))
        at = together * at + math.sqrt(1 - together**2) * chance.normal()
    return made


def passages(simulations: int) -> None:
    """Print coverage of a passage's rate, and of its ratio to a station nearby that is alike."""
    chance = np.random.default_rng(2026)
    print(f"\npassages, one camera; {simulations} simulations a line")
    print("weeks  rate  varying  together   covers   plain Poisson covers   ratio covers")
    for count, rate, varying, together in PASSAGES:
        hits = plain = ratios = 0
        for _ in range(simulations):
            told = weeks(chance, count, rate, varying, together)
            use, nearby = use_rate(told), use_rate(weeks(chance, count, rate, varying, together))
            assert use.low is not None
            assert use.high is not None
            hits += use.low <= rate <= use.high
            whole = use_rate([Block("U", 0, use.events, use.camera_days)])
            plain += (whole.low or 0.0) <= rate <= (whole.high or 0.0)
            _, low, high = rate_ratio(use, nearby)
            ratios += (low or 0.0) <= 1 <= (math.inf if high is None else high)
        print(
            f"{count:5} {rate:5} {varying:8} {together:9}   {hits / simulations:6.3f}"
            f"   {plain / simulations:20.3f}   {ratios / simulations:12.3f}"
        )


def main(simulations: int) -> None:
    """Print all three."""
    parts: tuple[tuple[Callable[[int], None], int], ...] = (
        (plots, simulations),
        (cameras, min(simulations, CAMERA_SIMULATIONS)),
        (passages, simulations),
    )
    for part, count in parts:
        part(count)


if __name__ == "__main__":
    started = time.perf_counter()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    print(f"{time.perf_counter() - started:.1f} s")
