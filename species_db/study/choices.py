"""Which taxa an analysis may be asked of: those with records, and the classes that hold them."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.study.facts import TaxonFacts
from species_db.tables import Observation, Taxon
from species_db.vocabulary import ObservationType
from species_db.wildlife.members import names_of
from species_db.wildlife.threats import DOMESTIC


@dataclass(frozen=True)
class TaxonChoice:
    """A taxon that may be asked for.

    `observations` orders the choices and is no figure to be shown: it counts rows, not visits.
    """

    taxon: TaxonFacts
    observations: int

    @property
    def names(self) -> str:
        """All its names, so that each of them finds it."""
        facts = self.taxon
        told = (facts.common, facts.scientific_name, facts.zh, facts.en)
        return " · ".join(dict.fromkeys(one for one in told if one))


def taxa_to_ask_of(session: Session) -> tuple[TaxonChoice, ...]:
    """Recorded taxa, wild ones and the most recorded first; then the classes that they are of."""
    asked = (
        select_columns(col(Observation.taxon_id), func.count())
        .where(
            col(Observation.observation_type) == ObservationType.ANIMAL.value,
            col(Observation.taxon_id).is_not(None),
        )
        .group_by(col(Observation.taxon_id))
    )
    counts = {str(name): int(count) for name, count in session.execute(asked)}
    every = {one.taxon_id: one for one in session.exec(select(Taxon))}
    classes = {every[name].class_name for name in counts if name in every}
    above = {
        one.taxon_id: 0
        for one in every.values()
        if one.taxon_rank == "class" and one.scientific_name in classes
    }
    counts = above | counts
    names = names_of(session, counts)
    choices = [
        TaxonChoice(
            TaxonFacts(
                taxon_id=one.taxon_id,
                scientific_name=one.scientific_name,
                rank=one.taxon_rank,
                class_name=one.class_name,
                zh=names[one.taxon_id].zh,
                en=names[one.taxon_id].en,
                is_domestic=one.scientific_name in DOMESTIC,
            ),
            counts[one.taxon_id],
        )
        for one in (every[name] for name in counts if name in every)
    ]
    return tuple(sorted(choices, key=_order))


def _order(one: TaxonChoice) -> tuple[bool, bool, int, str]:
    is_class = not one.observations
    return is_class, one.taxon.is_domestic, -one.observations, one.taxon.scientific_name
