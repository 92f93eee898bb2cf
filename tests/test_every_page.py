"""Every page of the app opens: in both languages, on an empty survey and on a full one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from ingest.field_photos import FieldVisit, import_field
from ingest.import_card import import_card
from review_app import field_words, opened, record_words
from review_app.page import PAGES, REVIEW
from review_app.words import SENTENCES
from species_db.alerts import raise_alerts
from species_db.camera_days import recompute_days
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings, create_survey
from species_db.tables import Taxon
from tests.cards import make_card, with_deployment
from tests.field_folder import make_folder, phone_photo, with_plots
from tests.wildlife_scene import at, guess, make_places, note, see

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survey]:
    """A survey in which nothing is, not even a taxon."""
    made = create_survey(tmp_path_factory.mktemp("empty") / "survey", SurveySettings(title="Empty"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survey]:
    """A survey with lists, a card, reviews, machine answers, photos, records and alerts."""
    folder = tmp_path_factory.mktemp("full")
    made = start_survey(folder / "survey", SurveySettings(title="Full"), person="Tashi")
    with_plots(made)
    deployment_id = with_deployment(made)
    card = make_card(folder / "SD01", photos=6)
    import_card(made, card, deployment_id=deployment_id, person="Tashi")
    make_places(made)
    photos = make_folder(folder / "phone", a=phone_photo(minute=0), b=phone_photo(minute=1))
    import_field(made, photos, visit=FieldVisit("LZ-041", "Tashi"), person="Tashi")
    with made.writing() as session:
        recompute_days(session, deployment_id)
        cat, weed = (
            _taxon(session, "Pardofelis temminckii"),
            _taxon(session, "Ageratina adenophora"),
        )
        note(session, weed, at(20), infestation_area_m2=40.0, abundance_class="dense")
    see(made, "A", at(10), cat)
    guess(made, "B", at(30), cat)
    raise_alerts(made, now=datetime.now(UTC), person="Tashi")
    yield made
    made.close()


def _taxon(session, name: str) -> Taxon:
    return session.exec(select(Taxon).where(Taxon.scientific_name == name)).one()


def drawn(survey: Survey, module: str, language: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """One page as a script of its own."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    script = (
        f"import {module} as page\n"
        "from review_app.opened import opened_survey\n"
        "from species_db.language import speaking\n"
        f"with speaking({language!r}):\n"
        f"    page.show(opened_survey(), person='Tashi', language={language!r})\n"
    )
    page = AppTest.from_string(script, default_timeout=60).run()
    opened.opened_survey().close()
    opened._open.cache_clear()
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_on_an_empty_survey(
    nothing: Survey, monkeypatch: pytest.MonkeyPatch, name: str, language: str
) -> None:
    """The first thing a new user sees is a page, not a traceback."""
    page = drawn(nothing, PAGES[name], language, monkeypatch)
    assert not page.exception and not page.error


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_on_a_full_survey(
    everything: Survey, monkeypatch: pytest.MonkeyPatch, name: str, language: str
) -> None:
    """With cards, reviews, machine answers, photos, records, invaders and alerts."""
    page = drawn(everything, PAGES[name], language, monkeypatch)
    assert not page.exception and not page.error


@pytest.mark.parametrize("place", [0, 1], ids=LANGUAGES)
def test_pages_have_names_of_their_own(place: int) -> None:
    """No two pages share a name, and a page is headed as the way to it is."""
    names = {name: SENTENCES[f"page_{name}"][place] for name in PAGES}
    assert len(set(names.values())) == len(PAGES)
    assert names["field"] == field_words.SENTENCES["title"][place]
    assert names["records"] == record_words.SENTENCES["title"][place]


def test_pages_stand_in_the_order_of_the_work() -> None:
    """Cards and cameras, then names, then records made in person, then what follows from them."""
    order = list(PAGES)
    assert order.index("import") < order.index("clock") < order.index("health")
    assert order.index("health") < order.index(REVIEW) < order.index("field")
    assert order[order.index("field") + 1] == "records"
    assert order[-3:] == ["species", "analysis", "invasive"]


def test_every_page_is_a_module_of_the_app() -> None:
    """A page that is misspelt here would fail only when somebody opens it."""
    root = Path(__file__).parent.parent
    assert all((root / f"{module.replace('.', '/')}.py").is_file() for module in PAGES.values())
