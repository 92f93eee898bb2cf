"""What is published stays what it was: one number, one content, one entry of the log."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from species_db.lists import publish
from species_db.lists.diff import ListError
from species_db.lists.incoming import import_list
from species_db.lists.list_sheet import ListDescription
from species_db.lists.publish import PublishedList, check_published, publish_list
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings
from species_db.tables import Decision, ListVersion
from species_db.verify import verify_survey
from species_db.vocabulary import Act, ListOrigin, StatusKind

TODAY = date(2026, 11, 22)
FIRST, SECOND = "linzhi-invasive-2026", "linzhi-invasive-2027"


@pytest.fixture
def survey(tmp_path: Path) -> Iterator[Survey]:
    """A survey with two versions of Linzhi's own list, the same but for a name nobody knows."""
    made = start_survey(tmp_path / "survey", SurveySettings(title="Lists"), person="Drolma")
    take(made, tmp_path, "2026", date(2026, 1, 1), ["Ageratina adenophora", "Lantana camara"])
    take(made, tmp_path, "2027", date(2027, 1, 1), ["Ageratina adenophora", "Lantana camara"])
    yield made
    made.close()


def take(survey: Survey, folder: Path, version: str, on: date, names: list[str]) -> None:
    """Import a version of Linzhi's own list."""
    path = folder / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["学名", "类别"], *([name, "A"] for name in names)])
    described = ListDescription(
        list_id="linzhi-invasive", version=version, effective_from=on,
        kind=StatusKind.LOCAL_INVASIVE, title_zh="林芝市外来入侵物种名录",
    )  # fmt: skip
    import_list(survey, path, description=described, person="Drolma", today=TODAY)


def issue(survey: Survey, version: str, out: Path) -> PublishedList:
    """Publish a version today."""
    return publish_list(survey, version, out, person="Drolma", today=TODAY)


def published_acts(survey: Survey) -> list[str]:
    """The versions that the log says are published."""
    with survey.reading() as session:
        asked = select(Decision.subject).where(Decision.act == Act.LIST_PUBLISHED.value)
        return list(session.exec(asked))


def test_a_version_without_changes_says_so(survey: Survey, tmp_path: Path) -> None:
    """Page and workbook of a version that says the same say that nothing changed."""
    issue(survey, FIRST, tmp_path / "out")
    assert issue(survey, SECOND, tmp_path / "out").diff.is_empty
    page = (tmp_path / "out" / f"{SECOND}.html").read_text(encoding="utf-8")
    assert "与上一版相同,无变更" in page and "no changes" in page
    book = load_workbook(tmp_path / "out" / f"{SECOND}.xlsx")
    assert book["变更 changes"]["A2"].value == "无变更 no changes"


def test_the_first_that_is_published_is_compared_with_nothing(
    survey: Survey, tmp_path: Path
) -> None:
    """A version before it that nobody ever saw is not what the public compares with."""
    done = issue(survey, SECOND, tmp_path / "out")
    assert done.diff.before is None
    page = (tmp_path / "out" / f"{SECOND}.html").read_text(encoding="utf-8")
    assert "首次发布" in page and "linzhi-invasive-2026 " not in page


def test_a_new_name_that_no_taxon_bears_is_a_change(survey: Survey, tmp_path: Path) -> None:
    """A list that gains a name nobody knows is not told to be the same as before."""
    names = ["Ageratina adenophora", "Lantana camara", "Nova planta"]
    take(survey, tmp_path, "2028", date(2028, 1, 1), names)
    issue(survey, SECOND, tmp_path / "out")
    done = issue(survey, "linzhi-invasive-2028", tmp_path / "out")
    assert (done.diff.changes, done.diff.names_added) == ((), ("Nova planta",))
    page = (tmp_path / "out" / "linzhi-invasive-2028.html").read_text(encoding="utf-8")
    assert "新增 added (1)" in page and "无变更" not in page


def test_a_later_release_gives_out_the_files_of_then(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other software, language and names later on make no second content of one number."""
    issue(survey, FIRST, tmp_path / "a")
    monkeypatch.setattr(publish, "VERSION", "99.0")
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    issue(survey, FIRST, tmp_path / "b")
    first = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}


def test_a_folder_that_takes_no_files_costs_no_publication(survey: Survey, tmp_path: Path) -> None:
    """The log has the publication and the survey its files: the same command writes them out."""
    blocked = tmp_path / "blocked"
    (blocked / f"{FIRST}.html").mkdir(parents=True)
    with pytest.raises(ListError, match="the list is published"):
        issue(survey, FIRST, blocked)
    assert published_acts(survey) == [FIRST]
    again = issue(survey, FIRST, tmp_path / "out")
    assert again.was_there and again.number == "linzhi-invasive-2026-01"
    assert check_published(tmp_path / "out" / f"{FIRST}.signed.json").wrong == ()
    assert verify_survey(survey).findings == ()


def test_an_act_that_does_not_commit_gives_out_no_files(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file claims a publication that the log does not have, and the next attempt is a first."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publish, "record_decision", stop)
        issue(survey, FIRST, tmp_path / "out")
    assert not (tmp_path / "out").exists() and published_acts(survey) == []
    with survey.reading() as session:
        version = session.get_one(ListVersion, FIRST)
        assert (version.number, version.origin) == (None, ListOrigin.IMPORTED.value)
    assert not issue(survey, FIRST, tmp_path / "out").was_there


def test_a_kept_file_that_was_altered_is_not_given_out(survey: Survey, tmp_path: Path) -> None:
    """What is under a number must be what was published under it, or nothing."""
    issue(survey, FIRST, tmp_path / "out")
    kept = survey.folder / "exports" / "lists" / FIRST / f"{FIRST}.html"
    kept.write_bytes(kept.read_bytes() + b" ")
    with pytest.raises(ListError, match="not the file of that day"):
        issue(survey, FIRST, tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    "told", ["[]", "{}", '{"public_key": "zz", "files": {}}', '{"public_key": 1, "files": []}', ""]
)
def test_what_is_no_statement_is_said_to_be_none(tmp_path: Path, told: str) -> None:
    """Other JSON, or none, is refused in a sentence."""
    path = tmp_path / "other.signed.json"
    path.write_text(told, encoding="utf-8")
    with pytest.raises(ListError, match="no signed statement"):
        check_published(path)


def test_a_check_tells_whose_key_it_was(survey: Survey, tmp_path: Path) -> None:
    """Anybody can sign with another key: the fingerprint is that of the printed page."""
    done = issue(survey, FIRST, tmp_path / "out")
    checked = check_published(tmp_path / "out" / f"{FIRST}.signed.json")
    assert (checked.number, checked.fingerprint) == (done.number, done.fingerprint)
    page = (tmp_path / "out" / f"{FIRST}.html").read_text(encoding="utf-8")
    assert checked.fingerprint in page
    told = json.loads((tmp_path / "out" / f"{FIRST}.signed.json").read_text(encoding="utf-8"))
    assert told["number"] == checked.number
