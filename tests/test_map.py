"""The map as a drawing: complete, small, escaped, legible without colour and without sight."""

import re
import xml.etree.ElementTree as ET
from datetime import date

import pytest
import shapely

from species_db.geo.areas import AreaShape, counties_of_package
from species_db.geo.map import (
    MapCell,
    MapCounty,
    MapGroup,
    MapLayer,
    MapPoint,
    MapScale,
    draw_map,
)
from species_db.geo.map_frame import WIDTH, base_of
from species_db.geo.map_marks import COLOURS, SHAPES, look_of, radius_of
from species_db.geo.measure import distance_m, from_equal_area
from species_db.language import speaking
from species_db.places import COUNTIES
from species_db.vocabulary import AreaKind

SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 120_000
SCALE = MapScale("Records", (1, 5, 20), ("1–4", "5–19", "20+"))
GROUPS = [MapGroup("a", "class I"), MapGroup("b", "class II")]


def draw(*layers: MapLayer, areas: tuple[AreaShape, ...] = ()) -> str:
    """A map with a title and a description."""
    return draw_map(layers, title="Where it was seen", description="Two stations", areas=areas)


def texts(svg: str) -> list[str]:
    """All words drawn on the map."""
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{SVG}text")]


def tooltips(svg: str) -> list[str]:
    """What is told when a mark is pointed at."""
    marks = ET.fromstring(svg).iter(f"{SVG}path")
    return [title.text or "" for mark in marks for title in mark.findall(f"{SVG}title")]


def area(kind: AreaKind, name: str) -> AreaShape:
    """A round area in Medog."""
    outline = shapely.MultiPolygon([shapely.Point(95.0, 29.2).buffer(0.2)])
    return AreaShape(name, kind, "", name, "", outline, "test", date(2026, 1, 1))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_counties_are_named_in_both_languages(language: str) -> None:
    """Each county carries its English and its Chinese name, the reader's first."""
    with speaking(language):  # type: ignore[arg-type]
        words = texts(draw())
    for county in COUNTIES.values():
        english = county.name_en.rsplit(" ", 1)[0]
        order = [english, county.name_zh] if language == "en" else [county.name_zh, english]
        assert [one for one in words if one in order] == order


