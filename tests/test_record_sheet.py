"""Field records by sheet: the template, every mistake by its cell, corrections, efforts."""

import ast
import csv
import json
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from conftest import ROOT
from openpyxl import load_workbook
from sqlmodel import col, select
from typer.testing import CliRunner

from namcha.application import app
from species_db.field import (
    FieldRefusal,
    check_record,
    draft_records,
    field_efforts,
    identify_record,
    import_records,
)
from species_db.field.identify import FieldFinding
from species_db.field.placing import distance_m
from species_db.field.records.columns import columns_for
from species_db.field.records.efforts import effort_columns
from species_db.field.records.known import Known, PlotFact
from species_db.field.records.template import Choices, tab_of, write_template
from species_db.field.records.terms import terms_of
from species_db.field_sheet import Mistake, SheetError, SheetRow
from species_db.seals import broken_seals
from species_db.survey import Survey
from species_db.tables import ControlAction, Decision, FieldRecord, Plot, Taxon
from species_db.verify import verify_survey
from species_db.vocabulary import (
    AbundanceClass,
    Act,
    DegreeOfEstablishment,
    EstablishmentMeans,
    FieldProtocol,
    FieldState,
    QuantityType,
)
from tests.factories import make_taxon
from tests.field_folder import MIDDLE

TAXA = {"Macaca mulatta": "猕猴", "Macaca assamensis": "熊猴", "Ageratina adenophora": "紫茎泽兰"}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KNOWN = Known(
    now=NOW,
    plots={"LZ-041": PlotFact("LZ-041", "540402", *MIDDLE)},
    taxa={"macaca mulatta": frozenset("m"), "紫茎泽兰": frozenset("a")},
    names=("Macaca mulatta", "紫茎泽兰", "猕猴", "熊猴", "赤麂"),
    scientific={"m": "Macaca mulatta", "a": "Ageratina adenophora"},
    controls={"C-1": "a"},
)
GOOD = {
    "record_id": "T1",
    "protocol": "transect",
    "start": "2026-07-14 08:30",
    "end": "10:05",
    "observers": "扎西 | 卓玛",
    "plot": "LZ-041",
    "length_m": "2000",
    "taxon": "Macaca mulatta",
    "count": "12",
}
AT_EDNA = {
    "protocol": "环境DNA",
    "start": "2026-07-14",
    "observers": "Tashi",
    "county": "墨脱",
    "litres": "2",
    "sample_id": "W-07",
    "taxon": "猕猴",
    "evidence_probability": "97 %",
}


@pytest.fixture
def fielded(survey: Survey) -> Survey:
    """A survey with three taxa, two plots and one control action against crofton weed."""
    with survey.writing() as session:
        for name, zh in TAXA.items():
            make_taxon(session, name, zh)
        north, east = MIDDLE
        session.add(Plot(plot_id="LZ-041", county="540402", latitude=north, longitude=east))
        session.add(Plot(plot_id="LZ-042", county="540423"))
        session.flush()
        session.add(
            ControlAction(
                control_id="C-1",
                taxon_id=taxon(session, "Ageratina adenophora"),
                method="manual",
                started_on=datetime(2026, 3, 1).date(),
                led_by="Tashi",
                person="Tashi",
                entered_at=NOW,
            )
        )
    return survey


def taxon(session, name: str) -> str:
    """The id of a taxon."""
    return session.exec(select(Taxon.taxon_id).where(Taxon.scientific_name == name)).one()


def sheet(path: Path, *lines: dict[str, str], encoding: str = "utf-8") -> Path:
    """Lines as a CSV with the columns they have."""
    names = list(dict.fromkeys(name for line in lines for name in line))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(lines)
    return path


def take(survey: Survey, tmp_path: Path, *lines: dict[str, str], name: str = "s.csv", **values):
    """Import lines as a sheet."""
    path = sheet(tmp_path / name, *lines)
    return import_records(survey, path, person="Tashi", now=NOW, **values)


