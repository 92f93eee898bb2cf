"""Where originals lie on this computer, for jobs that ask of thousands of them."""

from collections.abc import Callable
from pathlib import Path

from sqlmodel import Session, select

from species_db.survey import ARCHIVE, Survey
from species_db.tables import Archive


def original_paths(session: Session, survey: Survey) -> Callable[[str], Path]:
    """Give `Survey.path_of` with the archives' places read once."""
    roots = dict(session.exec(select(Archive.archive_id, Archive.root)).all())

    def path_of(relative: str) -> Path:
        if not relative.startswith(ARCHIVE):
            return survey.path_of(relative)
        archive_id, _, below = relative.removeprefix(ARCHIVE).partition("/")
        root = roots.get(archive_id)
        place = Path(root) if root else survey.folder / "no such archive"
        return place.joinpath(*below.split("/"))

    return path_of
