"""Gather what a MegaDetector file is to tell: at the desk everything, for others what may leave."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlmodel import Session, select

from species_db.export.camtrap_rows import CamtrapRows
from species_db.export.megadetector.entries import (
    FilmMoments,
    NameNumbers,
    ToldBox,
    ToldFile,
    ToldName,
    entry_of,
    line_of,
)
from species_db.export.megadetector.model import OWN_CATEGORIES, WrittenModel, choose_model
from species_db.export.megadetector.paths import KeptPaths, PathStyle, ResultPaths
from species_db.export.megadetector.reading import (
    BoxKey,
    FileAnswers,
    place_of,
    read_answers,
    taxon_label,
)
from species_db.export.offering import ExportRefused, audience_of, last_change
from species_db.export.records import read_records
from species_db.export.withholding import KeptBack, keep_back
from species_db.language import tr
from species_db.secrecy.marks import may_reach, read_secrecy
from species_db.secrecy.release import Sharing
from species_db.sensitivity import ExactRelease, Gate, open_gate
from species_db.survey import Survey
from species_db.tables import CameraStation, Deployment, ForeignAnswer, Observation, Taxon
from species_db.vocabulary import Secrecy


@dataclass(frozen=True)
class AtTheDesk:
    """A file for the computer that holds the pictures."""

    reason: str = "opened beside the pictures in Timelapse or AddaxAI"
    """Why true names leave the database; it goes into the log."""
    paths: PathStyle | None = None
    """As in the other tool's file where the answers came in one, else as the survey keeps them."""
    root: Path | None = None
    """The folder that is opened as the image folder; the survey's `media` when not given."""
    deployment_id: str | None = None


@dataclass(frozen=True)
class ForOthers:
    """A file for the pictures of a Camtrap DP package, through the gate."""

    sharing: Sharing | None = None
    today: date | None = None


@dataclass(frozen=True)
class Wanted:
    """Whose answers are wanted, and how sure they must be."""

    model: str | None = None
    min_score: float = 0.0
    film_moments: FilmMoments | None = None


@dataclass
class Gathered:
    """What is to be written, and what the log must know of it."""

    model: WrittenModel
    gate: Gate
    entries: list[tuple[str, str]] = field(default_factory=list)
    """Path and line, so that the file is in the order of paths."""
    numbers: NameNumbers = field(default_factory=lambda: NameNumbers({}, {}))
    detections: int = 0
    failures: int = 0
    elsewhere: int = 0
    secret: int = 0
    overtaken: int = 0
    """Pictures of which the package tells what another model said later."""
    others: tuple[str, ...] = ()
    used: set[tuple[str, str]] = field(default_factory=set)
    last_change: int = 0
    kept_back: KeptBack = field(default_factory=KeptBack)
    root: str = ""


def read_at_desk(
    session: Session,
    survey: Survey,
    audience: AtTheDesk,
    wanted: Wanted,
    *,
    person: str,
) -> Gathered:
    """Read every answer of the model, with the paths under which the pictures lie."""
    chosen, others = choose_model(session, wanted.model)
    gate = open_gate(session, survey.settings, exact=ExactRelease(person, audience.reason))
    read = Gathered(chosen, gate, others=others, last_change=last_change(session))
    read.numbers = NameNumbers(chosen.names, chosen.labels)
    style = audience.paths or (PathStyle.RESULTS if chosen.is_foreign else PathStyle.KEPT)
    kept = KeptPaths(session, survey, audience.root)
    as_told = ResultPaths(_told_paths(session, chosen))
    read.root = {PathStyle.KEPT: str(kept.root), PathStyle.RESULTS: as_told.root}.get(style, "")
    secret = _Secret(session)
    for one in read_answers(session, chosen):
        if audience.deployment_id not in (None, one.deployment_id):
            continue
        if secret.holds(one):
            read.secret += 1
            continue
        path = _path(one, style, kept, as_told)
        if path is None:
            read.elsewhere += 1
            continue
        _add(read, _told_file(one, path, one.boxes), one, wanted)
    return read


def read_for_others(
    session: Session,
    survey: Survey,
    audience: ForOthers,
    wanted: Wanted,
) -> Gathered:
    """Read the answers that a package tells, of the pictures that go with it, by its names.

    A name is the taxon of the row alone: what a model thought of besides is no record.
    """
    gate = open_gate(session, survey.settings, today=audience.today)
    told = audience_of(audience.sharing)
    records = read_records(session, gate, include_machine=True, exclude=(), audience=told)
    records, kept_back = keep_back(session, records, gate, needs_coordinates=True)
    rows = CamtrapRows(records, gate, survey.settings, True, kept_back)
    chosen, others = choose_model(session, wanted.model)
    chosen = replace(chosen, categories=OWN_CATEGORIES)
    read = Gathered(chosen, gate, others=others, kept_back=kept_back)
    read.last_change = records.last_change
    paths = {
        media.media_id: rows.file_path(media)
        for media in records.media
        if rows.is_public(media) and media.file_mediatype == "image/jpeg"
    }
    stated = _stated(records.machine)
    for one in read_answers(session, chosen):
        path = paths.get(one.media_id or "")
        if path is None:
            continue
        said = stated.get(one.media_id or "", [])
        if not any(_is_of(row, chosen) for row in said):
            read.overtaken += bool(one.observation_ids)
            continue
        boxes = tuple(_as_stated(one, said, records.taxa))
        ids = {*one.observation_ids, *(row.observation_id for row in said)}
        _add(read, ToldFile(path, boxes), replace(one, observation_ids=tuple(ids)), wanted)
    return read


