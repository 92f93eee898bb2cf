"""Write the survey as a Camtrap DP 1.0.2 package: the form in which camera-trap data travels.

https://camtrap-dp.tdwg.org. Only what a person confirmed leaves unless more is asked for, and every
place passes the gate (DOMAIN.md 7 and 9).
"""

import csv
import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from species_db.decisions import Detail
from species_db.export.camtrap_rows import CamtrapRows
from species_db.export.checks import check_package
from species_db.export.descriptor import Json, Package, created_text, describe_package
from species_db.export.jpeg import JpegError, strip_jpeg
from species_db.export.media_facts import MediaFacts
from species_db.export.offering import (
    AsRead,
    ExportRefused,
    ExportReport,
    offer,
    refuse_foreign_folder,
    refuse_if,
    sha256_of,
    staged,
)
from species_db.export.records import Records, read_records, refuse_unknown_deployments
from species_db.export.terms import (
    DEPLOYMENTS,
    DESCRIPTOR_FILE,
    MEDIA,
    OBSERVATIONS,
    TABLES,
    VERSION,
)
from species_db.export.used_records import used_by_package
from species_db.language import tr
from species_db.sensitivity import ExactRelease, open_gate
from species_db.survey import Survey

FORMAT = f"camtrap-dp {VERSION}"


def export_camtrap_dp(
    survey: Survey,
    out: Path,
    *,
    person: str,
    include_machine: bool = False,
    with_media: bool = False,
    exact: ExactRelease | None = None,
    exclude: Collection[str] = (),
    created: datetime | None = None,
) -> ExportReport:
    """Write a checked package into OUT, log it, and tell what a person should know about it.

    OUT is a new or empty folder or holds an earlier package of ours, which is replaced as a whole.
    `created` defaults to the last change of the survey's data, so that the same data gives the
    same bytes. Deployments in `exclude` stay out with all their media.

    Raises:
        ExportRefused: the package would not be valid, the survey changed meanwhile, or OUT holds
            something else. Nothing is written then, and an earlier package stays.
    """
    out = out.resolve()
    refuse_foreign_folder(out)
    rows = _read_rows(survey, include_machine=include_machine, exact=exact, exclude=exclude)
    records, gate = rows.records, rows.gate
    refuse_if(list(_missing_originals(survey, records)))
    with staged(out) as folder:
        folder.mkdir()
        public, notes = _copy_pictures(survey, rows, folder) if with_media else (set(), ())
        package = Package(
            {
                DEPLOYMENTS.name: rows.deployments(),
                MEDIA.name: rows.media(public),
                OBSERVATIONS.name: rows.observations(),
            },
            created or records.changed_at,
        )
        descriptor = describe_package(package, records, gate, survey.settings, person=person)
        sha256s = _write_package(folder, package, descriptor)
        own_ids = {gate.key("deployment", own_id): own_id for own_id in records.deployments}
        refuse_if(check_package(folder, own_ids=own_ids))
        counts = {name: len(written) for name, written in package.tables.items()}
        report = ExportReport(out, counts, (*_notes(records), *notes), sha256s)
        details: dict[str, Detail] = {
            "format": FORMAT,
            "created": created_text(package.created),
            "include_machine": include_machine,
            "with_media": with_media,
            "pictures": len(public),
            "exclude": sorted(exclude),
        }
        as_read = AsRead(records.last_change, frozenset(public), used_by_package(records))
        offer(survey, folder, report, as_read=as_read, gate=gate, person=person, details=details)
    return report


def _read_rows(
    survey: Survey,
    *,
    include_machine: bool,
    exact: ExactRelease | None,
    exclude: Collection[str],
) -> CamtrapRows:
    with survey.reading() as session:
        refuse_unknown_deployments(session, exclude)
        gate = open_gate(session, survey.settings, exact=exact)
        records = read_records(session, gate, include_machine=include_machine, exclude=exclude)
    _refuse_without_deployments(records)
    return CamtrapRows(records, gate, survey.settings, include_machine)


def _refuse_without_deployments(records: Records) -> None:
    if not records.deployments:
        raise ExportRefused(
            tr(
                "Nothing to export: no deployment has an end or a dated picture. Import the "
                "deployment sheet with its end dates, or a card.",
                "没有可导出的内容:没有任何布设具有结束时间或带日期的照片。请导入含结束日期的布设表或存储卡。",
            )
        )


