"""The survey that this server shows, opened once for all who look at it."""

import os
from functools import lru_cache
from pathlib import Path

from species_db.survey import Survey, open_survey


def opened_survey() -> Survey:
    """Open the survey folder that `NAMCHA_SURVEY` names; the same one for every screen.

    Raises:
        SurveyError: there is no survey in the folder.
    """
    return _open(os.environ.get("NAMCHA_SURVEY", "."))


@lru_cache(maxsize=4)
def _open(folder: str) -> Survey:
    return open_survey(Path(folder))
