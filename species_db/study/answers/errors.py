"""What every index would be if unreviewed machine labels are wrong at their measured rate."""

from collections.abc import Sequence
from dataclasses import replace

from species_db.analysis.machine_flips import Conclusion, Presence
from species_db.language import tr
from species_db.places import COUNTIES
from species_db.study.answer import Answer, Cell, Table
from species_db.study.conclusions import Judged, Kind, Says
from species_db.study.judging import Judging, TaxonErrors, judge
from species_db.study.label_notes import notes_of
from species_db.study.label_words import LabelNames, label_table
from species_db.study.periods import NEW_YEAR, calendar_of
from species_db.study.question import State, StudyError
from species_db.study.read import Study

SHOWN, FEW = 12, 3  # lines of a summary; labels in one line
LOOK_AT = 30  # events of a label that nobody has looked at, before anything can be said of it
ERRORS = (
    "scientificName", "vernacularNameZh", "taxonRank", "confirmedEvents", "unitsWithEffort",
    "cameraDays", "raiConfirmed", "raiIfAllRight", "raiExpected", "machineLow95", "machineHigh95",
    "low95", "high95", "unreviewed", "lookedAt", "right", "unreviewedElsewhere",
    "foundElsewhere", "labelsNotLookedAt", "intervalMinutes", "rule", "method",
)  # fmt: skip
FLIPS = (
    "conclusion", "scientificName", "vernacularNameZh", "comparedWith", "cameraDays",
    "confirmedEvents", "unreviewed", "confirmedOnly", "ifAllRight", "expected", "machineLow95",
    "machineHigh95", "low95", "high95", "chancePresent", "chanceLow95", "chanceHigh95",
    "ofConfirmed", "ofAll", "standing", "reviews", "reviewsByLabel", "labelsNotLookedAt",
)  # fmt: skip


def answer(
    study: Study,
    *,
    threshold: float | None = None,
    season_start: str = NEW_YEAR,
    months: str = "",
) -> Answer:
    """Tell each taxon's index with machine errors carried through, and what could still flip.

    Confirmed events and machine labels are both read, whatever state the question asks for. Of each
    taxon: its change between the last two years at units watched in both, its rank against the
    next commonest taxon, its presence in every county, and whether its index lies above
    `threshold`. A label that nobody has looked at is not known, from none to all.

    Raises:
        StudyError: no such day of the year or months, or the study was read without labels.
    """
    if study.machine is None:
        raise StudyError(
            tr(
                "What models said was not read with this study; use species_db.study.labelled.",
                "本次读取未包含机器标签；请使用 species_db.study.labelled。",
            )
        )
    calendar = calendar_of(study, season_start=season_start, months=months)
    judging = judge(study, study.machine)
    names = LabelNames(study.machine.labels, study.taxa)
    flips = list(judging.conclusions(calendar, threshold))
    open_ones = [one for one in flips if one.could_flip]
    days = study.camera_days
    tallies = judging.carrier.whole.tallies.values()
    return Answer(
        name="errors",
        tables=(
            Table("errors", ERRORS, [_error_row(study, names, one) for one in judging.errors]),
            Table("errors_flips", FLIPS, [_flip_row(study, names, one) for one in flips]),
            label_table(names, judging.carrier.whole.tallies, days),
        ),
        summary=tuple(_summary(study, judging, names, flips)),
        notes=(*notes_of(study, judging, names), *study.delay_note()),
        figures={
            "taxa": len(judging.taxa),
            "camera_days": days,
            "unreviewed": sum(sum(one.waiting.values()) for one in tallies),
            "looked_at": sum(one.looked_at for one in tallies),
            "conclusions": len(flips),
            "could_flip": len(open_ones),
            "contradicted": sum(one.is_contradicted for one in flips),
            "expected": {one.taxon.scientific_name: one.index.expected for one in judging.errors},
        },
        event_ids=frozenset(study.records.event_ids.tolist())
        | frozenset(study.machine.records.event_ids.tolist()),
    )


