"""Which classifier names what a detector has boxed, and naming files that were detected before."""

from typing import TYPE_CHECKING, Annotated

import typer

from namcha.progress import progress_line
from species_db.language import tr

if TYPE_CHECKING:
    from ingest.species_stage import NamingReport
    from models.classifier import Classifier
    from species_db.survey import Survey

AUTO, OFF = "auto", "off"
FIRST_CLASSIFIER = "groups"
SpeciesOption = Annotated[
    str,
    typer.Option(
        help=tr(
            "Names animals after the detector: a classifier's name or path, 'off', or 'auto' for "
            "the survey's choice.",
            "检测后为动物命名：分类模型的名称或路径；off 关闭；auto 用本调查项目所选模型。",
        )
    ),
]


def classifier_of(survey: "Survey", species: str) -> "Classifier | None":
    """Load the named classifier, else the survey's choice; None where nothing is to name animals.

    Where nobody has chosen, the shipped one names animals only if its card says that it helps.

    Raises:
        WeightsError: it is not here, or is no classifier.
        WeightsInUseError: other bytes lie here than the survey has chosen.
    """
    from models.classifier import load_classifier
    from models.shelf import find_weights, read_card
    from namcha.weights_in_use import chosen_weights
    from species_db.model_choice import CLASSIFIER, chosen_model

    if species == OFF:
        return None
    if species == AUTO:
        with survey.reading() as session:
            choice = chosen_model(session, CLASSIFIER)
        if choice is not None and choice.weights == OFF:
            return None
        if choice is not None:
            return load_classifier(chosen_weights(survey, CLASSIFIER))
        first = find_weights(FIRST_CLASSIFIER)  # opening it would load a second engine
        return load_classifier(first) if read_card(first).get("switched_on", True) else None
    named = load_classifier(find_weights(species, inside=survey.folder))
    if not named.is_switched_on:
        told = tr(
            f"{named.name} is switched off by its card: on photos of other places its names were "
            "too often wrong to help. It runs because you named it; see 'namcha models info "
            f"{species}'.",
            f"{named.name} 的说明卡标明未启用：在其他地点的照片上，其名称错误过多，帮助不大。"
            f"因您指定，仍会运行；详见 namcha models info {species}。",
        )
        typer.secho(told, fg=typer.colors.YELLOW, err=True)
    return named


def name_earlier(survey: "Survey", classifier: "Classifier", person: str) -> "list[NamingReport]":
    """Name the animals on files that were detected before this classifier."""
    from ingest.species_pass import name_boxes

    with progress_line(tr("Naming animals", "为动物命名")) as show:
        return name_boxes(
            survey, classifier, person=person, report=lambda at: show(at.done, at.total)
        )
