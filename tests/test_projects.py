"""A project's file, strict against the survey, and what becomes of its numbers."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from species_db.analysis.baci import Design
from species_db.analysis.effort import UnitDay
from species_db.analysis.index_change import Counted
from species_db.analysis.passages import Passage, PassageKind
from species_db.analysis.station_records import StationEvent
from species_db.language import speaking
from species_db.projects.assessment import ProjectResult, assess_project
from species_db.projects.known_survey import KnownSurvey
from species_db.projects.mistakes import ProjectFileError, ProjectMistake
from species_db.projects.period_effort import Caution
from species_db.projects.project import ProjectFile, WorksKind
from species_db.projects.reading import parse_project, read_project_file
from species_db.projects.template import project_template, write_project_template
from species_db.projects.words import design_words, effect_words, side_words, use_words
from species_db.survey import Survey
from species_db.tables import Plot, Taxon
from tests.planted import LEOPARD, MACAQUE, place

KNOWN = KnownSurvey(
    stations={f"MT-{number:02}": "LZ-041" if number < 4 else "" for number in range(1, 21)},
    plots=frozenset({"LZ-041", "LZ-042"}),
    taxa={"赤麂": frozenset({"muntjac"}), "muntiacus vaginalis": frozenset({"muntjac"}),
          "serow": frozenset({"serow"}), "monkey": frozenset({"a", "b"})},
)  # fmt: skip
GOOD = """
title_zh = "墨脱公路"
county = "墨脱"
kind = "公路"
construction_start = 2024-03-01
construction_end = 2025-02-28
impact_stations = ["MT-01", "MT-02", "MT-03"]
control_stations = [
  "MT-11", "MT-12",
  "MT-13",
]
taxa = ["赤麂"]

[[passages]]
name = "K12 涵洞"
kind = "culvert"
stations = ["MT-07"]
opened = 2025-03-10
"""


def parsed(text: str = GOOD, known: KnownSurvey = KNOWN) -> ProjectFile:
    """The project of a text."""
    return parse_project(text, known, name="road.toml")


def mistakes(text: str) -> list[ProjectMistake]:
    """What is wrong in a text."""
    with pytest.raises(ProjectFileError) as refused:
        parsed(text)
    return list(refused.value.mistakes)


def test_a_good_file_is_what_it_says() -> None:
    """Names are resolved, lists become sides, and the default effort is that of the comparison."""
    project = parsed()
    assert (project.title, project.county, project.kind) == ("墨脱公路", "540423", WorksKind.ROAD)
    assert project.impact == {"MT-01", "MT-02", "MT-03"}
    assert project.control == {"MT-11", "MT-12", "MT-13"}
    assert dict(project.taxa) == {"muntjac": frozenset({"muntjac"})}
    assert project.minimum_camera_days == 21
    (passage,) = project.passages
    assert (passage.kind.value, passage.opened) == ("culvert", date(2025, 3, 10))


PLANTED = """title_en = "Road"
county = "Medgo"
kind = "raod"
construction_start = 2024-03-01
construction_end = 2023-02-28
constructon_note = "x"
impact_stations = [
  "MT-01",
  "MT-99",
  "MT-12",
]
impact_plots = ["LZ-042", "LZ-999"]
control_stations = ["MT-12", "MT-12"]
minimum_camera_days = -5
taxa = ["serwo", "monkey"]
notes = '''
county = "not a key"
'''

