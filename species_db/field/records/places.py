"""Where a field record was made: a plot, a county, coordinates with their datum; and how high.

Stored is WGS-84. CGCS2000 is equal to it within centimetres; GCJ-02, which consumer maps show, is
off by hundreds of metres and is converted, and that is said (DOMAIN.md 14, STANDARDS.md 5).
Messages tell distances and never coordinates.
"""

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from species_db.cells import read_number, read_place
from species_db.field.placing import SETTINGS, distance_m
from species_db.field.records.known import Known, PlotFact
from species_db.field.records.terms import find_term
from species_db.field_sheet import Mistakes, SheetRow
from species_db.gcj02 import from_gcj02
from species_db.language import did_you_mean, tr
from species_db.places import COUNTIES, County, find_county

if TYPE_CHECKING:
    from species_db.geo import Atlas

GPS_UNCERTAINTY_M = 30  # the usual figure for GPS (DOMAIN.md 8)
UNCERTAINTIES_M = (1, 100_000)
ELEVATIONS_M = (100, 7_800)  # the prefecture lies between 155 m and 7,782 m (DOMAIN.md 15)
GCJ02 = "GCJ-02"
SOURCES = {"WGS-84": "wgs84", "CGCS2000": "cgcs2000", GCJ02: "gcj02"}
PLOT = "plot"
# How far an outline may run from the border on the ground: its own drawing, and GCJ-02 undone.
OUTLINE_UNCERTAINTY_M = 500


@dataclass(frozen=True)
class Place:
    """Where a record lies, in WGS-84; `position_source` tells how the place was given."""

    plot_id: str | None = None
    county: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    uncertainty_m: int | None = None
    position_source: str = ""
    elevation_m: float | None = None
    elevation_source: str = ""


def read_where(row: SheetRow, known: Known, mistakes: Mistakes, notes: list[str]) -> Place:
    """Read where a record was made; without coordinates it lies where its plot does."""
    plot = _plot(row, known, mistakes)
    county = _county(row, plot, mistakes)
    place = Place(plot.plot_id if plot else None, None if plot else county)
    outlines = known.counties
    uncertainty = read_number(row, "uncertainty_m", *UNCERTAINTIES_M, mistakes)
    if row.text("latitude") or row.text("longitude"):
        place = _given(row, place, uncertainty, mistakes, notes)
        if place.latitude is not None and place.longitude is not None:
            here = (place.latitude, place.longitude)
            if outlines is not None:
                place = _held_against_outlines(row, place, here, outlines, mistakes, notes)
            _say_if_far(row, here, plot, notes)
    elif plot is not None and plot.latitude is not None:
        place = replace(
            place,
            latitude=plot.latitude,
            longitude=plot.longitude,
            uncertainty_m=ceil(plot.radius_m or SETTINGS.default_radius_m),
            position_source=PLOT,
        )
    if not (place.county or row.text("county") or row.text("plot")):
        why = tr(
            "give the plot, or the county when the record lies off all plots.",
            "请填写样地；不在样地内时请填写县（区、市）。",
        )
        mistakes.add(row, "county", why)
    return _with_height(row, place, plot, mistakes)


def _plot(row: SheetRow, known: Known, mistakes: Mistakes) -> PlotFact | None:
    code = row.text("plot")
    if not code:
        return None
    plot = known.plots.get(code) or known.plots.get(code.split()[0])
    if plot is None:  # lz-041
        same = [one for name, one in known.plots.items() if name.casefold() == code.casefold()]
        plot = same[0] if len(same) == 1 else None
    if plot is None:
        hint = did_you_mean(code, known.plots.keys())
        why = tr(f"there is no plot '{code}'.{hint}", f"没有样地“{code}”。{hint}")
        mistakes.add(row, "plot", why)
    return plot


def _county(row: SheetRow, plot: PlotFact | None, mistakes: Mistakes) -> str | None:
    text = row.text("county")
    if not text:
        return None
    county = find_county(text)
    if county is None:
        names = [one.name_zh for one in COUNTIES.values()]
        names += [one.name_en.rsplit(" ", 1)[0] for one in COUNTIES.values()]
        hint = did_you_mean(text, names)
        why = tr(f"there is no county '{text}'.{hint}", f"没有“{text}”这个县（区、市）。{hint}")
        mistakes.add(row, "county", why)
        return None
    if plot is not None and plot.county and plot.county != county.code:
        there = COUNTIES[plot.county]
        why = tr(
            f"plot {plot.plot_id} lies in {there.name_en}, not here.",
            f"样地 {plot.plot_id} 位于{there.name_zh}。",
        )
        mistakes.add(row, "county", why)
    return county.code


