"""How far a place is coarsened: the fixed grid, the altitude bands, and what is said of both.

Rounded, never jittered, because the average of jittered points is the place (DOMAIN.md 9, after
Chapman 2020; STANDARDS.md 5).
"""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from math import floor

from species_db.vocabulary import Sensitivity

# Metres that rounding adds to the uncertainty: below and from 30 degrees of latitude. The table of
# the R package camtrapdp (INBO), the diagonal of a cell at the foot of each band (STANDARDS.md 5);
# twice what rounding really moves a point, kept so that our figures equal the peers'.
ADDED_UNCERTAINTY_M = {
    Decimal("0.001"): (157, 147),
    Decimal("0.01"): (1570, 1470),
    Decimal("0.1"): (15691, 14697),
}
BAND_LATITUDE = 30

# From the loosest to the strictest (Chapman 2020; DOMAIN.md 9).
STRICTNESS = {category: rank for rank, category in enumerate(reversed(Sensitivity))}
_CELLS = {
    Sensitivity.HIGH: Decimal("0.1"),
    Sensitivity.MEDIUM: Decimal("0.01"),
    Sensitivity.LOW: Decimal("0.001"),
}


def strictest(*categories: Sensitivity) -> Sensitivity:
    """The strictest of some categories, none without any.

    >>> strictest(Sensitivity.MEDIUM, Sensitivity.HIGH).value, strictest().value
    ('high', 'none')
    """
    return max(categories, key=STRICTNESS.__getitem__, default=Sensitivity.NONE)


@dataclass(frozen=True)
class SensitivitySettings:
    """How far a place is coarsened when nothing is known of what lives there, and beyond that."""

    # Any station may turn out to hold a protected animal: category 3 (medium, class II) for all of
    # them is 1.1 km, still useful for maps of a prefecture. A category can only coarsen it.
    cell_degrees: Decimal = Decimal("0.01")
    # In a gorge one metre of altitude and a cell pin the slope; 200 m is a step of vegetation.
    elevation_band_m: int = 200
    # The relief of a 0.1 degree cell in the gorges is some 3000 to 4500 m, that of a 0.01 degree
    # cell 600 to 900 m: 1000 m leaves the same third to quarter of its cell as 200 m does of its.
    high_elevation_band_m: int = 1000

    def at(self, category: Sensitivity) -> "SensitivitySettings":
        """How a place of a category is coarsened: its own cell and band, or the floor if coarser.

        >>> SensitivitySettings().at(Sensitivity.HIGH).cell_degrees
        Decimal('0.1')
        >>> SensitivitySettings().at(Sensitivity.LOW).cell_degrees
        Decimal('0.01')
        """
        is_high = STRICTNESS[category] >= STRICTNESS[Sensitivity.HIGH]
        band_m = self.high_elevation_band_m if is_high else 0
        return replace(
            self,
            cell_degrees=max(self.cell_degrees, _CELLS.get(category, self.cell_degrees)),
            elevation_band_m=max(self.elevation_band_m, band_m),
        )

    @property
    def reach_m(self) -> int:
        """How far apart two places may be that share one cell of the finest grid: its diagonal."""
        return max(ADDED_UNCERTAINTY_M[self.cell_degrees])


@dataclass(frozen=True)
class ReleasedPlace:
    """A place as it leaves: rounded, exact when `coordinate_precision` is None, or withheld."""

    latitude: Decimal | None
    longitude: Decimal | None
    coordinate_uncertainty_m: int | None
    coordinate_precision: Decimal | None
    minimum_elevation_m: float | None
    maximum_elevation_m: float | None
    sensitivity: Sensitivity = Sensitivity.NONE
    elevation_band_m: int | None = None

    @property
    def is_withheld(self) -> bool:
        """Tell whether no coordinates leave at all."""
        return self.latitude is None

    def of_category(self, category: Sensitivity) -> "ReleasedPlace":
        """The same place, saying by which category it was coarsened."""
        return replace(self, sensitivity=category)


def withheld_place(category: Sensitivity = Sensitivity.EXTREME) -> ReleasedPlace:
    """A place of which neither coordinates nor elevation leave."""
    return ReleasedPlace(None, None, None, None, None, None, category)


def generalise_place(
    latitude: float,
    longitude: float,
    *,
    uncertainty_m: int,
    elevation_m: float | None,
    settings: SensitivitySettings,
) -> ReleasedPlace:
    """Round a place to its grid cell and say so in its uncertainty and altitude band.

    The uncertainty follows the released latitude: taken from the true one it would tell on which
    side of 30 N a point rounded to 30 N lies.

    >>> place = generalise_place(29.32517, 95.33418, uncertainty_m=30, elevation_m=1870,
    ...     settings=SensitivitySettings())
    >>> str(place.latitude), str(place.longitude), place.coordinate_uncertainty_m
    ('29.33', '95.33', 1600)
    >>> place.minimum_elevation_m, place.maximum_elevation_m
    (1800, 2000)
    """
    cell = settings.cell_degrees
    rounded = round_to_cell(latitude, cell)
    below, above = ADDED_UNCERTAINTY_M[cell]
    added = below if abs(rounded) < BAND_LATITUDE else above
    lowest = highest = None
    if elevation_m is not None:
        lowest = floor(elevation_m / settings.elevation_band_m) * settings.elevation_band_m
        highest = lowest + settings.elevation_band_m
    return ReleasedPlace(
        latitude=rounded,
        longitude=round_to_cell(longitude, cell),
        coordinate_uncertainty_m=max(uncertainty_m, 0) + added,
        coordinate_precision=cell,
        minimum_elevation_m=lowest,
        maximum_elevation_m=highest,
        elevation_band_m=settings.elevation_band_m,
    )


def round_to_cell(degrees: float, cell: Decimal) -> Decimal:
    """Round to the nearest grid line, halves to the even one, in decimal arithmetic.

    Rounding, not truncating: a truncated point is always moved south-west, so its cell is known to
    lie north-east of it. `repr` gives back the digits the person typed, before the float's error.

    >>> round_to_cell(29.635, Decimal("0.01")), round_to_cell(-0.001, Decimal("0.01"))
    (Decimal('29.64'), Decimal('0.00'))
    """
    return Decimal(repr(degrees)).quantize(cell, rounding=ROUND_HALF_EVEN) + 0
