"""Make a small card for trying Namcha out, from photographs that installed packages carry.

Nothing here is survey data: the cat and the textures are scikit-image's, the people and the bus
are ultralytics' example pictures. The card has what real cards have: bursts, a folder roll-over,
a night frame, a phone photo with GPS, a duplicate, damaged files and other computers' litter.
"""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from species_db.deployment_rows import CAMTRAP_COLUMNS
from species_db.deployments import import_deployments
from species_db.language import tr
from species_db.plots import import_plots
from species_db.start import start_survey
from species_db.survey import SETTINGS_FILE, Survey, SurveySettings, read_settings

SIZE = (1280, 960)
MAKE, MODEL = "NAMCHA", "DEMO CARD"
DATE_TIME_ORIGINAL, OFFSET_TIME_ORIGINAL, SERIAL_NUMBER = 0x9003, 0x9011, 0xA431
IMAGE_MAKE, IMAGE_MODEL, EXIF_IFD, GPS_IFD = 0x010F, 0x0110, 0x8769, 0x8825

PLOTS = (
    ("DEMO-41", "演示样地 41 Demonstration plot 41", "540423", "forest", 29.33, 95.33, 1870),
    ("DEMO-07", "演示样地 07 Demonstration plot 07", "540402", "wetland", 29.64, 94.37, 2990),
)


class DemoError(Exception):
    """The photographs for the demonstration are not installed."""


@dataclass(frozen=True)
class DemoDeployment:
    """One camera of the demonstration: its place and the serial number in its photos."""

    deployment_id: str
    location_id: str
    plot_id: str
    latitude: float
    longitude: float
    start: datetime
    serial_number: str


DEPLOYMENTS = (
    DemoDeployment(
        "DEMO-41-A", "DEMO-41-A", "DEMO-41", 29.33117, 95.33218, datetime(2026, 4, 12, 10), "D0041A"
    ),
    DemoDeployment(
        "DEMO-41-B", "DEMO-41-B", "DEMO-41", 29.33402, 95.32891, datetime(2026, 4, 12, 15), "D0041B"
    ),
    DemoDeployment(
        "DEMO-07-A", "DEMO-07-A", "DEMO-07", 29.64213, 94.37059, datetime(2026, 4, 20, 9), "D0007A"
    ),
)
DAYS_IN_FIELD = 60


def make_demo_survey(folder: Path, *, person: str) -> tuple[Survey, Path]:
    """Make the card, and a survey whose plots and field sheet know it; gives both.

    Raises:
        DemoError: the `demo` extra is not installed.
    """
    _refuse_other_folders(folder)
    card, plots, sheet = make_demo_card(folder)
    title = "Demonstration 演示"
    settings = SurveySettings(title=title, rights_holder=title, is_demonstration=True)
    survey = start_survey(folder / "survey", settings, person=person)
    import_plots(survey, plots, person=person)
    import_deployments(survey, sheet, person=person)
    return survey, card


def _refuse_other_folders(folder: Path) -> None:
    """Never write into a folder that somebody uses for something else."""
    settings = folder / "survey" / SETTINGS_FILE
    is_ours = settings.is_file() and read_settings(settings).is_demonstration
    if not is_ours and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DemoError(
            tr(
                f"{folder} is in use and holds no demonstration. Name a new folder: "
                "namcha demo DIR",
                f"{folder} 已有其他内容,不是演示文件夹。请指定新文件夹:namcha demo 目录",
            )
        )


def make_demo_card(folder: Path) -> tuple[Path, Path, Path]:
    """Write the card, its plots list and its field sheet; the same bytes every time.

    Gives the card's folder, the plots list and the sheet.

    Raises:
        DemoError: the `demo` extra is not installed.
    """
    card = folder / "card"
    sources = _sources()
    first, second, third = DEPLOYMENTS
    cat, day = _animal(sources), datetime(2026, 4, 13, 6, 40, 12)
    _burst(card, first, "100MEDIA", 9997, cat, day)
    _burst(card, first, "101MEDIA", 1, _ground(sources["grass"], 0), day + timedelta(hours=7))
    _burst(card, first, "101MEDIA", 4, _photo(sources["people"]), day + timedelta(days=2))
    _burst(card, second, "100MEDIA", 1, _photo(sources["bus"]), day + timedelta(days=1, hours=5))
    night = day + timedelta(days=3, hours=17)
    _shot(card, second, "100MEDIA", "IMG_0004.JPG", _night(cat), night)
    _burst(card, second, "100MEDIA", 5, _ground(sources["gravel"], 1), day + timedelta(days=4))
    _faults(card / second.deployment_id / "DCIM" / "100MEDIA")
    later = datetime(2026, 4, 21, 13, 5, 0)
    _burst(card, third, "100MEDIA", 1, _ground(sources["brick"], 2), later)
    _burst(card, third, "100MEDIA", 4, _animal(sources, at=(640, 430)), later + timedelta(days=5))
    phone = _ground(sources["grass"], 3)
    _shot(card, third, "100MEDIA", "手机_水边 001.JPG", phone, later + timedelta(hours=1), gps=True)
    return card, _plots_list(folder / "plots.csv"), _sheet(folder / "deployments.csv")


