"""The analysis page: each question has a calm answer with its effort; nothing tells a place."""

import io
import json
import re
import shutil
import string
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow.ipc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from review_app import analysis_page, opened
from review_app.analysis_activity_chart import _Sky
from review_app.analysis_charts import CHARTS, parts_of
from review_app.analysis_forest import _within, ticks
from review_app.analysis_look import Material
from review_app.analysis_table import figure, preview_html
from review_app.analysis_time import DAY, time_line
from review_app.say import words_of
from review_app.words_analysis import SENTENCES
from review_app.words_analysis_charts import SENTENCES as CHART_SENTENCES
from review_app.words_columns import COLUMNS, TERMS, WITH_TERMS
from species_db.decisions import record_decision
from species_db.export.offering import ExportRefused
from species_db.language import Language
from species_db.study.answer import Answer, Table
from species_db.study.answers import answer_of
from species_db.study.labelled import labelled
from species_db.study.question import Question
from species_db.study.read import Study, read_study
from species_db.study.writing import analyse, pack_answer
from species_db.survey import Survey, open_survey
from species_db.tables import CameraStation, Decision, Taxon
from species_db.vocabulary import Act
from tests.review_scene import served
from tests.studied_season import plant_seasons
from tests.test_pages_browser import browser_at, keep
from tests.test_pages_browser import opened as page_at
from tests.test_review_browser import chromium  # noqa: F401  (a fixture)
from tests.wildlife_scene import at, guess, make_animal, make_places, see

MUNTJAC, CAT = "Muntiacus vaginalis", "Pardofelis temminckii"
ALL_SENTENCES = {**SENTENCES, **CHART_SENTENCES}
WORDS = {one: words_of(ALL_SENTENCES, one) for one in ("en", "zh")}  # type: ignore[arg-type]
OF_ALL_TAXA = [name for name in CHARTS if name not in ("histories", "activity")]


@pytest.fixture(scope="module")
def seasons(
    listed_survey_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Survey]:
    """Three seasons of forty stations; read, never changed."""
    folder = tmp_path_factory.mktemp("seasons") / "survey"
    made = open_survey(Path(shutil.copytree(listed_survey_template, folder)))
    plant_seasons(made)
    yield made
    made.close()


@pytest.fixture
def small(survey: Survey) -> Survey:
    """Three stations for a hundred days, and six muntjacs."""
    make_places(survey)
    with survey.writing() as session:
        muntjac = make_animal(
            session, MUNTJAC, "赤麂", order_name="Artiodactyla", family="Cervidae"
        )
    for number in range(6):
        see(survey, "AB"[number % 2], at(5 + 9 * number, 60), muntjac)
    return survey


def draw() -> None:
    """The page as the app shows it; AppTest runs this by itself, so it imports what it needs."""
    import streamlit as st

    from review_app.analysis_page import show
    from review_app.opened import opened_survey
    from species_db.language import speaking

    language = st.session_state.get("language", "en")
    with speaking(language):
        show(opened_survey(), person=st.session_state.get("person", ""), language=language)


@pytest.fixture
def in_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every survey that a test opens in the app is closed after it."""
    opened._open.cache_clear()
    yield
    if opened._open.cache_info().currsize:
        opened.opened_survey().close()
    opened._open.cache_clear()


def page_of(survey: Survey, monkeypatch: pytest.MonkeyPatch, **state: object) -> AppTest:
    """The page, drawn once."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    page = AppTest.from_function(draw, default_timeout=30)
    for name, value in state.items():
        page.session_state[name] = value
    page.run()
    assert not page.exception
    return page


def told_by(page: AppTest) -> str:
    """Everything that stands on the page, charts apart."""
    return " ".join([one.proto.body for one in page.get("html")] + [one.value for one in page.info])


def drawn_by(page: AppTest) -> str:
    """What the charts are drawn from: their words and their rows."""
    told = []
    for one in page.get("vega_lite_chart"):
        told.append(one.proto.spec)
        for rows in one.proto.datasets:
            with pyarrow.ipc.open_stream(rows.data.data) as stream:
                told.append(str(stream.read_all().to_pylist()))
    return " ".join(told)


