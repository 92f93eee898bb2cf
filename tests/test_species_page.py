"""The species page: a calm header, numbers beside their effort, nothing that tells a place."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from review_app import opened
from review_app.say import words_of
from review_app.species_charts import index_chart, index_words
from review_app.species_parts import header_html, level_sign
from review_app.species_timeline import members_html, timeline_html, years_html
from review_app.words_species import SENTENCES
from species_db.lists.seeding import seed_lists
from species_db.sensitivity import set_rule, taxon_subject
from species_db.survey import Survey
from species_db.tables import CameraStation, Media, Plot, Taxon
from species_db.vocabulary import Ecosystem, FieldProtocol, Sensitivity
from species_db.wildlife import taxon_page
from species_db.wildlife.parts import CameraCount, Slice
from species_db.wildlife.release import released_page
from tests.factories import make_event, make_human_review, make_machine_observation
from tests.review_scene import draw_photo, served
from tests.test_command_line import namcha
from tests.test_pages_browser import browser_at, keep
from tests.test_pages_browser import opened as page_at
from tests.test_review_browser import chromium  # noqa: F401  (a fixture)
from tests.wildlife_scene import at, deploy, guess, make_animal, note, see

CAT, MUNTJAC, DOG = "Pardofelis temminckii", "Muntiacus vaginalis", "Canis lupus familiaris"
PLOTS = (
    ("LZ-041", "540423", "forest", 29.327, 95.331, 1100),
    ("LZ-042", "540423", "forest", 29.452, 95.402, 1900),
    ("LZ-051", "540425", "shrubland", 28.653, 97.461, 2700),
    ("LZ-012", "540424", "alpine", 29.861, 95.763, 3600),
)
DAYS = 200


def named(survey: Survey, name: str) -> Taxon:
    """A taxon by its Latin name."""
    with survey.reading() as session:
        return session.exec(select(Taxon).where(Taxon.scientific_name == name)).one()


def fill(survey: Survey, *, cats: int = 4) -> Survey:
    """Twelve stations on four plots over two seasons, with cats, muntjacs, dogs and a transect."""
    with survey.writing() as session:
        seed_lists(session, survey.folder)
        for number, (plot, county, ecosystem, north, east, height) in enumerate(PLOTS):
            session.add(Plot(plot_id=plot, county=county, ecosystem=ecosystem))
            session.flush()
            for letter in "abc":
                shift = 0.01 * "abc".index(letter)
                name = f"{number}{letter}"
                session.add(
                    CameraStation(
                        location_id=name,
                        plot_id=plot,
                        latitude=north + shift,
                        longitude=east - shift,
                        elevation_m=height + 150.0 * "abc".index(letter),
                    )
                )
                session.flush()
                deploy(session, f"{name}-1", name, 5, 5 + DAYS, habitat="oak forest")
                if letter != "c":
                    deploy(session, f"{name}-2", name, 400, 400 + DAYS)
    cat, muntjac, dog = (named(survey, name) for name in (CAT, MUNTJAC, DOG))
    for number in range(cats):
        station = f"{number % 3}{'ab'[number % 2]}"
        event = see(survey, station, at(20 + 17 * number, 60 * number), cat)
        show_photo(survey, event.event_id, 0.3 + 0.05 * number)
    for number in range(2 * cats):
        see(survey, f"{number % 4}a", at(12 + 9 * number, 40), muntjac)
    if cats:
        see(survey, "0a", at(22), dog)
        guess(survey, "1b", at(90), cat)
        with survey.writing() as session:
            made = {"plot_id": "LZ-041", "county": "540423", "effort_value": 800.0}
            note(session, cat, at(60), **made, effort_unit="m", threats='["snare"]')
    return survey


def show_photo(survey: Survey, event_id: str, side: float) -> None:
    """Give an event's photo a file and a box."""
    with survey.writing() as session:
        for media in session.exec(select(Media).where(Media.event_id == event_id)):
            draw_photo(survey, media, "animal")
            make_machine_observation(session, media, bbox=(0.3, 0.4, side, side))


