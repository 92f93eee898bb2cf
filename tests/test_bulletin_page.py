"""The bulletin as a page, as a file that leaves, and as a command."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlmodel import select
from typer.testing import CliRunner, Result

from namcha.application import app
from species_db.bulletin.leaving import export_bulletins
from species_db.bulletin.page import GENERATOR, LINES, page_of, room_of
from species_db.bulletin.parts import Bulletin, Named, Seen, Square, WarningPart
from species_db.bulletin.refusal import BulletinError
from species_db.export.offering import ExportRefused
from species_db.kept_lists import ListKind, list_path, read_used
from species_db.language import Language
from species_db.secrecy.marks import SubjectKind, mark_secrecy
from species_db.secrecy.release import Sharing
from species_db.survey import Survey, open_survey
from species_db.tables import Decision
from species_db.vocabulary import Act, Secrecy
from tests.bulletin_scene import MAY, MEDOG, NANG, TODAY, a_may, made
from tests.test_pages_browser import browser_at
from tests.test_review_browser import chromium  # noqa: F401  (a fixture)

LANGUAGES: tuple[Language, Language] = ("zh", "en")
A4_PX = (794, 1123)  # of 210 x 297 mm at 96 dpi
LONG = Named("喜马拉雅斑羚", "Himalayan goral of the south", "Naemorhedus goral goral")


@pytest.fixture(scope="module")
def may_folder(listed_survey_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A May in Medog, made once."""
    there = tmp_path_factory.mktemp("may") / "survey"
    survey = open_survey(Path(shutil.copytree(listed_survey_template, there)))
    a_may(survey)
    survey.close()
    return there


@pytest.fixture(scope="module")
def may(may_folder: Path) -> Bulletin:
    """The bulletin of Medog's May."""
    return made(open_survey(may_folder))


@pytest.fixture(scope="module")
def empty(may_folder: Path) -> Bulletin:
    """A county where nobody worked."""
    return made(open_survey(may_folder), county=NANG.code)


@pytest.fixture
def own(may_folder: Path, tmp_path: Path) -> Survey:
    """A survey of its own with that May."""
    return open_survey(Path(shutil.copytree(may_folder, tmp_path / "survey")))