def secrets_of(survey: Survey) -> set[str]:
    """Names of stations and plots, and their coordinates to a hundred metres."""
    with survey.reading() as session:
        stations = session.exec(select(CameraStation)).all()
    told = {text for one in stations for text in (one.location_id, str(one.plot_id))}
    return told | {f"{x:.3f}" for one in stations for x in (one.latitude, one.longitude)}


def study_of(survey: Survey, question: Question | None = None) -> Study:
    """A study behind the closed gate, with what models said."""
    with survey.reading() as session:
        return labelled(session, read_study(session, survey.settings, question or Question()))


def material(study: Study, answer: Answer, language: Language = "en") -> Material:
    """What charts are drawn from."""
    effort = answer_of("effort")(study)
    days = tuple(analysis_page._days(study))
    names = {one.scientific_name: one.common for one in study.taxa.values()}
    return Material(answer, effort, days, names, WORDS[language], language)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_survey_without_cameras_says_how_to_begin(
    survey: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None, language: str
) -> None:
    """Before anything stands in the field the page names the first step."""
    page = page_of(survey, monkeypatch, language=language)
    assert page.info[0].value == WORDS[language]["no_cameras"]


@pytest.mark.parametrize("name", OF_ALL_TAXA)
def test_every_analysis_tells_its_effort_draws_and_names_no_place(
    seasons: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None, name: str
) -> None:
    """A sentence with camera-days, a chart, a table; no station of ours and no coordinate."""
    page = page_of(seasons, monkeypatch, analysis_which=name)
    told = told_by(page)
    assert "camera-days" in told and WORDS["en"]["closed"] in told
    assert page.get("vega_lite_chart") and "<table class='rows'>" in told
    everything = told + drawn_by(page)
    assert not [secret for secret in secrets_of(seasons) if secret in everything]


@pytest.mark.parametrize(("name", "language"), [("histories", "zh"), ("activity", "en")])
def test_an_analysis_of_one_taxon_begins_with_the_most_recorded(
    seasons: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None, name: str, language: str
) -> None:
    """Nothing has to be chosen before something is seen, in either language."""
    page = page_of(seasons, monkeypatch, analysis_which=name, language=language)
    assert page.get("vega_lite_chart")
    drawn = drawn_by(page) + told_by(page)
    assert {"en": "Northern red muntjac", "zh": "赤麂"}[language] in drawn
    assert {"en": "camera-days", "zh": "相机日"}[language] in drawn


def test_counting_by_another_rule_reads_nothing_anew(
    seasons: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None
) -> None:
    """The records are read once; interval, rule, unit and method work on what was read."""
    asked: list[Question] = []

    def counted(session: object, settings: object, question: Question) -> Study:
        asked.append(question)
        return read_study(session, settings, question)  # type: ignore[arg-type]

    monkeypatch.setattr(analysis_page, "read_study", counted)
    analysis_page._read.clear()
    page = page_of(seasons, monkeypatch, analysis_which="rai")
    first = told_by(page)
    page.number_input(key="analysis_interval number").set_value(2880).run()
    page.selectbox(key="analysis_method en").set_value("inclusive").run()
    assert not page.exception and told_by(page) != first and "2880 min" in told_by(page)
    assert len(asked) == 1


def test_a_change_of_the_survey_renews_the_answer(
    small: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None
) -> None:
    """What was worked out before a review is not told after it."""
    before = told_by(page_of(small, monkeypatch, analysis_which="events"))
    with small.writing() as session:
        cat = make_animal(session, CAT, "金猫")
    see(small, "C", at(50), cat)
    after = told_by(page_of(small, monkeypatch, analysis_which="events"))
    assert "independent events" in before and first_line(before) != first_line(after)


def first_line(told: str) -> str:
    """The large sentence."""
    return told.partition("class='answer'>")[2].partition("<")[0]


def test_a_taxon_that_was_never_met_is_a_result(
    small: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None
) -> None:
    """A name may be typed; absence stands beside its effort, and says what to do."""
    with small.writing() as session:
        make_animal(session, "Panthera nova", "新豹")
    page = page_of(small, monkeypatch, analysis_which="rai", analysis_taxon="新豹")
    assert page.info[0].value == WORDS["en"]["no_records"]
    assert "300" in told_by(page) and not page.get("vega_lite_chart")


