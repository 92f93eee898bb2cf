"""Which event lies on whose desk, so that two people do not review the same one in step."""

import threading
import time

HELD_S = 300.0  # somebody who has not touched a key for this long has gone for tea


class OnDesks:
    """The events on the desks of this server, each with who holds it and since when.

    Kept in memory: after a restart nobody holds anything, and if two people do meet on one
    event, the second is told so by the rules of review.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, float]] = {}  # event: holder, time

    def claim(self, event_id: str, holder: str, *, now: float | None = None) -> bool:
        """Lay an event on a desk unless it lies on another; the holder's earlier one is free.

        >>> desks = OnDesks()
        >>> desks.claim("e1", "Tashi", now=0), desks.claim("e1", "Drolma", now=10)
        (True, False)
        >>> desks.claim("e1", "Drolma", now=HELD_S + 1)
        True
        """
        with self._lock:
            if event_id in self._others(holder, now):
                return False
            self._put(event_id, holder, now)
            return True

    def hold(self, event_id: str, holder: str, *, now: float | None = None) -> None:
        """Lay an event on a desk, even if it lies on another: somebody went back to it."""
        with self._lock:
            self._put(event_id, holder, now)

    def of_others(self, holder: str, *, now: float | None = None) -> set[str]:
        """Name the events that lie on other desks."""
        with self._lock:
            return self._others(holder, now)

    def _others(self, holder: str, now: float | None) -> set[str]:
        since = (time.monotonic() if now is None else now) - HELD_S
        self._held = {event: held for event, held in self._held.items() if held[1] >= since}
        return {event for event, (who, _) in self._held.items() if who != holder}

    def _put(self, event_id: str, holder: str, now: float | None) -> None:
        self._held = {event: held for event, held in self._held.items() if held[0] != holder}
        self._held[event_id] = (holder, time.monotonic() if now is None else now)


ON_DESKS = OnDesks()  # of this process; Streamlit serves all tabs from one
