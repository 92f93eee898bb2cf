"""The lower half of the import page: jobs as they go, and receipts, renewed by themselves.

What is shown is read from the database, so everybody who looks sees the same.
"""

import html
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import streamlit as st
from sqlalchemy.exc import OperationalError
from streamlit.delta_generator import DeltaGenerator

from review_app.jobs import JobError, cards_of, clear_away, resume
from review_app.receipts import ReceiptLine, read_receipts
from review_app.say import heading, quiet, sign, size, two_lines
from species_db.jobs import CardAt, Condition, JobView, Pace, log_of, pace_of, recent_jobs
from species_db.language import Language
from species_db.survey import Survey

Words = Mapping[str, str]

LIVE_S, IDLE_S = 1.0, 4.0  # how often the page looks: work under way, or none
LATELY = timedelta(hours=8)  # a finished job stands there for the evening
WINDOW = 20  # samples that the rate is measured over
LOG_LINES = 20
SIGNS = {
    Condition.WAITING: ("◌", ""),
    Condition.RUNNING: ("▶", "good"),
    Condition.STOPPED: ("■", "doubt"),
    Condition.DONE: ("✓", "good"),
    Condition.FAILED: ("✗", "bad"),
}
_samples: dict[str, deque[tuple[datetime, int]]] = {}  # by card: of this server, for all who look


def draw_jobs(survey: Survey, words: Words, *, person: str, language: Language) -> None:
    """Draw what is under way, and again by itself as long as the page is open."""
    try:
        is_live = any(job.is_live for job in recent_jobs(survey, "import"))
    except OperationalError:
        is_live = True
    part = st.fragment(_jobs, run_every=LIVE_S if is_live else IDLE_S)
    part(survey, words, person, language)


def draw_receipts(survey: Survey, words: Words, *, language: Language) -> None:
    """Draw the receipts, and again by itself when a card has been read."""
    part = st.fragment(_receipts, run_every=IDLE_S)
    part(survey, words, language)


def _jobs(survey: Survey, words: Words, person: str, language: Language) -> None:
    clear_away()
    try:
        jobs = _to_show(recent_jobs(survey, "import"), datetime.now(UTC))
    except OperationalError:
        return  # busy: what stands there stays for a second more
    if not jobs:
        return
    heading(words["jobs"])
    receipts = {line.card_import_id: line for line in read_receipts(survey)}
    for job in jobs:
        _job(survey, job, receipts, words, person=person, language=language)
    if any(job.is_live for job in jobs):
        quiet(words["jobs_hint"])


def _to_show(jobs: tuple[JobView, ...], now: datetime) -> list[JobView]:
    """What is under way or was of late; a job that was resumed once, as it is now.

    One that stopped stays until it is resumed: its card is not yet safe.
    """
    newest: dict[tuple[str, ...], JobView] = {}
    for job in jobs:
        newest.setdefault(job.arguments, job)
    return [
        job
        for job in newest.values()
        if job.condition is Condition.STOPPED or job.is_live or now - job.started_at < LATELY
    ]


def _job(
    survey: Survey,
    job: JobView,
    receipts: Mapping[str, ReceiptLine],
    words: Words,
    *,
    person: str,
    language: Language,
) -> None:
    symbol, tone = SIGNS[job.condition]
    cards = cards_of(job)
    with st.container(border=True, key=f"job_{job.job_id}"):
        title, state, act = st.columns((6, 2.4, 1.6), vertical_alignment="center")
        signed = words["by"].format(
            person=job.person, when=f"{job.started_at.astimezone():%m-%d %H:%M}"
        )
        subject = job.subject
        if cards > 1:
            subject = words["many"].format(subject=subject, cards=cards)
        title.html(
            f"<b>{html.escape(subject)}</b> <span class='quiet'>&ensp;{html.escape(signed)}</span>"
        )
        told = sign(f"{symbol} {words[job.condition.value]}", tone)
        done = [receipts[card.card_import_id] for card in job.cards if _is_in(card, receipts)]
        if job.condition is Condition.DONE and done:
            told += " " + _outcome(done, words)
            if len(done) == 1:
                _open(done[0], words, act)
        state.html(told)
        if job.condition in (Condition.STOPPED, Condition.FAILED):
            act.button(
                words["resume" if job.condition is Condition.STOPPED else "again"],
                key=f"resume {job.job_id}",
                width="stretch",
                disabled=not person,
                on_click=partial(_resume, survey, job, person, language),
            )
        _cards(job, cards, words)
        _trouble(survey, job, words)


def _cards(job: JobView, cards: int, words: Words) -> None:
    """Draw how far a job is: its one card, or of several how many are read, and the one now."""
    if cards == 1:
        for card in job.cards:
            _card(job, card, words)
        return
    done = sum(card.is_complete for card in job.cards)
    now = [card for card in job.cards if not card.is_complete]
    if job.condition is Condition.DONE or not now:
        quiet(words["cards_done"].format(n=done, cards=cards))
        return
    quiet(
        words["card_of"].format(
            n=done + 1, cards=cards, card=now[-1].card, deployment=now[-1].deployment_id
        )
    )
    _card(job, now[-1], words)


