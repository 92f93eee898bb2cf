"""The short page of each class I and II taxon: status, records, effort, index, range, map.

What is told of the range is the released page's (species_db/wildlife/release): cells, bands and
months, never a place.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from species_db.evaluation.basis import Basis
from species_db.evaluation.findings import Findings
from species_db.evaluation.maps import PackMap, taxon_map
from species_db.evaluation.protected import TaxonResult
from species_db.language import Language, speaking
from species_db.lists.words import category_word, kind_word
from species_db.places import COUNTIES
from species_db.sensitivity import open_gate
from species_db.vocabulary import StatusKind
from species_db.wildlife.gathered import Shared, read_shared
from species_db.wildlife.parts import ElevationRange, StatusLine, TaxonPage
from species_db.wildlife.release import released_page
from species_db.wildlife.settings import PageSettings

LEVEL_WORDS = {
    "I": ("class I", "国家一级"),
    "II": ("class II", "国家二级"),
    "none": ("not listed", "未列入"),
    "not known": ("not known", "不明"),
}
LANGUAGES: tuple[Language, Language] = ("en", "zh")
SHOWN = ("protected_animals", "protected_plants", "sanyou", "red_list", "iucn", "cites")


@dataclass(frozen=True)
class StatusWord:
    """One list's word on a taxon, on the day of the freeze, in Chinese and English."""

    zh: str
    en: str
    list_version_id: str
    since: str
    is_doubted: bool


@dataclass(frozen=True)
class SpeciesPage:
    """Everything that the page of one taxon prints; None and empty are not known."""

    result: TaxonResult
    level_en: str
    level_zh: str
    statuses: tuple[StatusWord, ...]
    first_month: str
    last_month: str
    counties_zh: tuple[str, ...]
    counties_en: tuple[str, ...]
    eoo_km2: float | None
    aoo_km2: float | None
    elevation: str
    machine_events: int
    map: PackMap


def species_pages(basis: Basis, findings: Findings) -> Iterator[SpeciesPage]:
    """Draw up the page of each protected or chosen taxon with records in the period reported."""
    shown = [one for one in findings.taxa if one.is_seen]
    if not shown:
        return
    counting = basis.freeze.counting
    settings = PageSettings(interval_minutes=counting.interval_minutes, rule=counting.rule)
    shared: Shared = read_shared(basis.session, settings)
    on, gate = basis.freeze.gate_on, basis.gate
    if gate.exact:  # where a taxon ranges is told as coarsely in a complete edition
        gate = open_gate(basis.session, basis.settings, today=on)
    for one in shown:
        with speaking("en"):
            released = released_page(
                basis.session,
                basis.settings,
                one.taxon_id,
                on=on,
                settings=settings,
                shared=shared,
                gate=gate,
            )
        yield _page(basis, one, released.page)


def _page(basis: Basis, one: TaxonResult, page: TaxonPage) -> SpeciesPage:
    level = LEVEL_WORDS.get(one.level, (one.level, one.level))
    counties = [code for code in (result.area for result in one.index) if code in COUNTIES]
    total = page.counts.total.camera
    return SpeciesPage(
        result=one,
        level_en=level[0],
        level_zh=level[1],
        statuses=tuple(_statuses(page.legal.lines)),
        first_month=f"{page.first.on:%Y-%m}" if page.first and page.first.on else "",
        last_month=f"{page.last.on:%Y-%m}" if page.last and page.last.on else "",
        counties_zh=tuple(COUNTIES[code].name_zh for code in counties),
        counties_en=tuple(COUNTIES[code].name_en for code in counties),
        eoo_km2=page.reach.distribution.eoo_km2,
        aoo_km2=page.reach.distribution.aoo_km2,
        elevation=_elevation(page.reach.elevation),
        machine_events=total.machine_events,
        map=taxon_map(basis, one),
    )


def _statuses(lines: tuple[StatusLine, ...]) -> Iterator[StatusWord]:
    for line in lines:
        if line.is_in_force and line.kind in SHOWN:
            words = status_words(line.kind, line.category)
            yield StatusWord(
                zh=words[1],
                en=words[0],
                list_version_id=line.list_version_id,
                since=line.effective_from.isoformat(),
                is_doubted=bool(line.doubt),
            )


def status_words(kind: str, category: str) -> tuple[str, str]:
    """A list's word on a taxon in English and Chinese.

    >>> status_words("protected_animals", "I")
    ('nationally protected animals: I', '国家重点保护野生动物：一级')
    """
    known = StatusKind(kind)
    told = []
    for language in LANGUAGES:
        with speaking(language):
            told.append((kind_word(known), category_word(known, category)))
    return f"{told[0][0]}: {told[0][1]}", f"{told[1][0]}：{told[1][1]}"


def _elevation(told: ElevationRange) -> str:
    """Feet of the lowest and highest band with a record, in metres."""
    if told.lowest is None or told.highest is None:
        return ""
    low, high = told.lowest.metres, told.highest.metres
    return f"{low:,.0f}" if low == high else f"{low:,.0f}–{high:,.0f}"
