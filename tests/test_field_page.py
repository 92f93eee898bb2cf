"""The field page: what it shows of a record, what it takes, and the pictures it fetches."""

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from streamlit.testing.v1 import AppTest

from ingest.field_photos import FieldVisit, import_field
from review_app import opened
from review_app.field_page import photos_html
from review_app.field_routes import show_field_photo
from review_app.field_words import SENTENCES
from review_app.say import words_of
from species_db.field import draft_records
from species_db.survey import Survey
from species_db.tables import FieldPhoto, FieldRecord, Taxon
from species_db.taxa import seed_taxa
from species_db.vocabulary import FieldProtocol, FieldState, QuantityType
from tests.field_folder import make_folder, phone_photo, with_plots


def draw() -> None:
    """The page as the app shows it; AppTest runs this by itself, so it imports what it needs."""
    import streamlit as st

    from review_app.field_page import show
    from review_app.opened import opened_survey

    state = st.session_state
    person, language = state.get("person", "Drolma"), state.get("language", "en")
    show(opened_survey(), person=person, language=language)


@pytest.fixture
def shown(survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    """A survey in the app, with the checklist and two drafts: two photos at nine, one at ten."""
    with survey.writing() as session:
        seed_taxa(session)
    photos = {name: phone_photo(minute=m) for name, m in {"a": 0, "b": 1, "c": 60}.items()}
    folder = make_folder(tmp_path / "phone", **photos)
    visit = FieldVisit("LZ-041", "Tashi", FieldProtocol.QUADRAT)
    import_field(with_plots(survey), folder, visit=visit, person="Tashi")
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    yield survey
    opened.opened_survey().close()
    opened._open.cache_clear()


def page_of(**state: str) -> AppTest:
    """The page, drawn once."""
    page = AppTest.from_function(draw, default_timeout=30)
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


def records(survey: Survey) -> list[FieldRecord]:
    """All field records in order of time."""
    with survey.reading() as session:
        return list(session.exec(select(FieldRecord).order_by(FieldRecord.event_start)))


def test_a_plant_is_named_with_its_area(shown: Survey) -> None:
    """Typing a Chinese name, an area and Identify writes the record and shows the next draft."""
    page = page_of()
    by_key(page, "text_input", "field_taxon").set_value("紫茎泽兰").run()
    by_key(page, "text_input", "field_quantity").set_value("12.5")
    by_key(page, "text_input", "field_habitat").set_value("roadside")
    press(page, "field_identify")
    first, second = records(shown)
    with shown.reading() as session:
        taxon = session.get_one(Taxon, first.taxon_id)
    assert (taxon.scientific_name, taxon.kingdom) == ("Ageratina adenophora", "Plantae")
    assert (first.organism_quantity, first.organism_quantity_type) == ("12.5", "m2")
    assert (first.habitat, first.identified_by, first.state) == ("roadside", "Drolma", "identified")
    assert second.state == "draft"
    assert "Ageratina adenophora" in page.success[0].value
    assert page.session_state["field_at"] == second.field_record_id


def test_a_draft_is_put_aside(shown: Survey) -> None:
    """Putting aside takes a record off the drafts; it can be found again and be named."""
    page = press(page_of(), "field_reject")
    assert [one.state for one in records(shown)] == ["rejected", "draft"]
    by_key(page, "radio", "field_state").set_value(FieldState.REJECTED).run()
    by_key(page, "text_input", "field_taxon").set_value("Macaca").run()
    press(page, "field_identify")
    assert [one.state for one in records(shown)] == ["identified", "draft"]


def test_two_kinds_are_parted(shown: Survey) -> None:
    """Choosing the second photo makes it a record of its own; the first stays."""
    page = page_of()
    by_key(page, "button_group", "field_split").set_value([2]).run()
    press(page, "field_split_act")
    assert [one.photo_count for one in records(shown)] == [1, 1, 1]


def test_nothing_is_written_without_a_taxon_or_a_person(shown: Survey) -> None:
    """Both are asked for with a sentence, and the draft stays."""
    page = press(page_of(), "field_identify")
    assert page.error[0].value == "Choose a taxon first."
    page = page_of(person="")
    assert "Write your name" in page.warning[0].value
    press(page, "field_reject")
    assert {one.state for one in records(shown)} == {"draft"}


def test_a_press_on_an_old_screen_does_nothing(shown: Survey) -> None:
    """A record that somebody else has put aside meanwhile is told of; no other one is hit."""
    mine, theirs = page_of(), page_of()
    press(theirs, "field_reject")
    press(mine, "field_reject")
    assert [one.state for one in records(shown)] == ["rejected", "draft"]
    assert "Somebody has acted on that record" in mine.warning[0].value
    press(mine, "field_reject")
    assert [one.state for one in records(shown)] == ["rejected", "rejected"]


def test_the_page_tells_no_coordinates(shown: Survey) -> None:
    """Plot, time and uncertainty are shown; latitude and longitude are not."""
    page = page_of()
    told = " ".join(str(one.proto) for one in page.main)
    told += " ".join(one.proto.body for one in page.get("html"))
    assert "LZ-041" in told and "30 m" in told
    assert "29.64" not in told and "94.36" not in told


def test_an_empty_survey_says_how_to_begin(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any import the page gives the command, in either language."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    assert "namcha import-field" in page_of().info[0].value
    assert "请用以下命令导入" in page_of(language="zh").info[0].value
    opened.opened_survey().close()
    opened._open.cache_clear()


def test_names_of_files_are_never_markup(shown: Survey) -> None:
    """A photo named like a script is shown as text."""
    with shown.writing() as session:
        for photo in session.exec(select(FieldPhoto)).all():
            photo.file_name = "<script>x</script>'.jpg"
            session.add(photo)
    with shown.reading() as session:
        told = photos_html(draft_records(session)[0], words_of(SENTENCES, "en"))
    assert "<script>" not in told and "&lt;script&gt;" in told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_is_there(language: str) -> None:
    """Protocols, units and states all have a word."""
    words = words_of(SENTENCES, language)  # type: ignore[arg-type]
    for term in [*FieldProtocol, *QuantityType]:
        assert words[term.value]


def send(photo_id: str, size: str, **headers: str) -> Response:
    """Ask the route for a picture."""
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    path = {"field_photo_id": photo_id, "size": size}
    request = Request(
        {
            "type": "http",
            "method": "GET",
            "headers": told,
            "query_string": b"",
            "path_params": path,
        }
    )
    return asyncio.run(show_field_photo(request))


def first_photo(survey: Survey, **values: object) -> str:
    """The id of a photo, changed first when something is to be."""
    with survey.writing() as session:
        photo = session.exec(select(FieldPhoto).order_by(FieldPhoto.timestamp)).first()
        for name, value in values.items():
            setattr(photo, name, value)
        session.add(photo)
        return photo.field_photo_id


@pytest.mark.parametrize("size", ["large", "small"])
def test_pictures_are_sent_without_their_position(shown: Survey, size: str) -> None:
    """What the browser gets is a new JPEG without EXIF; the original has a position."""
    response = send(first_photo(shown), size)
    assert isinstance(response, FileResponse)
    with Image.open(response.path) as picture:
        assert not picture.getexif() and picture.format == "JPEG"


@pytest.mark.parametrize(
    ("photo_id", "size"),
    [("nobody", "large"), ("../survey.db", "large"), (None, "original"), (None, "film")],
)
def test_nothing_else_is_sent(shown: Survey, photo_id: str | None, size: str) -> None:
    """Names that are no photo, paths and the original as it came are simply not there."""
    assert send(photo_id or first_photo(shown), size).status_code == 404


def test_a_damaged_original_is_not_found(shown: Survey) -> None:
    """A picture that cannot be drawn is not there, and the page goes on."""
    with shown.reading() as session:
        photo = session.get_one(FieldPhoto, first_photo(shown))
    shown.path_of(photo.file_path).write_bytes(b"\xff\xd8")
    assert send(photo.field_photo_id, "large").status_code == 404


def test_other_pages_of_the_browser_get_nothing(shown: Survey) -> None:
    """A page from elsewhere, open in the same browser, cannot show field photos."""
    assert send(first_photo(shown), "large", sec_fetch_site="cross-site").status_code == 403


def test_people_are_sent_blurred(shown: Survey) -> None:
    """Of a restricted photo only a few pixels leave the server, and nothing stays behind."""
    response = send(first_photo(shown, is_restricted=True), "large")
    assert not isinstance(response, FileResponse)
    assert response.headers["cache-control"] == "no-store"
    with Image.open(io.BytesIO(bytes(response.body))) as picture:
        assert max(picture.size) <= 24


def test_films_are_played_and_restricted_ones_are_not(shown: Survey) -> None:
    """A film comes as it is; one that shows people does not come at all."""
    film = first_photo(shown, file_mediatype="video/mp4")
    assert isinstance(send(film, "film"), FileResponse)
    assert send(first_photo(shown, is_restricted=True), "film").status_code == 404
