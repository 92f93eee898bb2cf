"""The legend of a map: marks with their words, in rows as wide as the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from species_db.geo.map_frame import MARGIN, WIDTH
from species_db.geo.map_marks import (
    ACCENT,
    AREA_LINES,
    INK,
    PAPER,
    look_of,
    plain,
    radius_of,
    tint_of,
)
from species_db.geo.map_values import MapLayer, MapScale
from species_db.language import tr
from species_db.vocabulary import AreaKind

TEXT, ROW, GAP = 14.5, 25, 20  # font size, height of a row, room between entries, in units


@dataclass(frozen=True)
class Entry:
    """One mark with its words; `mark` is SVG drawn around (0, 0), `room` its width."""

    mark: str
    words: str
    room: float
    is_title: bool = False


def draw_legend(lines: Sequence[Sequence[Entry]], top: float) -> tuple[str, float]:
    """Draw each line of entries, broken where it is too long; give the SVG and its lower edge."""
    told, y = [], top
    for line in lines:
        x = float(MARGIN)
        for entry in line:
            width = entry.room + text_width(entry.words) * (1.12 if entry.is_title else 1)
            if x > MARGIN and x + width > WIDTH - MARGIN:
                x, y = float(MARGIN), y + ROW
            told.append(_drawn(entry, x, y))
            x += width + GAP
        y += ROW
    return "".join(told), y


def text_width(text: str) -> float:
    """About how wide a text is: a Chinese sign is square, a Latin letter about half of that."""
    return sum(TEXT if ord(sign) > 0x2E80 else TEXT * 0.56 for sign in text)


def _drawn(entry: Entry, x: float, y: float) -> str:
    mark = f'<g transform="translate({x:.0f} {y:.0f})">{entry.mark}</g>' if entry.mark else ""
    weight = ' font-weight="600"' if entry.is_title else ""
    words = f'<text x="{x + entry.room:.0f}" y="{y + 5:.0f}"{weight}>{plain(entry.words)}</text>'
    return mark + words


def layer_lines(layer: MapLayer, hatch_id: str) -> list[list[Entry]]:
    """The legend of one layer: its kinds of point, its sizes and its steps of tint."""
    lines = []
    if kinds := _kinds(layer):
        lines.append(_titled(layer.title, kinds))
    if sizes := _sizes(layer):
        lines.append(_titled(layer.size_title, sizes))
    if layer.scale is not None:
        values = {one.value for one in layer.counties} | {one.value for one in layer.cells}
        lines.append(_titled(layer.scale.title, _steps(layer.scale, hatch_id, None in values)))
    return lines


def _titled(title: str, entries: list[Entry]) -> list[Entry]:
    return [Entry("", title, 0, is_title=True), *entries] if title else entries


def _kinds(layer: MapLayer) -> list[Entry]:
    told = []
    for number, group in enumerate(layer.groups):
        look = look_of(number)
        path = look.shape(9, 0, 7)
        mark = f'<path d="{path}" fill="{look.colour}" stroke="{PAPER}" stroke-width="1"/>'
        told.append(Entry(mark, group.label, 24))
    if any(point.is_hollow for point in layer.points):
        mark = f'<circle cx="9" r="6" fill="{PAPER}" stroke="{INK}" stroke-width="2"/>'
        told.append(
            Entry(mark, layer.hollow_label or tr("hollow: not confirmed", "空心：未确认"), 24)
        )
    return told


def _sizes(layer: MapLayer) -> list[Entry]:
    largest = max((point.size for point in layer.points), default=0)
    if not layer.size_title or not largest:
        return []
    is_count = all(point.size == int(point.size) for point in layer.points)
    shares = [_round_number(largest * share) for share in (0.1, 0.4, 1.0)]
    steps = sorted({max(1.0, one // 1) if is_count else one for one in shares})
    return [_size_entry(step, largest) for step in steps if 0 < step <= largest]


def _size_entry(size: float, largest: float) -> Entry:
    radius = radius_of(size, largest)
    mark = f'<circle cx="{radius:.1f}" r="{radius:.1f}" fill="none" stroke="{INK}"/>'
    return Entry(mark, f"{size:g}", 2 * radius + 6)


def _round_number(value: float) -> float:
    """One significant digit, downwards: legends speak of 20, not of 23.6."""
    if value < 1:
        return value
    ten: int = 10 ** (len(str(int(value))) - 1)
    return value // ten * ten


def _steps(scale: MapScale, hatch_id: str, has_unknown: bool) -> list[Entry]:
    count = len(scale.labels)
    told = [
        Entry(_swatch(ACCENT, f' fill-opacity="{tint_of(number, count):.2f}"'), label, 32)
        for number, label in enumerate(scale.labels)
    ]
    if has_unknown:
        words = scale.unknown_label or tr("not known", "未知")
        told.append(Entry(_swatch(f"url(#{hatch_id})", ""), words, 32))
    return told


def _swatch(fill: str, opacity: str) -> str:
    box = '<rect y="-8" width="25" height="16" rx="2"'
    return f'{box} fill="{fill}"{opacity} stroke="{INK}" stroke-opacity=".55"/>'


def area_lines(kinds: Sequence[AreaKind]) -> list[list[Entry]]:
    """The legend of areas: one entry for each kind that is drawn."""
    words = {
        AreaKind.RESERVE: tr("nature reserve", "自然保护区"),
        AreaKind.CORE_ZONE: tr("core zone", "核心区"),
        AreaKind.RED_LINE: tr("ecological red line", "生态保护红线"),
        AreaKind.PROJECT: tr("project area", "项目区"),
        AreaKind.OTHER: tr("other area", "其他区域"),
    }
    entries = [Entry(_line_mark(kind), words[kind], 36) for kind in words if kind in kinds]
    return [entries] if entries else []


def _line_mark(kind: AreaKind) -> str:
    line = AREA_LINES[kind]
    return (
        f'<path d="M0 0h28" stroke="{line.colour}" stroke-width="{line.width + 0.6}" '
        f'stroke-dasharray="{line.dashes}"/>'
    )
