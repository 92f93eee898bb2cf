"""The page of field records: the form of each method, corrections, and sheets brought to it."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from review_app import opened
from review_app.record_page import mistakes_html
from review_app.record_words import LABELS, SENTENCES
from review_app.say import words_of
from species_db.field.records.columns import COLUMNS
from species_db.field.records.view import record_cells
from species_db.field_sheet import Mistake
from species_db.survey import Survey
from species_db.tables import Decision, FieldRecord, ListEntry, ListVersion, Plot
from species_db.vocabulary import Act, FieldProtocol, FieldState
from tests.factories import NINE, make_taxon
from tests.field_folder import MIDDLE
from tests.review_scene import served
from tests.test_pages_browser import browser_at, keep
from tests.test_pages_browser import opened as opened_page
from tests.test_review_browser import chromium  # noqa: F401  (a fixture)


def draw() -> None:
    """The page as the app shows it; AppTest runs this by itself, so it imports what it needs."""
    import streamlit as st

    from review_app.opened import opened_survey
    from review_app.record_page import show

    state = st.session_state
    person, language = state.get("person", "Drolma"), state.get("language", "en")
    show(opened_survey(), person=person, language=language)


def fill(survey: Survey) -> Survey:
    """A plot, two taxa, and a list that calls one of them invasive."""
    with survey.writing() as session:
        north, east = MIDDLE
        session.add(Plot(plot_id="LZ-041", county="540402", latitude=north, longitude=east))
        make_taxon(session, "Macaca mulatta", "猕猴", "Rhesus macaque")
        weed = make_taxon(session, "Ageratina adenophora", "紫茎泽兰", "Crofton weed")
        version = ListVersion(
            list_version_id="v",
            list_id="key",
            kind="key_invasive",
            title_zh="重点管理外来入侵物种名录",
            title_en="Key invasive species",
            version="2022",
            effective_from=date(2023, 1, 1),
            authority="test",
            source="test",
            doubt="",
            origin="shipped",
            entry_count=1,
            content_sha256="",
            person="Tashi",
            entered_at=NINE,
        )
        session.add(version)
        session.flush()
        session.add(
            ListEntry(
                list_version_id="v",
                entry_no=1,
                taxon_id=weed.taxon_id,
                scientific_name=weed.scientific_name,
                category="key",
            )
        )
    return survey


@pytest.fixture
def shown(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    """That survey in the app."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(fill(survey).folder))
    opened._open.cache_clear()
    yield survey
    opened.opened_survey().close()
    opened._open.cache_clear()


def page_of(**state: str) -> AppTest:
    """The page, drawn once."""
    page = AppTest.from_function(draw, default_timeout=60)
    for name, value in state.items():
        page.session_state[name] = value
    page.run()
    assert not page.exception
    return page


def by_key(page: AppTest, kind: str, start: str):
    """The widget of a kind whose key begins so."""
    return next(one for one in page.get(kind) if (one.key or "").startswith(start))


def press(page: AppTest, key: str) -> AppTest:
    """Press a button."""
    by_key(page, "button", key).click().run()
    assert not page.exception
    return page


def write(page: AppTest, **cells: str) -> AppTest:
    """Write into fields of the form, and save."""
    for name, text in cells.items():
        by_key(page, "text_input", f"record_{name} ").set_value(text)
    return press(page, "record_save")


def choose(page: AppTest, protocol: FieldProtocol) -> AppTest:
    """Choose a method."""
    by_key(page, "button_group", "record_protocol").set_value(protocol.value).run()
    assert not page.exception
    return page


def names_of(page: AppTest) -> set[str]:
    """The fields that the form asks."""
    return {(one.key or "").split()[0].removeprefix("record_") for one in page.text_input}


def records(survey: Survey) -> list[FieldRecord]:
    """All field records."""
    with survey.reading() as session:
        return list(session.exec(select(FieldRecord)))


VISIT = {
    "start": "2026-07-14 08:30",
    "end": "10:05",
    "observers": "Tashi",
    "length_m": "2000",
}


def named(page: AppTest, name: str) -> AppTest:
    """Type a taxon."""
    by_key(page, "text_input", "record_taxon").set_value(name).run()
    assert not page.exception
    return page


def saved(page: AppTest, name: str = "紫茎泽兰", **cells: str) -> AppTest:
    """Write a whole record on the plot."""
    named(page, name)
    by_key(page, "selectbox", "record_plot").set_value("LZ-041")
    return write(page, **(VISIT | cells))


