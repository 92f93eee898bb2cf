"""Write what is worked out about media, many rows at once."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session

from species_db.tables import Media

ROWS_A_PAGE = 1000


def write_media(session: Session, changes: Iterable[dict[str, Any]]) -> None:
    """Set columns of media that lie outside the seal; each change names its `media_id`.

    The same columns in every change. Rows that the session has read say the same.
    """
    session.flush()
    waiting = iter(changes)
    while page := list(islice(waiting, ROWS_A_PAGE)):
        names = [name for name in page[0] if name != "media_id"]
        if not Media.OUTSIDE_SEAL.issuperset(names):
            raise ValueError(f"sealed columns of media are not written in bulk: {sorted(names)}")
        session.execute(update(Media), page)
        told = {change["media_id"]: change for change in page}
        for row in session.identity_map.values():
            if isinstance(row, Media) and row.media_id in told:
                for name in names:
                    set_committed_value(row, name, told[row.media_id][name])
