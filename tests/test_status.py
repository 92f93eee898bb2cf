"""What the lists say of a taxon on a day: groups, silence, doubts and the years between."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from factories import make_group_taxon

from species_db.identity import taxon_id
from species_db.lists import StatusIndex, read_status_index
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings
from species_db.vocabulary import StatusKind

GOLDEN_CAT = taxon_id("Pardofelis temminckii")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survey]:
    """A new survey with its lists, which no test of this file changes."""
    folder = tmp_path_factory.mktemp("lists") / "survey"
    made = start_survey(folder, SurveySettings(title="Lists"), person="Tashi")
    yield made
    made.close()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Survey]:
    """A new survey with its lists, to be changed."""
    made = start_survey(tmp_path / "survey", SurveySettings(title="Lists"), person="Tashi")
    yield made
    made.close()


@pytest.fixture(scope="module")
def index(seeded: Survey) -> StatusIndex:
    """What the lists of that survey say."""
    with seeded.reading() as session:
        return read_status_index(session)


def test_the_golden_cat_before_and_after_2021(index: StatusIndex) -> None:
    """Catopuma temminckii was category II, in doubt, and is I since 2021-02-01, under one id."""
    before = index.status_of(GOLDEN_CAT, date(2021, 1, 31))
    after = index.status_of(GOLDEN_CAT, date(2021, 2, 1))
    assert (before.protection_level, after.protection_level) == ("II", "I")
    fact = before.fact(StatusKind.PROTECTED_ANIMALS)
    assert fact is not None and "general knowledge" in fact.doubt
    now = after.fact(StatusKind.PROTECTED_ANIMALS)
    assert now is not None and now.doubt == "" and now.entry_no == 68


def test_musk_deer_were_raised_in_2003(index: StatusIndex) -> None:
    """Moschus, listed as a genus, went from II to I on 2003-02-21."""
    deer = taxon_id("Moschus berezovskii")
    days = (date(2003, 2, 20), date(2003, 2, 21))
    assert [index.status_of(deer, day).protection_level for day in days] == ["II", "I"]


def test_silence_of_a_partial_list_is_not_known(index: StatusIndex) -> None:
    """An animal that the partial list of 1989 lacks is not known in 2020, unlisted in 2022."""
    muntjac = taxon_id("Muntiacus vaginalis")
    kind = StatusKind.PROTECTED_ANIMALS
    in_2020 = index.status_of(muntjac, date(2020, 1, 1))
    in_2022 = index.status_of(muntjac, date(2022, 1, 1))
    assert (in_2020.protection_level, kind in in_2020.not_known) == ("", True)
    assert (in_2022.protection_level, kind in in_2022.not_known) == ("", False)


def test_no_plant_list_is_missing_for_an_animal(index: StatusIndex) -> None:
    """Kinds of list that are not meant for a kingdom are not among the unknown."""
    unknown = index.status_of(GOLDEN_CAT, date(1950, 1, 1)).not_known
    assert StatusKind.PROTECTED_PLANTS not in unknown and StatusKind.PROTECTED_ANIMALS in unknown


def test_a_family_entry_covers_its_species_but_for_the_excluded(started: Survey) -> None:
    """Tree ferns are category II by their family; Alsophila metteniana is left out."""
    with started.writing() as session:
        for name in ("Alsophila metteniana", "Alsophila costularis"):
            make_group_taxon(session, name, kingdom="Plantae", family="Cyatheaceae")
    with started.reading() as session:
        read = read_status_index(session)
    day = date(2022, 1, 1)
    covered = read.status_of(taxon_id("Alsophila costularis"), day)
    left_out = read.status_of(taxon_id("Alsophila metteniana"), day)
    assert (covered.protection_level, left_out.protection_level) == ("II", "")
    assert covered.facts[0].basis == "family entry Cyatheaceae"
    assert StatusKind.PROTECTED_PLANTS not in left_out.not_known


def test_what_is_left_out_may_bear_another_genus(started: Survey) -> None:
    """Gymnosphaera metteniana, the Alsophila metteniana of the law, is not told to be protected."""
    with started.writing() as session:
        make_group_taxon(
            session, "Gymnosphaera metteniana", kingdom="Plantae", family="Cyatheaceae"
        )
    with started.reading() as session:
        read = read_status_index(session)
    status = read.status_of(taxon_id("Gymnosphaera metteniana"), date(2022, 1, 1))
    assert status.protection_level == "" and StatusKind.PROTECTED_PLANTS in status.not_known
    assert "Alsophila metteniana" in status.undecided[0].doubt


def test_a_species_entry_wins_over_that_of_its_group(index: StatusIndex) -> None:
    """Paphiopedilum is I as a genus; Cypripedium subtropicum has an entry of its own."""
    status = index.status_of(taxon_id("Cypripedium subtropicum"), date(2022, 1, 1))
    plants = [fact for fact in status.facts if fact.kind is StatusKind.PROTECTED_PLANTS]
    assert [(fact.category, fact.basis) for fact in plants] == [("I", "species entry")]


def test_a_genus_of_an_animal_covers_no_plant(started: Survey) -> None:
    """Hippocampus is a genus of sea horses; a plant of that name is not protected by it."""
    with started.writing() as session:
        make_group_taxon(session, "Hippocampus alba", kingdom="Plantae", genus="Hippocampus")
    with started.reading() as session:
        status = read_status_index(session).status_of(
            taxon_id("Hippocampus alba"), date(2022, 1, 1)
        )
    assert status.facts == ()


def test_a_section_is_decided_only_where_a_source_places_the_species(started: Survey) -> None:
    """Paeonia ludlowii is placed in sect. Moutan; of another peony the name cannot tell."""
    with started.writing() as session:
        make_group_taxon(session, "Paeonia emodi", kingdom="Plantae", genus="Paeonia")
    day = date(2022, 1, 1)
    with started.reading() as session:
        read = read_status_index(session)
    assert read.status_of(taxon_id("Paeonia ludlowii"), day).protection_level == "II"
    other = read.status_of(taxon_id("Paeonia emodi"), day)
    assert other.protection_level == "" and StatusKind.PROTECTED_PLANTS in other.not_known
    assert [fact.category for fact in other.undecided] == ["II"]


def test_a_genus_does_not_take_the_status_of_a_species(index: StatusIndex) -> None:
    """A record of Muntiacus is not category II because one muntjac is, but may be."""
    day, genus = date(2022, 1, 1), taxon_id("Muntiacus")
    assert index.status_of(genus, day).protection_level == ""
    assert index.possible_status(genus, day).protection_level == "II"


def test_a_dog_is_not_a_wolf(index: StatusIndex) -> None:
    """A subspecies has its species' status, a domestic form has not."""
    day = date(2022, 1, 1)
    assert index.status_of(taxon_id("Canis lupus"), day).protection_level == "II"
    assert index.status_of(taxon_id("Canis lupus familiaris"), day).protection_level == ""


