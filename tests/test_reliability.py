"""How reliable a model's names are: a name at a higher rank, and a person's own broader one."""

from sqlmodel import Session

from species_db.misses.reliability import reliability_of
from species_db.survey import Survey
from species_db.tables import Taxon
from tests.factories import (
    make_event,
    make_group_taxon,
    make_human_review,
    make_machine_observation,
    make_model_version,
    make_taxon,
)
from tests.review_scene import media_of


def make_kin(session: Session) -> tuple[Taxon, Taxon, Taxon]:
    """A deer, its family, and a bear."""
    family = make_group_taxon(session, "Cervidae", taxon_rank="family", family="Cervidae")
    bear = make_group_taxon(session, "Ursus thibetanus", family="Ursidae", genus="Ursus")
    return make_taxon(session), family, bear


def reliability_told(survey: Survey, called: Taxon, reviewed: list[Taxon | None]) -> list[int]:
    """Reviewed and right names of a model that calls each event the same."""
    for taxon in reviewed:
        with survey.writing() as session:
            event = make_event(session)
            box = make_machine_observation(session, media_of(session, event.event_id)[0])
            box.taxon_id = called.taxon_id
            session.add(box)
        make_human_review(survey, event, taxon=taxon)
    with survey.reading() as session:
        told = reliability_of(session, make_model_version(session).model_version_id)
    assert told.names is not None
    return [sum(getattr(one, what) for one in told.names.bins) for what in ("reviewed", "right")]


def test_a_family_is_the_right_name_of_its_species(survey: Survey) -> None:
    """Cervidae is right where people found a muntjac, and wrong where they found a bear."""
    with survey.writing() as session:
        deer, family, bear = make_kin(session)
    assert reliability_told(survey, family, [deer, deer, family, bear]) == [4, 3]


def test_a_broader_name_of_a_person_judges_no_narrower_one(survey: Survey) -> None:
    """Who said deer, or animal, said nothing of whether it is a muntjac."""
    with survey.writing() as session:
        deer, family, bear = make_kin(session)
    assert reliability_told(survey, deer, [deer, family, None, bear]) == [2, 1]
