"""What the survey holds of a model's answers, a page of files at a time."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from species_db.export.megadetector.entries import ToldBox, ToldName
from species_db.export.megadetector.model import CLASSIFIER, WrittenModel
from species_db.repeats.dismissed import is_dismissed
from species_db.tables import (
    CardImport,
    ForeignAnswer,
    Media,
    ModelVersion,
    Observation,
    Problem,
    Taxon,
)
from species_db.vocabulary import ClassificationMethod

FILES_A_PAGE = 500
# Problems with which our own detector could not look at a file.
FAILURES = ("pixels_unreadable", "original_missing", "original_altered")

MediaRow = Row[tuple[str, str, str, str, str | None, str, float | None, float | None]]
BoxKey = tuple[str, float | None, float | None, float | None, float | None, float | None]


@dataclass(frozen=True)
class FileAnswers:
    """One file with a model's answers on it, before it is written in any style."""

    deployment_id: str
    event_id: str | None
    card_path: str
    media_id: str | None = None
    file_path: str | None = None
    media_type: str = ""
    duration_s: float | None = None
    frame_rate: float | None = None
    boxes: tuple[ToldBox, ...] = ()
    observation_ids: tuple[str, ...] = ()
    foreign: ForeignAnswer | None = None
    failure: str | None = None


def read_answers(session: Session, model: WrittenModel) -> Iterator[FileAnswers]:
    """Give every file that the model answered on or failed at, media before other files."""
    taxa = _taxa(session)
    last = ""
    while page := _media_page(session, model, after=last):
        last = page[-1].media_id
        yield from _with_answers(session, model, page, taxa)
    yield from _without_media(session, model)


def _media_page(session: Session, model: WrittenModel, *, after: str) -> Sequence[MediaRow]:
    version_id = model.version.model_version_id
    answered = select(Observation.media_id).where(
        Observation.model_version_id == version_id, Observation.media_id == Media.media_id
    )
    told = select(ForeignAnswer.media_id).where(
        ForeignAnswer.model_version_id == version_id, ForeignAnswer.media_id == Media.media_id
    )
    failed = select(Problem.media_id).where(
        Problem.media_id == Media.media_id, col(Problem.code).in_(FAILURES)
    )
    known = [answered.exists(), told.exists()] if model.is_foreign else [answered.exists()]
    query = sql_select(
        col(Media.media_id),
        col(Media.deployment_id),
        col(Media.card_path),
        col(Media.file_path),
        col(Media.event_id),
        col(Media.file_mediatype),
        col(Media.duration_s),
        col(Media.frame_rate),
    ).where(
        col(Media.media_id) > after,
        or_(*known, *(() if model.is_foreign else (failed.exists(),))),
    )
    return list(session.execute(query.order_by(col(Media.media_id)).limit(FILES_A_PAGE)))


def _with_answers(
    session: Session, model: WrittenModel, page: Sequence[MediaRow], taxa: Mapping[str, Taxon]
) -> Iterator[FileAnswers]:
    media_ids = [row.media_id for row in page]
    given: dict[str, list[Observation]] = defaultdict(list)
    for one in session.exec(
        select(Observation).where(
            Observation.model_version_id == model.version.model_version_id,
            col(Observation.media_id).in_(media_ids),
            ~is_dismissed(),
        )
    ):
        given[str(one.media_id)].append(one)
    foreign = _foreign(session, model, media_ids)
    names = {} if model.is_foreign else _names_of_boxes(session, media_ids, taxa)
    failures = {} if model.is_foreign else _failures(session, media_ids)
    for row in page:
        rows = given[row.media_id]
        told = foreign.get(row.media_id)
        boxes = tuple(_box(one, model, names.get(place_of(one), ())) for one in rows)
        failure = told.failure if told else (None if rows else failures.get(row.media_id))
        yield FileAnswers(
            row.deployment_id,
            row.event_id,
            row.card_path,
            row.media_id,
            row.file_path,
            row.file_mediatype,
            row.duration_s,
            row.frame_rate,
            boxes,
            tuple(one.observation_id for one in rows),
            told,
            failure,
        )


def _box(one: Observation, model: WrittenModel, names: tuple[ToldName, ...]) -> ToldBox:
    x, y, width, height = one.bbox_x, one.bbox_y, one.bbox_width, one.bbox_height
    if x is None or y is None or width is None or height is None:
        box = None
    else:
        box = (x, y, width, height)
    own = _told_names(one) if _has_names(model) else ()
    return ToldBox(
        one.observation_id,
        one.observation_type,
        one.classification_probability,
        box,
        one.frame_s,
        own or names,
    )


