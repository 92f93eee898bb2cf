"""What disturbs wildlife: people, dogs, livestock and vehicles per 100 camera-days.

Events of people are counted by rule and never tell who they were (VISION N14). The team's own
visits are none.
"""

from collections.abc import Iterator

from species_db.evaluation.basis import AREAS, Basis
from species_db.evaluation.comparing import Events, rate
from species_db.evaluation.results import Result
from species_db.vocabulary import ObservationType
from species_db.wildlife.threats import DOG, DOMESTIC, LIVESTOCK

PASSING = (("people", ObservationType.HUMAN), ("vehicles", ObservationType.VEHICLE))
ANIMALS = (("dogs", DOG), ("livestock", LIVESTOCK))


def disturbance_results(basis: Basis) -> Iterator[Result]:
    """The indicators of disturbance, by area."""
    for indicator_id, events in disturbances(basis).items():
        for area in AREAS:
            yield rate(basis, indicator_id, area, events)


def disturbances(basis: Basis) -> dict[str, Events]:
    """Independent events of each kind by station, in both periods."""
    sides = (basis.before, basis.after)
    told: dict[str, Events] = {}
    for indicator_id, kind in PASSING:
        told[indicator_id] = (sides[0].passing(kind.value), sides[1].passing(kind.value))
    for indicator_id, what in ANIMALS:
        taxa = {
            name for name, one in basis.taxa.items() if DOMESTIC.get(one.scientific_name) == what
        }
        told[indicator_id] = (sides[0].counts(taxa), sides[1].counts(taxa))
    return told