def refused(survey: Survey, tmp_path: Path, *lines: dict[str, str]) -> tuple[Mistake, ...]:
    """The mistakes of a sheet that is not taken."""
    with pytest.raises(SheetError) as error:
        take(survey, tmp_path, *lines)
    return error.value.mistakes


def wrong_in(line: dict[str, str]) -> tuple[Mistake, ...]:
    """The mistakes of one line, without any survey: the validator is pure."""
    row = SheetRow(2, {name: text for name, text in line.items() if text})
    return check_record(row, KNOWN).mistakes


def records(survey: Survey) -> list[FieldRecord]:
    """All field records, by the line they came from."""
    with survey.reading() as session:
        found = session.exec(select(FieldRecord).order_by(col(FieldRecord.sheet))).all()
        return list(found)


PLANTED: list[tuple[str, dict[str, str], str]] = [
    # column, what the line says wrong, what is said of it
    ("taxon", {"taxon": "Macaca mulata"}, "Did you mean 'Macaca mulatta'"),
    ("plot", {"plot": "LZ-0041"}, "Did you mean 'LZ-041'"),
    ("length_m", {"length_m": ""}, "needs its effort; give length_m"),
    ("start", {"start": "2027-07-14 08:30"}, "future"),
    ("end", {"end": "07:05"}, "before the start"),
    ("elevation_m", {"elevation_m": "8848", "elevation_source": "GPS"}, "100..7800"),
    ("threats", {"threats": "犬 | snair"}, "Did you mean 'snare'"),
    (
        "establishment_means",
        {"establishment_means": "invasive"},
        "write it under degree_of_establishment",
    ),
    ("datum", {"latitude": "29.6490", "longitude": "94.3615"}, "choose WGS-84"),
    ("count", {"count": "0"}, "0 means absent"),
]


def test_ten_planted_mistakes_are_each_named(fielded: Survey, tmp_path: Path) -> None:
    """Each with its line and column and what to do; nothing is imported until they are mended."""
    wrong = [GOOD | {"record_id": f"T{n}"} | told for n, (_, told, _) in enumerate(PLANTED)]
    mistakes = refused(fielded, tmp_path, *wrong)
    found = [(mistake.line, mistake.column) for mistake in mistakes]
    assert found == [(n, column) for n, (column, _, _) in enumerate(PLANTED, start=2)]
    for mistake, (_, _, said) in zip(mistakes, PLANTED, strict=True):
        assert said in mistake.why
    assert records(fielded) == []
    mended = [GOOD | {"record_id": f"T{n}"} for n in range(len(PLANTED))]
    assert len(take(fielded, tmp_path, *mended).added) == len(PLANTED)


