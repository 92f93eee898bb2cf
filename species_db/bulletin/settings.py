"""What a bulletin goes by, each figure with its reason."""

from dataclasses import dataclass, field

from species_db.sensitivity.periods import EFFORT_STEP_DAYS
from species_db.wildlife.settings import PageSettings


@dataclass(frozen=True)
class BulletinSettings:
    """How a bulletin counts."""

    # As the pages of taxa count, so that the two agree.
    counting: PageSettings = field(default_factory=PageSettings)
    # Camera-days of a county and month to the day would name the day on which the one coarsely
    # told station was set up: what is left when those of the others are taken away. The step is
    # that of a deployment's effort in the exports.
    effort_step_days: int = EFFORT_STEP_DAYS
    # One camera in a whole month; an index over less swings by itself.
    least_camera_days: int = 30
    # What was cut shows in a month whether it sprouts again; a visit in the first days sees only
    # wilted plants.
    follow_up_days: int = 30
    # The bars of effort: a year and the same month of the year before.
    months_shown: int = 13
