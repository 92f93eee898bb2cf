"""The command that tells which protected and invasive species a model cannot name."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import models_app
from namcha.model_facts import WeightsArgument
from namcha.options import JsonOption, SurveyOption, survey_if_any
from namcha.progress import progress_line
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.label_gap import GapSpecies, LabelGap, ModelClass
    from species_db.survey import Survey

LineageOf = Callable[[str], tuple[str, ...]]
MORE_TOLD = 6  # species of a category other than class I that the text names


class NoClassesError(Exception):
    """Nobody says which classes weights have, so that nothing can be said of what they lack."""


@models_app.command(
    "gaps",
    help=tr("Protected and invasive species it cannot name.", "该模型无法命名的保护与入侵物种。"),
)
def gaps(
    weights: WeightsArgument,
    survey: SurveyOption = None,
    every: Annotated[
        bool, typer.Option("--all", help=tr("Name every species.", "列出全部物种。"))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    from species_db.label_gap import read_label_gap
    from species_db.local_names import read_local_names

    opened = survey_if_any(survey)
    with _survey_with_lists(opened) as listed, listed.reading() as session:
        names = read_local_names(session, datetime.now(UTC).date())
        classes = _classes(weights, opened, names.lineage_of_name)
        gap = read_label_gap(session, names, classes)
    if as_json:
        told: dict[str, Any] = {"model": weights, "classes": [asdict(one) for one in classes]}
        typer.echo(json.dumps(told | asdict(gap), ensure_ascii=False, indent=2))
        return
    for line in _lines(weights, classes, gap, every=every):
        typer.echo(line)


@contextmanager
def _survey_with_lists(opened: "Survey | None") -> "Iterator[Survey]":
    """The survey at hand, or where there is none the shipped lists, set up aside for a moment."""
    from species_db.lists.seeding import seed_lists
    from species_db.survey import SurveySettings, create_survey

    if opened is not None:
        yield opened
        return
    with TemporaryDirectory() as folder:
        with progress_line(tr("Reading the shipped lists", "读取自带名录")) as show:
            show(0, 1)
            aside = create_survey(Path(folder) / "lists", SurveySettings(title="lists"))
            with aside.writing() as session:
                seed_lists(session, aside.folder)
            show(1, 1)
        try:
            yield aside
        finally:
            aside.close()


def _classes(
    weights: str, opened: "Survey | None", lineage_of_name: LineageOf
) -> "list[ModelClass]":
    """The animal classes of weights that are here, or that the list of models describes."""
    from models.classifier import RANKS
    from models.registry import read_registry
    from models.shelf import find_weights, held_weights, read_card
    from namcha.model_facts import class_table
    from species_db.label_gap import ModelClass

    registry = read_registry()
    labels: Sequence[str] = ()
    card: dict[str, Any] = {}
    if weights in held_weights() or weights not in registry:
        card = read_card(find_weights(weights, inside=opened.folder if opened else None))
        if card.get("task") == "classifier":
            return [
                ModelClass(one["name"], tuple(one["lineage"].get(rank, "") for rank in RANKS))
                for one in card.get("classes", ())
            ]
        labels = [str(label) for label in card.get("labels", ())]
    elif weights in registry:
        labels = registry[weights].classes
    if not labels:
        raise NoClassesError(
            tr(
                f"Nothing says which classes {weights} has: neither its card nor the list of "
                "models names them. Pull it first, or see 'namcha models classes'.",
                f"没有资料说明 {weights} 的类别：说明卡与模型清单均未列出。"
                "请先下载，或见 namcha models classes。",
            )
        )
    table = class_table(opened, card)
    rules = ((label, table.rule_of(label)) for label in labels)
    return [
        ModelClass(label, lineage_of_name(rule.scientific_name))
        if rule.scientific_name
        else ModelClass(label)
        for label, rule in rules
        if rule is not None and rule.counts_as == "animal"
    ]


def _lines(
    weights: str, classes: "Sequence[ModelClass]", gap: "LabelGap", *, every: bool
) -> Iterator[str]:
    from species_db.label_gap import CATEGORIES

    told = ", ".join(one.name for one in classes[:12]) + (", ..." if len(classes) > 12 else "")
    yield tr(f"{weights} calls animals: {told}.", f"{weights} 对动物的叫法：{told}。")
    yield tr(
        "Of the protected and invasive animals of the checklist:",
        "名录中的保护动物与入侵动物：",
    )
    words = {
        "I": tr("protected, class I", "国家一级保护"),
        "II": tr("protected, class II", "国家二级保护"),
        "sanyou": tr("sanyou list", "“三有”名录"),
        "invasive": tr("invasive", "外来入侵"),
    }
    for category in CATEGORIES:
        yield _head(words[category], category, gap)
        yield from _species(gap.unnamed(category), is_whole=every or category == "I")
        if category in ("I", "invasive") or every:
            hardly = ", ".join(_name(one) for one in gap.unnamed(category, is_on_camera=False))
            if hardly:
                yield tr(f"  hardly on camera: {hardly}", f"  相机难以拍到：{hardly}")
    yield tr(
        f"Outside of what cameras see: {gap.plants} protected or invasive plants; they belong in "
        "field records.",
        f"相机所见之外：保护或入侵植物 {gap.plants} 种，请用野外记录。",
    )


def _head(words: str, category: str, gap: "LabelGap") -> str:
    seen = len(gap.unnamed(category))
    hardly, named = len(gap.unnamed(category, is_on_camera=False)), gap.named(category)
    return tr(
        f"{words}: cannot name {seen} that cameras see and {hardly} that they hardly see; "
        f"can name {named}",
        f"{words}：无法命名相机可拍到的 {seen} 种、相机难以拍到的 {hardly} 种；可命名 {named} 种",
    )


def _species(species: "Sequence[GapSpecies]", *, is_whole: bool) -> Iterator[str]:
    """What may be called the same stands in one line, in the order of the closest names."""
    alike: dict[str, list[GapSpecies]] = {}
    for one in species:
        alike.setdefault(_called(one), []).append(one)
    for called, some in alike.items():
        shown = some if is_whole else some[:MORE_TOLD]
        names = tr(", ", "、").join(_name(one) for one in shown)
        more = len(some) - len(shown)
        if more:
            names += tr(f" and {more} more (--all)", f" 等，另有 {more} 种（--all 列出）")
        yield f"  {called}{tr(': ', '：')}{names}"


def _called(one: "GapSpecies") -> str:
    if not one.hiders:
        return tr("has no name near it", "没有相近的叫法")
    names = tr(", ", "、").join(hider.name for hider in one.hiders)
    rank = one.hiders[0].rank
    words = {
        "class": tr("same class", "同纲"),
        "order": tr("same order", "同目"),
        "family": tr("same family", "同科"),
        "genus": tr("same genus", "同属"),
    }
    near = words.get(rank, tr("says no more", "仅此而已"))
    return tr(f"may be called {names} ({near})", f"可能被叫作 {names}（{near}）")


def _name(one: "GapSpecies") -> str:
    common = tr(one.en or one.zh, one.zh or one.en)
    return f"{common} {one.scientific_name}".strip()
