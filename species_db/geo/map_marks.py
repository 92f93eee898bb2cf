"""How things look on a map: shapes and colours that the colour-blind tell apart, and patterns.

Ink is the text colour of the page, paper its background, so that a map fits a light and a dark
page alike; tints of the accent stand for quantities.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from math import sqrt

from species_db.vocabulary import AreaKind

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
INK = "currentColor"
PAPER = "var(--map-paper, Canvas)"
ACCENT = "var(--map-accent, #2a9d8f)"
FONT = "system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
# Okabe and Ito (2008), the five that show on white and on black; each with a shape of its own.
COLOURS = ("#d55e00", "#56b4e9", "#009e73", "#e69f00", "#cc79a7", "#8a8f96")
SMALLEST, LARGEST = 5.0, 17.0  # radius in units; 5 is 4 px on a page of 600 px
TINTS = (0.20, 0.92)  # of the accent, for the lowest and the highest class


def plain(text: str) -> str:
    """Words as a drawing may hold them: markup is text, and signs that no XML may hold are gone.

    >>> plain("MT-01 <b>")
    'MT-01 &lt;b&gt;'
    """
    return escape(NOT_XML.sub("", text))


@dataclass(frozen=True)
class Look:
    """Colour and shape of one kind of point."""

    colour: str
    shape: Callable[[float, float, float], str]


def look_of(number: int) -> Look:
    """The look of the kind at a place in the legend; after six, shapes begin anew."""
    return Look(COLOURS[number % len(COLOURS)], SHAPES[number % len(SHAPES)])


def radius_of(size: float, largest: float) -> float:
    """The radius of a mark whose area is in proportion to its size, never too small to see."""
    return SMALLEST + (LARGEST - SMALLEST) * sqrt(max(size, 0.0) / largest) if largest else SMALLEST


def tint_of(number: int, count: int) -> float:
    """How opaque the accent is for a class: more is stronger, on white as on black.

    >>> [round(tint_of(n, 3), 2) for n in range(3)]
    [0.2, 0.56, 0.92]
    """
    low, high = TINTS
    return high if count < 2 else low + (high - low) * number / (count - 1)


def _circle(x: float, y: float, r: float) -> str:
    d = _n(2 * r)
    return f"M{_n(x - r)} {_n(y)}a{_n(r)} {_n(r)} 0 1 0 {d} 0a{_n(r)} {_n(r)} 0 1 0-{d} 0z"


def _square(x: float, y: float, r: float) -> str:
    half = r * 0.89
    return f"M{_n(x - half)} {_n(y - half)}h{_n(2 * half)}v{_n(2 * half)}h-{_n(2 * half)}z"


def _triangle(x: float, y: float, r: float) -> str:
    half, up, down = r * 1.35, r * 1.45, r * 0.89
    return f"M{_n(x)} {_n(y - up)}L{_n(x + half)} {_n(y + down)}H{_n(x - half)}z"


def _diamond(x: float, y: float, r: float) -> str:
    half = _n(r * 1.25)
    return f"M{_n(x)} {_n(y - r * 1.25)}l{half} {half}-{half} {half}-{half}-{half}z"


def _plus(x: float, y: float, r: float) -> str:
    arm, half = r * 1.2, r * 0.42
    side = _n(arm - half)
    wide = _n(2 * half)
    start = f"M{_n(x - half)} {_n(y - arm)}h{wide}v{side}h{side}v{wide}h-{side}v{side}"
    return f"{start}h-{wide}v-{side}h-{side}v-{wide}h{side}z"


def _wedge(x: float, y: float, r: float) -> str:
    half, up, down = r * 1.35, r * 0.89, r * 1.45
    return f"M{_n(x)} {_n(y + down)}L{_n(x - half)} {_n(y - up)}H{_n(x + half)}z"


SHAPES = (_circle, _square, _triangle, _diamond, _plus, _wedge)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Line:
    """How the outline of a kind of area is drawn; dashes tell kinds apart without colour."""

    colour: str
    width: float
    dashes: str
    is_filled: bool = False


AREA_LINES = {
    AreaKind.RESERVE: Line("#3f9b5b", 2.2, "", is_filled=True),
    AreaKind.CORE_ZONE: Line("#3f9b5b", 2.2, "2 3", is_filled=True),
    AreaKind.RED_LINE: Line("#d1495b", 2.0, "9 4"),
    AreaKind.PROJECT: Line("#8a6fd1", 2.0, "9 3 2 3"),
    AreaKind.OTHER: Line("#8a8f96", 1.8, "4 4"),
}


def hatch(pattern_id: str) -> str:
    """The pattern of what is not known: thin slanted lines of ink."""
    return (
        f'<pattern id="{pattern_id}" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path d="M0 0v7" stroke="{INK}" stroke-opacity=".34" '
        'stroke-width="1.6"/></pattern>'
    )
