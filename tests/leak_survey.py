"""A survey worth attacking: cameras along four gorge trails, some of them where class I lives."""

import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import cos, hypot, radians, sin

import shapely
from factories import make_deployment, make_event, make_machine_observation, make_taxon
from leak_rows import add_alert, add_own_list
from PIL import Image, ImageDraw
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, col, select

from species_db.decisions import record_decision
from species_db.geo.areas import counties_of_package, ensure_counties
from species_db.geo.map_frame import base_of
from species_db.identity import act_id
from species_db.places import find_county
from species_db.secrecy.marks import SubjectKind, mark_secrecy
from species_db.sensitivity import set_rule, taxon_subject
from species_db.survey import Survey
from species_db.tables import (
    Camera,
    CameraDay,
    CameraStation,
    Event,
    FieldRecord,
    Media,
    Observation,
    Plot,
    Taxon,
)
from species_db.vocabulary import Act, Secrecy, Sensitivity

Point = tuple[float, float]
TODAY = date(2029, 1, 1)  # no record is too young any more: the delay is no part of this test
START = datetime(2026, 4, 12, 1, 0, tzinfo=UTC)
MONTH_OF_EFFORT = date(2026, 5, 1)  # its days are known to have worked, as far as cameras stood
PHOTO = (256, 192)
_KM = 1 / 111.2  # degrees of latitude


@dataclass(frozen=True)
class Trail:
    """A gorge with cameras at nearly equal distances, set up in one walk."""

    code: str
    start: Point
    heading: float  # degrees from north
    spacing_km: float
    stations: int
    plots_of: int = 1
    """How many stations share a plot."""


TRAILS = (
    Trail("GEDANG", (29.331, 95.307), 25, 2.0, 12),
    Trail("BENGXIN", (29.532, 94.931), 80, 1.7, 14),
    Trail("YIGONG", (29.811, 94.713), 12, 2.6, 14),
    Trail("NANYI", (29.153, 94.227), 110, 2.2, 12, plots_of=2),
    Trail("TANGMAI", (29.253, 95.058), 195, 2.4, 10),
)
CLASS_I = ("GEDANG-06", "BENGXIN-07", "YIGONG-03", "NANYI-05", "TANGMAI-05")
RENAMED = "YIGONG-08"  # class I once, then somebody said it was a muntjac
LATER = "GEDANG-02"  # class I between the first export and the second
WITHHELD = "NANYI-12"  # category extreme
# Made on foot, on the plot of a station, some hundred metres from its camera.
FIELD_RECORDS = {"walk-1": "GEDANG-06", "walk-2": "TANGMAI-04", "walk-3": "BENGXIN-02"}
RECORDS_OF_CLASS_I = ("walk-2",)
VALLEYS = (
    "扎曲",
    "嘎龙",
    "德兴",
    "背崩",
    "阿尼桥",
    "汗密",
    "拿格",
    "老虎嘴",
    "解放",
    "大岩洞",
    "帮辛",
    "甘登",
    "色季拉",
    "鲁朗",
)


@dataclass
class Truth:
    """What the attacker must not find out."""

    points: dict[str, Point] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    plots: dict[str, str] = field(default_factory=dict)
    class_i: Taxon | None = None
    common: Taxon | None = None
    hidden: Taxon | None = None
    counties: dict[str, str] = field(default_factory=dict)
    """By plot, after the outlines."""

    def sensitive(self) -> list[str]:
        """Where class I was found, and what shares a plot with it, by the truth alone."""
        plots = {self.plots[one] for one in (*CLASS_I, RENAMED, *RECORDS_OF_CLASS_I)}
        return sorted(one for one, plot in self.plots.items() if plot in plots)


def river(trail: Trail, km: float) -> Point:
    """A winding river: where the trail's gorge is after so many kilometres."""
    turn = radians(trail.heading)
    aside = 0.8 * sin(km / 2.3) + 0.3 * sin(km / 0.9 + len(trail.code))
    north = km * cos(turn) - aside * sin(turn)
    east = km * sin(turn) + aside * cos(turn)
    latitude, longitude = trail.start
    return latitude + north * _KM, longitude + east * _KM / cos(radians(latitude))


