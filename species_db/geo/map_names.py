"""Where the names of counties stand on a map: inside their county, beside the marks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import shapely

from species_db.geo.map_frame import Base
from species_db.geo.map_marks import PAPER, plain
from species_db.geo.map_values import MapCounty
from species_db.language import current_language
from species_db.places import COUNTIES

STEP = 9  # units between places that are tried for a name
SIZES = (13.5, 12.0, 12.5)  # the name, the name in the other language, the text under them
LINE = 15  # units from line to line


Mark = tuple[float, float, float]  # across, down, radius


@dataclass(frozen=True)
class Name:
    """A county's lines of text and the room they need, in units."""

    lines: tuple[str, ...]
    width: float
    height: float


def draw_names(base: Base, filled: dict[str, MapCounty], marks: Sequence[Mark]) -> Iterable[str]:
    """Each county's name in the reader's language, smaller in the other, and its own text."""
    for code in base.outlines:
        name = _name_of(code, filled[code].text if code in filled else "")
        x, y = _best_place(base, code, name, marks)
        top = y - name.height / 2 + 12
        for number, (words, size) in enumerate(zip(name.lines, SIZES, strict=False)):
            weight = 400 if number == 1 else 600
            yield (
                f'<text x="{x:.0f}" y="{top + number * LINE:.0f}" font-size="{size:g}" '
                f'font-weight="{weight}" text-anchor="middle" paint-order="stroke" '
                f'stroke="{PAPER}" stroke-width="3" stroke-opacity=".78" '
                f'stroke-linejoin="round" pointer-events="none">{plain(words)}</text>'
            )


def _name_of(code: str, text: str) -> Name:
    county = COUNTIES[code]
    names = [county.name_en.rsplit(" ", 1)[0], county.name_zh]
    if current_language() == "zh":
        names.reverse()
    lines = (*names, *([text] if text else []))
    width = max(
        sum(size if ord(sign) > 0x2E80 else size * 0.58 for sign in line)
        for line, size in zip(lines, SIZES, strict=False)
    )
    return Name(lines, width, LINE * len(lines))


def _best_place(base: Base, code: str, name: Name, marks: Sequence[Mark]) -> tuple[float, float]:
    """The place in the county with the fewest marks under the name; else the middle-most one."""
    wide, high = name.width / 2, name.height / 2

    def covered(place: tuple[float, float]) -> int:
        return sum(
            abs(place[0] - x) < wide + room and abs(place[1] - y) < high + room
            for x, y, room in marks
        )

    places = _places(base, code, round(name.width), round(name.height))
    return min(places, key=covered)  # the first of equals, and those are in order of room


@lru_cache(maxsize=64)
def _places(base: Base, code: str, width: int, height: int) -> list[tuple[float, float]]:
    """Places where a name of this size lies inside its county, those nearest the middle first."""
    frame, outline = base.frame, base.outlines[code]
    room = shapely.maximum_inscribed_circle(cast(shapely.MultiPolygon, outline), tolerance=2000)
    middle = frame.of_plane(*room.coords[0])
    west, south, east, north = outline.bounds
    (left, top), (right, bottom) = frame.of_plane(west, north), frame.of_plane(east, south)
    tried = [
        (left + column * STEP, top + row * STEP)
        for column in range(int((right - left) / STEP) + 1)
        for row in range(int((bottom - top) / STEP) + 1)
    ]
    boxes = [_box(base, place, width, height) for place in tried]
    fits = shapely.covers(outline, boxes).tolist()
    found = [place for place, is_inside in zip(tried, fits, strict=True) if is_inside]
    found.sort(key=lambda one: (one[0] - middle[0]) ** 2 + (one[1] - middle[1]) ** 2)
    return [middle, *found] if _fits(base, code, middle, width, height) else found or [middle]


def _fits(base: Base, code: str, place: tuple[float, float], width: int, height: int) -> bool:
    return bool(shapely.covers(base.outlines[code], _box(base, place, width, height)))


def _box(base: Base, place: tuple[float, float], width: int, height: int) -> shapely.Polygon:
    x, y = place
    west, north = base.frame.to_plane(x - width / 2, y - height / 2)
    east, south = base.frame.to_plane(x + width / 2, y + height / 2)
    return shapely.box(west, south, east, north)
