"""A survey: one folder with its settings, its database and its originals.

survey.toml  survey.db  media/  quarantine/  previews/  receipts/
field/ (photos made in person)  jobs/  keys/  exports/ (what each export used)
log/ (rows that an entry of the log tells of, when they are many)  freezes/ (for evaluations)
"""

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from species_db.decisions import record_decision
from species_db.language import tr
from species_db.sealed_list import complete_entry, tell_all_rows
from species_db.seals import seal_unsealed
from species_db.tables import Archive
from species_db.version import VERSION
from species_db.vocabulary import Act

SETTINGS_FILE = "survey.toml"
DATABASE_FILE = "survey.db"
FOLDERS = (
    *("media", "quarantine", "previews", "receipts", "field", "jobs", "keys", "exports", "log"),
    "freezes",
)
ARCHIVE = "archive:"  # begins the path of an original that stays in an archive
ELSEWHERE = "elsewhere:"  # begins the path of a file that a package told of; not held here
BUSY_TIMEOUT_MS = 30_000  # a card import may hold the write lock while it commits a batch


class SurveyError(Exception):
    """The folder is not a survey, or its settings cannot be read."""


@dataclass(frozen=True)
class SurveySettings:
    """What `survey.toml` says; each value has a default that fits Linzhi."""

    title: str = ""
    rights_holder: str = ""
    contact: str = ""
    licence_data: str = "CC-BY-4.0"
    licence_media: str = "CC-BY-NC-4.0"
    utc_offset: str = "+08:00"  # fixed, not a zone name: Asia/Shanghai had summer time in 1986-91
    sequence_gap_seconds: int = 120  # Camtrap DP's usual sequence interval
    sampling_design: str = "systematicRandom"
    is_demonstration: bool = False
    database: str = ""  # empty: SQLite in the folder
    notify: str = ""  # where alert digests are sent, see species_db/alerts/sending.py

    @property
    def sequence_gap(self) -> timedelta:
        """Longest silence inside one event."""
        return timedelta(seconds=self.sequence_gap_seconds)

    @property
    def utc_offset_seconds(self) -> int:
        """Offset that camera clocks are set to unless a deployment says otherwise."""
        return parse_utc_offset(self.utc_offset)


def parse_utc_offset(text: str) -> int:
    """Read `+08:00` or `Z` as seconds east of UTC.

    >>> parse_utc_offset("+08:00"), parse_utc_offset("-03:30"), parse_utc_offset("Z")
    (28800, -12600, 0)
    """
    if text.strip().upper() == "Z":
        return 0
    match = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", text.strip())
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        raise SurveyError(
            tr(
                f"'{text}' is not an offset from UTC; write it like +08:00.",
                f"“{text}”不是 UTC 偏移量;请写成 +08:00 的形式。",
            )
        )
    seconds = int(match[2]) * 3600 + int(match[3]) * 60
    return -seconds if match[1] == "-" else seconds


@dataclass(frozen=True)
class Survey:
    """An open survey folder. Reading and writing go through `reading()` and `writing()`."""

    folder: Path
    settings: SurveySettings = field(default_factory=SurveySettings)

    @cached_property
    def engine(self) -> Engine:
        """The database engine, made on first use."""
        url = URL.create("sqlite", database=str(self.folder / DATABASE_FILE))
        return make_engine(self.settings.database or url)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the survey and changes nothing."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that takes the write lock at once and commits when the block ends well.

        Taking the lock first (`BEGIN IMMEDIATE`) means that two people writing wait for each
        other instead of one of them failing half-way.
        """
        engine = self.engine.execution_options(namcha_write=True)
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
            complete_entry(session, self.folder)

    def path_of(self, relative: str) -> Path:
        """Where a file that the database names lies on this computer.

        An original that was left in its archive has a path of `archive:<archive_id>/<path>`; where
        that archive lies is asked each time, because another process may just have moved it.
        """
        if relative.startswith(ARCHIVE):
            archive_id, _, below = relative.removeprefix(ARCHIVE).partition("/")
            with self.reading() as session:
                archive = session.get(Archive, archive_id)
            root = Path(archive.root) if archive else self.folder / "no such archive"
            return root.joinpath(*below.split("/"))
        if relative.startswith(ELSEWHERE):  # whatever the package says: never a path of ours
            return self.folder / "not held here"
        return self.folder.joinpath(*relative.split("/"))

    def close(self) -> None:
        """Let go of the database, so that the folder can be moved or unplugged."""
        self.engine.dispose()


def create_survey(folder: Path, settings: SurveySettings) -> Survey:
    """Make a new survey folder, or open the one that is there, with an up-to-date database."""
    path = folder / SETTINGS_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(settings_text(settings), encoding="utf-8")
    except OSError as error:
        raise SurveyError(_unwritable(folder, error)) from error
    return open_survey(folder)


def open_survey(folder: Path) -> Survey:
    """Open a survey folder and bring its database to this version's tables.

    Raises:
        SurveyError: there is no survey in the folder, or its settings cannot be read.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        raise SurveyError(
            tr(
                f"No survey in {folder}: {SETTINGS_FILE} is missing. Make one with 'namcha init "
                f"{folder}', or name the survey with --survey DIR or NAMCHA_SURVEY.",
                f"{folder} 里没有调查项目:缺少 {SETTINGS_FILE}。请用“namcha init {folder}”新建,"
                "或用 --survey 目录 / NAMCHA_SURVEY 指定。",
            )
        )
    survey = Survey(folder, read_settings(path))
    try:
        for name in FOLDERS:
            (folder / name).mkdir(exist_ok=True)
        migrate(survey)
    except OSError as error:
        raise SurveyError(_unwritable(folder, error)) from error
    except DatabaseError as error:
        survey.close()
        raise SurveyError(
            tr(
                f"The database of {folder} cannot be opened ({error.orig}). Is the disk full or "
                "read-only, or another program using it? Restore it from a copy if it is damaged.",
                f"无法打开 {folder} 的数据库({error.orig})。磁盘是否已满或只读,"
                "是否被其他程序占用?如已损坏,请用备份恢复。",
            )
        ) from error
    return survey


