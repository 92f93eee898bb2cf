"""One import at a time for one card or folder; the system unlocks it when its process dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout

from ingest.originals import storage_error
from species_db.busy import busy_lock
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import CardImport


class ImportBusyError(Exception):
    """The card is being imported already, here or by somebody else who shares the survey."""


@contextmanager
def import_lock(survey: Survey, import_id: str) -> Iterator[None]:
    """Hold a card for one import, or say plainly who is at it, since when and how far.

    Raises:
        ImportBusyError: another import of this card is running.
        StorageError: the survey folder is read-only.
    """
    lock = busy_lock(survey.folder, import_id)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _busy(survey, import_id) from None
    except OSError as error:
        raise storage_error(Path(lock.lock_file).name, error) from error
    try:
        yield
    finally:
        lock.release()


def _busy(survey: Survey, card_import_id: str) -> ImportBusyError:
    with survey.reading() as session:
        card = session.get(CardImport, card_import_id)
    if card is None:
        far = tr("it has only just begun", "刚刚开始")
    else:
        since = card.started_at.astimezone().isoformat(sep=" ", timespec="minutes")
        far = tr(
            f"begun by {card.person} on {since}, {card.done_files} of {card.total_files} files",
            f"由 {card.person} 于 {since} 开始,已完成 {card.done_files}/{card.total_files} 个文件",
        )
    return ImportBusyError(
        tr(
            f"This card is being imported already: {far}. Nothing was changed. Wait for it to end, "
            "or end that program, then run the import again.",
            f"该存储卡正在导入:{far}。未作任何更改。请等待其完成,或结束该程序后再次导入。",
        )
    )
