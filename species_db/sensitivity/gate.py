"""What may leave, and in which form: the one gate that every table, map and page goes through."""

import re
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from species_db.language import tr
from species_db.sensitivity import texts
from species_db.sensitivity.counties import Cell, cell_of, counties_of_cells
from species_db.sensitivity.grid import (
    STRICTNESS,
    ReleasedPlace,
    SensitivitySettings,
    generalise_place,
    round_to_cell,
    withheld_place,
)
from species_db.sensitivity.periods import coarse_day, coarse_period
from species_db.sensitivity.places import NOWHERE, SensitivePlaces, read_places
from species_db.sensitivity.recorded import PLOT, RECORD, STATION, read_ground
from species_db.sensitivity.release import ExactRelease
from species_db.sensitivity.words import pattern_of, read_place_words, tells_place
from species_db.survey import SurveySettings
from species_db.tables import CameraStation, Decision, FieldRecord, Plot
from species_db.vocabulary import ObservationType, Sensitivity

if TYPE_CHECKING:
    from species_db.occurrences import Occurrence  # reads outlines; the gate must not

_KEYS = uuid.UUID("0d1c7a52-55a8-5c0b-8a3d-2f6f5be7c9d1")
_SHORT = 8  # characters of a key by which people call a place: enough for some thousand places
_DEFAULT_UNCERTAINTY_M = 30  # a phone's or a receiver's, where a record does not say


def open_gate(
    session: Session,
    survey_settings: SurveySettings,
    *,
    exact: ExactRelease | None = None,
    settings: SensitivitySettings | None = None,
    today: date | None = None,
) -> "Gate":
    """Make the gate of this survey, closed unless an exact release is handed over.

    Public keys are salted with the random id of the log's first entry, which never leaves: without
    it somebody could guess `MT-01-2026` and see the guess confirmed. An empty log has no salt; then
    keys hold for one export only. `today` tells which rules hold and which records are still too
    young; the survey's own date when not given.
    """
    first = session.exec(select(Decision.decision_id).order_by(col(Decision.sequence)).limit(1))
    settings = settings or SensitivitySettings()
    today = today or local_today(survey_settings)
    gate = Gate(
        salt=first.first() or secrets.token_hex(16),
        place_words=read_place_words(session),
        ask=survey_settings.contact or survey_settings.rights_holder,
        exact=exact,
        settings=settings,
        places=NOWHERE if exact else read_places(session, today=today, settings=settings),
        today=today,
    )
    if exact is None:
        gate.counties.update(counties_of_cells(session, _sensitive_cells(session, gate)))
    return gate


def local_today(survey_settings: SurveySettings) -> date:
    """The date at the survey's stations, wherever the computer stands."""
    return (datetime.now(UTC) + timedelta(seconds=survey_settings.utc_offset_seconds)).date()