@pytest.mark.parametrize(
    ("told", "column", "said"),
    [
        ({"protocol": "trasect"}, "protocol", "Did you mean 'transect'"),
        ({"plot": "", "county": "Medok"}, "county", "Did you mean 'Medog'"),
        ({"plot": ""}, "county", "give the plot, or the county"),
        ({"county": "墨脱"}, "county", "lies in Bayi District"),
        ({"area_m2": "25"}, "area_m2", "no effort of transect"),
        ({"length_m": "200000"}, "length_m", "10..50000"),
        ({"start": "14 July"}, "start", "write it like 2026-07-14 08:30"),
        ({"end": ""}, "minutes", "give minutes"),
        ({"minutes": "300"}, "minutes", "longer than from start to end"),
        ({"end": "2026-07-16 08:30"}, "end", "more than a day"),
        ({"observers": " | "}, "observers", "who observed"),
        ({"count": "2.5"}, "count", "whole"),
        ({"quantity": "30"}, "quantity_type", "needs it too"),
        ({"quantity": "130", "quantity_type": "% cover"}, "quantity", "0.001..100"),
        ({"infestation_area_m2": "99999999"}, "infestation_area_m2", "not a number in"),
        ({"elevation_m": "2990"}, "elevation_source", "where the elevation comes from"),
        ({"evidence_probability": "0.9"}, "evidence_probability", "only eDNA and acoustic"),
        ({"control_id": "C-2"}, "control_id", "Did you mean 'C-1'"),
        ({"control_id": "C-1"}, "control_id", "fought Ageratina adenophora"),
        ({"control_effect": "0.3"}, "control_id", "of which control action"),
        ({"length_m": "1500米"}, "length_m", "number alone, without a unit"),
        ({"start": "46217.354"}, "start", "Excel's inner number of a date"),
        ({"taxon": "紫茎泽蓝"}, "taxon", "Did you mean '紫茎泽兰'"),
        ({"taxon": "弥猴"}, "taxon", "Similar: 熊猴, 猕猴."),
        ({"utc_offset": "8"}, "utc_offset", "write it like +08:00"),
        ({"taxon": ""}, "count", "of which taxon"),
        ({"vitality": "zombie"}, "vitality", "Use one of: alive"),
        ({"latitude": "29.6"}, "longitude", "other half"),
    ],
)
def test_a_wrong_cell_is_named(told: dict[str, str], column: str, said: str) -> None:
    """Whatever is wrong in a line is said at its column, with what is expected."""
    mistakes = wrong_in(GOOD | told)
    assert [(mistake.line, mistake.column) for mistake in mistakes] == [(2, column)]
    assert said in mistakes[0].why


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [
        ("94.3615", "29.6490", "swapped"),
        ("0", "0", "no place here"),
        ("29°38'57\"", "94°21'41\"", "decimal degrees"),
    ],
)
def test_what_is_no_place_is_refused(latitude: str, longitude: str, said: str) -> None:
    """Swapped, zero and sexagesimal coordinates are mistakes, told without repeating them."""
    place = {"latitude": latitude, "longitude": longitude, "datum": "WGS-84"}
    mistakes = wrong_in(GOOD | place)
    assert said in mistakes[0].why
    assert latitude == "0" or latitude not in mistakes[0].why


def test_a_gcj02_place_lands_320_metres_away(fielded: Survey, tmp_path: Path) -> None:
    """The test point of STANDARDS.md 5 comes back to WGS-84, and the conversion is said."""
    place = {"latitude": "29.646310", "longitude": "94.362665", "datum": "高德"}
    report = take(fielded, tmp_path, GOOD | place)
    record = records(fielded)[0]
    assert (record.latitude, record.longitude) == pytest.approx((29.6490, 94.3615), abs=2e-6)
    assert round(distance_m((29.646310, 94.362665), (record.latitude, record.longitude))) == 320
    assert record.position_source == "gcj02"
    assert report.notes == ("line 2: GCJ-02 converted to WGS-84, moved by 320 m.",)


def test_a_point_outside_is_taken_with_a_warning(fielded: Survey, tmp_path: Path) -> None:
    """Far from its plot and out of the prefecture: told by distance, never by coordinates."""
    place = {"latitude": "31.5", "longitude": "94.4", "datum": "CGCS2000"}
    report = take(fielded, tmp_path, GOOD | place)
    assert "outside Linzhi" in report.notes[0] and "from the middle of plot" in report.notes[1]
    assert "31.5" not in report.as_text()


def test_absence_needs_effort(fielded: Survey, tmp_path: Path) -> None:
    """A phone photo cannot say that a taxon is absent; a transect can."""
    absent = GOOD | {"status": "无", "count": ""}
    photo = absent | {"protocol": "photo", "length_m": "", "end": ""}
    mistakes = refused(fielded, tmp_path, photo)
    assert [(one.column, "only with effort" in one.why) for one in mistakes] == [("status", True)]
    take(fielded, tmp_path, absent)
    assert records(fielded)[0].occurrence_status == "absent"


