"""Write the confirmed records as one flat table in Darwin Core terms, for GBIF, R and Excel.

One row is one taxon in one reviewed event (https://dwc.tdwg.org; DOMAIN.md 8). Pictures without an
animal and events nobody confirmed are no occurrences; absence is not stated, for want of effort.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from species_db.export.occurrence_rows import HEADERS_ZH, OccurrenceRows
from species_db.export.offering import (
    AsRead,
    ExportRefused,
    ExportReport,
    audience_of,
    offer,
    refuse_exact_sharing,
    refuse_if,
    sha256_of,
    staged,
)
from species_db.export.records import (
    Records,
    place_counts,
    read_records,
    refuse_unknown_deployments,
)
from species_db.export.terms import OBSERVATIONS
from species_db.export.used_records import used_by_occurrences
from species_db.export.withholding import KeptBack, keep_back
from species_db.language import tr
from species_db.secrecy.release import Sharing
from species_db.sensitivity import ExactRelease, Gate, open_gate
from species_db.survey import Survey

FORMAT = "occurrences (Darwin Core)"
Headers = Literal["en", "zh"]
COLUMNS: Mapping[Headers, tuple[str, ...]] = {
    "en": tuple(HEADERS_ZH),
    "zh": tuple(HEADERS_ZH.values()),
}
_ADDED_LATER = frozenset({"accessRights", HEADERS_ZH["accessRights"]})
# What GBIF refuses a record without (STANDARDS.md 2), and how far it may go.
REQUIRED = ("occurrenceID", "basisOfRecord", "scientificName", "eventDate", "accessRights")
VOCABULARIES = {
    term.name: term.enum for term in OBSERVATIONS.terms if term.name in ("sex", "lifeStage")
}


def export_occurrences(
    survey: Survey,
    out_csv: Path,
    *,
    person: str,
    include_machine: bool = False,
    headers: Headers = "en",
    exact: ExactRelease | None = None,
    exclude: Collection[str] = (),
    sharing: Sharing | None = None,
    today: date | None = None,
) -> ExportReport:
    """Write the occurrence table, log it, and tell what was left out and why.

    UTF-8 with a byte order mark and CRLF line ends: so Excel opens it with Chinese intact, and
    RFC 4180 asks for CRLF. `headers` are the Darwin Core terms ("en") or Chinese names ("zh").
    `today` tells which records are old enough to leave; the date at the stations when not given.

    Raises:
        ExportRefused: a record is not fit to leave, or a file that is no earlier table of ours
            stands at OUT_CSV. Nothing is written then.
        SharingError: the release does not fit what would leave.
    """
    out = out_csv.resolve()
    refuse_exact_sharing(sharing, is_exact=exact is not None)
    _refuse_foreign_file(out)
    records, gate, kept_back = _read(
        survey,
        include_machine=include_machine,
        exact=exact,
        exclude=exclude,
        sharing=sharing,
        today=today,
    )
    rows = list(OccurrenceRows(records, gate, survey.settings, audience_of(sharing)))
    refuse_if(list(_reasons(rows)))
    with staged(out) as place:
        _write_table(place, rows, headers)
        report = ExportReport(
            path=out,
            rows={"occurrences": len(rows)},
            notes=(*_notes(records), *kept_back.notes()),
            sha256s={out.name: sha256_of(place)},
        )
        return offer(
            survey,
            place,
            report,
            as_read=_as_read(records, gate),
            gate=gate,
            person=person,
            details={
                "format": FORMAT,
                "include_machine": include_machine,
                "headers": headers,
                "exclude": sorted(exclude),
                **kept_back.details(),
            },
            sharing=sharing,
        )


def _read(
    survey: Survey,
    *,
    include_machine: bool,
    exact: ExactRelease | None,
    exclude: Collection[str],
    sharing: Sharing | None,
    today: date | None,
) -> tuple[Records, Gate, KeptBack]:
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
        records, kept_back = keep_back(session, records, gate, needs_coordinates=False)
    return records, gate, kept_back


def _as_read(records: Records, gate: Gate) -> AsRead:
    return AsRead(
        records.last_change,
        used=used_by_occurrences(records),
        places=place_counts(records, gate),
    )


def _write_table(place: Path, rows: Sequence[Mapping[str, str]], headers: Headers) -> None:
    with place.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(COLUMNS[headers])
        writer.writerows([row[term] for term in COLUMNS["en"]] for row in rows)


def _refuse_foreign_file(out: Path) -> None:
    if not out.exists():
        return
    try:
        with out.open(encoding="utf-8-sig", newline="") as stream:
            if _without_later(next(csv.reader(stream), ())) in map(
                _without_later, COLUMNS.values()
            ):
                return
    except (OSError, UnicodeDecodeError, csv.Error):
        pass
    raise ExportRefused(
        tr(
            f"{out} is not an earlier occurrence table and is left as it is. Name another file.",
            f"{out} 不是此前导出的物种记录表,未作改动。请指定其他文件名。",
        )
    )


def _without_later(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that tables of ours have had from the first."""
    return tuple(name for name in columns if name not in _ADDED_LATER)


def _reasons(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Check what GBIF refuses or cannot read: doubled ids, empty required terms, free words."""
    seen: dict[str, int] = defaultdict(int)
    for row in rows:
        seen[row["occurrenceID"]] += 1
        for term in REQUIRED:
            if not row[term]:
                yield tr(
                    f"{row['occurrenceID']}: {term} is empty.",
                    f"{row['occurrenceID']}:{term} 为空。",
                )
        for term, words in VOCABULARIES.items():
            if row[term] not in ("", *words):
                yield tr(
                    f"{row['occurrenceID']}: {term} must be one of {', '.join(words)}.",
                    f"{row['occurrenceID']}:{term} 只能是 {'、'.join(words)}。",
                )
    for occurrence_id, count in seen.items():
        if count > 1:
            yield tr(
                f"{occurrence_id} stands for {count} records.",
                f"{occurrence_id} 对应 {count} 条记录。",
            )


def _notes(records: Records) -> Iterator[str]:
    yield from records.later_note()
    if records.undated_events:
        yield tr(
            f"{records.undated_events} events have no date and were left out: GBIF refuses an "
            "occurrence without a date.",
            f"{records.undated_events} 个事件没有日期,未导出:GBIF 不接收没有日期的记录。",
        )
    if records.deployments_without_end:
        count = len(records.deployments_without_end)
        yield tr(
            f"{count} deployments have neither an end nor a dated picture and were left out.",
            f"{count} 个布设既无结束时间也无带日期的照片,未导出。",
        )
    outside = sorted(
        {
            event.deployment_id
            for event in records.events.values()
            if not records.deployments[event.deployment_id].deployment_start
            <= records.spans[event.event_id][0]
            <= records.ends[event.deployment_id]
        }
    )
    if outside:
        yield tr(
            f"Events lie outside the dates of {len(outside)} deployments "
            f"({', '.join(outside[:5])}): their dates are doubtful. Correct the deployment sheet "
            "or leave these deployments out.",
            f"{len(outside)} 个布设({', '.join(outside[:5])})有事件不在布设日期之内,"
            "日期可疑。请改正布设表或排除这些布设。",
        )
