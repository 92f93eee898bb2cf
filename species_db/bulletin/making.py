"""Make bulletins: of one county, or of several from one reading of the survey."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from species_db.bulletin.advice import advise
from species_db.bulletin.cameras import ToldCamera, camera_part, read_cameras
from species_db.bulletin.effort import DeskWork, effort_part, read_desk_work
from species_db.bulletin.fronts import Invaders, front_part, read_invaders
from species_db.bulletin.ground import Ground, read_ground
from species_db.bulletin.month import Month
from species_db.bulletin.parts import Bulletin, Source
from species_db.bulletin.pressure import pressure_part
from species_db.bulletin.protected import protected_part
from species_db.bulletin.refusal import BulletinError
from species_db.bulletin.settings import BulletinSettings
from species_db.bulletin.squares import squares_of
from species_db.bulletin.warned import ToldWarning, read_warnings, warning_part
from species_db.language import did_you_mean, tr
from species_db.places import COUNTIES, County, find_county
from species_db.survey import SurveySettings
from species_db.vocabulary import Secrecy


@dataclass(frozen=True)
class Read:
    """All that was read for the bulletins of a month; each county is counted out of it."""

    ground: Ground
    desk: DeskWork
    invaders: Invaders
    warnings: list[ToldWarning]
    cameras: list[ToldCamera]


def read_county(text: str) -> County:
    """Find a county by its code, or its Chinese or English name.

    >>> read_county("墨脱").code, read_county("540481").name_en
    ('540423', 'Mainling City')

    Raises:
        BulletinError: there is no such county; the nearest names are offered.
    """
    if (county := find_county(text)) is not None:
        return county
    known = [
        name
        for one in COUNTIES.values()
        for name in (one.name_zh, one.name_zh[:-1], one.name_en.rsplit(" ", 1)[0], one.code)
    ]
    hint = did_you_mean(text, known)
    listed_en = ", ".join(one.name_en for one in COUNTIES.values())
    listed_zh = "、".join(one.name_zh for one in COUNTIES.values())
    raise BulletinError(
        tr(
            f"There is no county '{text}'.{hint} There are: {listed_en}.",
            f"没有县“{text}”。{hint}现有：{listed_zh}。",
        )
    )


def read_month_of(
    session: Session,
    survey_settings: SurveySettings,
    month: Month,
    *,
    today: date,
    audience: Secrecy = Secrecy.INTERNAL,
    settings: BulletinSettings | None = None,
) -> Read:
    """Read a month for any number of counties.

    Raises:
        BulletinError: the month is to come, lies before the first record, or the survey is secret.
    """
    ground = read_ground(
        session, survey_settings, month, today=today, audience=audience, settings=settings
    )
    return Read(
        ground=ground,
        desk=read_desk_work(session, ground),
        invaders=read_invaders(session, ground),
        warnings=read_warnings(session, ground),
        cameras=read_cameras(session, ground),
    )


def bulletin_of(read: Read, county: County) -> Bulletin:
    """Count one county out of what was read; the same reading gives the same bulletin."""
    ground, code = read.ground, county.code
    effort = effort_part(ground, code, read.desk)
    fronts = front_part(ground, code, read.invaders)
    warnings = warning_part(code, read.warnings)
    cameras = camera_part(code, read.cameras)
    pressure = pressure_part(ground, code)
    gate, settings = ground.teller.gate, ground.survey_settings
    return Bulletin(
        county=county,
        month=ground.month,
        made_on=ground.today,
        until=ground.until,
        effort=effort,
        protected=protected_part(ground, code),
        fronts=fronts,
        warnings=warnings,
        cameras=cameras,
        pressure=pressure,
        advice=advise(
            effort=effort, fronts=fronts, warnings=warnings, cameras=cameras, pressure=pressure
        ),
        squares=squares_of(ground, code, read.invaders),
        source=Source(
            survey=settings.title,
            ask=settings.contact or settings.rights_holder,
            secrecy=ground.teller.audience,
            generalizations=gate.data_generalizations,
            withheld=gate.information_withheld,
            settings=ground.settings,
        ),
    )


def make_bulletin(
    session: Session,
    survey_settings: SurveySettings,
    county: County,
    month: Month,
    *,
    today: date,
    audience: Secrecy = Secrecy.INTERNAL,
) -> Bulletin:
    """Make the bulletin of one county and month as of a day.

    Raises:
        BulletinError: the month is to come, lies before the first record, or the survey is secret.
    """
    read = read_month_of(session, survey_settings, month, today=today, audience=audience)
    return bulletin_of(read, county)


def make_bulletins(read: Read, counties: Iterable[County]) -> list[Bulletin]:
    """Make the bulletins of several counties from one reading."""
    return [bulletin_of(read, county) for county in counties]