def test_an_edna_sample_is_a_record_with_its_own_effort(fielded: Survey, tmp_path: Path) -> None:
    """Litres and sample are required; the probability is evidence, and the place a county."""
    mistakes = refused(fielded, tmp_path, AT_EDNA | {"litres": "", "sample_id": ""})
    assert [one.column for one in mistakes] == ["litres", "sample_id"]
    take(fielded, tmp_path, AT_EDNA)
    record = records(fielded)[0]
    assert (record.effort_value, record.effort_unit, record.sample_id) == (2, "litre", "W-07")
    assert (record.plot_id, record.county, record.evidence_probability) == (None, "540423", 0.97)


def test_a_record_off_all_plots_is_shown_among_the_others(fielded: Survey, tmp_path: Path) -> None:
    """The page of field photos shows records of sheets too, without a plot and without photos."""
    take(fielded, tmp_path, AT_EDNA)
    with fielded.reading() as session:
        views = draft_records(session, state=FieldState.IDENTIFIED)
    assert [(one.plot_id, one.photos, one.zh) for one in views] == [("", (), "猕猴")]


def test_the_same_sheet_again_adds_nothing(fielded: Survey, tmp_path: Path) -> None:
    """Whether its lines are numbered or not; the log has one entry that tells every row."""
    plain = GOOD | {"record_id": ""}
    assert len(take(fielded, tmp_path, GOOD, plain, AT_EDNA).added) == 3
    again = take(fielded, tmp_path, AT_EDNA, GOOD, plain, name="again.csv")
    assert (again.added, again.changed, again.unchanged) == ((), (), 3)
    with fielded.reading() as session:
        entry = session.exec(select(Decision)).one()
        assert entry.act == Act.FIELD_SHEET_IMPORTED
        assert len(json.loads(entry.details)["records"]) == 3
        assert {one.review_id for one in session.exec(select(FieldRecord))} == {entry.decision_id}
        assert list(broken_seals(session)) == []


def test_a_corrected_line_is_a_new_act(fielded: Survey, tmp_path: Path) -> None:
    """The number says which record is meant; what it said before stays in the log."""
    take(fielded, tmp_path, GOOD)
    first = records(fielded)[0].review_id
    report = take(fielded, tmp_path, GOOD | {"count": "21"}, name="mended.csv")
    assert (report.added, len(report.changed)) == ((), 1)
    with fielded.reading() as session:
        record = session.exec(select(FieldRecord)).one()
        details = json.loads(_entry(session))
    assert record.individual_count == 21
    assert json.loads(details["records_before"][0])["individual_count"] == 12
    assert details["previous_review_ids"] == [first]
    assert verify_survey(fielded).is_well


def _entry(session) -> str:
    statement = select(Decision.details).order_by(col(Decision.sequence).desc())
    return session.exec(statement).first()


def test_a_number_that_is_taken_is_no_correction(fielded: Survey, tmp_path: Path) -> None:
    """The same number on another day or by other people would overwrite somebody's record."""
    take(fielded, tmp_path, GOOD)
    for other in ({"start": "2026-07-15 08:30"}, {"observers": "Pema"}):
        mistakes = refused(fielded, tmp_path, GOOD | other)
        assert "another day or observer" in mistakes[0].why
    assert records(fielded)[0].observer == "扎西 | 卓玛"


def test_what_a_person_corrected_stays(fielded: Survey, tmp_path: Path) -> None:
    """The old sheet changes nothing; a changed line is told to be mended on the page."""
    take(fielded, tmp_path, GOOD)
    record = records(fielded)[0]
    with fielded.reading() as session:
        finding = FieldFinding(taxon(session, "Macaca assamensis"))
    identify_record(
        fielded,
        record.field_record_id,
        finding=finding,
        person="Drolma",
        expected_review_id=record.review_id,
    )
    assert take(fielded, tmp_path, GOOD).unchanged == 1
    assert records(fielded)[0].taxon_id == finding.taxon_id
    mistakes = refused(fielded, tmp_path, GOOD | {"count": "3"})
    assert "Drolma has worked on this record" in mistakes[0].why


