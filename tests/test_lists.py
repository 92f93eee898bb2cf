"""The shipped lists: their totals, how their names meet, and what they say of a taxon on a day."""

import csv
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
from sqlmodel import func, select

from species_db.identity import taxon_id
from species_db.lists import read_status_index
from species_db.lists.prepared import prepared_rows
from species_db.lists.seeding import seed_lists
from species_db.lists.shipped import ShippedList, shipped_lists
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings, create_survey, open_survey
from species_db.tables import Decision, ListEntry, ListVersion, Taxon, TaxonName
from species_db.verify import verify_survey
from species_db.vocabulary import Act

ANIMALS, PLANTS = "cn-protected-animals-2021", "cn-protected-plants-2021"
GOLDEN_CAT = taxon_id("Pardofelis temminckii")
# Totals as data/species/README.md of the shared folder and the notices themselves give them
CATEGORIES = {
    ANIMALS: {("I", "taxon"): 234, ("I", "group"): 1, ("II", "taxon"): 746, ("II", "group"): 7},
    PLANTS: {("I", "taxon"): 54, ("I", "group"): 4, ("II", "taxon"): 401, ("II", "group"): 36},
    "cn-sanyou-2023": {
        ("mammal", "taxon"): 91,
        ("bird", "taxon"): 1028,
        ("reptile", "taxon"): 450,
        ("amphibian", "taxon"): 253,
        ("insect", "taxon"): 96,
        ("arachnid", "taxon"): 2,
        ("oligochaete", "taxon"): 4,
    },
    "cn-key-invasive-2022": {("key", "taxon"): 59},
    "cn-invasive-batch-1": {("1", "taxon"): 16},
    "cn-invasive-batch-2": {("2", "taxon"): 19},
    "cn-invasive-batch-3": {("3", "taxon"): 18},
    "cn-invasive-batch-4": {("4", "taxon"): 18},
    "griis-china-2022": {("introduced", "taxon"): 904},
    "cn-red-list-plants-2020": {
        ("CR", "taxon"): 20,
        ("EN", "taxon"): 113,
        ("VU", "taxon"): 258,
        ("NT", "taxon"): 408,
    },
    "linzhi-checklist-2026": {("native", "taxon"): 150, ("alien", "taxon"): 52},
}
KEY_GROUPS = {
    "plant": 33,
    "insect": 13,
    "plant_pathogen": 4,
    "plant_nematode": 1,
    "mollusc": 2,
    "fish": 3,
    "amphibian": 1,
    "reptile": 2,
}
BATCH_PLANTS = {1: (9, 7), 2: (10, 9), 3: (10, 8), 4: (11, 7)}


def shipped(version: str) -> ShippedList:
    """One shipped list version."""
    return next(one for one in shipped_lists() if one.list_version_id == version)


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


@pytest.mark.parametrize("version", CATEGORIES)
def test_totals_are_those_of_the_notices(version: str) -> None:
    """Each shipped table has as many taxa and groups of each category as its notice says."""
    counted = Counter(
        (line.category, "taxon" if line.covers == "taxon" else "group")
        for line in shipped(version).lines
    )
    assert counted == CATEGORIES[version]


@pytest.mark.parametrize("version", CATEGORIES)
def test_a_survey_holds_the_same_totals(seeded: Survey, version: str) -> None:
    """Recounted from the entries of a survey, each of which names a taxon."""
    with seeded.reading() as session:
        entries = session.exec(select(ListEntry).where(ListEntry.list_version_id == version)).all()
        stored = session.get_one(ListVersion, version)
    counted = Counter(
        (entry.category, "taxon" if entry.covers == "taxon" else "group") for entry in entries
    )
    assert counted == CATEGORIES[version]
    assert stored.entry_count == len(entries) and all(entry.taxon_id for entry in entries)


def test_invaders_by_group() -> None:
    """The 59 priority-managed invaders by group, and plants and animals of each batch."""
    key = Counter(line.facts["group"] for line in shipped("cn-key-invasive-2022").lines)
    assert key == KEY_GROUPS
    for batch, expected in BATCH_PLANTS.items():
        groups = [line.facts["group"] for line in shipped(f"cn-invasive-batch-{batch}").lines]
        plants = groups.count("plant")
        assert (plants, len(groups) - plants) == expected


