"""What an alert's acts add up to: what was noted of it, how it ended, how many records joined."""

from dataclasses import dataclass, field
from datetime import datetime

from species_db.tables import AlertAction
from species_db.vocabulary import AlertAct

NOTE_SIGN = "@"  # begins a note of ours, told in the reader's language: @corrected|Drolma|...
PARTS = "|"
UNCONFIRMED, AGAIN, COUNT = "unconfirmed", "again", "count"
SUPERSEDED = ("not_first", "no_longer")  # what a record that fires again takes back


@dataclass
class Past:
    """One alert's acts as read so far; `notes` are those since it was last raised."""

    notes: set[str] = field(default_factory=set)
    is_withdrawn: bool = False
    closed_at: datetime | None = None
    records: int = 1

    def read(self, act: AlertAction) -> None:
        """Take in the next act."""
        kind = AlertAct(act.act)
        if kind is AlertAct.RAISED:
            self.notes.clear()
            self.is_withdrawn, self.closed_at = False, None
        elif kind is AlertAct.CONFIRMED:
            self.notes.discard(UNCONFIRMED)
        elif kind is AlertAct.NOTED:
            self._note(act.note)
        elif kind is AlertAct.WITHDRAWN:
            self.is_withdrawn = True
        elif kind is AlertAct.CLOSE:
            self.closed_at = act.decided_at
        elif kind is AlertAct.REOPEN:
            self.is_withdrawn, self.closed_at = False, None

    def _note(self, note: str) -> None:
        code, *parts = note.removeprefix(NOTE_SIGN).split(PARTS)
        if code == AGAIN:
            self.notes.difference_update(SUPERSEDED)
        elif code == COUNT and note.startswith(NOTE_SIGN):
            self.records = int(parts[-1])
        else:
            self.notes.add(code)