def test_two_equal_lines_need_numbers(fielded: Survey, tmp_path: Path) -> None:
    """Two records that say the same cannot be told apart, so the second is named."""
    mistakes = refused(fielded, tmp_path, AT_EDNA, AT_EDNA)
    assert [(one.line, one.column) for one in mistakes] == [(3, "record_id")]


def test_one_visit_has_one_effort(fielded: Survey, tmp_path: Path) -> None:
    """Two lines of one transect with two lengths: one of them is wrong."""
    other = GOOD | {"record_id": "T2", "length_m": "200"}
    mistakes = refused(fielded, tmp_path, GOOD, other)
    assert "another effort of the same visit" in mistakes[0].why


def test_a_dry_run_writes_nothing(fielded: Survey, tmp_path: Path) -> None:
    """It tells what would come, and the log stays empty."""
    report = take(fielded, tmp_path, GOOD, is_dry_run=True)
    assert len(report.added) == 1 and "nothing was written" in report.as_text()
    with fielded.reading() as session:
        assert session.exec(select(Decision)).all() == []


def test_nobody_imports_nothing(fielded: Survey, tmp_path: Path) -> None:
    """An import is an act of a person."""
    with pytest.raises(FieldRefusal):
        import_records(fielded, sheet(tmp_path / "s.csv", GOOD), person=" ", now=NOW)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_chinese_headings_and_words_are_understood(
    fielded: Survey, tmp_path: Path, encoding: str
) -> None:
    """A CSV from Chinese Excel, with Chinese headings and words, comes in as it is meant."""
    line = {
        "调查方法": "样方",
        "开始时间": "2026年7月14日",
        "观察人": "扎西、卓玛",
        "样地": "LZ-042",
        "样方面积（m²）": "25",
        "物种": "紫茎泽兰",
        "数量": "40",
        "数量单位": "盖度 %",
        "物候": "开花",
        "多度级": "连片",
        "传入途径": "道路沿线",
        "防治行动编号": "C-1",
        "剩余比例": "35%",
        "干扰与威胁": "牦牛、垃圾",
    }
    path = tmp_path / "样方.csv"
    if encoding == "gb18030":
        line = {name.replace("²", "2"): text for name, text in line.items()}
        line = {name.replace("（m2）", ""): text for name, text in line.items()}
    import_records(fielded, sheet(path, line, encoding=encoding), person="Tashi", now=NOW)
    record = records(fielded)[0]
    assert (record.observer, record.effort_value) == ("扎西 | 卓玛", 25)
    assert (record.organism_quantity, record.organism_quantity_type) == ("40", "% cover")
    assert (record.reproductive_condition, record.abundance_class) == ("flowering", "continuous")
    assert (record.pathway, record.control_effect) == ("tunnelsBridges", "0.35")
    assert json.loads(record.threats or "") == ["livestock", "waste"]
    assert (record.event_end - record.event_start).total_seconds() == 86399  # the whole day


@pytest.mark.parametrize("protocol", list(FieldProtocol))
def test_a_template_filled_in_becomes_a_record(
    fielded: Survey, tmp_path: Path, protocol: FieldProtocol
) -> None:
    """The example line, given a number of its own, is a valid record of its method."""
    path = write_template(tmp_path / "t.xlsx", choices=Choices(("LZ-041",)))
    book = load_workbook(path)
    page = book[tab_of(protocol)]
    page.cell(3, 1, "A-1")
    for column in range(2, page.max_column + 1):
        page.cell(3, column, page.cell(2, column).value)
    book.save(path)
    report = import_records(fielded, path, person="Tashi", now=NOW)
    assert len(report.added) == 1
    record = records(fielded)[0]
    assert record.protocol == protocol.value
    assert (record.effort_value is not None) is bool(effort_columns(protocol))
    assert (record.state, record.plot_id) == (FieldState.IDENTIFIED, "LZ-041")


