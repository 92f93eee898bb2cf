"""A taxon with its names, lineage and what the lists say of it: what `namcha taxa show` tells."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, or_, select

from species_db.language import did_you_mean, tr
from species_db.lists.shipped import LIST_SOURCE
from species_db.lists.status import StatusPeriod, TaxonStatus, read_status_index
from species_db.tables import Taxon, TaxonName


class TaxonNotFoundError(Exception):
    """No taxon of the survey bears the name, or several do."""


@dataclass(frozen=True)
class TaxonCard:
    """A taxon with its status on a day, today and through the years."""

    taxon_id: str
    scientific_name: str
    taxon_rank: str
    zh: tuple[str, ...]  # the preferred name first
    en: tuple[str, ...]
    synonyms: tuple[str, ...]
    lineage: tuple[tuple[str, str], ...]  # rank and name, from the kingdom down
    source: str
    is_local: bool  # on the checklist or of the survey's own, not only on a national list
    status: TaxonStatus
    status_today: TaxonStatus
    history: tuple[StatusPeriod, ...]


def find_taxon(session: Session, name: str) -> str:
    """Find the one taxon that bears a name in any language, or has this id.

    Raises:
        TaxonNotFoundError: none bears it, or several do; the message offers what may be meant.
    """
    wanted = name.strip()
    lower = wanted.lower()
    found = set(
        session.exec(
            select(Taxon.taxon_id).where(
                or_(
                    col(Taxon.taxon_id) == wanted,
                    func.lower(col(Taxon.scientific_name)) == lower,
                )
            )
        )
    )
    if not found:
        named = select(TaxonName.taxon_id).where(func.lower(col(TaxonName.name)) == lower)
        found = set(session.exec(named))
    if len(found) == 1:
        return found.pop()
    raise TaxonNotFoundError(_several(session, wanted, found) if found else _none(session, wanted))


def read_taxon_card(session: Session, taxon_id: str, *, on: date, today: date) -> TaxonCard:
    """Read all that is known of a taxon, with its status on a day and today."""
    taxon = session.get_one(Taxon, taxon_id)
    index = read_status_index(session)
    names = session.exec(
        select(TaxonName)
        .where(TaxonName.taxon_id == taxon_id)
        .order_by(col(TaxonName.is_preferred).desc(), col(TaxonName.name))
    ).all()
    by_language = {
        language: tuple(one.name for one in names if one.language == language)
        for language in ("zh", "en", "la")
    }
    lineage = (
        ("kingdom", taxon.kingdom),
        ("phylum", taxon.phylum or ""),
        ("class", taxon.class_name),
        ("order", taxon.order_name),
        ("family", taxon.family),
        ("genus", taxon.genus or ""),
    )
    return TaxonCard(
        taxon_id=taxon_id,
        scientific_name=taxon.scientific_name,
        taxon_rank=taxon.taxon_rank,
        zh=by_language["zh"],
        en=by_language["en"],
        synonyms=by_language["la"],
        lineage=tuple((rank, name) for rank, name in lineage if name),
        source=taxon.source,
        is_local=not taxon.source.startswith(LIST_SOURCE),
        status=index.status_of(taxon_id, on),
        status_today=index.status_of(taxon_id, today),
        history=index.status_history(taxon_id),
    )


def _none(session: Session, wanted: str) -> str:
    known = {*session.exec(select(Taxon.scientific_name)), *session.exec(select(TaxonName.name))}
    offered = did_you_mean(wanted, _same_script(wanted, known))
    return tr(
        f"No taxon is called '{wanted}'.{offered} 'namcha taxa search TEXT' finds parts of names.",
        f"没有名为“{wanted}”的分类单元。{offered}可用“namcha taxa search 文字”按部分名称查找。",
    )


def _several(session: Session, wanted: str, found: Collection[str]) -> str:
    asked = select(Taxon.scientific_name).where(col(Taxon.taxon_id).in_(found))
    names = ", ".join(sorted(session.exec(asked)))
    return tr(
        f"'{wanted}' may be {names}. Give the scientific name.",
        f"“{wanted}”可能是 {names}。请给出学名。",
    )


def _same_script(wanted: str, names: Collection[str]) -> list[str]:
    """Names in the script that was typed: comparing with all of them is slow and helps nobody."""
    return [name for name in names if name.isascii() == wanted.isascii()]