def _stated(machine: Iterable[Observation]) -> dict[str, list[Observation]]:
    """What a package tells of each picture: the answers of the model that looked last."""
    stated: dict[str, list[Observation]] = defaultdict(list)
    for row in machine:
        stated[row.media_id or ""].append(row)
    return stated


def _is_of(row: Observation, model: WrittenModel) -> bool:
    """Tell whether a row is the model's own, or of a second stage that repeats it with names."""
    return row.model_version_id in {model.version.model_version_id, *model.second_stages}


def _as_stated(
    one: FileAnswers, said: Iterable[Observation], taxa: Mapping[str, Taxon]
) -> Iterator[ToldBox]:
    """The model's boxes as the package tells them: type and taxon of the row at the same place."""
    rows = {row.observation_id: row for row in said}
    by_place: dict[BoxKey, Observation] = {place_of(row): row for row in rows.values()}
    for box in one.boxes:
        place = (one.media_id or "", *(box.box or (None,) * 4), box.frame_s)
        row = rows.get(box.observation_id) or by_place.get(place)
        if row is not None:
            yield _without_words(box, row, taxa)


def _without_words(box: ToldBox, row: Observation, taxa: Mapping[str, Taxon]) -> ToldBox:
    taxon, score = taxa.get(row.taxon_id or ""), row.classification_probability or 0.0
    name = ToldName(taxon.scientific_name, score, taxon_label(taxon)) if taxon else None
    return replace(box, observation_type=row.observation_type, names=(name,) if name else ())


class _Secret:
    """What never leaves, not even at the desk: secret places and secret events."""

    def __init__(self, session: Session) -> None:
        secrecy = read_secrecy(session)
        if not may_reach(secrecy.survey, Secrecy.INTERNAL):
            raise ExportRefused(
                tr(
                    "Nothing was exported: this survey is secret.",
                    "未导出：本调查的密级为秘密。",
                )
            )
        self._events = secrecy.closed_events(Secrecy.INTERNAL)
        stations = {s.location_id: s for s in session.exec(select(CameraStation))}
        self._deployments = {
            one.deployment_id
            for one in session.exec(select(Deployment))
            if not may_reach(
                secrecy.of_place(one.location_id, stations[one.location_id].plot_id),
                Secrecy.INTERNAL,
            )
        }

    def holds(self, one: FileAnswers) -> bool:
        """Tell whether a file must stay out."""
        return one.deployment_id in self._deployments or one.event_id in self._events


def _told_paths(session: Session, model: WrittenModel) -> Sequence[str]:
    version_id = model.version.model_version_id
    query = select(ForeignAnswer.told_path).where(ForeignAnswer.model_version_id == version_id)
    return session.exec(query).all() if model.is_foreign else ()


def _path(one: FileAnswers, style: PathStyle, kept: KeptPaths, as_told: ResultPaths) -> str | None:
    if style is PathStyle.RESULTS and one.foreign is not None:
        return as_told.relative(one.foreign.told_path)
    if style is PathStyle.CARD:
        return f"{one.deployment_id}/{one.card_path}"
    return kept.below_root(one.file_path) if one.file_path else None


def _told_file(one: FileAnswers, path: str, boxes: Iterable[ToldBox]) -> ToldFile:
    return ToldFile(
        path,
        tuple(boxes),
        failure=one.failure,
        is_film=one.media_type.startswith("video/"),
        frame_rate=one.frame_rate,
        duration_s=one.duration_s,
        is_foreign=one.foreign is not None,
        told=json.loads(one.foreign.told) if one.foreign else {},
    )


def _add(read: Gathered, told: ToldFile, one: FileAnswers, wanted: Wanted) -> None:
    entry = entry_of(
        told, read.model, read.numbers, min_score=wanted.min_score, film_moments=wanted.film_moments
    )
    read.entries.append((told.path, line_of(entry)))
    read.detections += len(entry.get("detections") or ())
    read.failures += "failure" in entry
    read.used |= {("observation", own_id) for own_id in one.observation_ids}
    read.used.add(("deployment", one.deployment_id))
    if one.media_id is not None:
        read.used.add(("media", one.media_id))