[[passages]]
name = "A"
kind = "culvert"
stations = ["MT-12"]
opened = "soon"
"""


def test_all_planted_mistakes_are_named_at_once_with_their_place() -> None:
    """Fourteen mistakes, each at its line, its key, and with what was likely meant."""
    found = {(one.line, one.key): one.why for one in mistakes(PLANTED)}
    expected = {
        (2, "county"): "no county 'Medgo'. Did you mean 'Medog'",
        (3, "kind"): "'raod' is none of",
        (5, "construction_end"): "2023-02-28 lies before construction_start 2024-03-01",
        (6, "constructon_note"): "no such key",
        (9, "impact_stations"): "no station 'MT-99'. Did you mean",
        (12, "impact_plots"): "no plot 'LZ-999'",  # and one without a station, told before
        (13, "control_stations"): "station 'MT-12' is at the works (impact_stations)",
        (14, "minimum_camera_days"): "must be a number above 0, got -5",
        (15, "taxa"): "'monkey' names 2 taxa",
        (23, "passages[1].stations"): "'MT-12' is also a control",
        (24, "passages[1].opened"): "'soon' is no date; write it like 2026-11-01",
    }
    assert set(found) == set(expected)
    for place_of, why in expected.items():
        assert why in found[place_of]
    every = [str(one) for one in mistakes(PLANTED)]
    assert len(every) == 14
    for why in ("'MT-12' stands twice", "no taxon 'serwo'. Did you mean 'serow'?",
                "plot 'LZ-042' has no camera station"):  # fmt: skip
        assert any(why in one for one in every)
    assert every[0].startswith("line 2, county: ")


def test_the_message_holds_every_mistake_in_both_languages() -> None:
    """One error for the whole file; a bureau reads it in Chinese."""
    with pytest.raises(ProjectFileError, match=r"(?s)road.toml has 14 mistakes.*line 24, passages"):
        parsed(PLANTED)
    with (
        speaking("zh"),
        pytest.raises(ProjectFileError, match="第 9 行，impact_stations：没有点位"),
    ):
        parsed(PLANTED)


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ('title_zh = "墨脱公路"\n', "", "title_zh", "in both languages"),
        ('kind = "公路"', 'kind = ""', "kind", "is missing"),
        ("construction_start = 2024-03-01\n", "", "construction_start", "is missing"),
        ("= 2024-03-01", '= "2024/3/1"', "construction_start", "is no date"),
        ('"MT-01", "MT-02", "MT-03"', '"MT-01", "MT-11"', "control_stations", "also"),
        ('["赤麂"]', '"赤麂"', "taxa", "must be a list"),
        ('["赤麂"]', '["赤麂", "Muntiacus vaginalis"]', "taxa", "named twice"),
        ('stations = ["MT-07"]', "stations = []", "passages[1].stations", "no station watches"),
        ('name = "K12 涵洞"', 'nmae = "K12"', "passages[1].nmae", "Did you mean 'name'"),
        ("taxa =", "baseline_start = 2024-03-01\ntaxa =", "baseline_start", "not before"),
        ("taxa =", "window_years = 2.5\ntaxa =", "window_years", "whole number"),
        ("taxa =", 'why_no_control = "none"\ntaxa =', "why_no_control", "there are controls"),
        ("taxa =", "operation_windows = [[2025-01-01, 2025-12-31]]\ntaxa =", "operation_windows",
         "does not lie after 2025-02-28"),
        ("taxa =", "operation_windows = [[2026-01-01, 2026-12-31], [2026-06-01, 2027-01-01]]"
         "\ntaxa =", "operation_windows", "2026-06-01 does not lie after 2026-12-31"),
        ("taxa =", "operation_windows = [[2027-01-01, 2026-01-01]]\ntaxa =", "operation_windows",
         "2026-01-01 lies before 2027-01-01"),
        ("taxa =", 'operation_windows = "2026"\ntaxa =', "operation_windows", "list of pairs"),
    ],
)  # fmt: skip
def test_each_slip_is_named(old: str, new: str, key: str, why: str) -> None:
    """One slip in a good file is one mistake or more, the right key among them."""
    assert old in GOOD
    told = mistakes(GOOD.replace(old, new, 1))
    if why == "also":
        why = "is at the works"
    assert any(one.key == key and why in one.why for one in told)


def test_a_project_without_controls_must_say_why() -> None:
    """Left out silently, the years would pass for the works; with a reason it is read."""
    start = GOOD.index("control_stations")
    without = GOOD[:start] + GOOD[GOOD.index("taxa") :]
    (one,) = mistakes(without)
    assert (one.line, one.key) == (0, "control_stations")
    assert "whatever else changed" in one.why
    assert str(one).startswith("control_stations: no control")
    told = parsed(
        without.replace("taxa =", 'why_no_control = "the whole valley is flooded"\ntaxa =')
    )
    assert (told.control, told.why_no_control) == (frozenset(), "the whole valley is flooded")


def test_a_plot_stands_for_its_stations_on_either_side() -> None:
    """All stations on a plot are meant; one that is a control by name is on both sides."""
    by_plot = GOOD.replace(
        'impact_stations = ["MT-01", "MT-02", "MT-03"]', 'impact_plots = ["LZ-041"]'
    )
    assert parsed(by_plot).impact == {"MT-01", "MT-02", "MT-03"}
    (one,) = mistakes(by_plot.replace('"MT-13"', '"MT-02"'))
    assert (one.line, one.key) == (10, "control_stations")
    assert "station 'MT-02' is at the works (impact_plots)" in one.why


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('title_zh = "a"\ncounty = “墨脱”\n', 2, "full-width"),
        ('kind = "road"\nkind = "mine"\n', 2, "twice"),
        ('title_zh = "a"\nconstruction_start = 2024-3-1\n', 2, "2026-11-01"),
        ('impact_stations = ["MT-01"', 1, "not as TOML"),
    ],
)
def test_what_is_no_toml_is_told_by_its_line(text: str, line: int, why: str) -> None:
    """Full-width quotes, a key twice, a short date: the line and what to write instead."""
    (one,) = mistakes(text)
    assert one.line == line
    assert why in one.why


def test_windows_follow_every_three_years() -> None:
    """By default from the day after construction; only those that have begun are there."""
    told = parsed().periods(date(2028, 3, 1))
    assert [(one.name, one.first, one.last) for one in told] == [
        ("before", None, date(2024, 2, 29)),
        ("during", date(2024, 3, 1), date(2025, 2, 28)),
        ("after", date(2025, 3, 1), None),
        ("operation-1", date(2025, 3, 1), date(2028, 2, 29)),
        ("operation-2", date(2028, 3, 1), date(2031, 2, 28)),
    ]
    assert [one.name for one in parsed().periods(date(2024, 2, 1))] == ["before"]


def test_the_template_is_read_and_says_what_is_missing(tmp_path: Path) -> None:
    """An empty file is TOML, lacks just what must be filled in, and never overwrites another."""
    told = write_project_template(tmp_path / "road.toml").read_text(encoding="utf-8")
    missing = {one.key for one in mistakes(told)}
    assert missing == {"title_zh", "county", "kind", "construction_start", "impact_stations",
                       "control_stations"}  # fmt: skip
    assert all(line.startswith("#") or "=" in line or not line for line in told.splitlines())
    with pytest.raises(ProjectFileError, match="there already"):
        write_project_template(tmp_path / "road.toml")
    with pytest.raises(ProjectFileError, match="must end in .toml"):
        write_project_template(tmp_path / "road.xlsx")


def test_a_filled_in_template_is_a_project() -> None:
    """What the comments tell to write is what the reader takes, passages and windows included."""
    text = project_template()
    for key, value in (("title_zh", '"路"'), ("county", '"墨脱县"'), ("kind", '"road"'),
                       ("construction_start", "2024-03-01"), ("construction_end", "2025-02-28"),
                       ("impact_stations", '["MT-01"]'),
                       ("control_stations", '["MT-11"]')):  # fmt: skip
        at = text.index(f"\n{key} = ") + len(f"\n{key} = ")
        text = text[:at] + value + text[at + 2 :]
    marked = ("[[passages]]", "name =", "kind =", "stations =", "opened =", "operation_windows")
    lines = [one[2:] if one[2:].startswith(marked) else one for one in text.splitlines()]
    project = parsed("\n".join(lines))
    assert project.passages[0].opened == date(2026, 11, 1)
    assert len(project.windows) == 2
    assert set(tomllib.loads("\n".join(lines))) >= {"passages", "notes"}


def test_a_file_saved_in_another_encoding_is_read(survey: Survey, tmp_path: Path) -> None:
    """Windows' own Chinese encoding and a byte-order mark are no mistakes of the bureau."""
    with survey.writing() as session:
        for number in (1, 2):
            place(session, f"LZ-00{number}")
    told = 'title_zh = "公路"\ncounty = "墨脱"\nkind = "公路"\nconstruction_start = 2024-03-01\n'
    told += 'impact_plots = ["LZ-001"]\ncontrol_plots = ["LZ-002"]\n'
    for encoding in ("utf-8-sig", "gb18030"):
        path = tmp_path / f"{encoding}.toml"
        path.write_bytes(told.encode(encoding))
        with survey.reading() as session:
            assert read_project_file(session, path).title_zh == "公路"
    with survey.reading() as session, pytest.raises(ProjectFileError, match="project-template"):
        read_project_file(session, tmp_path / "none.toml")


