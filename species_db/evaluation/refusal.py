"""Why a freeze or a report was not made."""


class EvaluationError(Exception):
    """A freeze that cannot be made, found or trusted, or a report that cannot be built from it."""
