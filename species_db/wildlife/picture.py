"""The map of a taxon by plot, at places as the gate would release them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from species_db.geo.areas import AreaShape
from species_db.geo.map import MapGroup, MapLayer, MapPoint, draw_map
from species_db.sensitivity import ReleasedPlace, open_gate
from species_db.survey import SurveySettings
from species_db.tables import CameraStation, Plot
from species_db.wildlife.parts import TaxonPage

FOUND, LOOKED = "found", "looked"


@dataclass(frozen=True)
class PlotPoints:
    """Plots to draw, and how many are withheld even from this map."""

    points: tuple[MapPoint, ...]
    withheld: int


@dataclass(frozen=True)
class MapWords:
    """What the map says, in the reader's language."""

    title: str
    description: str
    found: str
    looked: str
    size: str


def plot_points(session: Session, survey_settings: SurveySettings, page: TaxonPage) -> PlotPoints:
    """Each plot with records, or with camera-days and none, where the gate puts its stations."""
    gate = open_gate(session, survey_settings)
    placed: dict[str, list[ReleasedPlace]] = defaultdict(list)
    for station in session.exec(select(CameraStation)):
        placed[station.plot_id or ""].append(gate.place(station))
    for plot in session.exec(select(Plot)):
        if plot.plot_id not in placed:
            placed[plot.plot_id].append(gate.plot_place(plot))
    points, withheld = [], 0
    for one in page.counts.by_plot:
        found = one.camera.events + sum(each.records for each in one.field)
        if not found and one.camera.camera_days is None:
            continue
        middle = _middle(placed.get(one.key, ()))
        if middle is None:
            withheld += 1
            continue
        points.append(
            MapPoint(
                *middle,
                group=FOUND if found else LOOKED,
                size=float(max(found, 1)),
                label=f"{one.key}: {found}",
                is_hollow=not found,
            )
        )
    points.sort(key=lambda point: not point.is_hollow)  # what was found lies on top
    return PlotPoints(tuple(points), withheld)


def taxon_map(points: PlotPoints, words: MapWords, *, areas: Sequence[AreaShape] = ()) -> str:
    """Draw the plots as SVG.

    Raises:
        OutlineError: no county outlines are given, and the package that holds them is missing.
    """
    groups = [MapGroup(FOUND, words.found), MapGroup(LOOKED, words.looked)]
    has_found = any(not one.is_hollow for one in points.points)
    size = words.size if has_found else ""  # nothing found: sizes tell nothing
    layer = MapLayer(groups=groups, points=points.points, size_title=size)
    return draw_map([layer], title=words.title, description=words.description, areas=areas)


def _middle(places: Sequence[ReleasedPlace]) -> tuple[float, float] | None:
    """The mean of released points, which tells no more than they do."""
    known = [(float(p.latitude), float(p.longitude)) for p in places
             if p.latitude is not None and p.longitude is not None]  # fmt: skip
    if not known or len(known) < len(places):
        return None
    latitudes, longitudes = zip(*known, strict=True)
    return sum(latitudes) / len(known), sum(longitudes) / len(known)
