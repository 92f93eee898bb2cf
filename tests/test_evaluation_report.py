"""The pack that is built from a freeze: the same bytes anywhere, whole, checked, and readable."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import ROOT
from playwright.sync_api import Page, sync_playwright
from sqlmodel import select
from test_command_line import namcha

from species_db.evaluation.freeze import freeze_survey
from species_db.evaluation.kept_freeze import FREEZES, find_freeze
from species_db.evaluation.pack import Pack, build_report, rebuild_report
from species_db.evaluation.periods import Period
from species_db.evaluation.refusal import EvaluationError
from species_db.secrecy.roles import RoleError, grant_role
from species_db.sensitivity import ExactRelease, set_rule, taxon_subject
from species_db.survey import SETTINGS_FILE, Survey, SurveySettings, create_survey, read_settings
from species_db.tables import Decision, Observation
from species_db.vocabulary import Act, Role, Sensitivity
from tests.evaluation_scene import (
    GORAL,
    LEOPARD,
    MEDOG,
    MUNTJAC,
    Rows,
    a_review,
    local,
    plant,
    see,
    store,
    taxon_id,
)
from tests.wildlife_scene import list_version

YEAR = Period.of_years(2027, 2027)
FIRST, SECOND = "2027-trial", "2027-mended"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    """Two years and three counties, frozen and reported once: `out` beside the survey."""
    root = tmp_path_factory.mktemp("evaluated")
    survey = create_survey(root / "survey", SurveySettings(title="Linzhi", contact="the bureau"))
    plant(survey, stations=6)
    freeze_survey(survey, FIRST, person="Tashi", today=date(2029, 1, 5), period=YEAR)
    return survey


@pytest.fixture(scope="module")
def pack(planted: Survey) -> Pack:
    """The report of the first freeze."""
    return build_report(planted, FIRST, planted.folder.parent / "out", person="Tashi")


@pytest.fixture
def copied(planted: Survey, pack: Pack, tmp_path: Path) -> Survey:
    """A copy of the survey, to be changed."""
    folder = Path(shutil.copytree(planted.folder, tmp_path / "copy"))
    return Survey(folder, read_settings(folder / SETTINGS_FILE))


@pytest.fixture(scope="module")
def second(planted: Survey, pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A later freeze of a copy that was corrected meanwhile, compared with the first."""
    folder = Path(shutil.copytree(planted.folder, tmp_path_factory.mktemp("later") / "survey"))
    survey = Survey(folder, read_settings(folder / SETTINGS_FILE))
    correct(survey)
    freeze_survey(survey, SECOND, person="Pema", today=date(2029, 2, 5), period=YEAR)
    return build_report(survey, SECOND, folder.parent / "out", person="Pema", since=FIRST)


def correct(survey: Survey) -> None:
    """Five leopards more, nine gorals that are muntjacs, a new list and a new rule."""
    with survey.writing() as session:
        rows, review = Rows(), a_review(session)
        for number in range(5):
            moment = local(date(2027, 3, 1) + timedelta(days=number), 3.5)
            see(rows, f"{MEDOG}-01", moment, taxon_id(session, LEOPARD), review)
        store(session, rows)
        goral, muntjac = taxon_id(session, GORAL), taxon_id(session, MUNTJAC)
        asked = select(Observation).where(Observation.taxon_id == goral)
        for one in session.exec(asked.order_by(Observation.observation_id)).all()[:9]:
            one.taxon_id = muntjac
            session.add(one)
        list_version(session, "cn-protected-animals-2028", [], effective_from=date(2028, 6, 1),
                     origin="imported")  # fmt: skip
    subject = taxon_subject(muntjac)
    set_rule(survey, subject, Sensitivity.LOW, reason="test", person="Pema")


