"""The files of a pack as bytes, made from a freeze and nothing else.

No clock, no path, no person who builds, no language of the computer goes into them: the same freeze
gives the same bytes wherever and whenever.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from species_db.evaluation.basis import Basis, Side, read_basis
from species_db.evaluation.changes import ChangeLog, change_log
from species_db.evaluation.findings import Findings, measure
from species_db.evaluation.frozen_survey import reading_freeze
from species_db.evaluation.kept_freeze import Freeze
from species_db.evaluation.maps import county_map, invader_map, watched_map
from species_db.evaluation.pack_table import PackTable
from species_db.evaluation.page import TITLE, Report, page_of
from species_db.evaluation.sources import code_sha256, source_fingerprints
from species_db.evaluation.species_pages import species_pages
from species_db.evaluation.tables import changes_tables, tables_of
from species_db.evaluation.workbook import workbook_of
from species_db.kept_lists import Used
from species_db.language import speaking
from species_db.sensitivity import ExactRelease, Gate
from species_db.survey import SurveySettings
from species_db.version import VERSION
from species_db.vocabulary import Secrecy

PACK_FORMAT, PACK_VERSION = "namcha evaluation pack", 1
PACK_FILE, PAGE_FILE, DOCUMENT_FILE, BOOK_FILE = (
    *("pack.json", "report.html", "report.docx"),
    "tables.xlsx",
)
TABLES = "tables"
MAPS = (
    ("index_class_1", "国家一级保护动物相对多度指数", "index of class I animals"),
    ("dogs", "犬只干扰强度", "dogs per 100 camera-days"),
)
Progress = Callable[[str, int, int], None]  # step, done, total
STEPS = ("check", "read", "measure", "compare", "species", "write")


@dataclass(frozen=True)
class Contents:
    """Every file of a pack by its name, what it found, and every record that it tells."""

    files: Mapping[str, bytes]
    findings: Findings
    gate: Gate
    used: Used
    rows: Mapping[str, int]
    changes: ChangeLog | None = None
    is_same_code: bool = True
    sha256s: Mapping[str, str] = field(default_factory=dict)


def contents_of(
    freeze: Freeze,
    *,
    since: Freeze | None = None,
    exact: ExactRelease | None = None,
    progress: Progress = lambda step, done, total: None,
) -> Contents:
    """Make every file of a pack; both freezes must have been checked before.

    Raises:
        EvaluationError: the survey is secret, or `since` is of another survey.
        SurveyError: the snapshot was made by a newer Namcha.
    """
    with reading_freeze(freeze) as (session, settings), speaking("en"):
        _step(progress, "read")
        basis = read_basis(session, settings, freeze, exact=exact)
        _step(progress, "measure")
        findings = measure(basis)
        _step(progress, "compare")
        changes = _changes(freeze, since, session, settings, exact)
        _step(progress, "species")
        report = _report(basis, findings, changes)
        _step(progress, "write")
        tables = (*tables_of(findings), *(changes_tables(changes) if changes else ()))
        files = _files(report, tables)
        used = frozenset(one for side in (basis.before, basis.after) for one in _used(side))
    sha256s = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return Contents(
        files=files,
        findings=findings,
        gate=basis.gate,
        used=used,
        rows={one.name: len(one.rows) for one in tables},
        changes=changes,
        is_same_code=report.is_same_code,
        sha256s=sha256s,
    )


def _changes(
    freeze: Freeze,
    since: Freeze | None,
    session: Session,
    settings: SurveySettings,
    exact: ExactRelease | None,
) -> ChangeLog | None:
    return change_log(since, freeze, session, settings, exact=exact) if since else None


def _report(basis: Basis, findings: Findings, changes: ChangeLog | None) -> Report:
    maps = (
        watched_map(basis),
        *(county_map(basis, findings, name, zh=zh, en=en) for name, zh, en in MAPS),
        invader_map(basis, findings),
    )
    return Report(basis, findings, tuple(species_pages(basis, findings)), maps, changes)


def _files(report: Report, tables: tuple[PackTable, ...]) -> dict[str, bytes]:
    from species_db.evaluation.document import document_of

    freeze = report.basis.freeze
    files = {
        f"{TABLES}/{one.name}.csv": one.plain.as_csv().encode("utf-8-sig") for one in tables
    }  # the mark is for Excel
    files[BOOK_FILE] = workbook_of(tables, freeze, _about(report))
    files[PAGE_FILE] = page_of(report).encode()
    files[DOCUMENT_FILE] = document_of(report)
    files[PACK_FILE] = _pack(report, files)
    return dict(sorted(files.items()))


def _about(report: Report) -> dict[str, str]:
    """What a workbook must say of itself, since it travels alone."""
    freeze, gate = report.basis.freeze, report.basis.gate
    return {
        "报告 report": f"{TITLE['zh']} {TITLE['en']}",
        "冻结 freeze": freeze.name,
        "报告期 period": str(freeze.period),
        "基线期 baseline": str(freeze.baseline),
        "关口日期 gate as of": freeze.gate_on.isoformat(),
        "冻结声明 freeze.json SHA-256": freeze.sha256,
        "数据内容 content SHA-256": freeze.content_sha256,
        "程序 code": f"namcha {VERSION} {code_sha256(source_fingerprints())}",
        "密级 class": "内部资料，不得外传 internal, not to be passed on",
        "未知 not known": "NA：没有监测或数据太少，不是零 nobody looked, or too little; not 0",
        "比率变化 change, ratio": "报告期÷基线期，1 为不变 reported ÷ baseline, 1: no change",
        "位置处理 generalisation": gate.data_generalizations,
        "未公开 withheld": gate.information_withheld,
    }


def _pack(report: Report, files: Mapping[str, bytes]) -> bytes:
    freeze = report.basis.freeze
    changes = report.changes
    told: dict[str, Any] = {
        "format": PACK_FORMAT,
        "format_version": PACK_VERSION,
        "title": TITLE,
        "secrecy": Secrecy.INTERNAL.value,
        "is_exact": report.basis.gate.exact is not None,
        "freeze": {
            "name": freeze.name,
            "frozen_by": freeze.person,
            "made_at": freeze.made_at.isoformat(),
            "gate_on": freeze.gate_on.isoformat(),
            "period": freeze.period.as_plain(),
            "baseline": freeze.baseline.as_plain(),
            "statement_sha256": freeze.sha256,
            "snapshot_sha256": freeze.told["snapshot"]["sha256"],
            "content_sha256": freeze.content_sha256,
            "key_fingerprint": freeze.key_fingerprint,
            "log_last_hash": freeze.told["log"]["last_hash"],
            "code_sha256": freeze.told["software"]["sha256"],
        },
        "built_with": {
            "software": f"namcha {VERSION}",
            "code_sha256": code_sha256(source_fingerprints()),
            "is_same_code": report.is_same_code,
        },
        "since": changes.name if changes else None,
        "caveats": [one.value for one in report.findings.caveats],
        "dataGeneralizations": report.basis.gate.data_generalizations,
        "informationWithheld": report.basis.gate.information_withheld,
        "files": {name: hashlib.sha256(told).hexdigest() for name, told in sorted(files.items())},
    }
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _used(side: Side) -> Used:
    told = {("event", str(one)) for one in side.study.records.event_ids.tolist()}
    told |= {("fieldrecord", row.record_id) for row in side.rows}
    return frozenset(told | {("deployment", one.deployment_id) for one in side.study.standings})


def _step(progress: Progress, step: str) -> None:
    progress(step, STEPS.index(step), len(STEPS))