_RIVERS: list[tuple[Point, float]] = [
    (river(trail, step / 4), step / 4) for trail in TRAILS for step in range(-40, 160)
]


@cache
def outlines() -> dict[str, BaseGeometry]:
    """The counties as everybody knows them, by division code."""
    return {one.code: one.geometry for one in counties_of_package()}


def county_of(point: Point) -> str:
    """The division code of the county that a point lies in."""
    at = shapely.Point(point[1], point[0])
    return next(code for code, outline in outlines().items() if outline.contains(at))


def part_of_cell(county: str, at: Point) -> Point | None:
    """The middle of what a county, by code or name, has of a cell; None when it has all of it."""
    known = find_county(county)
    if known is None:
        return None
    cell = shapely.box(at[1] - 0.05, at[0] - 0.05, at[1] + 0.05, at[0] + 0.05)
    part = outlines()[known.code].intersection(cell)
    if part.is_empty or part.area > 0.995 * cell.area:
        return None
    return part.centroid.y, part.centroid.x


def frame(points: list[Point]) -> list[tuple[float, float]]:
    """Where points lie on our drawing: the program that draws it is open to all."""
    return base_of(tuple(counties_of_package())).frame.of(points)


def elevation_m(point: Point) -> float:
    """The terrain that everybody can download: gorges 400 m deep for each kilometre aside."""
    distance, km = _from_river(point)
    return 900 + 45 * max(km, 0) + 400 * min(distance, 6.0)


def is_valley(point: Point) -> bool:
    """Where people walk, and cameras can stand: within 900 m of a river."""
    return _from_river(point)[0] <= 0.9


@cache
def _from_river(point: Point) -> tuple[float, float]:
    narrow = cos(radians(29.5))
    return min(
        (hypot(point[0] - at[0], (point[1] - at[1]) * narrow) / _KM, km) for at, km in _RIVERS
    )


def banner_photo(name: str, moment: datetime, seed: int, point: Point) -> bytes:
    """A photo as cameras make it: name and time printed below, the place in Exif and behind."""
    picture = Image.effect_noise(PHOTO, 40 + seed % 20).convert("RGB")
    drawing = ImageDraw.Draw(picture)
    drawing.rectangle((0, PHOTO[1] - 14, *PHOTO), fill="black")
    drawing.text((3, PHOTO[1] - 13), banner_text(name), fill="white")
    exif = Image.Exif()
    exif[0x010E] = name
    exif.get_ifd(0x8825).update(
        {1: "N", 2: _dms(point[0]), 3: "E", 4: _dms(point[1]), 29: moment.strftime("%Y:%m:%d")}
    )
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=85, exif=exif)
    return written.getvalue() + f"GPS={point[0]:.5f},{point[1]:.5f}".encode()


def banner_text(location_id: str) -> str:
    """What the team typed into the camera."""
    return f"{location_id} 12C"


def _dms(degrees: float) -> tuple[float, float, float]:
    minutes = (degrees % 1) * 60
    return float(int(degrees)), float(int(minutes)), round((minutes % 1) * 60, 3)


def build(survey: Survey) -> Truth:
    """Fill a survey as a season fills it: walks, patrols, animals, desk work trail by trail."""
    truth = Truth()
    with survey.writing() as session:
        record_decision(session, Act.INIT, subject="survey", person="Drolma", details={})
        truth.common = make_taxon(session)
        truth.class_i = make_taxon(session, "Neofelis nebulosa x", zh="云豹(试)")
        hidden = truth.hidden = make_taxon(session, "Panthera tigris x", zh="虎(试)")
    ensure_counties(survey, person="Drolma")
    for taxon, category in ((truth.class_i, Sensitivity.HIGH), (hidden, Sensitivity.EXTREME)):
        set_rule(
            survey,
            taxon_subject(taxon.taxon_id),
            category,
            reason="test",
            person="Drolma",
            effective_from=date(2020, 1, 1),
        )
    with survey.writing() as session:
        for number, trail in enumerate(TRAILS):
            _walk(session, trail, truth, START + timedelta(days=9 * number, hours=1))
        _records_on_foot(session, truth)
    _store_photos(survey, truth)
    with survey.writing() as session:
        _review_all(session, truth, hidden)
        _raise_alerts(session, truth)
        add_own_list(session, truth.common)
    open_to_all(survey)
    return truth


