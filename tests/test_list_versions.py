"""New versions of lists: taken whole or not at all, compared, and published with a signature."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from factories import make_event, make_human_review
from openpyxl import load_workbook
from sqlmodel import select

from species_db.field_sheet import SheetError
from species_db.lists import read_status_index
from species_db.lists.diff import Change, ListError, diff_versions
from species_db.lists.incoming import ListImport, import_list
from species_db.lists.list_sheet import ListDescription
from species_db.lists.publish import check_published, publish_list
from species_db.lists.shelf import read_entries_of, read_shelf
from species_db.lists.taxon_card import find_taxon
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings
from species_db.tables import Decision, ListEntry, ListVersion, Taxon
from species_db.verify import verify_survey
from species_db.vocabulary import Act, StatusKind

TODAY = date(2026, 11, 22)
WHO = {"person": "Drolma", "today": TODAY}
LEOPARD = "Panthera pardus"
GOLDEN_CAT = "Pardofelis temminckii"
OWN = {"list_id": "linzhi-invasive", "kind": StatusKind.LOCAL_INVASIVE}


@pytest.fixture
def survey(tmp_path: Path) -> Iterator[Survey]:
    """A survey as a person begins one: with all shipped taxa and lists."""
    made = start_survey(tmp_path / "survey", SurveySettings(title="Lists"), person="Drolma")
    yield made
    made.close()


def sheet(tmp_path: Path, *rows: dict[str, str], name: str = "list.csv") -> Path:
    """A list as an office sends it."""
    path = tmp_path / name
    header = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, header)
        writer.writeheader()
        writer.writerows(rows)
    return path


def entry(name: str, category: str = "key", **cells: str) -> dict[str, str]:
    """One line of such a list."""
    return {"scientific_name": name, "category": category} | cells


def take(survey: Survey, path: Path, *, version: str, on: date, **more: object) -> ListImport:
    """Import a version of Linzhi's own invasive list, or of another."""
    options = {name: more.pop(name) for name in ("add_taxa", "dry_run") if name in more}
    described = ListDescription(version=version, effective_from=on, **(OWN | more))  # type: ignore[arg-type]
    return import_list(survey, path, description=described, **WHO, **options)  # type: ignore[arg-type]


def reviewed(survey: Survey, name: str, day: date) -> str:
    """An event of a day in which a person confirmed a taxon."""
    with survey.writing() as session:
        start = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        event = make_event(session, start=start)
        taxon = session.get_one(Taxon, find_taxon(session, name))
    make_human_review(survey, event, taxon=taxon)
    return event.event_id


def test_a_new_version_names_the_past_records_it_changes(survey: Survey, tmp_path: Path) -> None:
    """Records keep the status of their day; those since the first day in force change."""
    before = reviewed(survey, GOLDEN_CAT, date(2025, 5, 1))
    since = reviewed(survey, GOLDEN_CAT, date(2026, 7, 1))
    path = sheet(tmp_path, entry(LEOPARD, "I"), entry(GOLDEN_CAT, "II"))
    done = take(
        survey, path, version="2026", on=date(2026, 6, 1), list_id="cn-protected-animals", kind=None
    )
    (cat,) = [one for one in done.diff.changes if one.scientific_name == GOLDEN_CAT]
    assert (cat.change, cat.before.category, cat.after.category) == (Change.CATEGORY, "I", "II")
    told = {one.record_id: (one.as_of_observation, one.as_of_today) for one in cat.records}
    assert told == {before: (False, True), since: (True, True)}
    assert done.diff.before.list_version_id == "cn-protected-animals-2021"
    with survey.reading() as session:
        index = read_status_index(session)
        cat_id = find_taxon(session, GOLDEN_CAT)
    days = (date(2025, 5, 1), date(2026, 5, 31), date(2026, 6, 1))
    assert [index.status_of(cat_id, day).protection_level for day in days] == ["I", "I", "II"]