def test_what_only_a_model_has_named_is_offered(
    small: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None
) -> None:
    """Where nobody has confirmed a record the page says how many wait."""
    with small.writing() as session:
        taxon = make_animal(session, "Felis nova", "新猫")
    guess(small, "B", at(50), taxon)
    page = page_of(small, monkeypatch, analysis_which="rai", analysis_taxon="新猫")
    assert WORDS["en"]["only_machine"].format(count=1) in page.info[0].value


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"analysis_from": date(2030, 1, 1)}, WORDS["en"]["no_effort"]),
        (
            {"analysis_from": date(2025, 8, 1), "analysis_to": date(2025, 7, 1)},
            WORDS["en"]["dates_swapped"],
        ),
        ({"analysis_taxon": "Muntiacus vaginalus"}, "Muntiacus vaginalis"),
    ],
)
def test_a_question_without_an_answer_is_told_calmly(
    seasons: Survey,
    monkeypatch: pytest.MonkeyPatch,
    in_app: None,
    state: dict[str, object],
    told: str,
) -> None:
    """No effort, dates the wrong way, a name that nobody knows: a sentence and no traceback."""
    page = page_of(seasons, monkeypatch, analysis_which="events", **state)
    assert told in page.info[0].value


def test_too_few_records_for_a_model_leave_the_naive_share(
    seasons: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None
) -> None:
    """The chart keeps the open diamond, and the sentence says what a model would need."""
    page = page_of(seasons, monkeypatch, analysis_which="occupancy", analysis_taxon=CAT)
    assert "needed are 10, 3 and 1" in told_by(page)
    assert WORDS["en"]["too_few"] in drawn_by(page)


def test_files_leave_under_a_name_and_are_logged(
    small: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None
) -> None:
    """Without a name nothing leaves; with one the log has it before the file is offered."""
    page = page_of(small, monkeypatch, analysis_which="rai")
    assert page.button(key="analysis_prepare").disabled
    page = page_of(small, monkeypatch, analysis_which="rai", person="Drolma")
    page.button(key="analysis_prepare").click().run()
    assert not page.exception and page.get("download_button")
    with small.reading() as session:
        entry = session.exec(select(Decision).where(Decision.act == "exported")).one()
    details = json.loads(entry.details)
    assert (entry.person, details["analysis"], details["name"]) == ("Drolma", "rai", "rai.zip")
    page.selectbox(key="analysis_state en").set_value("all").run()
    assert not page.get("download_button")  # another question has no file yet


def test_an_archive_holds_what_a_folder_would(small: Survey, tmp_path: Path) -> None:
    """The same files with the same hashes in the log, and the same bytes when packed again."""
    study = study_of(small)
    answer = answer_of("rai")(study)
    packed = pack_answer(small, study, answer, person="Drolma")
    assert packed == pack_answer(small, study, answer, person="Tashi")
    written = analyse(small, "rai", Question(), out=tmp_path / "rai", person="Drolma")
    archive = zipfile.ZipFile(io.BytesIO(packed))
    assert archive.namelist() == sorted(written.sha256s)
    assert {one.date_time[0] for one in archive.infolist()} == {1980}  # alike on every day
    for name in archive.namelist():
        assert archive.read(name) == (tmp_path / "rai" / name).read_bytes()
    with small.reading() as session:
        entries = session.exec(select(Decision).where(Decision.act == "exported")).all()
    hashes = [json.loads(one.details)["sha256"] for one in entries]
    assert len(hashes) == 3 and hashes[0] == hashes[1] == hashes[2]


def test_nothing_leaves_of_a_survey_that_changed_meanwhile(small: Survey) -> None:
    """What was read before a review does not leave after it."""
    study = study_of(small)
    with small.writing() as session:
        record_decision(session, Act.REVIEWED, subject="event", person="Tashi", details={})
    with pytest.raises(ExportRefused, match="changed"):
        pack_answer(small, study, answer_of("rai")(study), person="Drolma")


def rows_drawn(chart: object) -> list[dict[str, object]]:
    """Every row in the data of a chart, of all its layers."""
    told = chart.to_dict()  # type: ignore[attr-defined]
    sets = list(told.get("datasets", {}).values())
    sets += [one.get("data", {}).get("values", []) for one in [told, *told.get("layer", [])]]
    return [row for rows in sets for row in rows]


