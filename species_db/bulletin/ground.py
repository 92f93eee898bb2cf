"""What all counties' bulletins of a month are made from, read once and through the gate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func
from sqlmodel import Session, col, select

from species_db.bulletin.month import Month, month_of
from species_db.bulletin.refusal import BulletinError
from species_db.bulletin.settings import BulletinSettings
from species_db.bulletin.teller import Teller, read_teller
from species_db.language import tr
from species_db.sensitivity import open_gate
from species_db.survey import SurveySettings
from species_db.tables import Deployment, FieldRecord, Observation, Taxon
from species_db.vocabulary import ObservationType, Secrecy
from species_db.wildlife.camera_effort import CameraEffort, read_effort
from species_db.wildlife.legal import Law, read_law
from species_db.wildlife.members import names_of
from species_db.wildlife.parts import Names
from species_db.wildlife.release import gated_effort, records_where
from species_db.wildlife.sightings import (
    CameraRecords,
    FieldRow,
    date_of,
    field_rows,
    read_camera_records,
)
from species_db.wildlife.threats import Disturbances, read_disturbances

LEVELS = ("I", "II")


@dataclass(frozen=True)
class Ground:
    """The survey as bulletins of one month may tell it; a county is a filter over it."""

    month: Month
    today: date
    settings: BulletinSettings
    survey_settings: SurveySettings
    teller: Teller
    law: Law
    effort: CameraEffort
    protected: CameraRecords  # like all records here: dated, up to `until`, old enough to leave
    disturbances: Disturbances
    rows: tuple[FieldRow, ...]  # field records, absences too
    plot_of: Mapping[str, str]  # of field records, by our own names: to tell places apart, no more
    taxa: Mapping[str, Taxon]  # of the protected records, and of all rows
    names: Mapping[str, Names]

    @property
    def until(self) -> date:
        """The last day that is told."""
        return min(self.month.last, self.today)

    @property
    def local_midnight(self) -> datetime:
        """The moment at which the bulletin's day began: what was due before it is overdue."""
        offset = timedelta(seconds=self.survey_settings.utc_offset_seconds)
        return datetime.combine(self.today, datetime.min.time(), UTC) - offset

    @cached_property
    def county_of(self) -> Mapping[str, str]:
        """The county in which each station is told."""
        return {name: facts.county for name, facts in self.effort.stations.items()}

    def place_of(self, row: FieldRow) -> object:
        """What makes two field records of one place: their plot, else the cell they are told in."""
        cell = row.record_id if row.latitude is None else (row.latitude, row.longitude)
        return self.plot_of.get(row.record_id, cell)

    def rows_in(self, county: str) -> list[FieldRow]:
        """The field records told in a county."""
        return [row for row in self.rows if row.county == county]

    def is_in(self, records: CameraRecords, county: str) -> NDArray[np.bool_]:
        """Which camera records are told in a county."""
        here = [self.county_of.get(name) == county for name in records.locations]
        return np.array(here, dtype=np.bool_)[records.location] if here else np.zeros(0, np.bool_)

    def days_of(self, county: str, month: Month) -> dict[str, float]:
        """Camera-days of each station of a county that had any in a month, not rounded."""
        key = month.year, month.number
        return {
            name: days
            for name, months in self.effort.by_month.items()
            if self.county_of.get(name) == county and (days := months.get(key, 0.0)) > 0
        }

    def camera_days(self, county: str, month: Month) -> int | None:
        """Camera-days as they are told: to the nearest step, at least one; None without any."""
        return told_days(self.days_of(county, month).values(), self.settings.effort_step_days)


def told_days(days: Iterable[float], step: int) -> int | None:
    """A sum of camera-days to the nearest step; None when no day is known to have worked.

    >>> told_days([30.0, 31.5], 10), told_days([1.2], 10), told_days([], 10)
    (60, 10, None)
    """
    total = sum(days)
    return max(step, step * round(total / step)) if total > 0 else None


