"""Real cards, whose clocks were right: a single proposal for one of them would be a bug."""

import shutil
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from factories import make_deployment, make_station
from sqlmodel import col, func, select

from ingest.clock import propose_clock
from ingest.import_card import import_card
from ingest.measure_media import measure_waiting
from species_db.survey import Survey
from species_db.tables import Deployment, Media

HOUR = timedelta(hours=1)
# Where each card was, as far as its source says, and the zone that its camera was set to.
PLACES = {
    "card01_bushnell_3shot": (-12.8, -69.3, -5),  # Madre de Dios, Peru
    "card02_reconyx_sm750": (70.3, 29.0, 2),  # a small-mammal tunnel in Finnmark, Norway
    "card03_reconyx_hf2": (32.7, -116.9, -8),  # Rancho Jamul, California
    "card04_hikmicro_gps": (57.17, 15.54, 2),  # Sweden
    "card05_mixed_brands": (39.0, -121.0, -8),  # unknown; makers of North America
}


def imported(survey: Survey, card: Path, place: tuple[float, float, int]) -> str:
    """Import a card for a deployment that fits its camera times, and measure its light."""
    name = f"{card.name}-real"
    with survey.writing() as session:
        make_station(session, card.name, latitude=place[0], longitude=place[1])
        offset = place[2] * 3600
        make_deployment(session, name, location_id=card.name, utc_offset_seconds=offset)
    import_card(survey, card, deployment_id=name, person="Tashi")
    with survey.writing() as session:
        times = func.min(Media.timestamp), func.max(Media.timestamp)
        first, last = session.exec(select(*times).where(col(Media.deployment_id) == name)).one()
        deployment = session.get_one(Deployment, name)
        deployment.deployment_start, deployment.deployment_end = first - HOUR, last + HOUR
        session.add(deployment)
    measure_waiting(survey, name, workers=1)
    return name


@pytest.mark.parametrize("card", PLACES)
def test_a_right_clock_on_a_real_card_is_left_alone(
    survey: Survey, shared: Path, card: str
) -> None:
    """Five real cards of five makers, by day and night: nothing is proposed."""
    name = imported(survey, shared / "data" / "sdcard" / card, PLACES[card])
    with survey.reading() as session:
        media = session.exec(select(Media).where(Media.deployment_id == name)).all()
        assert any(one.is_grey is not None for one in media)
    assert propose_clock(survey, name).proposals == ()


@pytest.mark.parametrize("card", ["card03_reconyx_hf2", "card05_mixed_brands"])
def test_a_folder_of_several_cameras_is_told_and_left_alone(
    survey: Survey, shared: Path, card: str
) -> None:
    """File order of two cameras in one folder proves nothing, and the person is told so."""
    name = imported(survey, shared / "data" / "sdcard" / card, PLACES[card])
    notes = propose_clock(survey, name).notes
    assert len(notes) == 1
    assert "several cameras" in notes[0].english


def test_real_photos_by_model_give_no_proposal(
    survey: Survey, shared: Path, tmp_path: Path
) -> None:
    """Each camera model of the collection that has two photos or more, as a card of its own."""
    from ingest.metadata import read_facts

    models: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((shared / "data" / "exif").iterdir()):
        facts = read_facts(path.read_bytes(), file_name=path.name)
        if facts.is_usable and facts.camera_time:
            models[f"{facts.make or ''} {facts.model or ''}".strip()].append(path)
    several = {name: paths for name, paths in models.items() if len(paths) > 1}
    assert several
    for number, paths in enumerate(several.values()):
        folder = tmp_path / f"model{number}" / "DCIM"
        folder.mkdir(parents=True)
        for path in paths:
            shutil.copy(path, folder / path.name)
        name = imported(survey, folder.parent, (32.7, -116.9, -8))
        assert propose_clock(survey, name).proposals == ()