SHARED_TABLES = {
    "protected_animals_2021.csv": (ANIMALS, "protection_level", "chinese_name", "remarks"),
    "protected_plants_2021.csv": (PLANTS, "protection_level", "chinese_name", "remarks"),
    "sanyou_2023.csv": ("cn-sanyou-2023", "group", "chinese_name", "remarks"),
    "invasive_key_managed_2022.csv": ("cn-key-invasive-2022", "", "chinese_name", ""),
    "griis_china_introduced.csv": ("griis-china-2022", "", "", ""),
    "xizang_plants_china_redlist_2020.csv": (
        "cn-red-list-plants-2020",
        "china_redlist_2020",
        "chinese_name",
        "",
    ),
    "linzhi_species.csv": ("linzhi-checklist-2026", "status", "chinese_name", ""),
}


@pytest.mark.parametrize("name", SHARED_TABLES)
def test_tables_equal_their_source_row_by_row(shared: Path, name: str) -> None:
    """Names, categories, entry numbers, remarks and verified flags are those of the source."""
    version, category, zh, remarks = SHARED_TABLES[name]
    with (shared / "data" / "species" / name).open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    lines = shipped(version).lines
    assert len(lines) == len(rows)
    for number, (line, row) in enumerate(zip(lines, rows, strict=True), 1):
        assert line.scientific_name == row["scientific_name"]
        assert line.entry_no == int(row.get("entry_no", number))
        assert not category or line.category == row[category]
        assert not zh or line.zh == row[zh]
        assert not remarks or line.remarks == row[remarks].strip()
        if "verified_against_text" in row:
            assert line.is_verified == (row["verified_against_text"] == "yes")


def test_batches_equal_their_source_row_by_row(shared: Path) -> None:
    """The four batches of one source table keep their numbers and verified flags."""
    with (shared / "data" / "species" / "invasive_batches_1_4.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    told = [
        (row["batch"], int(row["entry_no"]), row["scientific_name"], row["verified_against_text"])
        for row in rows
    ]
    ours = [
        (line.category, line.entry_no, line.scientific_name, "yes" if line.is_verified else "no")
        for batch in BATCH_PLANTS
        for line in shipped(f"cn-invasive-batch-{batch}").lines
    ]
    assert ours == told


def test_what_was_not_read_in_the_text_is_doubted() -> None:
    """19 invaders, 14 of the batches, all of CITES and all before 2021 carry a doubt."""
    doubted = Counter(
        one.list_version_id for one in shipped_lists() for line in one.lines if line.doubt
    )
    assert doubted["cn-key-invasive-2022"] == 19
    assert sum(doubted[f"cn-invasive-batch-{batch}"] for batch in BATCH_PLANTS) == 14
    for whole in ("cites-linzhi-2026", "cn-protected-animals-1989"):
        assert doubted[whole] == len(shipped(whole).lines)


def test_no_list_names_a_species_twice() -> None:
    """No protected animal is on the sanyou list as well, and spelling makes no second taxon."""
    by_version: dict[str, list[str]] = {}
    for entry in prepared_rows().entries:
        by_version.setdefault(entry["list_version_id"], []).append(entry["taxon_id"])
    assert not set(by_version[ANIMALS]) & set(by_version["cn-sanyou-2023"])
    for version in (ANIMALS, PLANTS, "cn-sanyou-2023", "cn-key-invasive-2022"):
        assert len(by_version[version]) == len(set(by_version[version]))


def test_seeding_twice_adds_nothing(started: Survey) -> None:
    """A second start adds no version, no entry, no taxon and no line of the log."""
    tables = (ListVersion, ListEntry, Taxon, TaxonName, Decision)
    with started.reading() as session:
        before = [session.exec(select(func.count()).select_from(one)).one() for one in tables]
    start_survey(started.folder, SurveySettings(), person="Tashi").close()
    with started.reading() as session:
        after = [session.exec(select(func.count()).select_from(one)).one() for one in tables]
    assert after == before


def test_a_list_that_a_later_version_brings_is_logged(survey: Survey) -> None:
    """A survey that has taxa of its own takes the lists under its own ids, and is well."""
    with survey.writing() as session:
        session.add(
            Taxon(taxon_id="ours", scientific_name="Panthera tigris", taxon_rank="species",
                  kingdom="Animalia", source="ours")
        )  # fmt: skip
    start_survey(survey.folder, SurveySettings(), person="Tashi").close()
    with survey.reading() as session:
        index = read_status_index(session)
        assert index.status_of("ours", date(2022, 1, 1)).protection_level == "I"
    assert verify_survey(survey).findings == ()