def _sources() -> dict[str, Image.Image]:
    wanted = {
        "people": ("ultralytics", "assets/zidane.jpg"),
        "bus": ("ultralytics", "assets/bus.jpg"),
        "cat": ("skimage", "data/chelsea.png"),
        "grass": ("skimage", "data/grass.png"),
        "gravel": ("skimage", "data/gravel.png"),
        "brick": ("skimage", "data/brick.png"),
    }
    found = {}
    for name, (package, path) in wanted.items():
        spec = find_spec(package)
        file = Path(spec.origin).parent / path if spec and spec.origin else None
        if file is None or not file.is_file():
            raise DemoError(
                tr(
                    f"The demonstration needs a picture of the package {package}. "
                    "Install it: pip install 'namcha[demo]'.",
                    f"演示需要 {package} 软件包自带的图片。请安装:pip install 'namcha[demo]'。",
                )
            )
        with Image.open(file) as image:
            found[name] = image.convert("RGB")
    return found


def _photo(source: Image.Image) -> Image.Image:
    return ImageOps.pad(source, SIZE, Image.Resampling.LANCZOS, color=(70, 78, 66))


def _ground(texture: Image.Image, turn: int) -> Image.Image:
    """Bare ground, tinted like a forest floor: the blank frames of every card."""
    ground = ImageOps.fit(texture.rotate(90 * turn), SIZE, Image.Resampling.LANCZOS)
    return ImageOps.colorize(ground.convert("L"), (28, 32, 20), (190, 186, 150))


def _animal(sources: dict[str, Image.Image], at: tuple[int, int] = (240, 260)) -> Image.Image:
    """The cat with soft edges on grass, as if it had walked through."""
    cat = sources["cat"].resize((902, 600), Image.Resampling.LANCZOS)
    mask = Image.new("L", cat.size, 0)
    ImageDraw.Draw(mask).ellipse((60, 30, 842, 570), fill=255)
    scene = _ground(sources["grass"], 0)
    scene.paste(cat, at, mask.filter(ImageFilter.GaussianBlur(28)))
    return scene


def _night(scene: Image.Image) -> Image.Image:
    """An infrared frame: grey, the flash falling off towards the corners."""
    falloff = Image.radial_gradient("L").resize(SIZE)
    grey = ImageChops.multiply(scene.convert("L"), ImageChops.invert(falloff))
    return grey.convert("RGB")


def _burst(
    card: Path,
    deployment: DemoDeployment,
    folder: str,
    number: int,
    scene: Image.Image,
    moment: datetime,
) -> None:
    """Three frames one second apart, the scene moving a little."""
    for frame in range(3):
        moved = ImageChops.offset(scene, 6 * frame, 2 * frame)
        name = f"IMG_{number + frame:04d}.JPG"
        _shot(card, deployment, folder, name, moved, moment + timedelta(seconds=frame))


def _shot(
    card: Path,
    deployment: DemoDeployment,
    folder: str,
    name: str,
    scene: Image.Image,
    moment: datetime,
    *,
    gps: bool = False,
) -> None:
    exif = Image.Exif()
    exif[IMAGE_MAKE], exif[IMAGE_MODEL] = MAKE, MODEL
    times = exif.get_ifd(EXIF_IFD)
    times[DATE_TIME_ORIGINAL] = moment.strftime("%Y:%m:%d %H:%M:%S")
    times[SERIAL_NUMBER] = deployment.serial_number
    if gps:
        times[OFFSET_TIME_ORIGINAL] = "+08:00"
        place = exif.get_ifd(GPS_IFD)
        place[1], place[2] = "N", _degrees(deployment.latitude)
        place[3], place[4] = "E", _degrees(deployment.longitude)
        place[5], place[6] = b"\x00", 2991.0
    picture = BytesIO()
    scene.save(picture, "JPEG", quality=88, exif=exif)
    _put(card / deployment.deployment_id / "DCIM" / folder / name, picture.getvalue())


def _degrees(value: float) -> tuple[float, float, float]:
    minutes = (value % 1) * 60
    return (float(int(value)), float(int(minutes)), round((minutes % 1) * 60, 2))


def _faults(folder: Path) -> None:
    """What a used card also holds: a copy, a torn file, an empty one, other computers' litter."""
    whole = (folder / "IMG_0005.JPG").read_bytes()
    _put(folder / "IMG_0005 (1).JPG", whole)
    _put(folder / "IMG_0008.JPG", whole[: len(whole) // 2])
    _put(folder / "IMG_0009.JPG", b"")
    _put(folder / "Thumbs.db", b"\xd0\xcf\x11\xe0" + bytes(508))
    _put(folder / "._IMG_0001.JPG", b"\x00\x05\x16\x07" + bytes(4092))


def _put(path: Path, data: bytes) -> None:
    """Write a file unless it is there already: a card keeps the times of its files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_bytes() != data:
        path.write_bytes(data)


def _plots_list(path: Path) -> Path:
    header = "plot,name,county,ecosystem,latitude,longitude,elevation_m"
    lines = [header, *(",".join(str(cell) for cell in plot) for plot in PLOTS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def _sheet(path: Path) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.DictWriter(file, [*CAMTRAP_COLUMNS, "plot"], lineterminator="\n")
        sheet.writeheader()
        for deployment in DEPLOYMENTS:
            end = deployment.start + timedelta(days=DAYS_IN_FIELD)
            sheet.writerow(
                {
                    "deploymentID": deployment.deployment_id,
                    "locationID": deployment.location_id,
                    "latitude": deployment.latitude,
                    "longitude": deployment.longitude,
                    "deploymentStart": f"{deployment.start.isoformat()}+08:00",
                    "deploymentEnd": f"{end.isoformat()}+08:00",
                    "cameraID": f"CAM-{deployment.serial_number}",
                    "cameraModel": f"{MAKE}-{MODEL}",
                    "cameraHeight": 0.5,
                    "baitUse": "false",
                    "featureType": "trailGame",
                    "plot": deployment.plot_id,
                }
            )
    return path