@dataclass(frozen=True)
class Gate:
    """What may leave in one export, and in which form."""

    salt: str
    place_words: frozenset[str]
    ask: str
    exact: ExactRelease | None
    settings: SensitivitySettings
    places: SensitivePlaces = NOWHERE
    today: date = date.max
    counties: dict[Cell, str] = field(default_factory=dict)

    def place(self, station: CameraStation) -> ReleasedPlace:
        """Give the place of a station as it may leave.

        The grid belongs to the place: all its records are coarsened alike, by the strictest
        category of whatever was ever recorded there.
        """
        return self._released(
            (station.latitude, station.longitude),
            uncertainty_m=station.coordinate_uncertainty_m,
            elevation_m=station.elevation_m,
            category=self.places.of(STATION, station.location_id),
        )

    def field_place(self, record: FieldRecord) -> ReleasedPlace:
        """Give the place of a field record as it may leave, by the category of its plot's place."""
        uncertainty_m = record.coordinate_uncertainty_m
        return self._released(
            (record.latitude, record.longitude),
            uncertainty_m=_DEFAULT_UNCERTAINTY_M if uncertainty_m is None else uncertainty_m,
            elevation_m=record.elevation_m,
            category=self.places.of(RECORD, record.field_record_id),
        )

    def plot_place(self, plot: Plot) -> ReleasedPlace:
        """Give the middle of a plot as it may leave, by the category of its place."""
        return self._released(
            (plot.latitude, plot.longitude),
            uncertainty_m=round(plot.radius_m or _DEFAULT_UNCERTAINTY_M),
            elevation_m=plot.elevation_m,
            category=self.places.of(PLOT, plot.plot_id),
        )

    def map_point(self, seen: "Occurrence") -> ReleasedPlace:
        """Give the point of an occurrence for a map, a page or a bulletin that others will see.

        The same point as in every table. `is_withheld`: draw nothing.
        """
        at_station = seen.record_kind == "event"
        own_id = seen.location_id or "" if at_station else seen.record_id
        uncertainty_m = seen.coordinate_uncertainty_m
        return self._released(
            (seen.latitude, seen.longitude),
            uncertainty_m=_DEFAULT_UNCERTAINTY_M if uncertainty_m is None else uncertainty_m,
            elevation_m=seen.elevation_m,
            category=self.places.of(STATION if at_station else RECORD, own_id),
        )

    def place_name(self, kind: str, own_id: str) -> str:
        """Name a station or plot for outsiders: by the beginning of its key, unless exact.

        A withheld one has no name: by it, all that is told of the place could be joined.
        """
        if self.exact:
            return own_id
        if self.places.of(kind, own_id) is Sensitivity.EXTREME:
            return ""
        return tr("place ", "地点 ") + self.key(kind, own_id)[:_SHORT]

    def county(self, place: ReleasedPlace, code: str) -> str:
        """Give the division code of a place's county if naming it tells no more than the cell.

        Of a withheld place the county is all that is told. A sensitive place without coordinates
        has no cell that could hide it, and shares its county with neighbours that may not tell it.
        """
        if self.exact or not self.is_sensitive(place):
            return code
        if place.is_withheld:
            return code if place.sensitivity is Sensitivity.EXTREME else ""
        cell = cell_of(place)
        return code if cell is not None and self.counties.get(cell) == code else ""

    def is_sensitive(self, place: ReleasedPlace) -> bool:
        """Tell whether a category, and not the floor alone, coarsens a place."""
        return STRICTNESS[place.sensitivity] >= STRICTNESS[Sensitivity.MEDIUM]

    def about(self, place: ReleasedPlace, text: str) -> str:
        """Let a word on the ground out (a lake, a bridge, a burrow) unless the place is sensitive.

        In a cell of a kilometre there is one bridge.
        """
        return text if self.exact or not self.is_sensitive(place) else ""

    def period(
        self, place: ReleasedPlace, start: datetime, end: datetime, *, offset_seconds: int
    ) -> tuple[datetime, datetime]:
        """Give the dates of a deployment as they may leave: whole days, or months."""
        if self.exact:
            return start, end
        return coarse_period(start, end, offset_seconds=offset_seconds, category=place.sensitivity)

    def desk_time(self, instant: datetime, *, offset_seconds: int) -> datetime:
        """Give the moment of a review or of a model's answer as it may leave: its day."""
        return instant if self.exact else coarse_day(instant, offset_seconds=offset_seconds)

    def is_delayed(self, taxon_id: str | None, on: date) -> bool:
        """Tell whether a record of a taxon of some day is still too young to leave."""
        days = 0 if self.exact else self.places.delays.get(taxon_id or "", 0)
        return days > 0 and (self.today - on).days < days

    def key(self, kind: str, own_id: str) -> str:
        """Give the id under which something leaves: our own when exact, else its pseudonym.

        Station and deployment ids are often place names, or numbers along a trail; ids of reviews
        sort by the time of the desk.
        """
        return own_id if self.exact else self.pseudonym(kind, own_id)

    def pseudonym(self, *parts: str) -> str:
        """Name something so that the name is stable and globally unique, and tells nothing."""
        return str(uuid.uuid5(_KEYS, "\x1f".join((self.salt, *parts))))

    def notes(self, text: str) -> str:
        """Let free text of the field sheet or the reviewer out with an exact release only."""
        return text if self.exact else ""

    def words(self, text: str) -> str:
        """Let a short description out unless it names a place of this survey or holds degrees."""
        return text if self.exact or not tells_place(text, self._names) else ""

    def is_public(self, *, is_closed: bool, user_label: str | None, said: Collection[str]) -> bool:
        """Tell whether a picture may leave: somebody or a model looked, and nobody is near it.

        `is_closed` is the word of `closed_media`; `said` are the observation types that a review
        covering the picture, or a model, gave. A picture nobody looked at may show a person. An
        exact release does not open pictures of people. A label that names a place was also printed
        into the picture by the camera. Pictures of a withheld place are `shows_pictures`' to stop.
        """
        if is_closed or ObservationType.HUMAN in said:
            return False
        if not set(said) - {ObservationType.UNCLASSIFIED}:
            return False
        return self.exact is not None or not tells_place(user_label or "", self._names)

    def shows_pictures(self, place: ReleasedPlace) -> bool:
        """Tell whether pictures of a place may leave: who knows the land knows a withheld one."""
        return not place.is_withheld

    def generalizations(self, place: ReleasedPlace) -> str:
        """Say what was coarsened at one place (Darwin Core `dataGeneralizations`)."""
        return "" if self.exact else texts.generalizations(place)

    def withheld(self, place: ReleasedPlace) -> str:
        """Say what was kept back of one place and whom to ask (`informationWithheld`)."""
        if self.exact:
            return texts.PEOPLE
        return texts.withheld(self.ask, is_sensitive=self.is_sensitive(place))

    @property
    def data_generalizations(self) -> str:
        """Say what was coarsened in a whole dataset, whatever is in it."""
        return "" if self.exact else texts.generalizations_of_dataset(self.settings)

    @property
    def information_withheld(self) -> str:
        """Say what was kept back of a whole dataset and whom to ask."""
        if self.exact:
            return texts.PEOPLE
        return texts.withheld(self.ask, is_sensitive=True)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return pattern_of(self.place_words)

    def _released(
        self,
        point: tuple[float | None, float | None],
        *,
        uncertainty_m: int,
        elevation_m: float | None,
        category: Sensitivity,
    ) -> ReleasedPlace:
        latitude, longitude = point
        if latitude is None or longitude is None:
            return withheld_place(category)
        if self.exact is not None:
            return _exact(latitude, longitude, uncertainty_m, elevation_m)
        if category is Sensitivity.EXTREME:
            return withheld_place()
        return generalise_place(
            latitude,
            longitude,
            uncertainty_m=uncertainty_m,
            elevation_m=elevation_m,
            settings=self.settings.at(category),
        ).of_category(category)


def _exact(
    latitude: float, longitude: float, uncertainty_m: int, elevation_m: float | None
) -> ReleasedPlace:
    return ReleasedPlace(
        latitude=Decimal(repr(latitude)),
        longitude=Decimal(repr(longitude)),
        coordinate_uncertainty_m=max(uncertainty_m, 1),
        coordinate_precision=None,
        minimum_elevation_m=elevation_m,
        maximum_elevation_m=elevation_m,
    )


def _sensitive_cells(session: Session, gate: Gate) -> set[Cell]:
    """The cells of all sensitive places, beside which a county may or may not be named."""
    found: set[Cell] = set()
    for (kind, own_id), (latitude, longitude) in read_ground(session).points.items():
        category = gate.places.of(kind, own_id)
        if STRICTNESS[category] < STRICTNESS[Sensitivity.MEDIUM]:
            continue
        if category is not Sensitivity.EXTREME:
            width = gate.settings.at(category).cell_degrees
            found.add((round_to_cell(latitude, width), round_to_cell(longitude, width), width))
    return found
