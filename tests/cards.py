"""Cards for tests: small real JPEGs with real EXIF, drawn here, in the folders cameras make."""

import random
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from factories import make_deployment
from PIL import Image

from species_db.survey import Survey

FIRST = datetime(2026, 5, 1, 6, 30, 0, tzinfo=UTC)
DATE_TIME_ORIGINAL, EXIF_IFD = 0x9003, 0x8769


def jpeg(number: int, moment: datetime | None = None, size: tuple[int, int] = (160, 120)) -> bytes:
    """A small JPEG that no other number gives, taken at a camera time or undated."""
    picture = Image.frombytes("RGB", size, random.Random(number).randbytes(size[0] * size[1] * 3))
    exif = Image.Exif()
    if moment is not None:
        exif.get_ifd(EXIF_IFD)[DATE_TIME_ORIGINAL] = moment.strftime("%Y:%m:%d %H:%M:%S")
    written = BytesIO()
    picture.save(written, "JPEG", quality=75, exif=exif)
    return written.getvalue()


def make_card(root: Path, photos: int = 9, *, first_number: int = 0) -> Path:
    """A card with bursts of three, one second apart, an hour between bursts."""
    for number in range(photos):
        moment = FIRST + timedelta(hours=number // 3, seconds=number % 3)
        path = root / "DCIM" / "100MEDIA" / f"IMG_{number + 1:04d}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(first_number + number, moment))
    return root


def with_deployment(survey: Survey, deployment_id: str = "MT-01-2026") -> str:
    """Give the survey a deployment that runs from April to October 2026."""
    with survey.writing() as session:
        make_deployment(session, deployment_id)
    return deployment_id
