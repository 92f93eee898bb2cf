"""Which photos make one field record: those taken at one place within a few minutes.

The rule: photos in order of time; one more than `gap` after the one before it, or further than
`reach_m` from where the record began, begins a new record. Undated photos each stand alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from species_db.field.placing import distance_m
from species_db.vocabulary import FieldProtocol


@dataclass(frozen=True)
class GroupingSettings:
    """When the next photo begins a new record, and how sure a place is."""

    gap: timedelta = timedelta(minutes=5)  # one plant is photographed from all sides in that time
    reach_m: float = 60.0  # two positions of one plant, each 30 m off, in opposite directions
    gps_uncertainty_m: int = 30  # the usual figure for GPS (DOMAIN.md 8)
    drift_uncertainty_m: int = 215  # of a phone that gives an old position (DOMAIN.md 8)


ON_FOOT = GroupingSettings()
IN_FLIGHT = GroupingSettings(reach_m=1000.0)  # a flight over the plot is one record, not hundreds


def settings_for(protocol: str) -> GroupingSettings:
    """The grouping that fits how the records were made."""
    return IN_FLIGHT if protocol == FieldProtocol.UAV.value else ON_FOOT


@dataclass(frozen=True)
class PhotoFact:
    """What grouping needs to know of one photo. `extra_uncertainty_m`: of a GCJ-02 suspicion."""

    field_photo_id: str
    order: str  # parts photos of the same second: the path in the folder
    timestamp: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    has_old_position: bool = False
    extra_uncertainty_m: int = 0

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude, when the photo tells both."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


@dataclass(frozen=True)
class PhotoGroup:
    """The photos of one record, in order of time, and what they say together."""

    photos: tuple[PhotoFact, ...]

    @property
    def times(self) -> list[datetime]:
        """When its photos were taken, first to last."""
        return [photo.timestamp for photo in self.photos if photo.timestamp is not None]

    @property
    def middle(self) -> tuple[float, float] | None:
        """The middle of its positions: it evens out the receiver's jumps."""
        places = [photo.place for photo in self.photos if photo.place is not None]
        if not places:
            return None
        north = sum(place[0] for place in places) / len(places)
        east = sum(place[1] for place in places) / len(places)
        return round(north, 6), round(east, 6)

    @property
    def altitude_m(self) -> float | None:
        """The middle one of its heights, as the receiver gave them."""
        heights = sorted(p.altitude_m for p in self.photos if p.altitude_m is not None)
        return heights[len(heights) // 2] if heights else None

    def uncertainty_m(self, settings: GroupingSettings) -> int | None:
        """How far the record may lie from its middle: receiver, spread, and what is suspected."""
        middle = self.middle
        if middle is None:
            return None
        placed = [photo for photo in self.photos if photo.place is not None]
        spread = max(distance_m(middle, photo.place) for photo in placed if photo.place)
        is_old = any(photo.has_old_position for photo in placed)
        receiver = settings.drift_uncertainty_m if is_old else settings.gps_uncertainty_m
        return round(receiver + spread + max(photo.extra_uncertainty_m for photo in placed))


def group_photos(
    photos: Iterable[PhotoFact], *, settings: GroupingSettings = ON_FOOT
) -> list[PhotoGroup]:
    """Group photos into records, in order of time; undated ones follow, each alone.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
    >>> photos = [PhotoFact(str(m), "", nine + timedelta(minutes=m)) for m in (0, 5, 11)]
    >>> [len(group.photos) for group in group_photos(photos)]
    [2, 1]
    """
    known = list(photos)
    dated = [(photo.timestamp, photo) for photo in known if photo.timestamp is not None]
    dated.sort(key=lambda pair: (pair[0], pair[1].order, pair[1].field_photo_id))
    groups: list[list[PhotoFact]] = []
    before: datetime | None = None
    for moment, photo in dated:
        is_late = before is None or moment - before > settings.gap
        if is_late or _is_elsewhere(photo, groups[-1], settings):
            groups.append([])
        groups[-1].append(photo)
        before = moment
    undated = sorted((p for p in known if p.timestamp is None), key=lambda p: p.order)
    return [PhotoGroup(tuple(group)) for group in [*groups, *([photo] for photo in undated)]]


def _is_elsewhere(photo: PhotoFact, group: Sequence[PhotoFact], settings: GroupingSettings) -> bool:
    """Tell whether a photo lies too far from where a record began; no position is no reason."""
    began = next((other.place for other in group if other.place is not None), None)
    if began is None or photo.place is None:
        return False
    return distance_m(began, photo.place) > settings.reach_m