def _summary(
    study: Study, judging: Judging, names: LabelNames, flips: Sequence[Judged]
) -> list[str]:
    tallies = judging.carrier.whole.tallies.values()
    waiting = sum(sum(one.waiting.values()) for one in tallies)
    looked_at = sum(one.looked_at for one in tallies)
    days = study.camera_days
    effort = tr("not known", "不明") if days is None else f"{days:,.1f}"
    lines = [
        tr(
            f"Machine errors in the index of {len(judging.taxa)} taxa over {effort} camera-days: "
            f"{waiting:,} labelled independent events that nobody has looked at, {looked_at:,} "
            "that people have.",
            f"{len(judging.taxa)} 个分类单元的指数中的机器误差，工作量 {effort} 相机日："
            f"有机器标签的独立事件中，{waiting:,} 个未经审核，{looked_at:,} 个已审核。",
        ),
        replace(study.question, state=State.ALL).in_words(),
        *(f"  {_line(names, one)}" for one in judging.errors[:SHOWN]),
    ]
    if len(judging.errors) > SHOWN:
        more = len(judging.errors) - SHOWN
        lines.append(tr(f"  and {more} more in the table.", f"  另有 {more} 个见表。"))
    against = [one for one in flips if one.is_contradicted]
    if against:
        lines.append(
            tr(
                "Confirmed events alone say otherwise than all would:",
                "仅凭已确认事件得出的结论与全部审核后不同：",
            )
        )
        lines += _listed([_against_line(study, one) for one in against])
    open_ones = [one for one in flips if one.could_flip]
    if open_ones:
        lines.append(
            tr(
                f"{len(open_ones)} of {len(flips)} conclusions could flip:",
                f"{len(flips)} 项结论中有 {len(open_ones)} 项可能翻转：",
            )
        )
        lines += _listed([_flip_line(study, names, one) for one in open_ones])
    elif flips:
        lines.append(
            tr(
                f"None of {len(flips)} conclusions hangs on unreviewed labels.",
                f"{len(flips)} 项结论均不取决于未审核的标签。",
            )
        )
    return lines


def _listed(lines: Sequence[str]) -> list[str]:
    told = [f"  {line}" for line in lines[:SHOWN]]
    if len(lines) > SHOWN:
        more = len(lines) - SHOWN
        told.append(tr(f"  and {more} more in errors_flips.", f"  另有 {more} 项见 errors_flips。"))
    return told


def _line(names: LabelNames, one: TaxonErrors) -> str:
    told, name = one.index, one.taxon.common
    alone, low, high = told.confirmed_only.pooled, told.machine_low, told.machine_high
    if alone is None or low is None or high is None:
        return f"{name}: " + tr("not known, no effort", "不明，无工作量")
    if told.expected is None:
        labels = names.in_words(told.unmeasured)
        return tr(
            f"{name}: not known, between {low:.2f} and {high:.2f}: nobody has looked at events "
            f"labelled {labels}; {alone:.2f} from confirmed events alone",
            f"{name}：不明，在 {low:.2f} 与 {high:.2f} 之间：标签“{labels}”尚无人审核；"
            f"仅已确认事件为 {alone:.2f}",
        )
    stations = ""
    if told.low is not None and told.high is not None:
        stations = tr(
            f", with stations {told.low:.2f}–{told.high:.2f}",
            f"，计入点位差异 {told.low:.2f}–{told.high:.2f}",
        )
    right = told.if_all_right.pooled or 0.0
    return tr(
        f"{name}: {alone:.2f} confirmed, {told.expected:.2f} expected ({low:.2f}–{high:.2f}"
        f"{stations}), {right:.2f} if every label were right; {told.unreviewed} unreviewed, of "
        f"{one.looked_at} looked at {one.right} right",
        f"{name}：已确认 {alone:.2f}，期望 {told.expected:.2f}（{low:.2f}–{high:.2f}{stations}），"
        f"若标签全对 {right:.2f}；未审核 {told.unreviewed}，已审核 {one.looked_at} 中正确 "
        f"{one.right}",
    )


def _what(study: Study, one: Judged) -> str:
    """The taxon and what is concluded of it."""
    name = one.taxon.common
    if one.kind is Kind.CHANGE:
        return tr(f"{name}, change {one.beside}", f"{name}，{one.beside} 的变化")
    if one.kind is Kind.RANK:
        known = {facts.scientific_name: facts.common for facts in study.taxa.values()}
        other = known.get(one.beside, one.beside)
        return tr(f"{name}, rank beside {other}", f"{name}，与{other}的高低")
    if one.kind is Kind.PRESENCE:
        county = COUNTIES.get(one.beside)
        place = tr(county.name_en, county.name_zh) if county else one.beside
        return tr(f"{name}, presence in {place}", f"{name}，{place}有无分布")
    return tr(f"{name}, above or below {one.beside}", f"{name}，高于或低于 {one.beside}")


def _against_line(study: Study, one: Judged) -> str:
    alone, every = (_said(one.kind, said) for said in (one.of_confirmed, one.of_all))
    return tr(
        f"{_what(study, one)}: {alone} as confirmed, {every} with all",
        f"{_what(study, one)}：仅已确认为“{alone}”，全部计入为“{every}”",
    )