def draw() -> None:
    """The page as the app shows it; AppTest runs this by itself, so it imports what it needs."""
    import streamlit as st

    from review_app.opened import opened_survey
    from review_app.species_page import show
    from species_db.language import speaking

    language = st.session_state.get("language", "en")
    with speaking(language):
        show(opened_survey(), person="Drolma", language=language)


@pytest.fixture
def opened_in_app(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    """A survey in the app."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    yield survey
    opened.opened_survey().close()
    opened._open.cache_clear()


def page_of(**state: object) -> AppTest:
    """The page, drawn once."""
    page = AppTest.from_function(draw, default_timeout=60)
    for name, value in state.items():
        page.session_state[name] = value
    page.run()
    assert not page.exception
    return page


def told_by(page: AppTest) -> str:
    """Everything that stands on the page."""
    told = " ".join(str(one.proto) for one in page.main)
    return told + " ".join(one.proto.body for one in page.get("html"))


def test_an_empty_survey_says_how_to_begin(opened_in_app: Survey) -> None:
    """Before anything is named the page says where names come from, in either language."""
    assert "Review events on the first page" in page_of().info[0].value
    assert "审核页" in page_of(language="zh").info[0].value


def test_the_list_is_searched_and_opens_a_page(opened_in_app: Survey) -> None:
    """A Chinese name finds its row; its button opens the page, and back returns."""
    fill(opened_in_app)
    page = page_of()
    page.text_input(key="species_search").set_value("金猫").run()
    buttons = [one for one in page.button if (one.key or "").startswith("open ")]
    assert [one.label for one in buttons] == ["Asiatic golden cat"]
    buttons[0].click().run()
    assert not page.exception
    told = told_by(page)
    assert "金猫" in told and "Class I" in told and "camera-days" in told
    page.button(key="back").click().run()
    assert page.text_input(key="species_search")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_tells_effort_status_and_no_coordinates(
    opened_in_app: Survey, language: str
) -> None:
    """Counts, levels of each day, threats and extent are there; latitude and longitude are not."""
    fill(opened_in_app)
    cat = named(opened_in_app, CAT).taxon_id
    told = told_by(page_of(species_taxon=cat, language=language))
    words = words_of(SENTENCES, language)  # type: ignore[arg-type]
    for name in ("I", "eoo", "threats", "snare", "on_its_day"):
        assert words[name] in told
    assert words["over_days"].split("{days}")[0] in told
    assert "background:#e0a83e" in told and "2021-02-01" in told  # the history is drawn and written
    assert "29.32" not in told and "95.33" not in told


def test_a_species_without_records_still_tells_its_effort(opened_in_app: Survey) -> None:
    """Absence stands beside the camera-days in which it was not seen."""
    fill(opened_in_app, cats=0)
    page = page_of(species_taxon=named(opened_in_app, CAT).taxon_id)
    assert "absence has its effort" in page.info[0].value
    assert "4,000" in told_by(page)


def test_what_leaves_has_neither_places_nor_names(opened_in_app: Survey) -> None:
    """The files hold no coordinate, plot, station, person or photo; effort is beside counts."""
    survey = fill(opened_in_app)
    with survey.reading() as session:
        released = released_page(session, survey.settings, CAT, on=date(2026, 11, 22))
    text = json.dumps(released.as_json(), ensure_ascii=False)
    for secret in ("latitude", "29.3", "95.3", "LZ-041", "0a-1", "Drolma", "Tashi", "oak forest"):
        assert secret not in text and secret not in released.as_csv()
    assert released.page.photos == () and released.information_withheld
    head, *lines = released.as_csv().splitlines()
    total = dict(zip(head.split(","), lines[0].split(","), strict=False))
    assert (total["part"], total["independentEvents"], total["cameraDays"]) == (
        "total",
        "4",
        "4000.0",
    )


def test_an_index_without_effort_is_words(opened_in_app: Survey) -> None:
    """Not known is said, never drawn as zero."""
    words = words_of(SENTENCES, "en")
    none = CameraCount(2, 0, 1, None, None, None, None)
    assert index_words(Slice("x", none, ()), words) == "effort not known"


def test_names_are_never_markup(opened_in_app: Survey) -> None:
    """A taxon named like a script is shown as text; levels have a shape and a word."""
    survey = fill(opened_in_app, cats=0)
    with survey.writing() as session:
        taxon = session.exec(select(Taxon).where(Taxon.scientific_name == CAT)).one()
        taxon.scientific_name = "<script>x</script>"
        session.add(taxon)
    with survey.reading() as session:
        page = taxon_page(session, taxon.taxon_id)
    words = words_of(SENTENCES, "en")
    assert "<script>" not in header_html(page, words)
    assert "◆ Class I" in level_sign("I", words, has_doubt=True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_term_has_a_word(language: str) -> None:
    """Ecosystems and protocols are named in both languages."""
    words = words_of(SENTENCES, language)  # type: ignore[arg-type]
    assert all(words[one.value] for one in [*Ecosystem, *FieldProtocol])


def test_the_command_shows_and_lists(survey: Survey, tmp_path: Path) -> None:
    """`namcha species` tells a page and the list, in 80 columns and as JSON."""
    fill(survey)
    options = ("--survey", str(survey.folder))
    told = json.loads(namcha("species", "show", "金猫", "--json", *options, cwd=tmp_path).stdout)
    assert told["counts"]["total"]["camera"]["events"] == 4
    shown = namcha("species", "show", CAT, *options, cwd=tmp_path).stdout
    assert "Class I" in shown and "camera-days" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    rows = json.loads(
        namcha("species", "list", "--level", "I", "--json", *options, cwd=tmp_path).stdout
    )
    assert [one["scientific_name"] for one in rows] == [CAT]


@pytest.mark.browser
def test_the_page_in_a_browser(
    survey: Survey,
    chromium: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The list opens the page; photos, charts and the map are drawn, and the files are offered."""
    fill(survey, cats=9)
    with served(survey, tmp_path) as url, browser_at(chromium) as browser:
        page = page_at(browser, f"{url}/species")
        page.get_by_role("button", name="Asiatic golden cat").wait_for()
        keep(page, survey, "species-1-list")
        page.get_by_role("button", name="Asiatic golden cat").click()
        page.locator(".proof img").first.wait_for(timeout=30_000)
        page.locator("canvas, svg.marks").first.wait_for()
        page.wait_for_timeout(1500)
        keep(page, survey, "species-2-taxon")
        for number in range(3, 6):
            page.mouse.move(760, 500)
            page.mouse.wheel(0, 640)
            page.wait_for_timeout(700)
            keep(page, survey, f"species-{number}-taxon")
        page.get_by_role("button", name="Prepare the download").click()
        page.get_by_role("button", name="Download JSON").wait_for(timeout=30_000)


def test_the_history_is_drawn_with_its_dates(opened_in_app: Survey) -> None:
    """What holds is a filled bar, what is over a hollow one; a genus names its species."""
    survey = fill(opened_in_app)
    with survey.reading() as session:
        page = taxon_page(session, CAT, on=date(2020, 6, 1))
        later = taxon_page(session, CAT, on=date(2026, 11, 22))
    words = words_of(SENTENCES, "en")
    assert "background:none" in timeline_html(page.legal.lines, page.on, words)
    assert "background:#e0a83e" in timeline_html(later.legal.lines, later.on, words)
    assert "2021" in years_html(later, words)


def test_a_withheld_taxon_s_download_tells_no_place(opened_in_app: Survey) -> None:
    """Of an extreme taxon neither coordinates, plots, heights nor an extent leave; counts do."""
    survey = fill(opened_in_app)
    subject = taxon_subject(named(survey, CAT).taxon_id)
    set_rule(
        survey,
        subject,
        Sensitivity.EXTREME,
        reason="den found",
        person="Drolma",
        effective_from=date(2026, 11, 1),
    )
    with survey.reading() as session:
        released = released_page(session, survey.settings, CAT, on=date(2026, 11, 22))
        stations = session.exec(select(CameraStation)).all()
    text = json.dumps(released.as_json(), ensure_ascii=False) + released.as_csv()
    for station in stations:
        for secret in (f"{station.latitude:.2f}", f"{station.longitude:.2f}", station.plot_id):
            assert str(secret) not in text
    reach = released.page.reach
    assert (reach.distribution.places, reach.distribution.eoo_km2) == (0, None)
    assert reach.elevation.lowest is None and reach.elevation.highest is None
    assert all(one.distribution.aoo_km2 is None for one in reach.by_year)
    seen = [one for one in released.page.counts.by_band if one.key and one.camera.events]
    assert seen == [] and released.page.counts.total.camera.events == 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_of_the_dog_is_drawn(opened_in_app: Survey, language: str) -> None:
    """A threat has its own page: a subspecies that no list of protection names."""
    dog = named(fill(opened_in_app), DOG)
    told = told_by(page_of(species_taxon=dog.taxon_id, language=language))
    words = words_of(SENTENCES, language)  # type: ignore[arg-type]
    assert words["none"] in told and DOG in told
    assert {"en": "Medog County", "zh": "墨脱县"}[language] in told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_survey_of_people_alone_has_no_species(opened_in_app: Survey, language: str) -> None:
    """Cameras that met only people list nothing, and a cat's page tells absence and effort."""
    survey = fill(opened_in_app, cats=0)
    with survey.writing() as session:
        events = [make_event(session, deployment_id="0a-1", start=at(day)) for day in (20, 21)]
    for event in events:
        make_human_review(survey, event, observation_type="human")
    words = words_of(SENTENCES, language)  # type: ignore[arg-type]
    assert page_of(language=language).info[0].value == words["nothing"]
    page = page_of(species_taxon=named(survey, CAT).taxon_id, language=language)
    assert page.info[0].value == words["absent"] and "4,000" in told_by(page)


def test_a_genus_names_the_taxa_below_it(opened_in_app: Survey) -> None:
    """Those with records and those protected by themselves have a line; others have none."""
    survey = fill(opened_in_app, cats=0)
    with survey.writing() as session:
        genus = make_animal(session, "Namchafelis", "测试属", rank="genus", genus="Namchafelis")
        seen = make_animal(session, "Namchafelis visa", "已见猫")
        make_animal(session, "Namchafelis absens", "未见猫")
    see(survey, "0a", at(20), seen)
    with survey.reading() as session:
        page = taxon_page(session, genus.taxon_id, on=date(2026, 11, 22))
    below = members_html(page, words_of(SENTENCES, "zh"))
    assert below.count("<tr>") == 2 and "已见猫" in below and "未见猫" not in below
    assert "<td class='number'>1</td>" in below
    assert "Namchafelis visa" in told_by(page_of(species_taxon=genus.taxon_id))


def test_a_chart_without_events_stands_on_zero() -> None:
    """All indices zero: the axis goes from 0 to 1 and not around zero."""
    words = words_of(SENTENCES, "en")
    none = CameraCount(0, 3, 0, 100.0, 0.0, None, None)
    chart = index_chart([Slice("2021", none, ())], words, label=str)
    assert '"domain": [0, 1]' in json.dumps(chart.to_dict())


def test_each_language_has_its_own_name_first(opened_in_app: Survey) -> None:
    """The header begins with the name by which the list offered the species."""
    with fill(opened_in_app).reading() as session:
        page = taxon_page(session, CAT)
    english = header_html(page, words_of(SENTENCES, "en"), is_chinese=False)
    assert "<b>Asiatic golden cat</b>" in english and "金猫" in english
    assert "<b>金猫</b>" in header_html(page, words_of(SENTENCES, "zh"))
