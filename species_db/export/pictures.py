"""Copy the pictures that may leave with a package, and say which stayed and why."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from species_db.export.camtrap_rows import CamtrapRows
from species_db.export.jpeg import JpegError
from species_db.export.media_facts import MediaFacts
from species_db.export.outgoing_image import (
    Body,
    OutgoingSettings,
    find_banner,
    outgoing_image,
)
from species_db.export.package_rows import is_elsewhere
from species_db.language import tr
from species_db.survey import Survey

OnPicture = Callable[[int, int], None]


@dataclass
class CopiedPictures:
    """What became of the pictures of a package."""

    sha256s: dict[str, str] = field(default_factory=dict)
    """By media id; only these are public."""
    kept_back: int = 0
    films: int = 0
    unreadable: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know before passing the pictures on."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        if self.sha256s:
            count = len(self.sha256s)
            yield tr(
                f"{count} pictures were copied without metadata, the camera's info bar masked "
                "and people blurred. Look at them before passing them on: a signpost may tell "
                "the place too.",
                f"已复制 {count} 张照片:去除元数据,遮盖相机信息栏,模糊人物。"
                "转交前请查看:画面中的路牌等也可能透露地点。",
            )
        if self.kept_back:
            yield tr(
                f"{self.kept_back} files were not copied: people or set-up shots in their event, "
                "a place name on them, or nobody looked at them.",
                f"{self.kept_back} 个文件未复制:所在事件含有人物或布设调试照片,"
                "画面带有地名,或尚未查看。",
            )
        if self.films:
            yield tr(
                f"{self.films} videos stay inside: places and names hide in a film's frames, its "
                "sound and its metadata, and nothing here can show that they are gone.",
                f"{self.films} 个视频未复制:视频的画面、声音和元数据都可能含有地点或姓名,"
                "本软件无法证明已全部去除。",
            )
        if self.unreadable:
            yield tr(
                f"{self.unreadable} files were not copied: they are no whole JPEG pictures.",
                f"{self.unreadable} 个文件未复制:不是完整的 JPEG 照片。",
            )


def copy_pictures(
    survey: Survey,
    rows: CamtrapRows,
    folder: Path,
    *,
    bodies: Mapping[str, Sequence[Body]],
    on_picture: OnPicture,
) -> CopiedPictures:
    """Write every picture that may leave under its opaque name; `on_picture` hears done and total.

    Only JPEG: of other files it cannot be shown that nothing but the picture is left. Videos stay.
    """
    copied = CopiedPictures()
    leaving: dict[str, list[MediaFacts]] = defaultdict(list)
    for media in rows.records.media:
        if is_elsewhere(media):
            continue
        if not rows.is_public(media):
            copied.kept_back += 1
        elif media.file_mediatype.startswith("video/"):
            copied.films += 1
        elif media.file_mediatype != "image/jpeg":
            copied.unreadable += 1
        else:
            leaving[media.deployment_id].append(media)
    total, done = sum(map(len, leaving.values())), 0
    for pictures in leaving.values():
        banner = find_banner(survey.path_of(one.file_path).read_bytes() for one in _some(pictures))
        for media in pictures:
            original = survey.path_of(media.file_path).read_bytes()
            try:
                picture = outgoing_image(
                    original,
                    orientation=media.orientation,
                    banner=banner,
                    bodies=bodies.get(media.media_id, ()),
                )
            except JpegError:
                copied.unreadable += 1
            else:
                path = folder.joinpath(*rows.file_path(media).split("/"))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(picture)
                copied.sha256s[media.media_id] = sha256(picture).hexdigest()
            done += 1
            on_picture(done, total)
    return copied


def _some(pictures: Sequence[MediaFacts]) -> Iterator[MediaFacts]:
    """Spread over the whole deployment, so that light and season differ."""
    most = OutgoingSettings().frames
    step = max(len(pictures) // most, 1)
    yield from pictures[::step][:most]
