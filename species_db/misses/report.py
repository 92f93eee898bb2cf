"""What a survey has missed by what its samples show: the figures that command and page tell.

The sample stands for what nobody has opened, as long as what people reviewed for other reasons was
not picked for holding fewer animals than the rest of its stratum. In the queue's order, which goes
by time within a stratum, and in searches for animals it is not, so the figure is rather too high.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import beta
from sqlmodel import Session, col, select

from species_db.misses.advice import (
    DEFAULT_LIMITS,
    Advice,
    MissLimits,
    advise_on_animals,
    advise_on_class_one,
)
from species_db.misses.estimate import (
    Estimate,
    Key,
    SampledStratum,
    draw_missed,
)
from species_db.misses.frame import BANDS, Frame, FrameStratum, Period, read_frame
from species_db.tables import AuditItem, Event

METHOD = (
    "Bayesian beta-binomial over strata, 95 % equal-tailed (Jeffreys' prior of the mean, uniform "
    "for upper ends); rates of samples: Clopper-Pearson 95 %",
    "贝叶斯分层 Beta-二项模型，95 % 等尾区间（均值用 Jeffreys 先验，上限用均匀先验）；"
    "样本比例用 Clopper-Pearson 95 % 区间",
)


@dataclass(frozen=True)
class BandMisses:
    """One model and band: what its sample showed."""

    model_version_id: str
    model: str
    band: str
    events: int
    unopened: int
    drawn: int
    reviewed: int  # of the drawn
    animals: int
    class_one: int
    unclear: int
    rate: tuple[float, float, float] | None  # of the sample, with interval
    missed: Estimate | None  # None: no sample of it was reviewed
    missed_class_one: Estimate | None


@dataclass(frozen=True)
class DeploymentMisses:
    """One deployment: what its sample showed, and what may be missed there."""

    deployment_id: str
    unopened: int
    drawn: int
    reviewed: int
    animals: int
    class_one: int
    missed: Estimate | None


@dataclass(frozen=True)
class MissReport:
    """Everything that samples say of a survey's misses; None is not known before a sample is."""

    bands: tuple[BandMisses, ...]
    deployments: tuple[DeploymentMisses, ...]
    waiting: int  # of the samples, still to be reviewed
    reviewed: int
    unmeasured: int  # unopened events of models and bands of which no sample was reviewed
    recorded_animals: int
    recorded_class_one: int
    missed: Estimate | None
    missed_class_one: Estimate | None
    on_animals: Advice | None
    on_class_one: Advice | None

    @property
    def more(self) -> Mapping[Key, int]:
        """How many more to open of each stratum to satisfy both rules."""
        told: dict[Key, int] = {}
        for advice in (self.on_animals, self.on_class_one):
            for key, count in advice.more.items() if advice else ():
                told[key] = max(told.get(key, 0), count)
        return told


def miss_report(
    session: Session,
    *,
    period: Period | None = None,
    model_version_id: str | None = None,
    limits: MissLimits = DEFAULT_LIMITS,
) -> MissReport:
    """Estimate what was missed, from the samples drawn and reviewed so far."""
    frame = read_frame(session, period=period, model_version_id=model_version_id)
    strata = list(frame.strata.values())
    reviewed = sum(one.sampled for one in strata)
    looked_at = {one.key[1:] for one in strata if one.sampled}
    measured = [one for one in strata if one.key[1:] in looked_at]
    animals = [_sampled(one, one.sampled_animals) for one in measured]
    class_one = [_sampled(one, one.sampled_class_one) for one in measured]
    told = draw_missed(animals)
    of_bands = _by_band(animals), _by_band(class_one)
    return MissReport(
        bands=tuple(_bands(frame, *of_bands)),
        deployments=tuple(_deployments(strata, told.by(0))),
        waiting=sum(one.waiting for one in strata),
        reviewed=reviewed,
        unmeasured=sum(one.unopened for one in strata if one.key[1:] not in looked_at),
        recorded_animals=frame.recorded_animals,
        recorded_class_one=frame.recorded_class_one,
        missed=told.total() if reviewed else None,
        missed_class_one=draw_missed(class_one).total() if reviewed else None,
        on_animals=(
            advise_on_animals(animals, recorded=frame.recorded_animals, limits=limits)
            if reviewed
            else None
        ),
        on_class_one=advise_on_class_one(class_one, limits=limits) if reviewed else None,
    )


def next_of_sample(session: Session) -> str | None:
    """An event of a sample that nobody has reviewed yet."""
    asked = (
        select(AuditItem.event_id)
        .join(Event, col(Event.event_id) == col(AuditItem.event_id))
        .where(~col(Event.is_reviewed))
        .order_by(col(Event.event_start), col(Event.event_id))
    )
    return session.exec(asked.limit(1)).first()


def clopper_pearson(hits: int, of: int, *, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share.

    >>> [round(one, 4) for one in clopper_pearson(2, 200)]
    [0.0012, 0.0357]
    """
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, hits, of - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, of - hits)) if hits < of else 1.0
    return low, high


def _sampled(one: FrameStratum, hits: int) -> SampledStratum:
    return SampledStratum(one.key, one.unopened, one.sampled, hits)


def _by_band(strata: Sequence[SampledStratum]) -> Mapping[tuple[str, str], Estimate]:
    groups: dict[tuple[str, str], list[SampledStratum]] = {}
    for one in strata:
        groups.setdefault(one.group, []).append(one)
    return {group: draw_missed(of_group).total() for group, of_group in groups.items()}


def _bands(
    frame: Frame,
    missed: Mapping[tuple[str, str], Estimate],
    class_one: Mapping[tuple[str, str], Estimate],
) -> list[BandMisses]:
    told = []
    groups = {key[1:] for key in frame.strata}
    for model, band in sorted(groups, key=lambda one: (one[0], BANDS.index(one[1]))):
        strata = [one for key, one in frame.strata.items() if key[1:] == (model, band)]
        reviewed = sum(one.sampled for one in strata)
        animals = sum(one.sampled_animals for one in strata)
        rate = (animals / reviewed, *clopper_pearson(animals, reviewed)) if reviewed else None
        told.append(
            BandMisses(
                model_version_id=model,
                model=frame.models.get(model, model),
                band=band,
                events=sum(one.events for one in strata),
                unopened=sum(one.unopened for one in strata),
                drawn=reviewed + sum(one.waiting for one in strata),
                reviewed=reviewed,
                animals=animals,
                class_one=sum(one.sampled_class_one for one in strata),
                unclear=sum(one.sampled_unclear for one in strata),
                rate=rate,
                missed=missed.get((model, band)),
                missed_class_one=class_one.get((model, band)),
            )
        )
    return told


def _deployments(
    strata: Sequence[FrameStratum], missed: Mapping[str, Estimate]
) -> list[DeploymentMisses]:
    told = []
    for name in sorted({one.key[0] for one in strata}):
        own = [one for one in strata if one.key[0] == name]
        reviewed = sum(one.sampled for one in own)
        told.append(
            DeploymentMisses(
                deployment_id=name,
                unopened=sum(one.unopened for one in own),
                drawn=reviewed + sum(one.waiting for one in own),
                reviewed=reviewed,
                animals=sum(one.sampled_animals for one in own),
                class_one=sum(one.sampled_class_one for one in own),
                missed=missed.get(name),
            )
        )
    return sorted(told, key=lambda one: -one.missed.expected if one.missed else 0.0)
