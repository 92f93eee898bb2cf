"""Take one file of a field folder: keep its bytes safely, and say what became of it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from ingest import originals
from ingest.card import CardEntry, printable
from ingest.file_problem import FileProblem, ProblemCode
from ingest.metadata import MediaFacts, MediaKind, read_facts
from ingest.photo_time import photo_time
from ingest.take_file import SUFFIXES
from species_db import identity
from species_db.field.placing import Placing
from species_db.language import tr
from species_db.survey import ARCHIVE, Survey
from species_db.tables import FieldFile, FieldImport, FieldPhoto, Media
from species_db.vocabulary import FileOutcome

AT_PLOT = "plot"  # the photo tells no position: it counts as taken somewhere on the plot


@dataclass
class TakenPhoto:
    """What becomes of one file: its journal row, and perhaps its photo."""

    row: FieldFile
    photo: FieldPhoto | None = None


def take_photo(
    survey: Survey, entry: CardEntry, imported: FieldImport, placing: Placing | None
) -> TakenPhoto:
    """Read one file and put its bytes where they belong; the rows are for the caller to commit.

    A file that cannot be used is kept in quarantine byte for byte; bytes that the survey already
    has, as a field photo or from a camera, are not kept twice.

    Raises:
        StorageError: the survey folder cannot take it.
    """
    row = FieldFile(
        field_import_id=imported.field_import_id,
        card_path=entry.card_path,
        bytes=entry.bytes,
        outcome=FileOutcome.IGNORED.value,
    )
    if entry.is_litter:
        return TakenPhoto(row)
    if entry.problem is not None:
        if entry.problem.code is not ProblemCode.LINK_NOT_FOLLOWED:
            row.outcome = FileOutcome.UNREAD.value
        return TakenPhoto(_noted(row, [entry.problem]))
    try:
        source = originals.read_source(entry.path, folder=photo_folder(survey, imported.plot_id))
    except originals.SourceError as error:
        row.outcome = FileOutcome.UNREAD.value
        return TakenPhoto(_noted(row, [FileProblem(ProblemCode.UNREADABLE, str(error))]))
    row.sha256, row.bytes = source.sha256, source.size
    if source.size and _is_duplicate(survey, source, row):
        return TakenPhoto(row)
    return _keep(survey, entry, imported, placing, source, row)


def mark_duplicate(row: FieldFile, photo: FieldPhoto) -> None:
    """Let the journal say that these bytes are a field photo already."""
    row.outcome, row.code = FileOutcome.DUPLICATE.value, ""
    row.field_photo_id = photo.field_photo_id
    row.note = tr(
        f"The same bytes as {photo.card_path}, taken before.",
        f"与先前导入的 {photo.card_path} 内容相同。",
    )


def photo_folder(survey: Survey, plot_id: str) -> Path:
    """Where the originals of a plot's field photos are kept."""
    return survey.folder / "field" / plot_id


def _is_duplicate(survey: Survey, source: originals.SourceFile, row: FieldFile) -> bool:
    """Tell whether the survey has these bytes; a kept copy that was lost is made again of them."""
    with survey.reading() as session:
        photo = session.get(FieldPhoto, identity.field_photo_id(source.sha256))
        media = session.exec(select(Media).where(Media.sha256 == source.sha256)).first()
    if photo is not None:
        if (photo.field_import_id, photo.card_path) == (row.field_import_id, row.card_path):
            return False  # its kept copy was lost or altered: copied anew
        originals.store_original(source, survey.path_of(photo.file_path))
        mark_duplicate(row, photo)
        return True
    if media is None:
        return False
    if media.file_path.startswith(ARCHIVE):  # an archive is only read
        source.discard()
    else:
        originals.store_original(source, survey.path_of(media.file_path))
    row.outcome = FileOutcome.DUPLICATE.value
    row.note = tr(
        f"The same bytes as {media.file_name} from the card of {media.deployment_id}: "
        "camera media, not a field photo.",
        f"与 {media.deployment_id} 存储卡中的 {media.file_name} 内容相同:"
        "属于相机媒体,不是野外照片。",
    )
    return True


