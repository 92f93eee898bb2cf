"""What disturbs wildlife: people, dogs, livestock and vehicles per 100 camera-days.

Events of people are counted by rule and never tell who they were (VISION N14). The team's own
visits are none.
"""

from collections.abc import Iterator

from species_db.evaluation.basis import AREAS, Basis
from species_db.evaluation.comparing import rate
from species_db.evaluation.results import Result
from species_db.wildlife.threats import DOG, LIVESTOCK, PEOPLE, VEHICLE

KINDS = (("people", PEOPLE), ("dogs", DOG), ("livestock", LIVESTOCK), ("vehicles", VEHICLE))


def disturbance_results(basis: Basis) -> Iterator[Result]:
    """The indicators of disturbance, by area."""
    for indicator_id, what in KINDS:
        events = (basis.before.disturbances(what), basis.after.disturbances(what))
        for area in AREAS:
            yield rate(basis, indicator_id, area, events)