def test_a_genus_is_read_with_all_below_it(planted_survey: Survey, tmp_path: Path) -> None:
    """Taxa of interest are found by any name, and hold the species below a genus."""
    with planted_survey.writing() as session:
        place(session, "LZ-003")
        session.add(Plot(plot_id="LZ-009"))
    path = tmp_path / "road.toml"
    told = GOOD[: GOOD.index("[[passages]]")].replace('["MT-01", "MT-02", "MT-03"]', '["S-LZ-001"]')
    told = told.replace('"MT-11", "MT-12",\n  "MT-13",', '"S-LZ-002", "S-LZ-003"')
    path.write_text(told.replace('["赤麂"]', f'["Macaca", "{LEOPARD}"]'), encoding="utf-8")
    with planted_survey.reading() as session:
        project = read_project_file(session, path)
        found = {taxon: session.get_one(Taxon, taxon).scientific_name for taxon in project.taxa}
        species = session.exec(select(Taxon).where(Taxon.scientific_name == MACAQUE)).one()
    below = {found[taxon]: members for taxon, members in project.taxa.items()}
    assert set(below) == {"Macaca", LEOPARD}
    assert species.taxon_id in below["Macaca"]
    assert species.taxon_id not in below[LEOPARD]


SIDES = {"impact": ("I1", "I2", "I3"), "control": ("C1", "C2", "C3")}
BEFORE, DURING, AFTER = date(2024, 1, 1), date(2024, 3, 1), date(2025, 3, 1)
ROAD = ProjectFile(
    title_zh="公路",
    title_en="Road",
    county="540423",
    kind=WorksKind.ROAD,
    construction_start=DURING,
    construction_end=date(2025, 2, 28),
    impact=frozenset(SIDES["impact"]),
    control=frozenset(SIDES["control"]),
    passages=(Passage("K12", PassageKind.CULVERT, ("U1",), date(2025, 3, 11)),),
    taxa={"muntjac": frozenset({"muntjac", "vaginalis"}), "serow": frozenset({"serow"})},
)