def open_to_all(survey: Survey) -> None:
    """Mark the survey shareable: what then stays inside does so by the gate alone."""
    mark_secrecy(survey, SubjectKind.SURVEY, "", Secrecy.SHAREABLE, person="Drolma", reason="test")


def _raise_alerts(session: Session, truth: Truth) -> None:
    for location_id in (*CLASS_I, RENAMED, WITHHELD, "GEDANG-03", "BENGXIN-02"):
        event = session.exec(
            select(Event)
            .where(Event.deployment_id == f"{location_id}-2026")
            .order_by(col(Event.event_start).desc())
        ).first()
        taxon = truth.hidden if location_id == WITHHELD else truth.class_i
        assert event is not None
        assert taxon is not None
        plot_id = truth.plots[location_id]
        add_alert(
            session,
            taxon,
            event_id=event.event_id,
            location_id=location_id,
            plot_id=plot_id,
            county=truth.counties[plot_id],
        )


def add_later_record(survey: Survey, truth: Truth) -> None:
    """Between two exports somebody finds class I at one more place."""
    with survey.writing() as session:
        event = session.exec(
            select(Event)
            .where(Event.deployment_id == f"{LATER}-2026")
            .order_by(col(Event.event_start).desc())
        ).first()
        assert event is not None
        _say(session, event, truth.class_i, at=START + timedelta(days=300))


def _walk(session: Session, trail: Trail, truth: Truth, morning: datetime) -> None:
    for number in range(trail.stations):
        location_id = f"{trail.code}-{number + 1:02d}"
        km = number * trail.spacing_km + 0.25 * sin(7 * number)
        at = river(trail, km)
        point = round(at[0] + 0.0021 * sin(3 * number), 6), round(at[1] + 0.002, 6)
        plot_id = f"{trail.code}-P{number // trail.plots_of}"
        truth.points[location_id], truth.plots[location_id] = point, plot_id
        truth.names[location_id] = f"{VALLEYS[number]}{trail.code.lower()}沟"
        if session.get(Plot, plot_id) is None:
            county = truth.counties[plot_id] = county_of(point)
            session.add(
                Plot(plot_id=plot_id, name=f"{plot_id}样地", ecosystem="forest", county=county)
            )
            session.flush()
        session.add(
            CameraStation(
                location_id=location_id,
                location_name=truth.names[location_id],
                plot_id=plot_id,
                latitude=point[0],
                longitude=point[1],
                coordinate_uncertainty_m=8 + number * 7 % 5,
                elevation_m=round(elevation_m(point), 1),
            )
        )
        camera_id = f"{trail.code}-CAM{number % 2}"  # two cameras leapfrog along the trail
        if session.get(Camera, camera_id) is None:
            session.add(Camera(camera_id=camera_id, camera_model="Reconyx"))
        session.flush()
        set_up = morning + timedelta(minutes=35 * number * trail.spacing_km)
        _season(session, location_id, camera_id, set_up, trail, number)


def _records_on_foot(session: Session, truth: Truth) -> None:
    for record_id, location_id in FIELD_RECORDS.items():
        near = truth.points[location_id]
        point = round(near[0] + 0.0031, 6), round(near[1] - 0.0017, 6)
        truth.points[record_id], truth.plots[record_id] = point, truth.plots[location_id]
        taxon = truth.class_i if record_id in RECORDS_OF_CLASS_I else truth.common
        assert taxon is not None
        session.add(
            FieldRecord(
                field_record_id=record_id,
                plot_id=truth.plots[location_id],
                protocol="transect",
                observer="Norbu",
                state="identified",
                event_start=START + timedelta(days=40),
                event_end=START + timedelta(days=40),
                latitude=point[0],
                longitude=point[1],
                coordinate_uncertainty_m=8,
                position_source="gps",
                taxon_id=taxon.taxon_id,
                identified_by="Pema",
                date_identified=START + timedelta(days=41),
                remarks=f"two hundred metres below {location_id}",
            )
        )
    session.flush()


