"""What a survey knows that a field record may name: plots, taxa, control actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from species_db.language import did_you_mean, tr
from species_db.survey import Survey
from species_db.tables import ControlAction, Plot, Taxon, TaxonName
from species_db.taxa import OPEN_NAME
from species_db.vocabulary import AreaKind

if TYPE_CHECKING:
    from species_db.geo import Atlas

MOST_NAMED = 4  # taxa that a message lists


@dataclass(frozen=True)
class PlotFact:
    """A plot as a record needs it."""

    plot_id: str
    county: str = ""
    latitude: float | None = None
    longitude: float | None = None
    radius_m: float | None = None
    elevation_m: float | None = None


@dataclass(frozen=True)
class Known:
    """Everything a field record may name, and the clock it is checked against.

    `taxa` leads from every name, plainly written, to the ids it may mean; `names` are these names
    as they are spelt; `scientific` leads from an id to its scientific name; `controls` from a
    control action to its taxon; `counties` are the outlines, without which no place is held against
    its county.
    """

    now: datetime
    utc_offset_seconds: int = 8 * 3600
    plots: Mapping[str, PlotFact] = field(default_factory=dict)
    taxa: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    scientific: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, str] = field(default_factory=dict)
    counties: "Atlas | None" = None

    def find_taxon(self, text: str) -> tuple[str | None, str]:
        """Find the taxon of a name in any language; else say why there is none, or not one."""
        found = self.taxa.get(plain_name(text), frozenset())
        if len(found) == 1:
            return next(iter(found)), ""
        if found:
            names = ", ".join(sorted(self.scientific[one] for one in found)[:MOST_NAMED])
            return None, tr(
                f"'{text}' names several taxa: {names}. Write the Latin name.",
                f"“{text}”对应多个物种：{names}。请填写学名。",
            )
        hint = did_you_mean(text, self.names) or self._alike(text)
        return None, tr(
            f"'{text}' is no name of the checklist.{hint}",
            f"名录中没有“{text}”。{hint}",
        )

    def _alike(self, text: str) -> str:
        """Names with one other character: 弥猴 is too short for a likeness of letters."""
        alike = [
            name
            for name in self.names
            if len(name) == len(text) and sum(map(str.__ne__, name, text)) == 1
        ]
        told = sorted(alike)[:MOST_NAMED]
        english, chinese = f" Similar: {', '.join(told)}.", f"相近名称：{'、'.join(told)}。"
        return tr(english, chinese) if told else ""


def plain_name(text: str) -> str:
    """A name as it is compared: lower case, single blanks, no "sp." at the end.

    >>> plain_name(" Cervus  sp."), plain_name("紫茎泽兰")
    ('cervus', '紫茎泽兰')
    """
    return " ".join(OPEN_NAME.sub("", text.strip()).casefold().split())


def read_known(session: Session, survey: Survey, *, now: datetime) -> Known:
    """Read what the survey knows, once for a whole sheet."""
    from species_db.geo import atlas_of

    taxa: dict[str, set[str]] = {}
    scientific: dict[str, str] = {}
    for taxon_id, name in session.exec(select(Taxon.taxon_id, Taxon.scientific_name)):
        scientific[taxon_id] = name
        taxa[plain_name(name)] = {taxon_id}
    accepted = set(taxa)
    names = list(scientific.values())
    for taxon_id, name in session.exec(select(TaxonName.taxon_id, TaxonName.name)):
        if (plain := plain_name(name)) not in accepted:  # a scientific name goes before a synonym
            taxa.setdefault(plain, set()).add(taxon_id)
            names.append(name)
    return Known(
        now=now,
        utc_offset_seconds=survey.settings.utc_offset_seconds,
        plots={plot.plot_id: _fact(plot) for plot in session.exec(select(Plot))},
        taxa={name: frozenset(ids) for name, ids in taxa.items()},
        names=tuple(dict.fromkeys(names)),
        scientific=scientific,
        controls=dict(session.exec(select(ControlAction.control_id, ControlAction.taxon_id)).all()),
        counties=atlas_of(session, (AreaKind.COUNTY,)),
    )


def _fact(plot: Plot) -> PlotFact:
    return PlotFact(
        plot_id=plot.plot_id,
        county=plot.county,
        latitude=plot.latitude,
        longitude=plot.longitude,
        radius_m=plot.radius_m,
        elevation_m=plot.elevation_m,
    )