def test_a_record_is_written_and_the_visit_stays(shown: Survey) -> None:
    """The record is stored with its effort; the next form still knows the visit, not the taxon."""
    page = saved(page_of(), count="12")
    record = records(shown)[0]
    assert (record.effort_value, record.individual_count) == (2000, 12)
    assert (record.plot_id, record.state) == ("LZ-041", FieldState.IDENTIFIED)
    assert "Ageratina adenophora" in page.success[0].value
    assert by_key(page, "text_input", "record_length_m").value == "2000"
    assert by_key(page, "text_input", "record_taxon").value == ""
    with shown.reading() as session:
        about_it = select(Decision.act).where(Decision.subject == record.field_record_id)
        assert session.exec(about_it).all() == [Act.FIELD_RECORDED]


def test_only_the_efforts_of_the_method_are_asked(shown: Survey) -> None:
    """A transect asks a length, an eDNA sample litres and its number, a photo nothing."""
    page = page_of()
    assert "length_m" in names_of(page) and "litres" not in names_of(page)
    choose(page, FieldProtocol.EDNA)
    assert {"litres", "sample_id", "evidence_probability"} <= names_of(page)
    assert "length_m" not in names_of(page)
    choose(page, FieldProtocol.PHOTO)
    assert not {"litres", "length_m", "sample_id"} & names_of(page)


def test_mistakes_are_listed_and_nothing_is_stored(shown: Survey) -> None:
    """The form is checked as a sheet is, and what was written stays in its fields."""
    page = write(named(page_of(), "猕猴"), **(VISIT | {"length_m": "2", "end": "07:00"}))
    assert records(shown) == []
    assert "3 to mend" in page.error[0].value
    told = " ".join(one.proto.body for one in page.get("html"))
    assert "10..50000" in told and "before the start" in told and "give the plot" in told
    assert by_key(page, "text_input", "record_length_m").value == "2"


def test_the_invasive_part_opens_for_an_invader(shown: Survey) -> None:
    """Folded for a macaque, open for a species of the invasive list."""

    def is_open(page: AppTest) -> bool:
        label = SENTENCES["invasive"][0]
        return next(e for e in page.expander if e.label == label).proto.expanded

    assert not is_open(named(page_of(), "猕猴"))
    assert is_open(named(page_of(), "紫茎泽兰"))


def test_threats_and_terms_are_stored_as_controlled_words(shown: Survey) -> None:
    """Pills and lists in Chinese become the words of the vocabulary."""
    page = named(page_of(language="zh"), "紫茎泽兰")
    by_key(page, "button_group", "record_threats").set_value(["livestock", "waste"])
    by_key(page, "selectbox", "record_abundance_class").set_value("dense")
    by_key(page, "selectbox", "record_county").set_value("540423")
    write(page, **VISIT)
    record = records(shown)[0]
    assert (record.threats, record.abundance_class) == ('["livestock", "waste"]', "dense")
    assert (record.plot_id, record.county) == (None, "540423")


def test_a_record_is_corrected_through_the_form(shown: Survey) -> None:
    """It comes into the form as it stands; the correction is a new act that keeps the old."""
    page = saved(page_of(), count="12")
    page = press(page, "record_correct")
    assert by_key(page, "text_input", "record_count").value == "12"
    page = write(page, count="21")
    assert [one.individual_count for one in records(shown)] == [21]
    with shown.reading() as session:
        about_it = select(Decision).where(Decision.subject == records(shown)[0].field_record_id)
        acts = session.exec(about_it.order_by(Decision.sequence)).all()
    assert [one.act for one in acts] == [Act.FIELD_RECORDED] * 2
    assert '\\"individual_count\\": 12' in acts[1].details


def test_opening_a_record_and_saving_it_changes_nothing(shown: Survey) -> None:
    """What the form shows of a record is what the record says, to the last field."""
    page = page_of()
    by_key(page, "selectbox", "record_datum").set_value("GCJ-02")
    page = saved(page, latitude="29.646310", longitude="94.362665", count="3")
    first = records(shown)[0]
    page = write(press(page, "record_correct"))
    after = records(shown)[0]
    assert after.review_id == first.review_id
    assert after.position_source == "gcj02"
    with shown.reading() as session:
        assert record_cells(session, after.field_record_id)["datum"] == "WGS-84"


