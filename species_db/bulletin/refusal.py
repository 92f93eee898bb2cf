"""Why a bulletin is not made."""


class BulletinError(Exception):
    """No bulletin can be made: the county, the month or the survey does not allow it."""
