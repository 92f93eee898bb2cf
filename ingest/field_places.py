"""Where the photos of a folder lie to their plot, worked out before anything is taken."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, select

from ingest.card import CardEntry
from ingest.media_type import HEAD_BYTES, MediaKind, kind_of, sniff_media_type
from ingest.metadata import read_facts
from species_db.field.placing import (
    SETTINGS,
    Placing,
    PlotCircle,
    Sighting,
    nearest_plot,
    place_photos,
)
from species_db.language import tr
from species_db.tables import FieldPhoto, Plot

LARGEST_PHOTO_BYTES = 256 * 1024 * 1024  # a drone's panorama; more is no photo


@dataclass(frozen=True)
class FarPhotos:
    """Photos that lie beyond their plot's radius, told in distances."""

    plot_id: str
    radius_m: float
    count: int
    total: int
    nearest_m: float
    farthest_m: float
    shifted: int
    shift_m: float
    other_plot_id: str | None = None
    other_distance_m: float = 0.0

    def as_text(self) -> str:
        """Say how many, how far, and which plot may have been meant."""
        how_far = f"{self.nearest_m:,.0f}"
        if round(self.farthest_m) > round(self.nearest_m):
            how_far += tr(" to ", " 至 ") + f"{self.farthest_m:,.0f}"
        told = tr(
            f"{self.count} of {self.total} photos with a position lie {how_far} m from plot "
            f"{self.plot_id}, whose radius is {self.radius_m:,.0f} m.",
            f"{self.total} 张有位置的照片中,{self.count} 张距样地 {self.plot_id} {how_far} 米,"
            f"超出其半径 {self.radius_m:,.0f} 米。",
        )
        if self.other_plot_id is not None:
            told += tr(
                f" Did you mean {self.other_plot_id}, {self.other_distance_m:,.0f} m away?",
                f"您是否想指 {self.other_plot_id}(相距 {self.other_distance_m:,.0f} 米)?",
            )
        if self.shifted:
            told += tr(
                f" {self.shifted} of them are off by just the GCJ-02 shift of Chinese map apps "
                f"({self.shift_m:,.0f} m): set the camera app to WGS-84. Nothing is corrected.",
                f"其中 {self.shifted} 张恰好偏移了国内地图 GCJ-02 的偏移量"
                f"({self.shift_m:,.0f} 米):请将相机应用设为 WGS-84。程序不作改正。",
            )
        return told


@dataclass(frozen=True)
class FieldPlaces:
    """Where the photos of an import lie: what each told, and how that lies to the plot."""

    circle: PlotCircle | None
    fresh: tuple[Sighting, ...] = ()
    placings: Mapping[str, Placing] = field(default_factory=dict)


def find_places(
    session: Session,
    plot: Plot,
    field_import_id: str,
    fresh: Sequence[CardEntry],
    *,
    step: Callable[[], None] = lambda: None,
) -> FieldPlaces:
    """Say how each photo of an import lies to its plot, by its path in the folder.

    Photos already taken are judged again with the fresh ones: whether a phone writes GCJ-02 shows
    in all its photos together, and an import that was killed must end as one that was not. Files
    that cannot be read are told of later; a plot without a place judges nothing.
    """
    circle = circle_of(plot)
    if circle is None:
        return FieldPlaces(None)
    taken = _taken(session, field_import_id, {entry.card_path for entry in fresh})
    seen: list[Sighting] = []
    for entry in fresh:
        seen += _look(entry)
        step()
    return FieldPlaces(circle, tuple(seen), place_photos([*taken, *seen], circle))


def far_photos(session: Session, places: FieldPlaces) -> FarPhotos | None:
    """Sum up the fresh photos that lie too far away; None when there are none."""
    far = [one for one in places.fresh if places.placings[one.name].is_far]
    if not far or places.circle is None:
        return None
    distances = [places.placings[one.name].distance_m for one in far]
    told = [places.placings[one.name].gcj02_shift_m for one in far]
    shifts = [shift for shift in told if shift is not None]
    circles = [circle for plot in session.exec(select(Plot)) if (circle := circle_of(plot))]
    other = nearest_plot(far, circles)
    if other is not None and other[0].plot_id == places.circle.plot_id:
        other = None
    return FarPhotos(
        plot_id=places.circle.plot_id,
        radius_m=places.circle.radius_m,
        count=len(far),
        total=len(places.fresh),
        nearest_m=min(distances),
        farthest_m=max(distances),
        shifted=len(shifts),
        shift_m=sum(shifts) / len(shifts) if shifts else 0.0,
        other_plot_id=other[0].plot_id if other else None,
        other_distance_m=other[1] if other else 0.0,
    )


def circle_of(plot: Plot) -> PlotCircle | None:
    """The plot as placing sees it; None when the survey does not know where it lies."""
    if plot.latitude is None or plot.longitude is None:
        return None
    radius = plot.radius_m or SETTINGS.default_radius_m
    return PlotCircle(plot.plot_id, plot.latitude, plot.longitude, radius)


def _taken(session: Session, field_import_id: str, fresh: Collection[str]) -> Iterator[Sighting]:
    statement = select(FieldPhoto).where(FieldPhoto.field_import_id == field_import_id)
    for photo in session.exec(statement):
        if photo.card_path in fresh or photo.latitude is None or photo.longitude is None:
            continue
        device = _device(photo.make, photo.model)
        yield Sighting(photo.card_path, device, photo.latitude, photo.longitude)


def _look(entry: CardEntry) -> Iterator[Sighting]:
    """Read where a photo was made, ahead of taking it: nothing is written before people agree."""
    try:
        with entry.path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            is_picture = kind_of(sniff_media_type(head)) is MediaKind.IMAGE
            if not is_picture or entry.bytes > LARGEST_PHOTO_BYTES:
                return
            facts = read_facts(head + file.read(), file_name=entry.path.name)
    except OSError:
        return
    if facts.is_usable and facts.latitude is not None and facts.longitude is not None:
        device = _device(facts.make, facts.model)
        yield Sighting(entry.card_path, device, facts.latitude, facts.longitude)


def _device(make: str | None, model: str | None) -> str:
    return f"{make or ''} {model or ''}".strip()
