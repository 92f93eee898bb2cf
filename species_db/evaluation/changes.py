"""What became of the last pack's numbers: the same dates as told then and now, and why.

A number may change because records were added, named anew or taken back, because a delay has
passed, because cameras were judged anew, or because lists, rules, models or code changed. All of
it is told, so that two packs never contradict each other in silence.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from species_db.evaluation.basis import Basis, Side, read_basis
from species_db.evaluation.findings import Findings, measure
from species_db.evaluation.frozen_survey import reading_freeze
from species_db.evaluation.kept_freeze import Freeze
from species_db.evaluation.periods import Period
from species_db.evaluation.refusal import EvaluationError
from species_db.evaluation.results import UNKNOWN, Measured, Result, area_words
from species_db.evaluation.sources import changed_parts
from species_db.evaluation.words import effort_text, value_text
from species_db.language import tr
from species_db.sensitivity import ExactRelease, taxon_names
from species_db.survey import SurveySettings
from species_db.tables import Decision, Event, FieldRecord, Taxon
from species_db.vocabulary import Act, FieldState

SHOWN = 8  # kinds of renaming, and parts of code, that are named
Told = Mapping[str, frozenset[str]]  # taxa by record
LOGGED: tuple[tuple[Act, str, str], ...] = (
    (Act.CARD_IMPORTED, "cards imported", "张存储卡导入"),
    (Act.PACKAGE_IMPORTED, "packages of others imported", "个外部数据包导入"),
    (Act.FIELD_SHEET_IMPORTED, "field sheets imported", "份野外记录表导入"),
    (Act.REVIEWED, "reviews", "次审核"),
    (Act.UNDONE, "reviews undone", "次审核撤回"),
    (Act.CLOCK_ACCEPTED, "clock corrections accepted", "次时钟改正"),
    (Act.CLOCK_WITHDRAWN, "clock corrections withdrawn", "次时钟改正撤回"),
    (Act.CAMERA_DAY_STATED, "statements on camera days", "次相机状态认定"),
    (Act.LIST_IMPORTED, "lists imported", "次名录导入"),
    (Act.SENSITIVITY_SET, "rules of sensitivity set", "次敏感位置规则设置"),
    (Act.ALERT_RULE_SET, "warning rules set", "次预警规则设置"),
)


@dataclass(frozen=True)
class ChangedLine:
    """One number of the last pack's dates, as its data told it and as this pack's do."""

    indicator_id: str
    area: str
    is_baseline: bool
    zh: str
    en: str
    area_zh: str
    then: str
    then_effort: str
    now: str
    now_effort: str
    then_value: float | None
    now_value: float | None


@dataclass(frozen=True)
class Reason:
    """One reason for changes, in both languages; `kind` is for scripts."""

    kind: str
    zh: str
    en: str


@dataclass(frozen=True)
class ChangeLog:
    """The last pack, every number of its dates that changed, and why."""

    name: str
    period: Period
    baseline: Period
    gate_on: date
    lines: tuple[ChangedLine, ...]
    reasons: tuple[Reason, ...]


def change_log(
    earlier: Freeze,
    later: Freeze,
    session: Session,
    settings: SurveySettings,
    *,
    exact: ExactRelease | None = None,
) -> ChangeLog:
    """Measure the earlier pack's dates from both freezes and tell what differs.

    `session` reads the later freeze. Both are measured by this code: what the code itself changed
    is told by its parts.

    Raises:
        EvaluationError: the two freezes are not of one survey.
    """
    dates = (earlier.baseline, earlier.period)
    now = read_basis(session, settings, later, periods=dates, exact=exact)
    told_now = measure(now)
    with reading_freeze(earlier) as (session_then, settings_then):
        if _first_entry(session_then) != _first_entry(session):
            raise EvaluationError(
                tr(
                    f"'{earlier.name}' and '{later.name}' are freezes of different surveys; leave "
                    "--since away.",
                    f"“{earlier.name}”与“{later.name}”不是同一调查项目的冻结数据；请去掉 --since。",
                )
            )
        then = read_basis(session_then, settings_then, earlier, exact=exact)
        told_then = measure(then)
        terms = _terms(earlier.told, later.told, session)
        reasons = (*_records(then, now), *terms, *_logged(earlier, now))
    return ChangeLog(
        name=earlier.name,
        period=earlier.period,
        baseline=earlier.baseline,
        gate_on=earlier.gate_on,
        lines=tuple(_lines(told_then, told_now)),
        reasons=reasons,
    )


def _lines(then: Findings, now: Findings) -> Iterator[ChangedLine]:
    before = {(one.indicator_id, one.area): one for one in then.results}
    after = {(one.indicator_id, one.area): one for one in now.results}
    for key in dict.fromkeys([*after, *before]):
        first, second = before.get(key), after.get(key)
        known = second or first
        if known is None:
            continue
        for is_baseline in (True, False):
            sides = [_side(one, is_baseline=is_baseline) for one in (first, second)]
            told = [_told(known, side) for side in sides]
            if told[0] != told[1]:
                yield ChangedLine(
                    indicator_id=key[0],
                    area=key[1],
                    is_baseline=is_baseline,
                    zh=known.indicator.zh,
                    en=known.indicator.en,
                    area_zh=area_words(key[1])[1],
                    then=told[0][0],
                    then_effort=told[0][1],
                    now=told[1][0],
                    now_effort=told[1][1],
                    then_value=sides[0].value,
                    now_value=sides[1].value,
                )


def _side(one: Result | None, *, is_baseline: bool) -> Measured:
    if one is None:
        return UNKNOWN
    return one.before if is_baseline else one.after


def _told(result: Result, side: Measured) -> tuple[str, str]:
    return value_text(result.indicator, side.value), effort_text(result.indicator, side)[1]


def _records(then: Basis, now: Basis) -> Iterator[Reason]:
    """Records added, released, taken back and named anew, and camera-days judged anew."""
    for zh_side, en_side, first, second in (
        ("基线期", "baseline", then.before, now.before),
        ("报告期", "reported period", then.after, now.after),
    ):
        before, after = _pairs(first), _pairs(second)
        known = _confirmed(then.session)
        added = after.keys() - before.keys()
        released = {one for one in added if one in known}
        counts = (
            ("added", len(added) - len(released), "条新增记录", "records added"),
            ("released", len(released), "条记录当时未到可公开时间或未计入，现已计入",
             "records kept back or left out then, and counted now"),
            ("gone", len(before.keys() - after.keys()), "条记录被撤回或不再计入",
             "records taken back, or no longer counted"),
        )  # fmt: skip
        for kind, count, zh, en in counts:
            if count:
                yield Reason(kind, f"{zh_side}：{count:,} {zh}。", f"{en_side}: {count:,} {en}.")
        yield from _renamed(now.session, before, after, zh_side, en_side)
        days = [sum(side.days().values()) for side in (first, second)]
        if round(days[0]) != round(days[1]):
            yield Reason(
                "effort",
                f"{zh_side}：有效工作量由 {days[0]:,.0f} 变为 {days[1]:,.0f} 相机日。",
                f"{en_side}: camera-days went from {days[0]:,.0f} to {days[1]:,.0f}.",
            )


def _pairs(side: Side) -> Told:
    """Every record that counts in a period, with its taxa."""
    told: dict[str, set[str]] = {}
    records = side.study.records
    for event_id, taxon in zip(records.event_ids.tolist(), records.taxa.tolist(), strict=True):
        told.setdefault(event_id, set()).add(taxon)
    for row in side.rows:
        told.setdefault(row.record_id, set()).add(row.taxon_id)
    return {record: frozenset(taxa) for record, taxa in told.items()}


def _confirmed(session: Session) -> set[str]:
    """What a person had confirmed in a freeze, whether it could be told or not."""
    reviewed = select(Event.event_id).where(col(Event.current_review_id).is_not(None))
    identified = select(FieldRecord.field_record_id).where(
        FieldRecord.state == FieldState.IDENTIFIED.value
    )
    return {*session.exec(reviewed), *session.exec(identified)}


def _renamed(
    session: Session, before: Told, after: Told, zh_side: str, en_side: str
) -> Iterator[Reason]:
    changed = [one for one in before.keys() & after.keys() if before[one] != after[one]]
    if not changed:
        return
    names = {one.taxon_id: one.scientific_name for one in session.exec(select(Taxon))}

    def told(taxa: frozenset[str]) -> str:
        return " + ".join(sorted(names.get(one, one) for one in taxa))

    pairs = Counter(f"{told(before[one])} → {told(after[one])}" for one in changed)
    shown = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    listed = "; ".join(f"{pair} ({count})" for pair, count in shown)
    yield Reason(
        "renamed",
        f"{zh_side}：{len(changed):,} 条记录改了鉴定：{listed}。",
        f"{en_side}: {len(changed):,} records were named anew: {listed}.",
    )


def _terms(then: Mapping[str, Any], now: Mapping[str, Any], session: Session) -> Iterator[Reason]:
    """What changed in lists, rules, models and code."""
    yield from _lists(then["lists"], now["lists"])
    for key, zh, en in (
        ("sensitivity", "敏感位置规则", "rules of sensitivity"),
        ("alerts", "预警规则", "warning rules"),
    ):
        changed = _changed(then["rules"][key], now["rules"][key])
        if changed:
            names = taxon_names(session, changed)
            listed = ", ".join(names.get(subject, subject) for subject in changed)
            yield Reason(f"rules {key}", f"{zh}有变：{listed}。", f"Changed {en}: {listed}.")
    counting = _changed(then["counting"], now["counting"])
    if counting:
        told = ", ".join(
            f"{key} {then['counting'].get(key)} → {now['counting'].get(key)}" for key in counting
        )
        yield Reason("counting", f"计数规则有变：{told}。", f"Changed rules of counting: {told}.")
    known = {one["sha256"] for one in then["models"]}
    new = [f"{one['name']} {one['version']}" for one in now["models"] if one["sha256"] not in known]
    if new:
        listed = ", ".join(new)
        yield Reason("models", f"新增模型版本：{listed}。", f"New model versions: {listed}.")
    parts = changed_parts(then["software"]["sources"], now["software"]["sources"])
    if parts:
        some = ", ".join(parts[:SHOWN]) + (", …" if len(parts) > SHOWN else "")
        versions = f"{then['software']['version']} → {now['software']['version']}"
        yield Reason(
            "code",
            f"程序有变（Namcha {versions}）：{some}。两次数据均由当前程序重新计算。",
            f"The code changed (Namcha {versions}): {some}. Both are measured by today's code.",
        )


def _lists(then: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[Reason]:
    before = {one["list_version_id"]: one["content_sha256"] for one in then}
    after = {one["list_version_id"]: one["content_sha256"] for one in now}
    for kind, names, zh, en in (
        ("lists added", after.keys() - before.keys(), "新增名录版本", "List versions added"),
        ("lists gone", before.keys() - after.keys(), "名录版本不再存在", "List versions gone"),
        (
            "lists altered",
            {one for one in before.keys() & after.keys() if before[one] != after[one]},
            "名录内容有变",
            "List versions with other entries",
        ),
    ):
        if names:
            listed = ", ".join(sorted(names))
            yield Reason(kind, f"{zh}：{listed}。", f"{en}: {listed}.")


def _logged(earlier: Freeze, now: Basis) -> Iterator[Reason]:
    """What the log has on acts since the earlier freeze; a log that was replaced tells nothing."""
    after = int(earlier.told["log"]["last_sequence"])
    asked = (
        select(Decision.act, func.count())
        .where(col(Decision.sequence) > after)
        .group_by(col(Decision.act))
    )
    counts = dict(now.session.exec(asked).all())
    parts = [(counts[act.value], en, zh) for act, en, zh in LOGGED if counts.get(act.value)]
    if parts:
        zh = "、".join(f"{count:,} {words}" for count, _, words in parts)
        en = ", ".join(f"{count:,} {words}" for count, words, _ in parts)
        yield Reason("log", f"此后日志记有：{zh}。", f"The log has since: {en}.")


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]


def _first_entry(session: Session) -> str | None:
    """The id of the log's first entry, which no two surveys share."""
    return session.exec(
        select(Decision.decision_id).order_by(col(Decision.sequence)).limit(1)
    ).first()
