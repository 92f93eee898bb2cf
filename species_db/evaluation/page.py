"""The report as one HTML page: offline, without scripts, and printing on A4."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from species_db.evaluation.basis import Basis
from species_db.evaluation.changes import ChangeLog
from species_db.evaluation.charts import Line, changes_chart, indices_chart
from species_db.evaluation.findings import Findings
from species_db.evaluation.indicators import indicators
from species_db.evaluation.maps import PackMap
from species_db.evaluation.report_parts import (
    CHARTED,
    IN_NO_COUNTY,
    PROTECTED,
    Row,
    caveat_sentences,
    clause_rows,
    clear_changes,
    county_areas,
    county_lines,
    left_out_sentences,
    row_of,
    tiles,
)
from species_db.evaluation.results import NOT_TOLD, area_words
from species_db.evaluation.sources import code_sha256, source_fingerprints
from species_db.evaluation.species_pages import SpeciesPage, status_words
from species_db.evaluation.words import NOT_KNOWN
from species_db.language import speaking

TEMPLATE = "report.html"
TITLE = {"zh": "林芝市生物多样性监测评估报告", "en": "Biodiversity monitoring evaluation, Linzhi"}
METHODS = {
    "manual": "人工清除",
    "mechanical": "机械清除",
    "chemical": "化学防治",
    "biological": "生物防治",
    "trapping": "诱捕",
    "other": "其他",
}
DESIGNS = {
    "baci": "前后对照 before/after, control",
    "one_treated": "少量处理样地 few treated plots",
    "before_after": "仅前后比较 before/after only",
    "too_few": "样地太少 too few plots",
}


@dataclass(frozen=True)
class Report:
    """All that a page and a document print."""

    basis: Basis
    findings: Findings
    species: tuple[SpeciesPage, ...]
    maps: tuple[PackMap, ...]
    changes: ChangeLog | None = None

    @property
    def is_same_code(self) -> bool:
        """Whether the code that builds is the code that was frozen."""
        frozen = self.basis.freeze.told["software"]["sources"]
        return code_sha256(frozen) == code_sha256(source_fingerprints())


@dataclass(frozen=True)
class SpeciesView:
    """A species page with its numbers in words."""

    page: SpeciesPage
    row: Row
    stations: Row

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)

    @property
    def eoo(self) -> str:
        """Extent of occurrence."""
        return _km2(self.page.eoo_km2)

    @property
    def aoo(self) -> str:
        """Area of occupancy."""
        return _km2(self.page.aoo_km2)


def page_of(report: Report) -> str:
    """Draw the page; the same bytes from the same freeze."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = _number
    environment.filters["status"] = lambda pair: status_words(*pair)[1]
    environment.filters["area"] = lambda code: area_words(code)[1]
    text = files("species_db.evaluation").joinpath(TEMPLATE).read_text(encoding="utf-8")
    with speaking("zh"):
        return environment.from_string(text).render(**_told(report))


def species_views(report: Report) -> tuple[SpeciesView, ...]:
    """Every species page with its numbers in words."""
    return tuple(SpeciesView(one, _row(one), row_of(one.result.stations)) for one in report.species)


def _row(page: SpeciesPage) -> Row:
    """The index of a taxon in words; of an unprotected one a change is neither good nor bad."""
    row = row_of(page.result.whole)
    return row if page.result.level in PROTECTED else replace(row, tone="plain")


def rules_in_words(report: Report) -> Mapping[str, str]:
    """The rules of counting in one line, in both languages."""
    question = report.basis.freeze.counting.question()
    told = {}
    for language in ("zh", "en"):
        with speaking("zh" if language == "zh" else "en"):
            told[language] = question.in_words()
    return told


def _told(report: Report) -> dict[str, Any]:
    basis, findings = report.basis, report.findings
    lines = [
        Line(indicators()[name].zh, indicators()[name].en, findings.of(name)) for name in CHARTED
    ]
    shown = [one for one in findings.taxa if one.is_seen]
    rules = rules_in_words(report)
    return {
        "title": TITLE,
        "freeze": basis.freeze,
        "freeze_sha256": basis.freeze.sha256,
        "told": basis.freeze.told,
        "settings": basis.settings,
        "is_same_code": report.is_same_code,
        "is_exact": basis.gate.exact is not None,
        "tiles": tiles(findings),
        "sentences": clear_changes(findings),
        "clauses": clause_rows(findings),
        "changes_chart": changes_chart(lines),
        "counties": [area_words(code) for code in county_areas(findings)],
        "in_no_county": IN_NO_COUNTY if NOT_TOLD in county_areas(findings) else None,
        "county_lines": county_lines(findings),
        "maps": report.maps,
        "species_chart": indices_chart(shown) if shown else "",
        "species": species_views(report),
        "invaders": findings.invaders,
        "actions": findings.actions,
        "methods": METHODS,
        "designs": DESIGNS,
        "rules": [one for one in findings.rules if sum((*one.raised, *one.closed))],
        "machine_only": findings.machine_only,
        "changes": report.changes,
        "rules_zh": rules["zh"],
        "rules_en": rules["en"],
        "caveats": caveat_sentences(findings),
        "left_out": tuple(left_out_sentences(basis)),
        "gate_words": basis.gate.data_generalizations + basis.gate.information_withheld,
        "gate_words_short": f"位置按 {basis.freeze.gate_on} 的规则经关口处理。",
    }


def _km2(area_km2: float | None) -> str:
    return NOT_KNOWN if area_km2 is None else f"{area_km2:,.0f} km²"


def _number(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:,.0f}"
