"""Sheets of lists as offices send them, and what their dates and names change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

from namcha import app
from species_db.field_sheet import SheetError
from species_db.identity import taxon_id
from species_db.lists import read_status_index
from species_db.lists.diff import ListError
from species_db.lists.incoming import ListImport, import_list
from species_db.lists.list_sheet import ListDescription
from species_db.lists.list_template import write_list_template
from species_db.lists.shelf import read_entries_of
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings
from species_db.tables import Taxon
from species_db.verify import verify_survey
from species_db.vocabulary import StatusKind
from tests.factories import make_event, make_group_taxon, make_human_review

TODAY = date(2026, 11, 22)
Lines = list[list[str | int]]


@pytest.fixture
def survey(tmp_path: Path) -> Iterator[Survey]:
    """A survey as a person begins one: with all shipped taxa and lists."""
    made = start_survey(tmp_path / "survey", SurveySettings(title="Lists"), person="Drolma")
    yield made
    made.close()


def take(
    survey: Survey, lines: Lines, *, version: str = "2026", on: date = date(2026, 6, 1),
    to: date | None = None, add_taxa: bool = False, kind: StatusKind = StatusKind.PROTECTED_PLANTS,
    list_id: str = "local-plants",
) -> ListImport:  # fmt: skip
    """Import a version of a list of our own from an Excel sheet with these lines."""
    path = survey.folder.parent / "list.xlsx"
    book = Workbook()
    for line in lines:
        book.worksheets[0].append(line)
    book.save(path)
    described = ListDescription(
        list_id=list_id, version=version, effective_from=on, effective_to=to, kind=kind
    )
    return import_list(
        survey, path, description=described, person="Drolma", today=TODAY, add_taxa=add_taxa
    )


def test_a_chinese_sheet_is_read(survey: Survey) -> None:
    """Headings, levels, ranks and yes or no in Chinese; several synonyms and exclusions."""
    done = take(
        survey,
        [
            ["序号", "学名", "中文名", "级别", "分类阶元", "异名", "排除", "备注", "存疑", "来源",
             "界", "核对原文"],
            [7, "Alsophila spinulosa", "桫椤", "国家Ⅰ级", "种",
             "Cyathea spinulosa；Cyathea boninsimensis", "", "b", "仅见抄本",
             "公报", "植物界", "否"],
            [8, "Cymbidium", "兰属", "二级", "属", "", "C. insigne、C. floribundum", "", "", "", "",
             "是"],
        ],
    )  # fmt: skip
    with survey.reading() as session:
        fern, orchids = read_entries_of(session, done.version.list_version_id)
    assert (fern.entry_no, fern.category, fern.covers, fern.is_verified) == (7, "I", "taxon", False)
    assert (fern.remarks, fern.doubt) == ("b", "仅见抄本")
    assert (orchids.category, orchids.covers, orchids.is_verified) == ("II", "genus", True)
    assert orchids.excluded_taxa == '["Cymbidium insigne", "Cymbidium floribundum"]'


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_template_is_a_sheet_that_is_read(survey: Survey, tmp_path: Path, ending: str) -> None:
    """Filled in, the template is taken; empty, it says that it holds no entry."""
    path = write_list_template(tmp_path / f"template.{ending}")
    described = ListDescription("ours", "1", date(2026, 1, 1), kind=StatusKind.LOCAL_INVASIVE)
    with pytest.raises(ListError, match="holds no entry"):
        import_list(survey, path, description=described, person="Drolma", today=TODAY)
    if ending == "xlsx":
        book = load_workbook(path)
        book.worksheets[0]["B2"], book.worksheets[0]["E2"] = "Lantana camara", "A"
        book.save(path)
    else:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(",Lantana camara,,,A\n")
    done = import_list(survey, path, description=described, person="Drolma", today=TODAY)
    assert done.matches.counts() == {"name": 1}


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_what_is_no_file_is_said_to_be_none(survey: Survey, tmp_path: Path, name: str) -> None:
    """A missing file, or a folder, is told as that."""
    described = ListDescription("ours", "1", date(2026, 1, 1), kind=StatusKind.LOCAL_INVASIVE)
    with pytest.raises(ListError, match="No file"):
        import_list(survey, tmp_path / name, description=described, person="x", today=TODAY)


def test_a_template_is_not_written_over_a_filled_in_sheet(tmp_path: Path) -> None:
    """What is there stays."""
    path = tmp_path / "list.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ListError, match="there already"):
        write_list_template(path)
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["Cervus el\u0430phus", "I"], "U+0430"),  # prints as Cervus elaphus
        (["Cervus elaphus Linnaeus, 1758", "I"], "without its author"),
        (["Mustelidae", "I", "species"], "is no species"),
        (["Lantana camara", "I", "", "Plants"], "use one of: Animalia"),
        (["Lantana camara", "I", "", "", "9" * 30], "whole number"),
    ],
)
def test_what_would_become_another_taxon_is_a_mistake(
    survey: Survey, line: list[str | int], told: str
) -> None:
    """Names that print alike, authors, ranks and kingdoms that do not fit, numbers too long."""
    header: list[str | int] = ["学名", "级别", "分类阶元", "界", "序号"]
    with pytest.raises(SheetError) as refused:
        take(survey, [header, line])
    assert told in str(refused.value)


def test_a_misspelt_name_is_offered_its_neighbour_and_never_taken(survey: Survey) -> None:
    """Mikania micranta stays unmatched; with --add-taxa the person is told to look again."""
    header: list[str | int] = ["学名", "级别"]
    done = take(survey, [header, ["Mikania micranta", "II"]])
    (match,) = done.matches.unmatched
    assert (match.taxon_id, match.perhaps) == (None, ("Mikania micrantha",))
    added = take(
        survey, [header, ["Mikania micranta", "II"]], version="2027", on=TODAY, add_taxa=True
    )
    assert added.added_taxa == ("Mikania micranta",)
    assert [one.perhaps for one in added.near] == [("Mikania micrantha",)]


def test_an_added_taxon_stands_with_its_genus(survey: Survey) -> None:
    """A tree fern that a list brings is covered by the family that the law names."""
    take(survey, [["学名", "级别"], ["Alsophila nova", "I"]], add_taxa=True)
    with survey.reading() as session:
        assert session.get_one(Taxon, taxon_id("Alsophila nova")).family == "Cyatheaceae"
        status = read_status_index(session).status_of(taxon_id("Alsophila nova"), date(2022, 1, 1))
    assert status.protection_level == "II"


def test_a_name_of_another_kingdom_is_not_added_over_it(survey: Survey) -> None:
    """A plant cannot take the id of an animal of its name: refused in a sentence."""
    lines: Lines = [["学名", "级别", "界"], ["Panthera pardus", "I", "植物界"]]
    with pytest.raises(ListError, match="Animalia"):
        take(survey, lines, add_taxa=True)


def test_a_taxon_that_comes_later_takes_the_entry_of_its_name(survey: Survey) -> None:
    """An entry that met no taxon speaks once there is one; the same sheet is still the same."""
    lines: Lines = [["学名", "级别"], ["Nova planta", "I"]]
    take(survey, lines)
    with survey.writing() as session:
        make_group_taxon(session, "Nova planta", kingdom="Plantae")
    with survey.reading() as session:
        status = read_status_index(session).status_of(taxon_id("Nova planta"), TODAY)
    assert status.protection_level == "I"
    assert take(survey, lines).was_there


def levels(survey: Survey, name: str, *days: date) -> list[str]:
    """The level of protection of a taxon on some days."""
    with survey.reading() as session:
        index = read_status_index(session)
    return [index.status_of(taxon_id(name), day).protection_level for day in days]


def test_a_version_from_before_another_ends_where_that_begins(survey: Survey) -> None:
    """An older list that is entered late says nothing of the days of the newer one."""
    take(survey, [["学名", "级别"], ["Lantana camara", "II"]], version="b", on=date(2024, 1, 1))
    done = take(
        survey, [["学名", "级别"], ["Lantana camara", "I"]], version="a", on=date(2020, 1, 1)
    )
    days = (date(2019, 12, 31), date(2020, 1, 1), date(2023, 12, 31), date(2024, 1, 1))
    assert levels(survey, "Lantana camara", *days) == ["", "I", "I", "II"]
    assert done.diff.before is None and done.diff.after.effective_to == date(2023, 12, 31)


def test_the_last_day_counts_and_a_gap_is_told(survey: Survey) -> None:
    """A version holds on its last day; on the next, with none to follow, nothing is known."""
    last = date(2026, 8, 31)
    done = take(survey, [["学名", "级别"], ["Lantana camara", "I"]], to=last)
    assert done.diff.silent_from == last + timedelta(days=1)
    with survey.reading() as session:
        index = read_status_index(session)
    told = [
        [fact.list_id for fact in index.status_of(taxon_id("Lantana camara"), day).facts]
        for day in (last, last + timedelta(days=1))
    ]
    assert ["local-plants" in one for one in told] == [True, False]


def seen(survey: Survey, name: str, day: date) -> str:
    """An event in which a person confirmed a taxon."""
    with survey.writing() as session:
        event = make_event(session, start=datetime(day.year, day.month, day.day, 4, tzinfo=UTC))
        taxon = session.get_one(Taxon, taxon_id(name))
    make_human_review(survey, event, taxon=taxon)
    return event.event_id


def test_records_of_subspecies_change_and_those_of_a_genus_may(survey: Survey) -> None:
    """A subspecies has the entry of its species; a genus may mean the species, and is told so."""
    with survey.writing() as session:
        make_group_taxon(
            session, "Muntiacus gongshanensis testus", taxon_rank="subspecies",
            kingdom="Animalia", genus="Muntiacus",
        )  # fmt: skip
    below = seen(survey, "Muntiacus gongshanensis testus", date(2026, 7, 1))
    above = seen(survey, "Muntiacus", date(2026, 7, 2))
    done = take(
        survey, [["学名", "级别"], ["Muntiacus gongshanensis", "I"]], list_id="local-animals",
        kind=StatusKind.PROTECTED_ANIMALS,
    )  # fmt: skip
    changed = {one.scientific_name: [r.record_id for r in one.records] for one in done.diff.changes}
    assert changed == {
        "Muntiacus gongshanensis": [],
        "Muntiacus gongshanensis testus": [below],
    }
    (genus,) = done.diff.above
    assert (genus.scientific_name, [one.record_id for one in genus.records]) == (
        "Muntiacus",
        [above],
    )
    assert "Muntiacus gongshanensis" in genus.members


def test_a_large_change_is_told_in_short(survey: Survey) -> None:
    """Counts first, then taxa with records, ten of the others, and how many more."""
    seen(survey, "Pardofelis temminckii", date(2026, 7, 1))
    take(
        survey, [["学名", "级别"], ["Panthera pardus", "I"]], list_id="cn-protected-animals",
        kind=StatusKind.PROTECTED_ANIMALS,
    )  # fmt: skip
    command = ["lists", "diff", "cn-protected-animals-2026", "--survey", str(survey.folder)]
    short = CliRunner().invoke(app, command).output.splitlines()
    whole = CliRunner().invoke(app, [*command, "--all"]).output.splitlines()
    assert "no longer listed" in short[1] and short[2].endswith("records of 1 of these taxa:")
    assert short[3].strip().startswith("Pardofelis temminckii")
    assert len(short) < 25 and any("more like these" in line for line in short)
    assert len(whole) > 900 and not any("more like these" in line for line in whole)


def test_the_survey_is_well_after_all_of_it(survey: Survey) -> None:
    """Added taxa and entries without one are told by the log."""
    lines: Lines = [["学名", "级别"], ["Alsophila nova", "I"], ["Nova planta", "II"]]
    take(survey, lines, add_taxa=True)
    assert verify_survey(survey).findings == ()
