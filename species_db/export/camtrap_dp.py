"""Write the survey as a Camtrap DP 1.0.2 package: the form in which camera-trap data travels.

https://camtrap-dp.tdwg.org. Only what a person confirmed leaves unless more is asked for, and every
place passes the gate (DOMAIN.md 7 and 9).
"""

import csv
import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from species_db.decisions import Detail
from species_db.export.camtrap_rows import CamtrapRows
from species_db.export.checks import check_package
from species_db.export.descriptor import Json, Package, created_text, describe_package
from species_db.export.media_facts import MediaFacts
from species_db.export.offering import (
    AsRead,
    ExportRefused,
    ExportReport,
    audience_of,
    offer,
    refuse_exact_sharing,
    refuse_foreign_folder,
    refuse_if,
    sha256_of,
    staged,
)
from species_db.export.outgoing_image import read_bodies
from species_db.export.package_rows import is_elsewhere
from species_db.export.pictures import CopiedPictures, OnPicture, copy_pictures
from species_db.export.records import (
    Records,
    place_counts,
    read_records,
    refuse_unknown_deployments,
)
from species_db.export.terms import (
    DEPLOYMENTS,
    DESCRIPTOR_FILE,
    MEDIA,
    OBSERVATIONS,
    TABLES,
    VERSION,
)
from species_db.export.used_records import used_by_package
from species_db.export.withholding import keep_back
from species_db.language import tr
from species_db.secrecy.release import Sharing, fingerprint_of
from species_db.sensitivity import ExactRelease, open_gate
from species_db.survey import Survey
from species_db.vocabulary import Secrecy

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
    sharing: Sharing | None = None,
    today: date | None = None,
    on_picture: OnPicture = lambda done, total: None,
) -> ExportReport:
    """Write a checked package into OUT, log it, and tell what a person should know about it.

    OUT is a new or empty folder or holds an earlier package of ours, which is replaced as a whole.
    `created` defaults to the last change of the survey's data, so that the same data gives the
    same bytes. Deployments in `exclude` stay out with all their media. A package is internal; with
    `sharing` it holds only what may be shared, and leaves once a second person released it.
    `today` tells which records are old enough to leave; the date at the stations when not given.

    Raises:
        ExportRefused: the package would not be valid, the survey changed meanwhile, or OUT holds
            something else. Nothing is written then, and an earlier package stays.
        SharingError: the release does not fit what would leave.
    """
    out = out.resolve()
    refuse_exact_sharing(sharing, is_exact=exact is not None)
    refuse_foreign_folder(out)
    rows = _read_rows(
        survey,
        include_machine=include_machine,
        exact=exact,
        exclude=exclude,
        sharing=sharing,
        today=today,
    )
    refuse_if(list(_missing_originals(survey, rows.records)))
    with staged(out) as folder:
        folder.mkdir()
        copied = CopiedPictures()
        if with_media:
            copied = _copy(survey, rows, folder, on_picture=on_picture)
        package = _package(rows, copied, created=created)
        sha256s = _write_checked(
            folder, rows, package, copied, person=person, audience=audience_of(sharing)
        )
        return offer(
            survey,
            folder,
            _report(out, rows, package, copied, sha256s=sha256s),
            as_read=_as_read(rows, copied),
            gate=rows.gate,
            person=person,
            details={
                **_details(rows, package, copied),
                "with_media": with_media,
                "exclude": sorted(exclude),
            },
            sharing=sharing,
        )


def _report(
    out: Path,
    rows: CamtrapRows,
    package: Package,
    copied: CopiedPictures,
    *,
    sha256s: dict[str, str],
) -> ExportReport:
    counts = {name: len(written) for name, written in package.tables.items()}
    notes = (*_notes(rows.records), *rows.kept_back.notes(), *copied.notes)
    return ExportReport(out, counts, notes, sha256s)


def _details(rows: CamtrapRows, package: Package, copied: CopiedPictures) -> dict[str, Detail]:
    return {
        "format": FORMAT,
        "created": created_text(package.created),
        "include_machine": rows.include_machine,
        "pictures": len(copied.sha256s),
        **rows.kept_back.details(),
    }


