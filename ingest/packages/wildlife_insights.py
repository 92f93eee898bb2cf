"""Read a Wildlife Insights export: projects.csv, cameras.csv, deployments.csv, images.csv.

Its image projects are identified picture by picture, and its sequence projects sequence by
sequence: each picture, or each sequence, is an event of its own here, so that what was said stays
what was said. Times carry no zone; the offset that stands in is told.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from ingest.packages.facts import (
    Package,
    PackageDeployment,
    PackageFormat,
    PackageMedia,
    PackageObservation,
    PackageStation,
    PackageTaxon,
    Source,
)
from ingest.packages.lines import Faults, Line, a_moment, a_number, a_place, a_whole, read_table
from ingest.packages.notes import assumed_offset
from ingest.packages.opening import Opened
from ingest.packages.pictures import MEDIATYPES
from species_db.vocabulary import ClassificationMethod, ObservationLevel, ObservationType

IMAGES, SEQUENCES = "images.csv", "sequences.csv"
RANKS = ("class", "order", "family", "genus", "species")
NO_NAME = frozenset({"animal", "unknown", "no cv result", "unidentifiable"})
VEHICLES = frozenset({"vehicle", "bicycle", "motorcycle", "bike"})
AGES = {"adult": "adult", "juvenile": "juvenile", "subadult": "subadult", "young": "juvenile"}
SEXES = {"male": "male", "female": "female"}
READ = frozenset(
    {"project_id", "deployment_id", "image_id", "sequence_id", "filename", "location", "timestamp"}
    | {"is_blank", "identified_by", "number_of_objects", "group_size", "age", "sex", *RANKS}
    | {"start_time", "end_time", "individual_id", "individual_animal_notes", "cv_confidence"}
)


def is_wildlife_insights(opened: Opened) -> bool:
    """Tell whether a package has the tables of Wildlife Insights."""
    return all(opened.find(name) for name in ("projects.csv", "deployments.csv")) and bool(
        opened.find(IMAGES) or opened.find(SEQUENCES)
    )


def read_wildlife_insights(opened: Opened, *, offset_seconds: int) -> Package:
    """Read an export whole.

    Raises:
        PackageError: a table or column is missing, or cells are not what they should be.
    """
    faults = Faults(opened.name)
    projects = read_table(opened, "projects.csv")
    projects.require("project_id")
    stations, deployments = _deployments(opened, faults, offset_seconds)
    rows = read_table(opened, IMAGES if opened.find(IMAGES) else SEQUENCES)
    rows.require("deployment_id", "is_blank", *RANKS)
    is_images = rows.has("image_id")
    if not is_images:
        rows.require("sequence_id", "start_time", "end_time")
    read = [_Row(line, faults, offset_seconds, is_images=is_images) for line in rows.lines]
    media: dict[str, PackageMedia] = {}
    for one in read:
        if is_images:
            media.setdefault(one.media_id, one.media())
    counts: dict[str, int] = {}
    observations = [one.observation(counts) for one in read]
    taxa = {taxon.name: taxon for one in read if (taxon := one.taxon())}
    faults.raise_if_any()
    return Package(
        source=_source(opened, projects.lines),
        stations=tuple(stations.values()),
        deployments=tuple(deployments),
        media=tuple(media.values()),
        observations=tuple(observations),
        taxa=taxa,
        notes=(assumed_offset(offset_seconds),),
    )


def _source(opened: Opened, projects: tuple[Line, ...]) -> Source:
    ids = sorted({line.text("project_id") for line in projects})
    titles = [line.text("project_name", "project_short_name") for line in projects]
    columns = ("project_admin", "project_admin_organization", "metadata_license", "image_license")
    about = [
        {name: line.text(name) for name in (*columns, "data_citation") if line.text(name)}
        for line in projects
    ]
    return Source(
        format=PackageFormat.WILDLIFE_INSIGHTS,
        format_version="",
        source_id=" ".join(ids),
        title=" · ".join(filter(None, titles)),
        file_name=opened.name,
        sha256=opened.sha256,
        bytes=opened.bytes,
        about=json.dumps(about, ensure_ascii=False),
    )


def _deployments(
    opened: Opened, faults: Faults, offset: int
) -> tuple[dict[str, PackageStation], list[PackageDeployment]]:
    table = read_table(opened, "deployments.csv")
    table.require("deployment_id", "latitude", "longitude", "start_date", "end_date")
    models = _camera_models(opened)
    stations: dict[str, PackageStation] = {}
    deployments = []
    for line in table.lines:
        place = a_place(line, ("latitude", "longitude"), faults)
        start = a_moment(line, "start_date", faults, offset_seconds=offset)
        end = a_moment(_whole_day(line), "end_date", faults, offset_seconds=offset, is_end=True)
        if not line.text("start_date"):
            faults.add(line.where, "start_date", "is empty.", "为空。")
        if place is None or start is None:
            continue
        name = line.text("placename") or line.text("deployment_id")
        known = stations.setdefault(name, PackageStation(name, *place, name=name))
        if (known.latitude, known.longitude) != place:
            faults.add(
                line.where,
                "placename",
                f"'{name}' has another place on an earlier line.",
                f"“{name}”与前面行中的位置不一致。",
            )
        camera = line.text("camera_id")
        deployments.append(
            PackageDeployment(
                deployment_id=line.text("deployment_id"),
                location_id=name,
                start=start.at,
                end=end.at if end else None,
                offset_seconds=start.offset_seconds,
                where=line.where,
                camera_id=camera,
                camera_model=models.get(camera, ""),
                more=_more(line, faults),
            )
        )
    return stations, deployments


def _whole_day(line: Line) -> Line:
    """Dates are written with a midnight that nobody meant: the last day is whole."""
    text = line.text("end_date")
    day, _, clock = text.partition(" ")
    return Line(
        line.where, {"end_date": day} if clock.startswith("00:00:00") else {"end_date": text}
    )


def _more(line: Line, faults: Faults) -> Mapping[str, str | int | float | bool | None]:
    bait = line.text("bait_type").casefold()
    delay = a_number(line, "quiet_period", 0, 86400, faults)
    told = {
        name: line.text(name)
        for name in ("feature_type", "sensor_height", "sensor_orientation", "camera_functioning",
                     "plot_treatment", "subproject_name", "event_name")
        if line.text(name)
    }  # fmt: skip
    return {
        "setup_by": line.text("recorded_by"),
        "bait_use": bait not in ("", "none", "no"),
        "camera_delay_s": None if delay is None else int(delay),
        "deployment_tags": " | ".join(f"{name}:{text}" for name, text in told.items()),
    }


def _camera_models(opened: Opened) -> dict[str, str]:
    if opened.find("cameras.csv") is None:
        return {}
    table = read_table(opened, "cameras.csv")
    return {
        line.text("camera_id"): " ".join(filter(None, (line.text("make"), line.text("model"))))
        for line in table.lines
    }


class _Row:
    """One line of images.csv or sequences.csv: a media, and what was said of it."""

    def __init__(self, line: Line, faults: Faults, offset: int, *, is_images: bool) -> None:
        self.line, self.is_images = line, is_images
        self.media_id = line.text("image_id") if is_images else ""
        first, last = ("timestamp", "timestamp") if is_images else ("start_time", "end_time")
        self.start = a_moment(line, first, faults, offset_seconds=offset)
        self.end = a_moment(line, last, faults, offset_seconds=offset)
        self.offset = offset
        if not is_images and self.start is None:
            faults.add(line.where, first, "is empty.", "为空。")
        column = "number_of_objects" if is_images else "group_size"
        self.count = a_whole(line, column, 0, 100_000, faults) or None
        self.probability = a_number(line, "cv_confidence", 0, 1, faults)
        self.is_blank = line.text("is_blank").casefold() in ("1", "true", "yes")

    @property
    def event_id(self) -> str:
        return self.line.text("sequence_id", "image_id")

    def media(self) -> PackageMedia:
        line = self.line
        name = PurePosixPath(line.text("filename").replace("\\", "/")).name or self.media_id
        suffix = PurePosixPath(name).suffix.lower()
        return PackageMedia(
            media_id=self.media_id,
            deployment_id=line.text("deployment_id"),
            timestamp=self.start.at if self.start else None,
            offset_seconds=self.start.offset_seconds if self.start else self.offset,
            is_offset_told=bool(self.start and self.start.is_told),
            path=line.text("location", "filename"),
            file_name=name,
            mediatype=MEDIATYPES.get(suffix, "image/jpeg"),
            where=line.where,
            event_id=self.event_id,
            other={"license": line.text("license")} if line.text("license") else {},
        )

    def name(self) -> str:
        """The lowest taxon that was told; a species with its genus."""
        told = [self.line.text(rank) for rank in RANKS]
        genus, species = told[3], told[4]
        if species:
            return species if " " in species else f"{genus} {species}"
        return next((one for one in reversed(told) if one), "")

    def type(self) -> ObservationType:
        common = self.line.text("common_name").casefold()
        if self.is_blank:
            return ObservationType.BLANK
        if self.line.text("genus").casefold() == "homo" or common.startswith("human"):
            return ObservationType.HUMAN
        if common in VEHICLES:
            return ObservationType.VEHICLE
        is_named = bool(self.name()) or common == "animal"
        return ObservationType.ANIMAL if is_named else ObservationType.UNKNOWN

    def taxon(self) -> PackageTaxon | None:
        name, line = self.name(), self.line
        if not name or self.type() is not ObservationType.ANIMAL:
            return None
        rank = next(rank for rank in reversed(RANKS) if line.text(rank))
        common = line.text("common_name")
        return PackageTaxon(
            name=name,
            rank=rank,
            class_name=line.text("class"),
            order_name=line.text("order"),
            family=line.text("family"),
            genus=line.text("genus"),
            vernacular={"en": common} if common and rank == "species" else {},
        )

    def observation(self, counts: dict[str, int]) -> PackageObservation:
        """What was said; an image with several animals has a line for each of them."""
        line, type_ = self.line, self.type()
        key = self.event_id
        counts[key] = counts.get(key, 0) + 1
        is_machine = line.text("identified_by").casefold() in ("", "computer vision")
        is_of_media = is_machine and self.is_images  # a model answers on media, people on events
        return PackageObservation(
            observation_id=key if counts[key] == 1 else f"{key}#{counts[key]}",
            deployment_id=line.text("deployment_id"),
            level=ObservationLevel.MEDIA if is_of_media else ObservationLevel.EVENT,
            media_id=self.media_id if is_of_media else "",
            type=type_.value,
            where=line.where,
            event_id=key,
            start=self.start.at if self.start else None,
            end=self.end.at if self.end else None,
            taxon=self.name() if type_ is ObservationType.ANIMAL else "",
            count=self.count
            if type_ not in (ObservationType.BLANK, ObservationType.UNKNOWN)
            else None,
            life_stage=AGES.get(line.text("age").casefold(), ""),
            sex=SEXES.get(line.text("sex").casefold(), ""),
            individual_id=line.text("individual_id"),
            method=ClassificationMethod.MACHINE if is_machine else ClassificationMethod.HUMAN,
            classified_by=line.text("identified_by") or "Wildlife Insights",
            probability=self.probability if is_machine else None,
            comments=line.text("individual_animal_notes"),
            other=dict(self._others()),
        )

    def _others(self) -> Iterator[tuple[str, str]]:
        for name, text in self.line.others(READ).items():
            if name != "license" and text not in ("Unknown", "false"):
                yield name, text
