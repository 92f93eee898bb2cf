"""The report as values that a page and a document print alike: headings, rows, sentences."""

from collections.abc import Iterator
from dataclasses import dataclass

from species_db.evaluation.basis import Basis
from species_db.evaluation.caveats import WORDS
from species_db.evaluation.findings import Findings
from species_db.evaluation.indicators import clauses, indicators
from species_db.evaluation.protected import TaxonResult
from species_db.evaluation.results import NOT_TOLD, WHOLE, Measured, Result
from species_db.evaluation.words import (
    change_interval,
    change_size,
    change_text,
    change_unit,
    effort_text,
    interval_text,
    reason_text,
    sign,
    tone,
    value_text,
    verdict_text,
)
from species_db.places import COUNTIES

TILES = (
    *("camera_days", "index_class_1", "index_class_2"),
    *("dogs", "infested_area", "warnings_on_time"),
)
BY_COUNTY = (
    *("camera_days", "working_share", "taxa_class_1", "taxa_class_2", "index_class_1"),
    *("index_class_2", "stations_class_1", "people", "dogs", "livestock", "vehicles"),
    *("invasive_taxa", "squares_searched", "squares_occupied", "infested_area"),
    *("warnings_raised", "warnings_closed", "reviewed_share"),
)
PROTECTED = ("I", "II")  # whether more of another taxon is to be wished for nobody can say
LEAST_SHARE = 0.05  # of the baseline: a difference below it is exact, and no news
CHARTED = (
    *("index_class_1", "index_class_2", "people", "dogs", "livestock", "vehicles"),
    "infested_area",
)


@dataclass(frozen=True)
class SideWords:
    """One period of a result in words."""

    value: str
    interval: str
    effort_zh: str
    effort_en: str
    counted_to: str


@dataclass(frozen=True)
class Row:
    """One result in words, for a line of a table."""

    result: Result
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    before: SideWords
    after: SideWords
    change: str
    change_unit_zh: str
    interval: str
    verdict_zh: str
    verdict_en: str
    reason_zh: str
    reason_en: str
    sign: str
    tone: str


@dataclass(frozen=True)
class ClauseRows:
    """One clause with the lines that answer it."""

    number: int
    zh: str
    en: str
    rows: tuple[Row, ...]
    elsewhere_zh: str
    elsewhere_en: str


@dataclass(frozen=True)
class CountyCell:
    """One county's value of an indicator, with the verdict's sign."""

    value: str
    effort: str
    sign: str
    tone: str


@dataclass(frozen=True)
class CountyLine:
    """One indicator over all counties."""

    zh: str
    en: str
    unit_zh: str
    cells: tuple[CountyCell, ...]


@dataclass(frozen=True)
class Sentence:
    """One sentence of the findings, in both languages, with its tone."""

    zh: str
    en: str
    tone: str


def row_of(result: Result) -> Row:
    """A result in words."""
    indicator = result.indicator
    verdict, reason = verdict_text(result), reason_text(result)
    return Row(
        result=result,
        zh=indicator.zh,
        en=indicator.en,
        unit_zh=indicator.unit_zh,
        unit_en=indicator.unit_en,
        before=_side(result, result.before),
        after=_side(result, result.after),
        change=change_text(result),
        change_unit_zh=change_unit(result)[1],
        interval=change_interval(result),
        verdict_zh=verdict[1],
        verdict_en=verdict[0],
        reason_zh=reason[1],
        reason_en=reason[0],
        sign=sign(result),
        tone=tone(result),
    )


def clause_rows(findings: Findings) -> tuple[ClauseRows, ...]:
    """Every clause with its answers for the whole prefecture."""
    return tuple(
        ClauseRows(
            number=number,
            zh=one.zh,
            en=one.en,
            rows=tuple(row_of(findings.of(name)) for name in one.answers),
            elsewhere_zh=one.elsewhere_zh,
            elsewhere_en=one.elsewhere_en,
        )
        for number, one in enumerate(clauses(), start=1)
    )


def tiles(findings: Findings) -> tuple[Row, ...]:
    """The few numbers that stand at the head of the report."""
    return tuple(row_of(findings.of(name)) for name in TILES)


IN_NO_COUNTY = Sentence(
    "县域不公开的点位单列一栏，不计入任何县：某县为 0 不等于没有。",
    "Places whose county is not told have a column of their own and count in no county: a county's "
    "0 is no absence.",
    "plain",
)


def county_areas(findings: Findings) -> tuple[str, ...]:
    """The columns of the table by county: the last one is of places whose county is not told.

    Without it a county's nought would read as an absence where the gate keeps a county back.
    """
    untold = any(one.area == NOT_TOLD and one.indicator_id in BY_COUNTY for one in findings.results)
    return (*sorted(COUNTIES), *([NOT_TOLD] if untold else ()))


