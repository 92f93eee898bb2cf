"""What a survey finds in a synthetic season, held against what was planted there.

Plays the ecologist: imports the cards, lets the pixels be measured, looks at what is proposed for
each clock, accepts what is right and leaves what is not, and anchors what only a board can show.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from season import Card, ClockFault, sheet_of, write_card
from sqlmodel import Session, select

from ingest.clock import propose_clock
from ingest.import_card import import_card
from ingest.measure_media import measure_waiting
from ingest.receipt import Receipt
from species_db.camera_days import recompute_days, strip_of
from species_db.clock import Anchor, Position, accept, state_anchors, withdraw
from species_db.clock.segments import covers
from species_db.deployments import import_deployments
from species_db.survey import Survey, SurveySettings, create_survey
from species_db.tables import ClockSegment, Media
from species_db.vocabulary import ClockState

PERSON = "Tashi"
ROUGH_SECONDS = 3600  # a correction no better than this is worth looking for a board
ROUNDS = 3  # a card with two faults may show the second only when the first is mended


@dataclass
class Found:
    """What was found on one card, and what its times and days are after the ecologist's work."""

    card: Card
    receipt: Receipt
    right: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    anchored: list[str] = field(default_factory=list)
    error_before: float = 0.0  # seconds, the worst file
    error_after: float = 0.0
    uncertainty: float = 0.0  # seconds, stated by what was accepted
    undated: int = 0
    days: Counter[tuple[str, str]] = field(default_factory=Counter)  # planted and found state

    @property
    def is_within_uncertainty(self) -> bool:
        """Whether no corrected time is further from the truth than was stated."""
        return self.error_after <= max(self.uncertainty, 1.0)


def import_season(folder: Path, cards: list[Card]) -> tuple[Survey, dict[str, Receipt]]:
    """Write the cards, make the survey from the field sheet, and import every card."""
    survey = create_survey(folder / "survey", SurveySettings(title="A synthetic season"))
    sheet = folder / "sheet.csv"
    sheet.write_text(sheet_of(cards), encoding="utf-8")
    import_deployments(survey, sheet, person=PERSON)
    receipts = {}
    for card in cards:
        path = write_card(card, folder / "cards")
        receipts[card.deployment_id] = import_card(
            survey, path, deployment_id=card.deployment_id, person=PERSON
        )
    return survey, receipts


def examine(survey: Survey, card: Card, receipt: Receipt) -> Found:
    """Do what an ecologist does with one imported and measured card, and say what came of it."""
    found = Found(card, receipt)
    found.error_before, _ = _errors(survey, card)
    waiting = [fault for fault in card.clock_faults if not fault.needs_anchor]
    seen: set[str] = set()
    for _ in range(ROUNDS):
        propose_clock(survey, card.deployment_id)
        for row in _proposed(survey, card):
            if row.segment_id in seen:
                continue
            seen.add(row.segment_id)
            fault = next((one for one in waiting if is_right(row, card, one)), None)
            if fault is None:
                found.false.append(_told(row))
                continue
            accept(survey, row.segment_id, person=PERSON)
            waiting.remove(fault)
            found.right.append(_told(row))
            stated = row.uncertainty_seconds
            if stated > ROUGH_SECONDS and (board := _board_in(card, fault)) is not None:
                stated = _anchor_instead(survey, card, row, board, found)
            found.uncertainty = max(found.uncertainty, stated)
    found.missed = [f"{fault.cause} {fault.offset}" for fault in waiting]
    if any(fault.needs_anchor for fault in card.clock_faults):
        found.uncertainty = _anchor(survey, card, found)
    found.error_after, found.undated = _errors(survey, card)
    found.days = _days(survey, card)
    return found


def measure(survey: Survey, *, workers: int = 2) -> int:
    """Measure the pixels of every card's photos."""
    return measure_waiting(survey, workers=workers)


