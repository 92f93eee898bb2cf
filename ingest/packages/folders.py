"""Read a tree of folders as camtrapR sorts pictures: station, perhaps camera, then species.

The pictures are read for their times alone and stay where they are. The tree tells no places: its
stations must be in the survey's own field sheet. A zip file of pictures is not read.
"""

from datetime import timedelta, timezone
from pathlib import PurePosixPath

from ingest.metadata import MediaKind, read_facts
from ingest.packages.facts import Package, PackageFormat, Source, Where, refusal
from ingest.packages.lines import Moment
from ingest.packages.notes import assumed_offset
from ingest.packages.opening import Opened
from ingest.packages.pictures import MEDIATYPES, Pictures

HEAD_BYTES = 1_000_000  # where EXIF stands; the rest of a picture is not read
LEVELS = (3, 4)  # station/species/file, station/camera/species/file


def is_tree(opened: Opened) -> bool:
    """Tell whether a folder holds pictures sorted by station and species, and no table."""
    return opened.path.is_dir() and not opened.tables and bool(_pictures(opened))


def read_tree(opened: Opened, *, offset_seconds: int) -> Package:
    """Read the names of the folders and the times of the pictures.

    Raises:
        PackageError: it is no folder, or pictures lie outside station and species.
    """
    found = _pictures(opened)
    if not opened.path.is_dir() or not found:
        raise refusal(
            opened.name,
            "no folder with pictures sorted as station/species/picture.",
            "不是按 点位/物种/照片 存放的文件夹。",
        )
    stray = [name for name in found if len(PurePosixPath(name).parts) not in LEVELS]
    if stray:
        raise refusal(
            stray[0],
            f"{len(stray)} pictures do not lie in station/species or station/camera/species.",
            f"{len(stray)} 张照片不在 点位/物种 或 点位/相机/物种 文件夹中。",
        )
    pictures = Pictures(offset_seconds)
    for number, name in enumerate(found, start=1):
        where = Where(name, number)
        parts = PurePosixPath(name).parts
        deployment = "/".join(parts[:-2])
        at = _time(opened, name, offset_seconds)
        pictures.picture(media_id=name, deployment_id=deployment, at=at, path=name, where=where)
        pictures.say(name, parts[-2], where=where)
    return Package(
        source=Source(
            format=PackageFormat.FOLDERS,
            format_version="",
            source_id="",
            title=opened.path.name,
            file_name=opened.name,
            sha256=_fingerprint(found),
            bytes=0,
        ),
        stations=(),
        deployments=(),
        media=tuple(pictures.media.values()),
        observations=tuple(pictures.observations),
        taxa={},
        notes=(assumed_offset(offset_seconds),),
        uses_known_deployments=True,
    )


def _pictures(opened: Opened) -> list[str]:
    return sorted(
        name
        for name in opened.names
        if PurePosixPath(name).suffix.lower() in MEDIATYPES
        and not PurePosixPath(name).name.startswith(".")
    )


def _fingerprint(names: list[str]) -> str:
    from hashlib import sha256

    return sha256("\n".join(names).encode()).hexdigest()


def _time(opened: Opened, name: str, offset: int) -> Moment | None:
    path = opened.path.joinpath(*name.split("/"))
    with path.open("rb") as picture:
        head = picture.read(HEAD_BYTES)
    facts = read_facts(head, file_name=PurePosixPath(name).name, file=path)
    if facts.kind is MediaKind.OTHER or facts.camera_time is None:
        return None
    told = facts.utc_offset or timedelta(seconds=offset)
    at = facts.camera_time.replace(tzinfo=timezone(told))
    return Moment(at, int(told.total_seconds()), facts.utc_offset is not None)
