"""All that a pack finds, measured anew from what people decided: no stored result is read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from species_db.evaluation.basis import Basis
from species_db.evaluation.camera_work import work_results
from species_db.evaluation.caveats import Caveat
from species_db.evaluation.disturbance import disturbance_results
from species_db.evaluation.indicators import clauses
from species_db.evaluation.invaders import ActionResult, InvaderResult, read_invaders
from species_db.evaluation.protected import TaxonResult, protected_results, taxon_results
from species_db.evaluation.response import RuleRow, read_warned, response_results, rule_rows
from species_db.evaluation.results import NOT_TOLD, WHOLE, Result
from species_db.evaluation.reviewing import (
    MachineOnly,
    is_unreviewed,
    list_results,
    machine_only,
    read_looked,
    review_results,
)

# Whose numbers move when waiting events are reviewed.
BY_REVIEW = (
    *("taxa_class_1", "taxa_class_2", "index_class_1", "index_class_2", "stations_class_1"),
    *("stations_class_2", "people", "dogs", "livestock", "vehicles"),
)


@dataclass(frozen=True)
class Findings:
    """Everything that the tables and pages of a pack tell."""

    results: tuple[Result, ...]  # in the order of clauses, indicators and areas
    taxa: tuple[TaxonResult, ...]
    invaders: tuple[InvaderResult, ...]
    actions: tuple[ActionResult, ...]
    rules: tuple[RuleRow, ...]
    machine_only: tuple[MachineOnly, ...]

    def of(self, indicator_id: str, area: str = WHOLE) -> Result:
        """One indicator in one area.

        Raises:
            LookupError: it is not measured there.
        """
        for one in self.results:
            if one.indicator_id == indicator_id and one.area == area:
                return one
        raise LookupError(f"{indicator_id} in {area}")

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """Every caveat that stands beside any number, in the order of their explanation."""
        told = {caveat for one in self.results for caveat in one.caveats}
        told |= {caveat for taxon in self.taxa for one in taxon.index for caveat in one.caveats}
        if any(one.area == NOT_TOLD and one.is_known for one in self.results):
            told.add(Caveat.NOT_TOLD_COUNTIES)
        return tuple(one for one in Caveat if one in told)


def measure(basis: Basis) -> Findings:
    """Measure every indicator, for the prefecture and by county."""
    looked = (read_looked(basis, basis.before), read_looked(basis, basis.after))
    alone = (machine_only(basis, basis.before), machine_only(basis, basis.after))
    warned, invaders = read_warned(basis), read_invaders(basis)
    found = [
        *work_results(basis),
        *protected_results(basis),
        *disturbance_results(basis),
        *invaders.results(),
        *list_results(basis),
        *response_results(basis, warned),
        *review_results(looked, alone),
    ]
    if is_unreviewed(looked):
        found = [
            one.with_caveats(Caveat.UNREVIEWED) if one.indicator_id in BY_REVIEW else one
            for one in found
        ]
    return Findings(
        results=tuple(_in_order(found)),
        taxa=taxon_results(basis),
        invaders=invaders.by_taxon(),
        actions=invaders.actions,
        rules=rule_rows(basis, warned),
        machine_only=alone[1],
    )


def _in_order(found: Iterable[Result]) -> Iterator[Result]:
    """By clause and indicator; places whose county is not told stand apart when there are any."""
    order = [name for clause in clauses() for name in clause.answers]
    told = list(found)
    if not any(one.area == NOT_TOLD and _is_there(one) for one in told):
        told = [one for one in told if one.area != NOT_TOLD]
    yield from sorted(told, key=lambda one: (order.index(one.indicator_id), _place(one.area)))


def _is_there(one: Result) -> bool:
    return any(side.value for side in (one.before, one.after))


def _place(area: str) -> tuple[bool, bool, str]:
    return area == NOT_TOLD, area != WHOLE, area
