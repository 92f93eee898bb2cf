"""Control actions on the page of invaders: what was done, pictures before and after, the effect."""

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from review_app.say import heading, quiet, two_lines
from species_db.invasive.control_effect import (
    ControlEffect,
    effect_of_control,
    read_control_ground,
)
from species_db.invasive.control_list import ControlView, control_actions
from species_db.invasive.follow_up import FollowUp
from species_db.invasive.words import (
    area_words,
    design_words,
    effect_words,
    measure_words,
    method_words,
)
from species_db.survey import Survey

SHOWN_OPEN = 3  # campaigns told in full; earlier ones behind a fold
PICTURES = 2  # of a visit
COLUMNS = (1.5, 1, 1)  # what was done, before, after
SEPARATOR = "\u00a0· "  # no line begins with a dot

Words = Mapping[str, str]
Campaign = list[tuple[ControlView, ControlEffect]]  # actions that are compared together


def draw_controls(survey: Survey, taxon_id: str, words: Words) -> None:
    """Draw every action against a species, the latest first; a campaign is told once."""
    heading(words["control"])
    with survey.reading() as session:
        ground = read_control_ground(session, taxon_id)
        told = [
            (one, effect_of_control(session, one.control_id, ground=ground))
            for one in control_actions(session, taxon_id)
        ]
    campaigns = _campaigns(told)
    if not campaigns:
        quiet(words["no_control"])
    for campaign in campaigns[:SHOWN_OPEN]:
        _campaign(campaign, words)
    if more := campaigns[SHOWN_OPEN:]:
        with st.expander(words["earlier"].format(count=sum(map(len, more)))):
            for campaign in more:
                _campaign(campaign, words)


def _campaigns(told: Campaign) -> list[Campaign]:
    """Put together the actions whose effect was worked out from the same plots."""
    groups: dict[object, Campaign] = {}
    for action, effect in told:
        key = (action.method, effect.treated, effect.controls) if effect.treated else action
        groups.setdefault(key, []).append((action, effect))
    return list(groups.values())


def _campaign(campaign: Campaign, words: Words) -> None:
    action, effect = campaign[0]
    first = min(one.started_on for one, _ in campaign)
    last = max(one.ended_on or one.started_on for one, _ in campaign)
    days = str(first) if first == last else f"{first} – {last}"
    where = action.where if len(campaign) == 1 else words["places"].format(count=len(campaign))
    with st.container(border=True):
        two_lines(f"{days} · {method_words(action.method)} · {where}", is_strong=True)
        two_lines(effect_words(effect.effect), design_words(effect.effect))
        if left_out := sum(effect.unused.values()):
            quiet(words["unused"].format(count=left_out))
        for one, own in campaign:
            _action(one, own, words)


def _action(action: ControlView, effect: ControlEffect, words: Words) -> None:
    name, before, after = st.columns(COLUMNS, gap="medium")
    with name:
        two_lines(action.where, _details(action, words))
    with before:
        _visits(words["before"], effect.before[-1:], words, none=words["no_before"])
    with after:
        _visits(words["after"], effect.after[-1:], words, none=words["no_after"])


def _details(action: ControlView, words: Words) -> str:
    told = [words["led"].format(name=action.led_by)]
    if action.treated_area_m2 is not None:
        told.append(words["treated"].format(area=area_words(action.treated_area_m2)))
    if action.removed:
        told.append(words["removed"].format(amount=action.removed))
    if action.person_days is not None:
        told.append(words["labour"].format(days=f"{action.person_days:g}"))
    told += [part for part in (action.agent, action.remarks) if part]
    return SEPARATOR.join([*told, words["visits"].format(count=action.visits)])


def _visits(name: str, visits: Sequence[FollowUp], words: Words, *, none: str) -> None:
    """The last visit of one side of an action, with its pictures."""
    if not visits:
        two_lines(none, name)
    for visit in visits:
        when = "days_before" if visit.days_since < 0 else "days_after"
        told = measure_words(visit.measure, visit.value)
        if visit.share_left is not None and visit.days_since >= 0:
            told += " · " + words["left"].format(share=f"{visit.share_left:.0%}")
            told += words["stated"] if visit.is_stated else ""
        days = words[when].format(on=visit.on, days=abs(visit.days_since))
        two_lines(told, f"{name} · {days}")
        pictures = visit.photo_ids[:PICTURES]
        if pictures:
            st.html(f"<div class='pairs'>{''.join(_picture(one, days) for one in pictures)}</div>")


def _picture(photo_id: str, told: str) -> str:
    """A field photo as the page of field records sends it: scaled, without its position."""
    at, said = html.escape(photo_id, quote=True), html.escape(told, quote=True)
    return (
        f"<figure><a href='/field/{at}/large' target='_blank'>"
        f"<img src='/field/{at}/small' alt='{said}'></a></figure>"
    )