def effort(*starts: date, stations: tuple[str, ...] = ()) -> list[UnitDay]:
    """Sixty whole camera-days of each station from some days on."""
    named = stations or (*SIDES["impact"], *SIDES["control"])
    return [
        UnitDay(name, first + timedelta(days=n), 1.0, 1.0)
        for name in named
        for first in starts
        for n in range(60)
    ]


def seen(station: str, first: date, count: int, taxon: str = "vaginalis") -> list[StationEvent]:
    """Events on successive days."""
    return [StationEvent(station, taxon, first + timedelta(days=n)) for n in range(count)]


def result(**changes: object) -> ProjectResult:
    """A road where muntjacs halved during construction and came back half as many again."""
    rates = {"impact": (6, 3, 9), "control": (6, 6, 6)}
    events = [
        event
        for side, counts in rates.items()
        for name in SIDES[side]
        for first, count in zip((BEFORE, DURING, AFTER), counts, strict=True)
        for event in seen(name, first, count)
    ]
    events += seen("U1", date(2025, 3, 5), 2)  # two before it opened
    events += seen("U1", date(2025, 3, 15), 3) + seen("elsewhere", DURING, 9)
    days = effort(BEFORE, DURING, AFTER) + effort(AFTER, stations=("U1",))
    told = {"events": events, "days": days, "project": ROAD} | changes
    return assess_project(told["project"], told["events"], told["days"])  # type: ignore[arg-type]


def test_a_planted_project_gives_the_numbers_worked_out_by_hand() -> None:
    """18 of 18 before, 9 of 18 during, 27 of 18 after: half, and half as many again."""
    told = result()
    assert (told.until, told.taxa, told.without_effort) == (
        date(2025, 4, 29), ("muntjac", "serow"), 0)  # fmt: skip
    during, after = told.effect("muntjac", "during"), told.effect("muntjac", "after")
    assert (during.design, after.design) == (Design.BACI, Design.BACI)
    assert during.ratio == pytest.approx(0.5)
    assert after.ratio == pytest.approx(1.5)
    assert (during.impact.index_before, during.impact.index_after) == (10.0, 5.0)  # 18, 9 in 180
    assert told.effect("muntjac", "operation-1") == after
    assert told.effect("serow", "after").ratio is None
    rows = [one for one in told.stations if (one.station_id, one.taxon_id) == ("I1", "muntjac")]
    assert {one.period.name: one.counted for one in rows} == {
        "before": Counted(6, 60.0), "during": Counted(3, 60.0),
        "after": Counted(9, 60.0), "operation-1": Counted(9, 60.0)}  # fmt: skip


