"""Stations and taxa as a study may tell them, and what it leaves out."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from species_db.language import current_language, tr
from species_db.sensitivity import Gate, ReleasedPlace
from species_db.sensitivity.periods import is_by_month
from species_db.tables import CameraStation, Plot, Taxon
from species_db.wildlife.members import names_of
from species_db.wildlife.threats import DOMESTIC


@dataclass(frozen=True)
class StationFacts:
    """A station as it may be told: under its public name, at its released place.

    `tells_days` is false where the gate tells only months: such stations are in no table with a row
    for each station, though every sum holds them. `latitude` and `longitude` are the released ones,
    None where withheld; the sun is worked out for the true place, within the program.
    """

    location_id: str
    name: str
    plot: str
    county: str
    ecosystem: str
    elevation_m: float | None
    latitude: float | None
    longitude: float | None
    coordinate_uncertainty_m: int | None
    tells_days: bool
    true_place: tuple[float, float]


@dataclass(frozen=True)
class TaxonFacts:
    """A taxon as tables name it."""

    taxon_id: str
    scientific_name: str
    rank: str
    class_name: str
    zh: str
    en: str
    is_domestic: bool

    @property
    def stem(self) -> str:
        """The scientific name as a part of a file's name."""
        return "_".join(re.findall(r"[\w.-]+", self.scientific_name))

    @property
    def common(self) -> str:
        """The name in the reader's language, else the Latin one."""
        told = self.zh if current_language() == "zh" else self.en
        return told or self.scientific_name


@dataclass(frozen=True)
class LeftOut:
    """What a study does not count, and why; each number is told with the answer."""

    undated: int = 0
    unnamed: int = 0  # named at a broader rank than was asked for, or an animal without a name
    young: int = 0  # too young to leave the survey
    outside: int = 0  # outside the dates of their deployment
    has_delays: bool = False  # some taxa wait, whether any record does or not
    doubtful_deployments: tuple[str, ...] = ()
    secret_deployments: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """The same in sentences."""
        clocks, secret = len(self.doubtful_deployments), len(self.secret_deployments)
        told = (
            (self.undated, tr("{n} records have no time and are in no figure.",
                              "{n} 条记录没有时间，未计入任何数字。")),
            (self.unnamed, tr("{n} records are named only at a broader rank than was asked for.",
                              "{n} 条记录的鉴定阶元高于所要求的阶元，未计入。")),
            (self.outside, tr("{n} records lie outside the dates of their deployment: check the "
                              "clock or the field sheet.",
                              "{n} 条记录不在其布设日期之内，未计入：请核对时钟或布设登记表。")),
            (clocks, tr("{n} deployments with an undecided clock were left out with their effort; "
                        "decide with 'namcha clock', or add --with-doubtful-clocks.",
                        "{n} 个布设的时钟尚未确定，连同其工作量未计入；"
                        "请用 namcha clock 处理，或加 --with-doubtful-clocks。")),
        )  # fmt: skip
        lines = [text.format(n=f"{count:,}") for count, text in told if count]
        if self.has_delays:  # said alike whether any waits or not: a number would date them
            lines.append(
                tr(
                    "Records of hunted species that are too young to leave are not counted.",
                    "易受盗猎物种未到可公开时间的近期记录未计入。",
                )
            )
        if secret:
            lines.append(tr("Places marked secret are in no figure.", "涉密位置未计入任何数字。"))
        return tuple(lines)


def read_stations(session: Session, gate: Gate) -> dict[str, StationFacts]:
    """Every station as the gate lets it be known."""
    from species_db.geo import station_counties

    counties = station_counties(session)
    plots = {plot.plot_id: plot for plot in session.exec(select(Plot))}
    facts = {}
    for station in session.exec(select(CameraStation).order_by(col(CameraStation.location_id))):
        place, plot = gate.place(station), plots.get(station.plot_id or "")
        facts[station.location_id] = StationFacts(
            location_id=station.location_id,
            name=gate.key("station", station.location_id),
            plot=gate.place_name("plot", plot.plot_id) if plot else "",
            county=gate.county(place, counties.get(station.location_id, "")),
            ecosystem=gate.about(place, plot.ecosystem) if plot else "",
            elevation_m=_middle(place),
            latitude=None if place.latitude is None else float(place.latitude),
            longitude=None if place.longitude is None else float(place.longitude),
            coordinate_uncertainty_m=place.coordinate_uncertainty_m,
            tells_days=gate.exact is not None
            or not (place.is_withheld or is_by_month(place.sensitivity)),
            true_place=(station.latitude, station.longitude),
        )
    return facts


def _middle(place: ReleasedPlace) -> float | None:
    """The middle of the band of height that is told; the height itself with an exact release."""
    low, high = place.minimum_elevation_m, place.maximum_elevation_m
    return None if low is None or high is None else (low + high) / 2


def read_taxa(session: Session, taxon_ids: Collection[str]) -> dict[str, TaxonFacts]:
    """The taxa of some ids, in the order of their scientific names."""
    names = names_of(session, taxon_ids)
    wanted = set(taxon_ids)
    return {
        one.taxon_id: TaxonFacts(
            taxon_id=one.taxon_id,
            scientific_name=one.scientific_name,
            rank=one.taxon_rank,
            class_name=one.class_name,
            zh=names[one.taxon_id].zh,
            en=names[one.taxon_id].en,
            is_domestic=one.scientific_name in DOMESTIC,
        )
        for one in session.exec(select(Taxon).order_by(col(Taxon.scientific_name)))
        if one.taxon_id in wanted
    }
