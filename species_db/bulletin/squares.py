"""The squares of the little map: where cameras worked this month, and where invaders are.

Squares of 0.1 degrees of released places, as on the map of invaders: they follow from what every
table tells. What the gate withholds, or tells in no county, has no square.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from species_db.bulletin.fronts import Invaders, Point, ToldSighting, middle_of, new_places_of
from species_db.bulletin.ground import Ground
from species_db.bulletin.parts import Square
from species_db.invasive.picture import SIDE
from species_db.sensitivity import round_to_cell

Middle = tuple[Decimal, Decimal]


@dataclass
class _Found:
    has_cameras: bool = False
    has_invaders: bool = False
    is_new: bool = False


def squares_of(ground: Ground, county: str, invaders: Invaders) -> tuple[Square, ...]:
    """Give the squares of a county from north-west to south-east."""
    found: dict[Middle, _Found] = {}
    teller = ground.teller
    for name in ground.days_of(county, ground.month):
        if middle := _square(middle_of(teller.gate.place(teller.stations[name]))):
            found.setdefault(middle, _Found()).has_cameras = True
    for invader in invaders.taxa:
        _add(found, ground, [one for one in invader.found if one.county == county])
    return tuple(
        Square(float(at[0]), float(at[1]), one.has_cameras, one.has_invaders, one.is_new)
        for at, one in sorted(found.items(), key=lambda each: (-each[0][0], each[0][1]))
    )


def _add(found: dict[Middle, _Found], ground: Ground, told: Sequence[ToldSighting]) -> None:
    """Add one invader's squares; one is new where a place of it is."""
    new = new_places_of(ground, told)
    for one in told:
        if one.sighting.is_present and (middle := _square(one.middle)):
            square = found.setdefault(middle, _Found())
            square.has_invaders = True
            square.is_new |= one.place in new


def _square(at: Point | None) -> Middle | None:
    return None if at is None else (round_to_cell(at[0], SIDE), round_to_cell(at[1], SIDE))
