"""Spread per year: planted fronts come back, and a year without a search is not known."""

import math
import random

import pytest

from species_db.invasive.grid import Cell, cell_of
from species_db.invasive.spread import SeenPlace, Spread, spread_by_year

KM = 1000.0
RANGE = range(-20, 21)
EVERYWHERE = frozenset((east, north) for east in RANGE for north in RANGE)


def disc(year: int, radius_km: float, *, records: int = 300, seed: int = 1) -> list[SeenPlace]:
    """Records scattered evenly over a disc around the middle."""
    chance = random.Random(seed * 10_000 + year)
    told = []
    for number in range(records):
        length = radius_km * KM * math.sqrt(chance.random())
        turn = chance.random() * 2 * math.pi
        place = (length * math.cos(turn), length * math.sin(turn))
        told.append(SeenPlace(year, place, cell_of(place), f"P{number % 7}"))
    return told


def front(km_a_year: float, years: range, *, gaps: tuple[int, ...] = ()) -> Spread:
    """The spread of a disc that grows evenly from one point, searched everywhere each year."""
    seen = [SeenPlace(years[0], (0.0, 0.0), (0, 0), "P0")]
    for year in years[1:]:
        if year not in gaps:
            seen += disc(year, km_a_year * (year - years[0]))
    return spread_by_year(seen, {year: EVERYWHERE for year in years if year not in gaps})


@pytest.mark.parametrize("km_a_year", [0.5, 2.0, 4.0])
def test_a_planted_front_is_recovered(km_a_year: float) -> None:
    """The rate of the farthest record is the planted one, within a twentieth."""
    rate = front(km_a_year, range(2018, 2027)).front_rate
    assert rate.km_a_year == pytest.approx(km_a_year, rel=0.05)
    assert rate.low is not None and rate.high is not None
    assert rate.low < km_a_year * 1.05 and rate.high > km_a_year * 0.95
    assert rate.years == 9


def test_a_rate_is_least_squares_with_student_s_interval() -> None:
    """Fronts of 0, 5, 7 and 12 km in four years: 3.8 km a year, Student's t with two degrees.

    By hand: slope 19 / 5, squared residuals 1.8, error sqrt(1.8 / 2 / 5), t = 4.303.
    """
    fronts = {2021: 0.0, 2022: 5.0, 2023: 7.0, 2024: 12.0}
    seen = [SeenPlace(y, (km * KM, 0.0), cell_of((km * KM, 0.0))) for y, km in fronts.items()]
    rate = spread_by_year(seen, dict.fromkeys(fronts, EVERYWHERE)).front_rate
    assert rate.km_a_year == pytest.approx(3.8)
    assert rate.low == pytest.approx(3.8 - 4.30265 * math.sqrt(1.8 / 2 / 5), abs=0.001)
    assert rate.high == pytest.approx(3.8 + 4.30265 * math.sqrt(1.8 / 2 / 5), abs=0.001)


def test_the_radius_of_the_area_grows_as_planted() -> None:
    """The radius of a disc as large as the occupied cells grows about as fast as the planted one.

    Cells of two kilometres round a small disc up, and few records leave some of a large one out.
    """
    rate = front(3.0, range(2018, 2026)).area_rate
    assert rate.km_a_year == pytest.approx(3.0, rel=0.2)


def test_a_year_without_a_search_is_not_known() -> None:
    """Such a year has no number, is no zero, and has no part in the rates."""
    spread = front(2.0, range(2018, 2027), gaps=(2021, 2022))
    gap = next(one for one in spread.years if one.year == 2021)
    assert not gap.is_known
    unknown = (gap.new_cells, gap.new_plots, gap.front_km, gap.share, gap.low, gap.jumps_km)
    assert unknown == (None,) * 6
    assert spread.front_rate.years == 7
    assert spread.front_rate.km_a_year == pytest.approx(2.0, rel=0.05)