def _unwritable(folder: Path, error: OSError) -> str:
    return tr(
        f"The survey folder {folder} cannot be written: {error.strerror}. Free space, mend "
        "permissions, or choose another folder.",
        f"无法写入调查文件夹 {folder}:{error.strerror}。请腾出空间、检查权限或更换文件夹。",
    )


def read_settings(path: Path) -> SurveySettings:
    """Read `survey.toml`; a wrong key is an error, not silence."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        settings = SurveySettings(**values)
        for name, default in vars(SurveySettings()).items():
            if type(getattr(settings, name)) is not type(default):
                raise TypeError(f"{name} must be {type(default).__name__}")
    except (tomllib.TOMLDecodeError, TypeError, UnicodeDecodeError) as error:
        raise SurveyError(
            tr(
                f"{path} cannot be read: {error}. Mend the line it names.",
                f"无法读取 {path}:{error}。请改正所指的那一行。",
            )
        ) from error
    parse_utc_offset(settings.utc_offset)
    return settings


def make_engine(url: str | URL) -> Engine:
    """Make an engine; SQLite gets WAL, foreign keys, a busy timeout and real transactions."""
    engine = create_engine(url, hide_parameters=True)  # errors must not tell coordinates
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def migrate(survey: Survey) -> None:
    """Bring the database to this version's tables; a newer database is refused, not harmed."""
    from species_db.lists.seeding import bring_new_lists, seed_lists

    present, head = upgrade_tables(survey)
    if present == head:
        bring_new_lists(survey)
        return
    if present is not None:
        with survey.writing() as session:
            sealed = seal_unsealed(session)
            seed_lists(session, survey.folder)
            tell_all_rows(session)
            record_decision(
                session,
                Act.ROWS_SEALED,
                subject=head,
                person=f"namcha {VERSION}",
                details={"tables_before": present, "rows": sealed},
            )


def upgrade_tables(survey: Survey) -> tuple[str | None, str]:
    """Bring the tables alone to this version's; give their version before, and now.

    Raises:
        SurveyError: the database was made by a newer Namcha, or its rows do not fit together.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head() or ""
    with survey.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present == head:
        return present, head
    if present is not None and present not in {s.revision for s in scripts.walk_revisions()}:
        raise SurveyError(
            tr(
                f"This survey was made by a newer Namcha (tables {present}). Update Namcha first.",
                f"该调查项目由更新版本的 Namcha 建立(表版本 {present})。请先更新 Namcha。",
            )
        )
    with _changing_tables(survey) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return present, head


@contextmanager
def _changing_tables(survey: Survey) -> Iterator[Connection]:
    """A connection that may rebuild tables.

    SQLite changes a column by making the table anew, which foreign keys on it would forbid; they
    are checked all at once before the change is committed (sqlite.org/lang_altertable.html).
    """
    engine = make_engine(survey.engine.url)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        event.listen(engine, "connect", _without_foreign_keys)
    try:
        with engine.execution_options(namcha_write=True).begin() as connection:
            yield connection
            if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise SurveyError(
                    tr(
                        "The tables could not be brought up to date: a row points at one that is "
                        "gone. Nothing was changed; run 'namcha verify' with the older Namcha.",
                        "无法更新数据表:有记录指向已不存在的记录。未作任何改动;"
                        "请用旧版 Namcha 运行“namcha verify”。",
                    )
                )
    finally:
        engine.dispose()


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a receipt must outlive a pulled plug
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("namcha_write", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {0 if writes else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def settings_text(settings: SurveySettings) -> str:
    """The settings as `survey.toml` holds them."""
    lines = ["# Namcha survey. Namcha 调查项目。", ""]
    for name, value in vars(settings).items():
        if isinstance(value, bool):
            lines.append(f"{name} = {str(value).lower()}")
        elif isinstance(value, int):
            lines.append(f"{name} = {value}")
        else:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
            lines.append(f'{name} = "{escaped}"')
    return "\n".join(lines) + "\n"