def test_a_planted_passage_gives_the_numbers_worked_out_by_hand() -> None:
    """Open for 50 of 60 days: 3 visits in 50 camera-days, beside none in 150 nearby."""
    whole, window = result().passages
    (muntjac, serow) = whole.report.uses
    assert (muntjac.rate.events, muntjac.rate.camera_days, muntjac.rate.index) == (3, 50.0, 6.0)
    assert muntjac.nearby.camera_days == 150.0  # three controls from the opening on
    assert muntjac.nearby.events == 0  # theirs were on the first six days of March
    assert (muntjac.first_on, muntjac.days_until_first) == (date(2025, 3, 15), 5.0)
    assert (serow.rate.index, serow.rate.high) == (0.0, pytest.approx(2 * 3.689, abs=0.01))
    assert window.period is not None
    assert window.period.name == "operation-1"


def test_events_without_effort_are_in_no_index() -> None:
    """A day without effort has no rate: its events are counted apart, on either side once."""
    stray = seen("I1", date(2024, 6, 1), 2) + seen("U1", date(2026, 1, 1), 1)
    lost = [UnitDay("I1", date(2024, 6, 1) + timedelta(days=n), 0.0, 1.0) for n in range(300)]
    told = result(events=stray, days=effort(BEFORE, DURING) + lost)
    assert told.without_effort == 3
    assert told.until == date(2024, 4, 29)  # the last day with effort; lost days are none
    assert all(one.counted.events == 0 for one in told.stations)


def test_a_project_without_any_effort_gives_no_number() -> None:
    """Nothing watched, nothing known: no period, no effect, and events counted apart."""
    told = result(days=[])
    assert (told.until, told.periods, told.effects, told.passages) == (None, (), (), ())
    assert told.without_effort > 0


def test_without_named_taxa_every_one_that_is_seen_counts() -> None:
    """An empty list asks for all, each for itself."""
    told = result(project=replace(ROAD, taxa={}))
    assert told.taxa == ("vaginalis",)
    assert told.effect("vaginalis", "during").ratio == pytest.approx(0.5)


def test_cautions_tell_what_limits_a_period() -> None:
    """A window that is not over; other months than before; no controls; nobody watching."""
    told = {one.period.name: one for one in result().periods}
    assert told["during"].cautions == ()
    assert told["operation-1"].cautions == (Caution.NOT_OVER,)
    assert told["during"].season_overlap == 1.0  # the controls worked in the same days
    bare = result(project=replace(ROAD, control=frozenset(), why_no_control="none"))
    alone = {one.period.name: one for one in bare.periods}
    assert set(alone["during"].cautions) == {Caution.NO_CONTROL, Caution.SEASONS_DIFFER}
    assert bare.effect("muntjac", "during").design is Design.BEFORE_AFTER
    late = {one.period.name: one for one in result(days=effort(AFTER)).periods}
    assert Caution.NO_EFFORT_BEFORE in late["after"].cautions
    assert Caution.NO_EFFORT in late["during"].cautions
    few = {one.period.name: one for one in result(
        days=effort(BEFORE, DURING, stations=("I1", "C1", "C2", "C3"))).periods}  # fmt: skip
    assert few["during"].cautions == (Caution.FEW_IMPACT_STATIONS,)


def test_what_is_said_of_a_result() -> None:
    """The numbers with their intervals in both languages, and no verdict that they do not bear."""
    told = result()
    effect = told.effect("muntjac", "during")
    assert effect_words(effect).startswith("×0.50 [0.")
    assert "no clear effect (not the same as none)" in effect_words(effect)
    assert side_words(effect.impact) == "10.00 (18 in 180 days) → 5.00 (9 in 180 days)"
    assert "3 stations at the works, 3 controls" in design_words(effect)
    assert "not known" in effect_words(told.effect("serow", "during"))
    use = told.passages[0].report.uses[0]
    assert use_words(use).startswith("6.00 [")
    with speaking("zh"):
        assert "相对于对照的变化" in effect_words(effect)
        assert "每 100 相机日 6.00" in use_words(use)
        assert all(caution.words for caution in Caution)
