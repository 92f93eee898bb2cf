"""The one gate for what leaves the survey: places, names that tell a place, and pictures of people.

Poachers read open data too. A place leaves rounded to a fixed grid, never jittered, because the
average of jittered points is the place (DOMAIN.md 9, after Chapman 2020; STANDARDS.md 5).
"""

import re
import secrets
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from math import floor

from sqlalchemy import or_
from sqlmodel import Session, col, select

from species_db.decisions import record_decision
from species_db.language import tr
from species_db.survey import SurveySettings
from species_db.tables import CameraStation, Decision, Deployment, Event, Media, Observation, Plot
from species_db.vocabulary import Act, ClassificationMethod, ObservationType

# Metres that rounding adds to the uncertainty: below and from 30 degrees of latitude. The table of
# the R package camtrapdp (INBO), the diagonal of a cell at the foot of each band (STANDARDS.md 5);
# twice what rounding really moves a point, kept so that our figures equal the peers'.
ADDED_UNCERTAINTY_M = {
    Decimal("0.001"): (157, 147),
    Decimal("0.01"): (1570, 1470),
    Decimal("0.1"): (15691, 14697),
}
BAND_LATITUDE = 30

_KEYS = uuid.UUID("0d1c7a52-55a8-5c0b-8a3d-2f6f5be7c9d1")
_COORDINATE = re.compile(r"\d[.,]\d{3,}|[°º]")


class ReleaseError(Exception):
    """Exact places were asked for without saying who answers for it, or why."""


@dataclass(frozen=True)
class SensitivitySettings:
    """How far a place is coarsened when nothing is known of what lives there."""

    # Without status lists any station may turn out to hold a protected animal: category 3
    # (medium, class II) for all of them is 1.1 km, still useful for maps of a prefecture.
    cell_degrees: Decimal = Decimal("0.01")
    # In a gorge one metre of altitude and a cell pin the slope; 200 m is a step of vegetation.
    elevation_band_m: int = 200


@dataclass(frozen=True)
class ExactRelease:
    """A named person's word that exact places may leave, and the reason; the only way to them.

    >>> ExactRelease("Drolma", "county fire brigade, letter 12").person
    'Drolma'

    Raises:
        ReleaseError: the person or the reason is empty.
    """

    person: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse a release that nobody could be asked about later."""
        if not self.person.strip() or not self.reason.strip():
            raise ReleaseError(
                tr(
                    "Exact places leave only with a person and a reason. Say why and for whom, "
                    "or leave exact places out.",
                    "精确位置只有在写明负责人和理由后才能导出。请写明用途和接收方,或不导出精确位置。",
                )
            )


@dataclass(frozen=True)
class ReleasedPlace:
    """A place as it leaves: rounded, or exact when `coordinate_precision` is None."""

    latitude: Decimal
    longitude: Decimal
    coordinate_uncertainty_m: int
    coordinate_precision: Decimal | None
    minimum_elevation_m: float | None
    maximum_elevation_m: float | None


def generalise_place(
    latitude: float,
    longitude: float,
    *,
    uncertainty_m: int,
    elevation_m: float | None,
    settings: SensitivitySettings,
) -> ReleasedPlace:
    """Round a place to its grid cell and say so in its uncertainty and altitude band.

    The uncertainty follows the released latitude: taken from the true one it would tell on which
    side of 30 N a point rounded to 30 N lies.

    >>> place = generalise_place(29.32517, 95.33418, uncertainty_m=30, elevation_m=1870,
    ...     settings=SensitivitySettings())
    >>> str(place.latitude), str(place.longitude), place.coordinate_uncertainty_m
    ('29.33', '95.33', 1600)
    >>> place.minimum_elevation_m, place.maximum_elevation_m
    (1800, 2000)
    """
    cell = settings.cell_degrees
    rounded = round_to_cell(latitude, cell)
    below, above = ADDED_UNCERTAINTY_M[cell]
    added = below if abs(rounded) < BAND_LATITUDE else above
    lowest = highest = None
    if elevation_m is not None:
        lowest = floor(elevation_m / settings.elevation_band_m) * settings.elevation_band_m
        highest = lowest + settings.elevation_band_m
    return ReleasedPlace(
        latitude=rounded,
        longitude=round_to_cell(longitude, cell),
        coordinate_uncertainty_m=max(uncertainty_m, 0) + added,
        coordinate_precision=cell,
        minimum_elevation_m=lowest,
        maximum_elevation_m=highest,
    )


def round_to_cell(degrees: float, cell: Decimal) -> Decimal:
    """Round to the nearest grid line, halves to the even one, in decimal arithmetic.

    Rounding, not truncating: a truncated point is always moved south-west, so its cell is known to
    lie north-east of it. `repr` gives back the digits the person typed, before the float's error.

    >>> round_to_cell(29.635, Decimal("0.01")), round_to_cell(-0.001, Decimal("0.01"))
    (Decimal('29.64'), Decimal('0.00'))
    """
    return Decimal(repr(degrees)).quantize(cell, rounding=ROUND_HALF_EVEN) + 0


def open_gate(
    session: Session,
    survey_settings: SurveySettings,
    *,
    exact: ExactRelease | None = None,
    settings: SensitivitySettings | None = None,
) -> "Gate":
    """Make the gate of this survey, closed unless an exact release is handed over.

    Public keys are salted with the random id of the log's first entry, which never leaves: without
    it somebody could guess `MT-01-2026` and see the guess confirmed. An empty log has no salt; then
    keys hold for one export only.
    """
    first = session.exec(select(Decision.decision_id).order_by(col(Decision.sequence)).limit(1))
    return Gate(
        salt=first.first() or secrets.token_hex(16),
        place_words=frozenset(_place_words(session)),
        ask=survey_settings.contact or survey_settings.rights_holder,
        exact=exact,
        settings=settings or SensitivitySettings(),
    )


@dataclass(frozen=True)
class Gate:
    """What may leave in one export, and in which form."""

    salt: str
    place_words: frozenset[str]
    ask: str
    exact: ExactRelease | None
    settings: SensitivitySettings

    def place(self, station: CameraStation) -> ReleasedPlace:
        """Give the place of a station as it may leave.

        The grid belongs to the place, so every record of a station is coarsened alike. Categories
        by status enter here: the strictest one ever recorded at the station sets the cell.
        """
        if self.exact is None:
            return generalise_place(
                station.latitude,
                station.longitude,
                uncertainty_m=station.coordinate_uncertainty_m,
                elevation_m=station.elevation_m,
                settings=self.settings,
            )
        return ReleasedPlace(
            latitude=Decimal(repr(station.latitude)),
            longitude=Decimal(repr(station.longitude)),
            coordinate_uncertainty_m=max(station.coordinate_uncertainty_m, 1),
            coordinate_precision=None,
            minimum_elevation_m=station.elevation_m,
            maximum_elevation_m=station.elevation_m,
        )

    def key(self, kind: str, own_id: str) -> str:
        """Give the id under which something leaves: our own when exact, else its pseudonym.

        Station and deployment ids are often place names, or numbers along a trail.
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
        return text if self.exact or not self._tells_place(text) else ""

    def is_public(self, *, is_closed: bool, user_label: str | None, said: Collection[str]) -> bool:
        """Tell whether a picture may leave: somebody or a model looked, and nobody is near it.

        `is_closed` is the word of `closed_media`; `said` are the observation types that a review
        covering the picture, or a model, gave. A picture nobody looked at may show a person. An
        exact release does not open pictures of people. A label that names a place was also printed
        into the picture by the camera.
        """
        if is_closed or ObservationType.HUMAN in said:
            return False
        if not set(said) - {ObservationType.UNCLASSIFIED}:
            return False
        return self.exact is not None or not self._tells_place(user_label or "")

    @property
    def data_generalizations(self) -> str:
        """Say what was coarsened (Darwin Core `dataGeneralizations`)."""
        if self.exact:
            return ""
        cell, band = self.settings.cell_degrees, self.settings.elevation_band_m
        return (
            f"Coordinates rounded to a fixed grid of {cell} degrees; "
            f"elevation given as a band of {band} m. "
            f"坐标取整到 {cell} 度的固定网格;海拔以 {band} 米区间给出。"
        )

    @property
    def information_withheld(self) -> str:
        """Say what was kept back and whom to ask (Darwin Core `informationWithheld`)."""
        people = "Pictures that show people are withheld. 含有人物的图片不公开。"
        if self.exact:
            return people
        return (
            "Exact place and elevation, names of plots, stations, deployments and camera files, "
            "and field notes are withheld and may be asked for from "
            f"{self.ask or 'the rights holder'}. {people}"
            "精确位置和海拔,样地、点位、布设与相机文件的名称以及野外备注均不公开,"
            f"可向{self.ask or '权利人'}申请。"
        )

    def _tells_place(self, text: str) -> bool:
        return bool(self._words_pattern.search(text) or _COORDINATE.search(text))

    @cached_property
    def _words_pattern(self) -> re.Pattern[str]:
        # A Latin name must stand alone (plot "LZ-1" is not in "LZ-12"); Chinese has no word ends.
        parts = [
            rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])"
            if word.isascii()
            else re.escape(word)
            for word in sorted(self.place_words)
        ]
        return re.compile("|".join(parts) if parts else r"(?!)", re.IGNORECASE)