@pytest.mark.parametrize(
    "name", ["rai", "occupancy", "trends", "phenology", "elevation", "errors", "cooccurrence"]
)
def test_a_chart_that_cannot_hold_every_taxon_says_how_many_it_holds(
    seasons: Survey, name: str
) -> None:
    """Whoever looks at a picture never takes the first taxa for all of them."""
    study = study_of(seasons)
    answer = answer_of(name)(study)
    many = replace(answer, tables=tuple(_fifty_times(table) for table in answer.tables))
    before, after = (
        [part.hint for part in parts_of(material(study, one)) if part.hint]
        for one in (answer, many)
    )
    told = [re.search(r"The first (12|20|40) of \d{2,} are drawn", hint) for hint in after]
    assert told[0] and (name == "trends" or not re.search("The first ", before[0]))
    assert name != "trends" or all(told)


def _fifty_times(table: Table) -> Table:
    """The same table with fifty times as many taxa."""
    named = [n for n, one in enumerate(table.columns) if one.lower().endswith("scientificname")]
    rows = [
        tuple(f"{cell} {copy}" if n in named else cell for n, cell in enumerate(row))
        for copy in range(50)
        for row in table.rows
    ]
    return replace(table, rows=rows)


def test_what_nobody_watched_is_drawn_as_not_known_and_never_as_zero(seasons: Survey) -> None:
    """In a history a cell without effort is `unknown`; a watched one without a record is empty."""
    study = study_of(seasons, Question(taxon=MUNTJAC))
    answer = answer_of("histories")(study)
    (part,) = parts_of(material(study, answer))
    rows = [row for row in rows_drawn(part.chart) if "state" in row]
    assert {row["state"] for row in rows} == {"found", "empty", "unknown"}
    assert all((row["share"] is None) == (row["state"] == "unknown") for row in rows)


def test_an_index_on_few_visits_is_hollow_and_the_effort_is_on_the_axis(seasons: Survey) -> None:
    """Fewer than ten visits are marked; no index is drawn without its camera-days."""
    study = study_of(seasons)
    answer = answer_of("rai")(study)
    (part,) = parts_of(material(study, answer))
    few = {row["name"]: row["is_weak"] for row in rows_drawn(part.chart) if "is_weak" in row}
    assert few["Asiatic golden cat"] and not few["Northern red muntjac"]
    assert study.camera_days is not None
    assert f"{figure(study.camera_days)} camera-days" in json.dumps(part.chart.to_dict())


def test_months_of_little_effort_are_not_coloured(seasons: Survey) -> None:
    """A visit on two camera-days would outshine a season; its month is outlined alone."""
    study = study_of(seasons)
    (part,) = parts_of(material(study, answer_of("events")(study)))
    thin = {row["month"]: row["is_thin"] for row in rows_drawn(part.chart) if row.get("told")}
    assert thin["2024-07"] and not thin["2025-06"]


def test_lost_days_and_days_without_flash_are_told_apart(seasons: Survey) -> None:
    """Of each unit's days those that worked, those by daylight alone and those that were lost."""
    study = study_of(seasons)
    parts = parts_of(material(study, answer_of("effort")(study)))
    states = {row["state"] for row in rows_drawn(parts[-1].chart) if "state" in row}
    assert states == {"whole", "dim", "lost"}


def test_two_taxa_are_laid_on_the_same_sunrise(
    seasons: Survey, monkeypatch: pytest.MonkeyPatch, in_app: None
) -> None:
    """A second taxon is drawn beside the first, broken, with their overlap in words."""
    with seasons.reading() as session:
        taxa = {one.scientific_name: one.taxon_id for one in session.exec(select(Taxon))}
    page = page_of(
        seasons,
        monkeypatch,
        analysis_which="activity",
        analysis_taxon=taxa[MUNTJAC],
        analysis_against=taxa["Prionailurus bengalensis"],
    )
    assert "Overlap of Northern red muntjac and Leopard cat" in told_by(page)
    assert "Leopard cat" in drawn_by(page)


DAYS = st.lists(st.integers(0, 900), min_size=1, max_size=60, unique=True).map(sorted)


@given(DAYS)
def test_time_is_folded_and_never_turned(numbers: list[int]) -> None:
    """Watched days lie in their order, a day apart where they follow each other."""
    days = [date(2024, 1, 1) + timedelta(days=n) for n in numbers]
    line = time_line(days)
    places = [line.at(day) for day in days]
    assert all(place is not None and 0 <= place <= line.length for place in places)
    for (one, day), (other, after) in zip(
        zip(places, days, strict=True), zip(places[1:], days[1:], strict=True), strict=False
    ):
        assert one is not None and other is not None and other > one
        assert (after - day != DAY) or other - one == pytest.approx(1)