def _said(kind: Kind, said: Says | None) -> str:
    """What a conclusion says in the words of its kind."""
    more, less = {
        Kind.CHANGE: (tr("rose", "上升"), tr("fell", "下降")),
        Kind.THRESHOLD: (tr("above", "高于"), tr("below", "低于")),
    }.get(kind, (tr("commoner", "较多"), tr("rarer", "较少")))
    if said is None:
        return tr("not known", "不明")
    return {Says.MORE: more, Says.LESS: less}.get(said, said.words)


def _flip_line(study: Study, names: LabelNames, one: Judged) -> str:
    told, what = one.told, _what(study, one)
    if told.unmeasured:
        labels = names.in_words(told.unmeasured)
        return tr(
            f"{what}: nobody has looked at events labelled {labels}; look at {LOOK_AT} of each, "
            f"then ask again (at most {told.reviews} in all)",
            f"{what}：标签“{labels}”尚无人审核；请各随机审核 {LOOK_AT} 个后再分析"
            f"（总共至多 {told.reviews} 个）",
        )
    which = _few_reviews(names, one)
    settle = "review settles" if told.reviews == 1 else "reviews settle"
    return tr(
        f"{what}: {told.reviews} more {settle} it ({which})",
        f"{what}：再审核 {told.reviews} 个即可确定（{which}）",
    )


def _reviews(names: LabelNames, one: Judged) -> str:
    """How many events to look at, by label, and by year where the sides are years."""
    if isinstance(one.told, Presence):
        return f"{names.in_table(one.own_labels)}: {one.told.reviews}" if one.told.reviews else ""
    return "; ".join(
        f"{names.in_table((part.label,))} {one.sides[part.side]}".strip() + f": {part.reviews}"
        for part in one.told.reviews_by_label
    )


def _few_reviews(names: LabelNames, one: Judged) -> str:
    """The same for a sentence: the labels with the most reviews."""
    if isinstance(one.told, Presence):
        return names.in_words(one.own_labels)
    parts = sorted(one.told.reviews_by_label, key=lambda part: -part.reviews)
    shown = [
        f"{names.in_words((part.label,))} {one.sides[part.side]}".strip()
        + tr(f": {part.reviews}", f"：{part.reviews}")
        for part in (parts if len(parts) <= FEW + 1 else parts[:FEW])
    ]
    others = parts[len(shown) :]
    if others:
        left = sum(part.reviews for part in others)
        shown.append(
            tr(f"{len(others)} other labels: {left}", f"其他 {len(others)} 个标签：{left}")
        )
    return tr("; ", "；").join(shown)


def _error_row(study: Study, names: LabelNames, one: TaxonErrors) -> tuple[Cell, ...]:
    told, question = one.index, study.question
    return (
        one.taxon.scientific_name,
        one.taxon.zh or None,
        one.taxon.rank,
        told.confirmed_only.events,
        told.confirmed_only.stations,
        told.confirmed_only.effort or None,
        told.confirmed_only.pooled,
        told.if_all_right.pooled,
        told.expected,
        told.machine_low,
        told.machine_high,
        told.low,
        told.high,
        told.unreviewed,
        one.looked_at,
        one.right,
        told.unreviewed_elsewhere,
        one.elsewhere,
        names.in_table(told.unmeasured) or None,
        question.interval_minutes,
        question.rule.value,
        question.method.value,
    )


def _flip_row(study: Study, names: LabelNames, one: Judged) -> tuple[Cell, ...]:
    told = one.told
    numbers: tuple[Cell, ...] = (None,) * 7
    chance: tuple[Cell, ...] = (None,) * 3
    if isinstance(told, Presence):
        chance = (told.chance, told.low, told.high)
    if isinstance(told, Conclusion):
        numbers = (
            told.confirmed_only, told.if_all_right, told.expected, told.machine_low,
            told.machine_high, told.low, told.high,
        )  # fmt: skip
    return (
        one.kind.value,
        one.taxon.scientific_name,
        one.taxon.zh or None,
        one.beside,
        None if one.camera_days is None else one.camera_days,
        one.confirmed,
        one.waiting,
        *numbers,
        *chance,
        one.of_confirmed.value if one.of_confirmed else None,
        one.of_all.value if one.of_all else None,
        told.standing.value,
        told.reviews,
        _reviews(names, one) or None,
        names.in_table(told.unmeasured) or None,
    )
