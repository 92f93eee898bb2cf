"""Commands on taxa: find one by any name, and show what the lists say of it on a day."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import taxa_app
from namcha.options import JsonOption, SurveyOption, open_survey_of, today_of
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.lists.status import StatusFact, StatusPeriod, TaxonStatus
    from species_db.lists.taxon_card import TaxonCard

HITS = 20
OnOption = Annotated[
    datetime | None,
    typer.Option(
        "--on",
        formats=["%Y-%m-%d"],
        help=tr("Status as of this day; else today.", "该日的状态;缺省为今天。"),
    ),
]


@taxa_app.command("search", help=tr("Find taxa by part of a name.", "按部分名称查找。"))
def search(
    text: Annotated[str, typer.Argument(help=tr("Any language.", "任何语言。"))],
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from dataclasses import asdict

    from species_db.lists import read_status_index
    from species_db.taxa import search_taxa

    opened = open_survey_of(survey)
    today = today_of(opened)
    with opened.reading() as session:
        hits = search_taxa(session, text, limit=HITS)
        index = read_status_index(session)
        levels = [_level(index.status_of(hit.taxon_id, today)) for hit in hits]
    if as_json:
        told = [
            asdict(hit) | {"protection_level": level, "protection_doubt": doubt}
            for hit, (level, doubt) in zip(hits, levels, strict=True)
        ]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for hit, (level, doubt) in zip(hits, levels, strict=True):
        name = "  ".join(filter(None, (hit.scientific_name, hit.zh, hit.en, hit.family)))
        mark = f"{level or '-'}{'?' if doubt else ''}"
        typer.echo(f"{mark:<4}{name}")
    if any(doubt for _, doubt in levels):
        typer.echo(tr("?: in doubt, see 'namcha taxa show'.", "?:存疑,见“namcha taxa show”。"))
    if not hits:
        typer.echo(tr(f"No name holds '{text}'.", f"没有名称包含“{text}”。"))


def _level(status: "TaxonStatus") -> tuple[str, str]:
    """The level of protection, and what is in doubt about it: the entry, or whether it is meant."""
    from species_db.lists.words import PROTECTION

    told = [fact for fact in status.facts if fact.kind in PROTECTION]
    doubts = [fact.doubt for fact in told or status.undecided if fact.kind in PROTECTION]
    return status.protection_level, "; ".join(filter(None, dict.fromkeys(doubts)))


@taxa_app.command("show", help=tr("What is known of a taxon.", "查看一个分类单元。"))
def show(
    name: Annotated[str, typer.Argument(help=tr("Any of its names.", "任一名称。"))],
    on: OnOption = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.lists.taxon_card import find_taxon, read_taxon_card

    opened = open_survey_of(survey)
    today = today_of(opened)
    day = on.date() if on else today
    with opened.reading() as session:
        identifier = find_taxon(session, name)
        card = read_taxon_card(session, identifier, on=day, today=today)
    if as_json:
        typer.echo(json.dumps(_plain_card(card), ensure_ascii=False, indent=2))
    else:
        _say_card(card, is_past=on is not None)


def _say_card(card: "TaxonCard", *, is_past: bool) -> None:
    from species_db.lists.words import rank_word

    typer.secho(f"{card.scientific_name}  {'、'.join(card.zh)}", bold=True)
    if card.en:
        typer.echo(", ".join(card.en))
    if card.synonyms:
        typer.echo(f"= {', '.join(card.synonyms)}")
    typer.echo(f"{rank_word(card.taxon_rank)}: {' > '.join(name for _, name in card.lineage)}")
    if not card.is_local:
        typer.echo(tr("Not on the checklist of Linzhi.", "不在林芝物种清单中。"))
    if is_past:
        _say_status(card.status, tr(f"As of {card.status.on}", f"截至 {card.status.on}"))
    today = card.status_today.on
    _say_status(card.status_today, tr(f"As of today, {today}", f"截至今天 {today}"))
    typer.secho(f"\n{tr('History', '历史')}", bold=True)
    for line in _history_lines(card.history):
        typer.echo(f"  {line}")


def _say_status(status: "TaxonStatus", title: str) -> None:
    from species_db.lists.words import kind_word

    typer.secho(f"\n{title}", bold=True)
    for fact in status.facts:
        _say_fact(fact)
    for fact in status.undecided:
        _say_fact(fact, perhaps=tr("perhaps ", "可能 "))
    if status.not_known:
        kinds = ", ".join(kind_word(kind) for kind in sorted(status.not_known))
        typer.echo(tr(f"  not known: {kinds}", f"  未知:{kinds}"))


def _say_fact(fact: "StatusFact", perhaps: str = "") -> None:
    from species_db.lists.words import basis_word, category_word, in_language, kind_word

    word = category_word(fact.kind, fact.category)
    typer.echo(f"  {kind_word(fact.kind)}: {perhaps}{word}")
    until = fact.effective_to or tr("now", "今")
    entry = f"{fact.list_version_id} {fact.entry_no}: {fact.listed_as}"
    typer.echo(f"    {fact.effective_from} – {until}; {entry} ({basis_word(fact.basis)})")
    for told in (in_language(fact.population), fact.authority, fact.source):
        if told:
            typer.echo(f"    {told}")
    if fact.doubt:
        doubt = tr("doubt: ", "存疑:") + in_language(fact.doubt)
        typer.secho(f"    {doubt}", fg=typer.colors.YELLOW)


def _history_lines(history: "tuple[StatusPeriod, ...]") -> Iterator[str]:
    """For each kind of list that ever named the taxon, what it said and when."""
    from species_db.lists.words import category_word, kind_word

    kinds = dict.fromkeys(fact.kind for period in history for fact in period.status.facts)
    for kind in kinds:
        stretches: list[tuple[str, StatusPeriod]] = []
        for period in history:
            fact = period.status.fact(kind)
            said = category_word(kind, fact.category) if fact else tr("not listed", "未列入")
            said += tr(" (in doubt)", "(存疑)") if fact and fact.doubt else ""
            if fact is None and kind in period.status.not_known:
                said = tr("not known", "未知")
            if not stretches or stretches[-1][0] != said:
                stretches.append((said, period))
        told = (
            f"{said} {tr('from', '自')} {period.effective_from}" if period.effective_from else said
            for said, period in stretches
        )
        yield f"{kind_word(kind)}: {tr(', ', ',').join(told)}"


def _plain_card(card: "TaxonCard") -> dict[str, Any]:
    return {
        "taxon_id": card.taxon_id,
        "scientific_name": card.scientific_name,
        "taxon_rank": card.taxon_rank,
        "zh": card.zh,
        "en": card.en,
        "synonyms": card.synonyms,
        "lineage": dict(card.lineage),
        "source": card.source,
        "is_local": card.is_local,
        "status": _plain_status(card.status),
        "status_today": _plain_status(card.status_today),
        "history": [
            {
                "effective_from": _plain_day(period.effective_from),
                "effective_to": _plain_day(period.effective_to),
                **_plain_status(period.status),
            }
            for period in card.history
        ],
    }


def _plain_status(status: "TaxonStatus") -> dict[str, Any]:
    return {
        "on": status.on.isoformat(),
        "protection_level": status.protection_level,
        "is_invasive": status.is_invasive,
        "facts": [_plain_fact(fact) for fact in status.facts],
        "undecided": [_plain_fact(fact) for fact in status.undecided],
        "not_known": sorted(kind.value for kind in status.not_known),
    }


def _plain_fact(fact: "StatusFact") -> dict[str, Any]:
    from dataclasses import asdict

    days = {"effective_from": _plain_day(fact.effective_from),
            "effective_to": _plain_day(fact.effective_to)}  # fmt: skip
    return asdict(fact) | {"kind": fact.kind.value} | days


def _plain_day(day: date | None) -> str | None:
    return day.isoformat() if day else None