def test_a_taxon_that_left_the_list_is_told(survey: Survey, tmp_path: Path) -> None:
    """What the new version no longer names is a change, with the entry it had."""
    path = sheet(tmp_path, entry(LEOPARD, "I"))
    done = take(
        survey, path, version="2026", on=date(2026, 6, 1), list_id="cn-protected-animals", kind=None
    )
    gone = {one.scientific_name for one in done.diff.of(Change.REMOVED)}
    assert GOLDEN_CAT in gone and LEOPARD not in gone
    assert len(gone) > 900


def test_a_part_of_a_list_is_told_as_such(survey: Survey) -> None:
    """What a partial version lacks was not known, so its silence is no change of the law."""
    with survey.reading() as session:
        early = diff_versions(session, None, "cn-protected-animals-2021", today=TODAY)
        whole = diff_versions(session, None, "cn-protected-plants-2021", today=TODAY)
    assert early.partial == ("cn-protected-animals-2020",)
    assert whole.partial == ()


def test_a_group_covers_its_species_in_the_diff(survey: Survey, tmp_path: Path) -> None:
    """A genus listed as a whole changes its species, save those it leaves out."""
    group = entry("Muntiacus", "II", taxon_rank="genus", excluded_taxa="M. vaginalis")
    done = take(
        survey, sheet(tmp_path, group), version="2026", on=date(2026, 6, 1),
        list_id="local-protected", kind=StatusKind.PROTECTED_ANIMALS,
    )  # fmt: skip
    added = {one.scientific_name for one in done.diff.of(Change.ADDED)}
    assert "Muntiacus gongshanensis" in added
    assert "Muntiacus vaginalis" not in added


def test_a_dry_run_writes_nothing_and_tells_the_same(survey: Survey, tmp_path: Path) -> None:
    """Looking first leaves no version, no entry and no taxon behind."""
    path = sheet(tmp_path, entry("Ageratina adenophora"), entry("Nova planta"))
    looked = take(survey, path, version="2026", on=date(2026, 6, 1), dry_run=True, add_taxa=True)
    with survey.reading() as session:
        assert session.get(ListVersion, "linzhi-invasive-2026") is None
        assert session.exec(select(Taxon).where(Taxon.scientific_name == "Nova planta")).all() == []
    taken = take(survey, path, version="2026", on=date(2026, 6, 1), add_taxa=True)
    assert looked.is_dry_run and not taken.is_dry_run
    assert [one.why for one in looked.diff.changes] == [one.why for one in taken.diff.changes]
    assert taken.added_taxa == ("Nova planta",)


def test_a_name_no_taxon_bears_is_told_and_kept(survey: Survey, tmp_path: Path) -> None:
    """An unmatched name stays in the list without a taxon; nothing is guessed."""
    done = take(
        survey, sheet(tmp_path, entry("Nova planta"), entry("Ageratina adenophora")),
        version="2026", on=date(2026, 6, 1),
    )  # fmt: skip
    assert [match.scientific_name for match in done.matches.unmatched] == ["Nova planta"]
    with survey.reading() as session:
        entries = read_entries_of(session, done.version.list_version_id)
    kept = {one.scientific_name: one.taxon_id for one in entries}
    assert kept["Nova planta"] is None and kept["Ageratina adenophora"]


def test_the_same_sheet_again_adds_nothing(survey: Survey, tmp_path: Path) -> None:
    """A version that is there stays; its log entry is not doubled."""
    path = sheet(tmp_path, entry("Ageratina adenophora"))
    take(survey, path, version="2026", on=date(2026, 6, 1))
    assert take(survey, path, version="2026", on=date(2026, 6, 1)).was_there
    with survey.reading() as session:
        acts = session.exec(select(Decision).where(Decision.act == Act.LIST_IMPORTED.value)).all()
    assert len(acts) == 1


def test_a_version_is_never_edited(survey: Survey, tmp_path: Path) -> None:
    """Other entries under the same version are refused, and the first stay."""
    take(survey, sheet(tmp_path, entry("Ageratina adenophora")), version="2026", on=TODAY)
    other = sheet(tmp_path, entry("Mikania micrantha"))
    with pytest.raises(ListError, match="never edited"):
        take(survey, other, version="2026", on=TODAY)


