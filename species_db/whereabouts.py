"""Where originals lie on this computer, for jobs that ask of thousands of them."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from species_db.survey import ARCHIVE, ELSEWHERE, Survey
from species_db.tables import Archive, Media


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


def is_held() -> ColumnElement[bool]:
    """Select the media whose files the survey answers for; of others a package only told."""
    return ~col(Media.file_path).startswith(ELSEWHERE, autoescape=True)


def count_not_held(session: Session) -> int:
    """How many media are known by a package alone, so that no model and no check can open them."""
    return session.exec(select(func.count()).select_from(Media).where(~is_held())).one()
