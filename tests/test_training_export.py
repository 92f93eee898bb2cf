"""A training set that leaves the survey passes the gate like everything else."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from factories import NINE, make_deployment, make_event, make_machine_observation, make_station
from learning_scene import DRAWN_TAXA, plant_drawn_taxa
from PIL import Image
from review_scene import BOX, draw_photo, media_of
from sqlmodel import select
from typer.testing import CliRunner

from namcha import app
from species_db.export.offering import ExportRefused
from species_db.identity import taxon_id
from species_db.review import mark_animal, mark_blank, mark_human, summarise_event
from species_db.sensitivity import set_rule, taxon_subject
from species_db.survey import Survey
from species_db.tables import Decision
from species_db.vocabulary import Act, Sensitivity
from training.export_set import export_training_set
from training.plan import PlanSettings
from training.scheme import Least

SETTINGS = PlanSettings("detector", least=Least(1, 1))
STATIONS = ("Gully-of-the-takin", "Old-bridge", "Ridge-7", "Salt-lick")


@pytest.fixture
def photographed(survey: Survey) -> Survey:
    """Four stations with two events of an animal, a blank one and one with a person at each."""
    acts = (("animal", mark_animal), ("animal", mark_animal), ("blank", mark_blank))
    for name in STATIONS:
        with survey.writing() as session:
            make_station(session, name)
            make_deployment(session, f"{name}-2026", location_id=name)
        for hours, (kind, act) in enumerate((*acts, ("human", mark_human))):
            with survey.writing() as session:
                start = NINE + timedelta(hours=hours)
                event = make_event(session, deployment_id=f"{name}-2026", start=start)
                for media in media_of(session, event.event_id):
                    box = None if kind == "blank" else BOX
                    make_machine_observation(session, media, observation_type=kind, bbox=box)
                    draw_photo(survey, media, kind)
                summarise_event(session, event.event_id)
            act(survey, event.event_id, person="Drolma", expected_review_id=None)
    return survey


def export(survey: Survey, out: Path, form: str = "yolo") -> list[Path]:
    """Export a training set; gives its files."""
    export_training_set(survey, out, settings=SETTINGS, form=form, person="Tashi")
    return [path for path in sorted(out.rglob("*")) if path.is_file()]


def test_photos_of_people_and_names_of_stations_stay(photographed: Survey, tmp_path: Path) -> None:
    """Three photos of each station leave; the fourth shows a person. No file tells a station."""
    files = export(photographed, tmp_path / "out", "coco")
    photos = [path for path in files if path.suffix == ".jpg"]
    assert len(photos) == 3 * len(STATIONS)
    for path in files:
        told = path.read_bytes() + path.as_posix().encode()
        assert not any(name.encode() in told for name in STATIONS)


def test_pictures_leave_without_metadata_and_with_masked_bars(
    photographed: Survey, tmp_path: Path
) -> None:
    """Each picture is made anew: no EXIF, and the strip where a camera prints is black."""
    for path in export(photographed, tmp_path / "out"):
        if path.suffix == ".jpg":
            with Image.open(path) as picture:
                assert not picture.getexif()
                assert (
                    max(picture.convert("L").crop((0, picture.height - 20, 200, 999)).getextrema())
                    < 20
                )


def test_a_split_holds_whole_stations(photographed: Survey, tmp_path: Path) -> None:
    """The photos of one station lie in one split, in the folders and in the COCO files."""
    export(photographed, tmp_path / "out", "coco")
    of_station: dict[str, set[str]] = {}
    with photographed.reading() as session:
        from species_db.tables import Media

        stations = dict(session.exec(select(Media.media_id, Media.deployment_id)).all())
    for path in (tmp_path / "out" / "images").rglob("*.jpg"):
        of_station.setdefault(stations[path.stem], set()).add(path.parent.name)
    assert all(len(splits) == 1 for splits in of_station.values())
    for split in ("train", "val", "test"):
        coco = json.loads((tmp_path / "out" / f"{split}.coco.json").read_text(encoding="utf-8"))
        in_folder = {p.name for p in (tmp_path / "out" / "images" / split).iterdir()}
        assert {Path(image["file_name"]).name for image in coco["images"]} == in_folder


def test_an_export_is_logged_and_replaces_nothing(photographed: Survey, tmp_path: Path) -> None:
    """The log names what left; a folder in use is refused."""
    export(photographed, tmp_path / "out")
    with photographed.reading() as session:
        exported = session.exec(select(Decision).where(Decision.act == Act.EXPORTED.value)).one()
    assert json.loads(exported.details)["pictures"] == 3 * len(STATIONS)
    with pytest.raises(ExportRefused, match="holds something already"):
        export(photographed, tmp_path / "out")


def test_no_file_names_a_species_of_which_no_photo_leaves(survey: Survey, tmp_path: Path) -> None:
    """Its records wait, so it is no class for others; the classes that leave are numbered anew."""
    plant_drawn_taxa(survey)
    hidden, shown = sorted(DRAWN_TAXA)
    set_rule(
        survey,
        taxon_subject(taxon_id(hidden)),
        Sensitivity.NONE,
        reason="hunted",
        person="Drolma",
        delay_days=3650,
    )
    out = tmp_path / "out"
    settings = replace(SETTINGS, classes="taxa")
    export_training_set(survey, out, settings=settings, form="coco", person="Tashi")
    files = [path for path in out.rglob("*") if path.is_file()]
    assert not any(hidden.encode() in path.read_bytes() for path in files)
    named = json.loads((out / "data.yaml").read_text(encoding="utf-8"))["names"]
    number = next(key for key, name in named.items() if name == shown)
    labels = [path.read_text(encoding="utf-8") for path in (out / "labels").rglob("*.txt")]
    assert labels
    assert all(label.startswith(f"{number} ") for label in labels)
    assert len(named) == 4


def test_the_command_exports(photographed: Survey, tmp_path: Path) -> None:
    """`namcha export training-set` writes both forms."""
    words = ["export", "training-set", str(tmp_path / "out"), "--format", "coco"]
    words += ["--least-boxes", "1", "--least-stations", "1", "--survey", str(photographed.folder)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "data.yaml").is_file()
    assert (tmp_path / "out" / "test.coco.json").is_file()
