"""The history of an alert as its page tells it: what the log keeps apart, a reader sees once."""

from datetime import UTC, datetime, timedelta

import pytest

from review_app.alert_detail import history_html
from review_app.say import words_of
from review_app.words_alerts import SENTENCES
from species_db.alerts import Step, act_on, escalate_overdue, raise_alerts, view_alert
from species_db.language import Language, speaking
from species_db.survey import Survey
from species_db.tables import Alert
from species_db.vocabulary import AlertAct
from tests.planted import alerts, field_record

DAY = timedelta(days=1)
TODAY = datetime.now(UTC).date()
LINZHI = timedelta(hours=8)
EN: Language = "en"


@pytest.fixture
def survey(planted_survey: Survey) -> Survey:
    """A survey with two plots of Medog whose cameras worked since 2025."""
    return planted_survey


def late_alert(survey: Survey) -> str:
    """An alert on a dead animal that nobody took up for weeks; gives its id."""
    field_record(survey, "LZ-001", TODAY - 60 * DAY, "Macaca assamensis", vitality="dead")
    raise_alerts(survey, now=datetime.now(UTC) - 40 * DAY, person="Tashi")
    (alert,) = alerts(survey, "dead_or_ill")
    return alert.alert_id


def history_of(survey: Survey, alert_id: str, language: Language = EN) -> tuple[str, int]:
    """The history as the page shows it, and how many steps the log has."""
    with speaking(language), survey.reading() as session:
        _, steps = view_alert(session, alert_id, now=datetime.now(UTC))
        told = history_html(steps, words_of(SENTENCES, language), LINZHI)
    return told, len(steps)


def test_levels_reached_at_once_are_one_line(survey: Survey) -> None:
    """Three levels in the log are one line on the page, with the level and since when."""
    alert_id = late_alert(survey)
    with survey.reading() as session:
        due = session.get_one(Alert, alert_id).due_at
    assert due is not None
    reached = escalate_overdue(survey, datetime.now(UTC))
    assert [level for one, level in reached if one == alert_id] == [1, 2, 3]
    told, steps = history_of(survey, alert_id)
    since = f"{due + LINZHI:%Y-%m-%d}"
    assert steps == 4 and told.count("<li>") == 2
    assert f"overdue, escalated to level 3, since {since}" in told
    chinese, _ = history_of(survey, alert_id, "zh")
    assert f"逾期，升至 3 级，自 {since} 起" in chinese


def test_levels_begin_anew_after_a_step(survey: Survey) -> None:
    """What somebody did between two deadlines stands between them, and the levels start at one."""
    alert_id = late_alert(survey)
    now = datetime.now(UTC)
    escalate_overdue(survey, now - 30 * DAY)
    act_on(survey, alert_id, Step(AlertAct.ACKNOWLEDGE, "Drolma"), now=now - 29 * DAY)
    with survey.reading() as session:
        due = session.get_one(Alert, alert_id).due_at
    assert due is not None
    escalate_overdue(survey, due + timedelta(hours=1))
    told, _ = history_of(survey, alert_id)
    assert told.count("<li>") == 4
    assert told.index("escalated to level 1") < told.index("acknowledged")
    assert told.index("acknowledged") < told.index("escalated to level 3")