def _trouble(survey: Survey, job: JobView, words: Words) -> None:
    if job.condition is Condition.STOPPED:
        quiet(words["stopped_hint"])
    if job.condition is Condition.FAILED:
        two_lines(job.message)
        with st.expander(words["log"]):
            st.code(_log(survey, job), language=None)


def _is_in(card: CardAt, receipts: Mapping[str, ReceiptLine]) -> bool:
    return card.card_import_id in receipts


def _card(job: JobView, card: CardAt, words: Words) -> None:
    pace = _pace(job, card)
    if job.condition is not Condition.DONE:
        st.progress(card.share)
    told = words["at"].format(
        done=f"{card.done_files:,}",
        total=f"{card.total_files:,}",
        bytes=size(card.done_bytes),
        total_bytes=size(card.total_bytes),
    )
    if job.condition is Condition.RUNNING:
        if not card.total_files:
            told = words["listing"]
        elif card.done_bytes >= card.total_bytes and not card.is_complete:
            told += " · " + words["closing"]
        elif pace.bytes_per_s and pace.seconds_left is not None:
            told += words["pace"].format(
                rate=size(pace.bytes_per_s), left=_duration(pace.seconds_left, words)
            )
    quiet(told)


def _pace(job: JobView, card: CardAt) -> Pace:
    """The rate over the last samples, the same for everybody who looks at this server."""
    if not job.is_live or card.is_complete:
        _samples.pop(card.card_import_id, None)
        return Pace()
    samples = _samples.setdefault(card.card_import_id, deque(maxlen=WINDOW))
    if samples and card.done_bytes < samples[-1][1]:
        samples.clear()  # resumed: it passes over what is safe before it goes on
    if card.progress_at and (not samples or card.progress_at > samples[-1][0]):
        samples.append((card.progress_at, card.done_bytes))
    return pace_of(tuple(samples), total_bytes=card.total_bytes)


def _duration(seconds: float, words: Words) -> str:
    left = timedelta(seconds=round(seconds))
    minutes = round(left.total_seconds() / 60)
    if left < timedelta(seconds=90):
        return words["seconds"].format(n=left.seconds)
    if minutes < 90:
        return words["minutes"].format(n=minutes)
    return words["hours"].format(n=minutes // 60, m=minutes % 60)


def _receipts(survey: Survey, words: Words, language: Language) -> None:
    heading(words["receipts"])
    receipts = read_receipts(survey)
    for line in receipts:
        _receipt(line, words, language)
    if not receipts:
        quiet(words["no_receipts"])


def _receipt(line: ReceiptLine, words: Words, language: Language) -> None:
    with st.container(border=True):
        name, counts, verdict, opened = st.columns((3, 4.4, 2, 1.6), vertical_alignment="center")
        card = f"{line.card} · " if line.card != line.deployment_id else ""
        when = f"{card}{line.person}, {line.completed_at[:10]}"
        with name:
            two_lines(line.deployment_id, when, is_strong=True)
        told = words["count"].format(files=f"{line.files:,}", size=size(line.bytes))
        told += " · " + words["receipt_line"].format(
            stored=f"{line.stored:,}", duplicates=line.duplicates, bad=line.unusable
        )
        counts.html(f"<div class='figures'>{html.escape(told)}</div>")
        verdict.html(_verdict(line, words))
        _open(line, words, opened)
        if not line.is_safe_to_wipe:
            quiet("; ".join(reason[language == "zh"] for reason in line.because))


def _outcome(lines: list[ReceiptLine], words: Words) -> str:
    """The verdict on a job's cards: of one, or of all together."""
    if len(lines) == 1:
        return _verdict(lines[0], words)
    unsafe = sum(not line.is_safe_to_wipe for line in lines)
    if unsafe:
        return sign(words["cards_unsafe"].format(n=unsafe), "bad")
    return sign(words["cards_safe"].format(n=len(lines)), "good")


def _verdict(line: ReceiptLine, words: Words) -> str:
    is_safe = line.is_safe_to_wipe
    return sign(words["wipe_yes" if is_safe else "wipe_no"], "good" if is_safe else "bad")


def _open(line: ReceiptLine, words: Words, place: DeltaGenerator) -> None:
    for page in line.pages[:1]:
        place.link_button(words["open"], f"/receipt/{page}", width="stretch")


def _log(survey: Survey, job: JobView) -> str:
    try:
        text = log_of(survey, job.job_id).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-LOG_LINES:])


def _resume(survey: Survey, job: JobView, person: str, language: Language) -> None:
    try:
        resume(survey, job, person=person, language=language)
    except JobError as error:
        st.session_state["import_trouble"] = str(error)
