"""Grouping media into events."""

from datetime import timedelta
from itertools import pairwise

import pytest
from factories import (
    NINE,
    make_event,
    make_human_review,
    make_machine_observation,
    make_media,
)
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from species_db.events import DatedMedia, assign_events, group_by_gap
from species_db.survey import Survey
from species_db.tables import CardImport, Event, Media, Observation

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


def test_new_media_join_a_reviewed_event_and_send_it_back(survey: Survey) -> None:
    """A reviewed event that gains a photo is looked at again, under its old id."""
    with survey.writing() as session:
        event = make_event(session, photos=2)
    make_human_review(survey, event)
    with survey.writing() as session:
        make_media(session, timestamp=NINE + timedelta(seconds=30))
        assign_events(session, "MT-01-2026", gap=GAP)
    with survey.reading() as session:
        stored = session.exec(select(Event)).one()
    assert (stored.event_id, stored.media_count, stored.is_reviewed) == (event.event_id, 3, False)
    assert stored.current_review_id is not None


def test_a_photo_between_two_reviewed_events_merges_neither(survey: Survey) -> None:
    """What was reviewed as two events stays two, even when a later card brings the link."""
    with survey.writing() as session:
        events = [make_event(session, start=NINE + timedelta(seconds=s)) for s in (0, 200)]
    for event in events:
        make_human_review(survey, event)
    with survey.writing() as session:
        make_media(session, timestamp=NINE + timedelta(seconds=100))
        assign_events(session, "MT-01-2026", gap=GAP)
        counts = sorted(event.media_count for event in session.exec(select(Event)))
    assert counts == [1, 2]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_cards_in_any_order_give_the_same_events(survey: Survey, order: tuple[int, ...]) -> None:
    """Unreviewed events are grouped anew, so a linking photo that comes last still links."""
    seconds = ((0, 500), (200,), (100, 620))
    with survey.writing() as session:
        names = {}
        for card in order:
            for second in seconds[card]:
                media = make_media(session, timestamp=NINE + timedelta(seconds=second))
                names[media.media_id] = second
            assign_events(session, "MT-01-2026", gap=GAP)
        found = {}
        for media in session.exec(select(Media)):
            found.setdefault(media.event_id, set()).add(names[media.media_id])
        assert sorted(map(sorted, found.values())) == [[0, 100, 200], [500, 620]]
        spans = {(e.event_start, e.media_count) for e in session.exec(select(Event))}
    assert spans == {(NINE, 3), (NINE + timedelta(seconds=500), 2)}


def test_answers_follow_their_media_to_the_event(survey: Survey) -> None:
    """What a model said before the card was finished is on the event once it is."""
    with survey.writing() as session:
        media = make_media(session)
        make_machine_observation(session, media)
        assign_events(session, "MT-01-2026", gap=GAP)
        event = session.exec(select(Event)).one()
        observation = session.exec(select(Observation)).one()
    assert (event.machine_type, observation.event_id) == ("animal", event.event_id)


def test_an_event_that_loses_its_animal_says_so(survey: Survey) -> None:
    """When the one photo with an animal goes to another event, both events say what they hold."""
    with survey.writing() as session:
        blank, animal = make_media(session), make_media(session)
        make_machine_observation(session, blank, observation_type="blank", bbox=None)
        make_machine_observation(session, animal)
        assign_events(session, "MT-01-2026", gap=GAP)
        animal.timestamp = NINE + timedelta(hours=1)
        session.flush()
        assign_events(session, "MT-01-2026", gap=GAP)
        types = {
            m.media_id: session.get_one(Event, m.event_id).machine_type for m in (blank, animal)
        }
    assert types == {blank.media_id: "blank", animal.media_id: "animal"}


def test_grouping_again_changes_nothing(survey: Survey) -> None:
    """The same media give the same events; nothing is written twice."""
    with survey.writing() as session:
        for second in (0, 10, 500):
            make_media(session, timestamp=NINE + timedelta(seconds=second))
        assert assign_events(session, "MT-01-2026", gap=GAP) == 2
        assert assign_events(session, "MT-01-2026", gap=GAP) == 0


def test_a_card_still_being_read_makes_no_events(survey: Survey) -> None:
    """Half a card would give half an event: its media wait until the card is finished."""
    with survey.writing() as session:
        make_media(session)
        card = session.exec(select(CardImport)).one()
        card.state = "running"
        session.flush()
        assert assign_events(session, "MT-01-2026", gap=GAP) == 0