def _given(
    row: SheetRow,
    place: Place,
    uncertainty: float | None,
    mistakes: Mistakes,
    notes: list[str],
) -> Place:
    for column in ("latitude", "longitude"):
        if not row.text(column):
            mistakes.add(row, column, tr("the other half is missing.", "缺少另一半坐标。"))
            return place
    datum = find_term("datum", row.text("datum"))
    if datum is None:
        why = tr(
            f"'{row.text('datum')}' is no datum; with coordinates choose WGS-84, CGCS2000 or "
            "GCJ-02.",
            f"“{row.text('datum')}”不是坐标系；有坐标时请选择 WGS-84、CGCS2000 或 GCJ-02。",
        )
        mistakes.add(row, "datum", why)
    here = read_place(row, mistakes, [])  # told by the outlines, which know better than a box
    if here is None or datum is None:
        return place
    if datum.value == GCJ02:
        told, here = here, from_gcj02(*here)
        here = (round(here[0], 6), round(here[1], 6))
        moved = round(distance_m(told, here))
        notes.append(
            _at(
                row,
                f"GCJ-02 converted to WGS-84, moved by {moved} m.",
                f"GCJ-02 已转换为 WGS-84，移动 {moved} 米。",
            )
        )
    return replace(
        place,
        latitude=here[0],
        longitude=here[1],
        uncertainty_m=ceil(uncertainty or GPS_UNCERTAINTY_M),
        position_source=SOURCES[datum.value],
    )


def _held_against_outlines(
    row: SheetRow,
    place: Place,
    here: tuple[float, float],
    outlines: "Atlas",
    mistakes: Mistakes,
    notes: list[str],
) -> Place:
    """Fill in the county of a place, say when it lies outside, and refuse a contradiction.

    Off all plots only: on a plot the plot's county counts, and the distance from it is told.
    """
    found = {area.code for area in outlines.at(here)}
    if not found and (nearest := outlines.nearest(here)) is not None:
        away = _told_distance(nearest.distance_m)
        english = f"the point lies outside Linzhi by {away}; check it."
        notes.append(_at(row, english, f"该点在林芝范围之外 {away}，请核对。"))
        return place
    if place.plot_id or row.text("plot") or place.county in found:
        return place
    there = COUNTIES[min(found)]
    if place.county is None:
        return place if row.text("county") else replace(place, county=there.code)
    stated = COUNTIES[place.county]
    off = {one.area.code: one.distance_m for one in outlines.distances(here)}
    _say_other_county(row, place, stated, there, off.get(stated.code, 0.0), mistakes, notes)
    return place


def _say_other_county(
    row: SheetRow,
    place: Place,
    stated: County,
    there: County,
    off_m: float,
    mistakes: Mistakes,
    notes: list[str],
) -> None:
    """Near the border nobody can tell; further off, the county or the point is wrong."""
    away = _told_distance(off_m)
    english = f"the point lies in {there.name_en}, {away} from {stated.name_en}"
    chinese = f"该点位于{there.name_zh}，距{stated.name_zh} {away}"
    if off_m <= OUTLINE_UNCERTAINTY_M + (place.uncertainty_m or 0):
        notes.append(
            _at(row, f"{english}, near the border; check it.", f"{chinese}，靠近县界，请核对。")
        )
        return
    why = tr(f"{english}; mend the county or the point.", f"{chinese}；请更正县或坐标。")
    mistakes.add(row, "county", why)


def _told_distance(metres: float) -> str:
    return f"{metres:,.0f} m" if metres < 1000 else f"{metres / 1000:,.1f} km"


def _say_if_far(
    row: SheetRow, here: tuple[float, float], plot: PlotFact | None, notes: list[str]
) -> None:
    if plot is None or plot.latitude is None or plot.longitude is None:
        return
    away = distance_m(here, (plot.latitude, plot.longitude))
    if away > (plot.radius_m or SETTINGS.default_radius_m):
        english = f"the point lies {away:,.0f} m from the middle of plot {plot.plot_id}; check it."
        chinese = f"该点距样地 {plot.plot_id} 中心 {away:,.0f} 米，请核对。"
        notes.append(_at(row, english, chinese))


def _with_height(row: SheetRow, place: Place, plot: PlotFact | None, mistakes: Mistakes) -> Place:
    height = read_number(row, "elevation_m", *ELEVATIONS_M, mistakes)
    if not row.text("elevation_m"):
        if plot is None or plot.elevation_m is None:
            return place
        return replace(place, elevation_m=plot.elevation_m, elevation_source=PLOT)
    source = find_term("elevation_source", row.text("elevation_source"))
    if source is None:
        why = tr(
            "say where the elevation comes from: GPS, barometer, map or elevation model.",
            "请说明海拔来源：GPS、气压计、地图或高程模型。",
        )
        mistakes.add(row, "elevation_source", why)
        return place
    return replace(place, elevation_m=height, elevation_source=source.value)


def _at(row: SheetRow, english: str, chinese: str) -> str:
    if not row.number:  # of the form
        return tr(english[0].upper() + english[1:], chinese)
    return tr(f"line {row.number}: {english}", f"第 {row.number} 行：{chinese}")