def _missing_originals(survey: Survey, records: Records) -> Iterator[str]:
    """Name originals that are gone: a record whose proof cannot be shown must not leave."""
    missing: dict[str, list[MediaFacts]] = {}
    for media in records.media:
        if not survey.path_of(media.file_path).is_file():
            missing.setdefault(media.deployment_id, []).append(media)
    for deployment_id, gone in sorted(missing.items()):
        yield tr(
            f"deployment {deployment_id}: {len(gone)} originals are missing from the survey "
            f"folder, the first is {gone[0].file_path}. Bring them back, or leave this deployment "
            "out.",
            f"布设 {deployment_id}:调查文件夹中缺少 {len(gone)} 个原始文件,"
            f"首个为 {gone[0].file_path}。请恢复文件,或在导出时排除该布设。",
        )


def _copy_pictures(
    survey: Survey, rows: CamtrapRows, folder: Path
) -> tuple[set[str], tuple[str, ...]]:
    """Copy the pictures that may leave, without their metadata; tell which did, and what did not.

    Only JPEG: of other files it cannot be shown that nothing but the picture is left.
    """
    public: set[str] = set()
    kept_back = unreadable = 0
    for media in rows.records.media:
        if not rows.is_public(media):
            kept_back += 1
            continue
        try:
            if media.file_mediatype != "image/jpeg":
                raise JpegError(media.file_mediatype)
            original = survey.path_of(media.file_path).read_bytes()
            picture = strip_jpeg(original, orientation=media.orientation)
        except JpegError:
            unreadable += 1
            continue
        path = folder.joinpath(*rows.file_path(media).split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
        public.add(media.media_id)
    return public, tuple(_picture_notes(len(public), kept_back, unreadable))


def _picture_notes(copied: int, kept_back: int, unreadable: int) -> Iterator[str]:
    if copied:
        yield tr(
            f"{copied} pictures were copied without metadata. What a camera printed into the "
            "picture (a name, a place) is still there: look at them before passing them on.",
            f"已复制 {copied} 张照片并去除元数据。"
            "相机印在画面上的文字(名称、地点)仍在,转交前请查看。",
        )
    if kept_back:
        yield tr(
            f"{kept_back} files were not copied: people or set-up shots in their event, a place "
            "name on them, or nobody looked at them.",
            f"{kept_back} 个文件未复制:所在事件含有人物或布设调试照片,画面带有地名,或尚未查看。",
        )
    if unreadable:
        yield tr(
            f"{unreadable} files were not copied: they are no whole JPEG pictures.",
            f"{unreadable} 个文件未复制:不是完整的 JPEG 照片。",
        )


def _notes(records: Records) -> Iterator[str]:
    yield from records.later_note()
    for deployments, english, chinese in (
        (
            records.ends_from_media,
            "have no end in the sheet; their last picture was taken as the end",
            "在布设表中没有结束时间,以最后一张照片的时间代替",
        ),
        (
            records.deployments_without_end,
            "have neither an end nor a dated picture and were left out",
            "既无结束时间也无带日期的照片,未导出",
        ),
    ):
        if deployments:
            count, names = len(deployments), _some(deployments)
            yield tr(
                f"{count} deployments {english}: {names}.", f"{count} 个布设{chinese}:{names}。"
            )
    if records.undated_media or records.undated_events:
        yield tr(
            f"{records.undated_media} media and {records.undated_events} events have no date and "
            "were left out: the standard requires one.",
            f"{records.undated_media} 个媒体文件和 {records.undated_events} 个事件没有日期,"
            "未导出:标准要求日期。",
        )


def _some(names: Sequence[str], shown: int = 5) -> str:
    return ", ".join(names[:shown]) + (", ..." if len(names) > shown else "")


def _write_package(folder: Path, package: Package, descriptor: Json) -> dict[str, str]:
    """Write the four files; give their SHA-256 by name."""
    for table in TABLES:
        with (folder / table.file_name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(table.columns)
            writer.writerows(package.tables[table.name])
    text = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    (folder / DESCRIPTOR_FILE).write_text(text, encoding="utf-8", newline="\n")
    names = (DESCRIPTOR_FILE, *(table.file_name for table in TABLES))
    return {name: sha256_of(folder / name) for name in names}
