"""Extent of occurrence and area of occupancy, against geometry done by hand."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from species_db.geo.measure import from_equal_area
from species_db.wildlife.distribution import Place, distribution_of, occupied_cells


def at(east_m: float, north_m: float, uncertainty_m: float | None = 30) -> Place:
    """The place so many metres east and north of the plane's middle."""
    point = from_equal_area(Point(east_m, north_m))
    return Place(point.y, point.x, uncertainty_m)


def test_a_square_of_ten_kilometres_is_a_hundred_square_kilometres() -> None:
    """EOO is the polygon around the outer places; one inside adds nothing to it."""
    corners = [at(500, 500), at(10_500, 500), at(10_500, 10_500), at(500, 10_500)]
    told = distribution_of([*corners, at(5_000, 5_000)])
    assert told.eoo_km2 == pytest.approx(100, abs=1e-4)
    assert (told.places, told.cells, told.aoo_km2) == (5, 5, 20.0)
    assert not told.is_eoo_raised


def test_eoo_is_that_of_the_ellipsoid() -> None:
    """A cell of a tenth of a degree at 29 N has the area that geodesics give it: 107.97 km²."""
    from pyproj import Geod

    ring = [(29.0, 95.0), (29.0, 95.1), (29.1, 95.1), (29.1, 95.0)]
    geodesic, _ = Geod(ellps="WGS84").polygon_area_perimeter(
        [lon for _, lon in ring], [lat for lat, _ in ring]
    )
    told = distribution_of([Place(lat, lon) for lat, lon in ring])
    assert told.eoo_km2 == pytest.approx(abs(geodesic) / 1e6, rel=2e-4)


@pytest.mark.parametrize("count", [1, 2])
def test_two_places_span_no_extent(count: int) -> None:
    """EOO of fewer than three distinct places is not known; AOO is."""
    places = [at(500, 500), at(9_000, 500)][:count]
    told = distribution_of([*places, *places])
    assert told.eoo_km2 is None and told.eoo_raw_km2 is None
    assert (told.places, told.aoo_km2) == (count, 4.0 * count)


def test_nothing_confirmed_is_not_known() -> None:
    """Without a place neither figure is zero."""
    told = distribution_of([])
    assert (told.places, told.eoo_km2, told.aoo_km2, told.aoo_least_km2) == (0, None, None, None)


def test_an_extent_below_the_area_is_raised_to_it() -> None:
    """Three places on one line have a polygon of no area: IUCN sets EOO to AOO and we say so."""
    told = distribution_of([at(500, 500), at(2_500, 500), at(4_500, 500)])
    assert told.eoo_raw_km2 == pytest.approx(0, abs=1e-6)
    assert (told.eoo_km2, told.aoo_km2, told.is_eoo_raised) == (12.0, 12.0, True)


def test_the_grid_s_lines_are_an_accident_and_told() -> None:
    """Four places around a crossing of the grid fill four cells, or one when it is moved."""
    near = [at(x, y) for x in (-100, 100) for y in (-100, 100)]
    told = distribution_of(near)
    assert (told.aoo_km2, told.aoo_least_km2, told.aoo_most_km2) == (16.0, 4.0, 16.0)


def test_a_place_coarser_than_a_cell_fills_none() -> None:
    """Beyond 2 km of uncertainty a place counts for EOO alone, and is counted apart."""
    fine = [at(500, 500), at(8_500, 500), at(500, 8_500, None)]
    told = distribution_of([*fine, at(8_500, 8_500, 2_001)])
    assert (told.places, told.cells, told.coarse_places, told.unstated_places) == (4, 3, 1, 1)
    assert told.eoo_raw_km2 == pytest.approx(64, abs=1e-4)
    assert distribution_of([at(500, 500, 2_000)]).cells == 1


def test_only_coarse_places_have_no_area() -> None:
    """AOO of nothing but coarse places is not known, and EOO is not raised to it."""
    told = distribution_of([at(0, 0, 5e3), at(9e3, 0, 5e3), at(0, 9e3, 5e3)])
    assert told.aoo_km2 is None and told.cells == 0
    assert told.eoo_km2 == pytest.approx(40.5, abs=1e-4)


PLACES = st.lists(
    st.builds(Place, st.floats(27.5, 31), st.floats(92, 99), st.sampled_from([None, 30, 5000])),
    min_size=1,
    max_size=25,
)


@given(PLACES, st.integers())
def test_order_does_not_matter_and_areas_have_their_bounds(places: list[Place], seed: int) -> None:
    """EOO and AOO are of a set: shuffled and repeated they stay; AOO is 4 or more, EOO no less."""
    told = distribution_of(places)
    mixed = [*places, *places[:3]]
    random.Random(seed).shuffle(mixed)
    assert distribution_of(mixed) == told
    if told.aoo_km2 is not None:
        assert 4 <= (told.aoo_least_km2 or 0) <= told.aoo_km2 <= (told.aoo_most_km2 or 0)
        assert told.eoo_km2 is None or told.eoo_km2 >= told.aoo_km2
        assert told.cells == len(occupied_cells(places)) <= told.places


@given(PLACES, PLACES)
def test_more_places_never_shrink_the_extent(some: list[Place], more: list[Place]) -> None:
    """A new record can widen the polygon and fill cells, never the other way."""
    before, after = distribution_of(some), distribution_of([*some, *more])
    assert (after.eoo_raw_km2 or 0) >= (before.eoo_raw_km2 or 0) - 1e-9
    assert after.cells >= before.cells