def test_the_template_is_made_for_the_field(tmp_path: Path) -> None:
    """Frozen headings in both languages, lists that drop down, plots of the survey, A4 across."""
    path = write_template(tmp_path / "t.xlsx", choices=Choices(("LZ-041", "LZ-042")))
    book = load_workbook(path)
    page = book[tab_of(FieldProtocol.TRANSECT)]
    assert (page.freeze_panes, page.page_setup.orientation, page.page_setup.paperSize) == (
        "B2",
        "landscape",
        "9",
    ) or page.page_setup.paperSize == 9
    assert page["B1"].value == "开始时间\nstart"
    words = book["词表 words"]
    assert [words["A2"].value, words["A3"].value] == ["LZ-041", "LZ-042"]
    lists = [rule for rule in page.data_validations.dataValidation if rule.type == "list"]
    assert len(lists) == 16
    guide = book["说明 guide"]
    told = {guide.cell(line, 1).value for line in range(2, guide.max_row + 1)}
    assert {column.name for column in columns_for(FieldProtocol.TRANSECT)} <= told


def test_mistakes_in_a_workbook_name_their_sheet(fielded: Survey, tmp_path: Path) -> None:
    """With a sheet per method, a line number alone would not tell where to look."""
    path = write_template(tmp_path / "t.xlsx")
    book = load_workbook(path)
    for protocol in (FieldProtocol.TRANSECT, FieldProtocol.EDNA):
        book[tab_of(protocol)].cell(5, 2, "2026-07-14")
    book.save(path)
    with pytest.raises(SheetError, match="样线 transect, line 5, observers") as error:
        import_records(fielded, path, person="Tashi", now=NOW)
    assert {one.tab for one in error.value.mistakes} == {
        "样线 transect",
        "环境DNA environmental DNA",
    }


