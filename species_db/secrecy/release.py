"""The second person's release: what is shared was asked for by one and let go by another.

A release stands for the exact rows that the releaser saw, by their fingerprint. It is used once:
the same files may be written again, byte for byte, since nothing new leaves; one row more or less
needs a new release.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from species_db.decisions import Detail, record_decision
from species_db.identity import act_id
from species_db.language import tr
from species_db.secrecy.names import is_same_person, looks_alike
from species_db.secrecy.roles import require_role
from species_db.survey import Survey
from species_db.tables import Release
from species_db.vocabulary import Act, Role

ASKED, GRANTED, REFUSED, USED = "asked", "granted", "refused", "used"


class SharingError(Exception):
    """An export may not be shared: no release, not this one, or not by this person."""


@dataclass(frozen=True)
class Sharing:
    """The wish to share an export: why, with whom, and the release once there is one.

    Raises:
        SharingError: the purpose or the recipient is empty.
    """

    purpose: str
    recipient: str
    release_id: str = ""

    def __post_init__(self) -> None:
        """Refuse to share for no reason or with nobody."""
        if not self.purpose.strip() or not self.recipient.strip():
            raise SharingError(
                tr(
                    "Sharing needs a purpose and a recipient. Pass --purpose and --recipient.",
                    "共享导出必须写明用途和接收方。请加上 --purpose 和 --recipient。",
                )
            )


def fingerprint_of(sha256s: Mapping[str, str]) -> str:
    """One SHA-256 for all files of an export, whatever they are called or where they lie.

    >>> fingerprint_of({"a.csv": "1", "b.csv": "2"}) == fingerprint_of({"b.csv": "2", "a.csv": "1"})
    True
    """
    return hashlib.sha256("\n".join(sorted(sha256s.values())).encode()).hexdigest()


def ask_release(
    session: Session,
    sharing: Sharing,
    *,
    fingerprint: str,
    request: Mapping[str, Detail],
    person: str,
) -> Release:
    """Write down what somebody wants to share; the same wish twice is one request."""
    for earlier in read_releases(session):
        is_open = earlier.state in (ASKED, GRANTED) and earlier.fingerprint == fingerprint
        if is_open and _is_for(earlier, sharing) and is_same_person(earlier.asked_by, person):
            return earlier
    release = Release(
        release_id=act_id(),
        request=json.dumps(request, ensure_ascii=False, sort_keys=True),
        fingerprint=fingerprint,
        purpose=sharing.purpose.strip(),
        recipient=sharing.recipient.strip(),
        asked_by=person.strip(),
        asked_at=datetime.now(UTC),
    )
    session.add(release)
    _log(session, Act.RELEASE_ASKED, release, person=person)
    return release


def decide_release(
    survey: Survey, release_id: str, *, is_granted: bool, person: str, reason: str = ""
) -> Release:
    """Let an export go, or not; by a releaser who is not the person that asked.

    Raises:
        SharingError: no such request, it was decided before, or the two persons are one.
        RoleError: the person does not hold the role `releaser`.
    """
    with survey.writing() as session:
        release = _find(session, release_id)
        if release.state != ASKED:
            by, state = release.decided_by, release.state
            raise SharingError(
                tr(
                    f"Request {release_id} is already decided: {state}, by {by}.",
                    f"申请 {release_id} 已处理:{state},处理人 {by}。",
                )
            )
        if looks_alike(release.asked_by, person):
            raise SharingError(
                tr(
                    f"{person} asked for {release_id} and cannot decide on it too. A second "
                    "person with the role releaser must.",
                    f"{person} 是 {release_id} 的申请人,不能自行审批。须由另一位 releaser 处理。",
                )
            )
        require_role(session, person, Role.RELEASER)
        release.state = GRANTED if is_granted else REFUSED
        release.decided_by, release.decided_at = person.strip(), datetime.now(UTC)
        release.reason = reason.strip()
        session.add(release)
        act = Act.RELEASE_GRANTED if is_granted else Act.RELEASE_REFUSED
        _log(session, act, release, person=person)
    return release


def use_release(session: Session, sharing: Sharing, *, fingerprint: str, person: str) -> None:
    """Spend the release on exactly the files it was granted for; in the export's transaction.

    Raises:
        SharingError: it is not granted, is another person's, or the rows are others.
    """
    release = _find(session, sharing.release_id)
    if release.state not in (GRANTED, USED):
        raise SharingError(
            tr(
                f"Request {release.release_id} is {release.state}, not granted. "
                "Have a second person grant it with 'namcha release grant'.",
                f"申请 {release.release_id} 的状态为 {release.state},尚未批准。"
                "请由另一人用“namcha release grant”批准。",
            )
        )
    if not is_same_person(release.asked_by, person) or not _is_for(release, sharing):
        raise SharingError(
            tr(
                f"Release {release.release_id} was given to {release.asked_by} for "
                f"'{release.purpose}', to {release.recipient}. Use it for that, or ask anew.",
                f"放行 {release.release_id} 是批给 {release.asked_by} 的,用途“{release.purpose}”,"
                f"接收方 {release.recipient}。请按此使用,或重新申请。",
            )
        )
    if release.fingerprint != fingerprint:
        raise SharingError(
            tr(
                f"What would leave is no longer what {release.decided_by} released: records "
                "changed, or the command did. Ask for a new release without --release.",
                f"将要导出的内容已不同于 {release.decided_by} 放行的内容:记录或命令有变动。"
                "请去掉 --release 重新申请。",
            )
        )
    release.state = USED
    session.add(release)


def read_releases(session: Session) -> list[Release]:
    """Every request, oldest first."""
    return list(session.exec(select(Release).order_by(col(Release.release_id))))


def _find(session: Session, release_id: str) -> Release:
    release = session.get(Release, release_id.strip())
    if release is None:
        raise SharingError(
            tr(
                f"No request '{release_id}'. See 'namcha release list'.",
                f"没有申请“{release_id}”。请查看“namcha release list”。",
            )
        )
    return release


def _is_for(release: Release, sharing: Sharing) -> bool:
    told = release.purpose, release.recipient
    return told == (sharing.purpose.strip(), sharing.recipient.strip())


def _log(session: Session, act: Act, release: Release, *, person: str) -> None:
    record_decision(
        session,
        act,
        subject=release.release_id,
        person=person.strip(),
        details={
            "fingerprint": release.fingerprint,
            "purpose": release.purpose,
            "recipient": release.recipient,
            "reason": release.reason,
        },
    )
