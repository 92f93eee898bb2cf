"""The maps of a pack: counties with their values, and squares as the gate releases places.

A square is 0.1 degrees wide and follows from released points, so that maps and tables together
tell no more than the tables alone. What the gate withholds is not drawn, and counted.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from species_db.evaluation.basis import Basis
from species_db.evaluation.findings import Findings
from species_db.evaluation.invaders import SIDE_DEGREES, Square
from species_db.evaluation.protected import TaxonResult
from species_db.evaluation.words import value_text
from species_db.geo import AreaShape, areas_in_force
from species_db.geo.map import MapCell, MapCounty, MapLayer, MapScale, draw_map
from species_db.language import speaking
from species_db.places import COUNTIES
from species_db.sensitivity import round_to_cell
from species_db.vocabulary import AreaKind

CLASSES = 4  # steps of tint that people still tell apart in print
NOBODY = "未监测 nobody watched"
HALF = SIDE_DEGREES / Decimal(2)


@dataclass(frozen=True)
class PackMap:
    """A drawing with its captions; `withheld` stations are not on it."""

    name: str
    zh: str
    en: str
    svg: str
    withheld: int = 0
    values: tuple[tuple[str, float | None], ...] = ()  # by county, where it tells counties
    scale: MapScale | None = None


def county_map(basis: Basis, findings: Findings, indicator_id: str, *, zh: str, en: str) -> PackMap:
    """The counties tinted by one indicator of the period reported, the value under each name."""
    told = {code: findings.of(indicator_id, code) for code in sorted(COUNTIES)}
    known = [one.after.value for one in told.values() if one.after.value is not None]
    unit = next(iter(told.values())).indicator
    scale = scale_of(known, unit.unit_zh, lambda value: value_text(unit, value))
    counties = [
        MapCounty(
            code,
            one.after.value,
            text=value_text(unit, one.after.value) if one.after.value is not None else "—",
            label=f"{COUNTIES[code].name_zh} {value_text(unit, one.after.value)}",
        )
        for code, one in told.items()
    ]
    layer = MapLayer(scale=scale, counties=counties)
    values = tuple((code, one.after.value) for code, one in told.items())
    svg = _drawn(basis, [layer], zh, en)
    study = basis.after.study
    untold = {study.station_of_unit[unit] for unit, days in study.effort.items() if days > 0}
    untold = {one for one in untold if not study.stations[one].county}
    return PackMap(indicator_id, zh, en, svg, len(untold), values=values, scale=scale)


def watched_map(basis: Basis) -> PackMap:
    """Camera-days of the period reported by square."""
    zh, en = "红外相机工作量（0.1° 网格）", "camera-days by square of 0.1°"
    days, withheld = _by_square(basis, basis.after.days())
    scale = scale_of(list(days.values()), "相机日 camera-days", lambda value: f"{value:,.0f}")
    cells = [_cell(square, total, f"{total:,.0f}") for square, total in sorted(days.items())]
    layer = MapLayer(scale=scale, cells=cells)
    return PackMap("camera-days", zh, en, _drawn(basis, [layer], zh, en), withheld)


def taxon_map(basis: Basis, one: TaxonResult) -> PackMap:
    """Squares with events of a taxon, and those watched without one, in the period reported."""
    until = basis.told_until({one.taxon_id})
    watched, withheld = _by_square(basis, basis.after.days(until))
    events, _ = _by_square(basis, basis.after.counts({one.taxon_id}, until))
    zh, en = f"{one.zh or one.scientific_name}：记录网格", f"{one.scientific_name}: squares"
    scale = MapScale(
        "独立事件 events",
        (0.0, 1.0, 5.0, 20.0),
        ("0（已监测 watched）", "1–4", "5–19", "20+"),
        NOBODY,
    )
    squares = {square: events.get(square, 0.0) for square in {*watched, *events}}
    cells = [_cell(square, number, f"{number:.0f}") for square, number in sorted(squares.items())]
    layer = MapLayer(scale=scale, cells=cells)
    return PackMap(f"taxon {one.scientific_name}", zh, en,
                   _drawn(basis, [layer], zh, en), withheld)  # fmt: skip


def invader_map(basis: Basis, findings: Findings) -> PackMap:
    """Squares searched for invaders in the period reported, and how many of them were there."""
    zh, en = "外来入侵物种：调查与发现网格", "invasive taxa: squares searched, and taxa found"
    searched = {square for one in findings.invaders for square in one.after.searched}
    found: dict[Square, int] = defaultdict(int)
    for one in findings.invaders:
        for square in one.after.squares:
            found[square] += 1
    scale = MapScale(
        "入侵物种种数 taxa",
        (0.0, 1.0, 2.0, 5.0),
        ("0（已调查 searched）", "1", "2–4", "5+"),
        NOBODY,
    )
    cells = [
        _cell(square, float(found.get(square, 0)), f"{found.get(square, 0)}")
        for square in sorted(searched | found.keys())
    ]
    return PackMap("invaders", zh, en, _drawn(basis, [MapLayer(scale=scale, cells=cells)], zh, en))


def scale_of(values: Sequence[float], title: str, told: Callable[[float], str]) -> MapScale:
    """Classes of about as many values each, their edges rounded as the values are written.

    >>> scale = scale_of([1, 2, 3, 4, 50], "n", lambda value: f"{value:.0f}")
    >>> scale.labels
    ('1–2', '2–3', '3–4', '4–50')
    >>> scale_of([7.0, 7.0], "n", lambda value: f"{value:.0f}").labels
    ('7',)
    """
    known = sorted(values)
    if not known:
        return MapScale(title, (0.0,), ("—",), NOBODY)
    steps = [known[len(known) * number // CLASSES] for number in range(CLASSES)]
    edges = sorted(set(steps))
    ends = [*edges[1:], known[-1]]
    labels = tuple(
        told(low) if told(low) == told(high) else f"{told(low)}–{told(high)}"
        for low, high in zip(edges, ends, strict=True)
    )
    return MapScale(title, tuple(edges), labels, NOBODY)


def _by_square(basis: Basis, numbers: Mapping[str, float]) -> tuple[dict[Square, float], int]:
    """Numbers by station as sums by square, and at how many stations they are withheld."""
    told: dict[Square, float] = defaultdict(float)
    withheld = 0
    for unit, number in sorted(numbers.items()):
        facts = basis.after.study.stations[unit]
        if facts.latitude is None or facts.longitude is None:
            withheld += 1
            continue
        square = (
            round_to_cell(facts.latitude, SIDE_DEGREES),
            round_to_cell(facts.longitude, SIDE_DEGREES),
        )
        told[square] += number
    return dict(told), withheld


def _cell(square: Square, value: float, label: str) -> MapCell:
    south, west = (float(middle - HALF) for middle in square)
    return MapCell.of_degrees(south, west, size=float(SIDE_DEGREES), value=value, label=label)


def _drawn(basis: Basis, layers: Sequence[MapLayer], zh: str, en: str) -> str:
    with speaking("zh"):
        return draw_map(layers, title=zh, description=en, areas=outlines(basis))


def outlines(basis: Basis) -> tuple[AreaShape, ...]:
    """The counties as they were on the day of the freeze."""
    return areas_in_force(basis.session, [AreaKind.COUNTY], on=basis.freeze.gate_on)