def _season(
    session: Session, location_id: str, camera_id: str, set_up: datetime, trail: Trail, number: int
) -> None:
    deployment_id = f"{location_id}-2026"
    make_deployment(
        session,
        deployment_id,
        location_id=location_id,
        camera_id=camera_id,
        deployment_start=set_up,
        deployment_end=set_up + timedelta(days=180, minutes=10 * number),
        setup_by="Norbu",
        habitat=f"bridge of {location_id}",
        deployment_groups=f"{trail.code} valley",
        deployment_comments=f"{trail.code} km {number * trail.spacing_km:.1f}",
    )
    first = max(set_up.date() + timedelta(days=1), MONTH_OF_EFFORT)
    for day in range(first.day, 32):
        told = date(first.year, first.month, day).isoformat()
        session.add(
            CameraDay(
                deployment_id=deployment_id, day=told, method="machine", state="working",
                stated_at=START,
            )
        )  # fmt: skip
    patrol = START + timedelta(days=60 + 9 * TRAILS.index(trail))
    walked = timedelta(minutes=35 * number * trail.spacing_km)
    for moment in (
        set_up + timedelta(minutes=2),  # the team at set-up
        patrol + walked,  # the patrol, weeks later
        *(set_up + timedelta(days=11 * k + 3, hours=(5 * number + 7 * k) % 24) for k in (2, 9)),
    ):
        make_event(session, deployment_id=deployment_id, start=moment, photos=1)


def _store_photos(survey: Survey, truth: Truth) -> None:
    with survey.reading() as session:
        media = session.exec(select(Media)).all()
    for seed, item in enumerate(media):
        location_id = item.deployment_id.removesuffix("-2026")
        path = survey.path_of(item.file_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            banner_photo(location_id, item.timestamp or START, seed, truth.points[location_id])
        )


def _review_all(session: Session, truth: Truth, hidden: Taxon) -> None:
    """The desk works card by card, in the order of the trail."""
    at = START + timedelta(days=200)
    for location_id in sorted(truth.names):
        events: Sequence[Event] = session.exec(
            select(Event)
            .where(Event.deployment_id == f"{location_id}-2026")
            .order_by(col(Event.event_start))
        ).all()
        for number, event in enumerate(events):
            at += timedelta(minutes=4)
            for item in session.exec(select(Media).where(Media.event_id == event.event_id)):
                kind = "human" if number == 1 else "animal"
                make_machine_observation(session, item, observation_type=kind)
            if number == 0:
                _say(session, event, None, at=at, kind="human", setup="setup")
            elif number == 1:
                _say(session, event, None, at=at, kind="human")
            else:
                is_first = number == 2
                taxon = truth.common
                if is_first and location_id in (*CLASS_I, RENAMED):
                    taxon = truth.class_i
                if is_first and location_id == WITHHELD:
                    taxon = hidden
                _say(session, event, taxon, at=at)
                if is_first and location_id == RENAMED:
                    _say(session, event, truth.common, at=at + timedelta(days=20))


def _written(at: datetime) -> str:
    """An id as `act_id` makes it, of the moment at the desk: so that a fast computer mixes none."""
    rest = uuid.UUID(act_id()).int & ((1 << 80) - 1)
    return str(uuid.UUID(int=int(at.timestamp() * 1000) << 80 | rest))


def _say(
    session: Session,
    event: Event,
    taxon: Taxon | None,
    *,
    at: datetime,
    kind: str = "animal",
    setup: str = "",
) -> None:
    decision = record_decision(
        session, Act.REVIEWED, subject=event.event_id, person="Pema", details={}, decided_at=at
    )
    session.add(
        Observation(
            observation_id=_written(at),
            deployment_id=event.deployment_id,
            event_id=event.event_id,
            observation_level="event",
            observation_type=kind,
            camera_setup_type=setup,
            taxon_id=taxon.taxon_id if taxon else None,
            count=1,
            behavior=f"at {event.deployment_id}",
            classification_method="human",
            classified_by="Pema",
            classification_timestamp=at,
            review_id=decision.decision_id,
            observation_comments=f"near {event.deployment_id}",
        )
    )
    stored = session.get_one(Event, event.event_id)
    stored.is_reviewed, stored.current_review_id = True, decision.decision_id
    session.add(stored)
    session.flush()
