"""Five real cards at five stations, reviewed by a script through the functions of the page.

What the cards show comes from their list (MANIFEST.csv) and from looking at them; where the two
differ the photo decides: the "felid" and the "small mammal" of card 1 are pacas, and whether the
"wolf" of card 5 is one is left open, so it is an animal without a name.
"""

from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from ingest.classify import detect_media
from ingest.import_card import import_card
from models.detector import load_detector
from species_db import identity
from species_db.review import Finding, correct, review_event, summarise_event
from species_db.survey import Survey
from species_db.tables import Event, Media
from tests.factories import (
    NINE,
    make_deployment,
    make_event,
    make_group_taxon,
    make_machine_observation,
    make_station,
)
from tests.review_scene import BOX, draw_photo, media_of

REVIEWER = "Drolma"
CARDS = {
    "ST-01": "card01_bushnell_3shot",
    "ST-02": "card02_reconyx_sm750",
    "ST-03": "card03_reconyx_hf2",
    "ST-04": "card04_hikmicro_gps",
    "ST-05": "card05_mixed_brands",
}
BLANK, UNKNOWN, ANIMAL, SETUP = "blank", "unknown", "animal", "setup"
# By the start of a file's name: what it shows, and how many.
TRUTH = {
    "ST-01": {
        **dict.fromkeys(("EK000001", "EK000002", "EK000003"), (SETUP, 1)),
        **dict.fromkeys(("EK000004", "EK000005", "EK000006"), (ANIMAL, 1)),
        **dict.fromkeys(("EK000013", "EK000014", "EK000015"), ("Cuniculus paca", 1)),
        **dict.fromkeys(("EK000016", "EK000017", "EK000018"), ("Dasyprocta punctata", 1)),
        **dict.fromkeys(("EK000037", "EK000038", "EK000039"), ("Tapirus terrestris", 1)),
        **dict.fromkeys(("EK000046", "EK000047", "EK000048"), ("Panthera onca", 1)),
        **dict.fromkeys(("EK000058", "EK000059", "EK000060"), ("Cuniculus paca", 1)),
    },
    "ST-02": dict.fromkeys(("IMG_0003", "IMG_0004", "IMG_0005"), (UNKNOWN, 0)),
    "ST-03": {
        **dict.fromkeys(("RCNX0712", "RCNX1227", "mnt_newnas"), ("Athene cunicularia", 1)),
        **dict.fromkeys(("RCNX0242", "RCNX1103", "RCNX1419"), ("Athene cunicularia", 2)),
        **dict.fromkeys(("RCNX2938", "RCNX3856", "RCNX5284"), ("Athene cunicularia", 2)),
        **dict.fromkeys(("RCNX0851", "RCNX7686"), ("Athene cunicularia", 3)),
        "RCNX0863": (UNKNOWN, 0),  # an owl's shadow
    },
    "ST-04": {
        "20250817012540": (ANIMAL, 1),
        "20250824032846": ("Sus scrofa", 3),
        "20250824032927": ("Sus scrofa", 5),
        "20250824033011": ("Sus scrofa", 3),
    },
    "ST-05": {
        **dict.fromkeys(("2021-06-30", "IMAG0004", "IMAG1065"), ("Puma concolor", 1)),
        "IMAG0046": ("Lynx rufus", 1),
        "IMAG0104": (ANIMAL, 1),
    },
}


def plant_cards(survey: Survey, shared: Path) -> None:
    """Import the five cards, detect with the shipped weights, and review every event."""
    with survey.writing() as session:
        for station in CARDS:
            make_deployment(session, f"{station}-D", location_id=station, deployment_end=None)
        for name in {name for of in TRUTH.values() for name, _ in of.values()}:
            if " " in name:
                make_group_taxon(session, name)
    for station, card in CARDS.items():
        folder = shared / "data" / "sdcard" / card
        import_card(survey, folder, deployment_id=f"{station}-D", person=REVIEWER)
    detect_media(survey, load_detector("general"), person=REVIEWER)
    review_all(survey)


def review_all(survey: Survey) -> int:
    """Review each event that nobody has reviewed, by what its files are known to show."""
    with survey.reading() as session:
        waiting = [
            (event.event_id, findings_of(session, event))
            for event in session.exec(
                select(Event).where(col(Event.current_review_id).is_(None))
            ).all()
        ]
    for event_id, findings in waiting:
        review_event(survey, event_id, findings, person=REVIEWER, expected_review_id=None)
    return len(waiting)


def findings_of(session: Session, event: Event) -> list[Finding]:
    """What a person who looked at the files of an event says of it."""
    names = session.exec(select(Media.file_name).where(Media.event_id == event.event_id)).all()
    station = event.deployment_id.removesuffix("-D")
    said: dict[str, int] = {}
    for name in names:
        shown, count = _truth(station, name)
        said[shown] = max(count, said.get(shown, 0))
    if len(said) > 1:
        said.pop(BLANK, None)  # blank frames of an event with something on another
    return [_finding(shown, count) for shown, count in said.items()]


def _truth(station: str, file_name: str) -> tuple[str, int]:
    known = TRUTH[station]
    return next((of for start, of in known.items() if file_name.startswith(start)), (BLANK, 0))


def _finding(shown: str, count: int) -> Finding:
    if shown == SETUP:
        return Finding("human", camera_setup_type="setup")
    if " " not in shown:
        return Finding(shown, count=count or None)
    return Finding("animal", identity.taxon_id(shown), count)


# What each taxon looks like in a drawn photo.
DRAWN_TAXA = {"Budorcas taxicolor": "animal", "Macaca munzala": "vehicle"}


def plant_drawn_taxa(survey: Survey) -> None:
    """Five stations at which two taxa were seen, boxed and named, in drawn photos."""
    with survey.writing() as session:
        taxa = {name: make_group_taxon(session, name).taxon_id for name in DRAWN_TAXA}
    for number in range(5):
        station = f"ST-{number}"
        with survey.writing() as session:
            make_station(session, station)
            make_deployment(session, f"{station}-2026", location_id=station)
        for hours, (name, looks) in enumerate(DRAWN_TAXA.items()):
            with survey.writing() as session:
                start = NINE + timedelta(hours=hours)
                event = make_event(session, deployment_id=f"{station}-2026", start=start, photos=2)
                for media in media_of(session, event.event_id):
                    make_machine_observation(session, media, bbox=BOX)
                    draw_photo(survey, media, looks)
                summarise_event(session, event.event_id)
            correct(
                survey,
                event.event_id,
                taxon_id=taxa[name],
                person="Drolma",
                expected_review_id=None,
            )