def test_wild_populations_only_is_said(index: StatusIndex) -> None:
    """An entry for wild populations only says so with the status."""
    fact = index.status_of(taxon_id("Paguma larvata"), date(2024, 1, 1)).fact(StatusKind.SANYOU)
    assert fact is not None and fact.population.startswith("wild populations only")


def test_a_doubt_stays_with_the_fact(index: StatusIndex) -> None:
    """CITES is general knowledge throughout, and every answer says so."""
    told = [
        fact
        for taxon in index.facts_by_taxon
        for fact in index.status_of(taxon, date(2026, 11, 22)).facts
        if fact.kind is StatusKind.CITES
    ]
    assert len(told) == 77 and all("Species+" in fact.doubt for fact in told)


def test_history_tells_each_change_once(index: StatusIndex) -> None:
    """The years of the golden cat: II from 1989, I from 2021, and every day in one period."""
    history = index.status_history(GOLDEN_CAT)
    days = [period.effective_from for period in history]
    assert days[0] is None and history[-1].effective_to is None
    assert days[1:] == sorted(set(days[1:]), key=lambda day: day or date.min)
    changes = [
        (period.effective_from, period.status.protection_level)
        for before, period in pairwise(history)
        if before.status.protection_level != period.status.protection_level
    ]
    assert changes == [(date(1989, 1, 14), "II"), (date(2021, 2, 1), "I")]
