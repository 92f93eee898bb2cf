"""What a control action brought: its follow-up visits, and treated against untreated plots.

A visit is a field record that names the action, or one of the same taxon on the same plot after
it. A visit alone tells what is left of what was measured before, without an interval: one number
cannot say how far it strays. The comparison with untreated plots does (species_db/invasive/baci).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean

from sqlmodel import Session, col, select

from species_db.invasive.baci import BaciSettings, Effect, PlotMeasures, compare_plots
from species_db.invasive.control import control_row
from species_db.invasive.sightings import Sighting, field_records, sightings
from species_db.tables import ControlAction, FieldPhoto, Plot


class Measure(StrEnum):
    """What of a stand was measured."""

    AREA = "area_m2"
    COVER = "cover_percent"


@dataclass(frozen=True)
class EffectSettings:
    """Which visits and plots are compared."""

    days_before: int = 365  # a full year of growth: an older measure is of another stand
    days_after: int = 730  # two growing seasons, the time in which a seed bank shows itself
    campaign_days: int = 90  # actions with one method this near together are one treatment
    elevation_m: float = 500.0  # untreated plots further up or down grow otherwise
    baci: BaciSettings = field(default_factory=BaciSettings)


@dataclass(frozen=True)
class FollowUp:
    """One visit before or after an action; `share_left` is of the measure before, None unknown."""

    record_id: str
    on: date
    days_since: int  # of the action's end; below zero: before it began
    measure: Measure | None
    value: float | None
    share_left: float | None
    is_stated: bool  # the share was stated by the visitor, not worked out
    photo_ids: tuple[str, ...]


@dataclass(frozen=True)
class ControlEffect:
    """An action with its visits and the comparison; `unused` counts untreated plots by reason."""

    control_id: str
    measure: Measure | None
    baseline: float | None
    before: tuple[FollowUp, ...]
    after: tuple[FollowUp, ...]
    effect: Effect
    treated: tuple[str, ...]
    controls: tuple[str, ...]
    unused: Mapping[str, int]


def effect_of_control(
    session: Session, control_id: str, *, settings: EffectSettings | None = None
) -> ControlEffect:
    """Tell what an action brought: visits before and after, and the comparison with others.

    Treated are the plots of this action and of others with the same method against the same taxon
    within the campaign; untreated those where the taxon stood before and was measured in the same
    two spans, that nobody has treated, in the same ecosystem and at a like elevation where both
    are known. A plot that the taxon only came to later is spread, and no control.

    Raises:
        ControlError: there is no such action.
    """
    known = settings or EffectSettings()
    action = control_row(session, control_id)
    actions = session.exec(
        select(ControlAction).where(ControlAction.taxon_id == action.taxon_id)
    ).all()
    found = [one for one in sightings(session, [action.taxon_id], include_absent=True) if one.on]
    plots = {plot.plot_id: plot for plot in session.exec(select(Plot))}
    campaign = _campaign(action, actions, known)
    units = _treated(campaign, found, known)
    untreated, unused = _untreated(action, actions, campaign, found, plots, known)
    measure = _measure_of([*units.values(), *untreated.values()])
    visits = _visits(session, action, found, measure, known)
    compared = [
        PlotMeasures(name, is_treated, *_values(spans, measure))
        for is_treated, group in ((True, units), (False, untreated))
        for name, spans in sorted(group.items())
    ]
    usable = [one for one in compared if one.before and one.after]
    return ControlEffect(
        control_id=action.control_id,
        measure=measure,
        baseline=_baseline(visits),
        before=tuple(one for one in visits if one.days_since < 0),
        after=tuple(one for one in visits if one.days_since >= 0),
        effect=compare_plots(compared, settings=known.baci),
        treated=tuple(one.plot_id for one in usable if one.is_treated),
        controls=tuple(one.plot_id for one in usable if not one.is_treated),
        unused=unused,
    )


Spans = tuple[list[Sighting], list[Sighting]]  # before, after


def ends_on(action: ControlAction) -> date:
    """The last day of an action; one without an end was done on the day it began."""
    return action.ended_on or action.started_on


def _campaign(
    action: ControlAction, actions: Iterable[ControlAction], settings: EffectSettings
) -> list[ControlAction]:
    near = timedelta(days=settings.campaign_days)
    return [
        one
        for one in actions
        if one.method == action.method and abs(one.started_on - action.started_on) <= near
    ]


def _treated(
    campaign: Sequence[ControlAction], found: Sequence[Sighting], settings: EffectSettings
) -> dict[str, Spans]:
    """The visits of each treated plot, or of an action without a plot, before and after it."""
    begins, ends = dict[str, date](), dict[str, date]()
    for one in campaign:
        unit = _unit(one)
        begins[unit] = min(begins.get(unit, one.started_on), one.started_on)
        ends[unit] = max(ends.get(unit, ends_on(one)), ends_on(one))
    belongs = {one.control_id: _unit(one) for one in campaign}
    visits = defaultdict[str, list[Sighting]](list)
    for visit in found:
        visits[belongs.get(visit.control_id) or visit.plot_id].append(visit)
    return {
        unit: _spans(visits.get(unit, []), begins[unit], ends[unit], settings) for unit in begins
    }


def _unit(action: ControlAction) -> str:
    return action.plot_id or f"action {action.control_id[:8]}"


def _untreated(
    action: ControlAction,
    actions: Sequence[ControlAction],
    campaign: Sequence[ControlAction],
    found: Sequence[Sighting],
    plots: Mapping[str, Plot],
    settings: EffectSettings,
) -> tuple[dict[str, Spans], dict[str, int]]:
    """The visits of comparable plots that nobody treated, and why others were left out."""
    begin = min(one.started_on for one in campaign)
    end = max(ends_on(one) for one in campaign)
    treated = {one.plot_id for one in actions if one.plot_id}
    like = [plots[one.plot_id] for one in campaign if one.plot_id]
    visits = defaultdict[str, list[Sighting]](list)
    for one in found:
        if one.plot_id and one.plot_id not in treated and not one.control_id:
            visits[one.plot_id].append(one)
    kept, unused = dict[str, Spans](), defaultdict[str, int](int)
    for plot_id, told in visits.items():
        spans = _spans(told, begin, end, settings)
        if not (spans[0] and spans[1]):
            unused["not_measured"] += 1
        elif not any(one.is_present for one in spans[0]):
            unused["not_there_before"] += 1
        elif not _is_like(plots[plot_id], like, settings):
            unused["unlike"] += 1
        else:
            kept[plot_id] = spans
    return kept, dict(unused)


def _is_like(plot: Plot, treated: Sequence[Plot], settings: EffectSettings) -> bool:
    """Tell whether a plot lies like at least one treated plot; what is not known is no reason."""
    return not treated or any(
        (not plot.ecosystem or not one.ecosystem or plot.ecosystem == one.ecosystem)
        and (
            plot.elevation_m is None
            or one.elevation_m is None
            or abs(plot.elevation_m - one.elevation_m) <= settings.elevation_m
        )
        for one in treated
    )


def _spans(visits: Sequence[Sighting], begin: date, end: date, settings: EffectSettings) -> Spans:
    """The measured visits within the span before a treatment, and within the one after it."""
    first, last = begin - timedelta(settings.days_before), end + timedelta(settings.days_after)
    measured = [
        one for one in visits if one.on and any(value_of(one, m) is not None for m in Measure)
    ]
    return (
        [one for one in measured if one.on and first <= one.on < begin],
        [one for one in measured if one.on and end < one.on <= last],
    )


def value_of(one: Sighting, measure: Measure) -> float | None:
    """What a visit measured; a search in vain measured nothing left."""
    return getattr(one, measure.value) if one.is_present else 0.0


def _measure_of(groups: Sequence[Spans]) -> Measure | None:
    """What most plots had measured both before and after; the area when both serve alike."""
    counts = {
        measure: sum(all(_of_span(span, measure) for span in spans) for spans in groups)
        for measure in Measure
    }
    best = max(Measure, key=lambda one: counts[one])
    if counts[best]:
        return best
    seen = [one for spans in groups for span in spans for one in span]
    has = [m for m in Measure if any(getattr(one, m.value) is not None for one in seen)]
    return has[0] if has else None


def _of_span(span: Sequence[Sighting], measure: Measure) -> tuple[float, ...]:
    return tuple(value for one in span if (value := value_of(one, measure)) is not None)


def _values(spans: Spans, measure: Measure | None) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if measure is None:
        return (), ()
    return _of_span(spans[0], measure), _of_span(spans[1], measure)


def _visits(
    session: Session,
    action: ControlAction,
    found: Sequence[Sighting],
    measure: Measure | None,
    settings: EffectSettings,
) -> list[FollowUp]:
    """The visits of this action's own place, in order of time, each against the last before it."""
    first = action.started_on - timedelta(settings.days_before)
    own = [
        one
        for one in found
        if one.on
        and one.on >= first
        and not action.started_on <= one.on < ends_on(action)
        and (
            one.control_id == action.control_id
            or (one.plot_id and one.plot_id == action.plot_id and not one.control_id)
        )
    ]
    ids = [one.record_id for one in own if one.record_kind != "event"]
    records, photos = field_records(session, ids), _photos(session, ids)
    told, baseline = list[FollowUp](), list[float]()
    for one in own:
        value = value_of(one, measure) if measure else None
        on = one.on or action.started_on
        is_before = on < action.started_on
        record = records.get(one.record_id)
        stated = _share(record.control_effect) if record and not is_before else None
        worked = None
        if value is not None and is_before:
            baseline.append(value)
        elif value is not None and baseline and fmean(baseline) > 0:
            worked = value / fmean(baseline)
        since = on - (action.started_on if is_before else ends_on(action))
        told.append(
            FollowUp(
                record_id=one.record_id,
                on=on,
                days_since=since.days,
                measure=measure if value is not None else None,
                value=value,
                share_left=worked if worked is not None else stated,
                is_stated=worked is None and stated is not None,
                photo_ids=photos.get(one.record_id, ()),
            )
        )
    return told


def _share(stated: str | None) -> float | None:
    """What a visitor stated to be left, when it is a share."""
    try:
        share = float(stated or "")
    except ValueError:
        return None
    return share if share >= 0 else None


def _baseline(visits: Sequence[FollowUp]) -> float | None:
    values = [one.value for one in visits if one.days_since < 0 and one.value is not None]
    return fmean(values) if values else None


def _photos(session: Session, record_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The pictures of each record, in order of time; films are left to the field page."""
    rows = session.exec(
        select(FieldPhoto)
        .where(
            col(FieldPhoto.field_record_id).in_(list(record_ids)[:900]),
            col(FieldPhoto.file_mediatype).startswith("image/"),
        )
        .order_by(col(FieldPhoto.timestamp), col(FieldPhoto.card_path))
    )
    told = defaultdict[str, list[str]](list)
    for photo in rows:
        told[photo.field_record_id or ""].append(photo.field_photo_id)
    return {record_id: tuple(ids) for record_id, ids in told.items()}
