"""One alert on the board: urgency by shape, colour and word; what, where, why, and days left."""

import html
import re
from collections.abc import Mapping

from review_app.say import sign
from species_db.alerts import AlertView
from species_db.alerts.why import MARKS, OUTCOME_WORDS, SEVERITY_WORDS, STATES, said
from species_db.vocabulary import AlertState, Severity

Words = Mapping[str, str]
WHOLE = re.compile(r"[A-Za-z0-9]+(?:-[0-9]+)+")
SHAPES = {Severity.HIGH: "▲", Severity.MEDIUM: "◆", Severity.LOW: "●"}
LOOK = """<style>
.alert .top { display: flex; gap: 8px; align-items: baseline; flex-wrap: wrap; }
.alert .urgency { font-weight: 600; white-space: nowrap; font-size: 13px; }
.alert .urgency.high { color: #eda08f; } .alert .urgency.medium { color: #ecc377; }
.alert .urgency.low { color: #93b7d9; }
.alert .name { font-size: 15px; font-weight: 600; }
.alert .latin { font-style: italic; }
.alert .left { margin-left: auto; white-space: nowrap; font-size: 13px;
  font-variant-numeric: tabular-nums; }
.alert .left.late { color: #eda08f; font-weight: 600; }
.alert .reason { margin: 3px 0 4px; font-size: 13.5px; line-height: 1.45; word-break: keep-all;
  overflow-wrap: anywhere; }
.alert .sign { margin-right: 4px; }
.alert .signs { margin-bottom: 5px; }
.alert .whole { white-space: nowrap; }
[data-testid="stMain"] .st-key-alert_lanes [data-testid="stVerticalBlock"] { gap: .15rem; }
.st-key-alert_lanes [data-testid="stButton"] button { min-height: 28px; padding: 0 11px; }
.st-key-alert_lanes [data-testid="stButton"] button p { font-size: 13px; }
.st-key-alert_lanes [data-testid="stLayoutWrapper"] > [data-testid="stVerticalBlock"] {
  padding-top: 6px; padding-bottom: 6px; padding-left: 12px; padding-right: 12px; }
table.rates { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums;
  width: 100%; }
table.rates th, table.rates td { text-align: left; padding: 4px 10px 4px 0; vertical-align: top;
  border-bottom: 1px solid #30343a; font-weight: 400; }
table.rates thead th { color: #9a9fa6; }
table.rates th { word-break: keep-all; }
table.rates .short { white-space: nowrap; }
ol.past { list-style: none; margin: 0 !important; padding: 0 !important; }
ol.past li { padding: 5px 0 5px 12px; border-left: 2px solid #4a4f56; margin: 0;
  font-size: 13.5px; }
ol.past time { color: #9a9fa6; font-variant-numeric: tabular-nums; font-size: 12.5px;
  margin-right: 4px; }
</style>"""


def card_html(one: AlertView, words: Words) -> str:
    """The card of an alert; nothing that a person wrote is read as markup."""
    urgency = f"{SHAPES[one.severity]} {said(SEVERITY_WORDS[one.severity])}"
    late = " late" if one.is_overdue else ""
    left = html.escape(due_words(one, words))
    name = html.escape(one.name)
    latin = ""
    if one.scientific_name and one.scientific_name != one.name:
        latin = f"<span class='quiet latin'>{html.escape(one.scientific_name)}</span>"
    place = " · ".join(part for part in (one.county_name, one.plot_id or "", one.rule) if part)
    return (
        "<div class='alert'><div class='top'>"
        f"<span class='urgency {one.severity.value}'>{urgency}</span>"
        f"<span class='left{late}'>{left}</span></div>"
        f"<div class='top'><span class='name'>{name}</span>{latin}</div>"
        f"<div class='quiet'>{html.escape(place)}</div>"
        f"<div class='reason'>{_unbroken(html.escape(one.why))}</div>"
        f"<div class='signs'>{signs_html(one, words)}</div></div>"
    )


def _unbroken(text: str) -> str:
    """Keep dates and codes on one line: LZ-041 and 2026-05-01 are read as one word."""
    return WHOLE.sub(lambda found: f"<span class='whole'>{found[0]}</span>", text)


def signs_html(one: AlertView, words: Words) -> str:
    """Legal standing, state, and who has it, as framed words."""
    tones = {"I": "bad", "II": "doubt", "invasive": "doubt"}
    signs = [sign(said(MARKS[one.mark]), tones[one.mark])] if one.mark in MARKS else []
    if one.state is AlertState.PROVISIONAL:
        signs.append(sign(f"? {words['machine_only']}", "doubt"))
    elif one.outcome is not None:
        signs.append(sign(f"✓ {said(OUTCOME_WORDS[one.outcome])}"))
    else:
        signs.append(sign(said(STATES[one.state]), "good"))
    if one.assigned_to:
        signs.append(sign(words["with"].format(person=one.assigned_to)))
    return "".join(signs)


def due_words(one: AlertView, words: Words) -> str:
    """Days left, or how long overdue, in words."""
    if one.days_left is None:
        return ""
    if one.is_overdue:
        days = max(1, round(-one.days_left))
        key = "overdue_level" if one.escalation else "overdue"
        return "! " + words[key].format(days=days, level=one.escalation)
    if one.days_left < 1:
        return words["today"]
    return words["left"].format(days=int(one.days_left))
