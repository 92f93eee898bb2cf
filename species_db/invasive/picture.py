"""The map of invaders: where they were found, since when, and where people looked in vain.

Drawn in squares of 0.1 degrees, some ten kilometres, of places as the gate releases them: the
square follows from the released point, so that the map and a table together tell no more than the
table alone. What the gate withholds is counted and not drawn.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, select

from species_db.geo.areas import AreaShape
from species_db.geo.map import MapCell, MapGroup, MapLayer, MapPoint, MapScale, draw_map
from species_db.invasive.effort import PLOT, RECORD, STATION, Node
from species_db.invasive.overview import InvasiveTaxon
from species_db.invasive.sightings import Sighting, field_records
from species_db.language import tr
from species_db.sensitivity import Gate, ReleasedPlace, open_gate, round_to_cell
from species_db.survey import SurveySettings
from species_db.tables import CameraStation, Plot

SIDE = Decimal("0.1")  # as coarse as the strictest places that are drawn at all
SIDE_DEGREES = float(SIDE)
RECENT_YEARS = 3  # of monitoring, as the plan reviews projects every three years

Middle = tuple[Decimal, Decimal]  # of a square: latitude and longitude


@dataclass(frozen=True)
class InvasiveMap:
    """The drawing, and how many places the gate withholds even from it."""

    svg: str
    withheld: int


@dataclass
class _Square:
    first: int | None = None
    last: int | None = None
    records: int = 0
    searched: int | None = None  # the last year
    is_confirmed: bool = False


def invasive_map(
    session: Session,
    survey_settings: SurveySettings,
    rows: Sequence[InvasiveTaxon],
    *,
    title: str,
    year: int,
    areas: Sequence[AreaShape] = (),
) -> InvasiveMap:
    """Draw squares searched in vain, squares with records, and in which year each began.

    `year` is the one that the newest class of marks is of.

    Raises:
        OutlineError: no county outlines are given, and the package that holds them is missing.
    """
    middles, withheld = _released(session, open_gate(session, survey_settings), rows)
    squares = _squares(rows, middles)
    found = sum(one.records > 0 for one in squares.values())
    empty = sum(not one.records for one in squares.values())
    described = tr(
        f"{found} squares of 0.1 degrees with records, {empty} searched without one.",
        f"有记录的 0.1 度方格 {found} 个，调查过但未发现的 {empty} 个。",
    )
    svg = draw_map(_layers(squares, year), title=title, description=described, areas=areas)
    return InvasiveMap(svg, withheld)


def _released(
    session: Session, gate: Gate, rows: Sequence[InvasiveTaxon]
) -> tuple[dict[Node, Middle], int]:
    """The square of each station, plot and record, as its released point has it."""
    wanted = {node for row in rows for nodes in row.effort.nodes.values() for node in nodes}
    wanted |= {_node(one) for row in rows for one in row.found if one.place is not None}
    records = field_records(session, [own_id for kind, own_id in wanted if kind == RECORD])
    places: dict[Node, ReleasedPlace] = {
        (RECORD, own_id): gate.field_place(record) for own_id, record in records.items()
    }
    for plot in session.exec(select(Plot)):
        places[PLOT, plot.plot_id] = gate.plot_place(plot)
    for station in session.exec(select(CameraStation)):
        places[STATION, station.location_id] = gate.place(station)
    told, withheld = dict[Node, Middle](), 0
    for node in wanted:
        place = places.get(node)
        if place is None or place.latitude is None or place.longitude is None:
            withheld += 1
        else:
            told[node] = _middle(place.latitude), _middle(place.longitude)
    return told, withheld


def _middle(degrees: Decimal) -> Decimal:
    return round_to_cell(float(degrees), SIDE)


def _node(one: Sighting) -> Node:
    """What stands where a record was made: its station, its plot, or the record by itself."""
    if one.location_id:
        return STATION, one.location_id
    return (PLOT, one.plot_id) if one.is_of_plot else (RECORD, one.record_id)


def _squares(
    rows: Iterable[InvasiveTaxon], middles: Mapping[Node, Middle]
) -> dict[Middle, _Square]:
    squares = defaultdict[Middle, _Square](_Square)
    for row in rows:
        for one in row.found:
            middle = middles.get(_node(one))
            if middle is None or one.on is None or not one.is_present:
                continue
            at, year = squares[middle], one.on.year
            at.first, at.last = min(at.first or year, year), max(at.last or year, year)
            at.records += 1
            at.is_confirmed |= one.is_confirmed
        for year, nodes in row.effort.nodes.items():
            for node in nodes:
                if (middle := middles.get(node)) is not None:
                    squares[middle].searched = max(squares[middle].searched or year, year)
    return dict(squares)


def _layers(squares: Mapping[Middle, _Square], year: int) -> list[MapLayer]:
    """The effort as tinted squares, and over it a mark for each square with records."""
    since = year - RECENT_YEARS + 1
    scale = MapScale(
        tr("searched", "调查过"),
        (0.0, float(since)),
        (tr(f"before {since} only", f"仅 {since} 年前"), tr(f"since {since}", f"{since} 年以来")),
        tr("not searched, met in passing", "未专门调查，偶然记录"),
    )
    cells = [
        MapCell.of_degrees(
            float(middle[0]) - SIDE_DEGREES / 2,
            float(middle[1]) - SIDE_DEGREES / 2,
            size=SIDE_DEGREES,
            value=None if one.searched is None else float(one.searched),
            label=_label(one),
        )
        for middle, one in sorted(squares.items())
    ]
    points = [
        MapPoint(
            float(middle[0]),
            float(middle[1]),
            group=_class_of(one.first, year),
            size=one.records,
            label=_label(one),
            is_hollow=not one.is_confirmed,
        )
        for middle, one in sorted(squares.items())
        if one.first is not None
    ]
    groups = [
        MapGroup("old", tr(f"before {since}", f"{since} 年前")),
        MapGroup("recent", f"{since}–{year - 1}" + tr("", " 年")),
        MapGroup("new", tr(f"new in {year}", f"{year} 年新增")),
    ]
    title, sizes = tr("first found", "首次发现"), tr("records", "记录数")
    return [
        MapLayer(scale=scale, cells=cells),
        MapLayer(title=title, groups=groups, points=points, size_title=sizes),
    ]


def _class_of(first: int, year: int) -> str:
    if first >= year:
        return "new"
    return "recent" if first > year - RECENT_YEARS else "old"


def _label(one: _Square) -> str:
    if not one.records:
        return tr(
            f"searched, last in {one.searched}; not found", f"最近调查 {one.searched} 年，未发现"
        )
    doubt = "" if one.is_confirmed else tr("; not confirmed", "；未确认")
    return tr(
        f"{one.records} records, {one.first} to {one.last}{doubt}",
        f"记录 {one.records} 条，{one.first} 至 {one.last} 年{doubt}",
    )
