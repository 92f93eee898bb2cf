"""Which path a file has in the results, so that the program that opens them finds the picture."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import takewhile
from pathlib import Path, PurePath

from sqlmodel import Session, select

from species_db.export.offering import ExportRefused
from species_db.language import tr
from species_db.survey import ARCHIVE, Survey
from species_db.tables import Archive


class PathStyle(StrEnum):
    """Where the pictures lie that the results will be opened beside."""

    KEPT = "kept"  # as the survey keeps them, below its media folder or an archive's root
    CARD = "card"  # copies of the cards, each in a folder named after its deployment
    RESULTS = "results"  # as in the other tool's file


class ResultPaths:
    """Paths as in the other tool's file, relative: below the folder that all absolute ones share.

    >>> paths = ResultPaths(["D:/cards/SD01/a.JPG", "D:/cards/SD02/a.JPG"])
    >>> paths.root, paths.relative("D:/cards/SD02/a.JPG"), paths.relative("SD03/a.JPG")
    ('D:/cards', 'SD02/a.JPG', 'SD03/a.JPG')
    """

    def __init__(self, told_paths: Iterable[str]) -> None:
        shared: list[str] | None = None
        for folders in {path.rpartition("/")[0] for path in told_paths if _is_absolute(path)}:
            parts = folders.split("/")
            same = zip(shared or parts, parts, strict=False)
            shared = [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], same)]
        self.root = "/".join(shared or ())

    def relative(self, told_path: str) -> str:
        """One path below the shared folder."""
        if not _is_absolute(told_path):
            return told_path
        return told_path.removeprefix(self.root).lstrip("/")


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or path[1:3] == ":/"


class KeptPaths:
    """Paths of originals below one root, which is opened as the image folder."""

    def __init__(self, session: Session, survey: Survey, root: Path | None) -> None:
        self.root = (root or survey.folder / "media").resolve()
        self._survey = survey.folder.resolve()
        self._archives: Mapping[str, Path] = {
            one.archive_id: Path(one.root).resolve() for one in session.exec(select(Archive))
        }

    def below_root(self, file_path: str) -> str | None:
        """The path of an original below the root, with forward slashes; None outside of it."""
        if file_path.startswith(ARCHIVE):
            archive_id, _, below = file_path.removeprefix(ARCHIVE).partition("/")
            home = self._archives.get(archive_id)
            if home is None:
                return None
        else:
            home, below = self._survey, file_path
        whole = PurePath(home, *below.split("/"))
        if not whole.is_relative_to(self.root):
            return None
        return whole.relative_to(self.root).as_posix()


def refuse_doubles(paths: Mapping[str, int]) -> None:
    """Refuse results in which one path stands for two files.

    Raises:
        ExportRefused: there is such a path.
    """
    doubled = sorted(path for path, count in paths.items() if count > 1)
    if doubled:
        raise ExportRefused(
            tr(
                f"Nothing was exported: {len(doubled)} paths stand for two files each, since two "
                "cards of a deployment have the same names. Use --paths kept.",
                f"未导出：{len(doubled)} 个路径各对应两个文件（同一布设的两张存储卡有同名文件）。"
                "请用 --paths kept。",
            ),
            doubled,
        )