def is_right(row: ClockSegment, card: Card, fault: ClockFault) -> bool:
    """Tell whether a proposal mends a fault: its stretch, and its shift within what it states."""
    covered = [
        number
        for number, name in enumerate(card.names)
        if covers(row, Position(row.card_import_id or "", name))
    ]
    if covered != list(range(fault.first, fault.last + 1)):
        return False
    error = abs(row.offset_seconds - fault.offset.total_seconds())
    return error <= max(1, row.uncertainty_seconds)


def _board_in(card: Card, fault: ClockFault) -> tuple[str, datetime] | None:
    """The last photo of a board in a stretch, when the team took one there."""
    names = card.names[fault.first : fault.last + 1]
    return next((board for board in reversed(card.boards) if board[0] in names), None)


def _anchor_instead(
    survey: Survey, card: Card, row: ClockSegment, board: tuple[str, datetime], found: Found
) -> int:
    """Put a board's time in the place of a rough correction of the same stretch."""
    withdraw(survey, row.segment_id, person=PERSON)
    anchor = Anchor(board[0], board[1].replace(second=0))
    segment_id = state_anchors(
        survey,
        card.deployment_id,
        [anchor],
        person=PERSON,
        first_file=row.first_card_path,
        last_file=row.last_card_path,
    )
    with survey.reading() as session:
        stated = session.get_one(ClockSegment, segment_id)
    found.anchored.append(f"then by the last board ±{stated.uncertainty_seconds} s")
    return stated.uncertainty_seconds


def _anchor(survey: Survey, card: Card, found: Found) -> float:
    """Read the team's boards, which show minutes, and state them."""
    anchors = [Anchor(name, at.replace(second=0)) for name, at in (card.boards[0], card.boards[-1])]
    segment_id = state_anchors(survey, card.deployment_id, anchors, person=PERSON)
    with survey.reading() as session:
        row = session.get_one(ClockSegment, segment_id)
        told = f"{row.offset_seconds} to {row.second_offset_seconds} s"
        found.anchored.append(f"{row.cause} by two boards, {told}")
        return float(row.uncertainty_seconds)


def _proposed(survey: Survey, card: Card) -> list[ClockSegment]:
    with survey.reading() as session:
        rows = session.exec(
            select(ClockSegment).where(
                ClockSegment.deployment_id == card.deployment_id,
                ClockSegment.state == ClockState.PROPOSED.value,
            )
        ).all()
        session.expunge_all()
    return list(rows)


def _errors(survey: Survey, card: Card) -> tuple[float, int]:
    """The worst distance in seconds of a file's time from the truth, and how many have none.

    On a card with a fault only its stretches are looked at: the rest was never corrected.
    """
    worst, undated = 0.0, 0
    faulty = {
        name for fault in card.clock_faults for name in card.names[fault.first : fault.last + 1]
    }
    with survey.reading() as session:
        times = _times(session, card)
    for name, truth in card.truth.items():
        if name not in times or (faulty and name not in faulty):
            continue
        told = times[name]
        if told is None:
            undated += 1
        else:
            worst = max(worst, abs((told - truth) / timedelta(seconds=1)))
    return worst, undated


def _times(session: Session, card: Card) -> dict[str, datetime | None]:
    rows = session.exec(
        select(Media.card_path, Media.timestamp).where(Media.deployment_id == card.deployment_id)
    ).all()
    return {name: at.astimezone(UTC) if at else None for name, at in rows}


def _days(survey: Survey, card: Card) -> Counter[tuple[str, str]]:
    """Days by what was planted and what the machine says of them."""
    with survey.writing() as session:
        recompute_days(session, card.deployment_id)
    with survey.reading() as session:
        strip = strip_of(session, card.deployment_id)
    return Counter((card.states.get(v.day, "working"), v.machine_state.value) for v in strip)


def _told(row: ClockSegment) -> str:
    offset = timedelta(seconds=row.offset_seconds)
    return f"{row.cause} {offset} ±{timedelta(seconds=row.uncertainty_seconds)}"