def crowded(may: Bulletin) -> Bulletin:
    """More of everything than the page has room for, with long names and large numbers."""
    protected, front, warning = may.protected.rows[0], may.fronts.rows[0], may.warnings.rows[0]
    seen = Seen(1234, 56, 78, 9)
    row = replace(
        protected, name=LONG, level_today="none", now=seen, before=seen, is_first=True
    )  # fmt: skip
    weed = replace(
        front, name=LONG, records=1234, places=56, new_places=12, visits=123, camera_days=12340,
        area_m2=123456789.0, areas=56, actions=12, due=34,
    )  # fmt: skip
    alert = replace(
        warning, open=123, overdue=45, days_overdue=678, about=(LONG,) * 9,
        title=Named("核心区内有人、犬、车辆或盗猎痕迹" * 2, warning.title.en * 2),
    )  # fmt: skip
    pressure = replace(
        may.pressure.rows[0], events=12345, stations=123, machine_events=4567, index=123.4
    )
    months = tuple(replace(one, camera_days=12340, stations=140) for one in may.effort.months)
    counts = dict.fromkeys(("in_field", "working", "dead", "blocked", "full_card", "moved"), 140)
    return replace(
        may,
        protected=replace(may.protected, rows=(row,) * 30, lists_missing=("protected_plants",)),
        fronts=replace(may.fronts, rows=(weed,) * 12, quiet=40),
        warnings=WarningPart((alert,) * 8),
        pressure=replace(may.pressure, rows=(pressure,) * 5, noted=may.pressure.noted * 5),
        effort=replace(may.effort, months=months, reviewed=1234567, waiting=123456, visits=1234),
        cameras=replace(may.cameras, **counts, day_only=140, unknown=140, cards_waiting=140),
        squares=tuple(
            Square(29.0 + n // 10 / 10, 95.0 + n % 10 / 10, n % 2 == 0, True, n % 3 == 0)
            for n in range(60)
        ),
    )


def words_of(page: str) -> str:
    """What a person reads of a page."""
    body = page.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


# --- what it says ---------------------------------------------------------------------------------


def test_the_page_is_in_the_reader_s_language_with_headings_in_both(may: Bulletin) -> None:
    """Chinese first: every sentence is Chinese, every heading has its English, and back."""
    chinese, english = (words_of(page_of(may, language=one)) for one in LANGUAGES)
    for words in ("墨脱县监测月报", "2026 年 5 月", "Medog County", "约 40 相机日", "豹", "熊猴",
                  "重点保护物种 Protected species", "先处理逾期预警 1 条（最久已逾期 4 天）",
                  "紫茎泽兰", "本县首次", "一级", "内部资料",
                  "部分物种的近期记录延迟公开"):  # fmt: skip
        assert words in chinese
    for words in ("Medog County", "May 2026", "墨脱县", "Protected species 重点保护物种",
                  "First deal with 1 overdue warning, up to 4 d late", "about 40 camera-days",
                  "Leopard", "Crofton weed", "first in county",
                  "Recent records of some species are withheld for a time"):  # fmt: skip
        assert words in english


def test_what_is_not_known_is_said_and_never_drawn_as_zero(empty: Bulletin) -> None:
    """No camera and nobody on foot: figures are words, bars are question marks."""
    page = page_of(empty)
    words = words_of(page)
    assert "相机日不明" in words
    assert "本月无野外搜寻：有无扩散不明" in words
    assert "本月无已知的有效相机日" in words
    assert page.count(">?</text>") == 13
    assert words.count("不明") >= 12
    assert "not known" in words_of(page_of(empty, language="en"))


def test_a_row_without_this_month_s_records_has_a_dash(may: Bulletin) -> None:
    """The leopard of a year ago: a dash now, three events at two stations then."""
    row = re.search(r"<b>豹</b>.*?</tr>", page_of(may))
    assert row is not None
    cells = re.findall(r"<td>(.*?)</td>", row[0])
    assert cells == ["—", "3 / 2"]


def test_an_unfinished_month_is_marked(may: Bulletin) -> None:
    """Who reads numbers of ten days must not take them for a month's."""
    page = words_of(page_of(replace(may, until=may.month.first.replace(day=10))))
    assert "截至 2026-05-10，本月尚未结束" in page


def test_what_has_no_room_is_counted_below(may: Bulletin) -> None:
    """Lines are shared by both tables; the rest is told by number and first names."""
    told = crowded(may)
    room = room_of(told)
    assert (room.protected + room.fronts, room.fronts) == (LINES - 1, 3)
    words = words_of(page_of(told))
    assert f"另有 {30 - room.protected} 种：" in words
    assert "另有 9 种：" in words
    assert "另有 5 类 615 条" in words
    few = replace(
        told, fronts=may.fronts, protected=replace(may.protected, rows=told.protected.rows)
    )
    assert room_of(few).protected == LINES - 1


def test_text_of_the_survey_is_no_markup(may: Bulletin) -> None:
    """A title or a name with signs of HTML stays text."""
    page = page_of(replace(may, source=replace(may.source, survey="<script>x</script>", ask="<b>")))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_page_loads_nothing_and_runs_nothing(may: Bulletin) -> None:
    """No script, no link, no picture from elsewhere: it opens on a computer without network."""
    for page in (page_of(may), page_of(may, language="en")):
        assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|https?://|src=|href=", page)
        assert page.startswith("<!DOCTYPE html>")


def test_the_same_bulletin_gives_the_same_bytes(may_folder: Path, tmp_path: Path) -> None:
    """From a copy of the survey elsewhere as well."""
    copy = open_survey(Path(shutil.copytree(may_folder, tmp_path / "elsewhere")))
    for language in LANGUAGES:
        here = page_of(made(open_survey(may_folder)), language=language)
        assert page_of(made(copy), language=language) == here


# --- one sheet of paper ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:  # noqa: F811
    """One browser for all sheets."""
    with browser_at(chromium) as opened:
        yield opened


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["rich", "empty", "crowded"])
def test_it_prints_on_exactly_one_a4_page_and_nothing_is_cut(
    browser: Browser, may: Bulletin, empty: Bulletin, language: Language, which: str
) -> None:
    """One page in print; the sheet is A4, and all that is on it lies inside its margins."""
    told = {"rich": may, "empty": empty, "crowded": crowded(may)}[which]
    page = browser.new_page(viewport={"width": A4_PX[0], "height": A4_PX[1]})
    page.set_content(page_of(told, language=language))
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
    assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]", printed)
    page.emulate_media(media="print")
    sizes = page.evaluate(
        "() => { const s = document.querySelector('.sheet'), f = s.querySelector('footer');"
        "return [s.scrollWidth, s.scrollHeight, f.getBoundingClientRect().bottom,"
        "f.getBoundingClientRect().top - f.previousElementSibling.getBoundingClientRect().bottom] }"
    )
    page.close()
    assert sizes[0] <= A4_PX[0]
    assert sizes[1] <= A4_PX[1]
    assert sizes[2] <= A4_PX[1] - 15
    assert sizes[3] >= 0


# --- leaving --------------------------------------------------------------------------------------