def rows_of(pack: Pack, name: str) -> list[dict[str, str]]:
    """A table of a pack."""
    text = (pack.path / "tables" / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


# --- the same bytes -------------------------------------------------------------------------------

ELSEWHERE = """
import json
import sys
from pathlib import Path
from species_db.evaluation import contents, page
from species_db.evaluation.pack import rebuild_report
told = json.loads((Path(sys.argv[1]) / "freeze.json").read_text(encoding="utf-8"))
for module in (contents, page):  # somebody may be writing code meanwhile
    module.source_fingerprints = lambda: told["software"]["sources"]
pack = rebuild_report(Path(sys.argv[1]), Path(sys.argv[2]))
print(*(f"{sha} {name}" for name, sha in sorted(pack.sha256s.items())), sep="\\n")
"""


def test_the_same_freeze_gives_the_same_bytes_elsewhere(
    planted: Survey, pack: Pack, tmp_path: Path
) -> None:
    """Another path, language, time zone and hash seed, from the copied folder alone: every file."""
    folder = Path(shutil.copytree(find_freeze(planted, FIRST).folder, tmp_path / "盘 E" / "x y"))
    env = {"NAMCHA_LANG": "zh", "TZ": "America/New_York", "PYTHONHASHSEED": "77", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(folder), str(tmp_path / "out")],
        env=os.environ | env | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    told = dict(reversed(line.split(" ", 1)) for line in done.stdout.splitlines())
    assert told == dict(pack.sha256s)
    assert {"report.html", "report.docx", "tables.xlsx", "pack.json"} < told.keys()


def test_the_same_bytes_on_another_day(
    planted: Survey, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No clock goes into a pack: asking for one is an error here."""
    real = time.time

    def later() -> float:
        return real() + 400 * 86_400

    monkeypatch.setattr(time, "time", later)
    monkeypatch.setattr(time, "localtime", lambda *at: time.gmtime(later()))
    folder = find_freeze(planted, FIRST).folder
    assert rebuild_report(folder, tmp_path / "out").sha256s == pack.sha256s


def test_pack_json_tells_every_file(pack: Pack) -> None:
    """Hashes of all files, what froze them, and no moment of building."""
    told = json.loads((pack.path / "pack.json").read_text(encoding="utf-8"))
    names = {
        path.relative_to(pack.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in pack.path.rglob("*")
        if path.is_file() and path.name != "pack.json"
    }
    assert told["files"] == names
    assert told["freeze"]["statement_sha256"] == pack.freeze.sha256
    assert told["built_with"]["is_same_code"] is True
    assert str(pack.path) not in json.dumps(told)


# --- what is refused, and what is logged ----------------------------------------------------------


def test_a_flipped_byte_gives_no_report(copied: Survey, tmp_path: Path) -> None:
    """The snapshot is named, and nothing is written."""
    path = find_freeze(copied, FIRST).database
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(EvaluationError, match=r"survey\.db"):
        build_report(copied, FIRST, tmp_path / "out", person="Tashi")
    with pytest.raises(EvaluationError, match=r"survey\.db"):
        rebuild_report(path.parent, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_freeze_from_elsewhere_is_not_taken_for_ours(copied: Survey, tmp_path: Path) -> None:
    """A folder that the log does not tell of is refused by name; by folder it may be built."""
    other = create_survey(tmp_path / "other", SurveySettings())
    freeze_survey(other, "foreign", person="T", today=date(2029, 1, 5), period=YEAR)
    foreign = find_freeze(other, "foreign").folder
    shutil.copytree(foreign, copied.folder / FREEZES / "foreign")
    with pytest.raises(EvaluationError, match="--freeze"):
        build_report(copied, "foreign", tmp_path / "out", person="Tashi")
    find_freeze(copied, FIRST).folder.rename(copied.folder / FREEZES / "renamed")
    with pytest.raises(EvaluationError, match="renamed or copied"):
        build_report(copied, "renamed", tmp_path / "out", person="Tashi")


def test_a_pack_overwrites_nothing_else(copied: Survey, tmp_path: Path) -> None:
    """A folder with somebody's files stays as it is."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(EvaluationError, match="holds something other"):
        rebuild_report(find_freeze(copied, FIRST).folder, tmp_path)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_report_that_leaves_is_in_the_log(planted: Survey, pack: Pack) -> None:
    """As an export, with the freeze, the hashes, and every record that it rests on."""
    with planted.reading() as session:
        entry = session.exec(select(Decision).where(Decision.act == Act.EXPORTED.value)).one()
    told = json.loads(entry.details)
    assert told["freeze"] == FIRST
    assert f"{pack.sha256s['report.html']}  report.html" in told["sha256"]
    assert (planted.folder / "exports" / f"{told['used_ids']}.ids.gz").is_file()


def test_a_complete_edition_needs_the_role_and_is_marked(copied: Survey, tmp_path: Path) -> None:
    """Once roles are in use, only who holds the role builds one; the page says what it is."""
    grant_role(copied, "Pema", Role.EXACT_VIEWER, person="Drolma", reason="evaluation")
    with pytest.raises(RoleError):
        build_report(copied, FIRST, tmp_path / "out", person="Tashi",
                     exact=ExactRelease("Tashi", "evaluation"))  # fmt: skip
    assert not (tmp_path / "out").exists()
    made = build_report(copied, FIRST, tmp_path / "out", person="Pema",
                        exact=ExactRelease("Pema", "evaluation"))  # fmt: skip
    assert "完整版" in (made.path / "report.html").read_text(encoding="utf-8")
    with copied.reading() as session:
        acts = set(session.exec(select(Decision.act)))
    assert Act.EXACT_RELEASED.value in acts


# --- what changes it, and what does not -----------------------------------------------------------


def test_what_happens_after_the_freeze_changes_no_byte(
    copied: Survey, pack: Pack, tmp_path: Path
) -> None:
    """Records corrected and added, a list imported, a rule set: the report is the same."""
    correct(copied)
    made = build_report(copied, FIRST, tmp_path / "out", person="Pema")
    assert made.sha256s == pack.sha256s


def test_the_change_log_names_what_was_planted(second: Pack) -> None:
    """New records, corrected names, the new list, the new rule, and what the log has since."""
    reasons = {one["kind"]: one["en"] for one in rows_of(second, "change_reasons")}
    told = " ".join(one["en"] for one in rows_of(second, "change_reasons"))
    assert "reported period: 5 records added" in told
    assert "Naemorhedus baileyi → Muntiacus vaginalis" in reasons["renamed"]
    renamed = re.findall(r"(\d+) records were named anew", told)
    assert sum(map(int, renamed)) == 9
    assert "cn-protected-animals-2028" in reasons["lists added"]
    assert "Muntiacus vaginalis" in reasons["rules sensitivity"]
    assert "1 rules of sensitivity set" in reasons["log"]
    assert "code" not in reasons


def test_the_change_log_sets_numbers_side_by_side(second: Pack, pack: Pack) -> None:
    """What the first pack told of its own dates stands beside what the data tell now."""
    lines = {(one["indicator"], one["area"], one["period"]): one for one in
             rows_of(second, "changes")}  # fmt: skip
    line = lines["index_class_1", "5404", "reported"]
    then = next(one for one in rows_of(pack, "indicators")
                if (one["indicator"], one["area"]) == ("index_class_1", "5404"))  # fmt: skip
    assert line["thenValue"] == then["currentValue"]
    assert float(line["nowValue"]) != float(line["thenValue"])
    assert ("camera_days", "5404", "reported") not in lines


def test_freezes_of_two_surveys_are_not_compared(
    planted: Survey, pack: Pack, tmp_path: Path
) -> None:
    """Their records have nothing to do with each other."""
    other = create_survey(tmp_path / "other", SurveySettings())
    with other.writing() as session:
        a_review(session)
    freeze_survey(other, "other", person="T", today=date(2029, 1, 5), period=YEAR)
    with pytest.raises(EvaluationError, match="different surveys"):
        rebuild_report(
            find_freeze(planted, FIRST).folder,
            tmp_path / "out",
            since=find_freeze(other, "other").folder,
        )


# --- what a person and a script read --------------------------------------------------------------


def test_the_tables_tell_effort_beside_every_number(pack: Pack) -> None:
    """Each row of the table of indicators: a value with its effort, and the clause it answers."""
    rows = rows_of(pack, "indicators")
    assert len(rows) > 150
    whole = {one["indicator"]: one for one in rows if one["area"] == "5404"}
    dogs = whole["dogs"]
    assert dogs["clause"] == "threats"
    assert float(dogs["currentEffort"]) > 6000 and dogs["verdict"] == "up"
    assert dogs["asWished"] == "FALSE"
    assert float(dogs["changeLow95"]) > 1
    unknown = next(one for one in rows if (one["indicator"], one["area"]) == ("dogs", "540425"))
    assert (unknown["currentValue"], unknown["currentEffort"]) == ("NA", "NA")


def test_a_deployment_that_ends_at_new_year_is_of_the_old_one(pack: Pack) -> None:
    """Eighteen stations have eighteen deployments in each year, not thirty-six."""
    (told,) = [one for one in rows_of(pack, "indicators")
               if (one["indicator"], one["area"]) == ("deployments", "5404")]  # fmt: skip
    assert (told["baselineValue"], told["currentValue"]) == ("18", "18")


def test_warnings_are_counted_by_rule(pack: Pack) -> None:
    """Of eight and fourteen: closed, within thirty days, and falsely, as they were planted."""
    (told,) = [one for one in rows_of(pack, "warnings") if one["rule"] == "disturbance"]
    counts = {key: (told[f"baseline{key}"], told[f"current{key}"])
              for key in ("Raised", "Closed", "OnTime", "False")}  # fmt: skip
    assert counts == {
        "Raised": ("8", "14"),
        "Closed": ("6", "11"),
        "OnTime": ("5", "9"),
        "False": ("2", "3"),
    }


def test_invaders_are_counted_in_released_squares(pack: Pack) -> None:
    """Twelve stands and then eighteen, searched in the same squares, measured at each."""
    (weed,) = rows_of(pack, "invasive_taxa")
    assert (weed["baselineRecords"], weed["currentRecords"]) == ("12", "18")
    assert weed["baselineSquaresSearched"] == weed["currentSquaresSearched"]
    assert (weed["baselineAreaM2"], weed["currentAreaM2"]) == ("2280", "1620")
    assert (weed["baselinePlacesMeasured"], weed["currentPlacesMeasured"]) == ("12", "18")
    (action,) = rows_of(pack, "control_actions")
    assert (action["month"], action["areaZh"], action["treatedPlots"]) == ("2026-09", "墨脱县", "1")


def test_the_workbook_holds_what_the_tables_hold(pack: Pack) -> None:
    """A sheet for each table, the same number of rows, heads in both languages."""
    from openpyxl import load_workbook

    book = load_workbook(pack.path / "tables.xlsx", read_only=False)
    sheets = {sheet.title.rpartition(" ")[2]: sheet for sheet in book.worksheets}
    for path in sorted((pack.path / "tables").glob("*.csv")):
        sheet = sheets[path.stem]
        assert sheet.max_row == len(rows_of(pack, path.stem)) + 1
    heads = [cell.value for cell in sheets["indicators"][1]]
    assert "指标\nindicator (zh)" in heads
    assert sheets["about"]["A1"].value == "项目 item"


def test_the_document_opens_and_has_every_part(pack: Pack) -> None:
    """Word reads it: the parts in order, tables with their heads, Chinese of the mainland."""
    from docx import Document

    document = Document(str(pack.path / "report.docx"))
    heads = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert [head[0] for head in heads] == list("一二三四五六七八")
    assert len(document.tables) > 12
    text = "\n".join(cell.text for table in document.tables for cell in table._cells)
    assert "犬只干扰强度" in text and "相机日" in text
    assert 'w:eastAsia="zh-CN"' in document.styles.element.xml


def test_the_page_needs_no_network_and_no_script(pack: Pack) -> None:
    """Nothing is fetched: no script, no link, no picture from elsewhere."""
    page = (pack.path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page and "src=" not in page and "@import" not in page
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}
    for part in "一二三四五六七八九十":
        assert f"<h2>{part}、" in page
    for both in ("要点", "Key findings", "如何重建本报告", "How to rebuild this"):
        assert both in page


def test_a_species_page_tells_status_effort_and_change(pack: Pack) -> None:
    """Of each class I and II taxon of the period, with its map and no place."""
    page = (pack.path / "report.html").read_text(encoding="utf-8")
    sections = re.findall(r'<section class="species">(.*?)</section>', page, re.DOTALL)
    assert len(sections) == 4
    leopard = next(one for one in sections if "Neofelis nebulosa" in one)
    for told in ("国家重点保护野生动物：一级", "相机日", "<svg", "EOO", "墨脱县"):
        assert told in leopard
    assert "29.3" not in re.sub(r"<svg.*?</svg>", "", leopard, flags=re.DOTALL)


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    """A browser of the computer."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.parametrize("width", [390, 703, 1366])
def test_nothing_runs_over_the_edge(second: Pack, browser_page: Page, width: int) -> None:
    """On a telephone, on A4 and on a laptop; no cell is cut and no text lies on another."""
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.goto((second.path / "report.html").as_uri())
    wide = browser_page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    cut = browser_page.evaluate(
        "[...document.querySelectorAll('td, th, dd, .tile')].filter("
        "e => e.scrollWidth > e.clientWidth + 2).map(e => e.textContent.trim())"
    )
    assert cut == []


def test_the_commands_build_and_rebuild(planted: Survey, pack: Pack, tmp_path: Path) -> None:
    """`namcha report` from the survey's freeze, and from the copied folder alone."""
    folder = find_freeze(planted, FIRST).folder
    told = json.loads(
        namcha(
            "report", FIRST, "--freeze", str(folder), "--out", str(tmp_path / "a"), "--json"
        ).stdout
    )
    tables = {name: sha for name, sha in told["files"].items() if name.startswith("tables/")}
    assert len(tables) == 8 and tables.items() <= pack.sha256s.items()
    assert told["is_logged"] is False
    dogs = next(one for one in told["results"]
                if (one["indicator"], one["area"]) == ("dogs", "5404"))  # fmt: skip
    assert dogs["verdict"] == "up" and dogs["current_effort"] > 6000
    wrong = namcha(
        "report", "other", "--freeze", str(folder), "--out", str(tmp_path / "b"), fails=True
    )
    assert FIRST in wrong.stderr
    missing = namcha("report", "2027-tria", "--survey", str(planted.folder), "--out",
                     str(tmp_path / "c"), fails=True, NAMCHA_LANG="zh")  # fmt: skip
    assert FIRST in missing.stderr and "没有名为" in missing.stderr