MISTAKES = {
    "no Latin name": entry("紫茎泽兰"),
    "no such rank": entry("Muntiacus", "II", taxon_rank="genuss"),
    "whole number": entry("Mikania micrantha", "II", entry_no="first"),
    "yes or no": entry("Lantana camara", "II", verified="maybe"),
    "use one of: I, II": entry("Alternanthera philoxeroides", "III"),
    "stands twice": entry("Ageratina adenophora", "II"),
}


def test_every_mistake_of_a_sheet_is_named_at_once(survey: Survey, tmp_path: Path) -> None:
    """Six kinds of mistake, each with its line; nothing is taken."""
    path = sheet(tmp_path, entry("Ageratina adenophora", "II"), *MISTAKES.values())
    with pytest.raises(SheetError) as refused:
        take(survey, path, version="2026", on=TODAY, kind=StatusKind.PROTECTED_PLANTS)
    for line, told in enumerate(MISTAKES, start=3):
        assert told in str(refused.value)
        assert f"line {line}, " in str(refused.value)
    with survey.reading() as session:
        assert session.get(ListVersion, "linzhi-invasive-2026") is None


def test_two_versions_cannot_begin_on_one_day(survey: Survey, tmp_path: Path) -> None:
    """Which of them would hold could not be told."""
    path = sheet(tmp_path, entry("Ageratina adenophora"))
    take(survey, path, version="2026", on=TODAY)
    with pytest.raises(ListError, match="on that day"):
        take(survey, path, version="2026b", on=TODAY)


def test_two_names_of_one_taxon_are_refused(survey: Survey, tmp_path: Path) -> None:
    """An accepted name and its synonym would give one taxon two categories."""
    path = sheet(tmp_path, entry("Catopuma temminckii"), entry("Pardofelis temminckii"))
    with pytest.raises(ListError, match="same taxon"):
        take(survey, path, version="2026", on=TODAY)


def test_an_unknown_version_is_told_with_the_nearest(survey: Survey) -> None:
    """A slip of the finger gets the version that was meant."""
    with survey.reading() as session, pytest.raises(ListError, match="cn-protected-animals-2021"):
        diff_versions(session, None, "cn-protected-animal-2021", today=TODAY)


def test_the_shelf_says_which_version_holds(survey: Survey) -> None:
    """Of the protected animals, the list of 2021 holds today; its entries are all there."""
    with survey.reading() as session:
        shelf = {one.list_version_id: one for one in read_shelf(session, today=TODAY)}
        entries = read_entries_of(session, "cn-protected-animals-2021")
    assert shelf["cn-protected-animals-2021"].is_in_force
    assert not shelf["cn-protected-animals-1989"].is_in_force
    assert len(entries) == 988


def own_list(survey: Survey, tmp_path: Path) -> None:
    """Two versions of Linzhi's own list, the second with a plant more and one less."""
    first = sheet(tmp_path, entry("Ageratina adenophora", "A", vernacular_zh="紫茎泽兰"),
                  entry("Lantana camara", "B"))  # fmt: skip
    take(survey, first, version="2026", on=date(2026, 1, 1), title_zh="林芝市外来入侵物种名录",
         title_en="Invasive alien species of Linzhi", authority="林芝市生态环境局")  # fmt: skip
    second = sheet(tmp_path, entry("Ageratina adenophora", "A", vernacular_zh="紫茎泽兰"),
                   entry("Mikania micrantha", "B", remarks="=1+1"))  # fmt: skip
    take(survey, second, version="2027", on=date(2027, 1, 1))


