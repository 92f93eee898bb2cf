"""The files of an event: which there are, and which of them no model can answer on."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import or_
from sqlmodel import Session, col, select

from species_db.tables import Media, Problem

PIXELS_UNREADABLE = "pixels_unreadable"  # as ingest notes a file that no decoder could read


def media_of_event(session: Session, event_id: str) -> list[str]:
    """Name the files that an event holds now, sorted."""
    return sorted(session.exec(select(Media.media_id).where(Media.event_id == event_id)))


def fingerprint(media_ids: Iterable[str]) -> str:
    """Say in a few letters which files a screen showed, so that an act can be held to them.

    >>> fingerprint(["b", "a"]) == fingerprint(["a", "b"]) != fingerprint(["a"])
    True
    """
    return hashlib.sha256("\n".join(sorted(media_ids)).encode()).hexdigest()[:24]


def cannot_answer(session: Session, *event_ids: str) -> frozenset[str]:
    """Name the files of events that may have to be left to a person: films, and damaged ones.

    Waiting for a model's answer on a damaged file would keep the event out of sight for ever; a
    film takes a model long, and a person may look at it before. One that has been answered counts
    by its answer.
    """
    unreadable = select(Problem.media_id).where(
        Problem.media_id == Media.media_id, Problem.code == PIXELS_UNREADABLE
    )
    is_film = col(Media.file_mediatype).startswith("video/")
    found = session.exec(
        select(Media.media_id).where(
            col(Media.event_id).in_(event_ids), or_(is_film, unreadable.exists())
        )
    )
    return frozenset(found)
