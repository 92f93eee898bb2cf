"""The two drawings of a bulletin: a year's effort in bars, and the county in squares.

Plain SVG without words of any place; everything is told apart by shape and lightness, so that a
black-and-white printer loses nothing.
"""

from collections.abc import Sequence

from species_db.bulletin.parts import EffortMonth, Square
from species_db.geo.areas import counties_of_package
from species_db.geo.map_frame import Base, base_of, path_of
from species_db.geo.map_values import MapCell
from species_db.geo.outlines import OutlineError
from species_db.invasive.picture import SIDE_DEGREES

BAR, GAP, HIGH = 20.0, 6.0, 40.0  # units of the drawing of effort
LABEL_EVERY = 3  # months: with each one named, letters would touch
MAP_SHAPE = 1.2  # width by height
MAP_UNITS = 300.0  # wide; lines are drawn in these
ROOM = 1.12  # around the county


def effort_bars(months: Sequence[EffortMonth]) -> str:
    """Camera-days by month; this month and the same of a year ago are dark, unknown is a `?`."""
    most = max((one.camera_days or 0 for one in months), default=0) or 1
    width = len(months) * (BAR + GAP)
    parts = [f'<path d="M0 {HIGH + 16}h{width:.0f}" stroke="#888" stroke-width="1"/>']
    for number, one in enumerate(months):
        x, middle = number * (BAR + GAP) + GAP / 2, number * (BAR + GAP) + (BAR + GAP) / 2
        is_told = one.month in (months[-1].month, months[-1].month.year_before)
        if one.camera_days is None:
            parts.append(_word(middle, HIGH + 11, "?", "#888", size=13))
        else:
            height = max(2.0, HIGH * one.camera_days / most)
            fill = "#1f5f4a" if is_told else "#a9c8bb"
            parts.append(
                f'<path d="M{x:.0f} {HIGH + 16 - height:.1f}h{BAR:.0f}v{height:.1f}h-{BAR:.0f}z" '
                f'fill="{fill}"/>'
            )
            if is_told:
                above = HIGH + 12 - height
                parts.append(_word(middle, above, f"{one.camera_days:,}", "#111", size=12))
        if is_told or number % LABEL_EVERY == 0:
            name = f"{one.month.year % 100:02d}-{one.month.number:02d}"
            parts.append(_word(middle, HIGH + 29, name, "#333", size=11))
    return (
        f'<svg viewBox="-8 0 {width + 16:.0f} {HIGH + 33:.0f}" width="100%" role="img" '
        f'aria-hidden="true">{"".join(parts)}</svg>'
    )


def county_map(code: str, squares: Sequence[Square]) -> str:
    """The county's outline with its squares; empty where no outlines are installed."""
    try:
        base = base_of(tuple(counties_of_package()))
    except OutlineError:
        return ""
    left, top, width, height = _window(base, code)
    unit = width / MAP_UNITS
    parts = [
        f'<path d="{base.frame.path(base.outlines[code])}" fill="#e4efe9"/>',
        f'<path d="{base.inner}{base.outer}" fill="none" stroke="#9aa39f" '
        f'stroke-width="{unit:.2f}"/>',
        f'<path d="{base.frame.path(base.outlines[code])}" fill="none" stroke="#1f5f4a" '
        f'stroke-width="{2.2 * unit:.2f}" stroke-linejoin="round"/>',
        *(_square(base, one, unit) for one in squares if one.has_cameras),
        *(_mark(base, one, unit) for one in squares if one.has_invaders),
    ]
    return (
        f'<svg viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}" width="100%" role="img" '
        f'aria-hidden="true">{"".join(parts)}</svg>'
    )


def _window(base: Base, code: str) -> tuple[float, float, float, float]:
    """The part of the prefecture's drawing that shows a county with room around it."""
    west, south, east, north = base.outlines[code].bounds
    left, top = base.frame.of_plane(west, north)
    right, bottom = base.frame.of_plane(east, south)
    width = max(right - left, MAP_SHAPE * (bottom - top)) * ROOM
    height = width / MAP_SHAPE
    return (left + right - width) / 2, (top + bottom - height) / 2, width, height


def _square(base: Base, one: Square, unit: float) -> str:
    corner = one.latitude - SIDE_DEGREES / 2, one.longitude - SIDE_DEGREES / 2
    cell = MapCell.of_degrees(*corner, size=SIDE_DEGREES, value=None)
    path = path_of(base.frame.of(cell.corners))
    return (
        f'<path d="{path}" fill="#1f5f4a" fill-opacity=".5" stroke="#1f5f4a" '
        f'stroke-width="{unit:.2f}"/>'
    )


def _mark(base: Base, one: Square, unit: float) -> str:
    """A diamond: full for invaders that are new this month, hollow for those known before."""
    (x, y), (beside, _) = base.frame.of(
        [(one.latitude, one.longitude), (one.latitude, one.longitude + SIDE_DEGREES)]
    )
    r = max(6.0 * unit, 0.45 * (beside - x))
    look = f'fill="#c2410c" stroke="#fff" stroke-width="{1.2 * unit:.2f}"'
    if not one.is_new:
        r *= 0.8
        look = f'fill="#fff" stroke="#c2410c" stroke-width="{2.4 * unit:.2f}"'
    path = path_of([(x, y - r), (x + r, y), (x, y + r), (x - r, y)])
    return f'<path d="{path}" {look}/>'


def _word(x: float, y: float, text: str, fill: str, *, size: int) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" '
        f'text-anchor="middle">{text}</text>'
    )
