"""What the gate keeps out of an export: young records, withheld places, passers-by.

Nothing stands in their stead, and how many there are is told to the person who exports and to the
log, not to the reader of the export.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta

from sqlmodel import Session

from species_db.decisions import Detail
from species_db.export.records import Records
from species_db.language import tr
from species_db.sensitivity import Gate, ReleasedPlace, delayed_events
from species_db.sensitivity.periods import is_by_month
from species_db.tables import Observation
from species_db.vocabulary import ObservationType

_PASSERS_BY = {ObservationType.HUMAN, ObservationType.VEHICLE}


@dataclass(frozen=True)
class KeptBack:
    """How much the gate kept back of what would else have been told, and as of which day."""

    as_of: str = ""
    young_events: int = 0
    passing_events: int = 0
    deployments: int = 0

    def notes(self) -> Iterator[str]:
        """Say it to the person who exports."""
        if self.young_events:
            yield tr(
                f"{self.young_events} recent events of hunted species stay behind as of "
                f"{self.as_of} and leave when they are old enough.",
                f"截至 {self.as_of},{self.young_events} 个易受盗猎物种的近期事件暂不导出,"
                "期满后公开。",
            )
        if self.passing_events:
            yield tr(
                f"{self.passing_events} events of people and vehicles at the most sensitive places "
                "stay behind: who passes two cameras tells how far apart they are.",
                f"{self.passing_events} 个最敏感位置的人员或车辆事件未导出:"
                "同一人员先后经过两台相机会泄露其间距离。",
            )
        if self.deployments:
            yield tr(
                f"{self.deployments} deployments at places of the category extreme stay behind: "
                "the standard has no row without coordinates.",
                f"{self.deployments} 个位于极敏感位置的布设未导出:该标准不允许缺少坐标的记录。",
            )

    def details(self) -> dict[str, Detail]:
        """The same for the log."""
        return {
            "as_of": self.as_of,
            "kept_back": {
                "young_events": self.young_events,
                "passing_events": self.passing_events,
                "deployments": self.deployments,
            },
        }


def keep_back(
    session: Session, records: Records, gate: Gate, *, needs_coordinates: bool
) -> tuple[Records, KeptBack]:
    """Leave out what the gate keeps back; with an exact release nothing is.

    `needs_coordinates`: the format has no row without a place, so withheld places stay out whole.
    """
    if gate.exact:
        return records, KeptBack()
    places = {
        deployment_id: gate.place(records.stations[deployment.location_id])
        for deployment_id, deployment in records.deployments.items()
    }
    closed = {one for one, place in places.items() if place.is_withheld and needs_coordinates}
    open_events = {e.event_id for e in records.events.values() if e.deployment_id not in closed}
    young = delayed_events(session, gate) & open_events
    passing = (_passing(records, places) & open_events) - young
    kept_back = KeptBack(gate.today.isoformat(), len(young), len(passing), len(closed))
    alone = _young_media(records, gate)
    return _without(records, closed, events=young | passing, media=alone), kept_back


def _passing(records: Records, places: Mapping[str, ReleasedPlace]) -> set[str]:
    """Events with people, vehicles or the team at places whose dates leave as months."""
    hidden = {one for one, place in places.items() if is_by_month(place.sensitivity)}
    rows = [*records.statements, *records.machine, *records.package_answers]
    return {
        *(one.event_id or "" for one in rows if one.deployment_id in hidden and _passes(one)),
        *(
            media.event_id or ""
            for media in records.media
            if media.deployment_id in hidden and media.media_id in records.closed_media
        ),
    }


def _passes(observation: Observation) -> bool:
    return observation.observation_type in _PASSERS_BY or bool(observation.camera_setup_type)


def _young_media(records: Records, gate: Gate) -> set[str]:
    """Media without an event on which a model sees a taxon that waits."""
    days = {
        media.media_id: (
            media.timestamp.astimezone(UTC) + timedelta(seconds=media.utc_offset_seconds or 0)
        ).date()
        for media in records.media
        if media.event_id is None
    }
    return {
        one.media_id
        for one in records.machine
        if one.media_id in days and gate.is_delayed(one.taxon_id, days[one.media_id])
    }


def _without(
    records: Records,
    deployments: Collection[str],
    *,
    events: Collection[str],
    media: Collection[str],
) -> Records:
    def is_told(one: Observation) -> bool:
        return (
            one.deployment_id not in deployments
            and one.event_id not in events
            and one.media_id not in media
        )

    return replace(
        records,
        deployments={k: d for k, d in records.deployments.items() if k not in deployments},
        events={
            k: event
            for k, event in records.events.items()
            if k not in events and event.deployment_id not in deployments
        },
        media=[
            one
            for one in records.media
            if one.event_id not in events
            and one.media_id not in media
            and one.deployment_id not in deployments
        ],
        statements=[one for one in records.statements if is_told(one)],
        machine=[one for one in records.machine if is_told(one)],
        package_answers=[one for one in records.package_answers if is_told(one)],
    )
