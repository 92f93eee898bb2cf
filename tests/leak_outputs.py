"""What outsiders may see of a survey besides packages: maps, pages, digests, lists, answers."""

import csv
import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from leak_rows import ALERTED_AT, OWN_LIST
from leak_survey import TODAY, Truth
from sqlmodel import Session

from species_db.alerts.digest import make_digest
from species_db.bulletin.making import make_bulletins, read_month_of
from species_db.bulletin.month import Month
from species_db.bulletin.page import page_of
from species_db.bulletin.picture import county_map
from species_db.bulletin.plain import as_json
from species_db.evaluation.counting import CountingRules
from species_db.evaluation.freeze import freeze_survey
from species_db.evaluation.pack import rebuild_report
from species_db.evaluation.periods import Period
from species_db.export.megadetector import ForOthers, export_megadetector
from species_db.geo.areas import areas_in_force
from species_db.invasive.overview import invasive_taxon
from species_db.invasive.picture import invasive_map
from species_db.lists.publish import publish_list
from species_db.occurrences import read_occurrences
from species_db.places import COUNTIES
from species_db.sensitivity import open_gate
from species_db.study.answers import answer_of
from species_db.study.question import Question
from species_db.study.read import read_study
from species_db.study.writing import write_answer
from species_db.survey import DATABASE_FILE, SETTINGS_FILE, Survey, open_survey, settings_text
from species_db.vocabulary import AreaKind
from species_db.wildlife.release import released_page

MONTH = Month(2026, 5)  # most trails have animals and people in it


def draw_map(survey: Survey, truth: Truth, folder: Path) -> None:
    """The points that every map of ours draws, and the drawing itself."""
    assert truth.common is not None
    assert truth.class_i is not None
    folder.mkdir(parents=True, exist_ok=True)
    with survey.reading() as session:
        _write_points(session, survey, folder / "map.csv")
        for name, taxon in (("common", truth.common), ("class_i", truth.class_i)):
            row = invasive_taxon(session, taxon.taxon_id, TODAY)
            areas = areas_in_force(session, [AreaKind.COUNTY])
            drawn = invasive_map(
                session, survey.settings, [row], title=name, year=TODAY.year, areas=areas
            )
            (folder / f"map-{name}.svg").write_text(drawn.svg, encoding="utf-8")


def _write_points(session: Session, survey: Survey, out: Path) -> None:
    gate = open_gate(session, survey.settings, today=TODAY)
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("locationID", "latitude", "longitude", "coordinateUncertainty"))
        for seen in read_occurrences(session):
            at = gate.map_point(seen)
            if not at.is_withheld:
                own_id = seen.location_id or seen.record_id
                kind = "station" if seen.location_id else "record"
                writer.writerow(
                    (gate.key(kind, own_id), at.latitude, at.longitude, at.coordinate_uncertainty_m)
                )


def write_pages(survey: Survey, truth: Truth, folder: Path) -> None:
    """The downloads of species pages: of the common taxon, of class I, of the withheld one."""
    folder.mkdir(parents=True, exist_ok=True)
    with survey.reading() as session:
        for taxon in (truth.common, truth.class_i, truth.hidden):
            assert taxon is not None
            page = released_page(session, survey.settings, taxon.taxon_id, on=TODAY)
            told = json.dumps(page.as_json(), ensure_ascii=False, indent=1)
            (folder / f"{taxon.scientific_name}.json").write_text(told, encoding="utf-8")
            (folder / f"{taxon.scientific_name}.csv").write_text(page.as_csv(), encoding="utf-8")


def write_digest(survey: Survey, folder: Path) -> None:
    """The digest for outsiders, in all its forms."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    with survey.reading() as session:
        told = make_digest(
            session, survey.settings, now=now, since=ALERTED_AT - timedelta(days=1),
            for_outsiders=True,
        )  # fmt: skip
    (folder / "digest.txt").write_text(told.as_text(), encoding="utf-8")
    (folder / "digest.html").write_text(told.as_html(), encoding="utf-8")
    (folder / "sms.txt").write_text("\n".join(told.sms()), encoding="utf-8")


def write_recognitions(survey: Survey, folder: Path) -> None:
    """A model's answers for the pictures of a package, as Timelapse opens them."""
    audience = ForOthers(today=TODAY)
    export_megadetector(survey, folder / "recognitions.json", person="Tashi", audience=audience)


def write_list(survey: Survey, folder: Path) -> None:
    """The published list: workbook, page and signed statement."""
    folder.mkdir(parents=True, exist_ok=True)
    publish_list(survey, OWN_LIST, folder, person="Tashi", today=TODAY)


def write_analyses(survey: Survey, folder: Path) -> None:
    """The tables of effort, events, indices and histories, as the closed gate lets them be."""
    with survey.reading() as session:
        gate = open_gate(session, survey.settings, today=TODAY)
        study = read_study(session, survey.settings, Question(), gate=gate)
    for name in ("effort", "events", "rai", "histories"):
        write_answer(survey, study, answer_of(name)(study), out=folder, person="Tashi")


def write_bulletins(survey: Survey, folder: Path) -> None:
    """The bulletins of all counties for the month of the patrols' first pictures: pages and JSON.

    The little map is written apart as well, for who measures drawings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with survey.reading() as session:
        read = read_month_of(session, survey.settings, MONTH, today=TODAY)
    for one in make_bulletins(read, COUNTIES.values()):
        name, told = one.county.code, json.dumps(as_json(one), ensure_ascii=False, indent=1)
        drawn = county_map(name, one.squares)
        (folder / f"{name}.html").write_text(page_of(one), encoding="utf-8")
        (folder / f"{name}.json").write_text(told, encoding="utf-8")
        (folder.parent / f"map-bulletin-{name}.svg").write_text(drawn, encoding="utf-8")


def write_pack(survey: Survey, truth: Truth, folder: Path) -> None:
    """An evaluation pack of the season: page, document, workbook, tables and maps.

    Frozen in a copy, so that the survey that is attacked stays as it is.
    """
    taxa = [one.taxon_id for one in (truth.common, truth.class_i, truth.hidden) if one]
    with tempfile.TemporaryDirectory() as place:
        copy = _copied(survey, Path(place) / "survey")
        frozen = freeze_survey(
            copy,
            "pack",
            person="Tashi",
            today=TODAY,
            period=Period.of_years(2026, 2026),
            counting=CountingRules(chosen=tuple(sorted(taxa))),
            now=datetime.combine(TODAY, datetime.min.time(), UTC),
        )
        rebuild_report(frozen.folder, folder / "pack")
        copy.close()


def _copied(survey: Survey, folder: Path) -> Survey:
    """The database and the settings of a survey, without its pictures."""
    folder.mkdir(parents=True)
    (folder / SETTINGS_FILE).write_text(settings_text(survey.settings), encoding="utf-8")
    with closing(sqlite3.connect(survey.folder / DATABASE_FILE)) as connection:
        connection.execute("VACUUM INTO ?", (str(folder / DATABASE_FILE),))
    return open_survey(folder)