def test_a_record_is_put_aside(shown: Survey) -> None:
    """It leaves the list and stays in the database as rejected."""
    page = press(saved(page_of()), "record_reject")
    assert [one.state for one in records(shown)] == [FieldState.REJECTED]
    assert not [one for one in page.button if (one.key or "").startswith("record_correct")]


def test_an_old_screen_corrects_nothing(shown: Survey) -> None:
    """Somebody else has acted on the record meanwhile: told, and nothing is overwritten."""
    saved(page_of())
    mine, theirs = press(page_of(), "record_correct"), press(page_of(), "record_correct")
    write(theirs, count="5")
    mine = write(mine, count="7")
    assert "Somebody has acted" in mine.error[0].value
    assert records(shown)[0].individual_count == 5


def test_nobody_writes_nothing(shown: Survey) -> None:
    """Without a name the form is there to look at, and saves nothing."""
    page = saved(page_of(person=""))
    assert "Write your name" in page.warning[0].value
    assert records(shown) == []


def test_the_page_tells_no_coordinates(shown: Survey) -> None:
    """The list shows plot, time and effort."""
    page = saved(page_of())
    told = " ".join(one.proto.body for one in page.get("html"))
    assert "LZ-041" in told and "Length walked 2000 m" in told
    assert "29.64" not in told and "94.36" not in told


def test_an_effort_is_told_in_the_language_of_the_page(shown: Survey) -> None:
    """What is stored in Darwin Core's English is read in Chinese by who reads Chinese."""
    saved(page_of())
    told = " ".join(one.proto.body for one in page_of(language="zh").get("html"))
    assert "样线长度 2000 m, 用时 95 min" in told and "length" not in told


def test_what_is_to_check_is_said_after_saving(shown: Survey) -> None:
    """A point far from its plot is stored, and the person is told by distance."""
    page = page_of()
    by_key(page, "selectbox", "record_datum").set_value("WGS-84")
    page = saved(page, latitude="29.24", longitude="95.17")
    assert "from the middle of plot LZ-041" in page.success[0].value
    assert "29.24" not in page.success[0].value and "line 0" not in page.success[0].value


def test_mistakes_of_a_sheet_are_shown_as_a_table() -> None:
    """Sheet and line, column in the reader's language, and what is wrong; never as markup."""
    mistakes = [Mistake(7, "taxon", "'<b>' is no name", "样线 transect")]
    told = mistakes_html(mistakes, words_of(SENTENCES, "zh"), "zh")
    assert "样线 transect 7" in told and "物种" in told
    assert "<b>" not in told and "&lt;b&gt;" in told


def test_every_column_has_its_label() -> None:
    """The form and the table of mistakes name every column in English too."""
    assert {column.name for column in COLUMNS} - {"record_id"} == set(LABELS)


@pytest.mark.browser
def test_a_sheet_is_checked_and_taken_in_a_browser(
    survey: Survey,
    chromium: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """A wrong sheet is shown with its mistakes; the mended one is taken; its records are listed."""
    head = "record_id,protocol,start,end,observers,plot,length_m,taxon,count,threats\n"
    line = "T1,样线,2026-07-14 08:30,10:05,扎西 | 卓玛,LZ-041,{},紫茎泽{},12,家畜放牧 | 垃圾\n"
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text(head + line.format(2, "蓝"), encoding="utf-8")
    right.write_text(head + line.format(2000, "兰"), encoding="utf-8")
    language = os.environ.get("NAMCHA_LANG")
    assert language == "en"
    with served(fill(survey), tmp_path) as url, browser_at(chromium) as browser:
        page = opened_page(browser, f"{url}/records")
        page.locator("input[type=file]").set_input_files(wrong)
        page.get_by_text("wrong.csv: 2 mistakes").wait_for(timeout=30_000)
        page.get_by_text("Did you mean '紫茎泽兰'").wait_for(timeout=30_000)
        keep(page, survey, "records-1-mistakes")
        page.locator("input[type=file]").set_input_files(right)
        take = page.get_by_role("button", name="Take the sheet")
        expect(take).to_be_enabled(timeout=30_000)
        take.click()
        page.get_by_text("Taken: 1 new").wait_for(timeout=30_000)
        page.get_by_label("Taxon: Chinese, English or Latin name").fill("紫茎")
        page.keyboard.press("Enter")
        page.get_by_text("How far it has got").first.wait_for(timeout=30_000)
        keep(page, survey, "records-2-form")