def test_a_published_list_is_numbered_signed_and_says_what_changed(
    survey: Survey, tmp_path: Path
) -> None:
    """Workbook and page hold the entries and the changes; the signature covers both."""
    own_list(survey, tmp_path)
    publish_list(survey, "linzhi-invasive-2026", tmp_path / "out", **WHO)
    done = publish_list(survey, "linzhi-invasive-2027", tmp_path / "out", **WHO)
    assert done.number == "linzhi-invasive-2026-02"
    assert {one.scientific_name: one.change for one in done.diff.changes} == {
        "Mikania micrantha": Change.ADDED,
        "Lantana camara": Change.REMOVED,
    }
    book = load_workbook(tmp_path / "out" / "linzhi-invasive-2027.xlsx")
    listed = [row[2] for row in book["名录 list"].iter_rows(min_row=2, values_only=True)]
    assert listed == ["Ageratina adenophora", "Mikania micrantha"]
    changes = [row[2] for row in book["变更 changes"].iter_rows(min_row=2, values_only=True)]
    assert sorted(changes) == ["Lantana camara", "Mikania micrantha"]
    page = (tmp_path / "out" / "linzhi-invasive-2027.html").read_text(encoding="utf-8")
    assert done.number in page and "重点管理外来入侵物种" in page
    assert check_published(tmp_path / "out" / "linzhi-invasive-2027.signed.json").wrong == ()


def test_text_that_looks_like_a_formula_stays_text(survey: Survey, tmp_path: Path) -> None:
    """A remark that begins with = must not run in a reader's spreadsheet."""
    own_list(survey, tmp_path)
    publish_list(survey, "linzhi-invasive-2027", tmp_path / "out", **WHO)
    book = load_workbook(tmp_path / "out" / "linzhi-invasive-2027.xlsx")
    cell = book["名录 list"]["F3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_publishing_again_writes_the_same_bytes(survey: Survey, tmp_path: Path) -> None:
    """Another day, another folder: same number, same files."""
    own_list(survey, tmp_path)
    publish_list(survey, "linzhi-invasive-2026", tmp_path / "a", **WHO)
    later = publish_list(
        survey, "linzhi-invasive-2026", tmp_path / "b", person="Tashi", today=date(2027, 3, 1)
    )
    assert later.was_there and later.published_on == TODAY
    first = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    with survey.reading() as session:
        acts = session.exec(select(Decision).where(Decision.act == Act.LIST_PUBLISHED.value)).all()
    assert len(acts) == 1


@pytest.mark.parametrize("ending", ["xlsx", "html", "signed.json"])
def test_a_changed_file_of_a_published_list_is_named(
    survey: Survey, tmp_path: Path, ending: str
) -> None:
    """One byte more in any of the three files is noticed."""
    own_list(survey, tmp_path)
    publish_list(survey, "linzhi-invasive-2026", tmp_path, **WHO)
    path = tmp_path / f"linzhi-invasive-2026.{ending}"
    if ending == "signed.json":
        told = json.loads(path.read_text(encoding="utf-8")) | {"number": "other"}
        path.write_text(json.dumps(told), encoding="utf-8")
    else:
        path.write_bytes(path.read_bytes() + b" ")
    checked = check_published(tmp_path / "linzhi-invasive-2026.signed.json")
    assert checked.wrong == (("signature",) if ending == "signed.json" else (path.name,))


def test_only_the_own_list_is_published(survey: Survey, tmp_path: Path) -> None:
    """A list of the state is not the prefecture's to publish."""
    with pytest.raises(ListError, match="only the prefecture's own"):
        publish_list(survey, "cn-protected-animals-2021", tmp_path, **WHO)


def test_verify_stands_after_importing_and_publishing(survey: Survey, tmp_path: Path) -> None:
    """Both acts are in the log with their rows; an edited entry is named."""
    own_list(survey, tmp_path)
    publish_list(survey, "linzhi-invasive-2026", tmp_path / "out", **WHO)
    assert not list(verify_survey(survey).findings)
    with survey.writing() as session:
        edited = session.get(ListEntry, ("linzhi-invasive-2026", 1))
        edited.category = "C"
        session.add(edited)
    found = [one.key for one, _ in verify_survey(survey).findings]
    assert found == ["linzhi-invasive-2026"]