def test_a_screen_reader_is_told_what_the_map_shows() -> None:
    """Title and description are there and named by the drawing."""
    root = ET.fromstring(draw())
    assert root.get("role") == "img"
    named = {one.get("id"): one.text for one in root if one.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [named[one] for one in root.get("aria-labelledby", "").split()] == [
        "Where it was seen",
        "Two stations",
    ]


def test_the_map_fits_every_width() -> None:
    """The drawing has a view box and no fixed size, so that a page scales it."""
    root = ET.fromstring(draw())
    assert root.get("width") == "100%" and root.get("height") is None
    assert root.get("viewBox", "").startswith(f"0 0 {WIDTH} ")


def test_words_are_escaped_everywhere() -> None:
    """A station called like markup stays a name: on marks, legends, counties, areas and title."""
    clean = "<script>\"&'"
    bad = clean + "\x00\x0b"
    layer = MapLayer(
        bad,
        [MapGroup("a", bad)],
        MapScale(bad, (0,), (bad,), bad),
        [MapCounty("540423", 0, bad, bad)],
        [MapCell.of_degrees(29, 95, size=0.1, value=None, label=bad)],
        [MapPoint(29.3, 95.3, "a", 2, bad), MapPoint(29.4, 95.3)],
        bad,
    )
    svg = draw_map([layer], title=bad, description=bad, areas=[area(AreaKind.RESERVE, bad)])
    assert "<script" not in svg
    assert texts(svg).count(clean) >= 5 and tooltips(svg).count(clean) == 4


def test_nothing_is_fetched_and_nothing_runs() -> None:
    """The drawing names no address but SVG's own and holds no script and no image."""
    svg = draw(MapLayer("s", GROUPS, points=[MapPoint(29.3, 95.3, "b")]))
    assert re.findall(r"https?://[^\"']+", svg) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<(script|image|use|foreignObject|a)\b|\bon\w+=", svg)


def test_marks_stand_where_their_places_are() -> None:
    """A mark's distance from another on the drawing is theirs on the ground, to scale."""
    frame = base_of(tuple(counties_of_package())).frame
    here, there = (29.649, 94.3615), (28.6614, 97.4667)
    (x1, y1), (x2, y2) = frame.of([here, there])
    units = ((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5
    assert units * frame.metres_per_unit == pytest.approx(distance_m(here, there), rel=2e-3)
    assert x1 < x2 and y1 < y2  # west is left, north is up


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    """The bar of 100 km spans 100 km of the drawing."""
    svg = draw()
    frame = base_of(tuple(counties_of_package())).frame
    found = re.search(r"v5h([0-9.]+)v-5", svg)
    assert found and float(found[1]) * frame.metres_per_unit == pytest.approx(100_000, rel=1e-3)
    assert "100 km" in texts(svg)


def test_kinds_of_point_differ_in_shape_and_colour() -> None:
    """No two kinds share a shape or a colour, and sizes are areas."""
    looks = [look_of(number) for number in range(len(SHAPES))]
    assert len({one.colour for one in looks}) == len({one.shape for one in looks}) == len(COLOURS)
    assert radius_of(10, 10) > radius_of(5, 10) > radius_of(0, 10) > 0


def test_the_legend_names_kinds_sizes_classes_and_areas() -> None:
    """Everything that is drawn is explained, and nothing else."""
    points = [MapPoint(29.3, 95.3, "a", 40), MapPoint(29.5, 95.3, "b", 1, is_hollow=True)]
    svg = draw(
        MapLayer("Stations", GROUPS, points=points, size_title="Events"),
        MapLayer(scale=SCALE, cells=[MapCell.of_degrees(29, 95, size=0.1, value=7)]),
        areas=(area(AreaKind.CORE_ZONE, "core"),),
    )
    words = texts(svg)
    for wanted in (
        "Stations",
        "class I",
        "class II",
        "Events",
        "40",
        "Records",
        "5–19",
        "core zone",
    ):
        assert wanted in words
    assert "hollow: not confirmed" in words
    assert "not known" not in words and "nature reserve" not in words


def test_what_is_not_known_is_hatched_and_said() -> None:
    """A county without a value gets the hatch and the words, and never the lowest class."""
    layer = MapLayer(scale=SCALE, counties=[MapCounty("540423", None), MapCounty("540402", 7)])
    svg = draw(layer)
    hatched = [one for one in ET.fromstring(svg).iter() if "url(#h" in (one.get("fill") or "")]
    assert len(hatched) == 2  # Medog, and its line in the legend
    assert "not known" in texts(svg)


def test_a_value_below_the_first_class_takes_the_first() -> None:
    """Classes are lower edges; nothing falls out of the legend."""
    assert [SCALE.class_of(value) for value in (0, 1, 4.9, 5, 100)] == [0, 0, 0, 1, 2]


def test_the_purpose_of_the_outline_is_said() -> None:
    """Every map says that its outlines assign records and are not for publication."""
    assert any("not for publication" in one for one in texts(draw()))
    with speaking("zh"):
        assert any("不得用于公开出版" in one for one in texts(draw()))


def test_places_off_the_map_are_counted() -> None:
    """A point far outside is not drawn in a corner: the note counts it."""
    svg = draw(MapLayer("s", GROUPS, points=[MapPoint(10.0, 100.0, "a"), MapPoint(29, 95, "a")]))
    assert "1 place(s) lie outside this map." in texts(svg)


def test_maps_stay_small() -> None:
    """The outline, 300 marks with words, or 2,000 without, stay below 120 KB."""

    def layer(count: int) -> MapLayer:
        steps = (divmod(number, 50) for number in range(count))
        points = [MapPoint(28.2 + a * 0.05, 93 + b * 0.1, "a", 1, f"LZ-{a}-{b}") for a, b in steps]
        return MapLayer("s", GROUPS, points=points)

    sizes = {count: len(draw(layer(count)).encode()) for count in (0, 300, 2000)}
    print(sizes)
    assert max(sizes.values()) < MOST_BYTES


def test_names_make_way_for_marks() -> None:
    """A county's name stands where fewest marks lie, and inside its county."""

    def name_at(svg: str) -> tuple[float, float]:
        found = next(one for one in ET.fromstring(svg).iter(f"{SVG}text") if one.text == "Zayu")
        return float(found.get("x", 0)), float(found.get("y", 0))

    frame = base_of(tuple(counties_of_package())).frame
    x, y = name_at(draw())
    crowd = []
    for dx in range(-25, 30, 10):
        for dy in range(-15, 20, 10):
            at = from_equal_area(shapely.Point(frame.to_plane(x + dx, y + dy)))
            crowd.append(MapPoint(at.y, at.x, "a"))
    moved = name_at(draw(MapLayer("s", GROUPS, points=crowd)))
    assert abs(moved[0] - x) > 20 or abs(moved[1] - y) > 20


def test_two_maps_on_a_page_share_no_id() -> None:
    """Ids follow from title and description, so that one page may hold several maps."""
    first = draw_map([], title="A", description="x")
    second = draw_map([], title="B", description="x")
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (first, second)]
    assert ids[0] and not ids[0] & ids[1]


def test_a_degree_cell_and_a_plane_cell_have_their_corners() -> None:
    """A cell of degrees spans its size; a cell of the plane is as wide as it says."""
    degrees = MapCell.of_degrees(29.1, 95.2, size=0.1, value=1)
    assert degrees.corners[0] == (29.1, 95.2) and degrees.corners[2] == pytest.approx((29.2, 95.3))
    plane = MapCell.of_plane(2000, 4000, size_m=2000, value=1)
    assert distance_m(plane.corners[0], plane.corners[1]) == pytest.approx(2000, rel=1e-3)


def test_the_legend_of_counts_has_whole_numbers() -> None:
    """A largest mark of four events has no step of 0.4."""
    layer = MapLayer("s", GROUPS, points=[MapPoint(29.3, 95.3, "a", 4)], size_title="events")
    assert "0.4" not in texts(draw(layer)) and "1" in texts(draw(layer))
