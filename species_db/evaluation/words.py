"""Numbers in words: values, efforts, changes and verdicts as tables and pages print them.

Written the same on every computer: no locale, a real minus sign, thin rules on digits.
"""

from species_db.analysis.verdicts import NoInterval, Verdict
from species_db.evaluation.caveats import WORDS, Caveat
from species_db.evaluation.indicators import EFFORT_WORDS, Indicator, IndicatorKind
from species_db.evaluation.results import VERDICT_WORDS, Measured, Result
from species_db.language import speaking

NOT_KNOWN = "—"
MINUS = "−"
PER_CENT = "%"
SURE = (Verdict.UP, Verdict.DOWN)
Both = tuple[str, str]  # English, Chinese


def value_text(indicator: Indicator, value: float | None) -> str:
    """A value without its unit; a share with its sign.

    >>> from species_db.evaluation.indicators import indicators
    >>> value_text(indicators()["people"], 2.0954), value_text(indicators()["camera_days"], 8256.4)
    ('2.10', '8,256')
    >>> value_text(indicators()["reviewed_share"], 97.04), value_text(indicators()["people"], None)
    ('97.0 %', '—')
    """
    if value is None:
        return NOT_KNOWN
    if indicator.kind is IndicatorKind.RATE:
        return f"{value:,.2f}"
    if indicator.is_share:
        return f"{value:.1f} {PER_CENT}"
    return f"{value:,.0f}"


def interval_text(indicator: Indicator, measured: Measured) -> str:
    """The 95 % interval of a value, in brackets; empty where there is none."""
    if measured.low is None or measured.high is None:
        return ""
    ends = (value_text(indicator, end).removesuffix(f" {PER_CENT}")
            for end in (measured.low, measured.high))  # fmt: skip
    return "(" + "–".join(ends) + ")"


def effort_text(indicator: Indicator, measured: Measured) -> Both:
    """The effort behind a value, and visits on foot where there were any; English, Chinese."""
    words = EFFORT_WORDS[indicator.effort]
    parts: list[Both] = []
    if measured.effort is not None and words[0]:
        number = f"{measured.effort:,.0f}"
        parts.append((f"{number} {words[0]}", f"{number} {words[1]}"))
    if measured.visits and indicator.effort != "visits":
        parts.append((f"{measured.visits:,} visits on foot", f"{measured.visits:,} 次人工调查"))
    if not parts:
        return "", ""
    return ", ".join(en for en, _ in parts), "，".join(zh for _, zh in parts)


def change_text(result: Result) -> str:
    """A change as people say it: in per cent, points or a plain difference.

    >>> change_text(_example(1.4055)), change_text(_example(0.5))
    ('+41 %', '−50 %')
    """
    if result.change is None:
        return NOT_KNOWN
    return _change(result.indicator, result.change)


def change_unit(result: Result) -> Both:
    """The unit of a change: none where it is in per cent of the baseline."""
    if result.change is None or result.indicator.is_by_ratio:
        return "", ""
    if result.indicator.is_share:
        return "points", "个百分点"
    return result.indicator.unit_en, result.indicator.unit_zh


def change_size(result: Result) -> str:
    """A change without its sign, for sentences that say which way it went.

    >>> change_size(_example(0.5))
    '50 %'
    """
    return change_text(result).lstrip(f"+{MINUS}")


def change_interval(result: Result) -> str:
    """The 95 % interval of a change, in brackets; empty where there is none."""
    if result.low is None or result.high is None:
        return ""
    ends = (_change(result.indicator, end) for end in (result.low, result.high))
    return "(" + " – ".join(ends) + ")"


def verdict_text(result: Result) -> Both:
    """The verdict in a word; a census that did not change is unchanged, and surely so."""
    if result.indicator.is_census and result.change == 0:
        return "unchanged", "持平"
    return VERDICT_WORDS[result.verdict]


def reason_text(result: Result) -> Both:
    """Why there is no interval, in English and Chinese; empty where there is one."""
    if not result.reason:
        return "", ""
    if result.reason in {one.value for one in NoInterval}:
        reason = NoInterval(result.reason)
        with speaking("en"):
            english = reason.words
        with speaking("zh"):
            return english, reason.words
    return WORDS[Caveat(result.reason)]


def sign(result: Result) -> str:
    """An arrow for a clear change, a dash for none, a question mark for what is not known."""
    if result.indicator.is_census and result.change == 0:
        return "="
    return {
        Verdict.UP: "▲",
        Verdict.DOWN: "▼",
        Verdict.NO_CLEAR_CHANGE: "≈",
        Verdict.TOO_FEW: "?",
    }[result.verdict]


def tone(result: Result) -> str:
    """How a result is coloured: as wished, not as wished, or neither."""
    return {True: "good", False: "bad", None: "plain"}[result.is_wished]


def _change(indicator: Indicator, change: float) -> str:
    if indicator.is_by_ratio:
        return _signed(round((change - 1) * 100)) + f" {PER_CENT}"
    if indicator.is_share:
        return _signed(round(change, 1), digits=1)
    return _signed(round(change))


def _signed(value: float, *, digits: int = 0) -> str:
    """A number with its sign; nothing but zero has none."""
    if value == 0:
        return f"{0:.{digits}f}"
    return ("+" if value > 0 else MINUS) + f"{abs(value):,.{digits}f}"


def _example(ratio: float) -> Result:
    nothing = Measured(1.0, 1.0)
    return Result("people", "5404", nothing, nothing, ratio, None, None, Verdict.TOO_FEW)
