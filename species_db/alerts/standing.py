"""Legal standing of taxa as the rules ask for it: class I, class II, invasive, on a day."""

from bisect import bisect_right
from collections.abc import Collection
from datetime import date, timedelta

from sqlmodel import Session, col, select

from species_db.alerts.thresholds import CLASS_I, CLASS_II, INVASIVE
from species_db.lists import StatusIndex
from species_db.tables import ListVersion, Taxon

SPECIES_OR_BELOW = ("species", "subspecies", "variety", "form", "infraspecies")
DOGS = ("Canis lupus familiaris", "Canis familiaris")
NOTHING: frozenset[str] = frozenset()


class Standing:
    """Marks of taxa by day; between two dates on which lists change they are asked once."""

    def __init__(self, session: Session, status: StatusIndex) -> None:
        self._status = status
        self._changes = _changes(session)
        self._known: dict[tuple[str, int], frozenset[str]] = {}
        rows = session.exec(
            select(Taxon.taxon_id, Taxon.scientific_name, Taxon.taxon_rank, Taxon.kingdom)
        ).all()
        self._groups = {one for one, _, rank, _ in rows if rank not in SPECIES_OR_BELOW}
        self.dogs = frozenset(one for one, name, _, _ in rows if name in DOGS)
        self.animals = frozenset(one for one, _, _, kingdom in rows if kingdom in ("", "Animalia"))

    def is_group(self, taxon_id: str) -> bool:
        """Whether a taxon is above species, so that its listing is only a possibility."""
        return taxon_id in self._groups

    def marks(self, taxon_id: str, on: date) -> frozenset[str]:
        """What the lists in force on a day make of a taxon; of a group, what it may be."""
        key = (taxon_id, bisect_right(self._changes, on))
        if key not in self._known:
            self._known[key] = self._ask(taxon_id, on)
        return self._known[key]

    def ever_marked(self, taxon_ids: Collection[str]) -> set[str]:
        """The taxa that any list has ever named, so that all others need not be read."""
        days = [date.min, *self._changes]
        return {one for one in taxon_ids if any(self.marks(one, day) for day in days)}

    def _ask(self, taxon_id: str, on: date) -> frozenset[str]:
        if taxon_id in self.dogs:  # a wolf's status is not a dog's (DOMAIN.md 16)
            return NOTHING
        is_group = self.is_group(taxon_id)
        ask = self._status.possible_status if is_group else self._status.status_of
        status = ask(taxon_id, on)
        found = {status.protection_level} & {CLASS_I, CLASS_II}
        return frozenset(found | ({INVASIVE} if status.is_invasive else set()))


def _changes(session: Session) -> list[date]:
    """The days on which any list begins, or has just ended."""
    rows = session.exec(
        select(col(ListVersion.effective_from), col(ListVersion.effective_to))
    ).all()
    begins = {begin for begin, _ in rows}
    return sorted(begins | {end + timedelta(days=1) for _, end in rows if end is not None})