def test_a_bulletin_that_leaves_is_logged_with_what_it_told(own: Survey, tmp_path: Path) -> None:
    """The log names county, month, day and the file's hash, and keeps the records it rests on."""
    out = tmp_path / "out" / "medog.html"
    ((_, report),) = export_bulletins(own, [MEDOG], MAY, out, person="Tashi", today=TODAY)
    assert report.secrecy is Secrecy.INTERNAL
    with own.reading() as session:
        entry = session.exec(select(Decision).where(Decision.act == Act.EXPORTED.value)).one()
    told = json.loads(entry.details)
    assert (told["county"], told["month"], told["today"]) == ("540423", "2026-05", "2026-06-05")
    assert told["sha256"] == [f"{report.sha256s['medog.html']}  medog.html"]
    used = set(read_used(list_path(own.folder, ListKind.USED, told["used_ids"])))
    assert {("camerastation", "A"), ("deployment", "B-1"), ("plot", "LZ-B")} <= used
    assert {table for table, _ in used} >= {
        "event",
        "fieldrecord",
        "alert",
        "controlaction",
        "taxon",
    }
    assert ("camerastation", "X") not in used
    assert out.read_text(encoding="utf-8") == page_of(made(own))


def test_an_earlier_bulletin_is_replaced_and_another_file_is_not(
    own: Survey, tmp_path: Path
) -> None:
    """What we did not write stays as it is, and nothing is logged."""
    out = tmp_path / "page.html"
    out.write_text("<html>my own page</html>", encoding="utf-8")
    with pytest.raises(ExportRefused, match="not an earlier bulletin"):
        export_bulletins(own, [MEDOG], MAY, out, person="Tashi", today=TODAY)
    assert out.read_text(encoding="utf-8") == "<html>my own page</html>"
    out.write_text(f"<html>{GENERATOR}</html>", encoding="utf-8")
    export_bulletins(own, [MEDOG], MAY, out, person="Tashi", today=TODAY)
    export_bulletins(own, [NANG], MAY, out, person="Tashi", today=TODAY, language="en")
    assert "Nang County" in out.read_text(encoding="utf-8")
    with own.reading() as session:
        acts = session.exec(select(Decision.act).where(Decision.act == Act.EXPORTED.value)).all()
    assert len(acts) == 2


def test_sharing_asks_a_second_person_and_leaves_out_what_is_internal(
    own: Survey, tmp_path: Path
) -> None:
    """An internal survey has nothing to share; a shareable one asks, and writes nothing yet."""
    out, wish = tmp_path / "page.html", Sharing("notice board", "township")
    with pytest.raises(BulletinError, match="this survey is internal"):
        export_bulletins(own, [MEDOG], MAY, out, person="Tashi", today=TODAY, sharing=wish)
    mark_secrecy(own, SubjectKind.SURVEY, "", Secrecy.SHAREABLE, person="Drolma", reason="test")
    mark_secrecy(own, SubjectKind.STATION, "B", Secrecy.INTERNAL, person="Drolma", reason="test")
    ((told, report),) = export_bulletins(
        own, [MEDOG], MAY, out, person="Tashi", today=TODAY, sharing=wish
    )
    assert report.request_id
    assert not out.exists()
    assert told.effort.now.stations == 1
    assert "内部资料" not in page_of(told)


# --- the command ----------------------------------------------------------------------------------


def run(survey: Survey, *words: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["bulletin", *words, "--survey", str(survey.folder)])


def test_the_command_writes_a_page_and_prints_json(own: Survey, tmp_path: Path) -> None:
    """A county by name, a month, a file; JSON has the same numbers, months as people write them."""
    out = tmp_path / "page.html"
    done = run(own, "墨脱", "2026-05", "--out", str(out), "--on", "2026-06-05", "--language", "en")
    assert done.exit_code == 0, done.output
    assert "protected 3, invasive 1, warnings 2" in done.stdout
    assert "Medog County" in out.read_text(encoding="utf-8")
    told = json.loads(run(own, "Medog", "2026-05", "--on", "2026-06-05", "--json").stdout)
    assert (
        told["month"],
        told["effort"]["months"][-1]["camera_days"],
    ) == ("2026-05", 40)
    assert told["advice"][0]["zh"].startswith("先处理逾期预警 1 条")
    assert [row["level"] for row in told["protected"]["rows"]] == ["I", "II", "II"]


def test_all_counties_are_written_from_one_command(own: Survey, tmp_path: Path) -> None:
    """Seven pages, named by code and month."""
    out = tmp_path / "all"
    done = run(own, "--all", "2026-05", "--out", str(out), "--on", "2026-06-05", "--json")
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.stdout)) == 7
    names = sorted(path.name for path in out.iterdir())
    assert len(names) == 7
    assert names[2] == "540423-2026-05.html"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("Medg", "2026-05", "--json"), "Did you mean 'Medog'"),
        (("Medog", "May", "--json"), "like 2026-05"),
        (("Medog", "2026-05", "--on", "2999-01-01", "--json"), "still to come"),
        (("Medog", "2026-05"), "--out FILE.html"),
        (("--all", "Medog", "2026-05", "--json"), "--all takes no county"),
        (("Medog", "2026-05", "--json", "--recipient", "township"), "--shareable"),
    ],
)
def test_what_cannot_be_made_is_told(may_folder: Path, words: tuple[str, ...], told: str) -> None:
    """One sentence; a day to come is refused, since by it young records would leave."""
    done = run(open_survey(may_folder), *words)
    assert done.exit_code != 0
    assert told in f"{done.exception} {done.output}"
