"""Grouping media into events."""

from datetime import timedelta
from itertools import pairwise

from factories import NINE, make_event, make_media
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from species_db.events import DatedMedia, assign_events, group_by_gap
from species_db.survey import Survey
from species_db.tables import Event

GAP = timedelta(seconds=120)


@given(st.lists(st.integers(0, 3000), max_size=40))
def test_events_are_apart_and_their_media_are_together(seconds: list[int]) -> None:
    """Every media is in one event, and silences between events are longer than the gap."""
    media = [DatedMedia(str(i), NINE + timedelta(seconds=s), "") for i, s in enumerate(seconds)]
    groups = group_by_gap(media, [], gap=GAP)
    assert sorted(m for g in groups for m in g.media_ids) == sorted(m.media_id for m in media)
    for before, after in pairwise(groups):
        assert after.start - before.end > GAP


def test_a_silence_of_exactly_the_gap_is_inside(survey: Survey) -> None:
    """120 seconds apart is one event, 121 seconds apart are two."""
    with survey.writing() as session:
        for second in (0, 120, 241):
            make_media(session, timestamp=NINE + timedelta(seconds=second))
        assert assign_events(session, "MT-01-2026", gap=GAP) == 2


def test_undated_media_are_each_their_own_event(survey: Survey) -> None:
    """Nobody knows what an undated photo belongs to."""
    with survey.writing() as session:
        make_media(session, timestamp=None)
        make_media(session, timestamp=None)
        assert assign_events(session, "MT-01-2026", gap=GAP) == 2
        assert {event.event_start for event in session.exec(select(Event))} == {None}


def test_new_media_join_an_event_and_send_it_back_to_review(survey: Survey) -> None:
    """A reviewed event that gains a photo is looked at again, under its old id."""
    with survey.writing() as session:
        event = make_event(session, photos=2, is_reviewed=True, current_review_id="r1")
        make_media(session, timestamp=NINE + timedelta(seconds=30))
        assign_events(session, "MT-01-2026", gap=GAP)
    with survey.reading() as session:
        stored = session.exec(select(Event)).one()
    assert (stored.event_id, stored.media_count, stored.is_reviewed) == (event.event_id, 3, False)


def test_a_photo_between_two_events_merges_neither(survey: Survey) -> None:
    """What was reviewed as two events stays two, even when a later card brings the link."""
    with survey.writing() as session:
        make_event(session, start=NINE)
        make_event(session, start=NINE + timedelta(seconds=200))
        make_media(session, timestamp=NINE + timedelta(seconds=100))
        assign_events(session, "MT-01-2026", gap=GAP)
        counts = sorted(event.media_count for event in session.exec(select(Event)))
    assert counts == [1, 2]