def test_a_record_in_passing_is_no_search() -> None:
    """It makes its cell new, but gives the year neither a share nor a part in the rates."""
    spread = spread_by_year(
        [SeenPlace(2024, (0.0, 0.0), (0, 0), "P1"), SeenPlace(2025, (9 * KM, 0.0), (4, 0), "P2")],
        {2024: {(0, 0), (1, 0)}},
    )
    last = spread.years[-1]
    assert (last.new_cells, last.new_plots, last.is_known, last.share) == (1, 1, False, None)
    assert spread.front_rate.years == 1


def test_two_years_make_no_rate() -> None:
    """A line through two points has no interval, so no rate is told."""
    spread = front(2.0, range(2024, 2026))
    assert spread.front_rate.km_a_year is None and spread.front_rate.years == 2
    assert spread_by_year([], {2024: EVERYWHERE}).years == ()


def test_new_ground_is_told_from_ground_searched_in_vain() -> None:
    """A new cell that had been searched before counts as spread; one never looked at does not."""
    seen = [
        SeenPlace(2024, (100.0, 100.0), (0, 0)),
        SeenPlace(2025, (2100.0, 100.0), (1, 0)),
        SeenPlace(2025, (8100.0, 100.0), (4, 0)),
    ]
    searched: dict[int, set[Cell]] = {2024: {(0, 0), (1, 0)}, 2025: {(0, 0), (1, 0), (4, 0)}}
    last = spread_by_year(seen, searched).years[-1]
    assert (last.new_cells, last.new_after_empty, last.total_cells) == (2, 1, 3)
    assert last.jumps_km is not None
    assert last.jumps_km[2] == pytest.approx(8.0)
    assert last.front_km == pytest.approx(8.0)


def test_a_front_at_the_edge_of_the_search_is_told() -> None:
    """When nobody searched beyond the farthest record, the front may lie further out."""
    seen = [SeenPlace(2024, (1000.0, 1000.0), (0, 0)), SeenPlace(2025, (9000.0, 1000.0), (4, 0))]
    near = spread_by_year(seen, {2024: {(0, 0)}, 2025: {(4, 0)}}).years[-1]
    far = spread_by_year(seen, {2024: {(0, 0)}, 2025: {(4, 0), (12, 0)}}).years[-1]
    assert near.is_at_edge and not far.is_at_edge


def shares(first: int, last: int, *, of: int = 40) -> Spread:
    """A survey of the same cells in two years, with so many of them occupied."""
    cells = [(number, 0) for number in range(of)]
    seen = [
        SeenPlace(year, (cell[0] * 2 * KM, 0.0), cell)
        for year, count in ((2022, first), (2026, last))
        for cell in cells[:count]
    ]
    return spread_by_year(seen, {2022: set(cells), 2026: set(cells)})


def test_the_share_of_cells_changes_with_an_interval() -> None:
    """5 of 40 to 20 of 40 is a rise of 0.375, with Newcombe's interval around it."""
    change = shares(5, 20).share_change
    assert change is not None
    assert change.change == pytest.approx(0.375)
    # Newcombe 1998, method 10, worked by hand from Wilson's (0.055, 0.261) and (0.352, 0.648)
    assert change.low == pytest.approx(0.1746, abs=0.001)
    assert change.high == pytest.approx(0.5389, abs=0.001)
    assert change.cells_in_both == 40


@pytest.mark.parametrize(
    ("first", "last", "trend"), [(5, 20, "up"), (20, 5, "down"), (10, 12, "unclear")]
)
def test_a_trend_needs_an_interval_without_zero(first: int, last: int, trend: str) -> None:
    """A change that may be chance is told as not clear."""
    assert shares(first, last).trend == trend


def test_without_two_searched_years_the_trend_is_unknown() -> None:
    """Records alone make no trend."""
    seen = [SeenPlace(year, (0.0, 0.0), (0, 0)) for year in (2023, 2024, 2025)]
    assert spread_by_year(seen, {}).trend == "unknown"
