"""Read a frozen survey, and change nothing in it: not a byte of the snapshot, not a file beside it.

A snapshot of an older Namcha is copied aside and its tables alone are brought to this version's:
no list that shipped since comes into it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from species_db.evaluation.kept_freeze import Freeze
from species_db.evaluation.snapshot import open_read_only
from species_db.survey import DATABASE_FILE, Survey, SurveySettings, read_settings, upgrade_tables


@contextmanager
def reading_freeze(freeze: Freeze) -> Iterator[tuple[Session, SurveySettings]]:
    """Give a session on the snapshot, and the settings that were in force.

    Raises:
        SurveyError: the snapshot was made by a newer Namcha.
    """
    settings = read_settings(freeze.settings)
    with (
        tempfile.TemporaryDirectory(prefix="namcha-") as aside,
        reading_snapshot(_readable(freeze, Path(aside))) as session,
    ):
        yield session, settings


@contextmanager
def reading_snapshot(path: Path) -> Iterator[Session]:
    """Give a session on a snapshot, for reading alone."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: open_read_only(path),
        poolclass=StaticPool,
        hide_parameters=True,
    )
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def _readable(freeze: Freeze, aside: Path) -> Path:
    """The snapshot itself if its tables are this version's, else a copy brought to them."""
    if freeze.told["snapshot"]["tables_version"] == tables_now():
        return freeze.database
    copy = Survey(aside)
    shutil.copyfile(freeze.database, aside / DATABASE_FILE)
    try:
        upgrade_tables(copy)
    finally:
        copy.close()
    return aside / DATABASE_FILE


def tables_now() -> str:
    """The version of this Namcha's tables."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    import species_db

    config = Config()
    folder = str(Path(species_db.__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    return ScriptDirectory.from_config(config).get_current_head() or ""
