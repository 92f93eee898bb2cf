"""List versions: are their entries those that their seal was made over."""

from collections.abc import Iterator

from sqlmodel import Session

from species_db.lists.prepared import content_sha256
from species_db.stored import UNREADABLE, stored_rows
from species_db.tables import ListEntry, ListVersion
from species_db.verify.finding import Finding, Kind


def check_lists(session: Session) -> Iterator[Finding]:
    """Name every list version one of whose entries was edited, added or taken away.

    Entries carry no seal of their own: a status rests on whole lists, and the version's sealed row
    holds the hash over all of them.
    """
    for version in stored_rows(session, ListVersion):
        entries = [
            row.values
            for row in stored_rows(
                session,
                ListEntry,
                where=ListEntry.list_version_id == version.key,  # type: ignore[arg-type]
            )
        ]
        try:
            readable = [one for one in entries if one is not None]
            fits = len(readable) == len(entries) == version.raw["entry_count"]
            fits = fits and content_sha256(readable) == version.raw["content_sha256"]
        except UNREADABLE:
            fits = False
        if not fits:
            yield Finding(
                Kind.ALTERED,
                "listversion",
                version.key,
                "its entries are not those of the list: one was edited, added or taken away",
                "其条目与名录不符:有条目被改动、增加或删除",
            )
