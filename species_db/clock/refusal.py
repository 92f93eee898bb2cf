"""Why an act on a clock is refused."""


class ClockError(Exception):
    """A clock cannot be corrected as asked; the message says what to do first."""