def _copy(
    survey: Survey, rows: CamtrapRows, folder: Path, *, on_picture: OnPicture
) -> CopiedPictures:
    with survey.reading() as session:
        bodies = read_bodies(session)
    return copy_pictures(survey, rows, folder, bodies=bodies, on_picture=on_picture)


def _package(rows: CamtrapRows, copied: CopiedPictures, *, created: datetime | None) -> Package:
    tables = {
        DEPLOYMENTS.name: rows.deployments(),
        MEDIA.name: rows.media(copied.sha256s),
        OBSERVATIONS.name: rows.observations(),
    }
    return Package(tables, created or rows.records.changed_at)


def _write_checked(
    folder: Path,
    rows: CamtrapRows,
    package: Package,
    copied: CopiedPictures,
    *,
    person: str,
    audience: Secrecy,
) -> dict[str, str]:
    descriptor = describe_package(package, rows.records, rows.gate, rows.settings, person=person)
    descriptor["secrecy"] = audience.value
    sha256s = _write_package(folder, package, descriptor)
    if copied.sha256s:
        sha256s["media"] = fingerprint_of(copied.sha256s)
    refuse_if(check_package(folder, own_ids=rows.own_ids(), periods=rows.periods()))
    return sha256s


def _as_read(rows: CamtrapRows, copied: CopiedPictures) -> AsRead:
    return AsRead(
        rows.records.last_change,
        frozenset(copied.sha256s),
        used_by_package(rows.records),
        place_counts(rows.records, rows.gate),
    )


def _read_rows(
    survey: Survey,
    *,
    include_machine: bool,
    exact: ExactRelease | None,
    exclude: Collection[str],
    sharing: Sharing | None,
    today: date | None,
) -> CamtrapRows:
    with survey.reading() as session:
        refuse_unknown_deployments(session, exclude)
        gate = open_gate(session, survey.settings, exact=exact, today=today)
        records = read_records(
            session,
            gate,
            include_machine=include_machine,
            exclude=exclude,
            audience=audience_of(sharing),
        )
        _refuse_without_deployments(records)
        records, kept_back = keep_back(session, records, gate, needs_coordinates=True)
    _refuse_if_all_withheld(records)
    return CamtrapRows(records, gate, survey.settings, include_machine, kept_back)


def _refuse_without_deployments(records: Records) -> None:
    if not records.deployments:
        raise ExportRefused(
            tr(
                "Nothing to export: no deployment has an end or a dated picture. Import the "
                "deployment sheet with its end dates, or a card.",
                "没有可导出的内容:没有任何布设具有结束时间或带日期的照片。请导入含结束日期的布设表或存储卡。",
            )
        )


def _refuse_if_all_withheld(records: Records) -> None:
    if not records.deployments:
        raise ExportRefused(
            tr(
                "Nothing to export: every deployment stands at a place of the category extreme, "
                "and the standard has no row without coordinates.",
                "没有可导出的内容:所有布设均位于极敏感位置,而该标准不允许缺少坐标的记录。",
            )
        )


def _missing_originals(survey: Survey, records: Records) -> Iterator[str]:
    """Name originals that are gone: a record whose proof cannot be shown must not leave."""
    missing: dict[str, list[MediaFacts]] = {}
    for media in records.media:
        if not is_elsewhere(media) and not survey.path_of(media.file_path).is_file():
            missing.setdefault(media.deployment_id, []).append(media)
    for deployment_id, gone in sorted(missing.items()):
        yield tr(
            f"deployment {deployment_id}: {len(gone)} originals are missing from the survey "
            f"folder, the first is {gone[0].file_path}. Bring them back, or leave this deployment "
            "out.",
            f"布设 {deployment_id}:调查文件夹中缺少 {len(gone)} 个原始文件,"
            f"首个为 {gone[0].file_path}。请恢复文件,或在导出时排除该布设。",
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
