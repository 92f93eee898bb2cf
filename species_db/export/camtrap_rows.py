"""The rows of a Camtrap DP package, spelled in the standard's terms, in schema order."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath

from species_db.export.media_facts import MediaFacts
from species_db.export.package_rows import (
    MEDIA_COLUMNS,
    OBSERVATION_COLUMNS,
    UNSAID,
    besides,
    ids_outside,
    is_elsewhere,
    told_besides,
    web_path,
)
from species_db.export.records import Records, by_event, local_time
from species_db.export.row_text import Row, in_order, row_of
from species_db.export.terms import DEPLOYMENTS, MEDIA, OBSERVATIONS
from species_db.export.withholding import KeptBack
from species_db.sensitivity import Gate, ReleasedPlace
from species_db.sensitivity.periods import coarse_effort_days, is_by_month
from species_db.survey import SurveySettings
from species_db.tables import Deployment, Observation, Plot
from species_db.vocabulary import ClassificationMethod, Ecosystem, ObservationLevel, ObservationType

# Why the camera fired, in our words and the standard's; a picture taken by hand is neither.
_CAPTURE_METHODS = {
    "motion": "activityDetection",
    "external": "activityDetection",
    "time_lapse": "timeLapse",
}


@dataclass(frozen=True)
class CamtrapRows:
    """Turns the records of a survey into rows; each table is sorted by what leaves, not by our ids.

    The order of our own ids would tell which stations are neighbours.
    """

    records: Records
    gate: Gate
    settings: SurveySettings
    include_machine: bool
    kept_back: KeptBack = field(default_factory=KeptBack)

    def deployments(self) -> list[Row]:
        """One row for each deployment, with events or without: it is the effort."""
        return sorted(self._deployment(d) for d in self.records.deployments.values())

    def media(self, public: Iterable[str]) -> list[Row]:
        """One row for each media of an event that is told."""
        public_ids = frozenset(public)
        rows = (self._media(media, public_ids) for media in self.records.media)
        return in_order(rows, MEDIA, "deploymentID", "timestamp", "mediaID")

    def observations(self) -> list[Row]:
        """The statement on each event, and the boxes on its media.

        Only event-level rows may be counted; media-level rows repeat the same animals.
        """
        rows = [self._statement(o) for o in self.records.statements if self._is_written(o)]
        others = self.records.package_answers
        rows += [self._box(o) if o.media_id else self._statement(o) for o in others]
        rows += [self._box(o) for o in self.records.machine if self._travels(o)]
        return in_order(
            rows,
            OBSERVATIONS,
            "deploymentID",
            "eventStart",
            "eventID",
            "observationLevel",
            "observationID",
        )

    def own_ids(self) -> dict[str, str]:
        """The survey's own names of deployments by their ids outside, for the checks' reasons."""
        return {self.gate.key("deployment", own_id): own_id for own_id in self.records.deployments}

    def periods(self) -> dict[str, tuple[str, str]]:
        """The exact dates of deployments by their ids outside, for the checks alone."""
        return {
            self.gate.key("deployment", own_id): (
                local_time(d.deployment_start, d.utc_offset_seconds),
                local_time(self.records.ends[own_id], d.utc_offset_seconds),
            )
            for own_id, d in self.records.deployments.items()
        }

    def file_path(self, media: MediaFacts) -> str:
        """Name a media in the package by keys only: the card's folders and names tell the place."""
        suffix = PurePosixPath(media.file_path).suffix.lower()
        suffix = suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ""
        folder = self.gate.pseudonym("deployment", media.deployment_id)
        return f"media/{folder}/{media.media_id}{suffix}"

    def is_public(self, media: MediaFacts) -> bool:
        """Tell whether the picture may go along: a review covered it, or a model looked if asked.

        What a review says of its event does not speak for a picture that came later.
        """
        nothing: frozenset[str] = frozenset()
        if not self.gate.shows_pictures(self._places[media.deployment_id]):
            return False
        if self.records.is_covered(media):
            said = self._said_of_events.get(media.event_id or "", nothing)
        else:
            said = self._said_of_media.get(media.media_id, nothing)
            said = said if self.include_machine else nothing
        return self.gate.is_public(
            is_closed=media.media_id in self.records.closed_media,
            user_label=media.user_label,
            said=said,
        )

    @cached_property
    def _ids(self) -> Mapping[tuple[str, str], str]:
        """Ids as they leave, by kind and our own."""
        told = self.records
        rows = (*told.statements, *told.package_answers, *told.machine)
        return ids_outside(self.gate, told.media, told.events.values(), rows)

    @cached_property
    def _media_by_id(self) -> dict[str, MediaFacts]:
        return {media.media_id: media for media in self.records.media}

    @cached_property
    def _reviews(self) -> dict[str, list[Observation]]:
        return by_event(o for o in self.records.statements if o.review_id)

    @cached_property
    def _said_of_events(self) -> Mapping[str, frozenset[str]]:
        return {
            event_id: frozenset(o.observation_type for o in rows)
            for event_id, rows in self._reviews.items()
        }

    @cached_property
    def _said_of_media(self) -> Mapping[str, frozenset[str]]:
        said: dict[str, set[str]] = {}
        for row in self.records.machine:
            said.setdefault(row.media_id or "", set()).add(row.observation_type)
        return {media_id: frozenset(types) for media_id, types in said.items()}

    def _deployment(self, deployment: Deployment) -> Row:
        gate, own_id = self.gate, deployment.deployment_id
        station = self.records.stations[deployment.location_id]
        place = self._places[own_id]
        start, end = gate.period(
            place, *self._dates(deployment), offset_seconds=deployment.utc_offset_seconds
        )
        camera = self.records.cameras.get(deployment.camera_id or "")
        plot = self.records.plot_of(deployment)
        offset = deployment.utc_offset_seconds
        groups = [f"plot:{plot.plot_id}"] if plot else []
        tags = [
            _altitude_tag(place.minimum_elevation_m, place.maximum_elevation_m),
            self._effort_tag(place, deployment),
        ]
        return row_of(
            DEPLOYMENTS,
            {
                "deploymentID": gate.key("deployment", own_id),
                "locationID": gate.key("station", station.location_id),
                "locationName": gate.notes(station.location_name),
                "latitude": str(place.latitude),
                "longitude": str(place.longitude),
                "coordinateUncertainty": place.coordinate_uncertainty_m,
                "deploymentStart": local_time(start, offset),
                "deploymentEnd": local_time(end, offset),
                "setupBy": gate.notes(deployment.setup_by),
                "cameraID": gate.about(place, gate.key("camera", camera.camera_id))
                if camera
                else "",
                "cameraModel": gate.words(camera.camera_model) if camera else "",
                "cameraDelay": deployment.camera_delay_s,
                "cameraHeight": deployment.camera_height_m,
                "cameraDepth": deployment.camera_depth_m,
                "cameraTilt": deployment.camera_tilt,
                "cameraHeading": deployment.camera_heading,
                "detectionDistance": deployment.detection_distance_m,
                "timestampIssues": deployment.timestamp_issues,
                "baitUse": deployment.bait_use,
                "featureType": gate.about(place, deployment.feature_type),
                "habitat": gate.notes(deployment.habitat) or gate.about(place, _ecosystem(plot)),
                "deploymentGroups": gate.notes(_piped([*groups, deployment.deployment_groups])),
                "deploymentTags": _piped([*tags, gate.notes(deployment.deployment_tags)]),
                "deploymentComments": gate.notes(deployment.deployment_comments),
            },
        )

    def _dates(self, deployment: Deployment) -> tuple[datetime, datetime]:
        return deployment.deployment_start, self.records.ends[deployment.deployment_id]

    @cached_property
    def _places(self) -> Mapping[str, ReleasedPlace]:
        """The place of each deployment as it leaves, worked out once: media ask for it as well."""
        return {
            deployment_id: self.gate.place(self.records.stations[deployment.location_id])
            for deployment_id, deployment in self.records.deployments.items()
        }

    def _effort_tag(self, place: ReleasedPlace, deployment: Deployment) -> str:
        """Effort where the dates leave as months and would overstate it."""
        if self.gate.exact or not is_by_month(place.sensitivity):
            return ""
        return f"approximateEffortDays:{coarse_effort_days(*self._dates(deployment))}"

    def _media(self, media: MediaFacts, public: frozenset[str]) -> Row:
        path = self.file_path(media), media.media_id in public
        if is_elsewhere(media):
            closed = media.media_id in self.records.closed_media
            path = web_path(self.gate, media, is_closed=closed) or (path[0], False)
        return row_of(
            MEDIA,
            {
                "mediaID": self._ids["media", media.media_id],
                "deploymentID": self.gate.key("deployment", media.deployment_id),
                "captureMethod": _CAPTURE_METHODS.get(media.trigger or "", ""),
                "timestamp": self._media_time(media),
                "filePath": path[0],
                "filePublic": path[1],
                "fileName": self.gate.notes(media.file_name),
                "fileMediatype": media.file_mediatype,
                **besides(self.gate, media.origin, MEDIA_COLUMNS),
            },
        )

    def _statement(self, observation: Observation) -> Row:
        """A row of what is in force; a media-level one carries the media's own time."""
        media = self._media_by_id.get(observation.media_id or "")
        if observation.observation_level == ObservationLevel.MEDIA and media:
            start = end = self._media_time(media)
        else:
            first, last = self.records.spans[observation.event_id or ""]
            offset = self.records.deployments[observation.deployment_id].utc_offset_seconds
            start, end = local_time(first, offset), local_time(last, offset)
        # The standard asks to leave the probability out for a person.
        is_human = observation.classification_method == ClassificationMethod.HUMAN
        probability = None if is_human else observation.classification_probability
        return self._observation(
            observation, (start, end), name=self._name(observation), probability=probability
        )

    def _box(self, observation: Observation) -> Row:
        """What is said of one media beside the review; a name that this replaced stays behind."""
        time = self._media_time(self._media_by_id[observation.media_id or ""])
        name, probability = self._name(observation), observation.classification_probability
        review = self._reviews.get(observation.event_id or "", [])
        if not self.include_machine and name not in {"", *map(self._name, review)}:
            name, probability = "", None
        return self._observation(observation, (time, time), name=name, probability=probability)

    def _observation(
        self,
        observation: Observation,
        times: tuple[str, str],
        *,
        name: str,
        probability: float | None,
    ) -> Row:
        at = observation.classification_timestamp
        event_id, offset = observation.event_id, self.settings.utc_offset_seconds
        own_id, media_id = observation.observation_id, observation.media_id
        has_time = UNSAID not in told_besides(observation.origin)
        desk = local_time(self.gate.desk_time(at, offset_seconds=offset), offset)
        return row_of(
            OBSERVATIONS,
            {
                "observationID": self._ids["observation", own_id],
                "deploymentID": self.gate.key("deployment", observation.deployment_id),
                "mediaID": self._ids["media", media_id] if media_id else "",
                "eventID": self._ids["event", event_id] if event_id else "",
                "eventStart": times[0],
                "eventEnd": times[1],
                "observationLevel": observation.observation_level,
                "observationType": observation.observation_type,
                "cameraSetupType": observation.camera_setup_type,
                "scientificName": name,
                "count": observation.count or None,
                "lifeStage": observation.life_stage,
                "sex": observation.sex,
                "behavior": self.gate.words(observation.behavior),
                "individualID": self.gate.words(observation.individual_id),
                "bboxX": observation.bbox_x,
                "bboxY": observation.bbox_y,
                "bboxWidth": observation.bbox_width,
                "bboxHeight": observation.bbox_height,
                "classificationMethod": observation.classification_method,
                "classifiedBy": observation.classified_by,
                "classificationTimestamp": desk if has_time else "",
                "classificationProbability": probability,
                "observationComments": self.gate.notes(observation.observation_comments),
                **besides(self.gate, observation.origin, OBSERVATION_COLUMNS),
            },
        )

    def _name(self, observation: Observation) -> str:
        """The scientific name of an animal; people are no survey result and get none."""
        taxon = self.records.taxa.get(observation.taxon_id or "")
        is_animal = observation.observation_type == ObservationType.ANIMAL
        return taxon.scientific_name if taxon and is_animal else ""

    def _media_time(self, media: MediaFacts) -> str:
        offset = media.utc_offset_seconds
        if offset is None:
            offset = self.records.deployments[media.deployment_id].utc_offset_seconds
        return local_time(media.timestamp, offset)

    def _is_written(self, observation: Observation) -> bool:
        is_event = observation.observation_level == ObservationLevel.EVENT
        return is_event or observation.media_id in self._media_by_id

    def _travels(self, observation: Observation) -> bool:
        """Tell whether a model's row leaves: among confirmed records only an unrefuted box."""
        if self.include_machine:
            return True
        said = self._said_of_events.get(observation.event_id or "", frozenset())
        return observation.bbox_x is not None and observation.observation_type in said


def _ecosystem(plot: Plot | None) -> str:
    return plot.ecosystem if plot and plot.ecosystem in set(Ecosystem) else ""


def _piped(parts: Iterable[str]) -> str:
    return " | ".join(part for part in parts if part)


def _altitude_tag(lowest: float | None, highest: float | None) -> str:
    """Altitude as a tag: the standard has no column for it (STANDARDS.md 1)."""
    if lowest is None or highest is None:
        return ""
    return f"altitude:{lowest:g}" if lowest == highest else f"altitude:{lowest:g}-{highest:g}"
