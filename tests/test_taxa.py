"""The checklist a survey starts with, and finding a taxon by any of its names."""

import time

import pytest
from sqlmodel import Session, func, select

from species_db.identity import taxon_id
from species_db.survey import Survey
from species_db.tables import Taxon, TaxonName
from species_db.taxa import read_checklist, search_taxa, seed_taxa


@pytest.fixture
def seeded(survey: Survey) -> Survey:
    """A survey with the checklist in."""
    with survey.writing() as session:
        seed_taxa(session)
    return survey


def names_found(survey: Survey, text: str, **options: object) -> list[str]:
    """Scientific names that a search offers, best first."""
    with survey.reading() as session:
        return [hit.scientific_name for hit in search_taxa(session, text, **options)]  # type: ignore[arg-type]


def test_seeding_twice_adds_nothing(seeded: Survey) -> None:
    """A second seeding adds no taxon and no name."""
    with seeded.writing() as session:
        names = session.exec(select(func.count()).select_from(TaxonName)).one()
        assert seed_taxa(session) == 0
        assert session.exec(select(func.count()).select_from(TaxonName)).one() == names


def test_seeding_keeps_what_a_survey_changed(seeded: Survey) -> None:
    """A taxon that the survey has described itself is not overwritten by the checklist."""
    with seeded.writing() as session:
        tiger = session.get_one(Taxon, taxon_id("Panthera tigris"))
        tiger.source = "our own"
        session.add(tiger)
    with seeded.writing() as session:
        seed_taxa(session)
        assert session.get_one(Taxon, taxon_id("Panthera tigris")).source == "our own"


def test_every_line_names_its_source() -> None:
    """No taxon comes without a source, a kingdom and a rank."""
    for entry in read_checklist():
        assert entry.taxon.source, entry.taxon.scientific_name
        assert entry.taxon.kingdom in {"Animalia", "Plantae", "Fungi"}
        assert entry.taxon.taxon_rank


def test_every_higher_rank_can_be_chosen() -> None:
    """Each species' class, order, family and genus is a taxon of its own."""
    taxa = {entry.taxon.scientific_name: entry.taxon for entry in read_checklist()}
    for taxon in list(taxa.values()):
        genus = taxon.scientific_name.split()[0]
        for name, rank in (
            (taxon.class_name, "class"),
            (taxon.order_name, "order"),
            (taxon.family, "family"),
            (genus, "genus" if " " in taxon.scientific_name else taxon.taxon_rank),
        ):
            assert not name or taxa[name].taxon_rank == rank


def test_bracketed_chinese_name_is_a_second_name(seeded: Survey) -> None:
    """虎(孟加拉虎) of the source is 虎, also found as 孟加拉虎."""
    with seeded.reading() as session:
        (hit,) = search_taxa(session, "孟加拉虎")
    assert (hit.scientific_name, hit.zh) == ("Panthera tigris", "虎")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("赤麂", "Muntiacus vaginalis"),
        ("Northern red muntjac", "Muntiacus vaginalis"),
        ("northern RED", "Muntiacus vaginalis"),
        ("mun vag", "Muntiacus vaginalis"),
        ("vaginalis", "Muntiacus vaginalis"),
        ("rusa uni", "Cervus equinus"),
        ("Catopuma temminckii", "Pardofelis temminckii"),
        ("cervidae sp.", "Cervidae"),
        ("bird", "Aves"),
        ("鸟", "Aves"),
        ("独龙牛", "Bos frontalis"),
        ("grey headed flying", "Petaurista caniceps"),
        ("woolly-hare", "Lepus oiostolus"),
        ("虎", "Panthera tigris"),
        ("leopard", "Panthera pardus"),
    ],
)
def test_a_taxon_is_found_by_any_of_its_names(seeded: Survey, text: str, first: str) -> None:
    """Chinese, English, Latin, abbreviations and synonyms lead to the taxon meant."""
    assert names_found(seeded, text)[0] == first


def test_chinese_is_found_inside_a_name(seeded: Survey) -> None:
    """麂 alone offers every muntjac."""
    assert {"Muntiacus gongshanensis", "Muntiacus vaginalis", "Muntiacus feae"} <= set(
        names_found(seeded, "麂")
    )


