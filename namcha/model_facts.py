"""Commands on what weights are: their card and facts, and what their classes count as."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import models_app
from namcha.options import JsonOption, SurveyOption, survey_if_any
from species_db.language import tr

if TYPE_CHECKING:
    from models.classes import ClassTable
    from species_db.survey import Survey

WeightsArgument = Annotated[
    str, typer.Argument(metavar="NAME|PATH", help=tr("A name, or a path.", "名称或路径。"))
]


@models_app.command(
    "info", help=tr("Card, classes, licence, hash.", "说明卡、类别、许可与校验值。")
)
def info(
    weights: WeightsArgument, survey: SurveyOption = None, as_json: JsonOption = False
) -> None:
    from models.registry import read_registry
    from models.shelf import find_weights, held_weights, read_card, weights_sha256
    from namcha.model_words import held_facts, offered_facts

    opened = survey_if_any(survey)
    registry = read_registry()
    facts, names, card = [], [], {}
    if weights in registry:
        facts, names = offered_facts(registry[weights]), list(registry[weights].classes)
    if weights in held_weights() or weights not in registry:
        path = find_weights(weights, inside=opened.folder if opened else None)
        card = read_card(path)
        facts = held_facts(card, path, weights_sha256(path)) + facts
        names = names or [str(label) for label in card.get("labels", ())]
    classes = _classes(names, class_table(opened, card))
    if as_json:
        typer.echo(_json({"facts": facts, "classes": classes, "card": card}))
        return
    for label, told in facts:
        typer.echo(f"{label}: {told}")
    for one in classes:
        typer.echo(f"  {one['class_name']} → {one['counts_as']} {one['scientific_name']}".rstrip())
    if not names and weights not in registry:
        typer.echo(tr("Classes: see 'namcha models classes'.", "类别：见 namcha models classes。"))


@models_app.command("classes", help=tr("What its classes count as.", "各类别算作什么。"))
def classes_(
    weights: WeightsArgument,
    write: Annotated[
        Path | None, typer.Option("--write", help=tr("A table to edit.", "写出待编辑的表格。"))
    ] = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from models.classes import COLUMNS, UNDECIDED
    from models.own_classes import class_names
    from models.shelf import find_weights, read_card
    from namcha.weights_in_use import warn_of_code

    opened = survey_if_any(survey)
    path = find_weights(weights, inside=opened.folder if opened else None)
    warn_of_code(path)
    found = _classes(class_names(path), class_table(opened, read_card(path)))
    if opened:
        _propose_taxa(opened, found)
    waiting = sum(one["counts_as"] == UNDECIDED for one in found)
    if as_json:
        typer.echo(_json(found))
    else:
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
        typer.echo(text.getvalue(), nl=False) if write is None else _write(write, text.getvalue())
    if waiting:
        told = tr(
            f"{waiting} classes wait for a decision: put one of animal, person, vehicle or ignore "
            f"in place of {UNDECIDED}, and save the lines as classes.csv in the survey folder.",
            f"有 {waiting} 个类别尚未确定：请把 {UNDECIDED} 改为 "
            "animal、person、vehicle 或 ignore，"
            "并将这些行存为调查文件夹中的 classes.csv。",
        )
        typer.secho(told, fg=typer.colors.YELLOW, err=True)


def class_table(survey: "Survey | None", card: dict[str, Any]) -> "ClassTable":
    """What classes count as: the card's word, and before it the survey's and the shipped table."""
    from models.classes import shipped_table, table_for, table_of_taxa

    table = table_for(survey.folder) if survey else shipped_table()
    return table_of_taxa(card.get("taxa", {})).extended_by(table)


def _classes(names: Sequence[str], table: "ClassTable") -> list[dict[str, str]]:
    from models.classes import UNDECIDED, ClassRule

    rules = [(name, table.rule_of(name) or ClassRule(UNDECIDED)) for name in names]
    return [
        {
            "class_name": name,
            "counts_as": rule.counts_as,
            "scientific_name": rule.scientific_name,
            "source": rule.source,
        }
        for name, rule in rules
    ]


def _propose_taxa(survey: "Survey", classes: list[dict[str, str]]) -> None:
    """Offer a taxon where a class bears the name of one; a person still decides."""
    from models.classes import UNDECIDED
    from species_db.lists.taxon_card import TaxonNotFoundError, find_taxon
    from species_db.tables import Taxon

    with survey.reading() as session:
        for one in classes:
            if one["counts_as"] == UNDECIDED:
                try:
                    taxon = session.get_one(Taxon, find_taxon(session, one["class_name"]))
                except TaxonNotFoundError:
                    continue
                one["scientific_name"] = taxon.scientific_name


def _write(path: Path, text: str) -> None:
    """Write a table that Excel opens with its Chinese intact; never over one that is there."""
    from namcha.weights_in_use import WeightsInUseError

    if path.exists():
        raise WeightsInUseError(
            tr(
                f"{path} is there already and was not touched. Name another file, and copy the "
                "lines you need.",
                f"{path} 已存在，未作改动。请另取文件名，再复制所需的行。",
            )
        )
    path.write_text(text, encoding="utf-8-sig", newline="")
    typer.echo(tr(f"Written: {path}", f"已写出：{path}"))


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2, default=str)
