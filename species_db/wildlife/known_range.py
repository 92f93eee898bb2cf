"""Where the checklist's sources put a taxon, and the records that lie outside of it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from species_db.places import find_county
from species_db.tables import ListEntry, ListVersion
from species_db.vocabulary import StatusKind
from species_db.wildlife.parts import ElevationRange, Evidence, Height, NewCounty

COUNTY_BREAK = re.compile(r"[;,、；，/\s]+")
SEA_LEVEL, NOT_KNOWN = "sea level", "not known"
# What maps and models of the ground give; receivers do not say (DOMAIN.md 15).
ABOVE_SEA = ("dem", "map")
SHOWN = 5  # records named beyond each end


@dataclass(frozen=True)
class KnownRange:
    """What the checklist says of where a taxon lives; empty where its sources do not say."""

    low_m: float | None = None
    high_m: float | None = None
    elevation_source: str = ""
    counties: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeenAt:
    """One confirmed record with its height."""

    elevation_m: float
    source: str
    uncertainty_m: float | None
    evidence: Evidence


def read_known_range(session: Session, taxon_id: str) -> KnownRange:
    """Read the newest checklist's line on a taxon."""
    asked = (
        select(ListEntry)
        .join(ListVersion, col(ListVersion.list_version_id) == col(ListEntry.list_version_id))
        .where(ListEntry.taxon_id == taxon_id, ListVersion.kind == StatusKind.CHECKLIST.value)
        .order_by(col(ListVersion.effective_from).desc())
    )
    for entry in session.exec(asked):
        known = _read_facts(entry.facts)
        if known != KnownRange():
            return known
    return KnownRange()


def elevation_range(seen: Iterable[SeenAt], known: KnownRange, without: int) -> ElevationRange:
    """The lowest and highest record, and those beyond the known range."""
    order = sorted(seen, key=lambda one: one.elevation_m)
    low, high = known.low_m, known.high_m
    below = [one.evidence for one in order if low is not None and one.elevation_m < low]
    above = [one.evidence for one in order[::-1] if high is not None and one.elevation_m > high]
    return ElevationRange(
        lowest=_height(order[0]) if order else None,
        highest=_height(order[-1]) if order else None,
        known_low_m=low,
        known_high_m=high,
        known_source=known.elevation_source,
        below=tuple(below[:SHOWN]),
        above=tuple(above[:SHOWN]),
        without_elevation=without,
    )


def new_counties(
    firsts: Mapping[str, Evidence], counts: Mapping[str, int], known: KnownRange
) -> tuple[NewCounty, ...]:
    """Counties with records that no source of the checklist names; none when it names none."""
    if not known.counties:
        return ()
    return tuple(
        NewCounty(county, firsts[county], counts[county])
        for county in sorted(firsts)
        if county and county not in known.counties
    )


def _height(one: SeenAt) -> Height:
    return Height(
        metres=one.elevation_m,
        source=one.source,
        horizontal_uncertainty_m=one.uncertainty_m,
        vertical_uncertainty_m=None,  # no table of the survey asks for it
        datum=SEA_LEVEL if one.source in ABOVE_SEA else NOT_KNOWN,
        evidence=one.evidence,
    )


def _read_facts(text: str) -> KnownRange:
    try:
        facts = json.loads(text)
    except ValueError:
        return KnownRange()
    if not isinstance(facts, dict):
        return KnownRange()
    return KnownRange(
        low_m=_number(facts.get("elevation_min_m")),
        high_m=_number(facts.get("elevation_max_m")),
        elevation_source=str(facts.get("elevation_source") or ""),
        counties=_counties(str(facts.get("counties_or_area") or facts.get("counties") or "")),
    )


def _counties(text: str) -> tuple[str, ...]:
    """The division codes of counties that a text names; other areas are left out."""
    parts: Sequence[str] = COUNTY_BREAK.split(text)
    found = {county.code for part in parts if (county := find_county(part))}
    return tuple(sorted(found))


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
