"""The map of the prefecture as one SVG drawing: counties, areas, cells and points, offline.

No tiles, no scripts, nothing fetched. The drawing takes its ink from the page around it, says what
it shows to those who cannot see it, and tells things apart by shape, size and lightness as well as
by colour. Everything drawn must have passed the gate first: a map shows what it is given.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from species_db.geo.areas import AreaShape, counties_of_package
from species_db.geo.map_frame import MARGIN, WIDTH, Base, MapFrame, base_of, path_of
from species_db.geo.map_legend import TEXT, area_lines, draw_legend, layer_lines
from species_db.geo.map_marks import (
    ACCENT,
    AREA_LINES,
    FONT,
    INK,
    PAPER,
    SMALLEST,
    hatch,
    look_of,
    plain,
    radius_of,
    tint_of,
)
from species_db.geo.map_names import draw_names
from species_db.geo.map_values import (
    MapCell,
    MapCounty,
    MapGroup,
    MapLayer,
    MapPoint,
    MapScale,
)
from species_db.geo.measure import to_equal_area
from species_db.language import tr
from species_db.vocabulary import AreaKind

__all__ = ["MapCell", "MapCounty", "MapGroup", "MapLayer", "MapPoint", "MapScale", "draw_map"]

MOST_WITH_LABELS = 300  # marks with words of their own; beyond, one path for all of a look
SCALE_BAR_KM = 100
PLAIN_RADIUS = 6.5  # units: of points that count nothing
SMALL_CELL = 6  # units: a narrower cell would be all rim
SIMPLIFY_AREA_M = 250  # reserves are small beside counties: keep more of their shape


def draw_map(
    layers: Sequence[MapLayer], *, title: str, description: str, areas: Sequence[AreaShape] = ()
) -> str:
    """Draw the seven counties with layers on them, as SVG text for a page or a file.

    `title` and `description` are read out by screen readers and not drawn. Counties among `areas`
    are the base; without any, the package's are drawn. Set the CSS variables `--map-paper` and
    `--map-accent` where the page's own colours should be taken.

    Raises:
        OutlineError: no county outlines are given, and the package that holds them is missing.
    """
    counties = tuple(one for one in areas if one.kind is AreaKind.COUNTY)
    base = base_of(counties or tuple(counties_of_package()))
    others = [one for one in areas if one.kind is not AreaKind.COUNTY]
    hatch_id = f"h{hashlib.sha256((title + description).encode()).hexdigest()[:8]}"
    scale = next((layer.scale for layer in layers if layer.counties and layer.scale), None)
    filled = {one.code: one for layer in layers for one in layer.counties}
    marks = [mark for layer in layers for mark in _marks(base.frame, layer)]
    parts = [
        *_counties(base, filled, scale, hatch_id),
        *(part for layer in layers for part in _cells(base.frame, layer, hatch_id)),
        *_borders(base),
        *_areas(base.frame, others),
        *(part for layer in layers for part in _points(base.frame, layer)),
        *draw_names(base, filled, marks),
    ]
    lines = [line for layer in layers for line in layer_lines(layer, hatch_id)]
    lines += area_lines(sorted({one.kind for one in others}))
    legend, bottom = draw_legend(lines, base.frame.height + 14)
    note, bottom = _note(bottom, _outside(base.frame, marks))
    frame = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {bottom:.0f}" '
        f'width="100%" font-family="{FONT}" font-size="{TEXT}" fill="{INK}" '
        f'aria-labelledby="{hatch_id}t {hatch_id}d" style="display:block;max-width:1200px">'
        f'<title id="{hatch_id}t">{plain(title)}</title>'
        f'<desc id="{hatch_id}d">{plain(description)}</desc><defs>{hatch(hatch_id)}'
        f'<clipPath id="{hatch_id}c">'
        f'<rect width="{WIDTH}" height="{base.frame.height}"/></clipPath></defs>'
    )
    sheet = f'<g clip-path="url(#{hatch_id}c)">{"".join((*_ground(base), *parts))}</g>'
    return f"{frame}{sheet}{_scale_bar(base.frame)}{legend}{note}</svg>"


def _ground(base: Base) -> Iterable[str]:
    """Whole degrees in a faint line, with their names at the margin."""
    for line in base.graticule:
        yield f'<path d="{line.path}" fill="none" stroke="{INK}" stroke-opacity=".13"/>'
        x, y = line.at
        at = (x, base.frame.height - 6) if line.is_meridian else (4, y - 4)
        anchor = ' text-anchor="middle"' if line.is_meridian else ""
        yield (
            f'<text x="{at[0]:.0f}" y="{at[1]:.0f}" font-size="11" fill-opacity=".6"'
            f"{anchor}>{line.label}</text>"
        )


def _counties(
    base: Base, filled: dict[str, MapCounty], scale: MapScale | None, hatch_id: str
) -> Iterable[str]:
    """The land in a faint tint, and over it the counties that have a value."""
    yield f'<path d="{base.outer}" fill="{INK}" fill-opacity=".055"/>'
    for code, county in filled.items():
        if scale is not None and code in base.outlines:
            fill, opacity = _fill(county.value, scale, hatch_id)
            path = base.frame.path(base.outlines[code])
            told = _tooltip(county.label)
            yield f'<path d="{path}" fill="{fill}" fill-opacity="{opacity:.2f}"{told}'


def _borders(base: Base) -> Iterable[str]:
    """The rim of the prefecture, and fainter the borders between its counties."""
    for path, opacity, width in ((base.inner, 0.5, 1.0), (base.outer, 0.8, 1.5)):
        yield (
            f'<path d="{path}" fill="none" stroke="{INK}" stroke-opacity="{opacity}" '
            f'stroke-width="{width}" stroke-linejoin="round" pointer-events="none"/>'
        )


def _fill(value: float | None, scale: MapScale, hatch_id: str) -> tuple[str, float]:
    if value is None:
        return f"url(#{hatch_id})", 1.0
    return ACCENT, tint_of(scale.class_of(value), len(scale.labels))


def _tooltip(label: str, element: str = "path") -> str:
    return f"><title>{plain(label)}</title></{element}>" if label else "/>"


def _areas(frame: MapFrame, areas: Sequence[AreaShape]) -> Iterable[str]:
    for area in areas:
        line = AREA_LINES[area.kind]
        outline = to_equal_area(area.geometry).simplify(SIMPLIFY_AREA_M)
        fill = f'fill="{line.colour}" fill-opacity=".14"' if line.is_filled else 'fill="none"'
        yield (
            f'<path d="{frame.path(outline)}" {fill} stroke="{line.colour}" '
            f'stroke-width="{line.width}" stroke-dasharray="{line.dashes}"{_tooltip(area.name)}'
        )


def _cells(frame: MapFrame, layer: MapLayer, hatch_id: str) -> Iterable[str]:
    if layer.scale is None or not layer.cells:
        return
    looks: dict[tuple[str, float], list[tuple[str, str]]] = defaultdict(list)
    for cell in layer.cells:
        path = path_of(frame.of(cell.corners))
        looks[_fill(cell.value, layer.scale, hatch_id)].append((path, cell.label))
    is_told = len(layer.cells) <= MOST_WITH_LABELS
    first = frame.of(layer.cells[0].corners)
    rim = 0.5 if max(x for x, _ in first) - min(x for x, _ in first) > SMALL_CELL else 0
    for (fill, opacity), cells in sorted(looks.items(), key=lambda look: look[0][1]):
        style = f'fill="{fill}" fill-opacity="{opacity:.2f}" stroke="{INK}" stroke-width=".7"'
        yield from _drawn(cells, f'{style} stroke-opacity="{rim}"', is_told=is_told)


def _points(frame: MapFrame, layer: MapLayer) -> Iterable[str]:
    """Small marks over large ones; each kind has a colour and a shape."""
    order = {group.key: number for number, group in enumerate(layer.groups)}
    is_told = len(layer.points) <= MOST_WITH_LABELS
    looks: dict[tuple[float, int, bool], list[tuple[str, str]]] = defaultdict(list)
    for point, (x, y, radius) in zip(layer.points, _marks(frame, layer), strict=True):
        number = order.get(point.group, 0)
        if not is_told:  # whole units: marks on one spot become one, and the text stays short
            x, y, radius = round(x), round(y), round(radius)
        path = look_of(number).shape(x, y, radius)
        looks[radius, number, point.is_hollow].append((path, point.label))
    for (_, number, is_hollow), marks in sorted(looks.items(), reverse=True):
        colour = look_of(number).colour
        style = f'fill="{colour}" fill-opacity=".88" stroke="{PAPER}" stroke-width="1.1"'
        if is_hollow:
            style = f'fill="{PAPER}" fill-opacity=".6" stroke="{colour}" stroke-width="2.2"'
        yield from _drawn(marks, style, is_told=is_told)


def _marks(frame: MapFrame, layer: MapLayer) -> list[tuple[float, float, float]]:
    """Where the points of a layer lie on the drawing, and how large their marks are."""
    sizes = [point.size for point in layer.points]
    largest = max(sizes, default=0.0)
    plain = PLAIN_RADIUS if len(sizes) <= MOST_WITH_LABELS else SMALLEST
    is_sized = any(size < largest for size in sizes)
    places = frame.of([(one.latitude, one.longitude) for one in layer.points])
    return [
        (x, y, round(radius_of(size, largest), 1) if is_sized else plain)
        for (x, y), size in zip(places, sizes, strict=True)
    ]


def _drawn(marks: Sequence[tuple[str, str]], style: str, *, is_told: bool) -> Iterable[str]:
    """Marks of one look, each with its words, or all in one path when there are very many."""
    if is_told:
        inside = "".join(f'<path d="{path}"{_tooltip(label)}' for path, label in marks)
        yield f"<g {style}>{inside}</g>"
    else:
        joined = "".join(dict.fromkeys(path for path, _ in marks))  # same place, same mark: once
        yield f'<path {style} d="{joined}"/>'


def _scale_bar(frame: MapFrame) -> str:
    length = SCALE_BAR_KM * 1000 / frame.metres_per_unit
    x, y = MARGIN + 6, frame.height - MARGIN - 4
    words = (0, f"{SCALE_BAR_KM // 2}", f"{SCALE_BAR_KM} km")
    told = "".join(
        f'<text x="{x + length * step / 2:.1f}" y="{y - 9}" font-size="11.5" '
        f'text-anchor="middle">{word}</text>'
        for step, word in enumerate(words)
    )
    half = f"{length / 2:.1f}"
    return (
        f'<path d="M{x} {y - 4}v5h{length:.1f}v-5M{x + length / 2:.1f} {y - 3}v4" fill="none" '
        f'stroke="{INK}" stroke-width="1.4"/><path d="M{x} {y - 1}h{half}v2h-{half}z"/>{told}'
    )


def _outside(frame: MapFrame, marks: Sequence[tuple[float, float, float]]) -> int:
    return sum(not (0 <= x <= WIDTH and 0 <= y <= frame.height) for x, y, _ in marks)


def _note(top: float, outside: int) -> tuple[str, float]:
    """What the reader of the drawing must know of its outlines, in small letters."""
    lines = [
        tr(
            "Outlines assign records to counties; they are not for publication. "
            "Equal-area projection, WGS-84.",
            "界线仅用于记录归属县域，不得用于公开出版。等积投影，WGS-84。",
        )
    ]
    if outside:
        lines.append(
            tr(f"{outside} place(s) lie outside this map.", f"有 {outside} 处位于图幅之外。")
        )
    told = "".join(
        f'<text x="{MARGIN}" y="{top + 2 + 16 * number:.0f}" font-size="12" '
        f'fill-opacity=".66">{plain(line)}</text>'
        for number, line in enumerate(lines)
    )
    return told, top + 16 * len(lines)