def _keep(
    survey: Survey,
    entry: CardEntry,
    imported: FieldImport,
    placing: Placing | None,
    source: originals.SourceFile,
    row: FieldFile,
) -> TakenPhoto:
    facts = _facts(source, entry.path.name)
    if facts.is_usable:
        assumed = timedelta(seconds=survey.settings.utc_offset_seconds)
        photo, doubts = _photo(entry, row, imported, facts, assumed)
        originals.store_original(source, survey.path_of(photo.file_path))
        row.outcome, row.field_photo_id = FileOutcome.STORED.value, photo.field_photo_id
        problems = [*facts.problems, *doubts, *_place_problems(placing, imported.plot_id)]
        return TakenPhoto(_noted(row, problems), photo)
    if source.size == 0:
        row.outcome = FileOutcome.EMPTY.value
    else:
        originals.store_original(source, set_aside(survey, imported.plot_id, row.sha256 or ""))
        row.outcome = FileOutcome.QUARANTINED.value
    return TakenPhoto(_noted(row, list(facts.problems)))


def set_aside(survey: Survey, plot_id: str, sha256: str) -> Path:
    """Where a file that could not be used is kept."""
    return survey.folder / "quarantine" / "field" / plot_id / f"{sha256}.bin"


def _facts(source: originals.SourceFile, file_name: str) -> MediaFacts:
    facts = read_facts(source.head, file_name=file_name, file=source.part)
    if source.part is not None and facts.kind is MediaKind.IMAGE:
        return read_facts(source.part.read_bytes(), file_name=file_name)
    return facts


def _photo(
    entry: CardEntry,
    row: FieldFile,
    imported: FieldImport,
    facts: MediaFacts,
    assumed_offset: timedelta,
) -> tuple[FieldPhoto, list[FileProblem]]:
    when = photo_time(facts, assumed_offset=assumed_offset)
    sha256 = row.sha256 or ""
    photo = FieldPhoto(
        field_photo_id=identity.field_photo_id(sha256),
        sha256=sha256,
        bytes=row.bytes,
        field_import_id=imported.field_import_id,
        file_path=f"field/{imported.plot_id}/{sha256}{SUFFIXES[facts.media_type]}",
        file_name=printable(entry.path.name),
        card_path=entry.card_path,
        file_mediatype=facts.media_type,
        width=facts.width,
        height=facts.height,
        orientation=facts.orientation,
        timestamp=when.instant,
        utc_offset_seconds=int(when.utc_offset.total_seconds()),
        offset_source=when.offset_source,
        camera_time_raw=facts.camera_time_raw,
        camera_time_source=_word(facts.camera_time_source),
        gps_time=facts.gps_time_utc,
        latitude=facts.latitude,
        longitude=facts.longitude,
        altitude_m=facts.altitude_m,
        position_source=_word(facts.gps_source) or AT_PLOT,
        make=facts.make,
        model=facts.model,
    )
    return photo, [when.problem] if when.problem else []


def _place_problems(placing: Placing | None, plot_id: str) -> list[FileProblem]:
    problems = []
    if placing is not None and placing.is_far:
        note = tr(
            f"Taken {placing.distance_m:,.0f} m from the middle of plot {plot_id}.",
            f"拍摄处距样地 {plot_id} 中心 {placing.distance_m:,.0f} 米。",
        )
        problems.append(FileProblem(ProblemCode.OUTSIDE_PLOT, note))
    if placing is not None and placing.gcj02_shift_m is not None:
        note = tr(
            f"The position is off by just the GCJ-02 shift of Chinese map apps "
            f"({placing.gcj02_shift_m:,.0f} m). It is kept as it came; ask the observer.",
            f"位置恰好偏移了国内地图 GCJ-02 的偏移量({placing.gcj02_shift_m:,.0f} 米)。"
            "已按原样保存,请向拍摄者核实。",
        )
        problems.append(FileProblem(ProblemCode.GCJ02_SUSPECT, note))
    return problems


def _noted(row: FieldFile, problems: list[FileProblem]) -> FieldFile:
    row.code = " ".join(str(problem.code) for problem in problems)
    row.note = " ".join(problem.note for problem in problems)
    return row


def _word(term: object) -> str | None:
    return None if term is None else str(term)
