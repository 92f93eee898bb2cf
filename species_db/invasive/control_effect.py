"""What a control action brought: its follow-up visits, and treated against untreated plots.

A visit is a field record that names the action, or one of the same taxon on a plot it treated. A
visit alone tells what is left of what was measured before, without an interval: one number cannot
say how far it strays. The comparison with untreated plots does (species_db/analysis/baci).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import fmean

from sqlmodel import Session, col, select

from species_db.analysis.baci import BaciSettings, Effect, PlotMeasures, compare_plots
from species_db.invasive.control import control_row
from species_db.invasive.follow_up import FollowUp, Measure, follow_ups, value_of
from species_db.invasive.listing import members_by_taxon
from species_db.invasive.sightings import Sighting, sightings
from species_db.invasive.treated import ends_on, is_by_area, treated_plots
from species_db.tables import ControlAction, Plot


@dataclass(frozen=True)
class EffectSettings:
    """Which visits and plots are compared."""

    days_before: int = 365  # a full year of growth: an older measure is of another stand
    days_after: int = 730  # two growing seasons, the time in which a seed bank shows itself
    campaign_days: int = 90  # actions with one method this near together are one treatment
    elevation_m: float = 500.0  # untreated plots further up or down grow otherwise
    baci: BaciSettings = field(default_factory=BaciSettings)


@dataclass(frozen=True)
class ControlEffect:
    """An action with its visits and the comparison; `unused` counts plots left out by reason."""

    control_id: str
    measure: Measure | None
    baseline: float | None
    before: tuple[FollowUp, ...]
    after: tuple[FollowUp, ...]
    effect: Effect
    treated: tuple[str, ...]
    controls: tuple[str, ...]
    unused: Mapping[str, int]


@dataclass(frozen=True)
class ControlGround:
    """What all actions against a taxon are judged by, read once."""

    actions: Sequence[ControlAction]
    treated: Mapping[str, frozenset[str]]  # plots by action
    found: Sequence[Sighting]
    plots: Mapping[str, Plot]


def read_control_ground(session: Session, taxon_id: str) -> ControlGround:
    """Read the actions against a taxon and those below it, and every visit that looked for them."""
    family = members_by_taxon(session, [taxon_id])[taxon_id]
    asked = select(ControlAction).where(col(ControlAction.taxon_id).in_(sorted(family)))
    actions = session.exec(asked).all()
    return ControlGround(
        actions=actions,
        treated=treated_plots(session, actions),
        found=[one for one in sightings(session, family, include_absent=True) if one.on],
        plots={plot.plot_id: plot for plot in session.exec(select(Plot))},
    )


def effect_of_control(
    session: Session,
    control_id: str,
    *,
    settings: EffectSettings | None = None,
    ground: ControlGround | None = None,
) -> ControlEffect:
    """Tell what an action brought: visits before and after, and the comparison with others.

    Treated are the plots of this action and of others with the same method against the same taxon
    within the campaign (species_db/invasive/treated); untreated those measured in the same two
    spans that nobody has treated, in the same ecosystem and at a like elevation where both are
    known. On either side the taxon must have stood before: a plot that it only came to later is
    spread, and one that never had it says nothing.

    Raises:
        ControlError: there is no such action.
    """
    known = settings or EffectSettings()
    action = control_row(session, control_id)
    told = ground or read_control_ground(session, action.taxon_id)
    unused = defaultdict[str, int](int)
    campaign = _campaign(action, told.actions, known)
    units = _treated(campaign, told, known, unused)
    untreated = _untreated(campaign, told, known, unused)
    measure = _measure_of([*units.values(), *untreated.values()])
    plots = told.treated[action.control_id]
    visits = follow_ups(session, action, plots, told.found, measure, days_before=known.days_before)
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
        unused=dict(unused),
    )


Spans = tuple[list[Sighting], list[Sighting]]  # before, after


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
    campaign: Sequence[ControlAction],
    ground: ControlGround,
    settings: EffectSettings,
    unused: dict[str, int],
) -> dict[str, Spans]:
    """The visits of each treated plot, or of an action without a plot, before and after it."""
    begins, ends, belongs = dict[str, date](), dict[str, date](), dict[str, str]()
    for one in campaign:
        places = ground.treated[one.control_id] or {f"action {one.control_id[:8]}"}
        for place in places:
            begins[place] = min(begins.get(place, one.started_on), one.started_on)
            ends[place] = max(ends.get(place, ends_on(one)), ends_on(one))
        if len(places) == 1:  # of several plots only the visit itself tells which
            belongs[one.control_id] = next(iter(places))
    visits = defaultdict[str, list[Sighting]](list)
    for visit in ground.found:
        visits[belongs.get(visit.control_id) or visit.plot_id].append(visit)
    kept = dict[str, Spans]()
    for place in begins:
        spans = _spans(visits.get(place, []), begins[place], ends[place], settings)
        if spans[0] and not any(one.is_present for one in spans[0]):
            unused["not_there_before"] += 1
        else:
            kept[place] = spans
    return kept


def _untreated(
    campaign: Sequence[ControlAction],
    ground: ControlGround,
    settings: EffectSettings,
    unused: dict[str, int],
) -> dict[str, Spans]:
    """The visits of comparable plots that nobody treated; why others are left out is counted."""
    begin = min(one.started_on for one in campaign)
    end = max(ends_on(one) for one in campaign)
    treated = frozenset[str]().union(*ground.treated.values())
    own = frozenset[str]().union(*(ground.treated[one.control_id] for one in campaign))
    like = [ground.plots[one] for one in sorted(own)]
    is_any_by_area = any(is_by_area(one) for one in ground.actions)
    visits = defaultdict[str, list[Sighting]](list)
    for one in ground.found:
        if one.plot_id and one.plot_id not in treated and not one.control_id:
            visits[one.plot_id].append(one)
    kept = dict[str, Spans]()
    for plot_id, told in visits.items():
        spans, plot = _spans(told, begin, end, settings), ground.plots[plot_id]
        if not (spans[0] and spans[1]):
            unused["not_measured"] += 1
        elif not any(one.is_present for one in spans[0]):
            unused["not_there_before"] += 1
        elif is_any_by_area and plot.latitude is None:  # it may lie in the treated area
            unused["place_not_known"] += 1
        elif not _is_like(plot, like, settings):
            unused["unlike"] += 1
        else:
            kept[plot_id] = spans
    return kept


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


def _baseline(visits: Sequence[FollowUp]) -> float | None:
    values = [one.value for one in visits if one.days_since < 0 and one.value is not None]
    return fmean(values) if values else None
