"""Photos of a season for tests of camera health: each camera has its own fault, or none."""

import hashlib
import itertools
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from sqlmodel import Session

from species_db import identity
from species_db.tables import Deployment, Media
from tests.factories import make_card_import, make_deployment

BEIJING = timezone(timedelta(hours=8))
SETUP = datetime(2026, 4, 12, 10, 0, tzinfo=BEIJING)
DAYS = 175  # local dates from set-up to retrieval, both included
RETRIEVAL = datetime(2026, 10, 3, 12, 0, tzinfo=BEIJING)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Look:
    """What the pixels of a photo measure, before chance adds its part."""

    brightness: float = 0.42
    contrast: float = 0.19
    sharpness: float = 0.08
    is_grey: bool = False
    scene: int = 1  # where it is light and dark; 0: nowhere
    above: float = 0.0  # how much lighter the upper half is than the scene has it

    def measured(self, chance: random.Random) -> dict[str, object]:
        """Columns of one photo: a bell of luma around the brightness, each photo a little other."""
        light = min(0.99, max(0.005, self.brightness + chance.gauss(0, 0.02)))
        contrast = self.contrast * chance.uniform(0.85, 1.15)
        shares = [
            math.exp(-0.5 * (((step + 0.5) / 16 - light) / max(contrast, 0.02)) ** 2)
            for step in range(16)
        ]
        whole = sum(shares) or 1.0
        return {
            "is_grey": self.is_grey,
            "brightness": light,
            "contrast": contrast,
            "sharpness": self.sharpness * chance.uniform(0.7, 1.4),
            "histogram": "".join(f"{round(255 * share / whole):02x}" for share in shares),
            "layout": self.layout(chance),
        }

    def layout(self, chance: random.Random) -> str:
        """The cells of the scene, each photo a little other."""
        scene = random.Random(self.scene)
        cells = [scene.gauss(0, 1) * (self.scene > 0) for _ in range(24)]
        lit = [cell + (self.above if place < 12 else 0) for place, cell in enumerate(cells)]
        steps = [round(128 + 40 * (cell + chance.gauss(0, 0.2))) for cell in lit]
        return bytes(min(255, max(0, step)) for step in steps).hex()


DAY = Look()
NIGHT = Look(brightness=0.3, contrast=0.14, sharpness=0.05, is_grey=True, scene=2)
BLACK = Look(brightness=0.005, contrast=0.005, sharpness=0.001, is_grey=True, scene=0)
SNOWED_IN = Look(brightness=0.93, contrast=0.012, sharpness=0.001, scene=0)
FOG = Look(brightness=0.6, contrast=0.055, sharpness=0.012)
LEAF = Look(brightness=0.35, contrast=0.05, sharpness=0.004, scene=5)
FALLEN = Look(brightness=0.2, contrast=0.12, sharpness=0.2, scene=3)
FALLEN_NIGHT = Look(brightness=0.55, contrast=0.1, sharpness=0.12, is_grey=True, scene=4)


def plant(
    session: Session,
    days: Iterable[int],
    *,
    deployment_id: str = "MT-01-2026",
    hours: Iterable[float] = (13.0, 15.5),
    look: Look = DAY,
    seed: int = 1,
    **values: object,
) -> list[Media]:
    """Photos on numbered days after set-up at hours of the local clock, measured as `look` says."""
    chance = random.Random(seed)
    card = make_card_import(session, deployment_id)
    midnight = SETUP.replace(hour=0)
    found = []
    for day, hour in itertools.product(days, list(hours)):
        moment = (midnight + timedelta(days=day, hours=hour)).astimezone(UTC)
        number = next(_numbers)
        sha256 = hashlib.sha256(f"season {number}".encode()).hexdigest()
        told = {"bytes": 2_500_000, "file_mediatype": "image/jpeg"} | look.measured(chance) | values
        media = Media(
            media_id=identity.media_id(sha256),
            sha256=sha256,
            deployment_id=deployment_id,
            card_import_id=card.card_import_id,
            file_path=f"media/{deployment_id}/{sha256}.jpg",
            file_name=f"IMG_{number:04d}.JPG",
            card_path=f"DCIM/100MEDIA/IMG_{number:06d}.JPG",
            timestamp=moment,
            camera_timestamp=moment,
            **told,
        )
        found.append(media)
    session.add_all(found)
    session.flush()
    return found


def plant_usual(session: Session, days: Iterable[int], **values: object) -> list[Media]:
    """Usual days: two pictures in the light and, on two days of three, one by flash."""
    numbers = list(days)
    found = plant(session, numbers, **values)  # type: ignore[arg-type]
    nights = [day for day in numbers if day % 3]
    return found + plant(session, nights, hours=(23.0,), look=NIGHT, **values)  # type: ignore[arg-type]


def fell(session: Session, from_day: int, **values: object) -> None:
    """From one day on every picture, by day and by flash, shows another scene."""
    days = range(from_day, DAYS)
    plant(session, days, look=FALLEN, **values)  # type: ignore[arg-type]
    nights = [day for day in days if day % 3]
    plant(session, nights, hours=(23.0,), look=FALLEN_NIGHT, **values)  # type: ignore[arg-type]


def plant_season(session: Session) -> None:
    """Twelve cameras of one season, most with a fault that a season brings."""

    def camera(number: int, **values: object) -> str:
        name = f"MT-{number:02d}-2026"
        make_deployment(session, name, location_id=f"MT-{number:02d}", **values)
        return name

    whole = range(DAYS)
    plant_usual(session, whole, deployment_id=camera(1))
    name = camera(2, deployment_comments="4月有大雪")
    plant_usual(session, [*range(8), *range(33, DAYS)], deployment_id=name)
    plant(session, range(8, 33, 2), look=SNOWED_IN, deployment_id=name)
    name = camera(3)
    plant_usual(session, range(70), deployment_id=name)
    plant(session, range(70, DAYS), deployment_id=name)
    name = camera(4)
    plant_usual(session, range(95), deployment_id=name)
    fell(session, 95, deployment_id=name)
    name = camera(5)
    plant_usual(session, range(60), deployment_id=name)
    burst = [8 + number / 60 for number in range(600)]
    plant(session, [60], hours=burst, deployment_id=name, bytes=42_000_000)
    plant_usual(session, range(48), deployment_id=camera(6, deployment_comments="电池耗尽"))
    plant(session, [0, 9, 24, 30, 49, 61, 80, 130, 140, 174], deployment_id=camera(7))
    plant(session, whole, hours=(12.0,), trigger="time_lapse", deployment_id=camera(8))
    name = camera(9)
    plant_usual(session, range(110), deployment_id=name)
    plant(session, range(110, DAYS), deployment_id=name)
    plant(session, range(110, DAYS, 4), hours=(23.0,), look=BLACK, deployment_id=name)
    name = camera(10)
    plant_usual(session, [*range(120), *range(140, DAYS)], deployment_id=name)
    plant(session, range(120, 140), look=LEAF, deployment_id=name)
    camera(11, deployment_comments="相机被盗")
    plant_usual(session, range(150), deployment_id=camera(12, deployment_end=None))


def with_more(look: Look, **values: float) -> Look:
    """The same look with some figures set."""
    return replace(look, **values)


def deployment_of(session: Session, **values: object) -> Deployment:
    """The deployment of April to October 2026 on which these photos lie."""
    return make_deployment(session, "MT-01-2026", **values)
