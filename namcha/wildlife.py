"""Commands on species: what the survey knows of one, and the list of those recorded."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import species_app
from namcha.options import JsonOption, SurveyOption, open_survey_of
from species_db.language import current_language, tr

if TYPE_CHECKING:
    from species_db.wildlife import TaxonPage
    from species_db.wildlife.overview import WildlifeRow
    from species_db.wildlife.parts import Slice

WIDTH = 80
LEVEL_WORDS = {
    "I": ("Class I", "国家一级"),
    "II": ("Class II", "国家二级"),
    "none": ("not listed", "未列入"),
    "not known": ("not known", "不明"),
}
PROTOCOL_WORDS = {
    "incidental": ("incidental", "偶见"),
    "transect": ("transect", "样线"),
    "quadrat": ("quadrat", "样方"),
    "point_count": ("point count", "样点"),
    "netting": ("netting", "网捕"),
    "uav": ("UAV", "无人机"),
    "photo": ("photo", "照片"),
    "edna": ("eDNA", "环境 DNA"),
    "acoustic": ("acoustic", "声学"),
}
OnOption = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], help=tr("Status on this day.", "该日的状态。")),
]


@species_app.command(help=tr("All that is known of a taxon.", "查看某一分类单元的全部信息。"))
def show(
    name: str, on: OnOption = None, survey: SurveyOption = None, as_json: JsonOption = False
) -> None:
    from species_db.wildlife import as_plain, taxon_page

    with open_survey_of(survey).reading() as session:
        page = taxon_page(session, name, on=on.date() if on else None)
    if as_json:
        typer.echo(json.dumps(as_plain(page), ensure_ascii=False, indent=2))
    else:
        _say_page(page)


@species_app.command("list", help=tr("Taxa with records.", "有记录的分类单元。"))
def list_(
    level: Annotated[
        str | None, typer.Option(help=tr("I, II, none; else all.", "I、II、none;缺省为全部。"))
    ] = None,
    on: OnOption = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.wildlife import as_plain
    from species_db.wildlife.overview import wildlife_list

    if level is not None and level not in LEVEL_WORDS:
        known = ", ".join(LEVEL_WORDS)
        raise typer.BadParameter(
            tr(f"no level '{level}'; use one of: {known}", f"没有“{level}”级;可用:{known}")
        )
    day = on.date() if on else datetime.now().astimezone().date()
    with open_survey_of(survey).reading() as session:
        rows = [one for one in wildlife_list(session, day) if level in (None, one.level)]
    if as_json:
        typer.echo(json.dumps(as_plain(rows), ensure_ascii=False, indent=2))
    else:
        _say_list(rows)


def _say_page(page: "TaxonPage") -> None:
    from rich.console import Console
    from rich.padding import Padding

    console = Console(width=WIDTH, highlight=False)
    names, total, legal = page.identity.names, page.counts.total.camera, page.legal
    console.print(f"{names.zh}  {names.en}  [italic]{names.la}[/italic]".strip())
    console.print(tr("Status on ", "状态日期 ") + f"{page.on}: {_level(legal.level)}")
    for one in legal.lines:
        if one.is_in_force and one.kind.startswith("protected"):
            doubt = tr(" (to be checked)", "(待核实)") if one.doubt else ""
            told = f"{one.listed_as}, {one.effective_from}: {one.source}{doubt}"
            console.print(Padding(told, (0, 0, 0, 2), expand=False))
    for count in legal.records_by_level:
        span = _span(count.first_on, count.last_on)
        when = tr("on their own day", "记录当日")
        console.print(f"  {when}: {_level(count.level)} {count.records} ({span})")
    days = _days(total.camera_days)
    console.print(
        tr(
            f"Independent events: {total.events} over {days} camera-days",
            f"{days} 相机日内独立事件 {total.events} 个",
        )
    )
    console.print(
        tr(
            f"Index per 100 camera-days: {_index(page.counts.total)}",
            f"每 100 相机日指数 {_index(page.counts.total)}",
        )
    )
    console.print(
        tr(
            f"Confirmed records: {page.review.confirmed}; "
            f"awaiting a person: {page.review.awaiting}",
            f"已确认 {page.review.confirmed} 条,待审核 {page.review.awaiting} 条",
        )
    )
    if page.first and page.last:
        console.print(tr("First to last: ", "首末记录:") + _span(page.first.on, page.last.on))
    _say_reach(console.print, page)
    for title, slices in (
        (tr("county", "县"), page.counts.by_county),
        (tr("year", "年"), page.counts.by_year),
    ):
        console.print()
        console.print(_table(title, slices))


def _say_reach(say: "object", page: "TaxonPage") -> None:
    told = page.reach.distribution
    eoo = tr("not known", "不明") if told.eoo_km2 is None else f"{told.eoo_km2:,.0f} km²"
    aoo = tr("not known", "不明") if told.aoo_km2 is None else f"{told.aoo_km2:,.0f} km²"
    say(f"EOO {eoo}, AOO {aoo} " + tr(f"(places: {told.places})", f"({told.places} 处)"))  # type: ignore[operator]


def _table(title: str, slices: "Sequence[Slice]") -> "object":
    from rich.table import Table

    from species_db.places import COUNTIES

    table = Table(box=None, pad_edge=False)
    heads = (tr("events", "事件"), tr("camera-days", "相机日"), tr("index (95 %)", "指数(95%)"))
    table.add_column(title, overflow="fold")
    for head in heads:
        table.add_column(head, justify="right")
    table.add_column(tr("field records/visits", "野外记录/次数"), overflow="fold")
    for one in slices:
        county = COUNTIES.get(one.key)
        key = tr(county.name_en, county.name_zh) if county else one.key or tr("unknown", "不明")
        field = ", ".join(
            f"{_protocol(each.protocol)} {each.records}/{each.visits}" for each in one.field
        )
        events, days = str(one.camera.events), _days(one.camera.camera_days)
        table.add_row(key, events, days, _index(one), field)
    return table


def _say_list(rows: "Sequence[WildlifeRow]") -> None:
    from rich.console import Console
    from rich.table import Table

    if not rows:
        typer.echo(tr("No taxon with records.", "没有有记录的分类单元。"))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(tr("taxon", "物种"), overflow="fold", ratio=1)
    table.add_column(tr("level", "级别"))
    table.add_column(tr("events", "事件"), justify="right")
    table.add_column(tr("field", "野外"), justify="right")
    table.add_column(tr("stations", "点位"), justify="right")
    table.add_column(tr("last", "最近"))
    for one in rows:
        common = one.zh if current_language() == "zh" else one.en or one.zh
        apart = " " if current_language() == "zh" else "\n  "  # Chinese names are short
        doubt = "?" if one.doubt else ""
        table.add_row(
            f"{common}{apart}{one.scientific_name}" if common else one.scientific_name,
            _level(one.level) + doubt,
            str(one.events),
            str(one.field_records),
            str(one.stations),
            str(one.last_on or "–"),
        )
    console = Console(width=WIDTH, highlight=False)
    console.print(table)
    days = _days(next((one.camera_days for one in rows if one.camera_days is not None), None))
    told = f"Over {days} camera-days known to have worked. ?: status to be checked."
    console.print(tr(told, f"投入 {days} 相机日。“?”:状态待核实。"))


def _span(first: date | None, last: date | None) -> str:
    return str(first) if first == last else f"{first} – {last}"


def _level(level: str) -> str:
    return tr(*LEVEL_WORDS.get(level, (level, level)))


def _protocol(protocol: str) -> str:
    return tr(*PROTOCOL_WORDS.get(protocol, (protocol, protocol)))


def _days(days: float | None) -> str:
    return tr("unknown", "不明") if days is None else f"{days:,.0f}"


def _index(one: "Slice") -> str:
    camera = one.camera
    if camera.index is None:
        return tr("no effort", "无投入")
    if camera.low is None or camera.high is None:
        return f"{camera.index:.2f}"
    return f"{camera.index:.2f} ({camera.low:.2f}–{camera.high:.2f})"