def closed_media(session: Session) -> frozenset[str]:
    """Name the media that show people or the team, or stand in one event with such media.

    Decided for whole events: a person seen on one frame is half in the next, where a model sees
    nothing. Any model's word closes, not only the newest one's, and so does a review that the
    event still names although pictures joined it since. Media without an event are closed too:
    what stands beside them is not known yet.
    """
    human = ObservationType.HUMAN.value
    restricted = select(Media.event_id).where(col(Media.is_restricted))
    seen_by_machine = (
        select(Media.event_id)
        .join(Observation, col(Observation.media_id) == col(Media.media_id))
        .where(
            col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
            col(Observation.observation_type) == human,
        )
    )
    told_by_review = (
        select(Event.event_id)
        .join(Observation, col(Observation.review_id) == col(Event.current_review_id))
        .where(
            col(Observation.event_id) == col(Event.event_id),
            or_(
                col(Observation.observation_type) == human,
                col(Observation.camera_setup_type) != "",
            ),
        )
    )
    event_id = col(Media.event_id)
    is_closed = or_(
        event_id.is_(None),
        *(event_id.in_(events) for events in (restricted, seen_by_machine, told_by_review)),
    )
    return frozenset(session.exec(select(Media.media_id).where(is_closed)))


def record_release(session: Session, exact: ExactRelease, *, subject: str) -> None:
    """Write into the log that exact places leave; in the transaction of the export itself."""
    record_decision(
        session,
        Act.EXACT_RELEASED,
        subject=subject,
        person=exact.person.strip(),
        details={"reason": exact.reason.strip()},
    )


def _place_words(session: Session) -> Iterable[str]:
    columns = (
        CameraStation.location_id,
        CameraStation.location_name,
        Plot.plot_id,
        Plot.name,
        Deployment.deployment_id,
    )
    for column in columns:
        for word in session.exec(select(column)):
            if len(word.strip()) > 1:  # a plot called "3" would silence every text with a 3
                yield word.strip()
