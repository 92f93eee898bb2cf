"""Six years of two invaders over three counties, for the page and its pictures."""

import hashlib
import math
import random
from datetime import date

from PIL import Image, ImageDraw
from sqlmodel import Session

from species_db.identity import field_photo_id, taxon_id
from species_db.invasive.control import record_control
from species_db.lists.seeding import seed_lists
from species_db.survey import Survey
from species_db.tables import FieldImport, FieldPhoto, FieldRecord, Plot, Taxon
from tests.factories import NINE
from tests.invaded import TODAY, WEED, draft, make_visit

OTHER = "Galinsoga parviflora"
START = (29.55, 94.45)  # where the weed was met first
YEARS = (2021, 2022, 2024, 2025, 2026)  # nobody searched in 2023
COUNTIES = ("540402", "540481", "540424")
PHENOLOGY = {4: "flowering", 5: "flowering", 6: "fruiting", 9: "vegetative"}


def invaded_season(survey: Survey) -> str:
    """Fill a survey; gives the id of the weed, which spreads by nine kilometres a year."""
    chance = random.Random(7)
    with survey.writing() as session:
        seed_lists(session, survey.folder)
        weed = session.get_one(Taxon, taxon_id(WEED))
        other = session.get_one(Taxon, taxon_id(OTHER))
        plots = _plots(session, chance)
        for year in YEARS:
            for plot, km in plots:
                reach = 9.0 * (year - 2021) + 4
                _visit(session, weed, plot, year, is_there=km <= reach, chance=chance)
                if plot.plot_id.endswith("3"):
                    _visit(session, other, plot, year, is_there=year > 2024, chance=chance)
        taxon = weed.taxon_id
    _fight(survey, taxon, [plot.plot_id for plot, _ in plots[:4]])
    return taxon


def _plots(session: Session, chance: random.Random) -> list[tuple[Plot, float]]:
    told = []
    for number in range(30):
        km, turn = 2.2 * (number + 1), chance.uniform(-0.7, 0.9)
        plot = Plot(
            plot_id=f"LZ-{number + 1:03d}",
            county=COUNTIES[0 if km < 30 else 1 if turn < 0 else 2],
            ecosystem="forest",
            latitude=START[0] + km * math.sin(turn) / 111.2,
            longitude=START[1] + km * math.cos(turn) / 96.7,
            elevation_m=2900.0 + 10 * number,
        )
        session.add(plot)
        told.append((plot, km))
    session.flush()
    return told


def _visit(
    session: Session, taxon: Taxon, plot: Plot, year: int, *, is_there: bool, chance: random.Random
) -> None:
    month = chance.choice(list(PHENOLOGY))
    on = date(year, month, 1 + chance.randrange(28))
    if not is_there:
        make_visit(session, taxon, plot.plot_id, on, occurrence_status="absent", effort_value=400.0,
                   effort_unit="m2")  # fmt: skip
        return
    number = int(plot.plot_id[-3:])
    area = 60.0 * number * (1.4 ** (year - 2021)) * chance.uniform(0.8, 1.25)
    if taxon.scientific_name == WEED and number <= 4 and year > 2024:
        area *= 0.15
    make_visit(
        session,
        taxon,
        plot.plot_id,
        on,
        elevation_m=plot.elevation_m,
        infestation_area_m2=round(area, 1),
        abundance_class=chance.choice(["scattered", "patches", "dense"]),
        reproductive_condition=PHENOLOGY[month],
        establishment_means="introduced",
        degree_of_establishment="established",
        pathway=chance.choice(["roadside", "roadside", "hay and feed"]),
    )


def _fight(survey: Survey, taxon: str, plot_ids: list[str]) -> None:
    """Pull the weed on four plots in early 2025; the first has pictures, one action no visit."""
    for plot_id in plot_ids:
        action = draft(
            taxon,
            plot_id=plot_id,
            started_on=date(2025, 3, 10),
            ended_on=date(2025, 3, 12),
            treated_area_m2=120.0,
            removed_quantity="340",
            removed_quantity_type="kg",
            person_days=9.0,
        )
        control_id = record_control(survey, action, person="Tashi", today=TODAY)
        if plot_id == plot_ids[0]:
            add_pictures(survey, taxon, plot_id, control_id)
    late = draft(
        taxon,
        plot_id="LZ-009",
        method="chemical",
        agent="glyphosate",
        started_on=date(2026, 10, 2),
    )
    record_control(survey, late, person="Tashi", today=TODAY)


def add_pictures(survey: Survey, taxon: str, plot_id: str, control_id: str) -> None:
    """A green slope before the action and a bare one after it, as visits with a picture each."""
    with survey.writing() as session:
        stored = session.get_one(Taxon, taxon)
        for on, green, area, control in (
            (date(2025, 3, 8), 150, 210.0, None),
            (date(2026, 9, 28), 70, 18.0, control_id),
        ):
            record = make_visit(
                session, stored, plot_id, on, infestation_area_m2=area, control_id=control
            )
            draw_picture(survey, session, record, green)


def draw_picture(survey: Survey, session: Session, record: FieldRecord, green: int) -> None:
    """A field photo in the survey: earth, and so much green on it."""
    chance = random.Random(green)
    picture = Image.new("RGB", (640, 480), (120, 100, 80))
    draw = ImageDraw.Draw(picture)
    for _ in range(green * 4):
        x, y, r = chance.randrange(640), chance.randrange(120, 480), chance.randrange(6, 22)
        shade = chance.randrange(70, 140)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(50, shade, 40))
    draw.rectangle((0, 0, 640, 110), fill=(170, 190, 205))
    path = survey.folder / "field" / f"{record.field_record_id}.jpg"
    picture.save(path, "JPEG")
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    folder = FieldImport(
        field_import_id=f"import {sha256[:8]}",
        folder="phone",
        plot_id=record.plot_id or "",
        observer="Drolma",
        protocol=record.protocol,
        person="Tashi",
        software_version="0",
        started_at=NINE,
        completed_at=NINE,
    )
    session.add(folder)
    session.flush()
    session.add(
        FieldPhoto(
            field_photo_id=field_photo_id(sha256),
            sha256=sha256,
            bytes=len(content),
            field_import_id=folder.field_import_id,
            field_record_id=record.field_record_id,
            file_path=f"field/{path.name}",
            file_name=path.name,
            card_path=path.name,
            file_mediatype="image/jpeg",
            timestamp=record.event_start,
            width=640,
            height=480,
        )
    )
    record.photo_count = 1
    session.add(record)