def lose_a_list(survey: Survey, version: str) -> None:
    """Make a survey one of the time before a list shipped."""
    survey.close()
    with sqlite3.connect(survey.folder / "survey.db") as connection:
        for table in ("listentry", "listversion"):
            connection.execute(f"DELETE FROM {table} WHERE list_version_id = '{version}'")
    connection.close()


def test_opening_brings_the_lists_of_a_later_release(started: Survey) -> None:
    """A survey at work gains a list that ships later, with an entry of the log, and is well."""
    lose_a_list(started, "iucn-linzhi-2026")
    opened = open_survey(started.folder)
    with opened.reading() as session:
        assert session.get(ListVersion, "iucn-linzhi-2026") is not None
        acts = [entry.act for entry in session.exec(select(Decision))]
    assert acts == [Act.INIT.value, Act.LISTS_SEEDED.value]
    assert verify_survey(opened).findings == ()
    open_survey(started.folder).close()
    with opened.reading() as session:
        assert len(session.exec(select(Decision)).all()) == len(acts)
    opened.close()


def test_a_survey_that_is_being_written_to_opens_at_once(started: Survey) -> None:
    """A card import at work neither holds up a look at the survey nor loses it the new lists."""
    lose_a_list(started, "iucn-linzhi-2026")
    writer = sqlite3.connect(started.folder / "survey.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    opened = open_survey(started.folder)
    assert time.monotonic() - begun < 5  # the usual patience is half a minute
    with opened.reading() as session:
        assert session.get(ListVersion, "iucn-linzhi-2026") is None
    opened.close()
    writer.execute("ROLLBACK")
    writer.close()
    again = open_survey(started.folder)
    with again.reading() as session:
        assert session.get(ListVersion, "iucn-linzhi-2026") is not None
    again.close()


def test_a_survey_that_refuses_new_lists_still_opens(started: Survey) -> None:
    """Where the database takes no list, the survey is read as it is."""
    lose_a_list(started, "iucn-linzhi-2026")
    with sqlite3.connect(started.folder / "survey.db") as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON listversion"
            " BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
        )
    connection.close()
    opened = open_survey(started.folder)
    with opened.reading() as session:
        assert session.get(ListVersion, "iucn-linzhi-2026") is None
        assert len(session.exec(select(Decision)).all()) == 1
    opened.close()


def test_a_seeded_survey_is_well_and_the_log_tells_every_taxon(seeded: Survey) -> None:
    """Nothing is found in a new survey, whose first entry tells each taxon, name and version."""
    assert verify_survey(seeded).findings == ()
    with seeded.reading() as session:
        assert [entry.act for entry in session.exec(select(Decision))] == [Act.INIT.value]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE listentry SET category = 'III'",
        "UPDATE listentry SET taxon_id = NULL",
        "DELETE FROM listentry",
    ],
)
def test_an_edited_list_is_named(started: Survey, change: str) -> None:
    """An entry changed or taken away with another program names its list version."""
    with sqlite3.connect(started.folder / "survey.db") as connection:
        connection.execute(f"{change} WHERE list_version_id = '{ANIMALS}' AND entry_no = 9")
    connection.close()
    found = [(one.table, one.key) for one, _ in verify_survey(started).findings]
    assert found == [("listversion", ANIMALS)]


def test_a_survey_of_the_last_release_gains_the_lists(tmp_path: Path) -> None:
    """Opening a survey without lists brings them, keeps its own taxa, and says so in the log."""
    from alembic import command
    from alembic.config import Config

    create_survey(tmp_path, SurveySettings()).close()
    for path in tmp_path.glob("survey.db*"):
        path.unlink()
    made = Survey(tmp_path)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "species_db" / "migrations"))
    with made.engine.execution_options(namcha_write=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.exec_driver_sql(
            "INSERT INTO taxon (taxon_id, scientific_name, taxon_rank, kingdom, class_name,"
            " order_name, family, source, seal) VALUES (?, 'Pardofelis temminckii', 'species',"
            " 'Animalia', 'Mammalia', 'Carnivora', 'Felidae', 'ours', '')",
            (GOLDEN_CAT,),
        )
    made.close()
    opened = open_survey(tmp_path)
    with opened.reading() as session:
        assert session.get_one(Taxon, GOLDEN_CAT).source == "ours"
        assert session.exec(select(func.count()).select_from(ListVersion)).one() == len(
            shipped_lists()
        )
        level = read_status_index(session).status_of(GOLDEN_CAT, date(2022, 1, 1)).protection_level
        assert level == "I"
    assert verify_survey(opened).findings == ()
    with opened.writing() as session:
        assert seed_lists(session, opened.folder) == 0
    opened.close()
