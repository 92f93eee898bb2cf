"""Files of areas for tests, written by the library that offices' programs use as well."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

BASUM, SEJILA = "巴松措", "色季拉"
WEST, EAST = shapely.box(93.8, 29.9, 94.1, 30.2), shapely.box(94.5, 29.5, 94.8, 29.8)
BOW_TIE = shapely.Polygon([(94, 29), (94.4, 29.4), (94.4, 29), (94, 29.4)])


def write_areas(
    path: Path,
    *,
    shapes: Sequence[shapely.Geometry | None] = (WEST, EAST),
    names: Sequence[str | None] = (BASUM, SEJILA),
    crs: str | None = "EPSG:4490",
    field: str = "NAME",
    geometry_type: str = "Polygon",
    **options: object,
) -> Path:
    """A file of named areas; its kind follows its suffix."""
    from pyogrio.raw import write

    write(
        path,
        geometry=np.array([None if one is None else shapely.to_wkb(one) for one in shapes], object),
        field_data=[np.array(names, dtype=object)],
        fields=[field],
        crs=crs,
        geometry_type=geometry_type,
        **options,
    )
    return path
