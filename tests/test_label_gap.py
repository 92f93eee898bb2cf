"""What the label gap promises: every protected species is named by a model or told as missing."""

import json

import pytest
from factories import NINE
from typer.testing import CliRunner

from namcha import app
from species_db.label_gap import ModelClass, read_label_gap
from species_db.local_names import read_local_names
from species_db.survey import Survey

MAMMAL = ("Animalia", "Mammalia")


def gap_of(survey: Survey, *classes: ModelClass):  # type: ignore[no-untyped-def]
    """The gap of a model with these classes."""
    with survey.reading() as session:
        return read_label_gap(session, read_local_names(session, NINE.date()), classes)


def test_a_model_of_animals_names_no_species(listed_survey: Survey) -> None:
    """Red goral, serow, monals and musk deer are among what 'animal' hides."""
    gap = gap_of(listed_survey, ModelClass("animal"))
    names = {one.scientific_name for one in gap.unnamed("I")}
    assert {"Naemorhedus baileyi", "Capricornis thar", "Moschus fuscus"} <= names
    assert {"Lophophorus impejanus", "Lophophorus sclateri", "Tragopan blythii"} <= names
    assert {hider.name for one in gap.unnamed("I") for hider in one.hiders} == {"animal"}
    assert gap.plants > 0


def test_a_named_species_is_out_of_the_gap_under_any_name(listed_survey: Survey) -> None:
    """A class by a synonym of the list names the species."""
    leopard = (*MAMMAL, "Carnivora", "Felidae", "Uncia", "Uncia uncia")
    gap = gap_of(listed_survey, ModelClass("animal"), ModelClass("snow leopard", leopard))
    assert "Panthera uncia" not in {one.scientific_name for one in gap.unnamed("I")}
    assert gap.named("I") == 1


def test_the_closest_relative_is_told(listed_survey: Survey) -> None:
    """A tiger hides a leopard by its genus; a goral hides in 'bovid' rather than in 'animal'."""
    tiger = ModelClass("tiger", (*MAMMAL, "Carnivora", "Felidae", "Panthera", "Panthera tigris"))
    bovid = ModelClass("bovid", (*MAMMAL, "Artiodactyla", "Bovidae", "", ""))
    gap = gap_of(listed_survey, ModelClass("animal"), tiger, bovid)
    hiders = {one.scientific_name: one.hiders for one in gap.unnamed("I")}
    assert [(one.name, one.rank) for one in hiders["Panthera pardus"]] == [("tiger", "genus")]
    assert [(one.name, one.rank) for one in hiders["Naemorhedus baileyi"]] == [("bovid", "family")]


@pytest.mark.parametrize("weights", ["general", "groups"])
def test_the_command_lists_every_class_one_species(listed_survey: Survey, weights: str) -> None:
    """What is shipped names none of them, and the text says so for each."""
    asked = ["models", "gaps", weights, "--survey", str(listed_survey.folder)]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    assert "Snow leopard Panthera uncia" in told.output
    assert "Pinewood nematode" in told.output
    as_json = CliRunner().invoke(app, [*asked, "--json"])
    told_all = json.loads(as_json.output)["species"]
    assert sum(one["category"] == "I" and not one["is_named"] for one in told_all) == 33
