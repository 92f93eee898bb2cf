"""Legal and scientific lists as dated facts: what a taxon's status is, or was, on a day."""

from species_db.lists.status import (
    StatusFact,
    StatusIndex,
    StatusPeriod,
    TaxonStatus,
    read_status_index,
)

__all__ = ["StatusFact", "StatusIndex", "StatusPeriod", "TaxonStatus", "read_status_index"]
