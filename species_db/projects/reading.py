"""Read a project file: strict, against the survey, and with all mistakes told at once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlmodel import Session

from species_db.analysis.index_change import IndexSettings
from species_db.invasive.listing import members_by_taxon
from species_db.invasive.naming import taxon_named
from species_db.language import did_you_mean, tr
from species_db.places import COUNTIES, County, find_county
from species_db.projects.known_survey import KnownSurvey, read_known_survey
from species_db.projects.mistakes import ProjectFileError, ProjectMistakes, unreadable
from species_db.projects.project import WINDOW_YEARS, WORKS_WORDS, ProjectFile, WorksKind
from species_db.projects.sides import read_sides
from species_db.projects.values import Values

KEYS = (
    *("title_zh", "title_en", "county", "kind", "construction_start", "construction_end"),
    *("baseline_start", "window_years", "operation_windows", "impact_stations", "impact_plots"),
    *("control_stations", "control_plots", "why_no_control", "taxa", "minimum_camera_days"),
    *("notes", "passages"),
)
NO_DAY = date.min  # stands for a start that is missing, in a file that is refused


def read_project_file(session: Session, path: Path) -> ProjectFile:
    """Read a project's file and check it against the survey; taxa hold all below them.

    Raises:
        ProjectFileError: the file cannot be read, or says what cannot be; every mistake is named
            with its line.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ProjectFileError(
            tr(
                f"{path} cannot be read: {error.strerror}. An empty one is written with: "
                "namcha analyse project-template OUT.toml",
                f"无法读取 {path}：{error.strerror}。"
                "可用 namcha analyse project-template OUT.toml 生成空白文件。",
            )
        ) from error
    told = parse_project(_decoded(raw), read_known_survey(session), name=path.name)
    below = members_by_taxon(session, list(told.taxa))
    return replace(told, taxa={taxon: below[taxon] for taxon in told.taxa})


def parse_project(text: str, known: KnownSurvey, *, name: str) -> ProjectFile:
    """Check the text of a project file against the survey; each taxon stands for itself alone.

    Raises:
        ProjectFileError: every mistake, with its line.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise unreadable(name, text, error) from error
    mistakes = ProjectMistakes(name, text)
    values = Values(told, mistakes)
    values.refuse_others(KEYS)
    if not values.text("title_zh") and not values.text("title_en"):
        values.wrong("title_zh", tr("is missing, in both languages.", "中英文标题均缺少。"))
    dates = _dates(values)
    sides = read_sides(values, known)
    project = ProjectFile(
        title_zh=values.text("title_zh"),
        title_en=values.text("title_en"),
        county=_county(values),
        kind=values.term("kind", WORKS_WORDS, other=WorksKind.OTHER),
        construction_start=dates.construction_start,
        construction_end=dates.construction_end,
        impact=sides.impact,
        control=sides.control,
        passages=sides.passages,
        taxa=_taxa(values, known),
        baseline_start=dates.baseline_start,
        windows=dates.windows,
        window_years=values.whole("window_years", default=WINDOW_YEARS),
        minimum_camera_days=values.number(
            "minimum_camera_days", default=IndexSettings.minimum_days
        ),
        why_no_control=values.text("why_no_control"),
        notes=values.text("notes"),
    )
    mistakes.raise_if_any()
    return project


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")  # what Notepad in Chinese calls ANSI


@dataclass(frozen=True)
class _Dates:
    construction_start: date
    construction_end: date | None
    baseline_start: date | None
    windows: tuple[tuple[date, date], ...]


def _dates(values: Values) -> _Dates:
    start = values.day("construction_start", is_required=True)
    end, baseline = values.day("construction_end"), values.day("baseline_start")
    if start and end and end < start:
        values.wrong(
            "construction_end",
            tr(f"{end} lies before construction_start {start}.",
               f"{end} 早于 construction_start {start}。"),
        )  # fmt: skip
    if start and baseline and baseline >= start:
        values.wrong(
            "baseline_start",
            tr(f"{baseline} is not before construction_start {start}.",
               f"{baseline} 不早于 construction_start {start}。"),
        )  # fmt: skip
    windows = values.spans("operation_windows")
    _check_windows(values, windows, end)
    return _Dates(start or NO_DAY, end, baseline, windows)


def _check_windows(
    values: Values, windows: tuple[tuple[date, date], ...], end: date | None
) -> None:
    name, before = "operation_windows", end
    if windows and not end:
        values.wrong(name, tr("there is no construction_end yet.", "尚未填写 construction_end。"))
    for first, last in windows:
        if last < first:
            values.wrong(name, tr(f"{last} lies before {first}.", f"{last} 早于 {first}。"))
        if before and first <= before:
            values.wrong(
                name,
                tr(f"{first} does not lie after {before}: windows follow construction and each "
                   "other.", f"{first} 不晚于 {before}：各评估期须在施工结束后依次排列。"),
            )  # fmt: skip
        before = max(first, last)


def _county(values: Values) -> str:
    text = values.text("county", is_required=True)
    county = find_county(text)
    if text and county is None:
        names = [name for one in COUNTIES.values() for name in _names(one)]
        hint = did_you_mean(text, names)
        values.wrong("county", tr(f"no county '{text}'.{hint}", f"没有县“{text}”。{hint}"))
    return county.code if county else ""


def _names(county: County) -> tuple[str, ...]:
    """As people write them: with and without the word for county."""
    short = county.name_en.rsplit(" ", 1)[0]
    return county.name_zh, county.name_zh[:-1], county.name_en, short


def _taxa(values: Values, known: KnownSurvey) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name in values.texts("taxa"):
        taxon_id, why = taxon_named(name, known.taxa)
        if not taxon_id:
            values.wrong("taxa", why, item=name)
        elif taxon_id in found:
            values.wrong("taxa", tr(f"'{name}' is named twice.", f"“{name}”重复列出。"), item=name)
        else:
            found[taxon_id] = frozenset({taxon_id})
    return found
