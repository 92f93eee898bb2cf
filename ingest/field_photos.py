"""Read a folder of field photos into the survey: kept by content, placed on a plot, made records.

Killing this at any moment and running it again ends as one clean run would: a file counts only
once its journal row is committed, after its bytes are safe; records are worked out at the end.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from ingest import originals
from ingest.card import CardEntry, CardError, CardListing, list_card, printable
from ingest.field_places import FarPhotos, FieldPlaces, far_photos, find_places
from ingest.field_report import FieldReport, build_report
from ingest.import_lock import import_lock
from ingest.take_photo import TakenPhoto, mark_duplicate, photo_folder, set_aside, take_photo
from species_db import identity
from species_db.decisions import Detail, last_details, record_decision
from species_db.field.drafting import make_drafts
from species_db.language import did_you_mean, tr
from species_db.sealed_list import SEALED, sealed_so_far, tell_rows
from species_db.survey import Survey
from species_db.tables import FieldFile, FieldImport, FieldPhoto, FieldRecord, Plot
from species_db.version import VERSION
from species_db.vocabulary import Act, FieldProtocol, FileOutcome

BATCH_FILES = 20  # rows a commit: phone photos are large, so this is a second or two of work
BATCH_SECONDS = 2.0


class FieldImportError(Exception):
    """The folder cannot be taken as field photos of this plot."""


@dataclass(frozen=True)
class FieldVisit:
    """Who made the photos, on which plot, and how (Darwin Core `samplingProtocol`)."""

    plot_id: str
    observer: str
    protocol: FieldProtocol = FieldProtocol.INCIDENTAL


Report = Callable[[int, int], None]  # steps done, steps in all: each file is looked at, then taken
Accept = Callable[[FarPhotos], bool]


def import_field(
    survey: Survey,
    folder: Path,
    *,
    visit: FieldVisit,
    person: str,
    accept_far: Accept = lambda far: False,
    report: Report = lambda done, total: None,
) -> FieldReport:
    """Bring a folder of phone, camera and drone photos in as draft field records of a plot.

    Nothing is written before it is known where the photos lie: `accept_far` is asked once about
    those beyond the plot's radius. The same folder again continues, or adds nothing.

    Raises:
        FieldImportError: no such plot or folder, nothing in it, or photos too far off and refused.
        StorageError: the survey folder is full or read-only; run again to go on.
    """
    plot = _plot(survey, visit)
    listing = _list(survey, folder)
    field_import_id = identity.field_import_id(plot.plot_id, listing.fingerprint)
    with import_lock(survey, field_import_id):
        return _import_listed(survey, listing, plot, visit, person, accept_far, report)


def _import_listed(
    survey: Survey,
    listing: CardListing,
    plot: Plot,
    visit: FieldVisit,
    person: str,
    accept_far: Accept,
    report: Report,
) -> FieldReport:
    field_import_id = identity.field_import_id(plot.plot_id, listing.fingerprint)
    fresh = _fresh(survey, listing, field_import_id)
    steps = _Steps(len(fresh) * 2, report)
    with survey.reading() as session:
        _refuse_other_visit(session, field_import_id, visit)
        places = find_places(session, plot, field_import_id, fresh, step=steps.step)
        far = far_photos(session, places)
    if far is not None and not accept_far(far):
        raise FieldImportError(
            far.as_text()
            + tr(
                " Nothing was imported. Check --plot, or take them all the same with --accept-far.",
                "未导入任何文件。请核对 --plot;如确属该样地,请加 --accept-far 导入。",
            )
        )
    imported = _open_import(survey, listing, field_import_id, visit, person)
    for place in (photo_folder(survey, plot.plot_id), set_aside(survey, plot.plot_id, "").parent):
        originals.sweep_parts(place)
    _take(survey, fresh, imported, places, steps)
    return _close(survey, imported, person=person, is_changed=bool(fresh))


class _Steps:
    """Counts files looked at and taken, for the progress line."""

    def __init__(self, total: int, report: Report) -> None:
        self._done, self._total, self._report = 0, total, report

    def step(self) -> None:
        self._done += 1
        self._report(self._done, self._total)


def _plot(survey: Survey, visit: FieldVisit) -> Plot:
    if not visit.observer.strip():
        raise FieldImportError(
            tr("Who made the photos? Pass --observer NAME.", "请用 --observer 说明拍摄者。")
        )
    with survey.reading() as session:
        plot = session.get(Plot, visit.plot_id)
        known = session.exec(select(Plot.plot_id)).all()
    if plot is None:
        raise FieldImportError(
            tr(
                f"No plot {visit.plot_id} among the {len(known)} of this survey."
                f"{did_you_mean(visit.plot_id, known)} Bring plots with 'namcha plots import'.",
                f"本调查的 {len(known)} 个样地中没有 {visit.plot_id}。"
                f"{did_you_mean(visit.plot_id, known)}请先用“namcha plots import”导入样地。",
            )
        )
    return plot


def _list(survey: Survey, folder: Path) -> CardListing:
    found, own = folder.resolve(), survey.folder.resolve()
    if found.is_relative_to(own) or own.is_relative_to(found):
        raise FieldImportError(
            tr(
                f"{folder} and the survey folder lie inside one another. "
                "Name the folder that holds only the photos.",
                f"{folder} 与调查文件夹互相包含。请指定只存放照片的文件夹。",
            )
        )
    try:
        return list_card(folder)
    except CardError:
        raise FieldImportError(
            tr(
                f"No photos in {folder}: there is no such folder, or no file in it. "
                "Check the name, or copy the photos from the phone first.",
                f"{folder} 中没有照片:文件夹不存在或为空。请核对名称,或先从手机复制照片。",
            )
        ) from None


def _refuse_other_visit(session: Session, field_import_id: str, visit: FieldVisit) -> None:
    known = session.get(FieldImport, field_import_id)
    if known is None or (known.observer, known.protocol) == (visit.observer, visit.protocol.value):
        return
    raise FieldImportError(
        tr(
            f"This folder was already imported for plot {known.plot_id} as {known.protocol} by "
            f"{known.observer}. Run it again with the same --observer and --protocol.",
            f"该文件夹已导入样地 {known.plot_id}({known.observer},{known.protocol})。"
            "请使用相同的 --observer 和 --protocol。",
        )
    )


def _fresh(survey: Survey, listing: CardListing, field_import_id: str) -> list[CardEntry]:
    """The files that the journal does not yet know as safe."""
    statement = (
        select(FieldFile, FieldPhoto, FieldImport.plot_id)
        .join(FieldImport, col(FieldImport.field_import_id) == col(FieldFile.field_import_id))
        .outerjoin(FieldPhoto, col(FieldPhoto.field_photo_id) == col(FieldFile.field_photo_id))
        .where(FieldFile.field_import_id == field_import_id)
    )
    with survey.reading() as session:
        safe = {
            row.card_path
            for row, photo, plot_id in session.exec(statement)
            if _is_safe(survey, row, photo, plot_id)
        }
    return [entry for entry in listing.entries if entry.card_path not in safe]


def _is_safe(survey: Survey, row: FieldFile, photo: FieldPhoto | None, plot_id: str) -> bool:
    if row.outcome == FileOutcome.UNREAD.value:
        return False
    sha256 = row.sha256 or ""
    if row.outcome == FileOutcome.STORED.value:
        kept = survey.path_of(photo.file_path) if photo is not None else None
        return kept is not None and originals.holds(kept, size=row.bytes, sha256=sha256)
    if row.outcome == FileOutcome.QUARANTINED.value:
        kept = set_aside(survey, plot_id, sha256)
        return originals.holds(kept, size=row.bytes, sha256=sha256)
    return True


def _open_import(
    survey: Survey,
    listing: CardListing,
    field_import_id: str,
    visit: FieldVisit,
    person: str,
) -> FieldImport:
    with survey.writing() as session:
        imported = session.get(FieldImport, field_import_id)
        if imported is None:
            root = listing.root.resolve()
            imported = FieldImport(
                field_import_id=field_import_id,
                folder=printable(root.name or str(root)),
                plot_id=visit.plot_id,
                observer=visit.observer,
                protocol=visit.protocol.value,
                person=person,
                software_version=VERSION,
                started_at=datetime.now(UTC),
            )
            session.add(imported)
    return imported


def _take(
    survey: Survey,
    fresh: Sequence[CardEntry],
    imported: FieldImport,
    places: FieldPlaces,
    steps: _Steps,
) -> None:
    batch: list[TakenPhoto] = []
    last_commit = time.monotonic()
    for entry in fresh:
        placing = places.placings.get(entry.card_path)
        batch.append(take_photo(survey, entry, imported, placing))
        if len(batch) >= BATCH_FILES or time.monotonic() - last_commit > BATCH_SECONDS:
            _commit(survey, batch)
            batch, last_commit = [], time.monotonic()
        steps.step()
    _commit(survey, batch)


def _commit(survey: Survey, batch: Sequence[TakenPhoto]) -> None:
    if not batch:
        return
    with survey.writing() as session:
        for taken in batch:
            if taken.photo is not None:
                _settle(session, survey, taken, taken.photo)
            session.merge(taken.row)
            session.flush()


def _settle(session: Session, survey: Survey, taken: TakenPhoto, photo: FieldPhoto) -> None:
    """Add the photo, unless these bytes are a photo already: then the file is a duplicate."""
    kept = session.get(FieldPhoto, photo.field_photo_id)
    if kept is None:
        session.add(photo)
        session.flush()
        return
    if (kept.field_import_id, kept.card_path) == (photo.field_import_id, photo.card_path):
        return  # its copy was lost or altered, and has just been made again
    mark_duplicate(taken.row, kept)
    if kept.file_path != photo.file_path:
        spare = survey.path_of(photo.file_path)
        originals.keep_one(
            survey.path_of(kept.file_path), spare, size=kept.bytes, sha256=kept.sha256
        )


def _close(survey: Survey, imported: FieldImport, *, person: str, is_changed: bool) -> FieldReport:
    """Make the records, log what came in, and give the report."""
    here = imported.field_import_id
    if is_changed or imported.completed_at is None:
        with survey.writing() as session:
            make_drafts(session, here)
            stored = session.get_one(FieldImport, here)
            stored.completed_at = stored.completed_at or datetime.now(UTC)
            details = _details(session, stored)
            for table in (FieldImport, FieldFile, FieldPhoto, FieldRecord):
                mine = select(table).where(table.field_import_id == here)
                tell_rows(session, session.exec(mine))
            told = details | {SEALED: sealed_so_far(session, survey.folder)}
            logged = last_details(session, Act.FIELD_IMPORTED, subject=here)
            if logged is None or json.loads(logged) != told:
                record_decision(
                    session, Act.FIELD_IMPORTED, subject=here, person=person, details=details
                )
    with survey.reading() as session:
        return build_report(session, session.get_one(FieldImport, here))


def _details(session: Session, imported: FieldImport) -> dict[str, Detail]:
    """What the log says of an import: whose, where, and a hash over every file's name and bytes."""
    rows = session.exec(
        select(FieldFile)
        .where(FieldFile.field_import_id == imported.field_import_id)
        .order_by(col(FieldFile.card_path))
    ).all()
    told = hashlib.sha256()
    for row in rows:
        if row.sha256:
            told.update(f"{row.card_path}\0{row.sha256}\n".encode())
    outcomes = Counter(row.outcome for row in rows if row.outcome != FileOutcome.IGNORED.value)
    return {
        "plot_id": imported.plot_id,
        "observer": imported.observer,
        "protocol": imported.protocol,
        "outcomes": dict(sorted(outcomes.items())),
        "content_sha256": told.hexdigest(),
    }
