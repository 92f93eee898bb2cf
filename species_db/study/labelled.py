"""A study with what models said: the labels pass the gate as the records do."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from species_db.secrecy.marks import read_secrecy
from species_db.sensitivity import delayed_events
from species_db.study.facts import read_taxa
from species_db.study.kept import cleared, is_broader
from species_db.study.machine import MachineLabels, read_findings, read_labels
from species_db.study.read import Study
from species_db.tables import Taxon
from species_db.vocabulary import Secrecy
from species_db.wildlife.members import COLUMNS, SPECIES, members_of

BELOW = (SPECIES, "genus")  # ranks whose name begins the names of the taxa below


def labelled(session: Session, study: Study) -> Study:
    """Read the machine's labels of a study's events, and the taxa they name.

    Events too young to leave, secret ones, and those of deployments or days that the study leaves
    out are left out here too, whether a person reviewed them or not.
    """
    question, standings = study.question, {one.deployment_id: one for one in study.standings}
    labels, records = read_labels(session, standings)
    secret = read_secrecy(session).closed_events(Secrecy.INTERNAL)
    closed = delayed_events(session, study.gate), secret
    records = cleared(records, question, closed, (), standings)
    taxa = read_taxa(
        session, study.taxa.keys() | {one.taxon_id for one in labels.values() if one.taxon_id}
    )
    ranks = session.execute(select_columns(col(Taxon.taxon_id), col(Taxon.taxon_rank)))
    too_broad = {name for name, rank in ranks if is_broader(rank, question.min_rank)}
    asked = None
    if study.chosen is not None:
        chosen = session.get_one(Taxon, study.chosen.taxon_id)
        asked = frozenset(one.taxon_id for one in members_of(session, chosen))
    machine = MachineLabels(
        labels=labels,
        records=records,
        found=read_findings(session, too_broad),
        above=_above(session, taxa),
        too_broad=frozenset(too_broad & taxa.keys()),
        asked=asked,
    )
    return replace(study, taxa=taxa, machine=machine)


def _above(session: Session, taxon_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Which of some taxa hold which others of them: a genus its species (as `members_of` tells)."""
    columns = (col(Taxon.scientific_name), col(Taxon.taxon_rank), *map(col, COLUMNS.values()))
    asked = select_columns(col(Taxon.taxon_id), *columns)
    rows = {row[0]: row[1:] for row in session.execute(asked) if row[0] in taxon_ids}
    places = {rank: number for number, rank in enumerate(COLUMNS, start=2)}
    kingdom = places["kingdom"]

    def holds(upper: str, lower: str) -> bool:
        name, rank = rows[upper][:2]
        other = rows[lower]
        if upper == lower or rows[upper][kingdom] != other[kingdom]:
            return False
        is_named = rank in places and other[places[rank]] == name
        return is_named or (rank in BELOW and other[0].startswith(f"{name} "))

    return {lower: frozenset(upper for upper in rows if holds(upper, lower)) for lower in rows}