def _has_names(model: WrittenModel) -> bool:
    """A detector's own words for its boxes are categories; a classifier's are names."""
    return model.is_foreign and model.version.task == CLASSIFIER


def _told_names(one: Observation) -> tuple[ToldName, ...]:
    """All names that another tool's file gave a box, in its words and order."""
    return tuple(
        ToldName(told["label"], told["score"], told.get("whole_label", ""), told.get("code", ""))
        for told in json.loads(one.alternatives or "[]")
    )


def _own_names(one: Observation, taxa: Mapping[str, Taxon]) -> tuple[ToldName, ...]:
    """The name that our own stages settled on; what they thought of besides stays here."""
    taxon = taxa.get(one.taxon_id or "")
    if taxon is None:
        return ()
    score = one.classification_probability or 0.0
    return (ToldName(taxon.scientific_name, score, taxon_label(taxon)),)


def taxon_label(taxon: Taxon) -> str:
    """A taxon as SpeciesNet labels them: `uuid;class;order;family;genus;species;name`.

    >>> taxon_label(Taxon(taxon_id="7191", scientific_name="Panthera uncia", source="",
    ...     taxon_rank="species", class_name="Mammalia", order_name="Carnivora", family="Felidae"))
    '7191;mammalia;carnivora;felidae;panthera;uncia;panthera uncia'
    """
    words = taxon.scientific_name.split()
    is_species = taxon.taxon_rank == "species" and len(words) > 1
    genus = words[0] if is_species or taxon.taxon_rank == "genus" else ""
    ranks = (taxon.class_name, taxon.order_name, taxon.family, genus)
    species = " ".join(words[1:]) if is_species else ""
    told = (*ranks, species, taxon.scientific_name)
    return ";".join((taxon.taxon_id, *(one.lower() for one in told)))


def _names_of_boxes(
    session: Session, media_ids: Collection[str], taxa: Mapping[str, Taxon]
) -> dict[BoxKey, tuple[ToldName, ...]]:
    """What our own classifiers called boxes; the newest word on each holds."""
    rows = session.exec(
        select(Observation)
        .join(ModelVersion, col(ModelVersion.model_version_id) == Observation.model_version_id)
        .where(
            col(Observation.media_id).in_(media_ids),
            Observation.classification_method == ClassificationMethod.MACHINE.value,
            ModelVersion.task == CLASSIFIER,
            col(ModelVersion.origin).is_(None),
            col(Observation.bbox_x).is_not(None),
        )
        .order_by(col(Observation.classification_timestamp), col(Observation.observation_id))
    )
    named: dict[BoxKey, tuple[ToldName, ...]] = {}
    for one in rows:
        if names := _own_names(one, taxa):
            named[place_of(one)] = names
    return named


def place_of(one: Observation) -> BoxKey:
    """Where a row is: its file, box and frame, which a second stage repeats with names."""
    box = (one.bbox_x, one.bbox_y, one.bbox_width, one.bbox_height)
    return (str(one.media_id), *box, one.frame_s)


def _foreign(
    session: Session, model: WrittenModel, media_ids: Collection[str]
) -> dict[str, ForeignAnswer]:
    if not model.is_foreign:
        return {}
    rows = session.exec(
        select(ForeignAnswer).where(
            ForeignAnswer.model_version_id == model.version.model_version_id,
            col(ForeignAnswer.media_id).in_(media_ids),
        )
    )
    return {str(row.media_id): row for row in rows}


def _failures(session: Session, media_ids: Collection[str]) -> dict[str, str]:
    rows = session.exec(
        select(Problem)
        .where(col(Problem.media_id).in_(media_ids), col(Problem.code).in_(FAILURES))
        .order_by(col(Problem.code))
    )
    return {str(row.media_id): row.code for row in rows}


def _without_media(session: Session, model: WrittenModel) -> Iterator[FileAnswers]:
    """Files of cards that the other tool spoke of and that are no media here."""
    if not model.is_foreign:
        return
    rows = session.exec(
        select(ForeignAnswer, CardImport.deployment_id)
        .join(CardImport, col(CardImport.card_import_id) == col(ForeignAnswer.card_import_id))
        .where(
            ForeignAnswer.model_version_id == model.version.model_version_id,
            col(ForeignAnswer.media_id).is_(None),
            col(ForeignAnswer.failure).is_not(None),
        )
        .order_by(col(ForeignAnswer.card_import_id), col(ForeignAnswer.card_path))
    )
    for row, deployment_id in rows:
        yield FileAnswers(deployment_id, None, row.card_path, foreign=row, failure=row.failure)


def _taxa(session: Session) -> dict[str, Taxon]:
    return {one.taxon_id: one for one in session.exec(select(Taxon))}
