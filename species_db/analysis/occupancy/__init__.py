"""Occupancy: at which share of stations a taxon is, allowing for visits that missed it.

The single-season model of MacKenzie et al. (2002, Ecology 83:2248): a station is occupied with
probability psi; on each occasion an occupied station gives a record with probability p. Cells that
are not known stay out. Naive occupancy, stations with a record by stations watched, is a lower
bound (DOMAIN.md 5).
"""

from species_db.analysis.occupancy.design import CovariateError, TooFewDataError
from species_db.analysis.occupancy.estimate import (
    OccupancyEstimate,
    estimate_occupancy,
    occupancy_sentence,
)
from species_db.analysis.occupancy.goodness import GoodnessOfFit, occupancy_goodness
from species_db.analysis.occupancy.profile import CoefficientInterval

__all__ = [
    "CoefficientInterval",
    "CovariateError",
    "GoodnessOfFit",
    "OccupancyEstimate",
    "TooFewDataError",
    "estimate_occupancy",
    "occupancy_goodness",
    "occupancy_sentence",
]
