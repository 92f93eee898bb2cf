"""How the names of lists meet in one taxon, and finding a taxon at the command line."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from namcha import app
from species_db.identity import taxon_id
from species_db.lists.matching import KnownNames, MatchHow, NameToMatch, match_names
from species_db.lists.prepared import prepared_rows
from species_db.lists.taxon_card import TaxonNotFoundError, find_taxon
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings

GOLDEN_CAT = taxon_id("Pardofelis temminckii")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survey]:
    """A new survey with its lists, which no test of this file changes."""
    folder = tmp_path_factory.mktemp("lists") / "survey"
    made = start_survey(folder, SurveySettings(title="Lists"), person="Tashi")
    yield made
    made.close()


def test_names_of_two_lists_meet_in_one_taxon() -> None:
    """Conyza canadensis of batch 3 is the Erigeron canadensis that the notice of 2022 names."""
    report = prepared_rows().reports["cn-invasive-batch-3"]
    match = next(one for one in report.matches if one.scientific_name == "Conyza canadensis")
    assert match.how is MatchHow.SYNONYM
    assert match.taxon_id == taxon_id("Erigeron canadensis")


def known(*taxa: tuple[str, str], synonyms: dict[str, str] | None = None) -> KnownNames:
    """Taxa with Latin and Chinese names to match with; ids are the Latin names."""
    names = KnownNames()
    for latin, zh in taxa:
        names.add(latin, latin, rank="species", kingdom="Animalia", zh=[zh])
    for synonym, latin in (synonyms or {}).items():
        names.add(latin, latin, rank="species", kingdom="Animalia", synonyms=[synonym])
    return names


@pytest.mark.parametrize(
    ("name", "zh", "taxon", "how"),
    [
        ("Pardofelis temminckii", "金猫", "Pardofelis temminckii", MatchHow.NAME),
        ("Catopuma temminckii", "", "Pardofelis temminckii", MatchHow.SYNONYM),
        ("Aonyx cinereus", "", "Aonyx cinerea", MatchHow.SPELLING),
        ("Lutra cinerea", "小爪水獭", "Aonyx cinerea", MatchHow.CHINESE),
        ("Lutra lutra", "小爪水獭", None, MatchHow.NONE),
        ("Lutra lutra", "水獭", None, MatchHow.NONE),
    ],
)
def test_a_name_is_matched_or_said_not_to_be(
    name: str, zh: str, taxon: str | None, how: MatchHow
) -> None:
    """By name, synonym, ending, or Chinese name beside a like epithet; never by a guess."""
    here = known(
        ("Pardofelis temminckii", "金猫"),
        ("Aonyx cinerea", "小爪水獭"),
        synonyms={"Catopuma temminckii": "Pardofelis temminckii"},
    )
    (match,) = match_names([NameToMatch(1, name, zh, kingdom="Animalia")], here).matches
    assert (match.taxon_id, match.how) == (taxon, how)


def test_one_genus_name_in_two_kingdoms_is_two_genera() -> None:
    """A plant is not matched with an animal of the same name."""
    report = match_names(
        [NameToMatch(1, "Aonyx cinerea", kingdom="Plantae")], known(("Aonyx cinerea", "小爪水獭"))
    )
    assert len(report.unmatched) == 1 and report.counts() == {"none": 1}


def test_a_name_in_any_language_finds_its_taxon(seeded: Survey) -> None:
    """Latin, synonym, Chinese and English; an unknown one is answered with the nearest."""
    with seeded.reading() as session:
        for name in ("pardofelis temminckii", "Catopuma temminckii", "金猫", "asiatic golden cat"):
            assert find_taxon(session, name) == GOLDEN_CAT
        with pytest.raises(TaxonNotFoundError, match="Muntiacus vaginalis"):
            find_taxon(session, "Muntiacus vaginals")


def run(survey: Survey, *arguments: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(app, [*arguments, "--survey", str(survey.folder)])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_shows_status_source_and_doubt(seeded: Survey) -> None:
    """`taxa show --on` tells both days, the authority, and what is not to be relied on."""
    told = run(seeded, "taxa", "show", "Catopuma temminckii", "--on", "2020-01-01")
    assert "As of 2020-01-01" in told and "As of today" in told
    assert "2021年第3号" in told and "doubt: general knowledge" in told
    assert "not known, II (in doubt) from 1989-01-14, I from 2021-02-01" in told


def test_the_command_speaks_chinese(seeded: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in Chinese, doubts included."""
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    told = run(seeded, "taxa", "show", "金猫", "--on", "2020-01-01")
    assert "国家重点保护野生动物: 二级" in told and "存疑:一般知识" in told


def test_the_commands_give_json(seeded: Survey) -> None:
    """Scripts read the same facts."""
    shown = json.loads(run(seeded, "taxa", "show", "Moschus", "--on", "2022-01-01", "--json"))
    assert shown["status"]["on"] == "2022-01-01" and shown["lineage"]["family"] == "Moschidae"
    found = json.loads(run(seeded, "taxa", "search", "golden cat", "--json"))
    assert (found[0]["scientific_name"], found[0]["protection_level"]) == (
        "Pardofelis temminckii",
        "I",
    )