def read_ground(
    session: Session,
    survey_settings: SurveySettings,
    month: Month,
    *,
    today: date,
    audience: Secrecy = Secrecy.INTERNAL,
    settings: BulletinSettings | None = None,
) -> Ground:
    """Read what the bulletins of a month tell, as of a day, to some readers.

    Raises:
        BulletinError: the month is to come, lies before the first record, or the survey is secret.
    """
    _refuse_month(session, month, today)
    known = settings or BulletinSettings()
    gate = open_gate(session, survey_settings, today=today)
    teller = read_teller(session, gate, audience=audience)
    effort = read_effort(session)
    law = read_law(session)
    protected = _protected_taxa(session, law, month)
    records = read_camera_records(
        session, effort.deployments, known.counting, taxon_ids=sorted(protected)
    )
    disturbing = read_disturbances(session, effort.deployments, known.counting)
    until = min(month.last, today)
    exact_rows = field_rows(session)
    rows = tuple(row for row in teller.rows(session, exact_rows) if row.on and row.on <= until)
    wanted = sorted({*protected, *(row.taxon_id for row in rows)})
    return Ground(
        month=month,
        today=today,
        settings=known,
        survey_settings=survey_settings,
        teller=teller,
        law=law,
        effort=_open_effort(gated_effort(session, effort, gate), teller),
        protected=_told(records, teller, until),
        disturbances=replace(
            disturbing,
            by_type=_told(disturbing.by_type, teller, until),
            by_taxon=_told(disturbing.by_taxon, teller, until),
        ),
        rows=rows,
        plot_of={row.record_id: row.plot_id for row in exact_rows if row.plot_id},
        taxa={one.taxon_id: one for one in _taxa(session, wanted)},
        names=names_of(session, wanted),
    )


def _refuse_month(session: Session, month: Month, today: date) -> None:
    if month.first > today:
        raise BulletinError(
            tr(
                f"{month} has not begun yet: today is {today}. Name an earlier month.",
                f"{month} 尚未开始：今天是 {today}。请填写更早的月份。",
            )
        )
    first = _first_record(session)
    if first is None:
        raise BulletinError(
            tr(
                "This survey has no deployments and no field records yet. Import them first.",
                "本调查尚无布设或野外记录。请先导入。",
            )
        )
    if month.last < first:
        raise BulletinError(
            tr(
                f"{month} lies before the first record of this survey, of {month_of(first)}. "
                "Name that month or a later one.",
                f"{month} 早于本调查的首条记录（{month_of(first)}）。请填写该月或之后的月份。",
            )
        )


def _first_record(session: Session) -> date | None:
    """The day of the first camera or field record, to which a day is added for the zone."""
    starts = (
        session.exec(select(func.min(Deployment.deployment_start))).one(),
        session.exec(select(func.min(FieldRecord.event_start))).one(),
    )
    known = [start for start in starts if start is not None]
    return (min(known) + timedelta(hours=8)).date() if known else None


def _protected_taxa(session: Session, law: Law, month: Month) -> set[str]:
    """Taxa seen by cameras that a national list protected on any day since the year before."""
    named = session.exec(
        select(Observation.taxon_id)
        .where(Observation.observation_type == ObservationType.ANIMAL.value)
        .distinct()
    )
    begin = month.year_before.first
    days = [begin, *(day for day in law.changes if begin < day <= month.last)]
    taxa = _taxa(session, sorted(filter(None, named)))
    return {one.taxon_id for one in taxa if any(law.level(one, day) in LEVELS for day in days)}


def _taxa(session: Session, taxon_ids: Iterable[str]) -> list[Taxon]:
    wanted = list(taxon_ids)
    parts = (wanted[start : start + 500] for start in range(0, len(wanted), 500))
    return [
        taxon
        for part in parts
        for taxon in session.exec(select(Taxon).where(col(Taxon.taxon_id).in_(part)))
    ]


def _open_effort(effort: CameraEffort, teller: Teller) -> CameraEffort:
    """The effort at stations that the readers may know of, each told in its county or in none."""
    told = {
        name: replace(facts, county=teller.of_station(name))
        for name, facts in effort.stations.items()
    }
    return replace(effort, stations=told)


def _told(records: CameraRecords, teller: Teller, until: date) -> CameraRecords:
    """Dated records up to a day that are old enough; undated ones are of no month."""
    is_told = np.array([teller.tells_event(one) for one in records.record_ids], dtype=np.bool_)
    is_past = records.day <= (until - date_of(0)).days
    return records_where(records, is_told & is_past & records.is_dated)