def test_english_is_not_found_inside_a_word(seeded: Survey) -> None:
    """Letters inside a word are nobody's beginning: eopard finds no leopard."""
    assert names_found(seeded, "eopard") == []


def test_wildcards_of_the_database_are_plain_letters(seeded: Survey) -> None:
    """A percent sign finds names with a percent sign, not everything."""
    assert names_found(seeded, "%") == [] and names_found(seeded, "_") == []


def test_nonsense_finds_nothing(seeded: Survey) -> None:
    """A name nobody bears offers nothing."""
    assert names_found(seeded, "yeti") == []


def test_animals_stand_before_plants(seeded: Survey) -> None:
    """牛 offers cattle before 牛膝菊, since cameras see animals."""
    found = names_found(seeded, "牛", limit=50)
    assert found.index("Bos taurus") < found.index("Galinsoga parviflora")


def test_a_review_is_offered_animals_only(seeded: Survey) -> None:
    """No plant and no fungus is offered where only animals can be recorded, not even a recent."""
    plant = taxon_id("Galinsoga parviflora")
    offered = names_found(seeded, "牛", limit=100, animals_only=True)
    assert "Bos taurus" in offered and "Galinsoga parviflora" not in offered
    assert names_found(seeded, "", recent=[plant], animals_only=True) == []
    with seeded.reading() as session:
        fungi = session.exec(select(Taxon.scientific_name).where(Taxon.kingdom == "Fungi")).all()
    assert fungi and not any(names_found(seeded, name, animals_only=True) for name in fungi)


def test_recent_taxa_lead_their_group(seeded: Survey) -> None:
    """A taxon used lately comes before equals, and is what an empty text offers."""
    recent = [taxon_id("Muntiacus feae")]
    offered = names_found(seeded, "muntiacus", recent=recent)
    assert offered[:2] == ["Muntiacus", "Muntiacus feae"]  # the exact name still leads
    assert names_found(seeded, "", recent=recent) == ["Muntiacus feae"]


def test_the_checklist_stands_before_what_only_national_lists_name(seeded: Survey) -> None:
    """鹿 offers every deer of Linzhi before those of other provinces; an exact name still leads."""
    local = {entry.taxon.scientific_name for entry in read_checklist()}
    offered = names_found(seeded, "鹿", limit=50, animals_only=True)
    is_local = [name in local for name in offered]
    assert is_local == sorted(is_local, reverse=True) and not all(is_local)
    assert names_found(seeded, "坡鹿")[0] == "Panolia siamensis"


def test_a_group_that_a_law_lists_as_a_whole_is_found(seeded: Survey) -> None:
    """A family that is an entry of the protected plants can be chosen as such."""
    assert names_found(seeded, "桫椤科")[0] == "Cyatheaceae"


def test_limit_is_kept(seeded: Survey) -> None:
    """No more are offered than asked for."""
    assert len(names_found(seeded, "鹿", limit=2)) == 2


def test_search_stays_quick_on_five_thousand_taxa(seeded: Survey) -> None:
    """A search among 5,000 taxa does not make a reviewer wait (20 ms meant, 200 ms asserted)."""
    with seeded.writing() as session:
        _add_taxa(session, 5000)
    with seeded.reading() as session:
        search_taxa(session, "赤麂")
        began = time.perf_counter()
        search_taxa(session, "mun vag")
    elapsed_ms = (time.perf_counter() - began) * 1000
    print(f"search among 5,000 more taxa: {elapsed_ms:.1f} ms")
    assert elapsed_ms < 200


def _add_taxa(session: Session, number: int) -> None:
    session.add_all(
        Taxon(taxon_id=f"t{n}", scientific_name=f"Fictus {n}", taxon_rank="species", source="test")
        for n in range(number)
    )
    session.flush()
    session.add_all(
        TaxonName(taxon_id=f"t{n}", language=language, name=f"{word} {n}")
        for n in range(number)
        for language, word in (("zh", "虚构"), ("en", "made up"))
    )
