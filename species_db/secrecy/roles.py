"""Roles: who may release what somebody else wants to share, and who may open exact places.

The first role is granted by the person who started the survey; from then on by a releaser. While
nobody holds the releaser's role, the starter may grant again, so that a survey is never locked.

Names are as typed: there are no passwords, and whoever sits at the computer may type another's. A
role says who answers for an act, and the log, which nobody can alter unseen, that they did it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.language import did_you_mean, tr
from species_db.secrecy.names import is_same_person, looks_alike
from species_db.survey import Survey
from species_db.tables import CameraStation, Decision, PersonRole
from species_db.vocabulary import Act, Role


class RoleError(Exception):
    """Somebody asked for what only the holder of a role may do."""


@dataclass(frozen=True)
class ExactPlace:
    """The true place of a station, for the one person who asked and gave a reason."""

    location_id: str
    latitude: float
    longitude: float
    coordinate_uncertainty_m: int
    elevation_m: float | None


def read_roles(session: Session) -> list[PersonRole]:
    """Every role ever granted, oldest first; a withdrawn one carries its `withdrawn_at`."""
    return list(session.exec(select(PersonRole).order_by(col(PersonRole.grant_id))))


def holds_role(session: Session, person: str, role: Role) -> bool:
    """Tell whether a person holds a role now."""
    return any(_is_held(one, role, person) for one in read_roles(session))


def require_role(session: Session, person: str, role: Role) -> None:
    """Stop unless the person holds the role now.

    Raises:
        RoleError: the person does not.
    """
    if not holds_role(session, person, role):
        holders = _names(one.person for one in read_roles(session) if _is_held(one, role))
        raise RoleError(
            tr(
                f"{person} does not hold the role {role.value}; {holders or 'nobody'} does. "
                f"Ask them, or have it granted with 'namcha roles grant NAME {role.value}'.",
                f"{person} 没有 {role.value} 角色;目前持有者:{holders or '无'}。"
                f"请联系持有者,或用“namcha roles grant 姓名 {role.value}”授予。",
            )
        )


def require_exact_viewer(session: Session, person: str) -> None:
    """Stop an exact export by somebody without the role, once roles are in use at all.

    A survey in which no role was ever granted is one person's own: there the reason is enough.

    Raises:
        RoleError: roles are in use and the person does not hold `exact_viewer`.
    """
    if read_roles(session):
        require_role(session, person, Role.EXACT_VIEWER)


def grant_role(survey: Survey, holder: str, role: Role, *, person: str, reason: str) -> PersonRole:
    """Give a named person a role, and say in the log who gave it and why.

    Raises:
        RoleError: a name or the reason is empty, the holder has it, `person` may not grant, or the
            name looks like another's and is spelled with other letters.
    """
    _refuse_empty(holder, person, reason)
    with survey.writing() as session:
        _refuse_granting(session, person)
        _refuse_double(session, holder, person)
        if holds_role(session, holder, role):
            raise RoleError(
                tr(
                    f"{holder} already holds the role {role.value}.",
                    f"{holder} 已持有 {role.value} 角色。",
                )
            )
        granted = PersonRole(
            grant_id=act_id(),
            person=holder.strip(),
            role=role.value,
            granted_by=person.strip(),
            granted_at=datetime.now(UTC),
            reason=reason.strip(),
        )
        session.add(granted)
        _log(session, Act.ROLE_GRANTED, granted, person, reason)
    return granted


def withdraw_role(
    survey: Survey, holder: str, role: Role, *, person: str, reason: str
) -> PersonRole:
    """Take a role from a person; what they did with it stays in the log.

    Raises:
        RoleError: the holder has no such role, or `person` may not withdraw.
    """
    _refuse_empty(holder, person, reason)
    with survey.writing() as session:
        _refuse_granting(session, person)
        held = [one for one in read_roles(session) if _is_held(one, role, holder)]
        if not held:
            known = [one.person for one in read_roles(session) if _is_held(one, role)]
            hint = did_you_mean(holder, known)
            raise RoleError(
                tr(
                    f"{holder} does not hold the role {role.value}.{hint}",
                    f"{holder} 没有 {role.value} 角色。{hint}",
                )
            )
        held[0].withdrawn_by, held[0].withdrawn_at = person.strip(), datetime.now(UTC)
        session.add(held[0])
        _log(session, Act.ROLE_WITHDRAWN, held[0], person, reason)
    return held[0]


def view_exact_place(survey: Survey, location_id: str, *, person: str, reason: str) -> ExactPlace:
    """Open the true place of one station for one person, and write into the log that it was.

    The entry is written before the place is given back: nobody looks unrecorded (VISION N6).

    Raises:
        RoleError: the person does not hold `exact_viewer`, gave no reason, or no such station.
    """
    _refuse_empty(person, reason)
    with survey.writing() as session:
        require_role(session, person, Role.EXACT_VIEWER)
        station = session.get(CameraStation, location_id)
        if station is None:
            hint = did_you_mean(location_id, session.exec(select(CameraStation.location_id)).all())
            raise RoleError(
                tr(f"No station '{location_id}'.{hint}", f"没有点位“{location_id}”。{hint}")
            )
        record_decision(
            session,
            Act.EXACT_VIEWED,
            subject=location_id,
            person=person.strip(),
            details={"reason": reason.strip()},
        )
        return ExactPlace(
            location_id=location_id,
            latitude=station.latitude,
            longitude=station.longitude,
            coordinate_uncertainty_m=station.coordinate_uncertainty_m,
            elevation_m=station.elevation_m,
        )


def _is_held(one: PersonRole, role: Role, person: str | None = None) -> bool:
    is_theirs = person is None or is_same_person(one.person, person)
    return one.withdrawn_at is None and one.role == role.value and is_theirs


def _refuse_granting(session: Session, person: str) -> None:
    """Let a releaser grant; while there is none, the person of the log's first entry."""
    roles = read_roles(session)
    releasers = [one.person for one in roles if _is_held(one, Role.RELEASER)]
    if not releasers:
        first = session.exec(select(Decision).order_by(col(Decision.sequence)).limit(1)).first()
        releasers = [first.person] if first else [person]
    if not any(is_same_person(person, one) for one in releasers):
        raise RoleError(
            tr(
                f"{person} may not grant or withdraw roles here; {_names(releasers)} may.",
                f"{person} 无权授予或撤销角色;可由 {_names(releasers)} 办理。",
            )
        )


def _refuse_double(session: Session, holder: str, person: str) -> None:
    """Keep a name out that cannot be told by eye from one in use: two roles, one face."""
    known = [
        person,
        *(name for one in read_roles(session) for name in (one.person, one.granted_by)),
    ]
    for name in known:
        if looks_alike(name, holder) and not is_same_person(name, holder):
            raise RoleError(
                tr(
                    f"'{holder}' looks like '{name}' but is spelled with other letters. Type the "
                    "name as it is known here, or add what tells the two people apart.",
                    f"“{holder}”与“{name}”外形相同但字符不同。请按已有写法输入,"
                    "若确为两人,请加以区分。",
                )
            )


def _refuse_empty(*texts: str) -> None:
    if not all(text.strip() for text in texts):
        raise RoleError(
            tr(
                "Names and a reason are needed: somebody will ask later. Say who and why.",
                "必须写明姓名和理由,以备日后查询。请补充。",
            )
        )


def _log(session: Session, act: Act, granted: PersonRole, person: str, reason: str) -> None:
    record_decision(
        session,
        act,
        subject=granted.person,
        person=person.strip(),
        details={"role": granted.role, "reason": reason.strip(), "grant_id": granted.grant_id},
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
