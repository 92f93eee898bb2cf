"""The command that tells where else an invader could live, with how sure that is."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from namcha.application import invasive_app
from namcha.invasive import NameArgument, say_json, taxon_of
from namcha.options import JsonOption, SurveyOption, open_survey_of
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.invasive.suitability import StratumShare, Suitability


@invasive_app.command(help=tr("Where else it could live.", "适生区。"))
def suitability(
    name: NameArgument, survey: SurveyOption = None, as_json: JsonOption = False
) -> None:
    from species_db.invasive.suitability_places import read_suitability
    from species_db.tables import Taxon

    with open_survey_of(survey).reading() as session:
        taxon = session.get_one(Taxon, taxon_of(session, name))
        latin, told = taxon.scientific_name, read_suitability(session, taxon)
    if as_json:
        say_json({"taxon": latin} | _as_plain(told))
    else:
        _say(latin, told)


def _as_plain(told: "Suitability") -> dict[str, Any]:
    return {
        "settings": asdict(told.settings),
        "surveyed_places": told.surveyed,
        "found_places": told.found,
        "unplaced": told.unplaced,
        "elevations_m": told.elevations_m,
        "refusal": told.refusal,
        "method": told.method(),
        "strata": [
            {
                "county": one.stratum.county,
                "elevation_m": [one.stratum.band.lower_m, one.stratum.band.upper_m],
                "habitat": one.stratum.habitat,
                "surveyed": one.surveyed,
                "found": one.found,
                "met_in_passing": one.met,
                "share": one.share,
                "interval": one.interval,
                "suitability": one.suitability.value,
            }
            for one in told.strata
        ],
    }


def _say(latin: str, told: "Suitability") -> None:
    from rich.console import Console
    from rich.table import Table

    if not told.strata:
        typer.echo(
            tr(
                f"{latin}: nothing was surveyed at a place with a county and an elevation.",
                f"{latin}：尚无带县名和海拔的调查地点。",
            )
        )
    else:
        table = Table(title=latin, box=None, pad_edge=False, title_justify="left")
        for head in (tr("county", "县"), tr("elevation", "海拔"), tr("habitat", "生境")):
            table.add_column(head, overflow="fold")
        for head in (
            tr("found / surveyed places", "发现／调查地点"),
            tr("95 % interval", "95% 置信区间"),
            tr("suitability", "适生性"),
        ):
            table.add_column(head, justify="right")
        for one in told.strata:
            table.add_row(*_row(one))
        Console().print(table)
    if told.unplaced:
        typer.echo(
            tr(
                f"{told.unplaced} places without county or elevation are in no row.",
                f"{told.unplaced} 处缺少县名或海拔，未列入上表。",
            )
        )
    if told.refusal:
        typer.secho(f"! {told.refusal}", bold=True)
    typer.echo(told.method())


def _row(one: "StratumShare") -> list[str]:
    from species_db.invasive.suitability import class_words
    from species_db.invasive.words import county_words, habitat_words

    interval = tr("not known", "不明")
    if one.interval is not None:
        interval = f"{one.interval[0]:.0%}–{one.interval[1]:.0%}"
    met = tr(f", met {one.met}", f"，偶然记录 {one.met}") if one.met else ""
    return [
        county_words(one.stratum.county),
        str(one.stratum.band),
        habitat_words(one.stratum.habitat) or tr("not noted", "未记录"),
        f"{one.found} / {one.surveyed}{met}",
        interval,
        class_words(one.suitability),
    ]
