"""Commands on invaders: the table, one taxon, its spread."""

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import invasive_app
from namcha.options import JsonOption, SurveyOption, open_survey_of
from species_db.language import current_language, tr

if TYPE_CHECKING:
    from rich.table import Table
    from sqlmodel import Session

    from species_db.invasive.effort import SearchEffort
    from species_db.invasive.listing import InvasiveStatus
    from species_db.invasive.overview import InvasiveTaxon
    from species_db.invasive.sightings import SightingSummary
    from species_db.invasive.spread import Spread, YearSpread

NameArgument = Annotated[str, typer.Argument(help=tr("Any of its names.", "任一名称。"))]
OnOption = Annotated[
    datetime | None,
    typer.Option(
        "--on",
        formats=["%Y-%m-%d"],
        help=tr("As of this day; else today.", "截至该日；缺省为今天。"),
    ),
]


@invasive_app.command("list", help=tr("Invaders with records here.", "本调查记录到的入侵物种。"))
def list_(on: OnOption = None, survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from species_db.invasive.overview import invasive_overview

    with open_survey_of(survey).reading() as session:
        told = invasive_overview(session, day_of(on))
    if as_json:
        say_json(
            {
                "on": told.on.isoformat(),
                "listed_without_record": told.listed_unseen,
                "invasive": [taxon_as_plain(one) for one in told.invasive],
                "introduced": [taxon_as_plain(one) for one in told.introduced],
            }
        )
        return
    typer.echo(
        tr(
            f"Invaders with records by {told.on}: {len(told.invasive)}. Listed without a record: "
            f"{told.listed_unseen}.",
            f"截至 {told.on}，记录到 {len(told.invasive)} 种入侵物种；"
            f"另有 {told.listed_unseen} 种列入名单但无记录。",
        )
    )
    for title, rows in (
        (tr("Invasive", "入侵物种"), told.invasive),
        (tr("Introduced, on no list of invaders", "外来但未列入入侵名单"), told.introduced),
    ):
        if rows:
            _print(_overview_table(title, rows))


@invasive_app.command(help=tr("What is known of one invader.", "单个入侵物种的情况。"))
def show(
    name: NameArgument,
    on: OnOption = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.invasive.overview import invasive_taxon

    with open_survey_of(survey).reading() as session:
        told = invasive_taxon(session, taxon_of(session, name), day_of(on))
    if as_json:
        say_json(taxon_as_plain(told) | {"summary": _plain(asdict(told.summary))})
    else:
        _say_taxon(told)


@invasive_app.command(help=tr("Its spread year by year.", "逐年扩散情况。"))
def spread(
    name: NameArgument,
    on: OnOption = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.invasive.overview import invasive_taxon

    with open_survey_of(survey).reading() as session:
        told = invasive_taxon(session, taxon_of(session, name), day_of(on))
    if as_json:
        effort = {"visits": told.effort.visits, "camera_days": told.effort.camera_days}
        taxon = {"taxon": told.taxon.scientific_name, "effort": effort}
        say_json(taxon | _plain(asdict(told.spread)))
    else:
        _say_spread(told.taxon.name_in(current_language()), told.spread, told.effort)


def day_of(on: datetime | None) -> date:
    """The day asked for, else today as people here have it."""
    return on.date() if on else datetime.now().astimezone().date()


def taxon_of(session: "Session", name: str) -> str:
    """The taxon of a name; an unknown one is told with the nearest."""
    from species_db.invasive.naming import taxa_by_name, taxon_named

    taxon_id, why = taxon_named(name, taxa_by_name(session))
    if why:
        raise typer.BadParameter(why)
    return taxon_id


def say_json(told: object) -> None:
    """Print for scripts."""
    typer.echo(json.dumps(_plain(told), ensure_ascii=False, indent=2))


def taxon_as_plain(told: "InvasiveTaxon") -> dict[str, Any]:
    """One invader for scripts."""
    summary = told.summary
    return {
        "scientific_name": told.taxon.scientific_name,
        "name_zh": told.taxon.zh,
        "name_en": told.taxon.en,
        "status": _status_as_plain(told.status),
        "status_at_last_record": _status_as_plain(told.status_then),
        "records": summary.records,
        "absences": summary.absences,
        "unconfirmed": summary.unconfirmed,
        "first_record": summary.first_on,
        "last_record": summary.last_on,
        "counties": [one.where for one in summary.by_county],
        "plots": [one.where for one in summary.by_plot],
        "cells": summary.cells,
        "infestation_area_m2": summary.area_m2,
        "trend": told.spread.trend,
        "control_actions": told.actions,
        "control_actions_without_visit": told.actions_without_visit,
        "open_alerts": told.open_alerts,
    }


def _status_as_plain(status: "InvasiveStatus | None") -> dict[str, Any] | None:
    if status is None:
        return None
    return {
        "on": status.on,
        "is_invasive": status.is_invasive,
        "is_introduced": status.is_introduced,
        "lists": [asdict(fact) for fact in status.facts],
        "doubts": status.doubts,
        "not_known": sorted(status.not_known),
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _overview_table(title: str, rows: "tuple[InvasiveTaxon, ...]") -> "Table":
    from rich.table import Table

    from species_db.invasive.words import area_words, list_words, trend_words

    table = Table(title=title, box=None, pad_edge=False, title_justify="left")
    table.add_column(tr("taxon", "物种"), overflow="fold")
    for head in (tr("records", "记录"), tr("plots", "样地"), tr("cells", "网格")):
        table.add_column(head, justify="right")
    for head in (tr("area", "面积"), tr("last", "最近")):
        table.add_column(head, no_wrap=True)  # a broken date reads as another
    for head in (tr("trend", "趋势"), tr("list", "名录")):
        table.add_column(head, overflow="fold")
    for one in rows:
        summary, name = one.summary, one.taxon.name_in(current_language())
        last = summary.last_on.isoformat() if summary.last_on else "–"
        lists = "\n".join(list_words(fact) for fact in one.status.facts[:2])
        table.add_row(
            f"{name}\n{one.taxon.scientific_name}",
            str(summary.records),
            str(len(summary.by_plot)),
            str(summary.cells),
            area_words(summary.area_m2),
            last,
            trend_words(one.spread),
            lists
            + ("\n" + tr("! doubt: see show", "! 有疑问：见 show") if one.status.doubts else ""),
        )
    return table


def _say_taxon(told: "InvasiveTaxon") -> None:
    from species_db.invasive.words import (
        area_words,
        county_words,
        list_words,
        term_words,
        trend_words,
    )

    summary = told.summary
    names = (told.taxon.zh, told.taxon.en, told.taxon.scientific_name)
    typer.secho(" · ".join(filter(None, names)), bold=True)
    for status in filter(None, (told.status, told.status_then)):
        lists = tr("; ", "；").join(list_words(fact) for fact in status.facts)
        none = tr("on no list of invaders", "未列入入侵物种名单")
        typer.echo(tr(f"As of {status.on}: ", f"截至 {status.on}：") + (lists or none))
        for doubt in status.doubts:
            typer.echo(tr(f"  ! doubt: {doubt}", f"  ! 存疑：{doubt}"))
    typer.echo(_counts_words(summary))
    typer.echo(
        tr(
            f"Stand: {area_words(summary.area_m2)} at {summary.areas} places measured",
            f"发生面积：{area_words(summary.area_m2)}（实测 {summary.areas} 处）",
        )
    )
    typer.echo(tr("Trend: ", "趋势：") + trend_words(told.spread))
    for title, firsts in (
        (tr("First in county", "县首次记录"), summary.by_county),
        (tr("First on plot", "样地首次记录"), summary.by_plot),
    ):
        shown = (county_words(o.where) if firsts is summary.by_county else o.where for o in firsts)
        days = [f"{name} {one.on}" for name, one in zip(shown, firsts, strict=True)]
        typer.echo(f"{title}: " + (tr(", ", "、").join(days) or "–"))
    for title, counts in (
        (tr("Abundance", "多度等级"), summary.abundance),
        (tr("Pathway", "传入途径"), summary.pathways),
        (tr("Establishment", "定殖程度"), summary.degrees),
    ):
        if counts:
            typer.echo(f"{title}: " + ", ".join(f"{term_words(k)} {n}" for k, n in counts.items()))
    for condition, months in summary.phenology.items():
        shown_months = ", ".join(f"{n}: {count}" for n, count in enumerate(months, 1) if count)
        name = term_words(condition)
        typer.echo(tr(f"{name}, by month: ", f"{name}（按月）：") + shown_months)


def _counts_words(summary: "SightingSummary") -> str:
    told = tr(
        f"{summary.records} records, {summary.absences} searches in vain, "
        f"{summary.unconfirmed} not confirmed",
        f"记录 {summary.records} 条，未发现 {summary.absences} 次，未确认 {summary.unconfirmed} 条",
    )
    if summary.first_on is None:
        return told
    return told + tr(
        f"; {summary.first_on} to {summary.last_on}", f"；{summary.first_on} 至 {summary.last_on}"
    )


def _say_spread(name: str, told: "Spread", effort: "SearchEffort") -> None:
    from rich.table import Table

    from species_db.invasive.words import rate_words, spread_caveat, trend_words, visits_words

    if not told.years:
        typer.echo(tr(f"{name}: no confirmed record yet.", f"{name}：尚无已确认记录。"))
        return
    table = Table(title=name, box=None, pad_edge=False, title_justify="left")
    for head in (
        tr("year", "年份"),
        tr("effort", "调查投入"),
        tr("cells searched", "调查网格"),
        tr("occupied", "占据"),
        tr("share", "占据率"),
        tr("new plots", "新样地"),
        tr("new cells (searched before)", "新网格（曾调查未见）"),
        tr("front km", "前沿 千米"),
    ):
        table.add_column(head, justify="right")
    for one in told.years:
        year = one.year
        told_effort = visits_words(effort.visits.get(year, {}), effort.camera_days.get(year, 0))
        table.add_row(str(year), told_effort or "–", *_year_row(one))
    _print(table)
    typer.echo(tr("Front: ", "前沿：") + rate_words(told.front_rate))
    typer.echo(
        tr("Radius of the occupied area: ", "占据面积的等效半径：") + rate_words(told.area_rate)
    )
    typer.echo(tr("Trend: ", "趋势：") + trend_words(told))
    typer.echo(spread_caveat())


def _year_row(one: "YearSpread") -> list[str]:
    unknown = tr("not known", "不明")
    if not one.is_known and not one.records:
        return ["0", *[unknown] * 5]
    share = unknown
    if one.share is not None and one.low is not None and one.high is not None:
        share = f"{one.share:.0%} [{one.low:.0%}, {one.high:.0%}]"
    edge = tr(" (edge of search)", "（已到调查边缘）") if one.is_at_edge else ""
    return [
        str(one.searched_cells),
        str(one.occupied_cells) if one.is_known else unknown,
        share,
        str(one.new_plots),
        f"{one.new_cells} ({one.new_after_empty})",
        unknown if one.front_km is None else f"{one.front_km:.1f}{edge}",
    ]


def _print(table: "Table") -> None:
    from rich.console import Console

    Console().print(table)