@given(st.floats(1e-3, 1e5))
def test_ticks_stay_below_the_greatest(most: float) -> None:
    """Few round numbers from zero on, none beyond what is drawn."""
    told = ticks(most)
    assert told[0] == 0 and 2 <= len(told) <= 7 and told[-1] <= most * 1.001


def test_an_interval_beyond_the_axis_says_so() -> None:
    """It is cut where the axis ends, and marked."""
    row = _within({"low": 0.01, "high": 9.0}, (0.2, 5.0))
    assert (row["low"], row["high"]) == (0.2, 5.0) and row["low_beyond"] and row["high_beyond"]


@given(st.floats(5, 9), st.floats(17, 22))
def test_six_and_eighteen_by_the_sun_are_sunrise_and_sunset(rise: float, fall: float) -> None:
    """Whatever the mean day, the sun's hours follow its sunrise and sunset in order."""
    sky = _Sky({"sunrise_hour": rise, "sunset_hour": fall})
    assert sky.of_sun(6) == pytest.approx(sky.at(rise))
    assert sky.of_sun(18) == pytest.approx(sky.at(fall))
    hours = [sky.of_sun(hour) for hour in range(25)]
    assert hours == sorted(hours) and hours[-1] == pytest.approx(24)


def test_every_column_and_term_has_a_word(seasons: Survey) -> None:
    """Above every preview stand words in both languages, and in its cells as well."""
    of_all, of_one = study_of(seasons), study_of(seasons, Question(taxon=MUNTJAC))
    for name in CHARTS:
        few_draws = {"draws": 50} if name == "activity" else {}
        study = of_one if name in ("histories", "activity") else of_all
        for table in answer_of(name)(study, **few_draws).tables:
            for n, column in enumerate(table.columns):
                assert column in COLUMNS or column[1:].isdigit(), (table.name, column)
                if column in WITH_TERMS - {"name", "first", "second"}:
                    told = {str(row[n]) for row in table.rows if row[n] is not None}
                    assert told <= set(TERMS) | {"psi", "p"}, (table.name, column, told)


def test_every_sentence_is_there_twice() -> None:
    """English and Chinese ask for the same values, and no name is used for two sentences."""
    assert not set(SENTENCES) & set(CHART_SENTENCES)
    for name, told in ALL_SENTENCES.items():
        fields = [{one for _, one, _, _ in string.Formatter().parse(text) if one} for text in told]
        assert all(told) and fields[0] == fields[1], name


def test_a_name_is_never_markup(seasons: Survey) -> None:
    """What stands in a table is shown as text."""
    table = Table("rai", ("scientificName", "rai"), [("<script>x</script>", None)])
    told = preview_html(table, WORDS["en"], "en")
    assert "<script>" not in told and "not known" in told


@pytest.mark.browser
def test_the_page_in_a_browser(
    seasons: Survey,
    chromium: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Each analysis is chosen, drawn and legible in a laptop's window; the files are offered."""
    with served(seasons, tmp_path) as url, browser_at(chromium) as browser:
        page = page_at(browser, f"{url}/analysis")
        before = "nothing yet"
        for number, name in enumerate(CHARTS, start=1):
            label = WORDS["en"][name]
            page.get_by_role("radio", name=label, exact=True).or_(
                page.get_by_role("button", name=label, exact=True)
            ).first.click()
            page.get_by_text(WORDS["en"][f"{name}_asks"]).wait_for(timeout=30_000)
            if number > 1:  # old numbers do not stand under a new question, not for a second
                expect(page.locator(".answer", has_text=before)).to_have_count(0, timeout=1_500)
            page.locator(".answer").wait_for(timeout=60_000)
            before = page.locator(".answer").inner_text()
            page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg.marks)").first.wait_for(
                timeout=30_000
            )
            page.wait_for_timeout(700)
            keep(page, seasons, f"analysis-{number:02d}-{name}")
        page.get_by_role("button", name=WORDS["en"]["prepare"]).click()
        page.get_by_role("button", name="Download cooccurrence.zip").wait_for(timeout=30_000)