def test_mistakes_are_told_with_the_headings_of_the_sheet(
    fielded: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Chinese a column is named as the template heads it, in both names."""
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    with pytest.raises(SheetError, match="样线长度 length_m") as error:
        take(fielded, tmp_path, GOOD | {"length_m": "2"})
    assert error.value.mistakes[0].column == "length_m"


def test_a_workbook_filled_in_as_people_do_is_taken(fielded: Survey, tmp_path: Path) -> None:
    """Excel's own dates and times, numbers as text, blanks at the end, Chinese words."""
    path = write_template(tmp_path / "t.xlsx", choices=Choices(("LZ-041",)))
    book = load_workbook(path)
    page = book[tab_of(FieldProtocol.TRANSECT)]
    heads = [str(cell.value).split("\n")[-1] for cell in page[1]]
    told = {
        "start": datetime(2026, 7, 14, 8, 30),
        "end": time(10, 5),
        "observers": "扎西、卓玛 ",
        "plot": "lz-041 ",
        "length_m": "2000 ",
        "taxon": "猕猴 ",
        "count": "１２",
        "threats": "犬、家畜",
    }
    for name, value in told.items():
        page.cell(3, heads.index(name) + 1, value)
    book.save(path)
    import_records(fielded, path, person="Tashi", now=NOW)
    record = records(fielded)[0]
    assert record.event_start == datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
    assert record.event_end == datetime(2026, 7, 14, 2, 5, tzinfo=UTC)
    assert (record.effort_value, record.individual_count, record.plot_id) == (2000, 12, "LZ-041")
    assert json.loads(record.threats or "") == ["dog", "livestock"]


def test_a_wrong_heading_gets_a_hint(fielded: Survey, tmp_path: Path) -> None:
    """A column that nobody knows and one that is missing are named in the first line."""
    line = {name: text for name, text in GOOD.items() if name != "observers"}
    mistakes = refused(fielded, tmp_path, line | {"elevatoin_m": "2990"})
    assert [(one.line, one.column) for one in mistakes] == [(1, "elevatoin_m"), (1, "observers")]
    assert "Did you mean 'elevation_m'" in mistakes[0].why


def test_efforts_are_never_summed_across_methods(fielded: Survey, tmp_path: Path) -> None:
    """Each visit counts once, however many lines it has; each method has a row of its own."""
    second = GOOD | {"record_id": "T2", "taxon": "Macaca assamensis"}
    empty = GOOD | {"record_id": "T3", "start": "2026-07-20 08:30", "taxon": "", "count": ""}
    winter = GOOD | {"record_id": "T4", "start": "2025-12-20 08:30"}
    photo = {k: v for k, v in GOOD.items() if k != "length_m"} | {
        "record_id": "P1",
        "protocol": "photo",
    }
    take(fielded, tmp_path, GOOD, second, empty, winter, photo)
    with fielded.reading() as session:
        rows = {(one.protocol, one.season): one for one in field_efforts(session)}
    transect = rows["transect", "2026-summer"]
    assert (transect.effort_value, transect.effort_unit) == (4000, "m")
    assert (transect.visits, transect.records, transect.county) == (2, 3, "540402")
    assert rows["transect", "2026-winter"].effort_value == 2000
    assert rows["photo", "2026-summer"].effort_value is None


def test_a_visit_whose_lines_contradict_counts_once(fielded: Survey, tmp_path: Path) -> None:
    """One line was corrected and the other not: the effort is what was told last, never both."""
    second = GOOD | {"record_id": "T2", "taxon": "Macaca assamensis"}
    take(fielded, tmp_path, GOOD, second)
    take(fielded, tmp_path, GOOD | {"length_m": "2500"}, name="mended.csv")
    with fielded.reading() as session:
        (row,) = field_efforts(session)
    assert (row.visits, row.effort_value, row.records) == (1, 2500, 2)


AT_BAYI = {"latitude": "29.6490", "longitude": "94.3615", "datum": "WGS-84"}
OFF_PLOT = {name: text for name, text in (GOOD | AT_BAYI).items() if name != "plot"}


def test_a_point_off_all_plots_tells_its_county(fielded: Survey, tmp_path: Path) -> None:
    """An empty county is filled in from the outlines."""
    take(fielded, tmp_path, OFF_PLOT)
    assert (records(fielded)[0].plot_id, records(fielded)[0].county) == (None, "540402")


def test_a_point_in_another_county_is_a_mistake(fielded: Survey, tmp_path: Path) -> None:
    """Far from the county that the line names: one of the two is wrong, told without the place."""
    (mistake,) = refused(fielded, tmp_path, OFF_PLOT | {"county": "墨脱"})
    assert mistake.column == "county"
    assert "lies in Bayi District" in mistake.why and "from Medog County" in mistake.why
    assert "29.6" not in mistake.why and "94.3" not in mistake.why


def test_a_point_near_the_border_is_only_noted(fielded: Survey, tmp_path: Path) -> None:
    """Within its own uncertainty nobody can tell the county, and what the team says is kept."""
    wide = OFF_PLOT | {"county": "墨脱", "uncertainty_m": "60000"}
    report = take(fielded, tmp_path, wide)
    assert "near the border" in report.notes[0]
    assert records(fielded)[0].county == "540423"


def test_a_point_outside_without_a_county_needs_one(fielded: Survey, tmp_path: Path) -> None:
    """Outside is no refusal, but then only the team can say to which county the record belongs."""
    out = OFF_PLOT | {"latitude": "31.5"}
    assert [one.column for one in refused(fielded, tmp_path, out)] == ["county"]
    report = take(fielded, tmp_path, out | {"county": "工布江达"})
    assert "outside Linzhi by" in report.notes[0] and "km" in report.notes[0]


def test_no_command_tells_what_the_log_holds_of_a_place(fielded: Survey, tmp_path: Path) -> None:
    """The log has the exact place of a record; it comes out of no command, and out of no error."""
    first, second = AT_BAYI["latitude"][:5], AT_BAYI["longitude"][:5]
    right = sheet(tmp_path / "r.csv", GOOD | AT_BAYI)
    moved = {"latitude": "29.6591", "length_m": "1"}  # known by its number, and wrong
    wrong = sheet(tmp_path / "w.csv", GOOD | AT_BAYI | moved)
    spread = OFF_PLOT | {"record_id": "T9", "county": "墨脱"}
    apart = sheet(tmp_path / "a.csv", spread)
    commands = [
        *(
            ["records", "import", str(path), *how]
            for path in (right, wrong, apart)
            for how in (["--dry-run"], [], ["--json"])
        ),
        *(["verify", *how] for how in ([], ["--json"], ["--deep"])),
        ["status"],
    ]
    told = []
    for words in commands:
        result = CliRunner().invoke(app, [*words, "--survey", str(fielded.folder)])
        told += [result.output, str(result.exception or "")]
    with fielded.reading() as session:
        assert first in _entry(session)  # the log knows
    assert len("".join(told)) > 1000
    assert not [text for text in told if first in text or second in text or "29.65" in text]


def test_commands_and_pages_never_read_the_log_themselves() -> None:
    """What they show comes through functions that take single facts out of it."""
    for folder in ("namcha", "review_app"):
        for path in sorted((ROOT / folder).glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            taken = {(node.module, name.name) for node in found for name in node.names}
            assert not {name for _, name in taken} & {"Decision", "last_details"}, path.name


def test_a_changed_line_without_a_number_is_warned_of(fielded: Survey, tmp_path: Path) -> None:
    """It cannot be told from a second record, so both are kept and the report says so."""
    plain = {name: text for name, text in GOOD.items() if name != "record_id"}
    other = plain | {"taxon": "Macaca assamensis"}
    assert take(fielded, tmp_path, plain, other).notes == ()
    report = take(fielded, tmp_path, other, plain | {"count": "21"}, name="mended.csv")
    assert (len(report.added), report.unchanged) == (1, 1)
    (note,) = report.notes
    assert note.startswith("line 3 looks like a corrected copy of an earlier line")
    assert take(fielded, tmp_path, GOOD | {"count": "9"}, name="numbered.csv").notes == ()


@pytest.mark.parametrize(
    ("group", "terms"),
    [
        ("protocol", FieldProtocol),
        ("establishment_means", EstablishmentMeans),
        ("degree_of_establishment", DegreeOfEstablishment),
        ("abundance_class", AbundanceClass),
        ("quantity_type", QuantityType),
    ],
)
def test_the_words_are_those_of_the_vocabulary(group: str, terms: type) -> None:
    """Every term of the code has its words in both languages, and there is no other."""
    assert [term.value for term in terms_of(group)] and {t.value for t in terms_of(group)} == {
        term.value for term in terms
    }


def test_all_pathways_of_darwin_core_are_there() -> None:
    """The vocabulary of 2021 has 53 values."""
    assert len({term.value for term in terms_of("pathway")}) == 53


def test_the_commands_make_check_and_take_a_sheet(fielded: Survey, tmp_path: Path) -> None:
    """Template, a refused import with mistakes as JSON, and the import, from the command line."""
    run = CliRunner().invoke
    out, place = str(tmp_path / "t.csv"), ["--survey", str(fielded.folder)]
    assert run(app, ["records", "template", out, "--protocol", "transect", *place]).exit_code == 0
    wrong = sheet(tmp_path / "w.csv", GOOD | {"plot": "LZ-14"})
    result = run(app, ["records", "import", str(wrong), "--json", *place])
    mistakes = json.loads(result.stdout)["mistakes"]
    assert result.exit_code == 1
    assert [(one["line"], one["column"]) for one in mistakes] == [(2, "plot")]
    right = sheet(tmp_path / "r.csv", GOOD)
    told = run(app, ["records", "import", str(right), *place]).stdout
    assert "1 added, 0 corrected, 0 as before." in told
