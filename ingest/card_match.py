"""Whose card it may be: the evidence for each deployment, and a decision only when it is one."""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, select

from species_db.deployments import names_of_deployments
from species_db.language import tr
from species_db.tables import Camera, Deployment


class Evidence(StrEnum):
    """Why a card may belong to a deployment."""

    EARLIER = "earlier"  # these very files were read for it before
    NAME = "name"  # the folder or volume is named like it
    LABEL = "label"  # the camera was told its name, and writes it into each file
    SERIAL = "serial"  # the camera of the field sheet, and the dates agree
    SERIAL_ONLY = "serial_only"  # the camera of the field sheet, at another time
    NEAR_NAME = "near_name"  # named almost like it


WORDS = {
    Evidence.EARLIER: ("the same files were read for it before", "相同的文件曾导入到此布设"),
    Evidence.NAME: ("the folder's name", "文件夹名称相符"),
    Evidence.LABEL: ("the label in the camera", "相机内设置的标签相符"),
    Evidence.SERIAL: ("the camera's serial number and dates", "相机序列号与日期相符"),
    Evidence.SERIAL_ONLY: (
        "the camera's serial number, but not its dates",
        "相机序列号相符,但日期不符",
    ),
    Evidence.NEAR_NAME: ("a name much like it: did you mean this?", "名称相近,是否指此布设?"),
}
DECIDING = {Evidence.EARLIER, Evidence.NAME, Evidence.LABEL, Evidence.SERIAL}


@dataclass(frozen=True)
class Nearness:
    """When names and dates count as agreeing."""

    name_ratio: float = 0.8  # two digits exchanged in MT-073 give 0.83
    most_candidates: int = 4
    margin: timedelta = timedelta(days=2)  # a card is tried out before, and read after


@dataclass(frozen=True)
class CardSigns:
    """What a card says of itself. Times are the camera's local ones, without a zone."""

    label: str
    serial_numbers: frozenset[str] = frozenset()
    user_labels: frozenset[str] = frozenset()
    first: datetime | None = None
    last: datetime | None = None
    earlier: frozenset[str] = frozenset()


@dataclass(frozen=True)
class KnownDeployment:
    """What the field sheet says of a deployment. Times are local at its offset."""

    deployment_id: str
    names: frozenset[str]
    serial_number: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Candidate:
    """A deployment that a card may belong to, and why, the strongest reason first."""

    deployment_id: str
    evidence: tuple[Evidence, ...]

    def why(self) -> str:
        """The evidence in words."""
        return tr(", ", ",").join(tr(*WORDS[e]) for e in self.evidence)


@dataclass(frozen=True)
class CardMatch:
    """The deployment that the evidence decides for, None when a person must choose."""

    deployment_id: str | None
    candidates: tuple[Candidate, ...]


def match_card(
    signs: CardSigns, known: Sequence[KnownDeployment], *, nearness: Nearness | None = None
) -> CardMatch:
    """Decide for the one deployment that name, label, serial number or an earlier import names.

    When two of these name different deployments, or none does, a person chooses; a name that is
    only near is offered and never taken.

    >>> sheet = [KnownDeployment("MT-037", frozenset({"MT-037"}), serial_number="H12"),
    ...          KnownDeployment("MT-041", frozenset({"MT-041"}))]
    >>> match_card(CardSigns("MT-037"), sheet).deployment_id
    'MT-037'
    >>> near = match_card(CardSigns("MT-073"), sheet)
    >>> near.deployment_id, near.candidates[0].deployment_id
    (None, 'MT-037')
    >>> match_card(CardSigns("MT-041", frozenset({"H12"})), sheet).deployment_id is None
    True
    """
    how = nearness or Nearness()
    found = [Candidate(d.deployment_id, tuple(_evidence(signs, d, how))) for d in known]
    order = list(Evidence)
    candidates = sorted(
        (candidate for candidate in found if candidate.evidence),
        key=lambda c: (order.index(c.evidence[0]), _strangeness(signs.label, c.deployment_id)),
    )
    decided = {c.deployment_id for c in candidates if DECIDING & set(c.evidence)}
    doubted = {c.deployment_id for c in candidates if Evidence.SERIAL_ONLY in c.evidence}
    one = decided.pop() if len(decided) == 1 else None
    others = doubted - {one}
    is_doubtful = bool(others) and not any(
        c.deployment_id == one and Evidence.SERIAL in c.evidence for c in candidates
    )
    return CardMatch(None if is_doubtful else one, tuple(candidates[: how.most_candidates]))


def known_deployments(session: Session) -> list[KnownDeployment]:
    """What the survey knows of its deployments, for matching."""
    names: dict[str, set[str]] = {}
    for name, deployment_id in names_of_deployments(session).items():
        names.setdefault(deployment_id, set()).add(name)
    serials = {c.camera_id: c.serial_number or c.camera_id for c in session.exec(select(Camera))}
    return [
        KnownDeployment(
            d.deployment_id,
            frozenset(names[d.deployment_id]),
            serials.get(d.camera_id or "", ""),
            _local(d.deployment_start, d.utc_offset_seconds),
            _local(d.deployment_end, d.utc_offset_seconds),
        )
        for d in session.exec(select(Deployment))
    ]


def _evidence(signs: CardSigns, deployment: KnownDeployment, how: Nearness) -> list[Evidence]:
    found = []
    names = {name.casefold() for name in deployment.names}
    if deployment.deployment_id in signs.earlier:
        found.append(Evidence.EARLIER)
    if signs.label.casefold() in names:
        found.append(Evidence.NAME)
    if any(label.casefold() in names for label in signs.user_labels):
        found.append(Evidence.LABEL)
    if deployment.serial_number and deployment.serial_number in signs.serial_numbers:
        agrees = _dates_agree(signs, deployment, how.margin)
        found.append(Evidence.SERIAL if agrees else Evidence.SERIAL_ONLY)
    if not found and _is_near(signs.label, deployment.names, how.name_ratio):
        found.append(Evidence.NEAR_NAME)
    return found


def _dates_agree(signs: CardSigns, deployment: KnownDeployment, margin: timedelta) -> bool:
    if signs.first is None or signs.last is None or deployment.start is None:
        return False
    is_after = signs.last >= deployment.start - margin
    is_before = deployment.end is None or signs.first <= deployment.end + margin
    return is_after and is_before


def _is_near(label: str, names: Collection[str], ratio: float) -> bool:
    return any(1 - _strangeness(label, name) >= ratio for name in names)


def _strangeness(label: str, name: str) -> float:
    return 1 - difflib.SequenceMatcher(None, label.casefold(), name.casefold()).ratio()


def _local(moment: datetime | None, offset_seconds: int) -> datetime | None:
    if moment is None:
        return None
    return (moment.astimezone(UTC) + timedelta(seconds=offset_seconds)).replace(tzinfo=None)