def county_lines(findings: Findings) -> tuple[CountyLine, ...]:
    """The indicators that are told by county, a line each; a dash where nobody looked."""
    known = {(one.indicator_id, one.area): one for one in findings.results}
    lines = []
    for name in BY_COUNTY:
        indicator = indicators()[name]
        cells = []
        for code in county_areas(findings):
            one = known.get((name, code))
            if one is None:
                cells.append(CountyCell("—", "", "", "plain"))
                continue
            is_known = one.after.value is not None
            cells.append(
                CountyCell(
                    value=value_text(indicator, one.after.value),
                    effort=_short_effort(one.after),
                    sign=sign(one) if is_known else "",
                    tone=tone(one),
                )
            )
        lines.append(CountyLine(indicator.zh, indicator.en, indicator.unit_zh, tuple(cells)))
    return tuple(lines)


def clear_changes(findings: Findings) -> tuple[Sentence, ...]:
    """What surely changed in the prefecture, unwished changes first; never a number alone."""
    told = [
        one
        for one in findings.results
        if one.area == WHOLE and one.is_wished is not None and _is_worth_saying(one)
    ]
    protected = [one for one in findings.taxa if one.level in PROTECTED]
    told += [one.whole for one in protected if one.whole.is_wished is not None]
    names = {id(one.whole): one for one in protected}
    sentences = [_sentence(one, names.get(id(one))) for one in told]
    return tuple(sorted(sentences, key=lambda one: one.tone))


def caveat_sentences(findings: Findings) -> tuple[Sentence, ...]:
    """The caveats of the pack in words."""
    return tuple(Sentence(WORDS[one][1], WORDS[one][0], "plain") for one in findings.caveats)


def left_out_sentences(basis: Basis) -> Iterator[Sentence]:
    """What neither period counts, and why, with numbers."""
    words = (
        ("undated", "undated records", "条记录无时间"),
        ("unnamed", "records named above the rank of species", "条记录未鉴定到种"),
        ("young", "records too young to leave", "条记录未到可公开时间"),
        ("outside", "records outside their deployment's dates", "条记录不在布设日期内"),
    )
    periods = ((basis.before, "基线期", "baseline"), (basis.after, "报告期", "reported period"))
    for side, zh_side, en_side in periods:
        told = side.study.left_out
        parts = [(getattr(told, name), en, zh) for name, en, zh in words if getattr(told, name)]
        clocks = len(told.doubtful_deployments)
        if clocks:
            parts.append((clocks, "deployments with an undecided clock", "个布设时钟未定"))
        if parts:
            zh = "；".join(f"{count:,} {words_zh}" for count, _, words_zh in parts)
            en = "; ".join(f"{count:,} {words_en}" for count, words_en, _ in parts)
            yield Sentence(
                f"{zh_side}未计入：{zh}。", f"Not counted in the {en_side}: {en}.", "plain"
            )


def _is_worth_saying(one: Result) -> bool:
    """Whether an exact difference is large enough for the first page; others have intervals."""
    if not one.indicator.is_census or one.change is None:
        return one.change is not None
    return abs(one.change) >= LEAST_SHARE * abs(one.before.value or 1.0)


def _side(result: Result, told: Measured) -> SideWords:
    effort = effort_text(result.indicator, told)
    return SideWords(
        value=value_text(result.indicator, told.value),
        interval=interval_text(result.indicator, told),
        effort_zh=effort[1],
        effort_en=effort[0],
        counted_to=told.counted_to.isoformat() if told.counted_to else "",
    )


def _short_effort(told: Measured) -> str:
    """The effort as a bare number, for narrow cells; the line's own unit stands in the notes."""
    if told.effort is not None:
        return f"{told.effort:,.0f}"
    return f"{told.visits:,}" if told.visits else ""


def _sentence(one: Result, taxon: TaxonResult | None) -> Sentence:
    """For instance: dogs: up 190 % (95 %: +95 % – +348 %), 0.69 to 2.01, over 8,256 camera-days."""
    row = row_of(one)
    zh, en = row.zh, row.en
    if taxon is not None:
        zh = f"{taxon.zh or taxon.scientific_name}{row.zh}"
        en = f"{taxon.scientific_name}: {row.en}"
    size, (unit_en, unit_zh) = change_size(one), change_unit(one)
    interval = row.interval.strip("()")
    sure_zh = f"（95 % 区间 {interval}）" if interval else "（全面统计）"
    sure_en = f"(95 %: {interval})" if interval else "(counted completely)"
    effort_zh = f"，工作量 {row.after.effort_zh}" if row.after.effort_zh else ""
    effort_en = f", over {row.after.effort_en}" if row.after.effort_en else ""
    values = row.before.value, row.after.value
    return Sentence(
        f"{zh}{row.verdict_zh} {size}{unit_zh and ' ' + unit_zh}{sure_zh}："
        f"{values[0]} → {values[1]}{effort_zh}。",
        f"{en}: {row.verdict_en} {size}{unit_en and ' ' + unit_en} {sure_en}, "
        f"{values[0]} to {values[1]}{effort_en}.",
        row.tone,
    )
