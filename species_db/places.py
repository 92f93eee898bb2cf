"""Counties of Linzhi, and what a coordinate in a sheet must look like (DOMAIN.md 14)."""

from dataclasses import dataclass

from species_db.language import tr


@dataclass(frozen=True)
class County:
    """A county-level division with its national code."""

    code: str
    name_zh: str
    name_en: str


# Division codes of the prefecture (GB/T 2260 line, as in npm element-china-area-data 6.1.0);
# Mainling became a city in 2023 and changed its code from 540422.
COUNTIES = {
    county.code: county
    for county in (
        County("540402", "巴宜区", "Bayi District"),
        County("540421", "工布江达县", "Gongbo'gyamda County"),
        County("540423", "墨脱县", "Medog County"),
        County("540424", "波密县", "Bomi County"),
        County("540425", "察隅县", "Zayu County"),
        County("540426", "朗县", "Nang County"),
        County("540481", "米林市", "Mainling City"),
    )
}
FORMER_NAMES = {"540422": "540481", "米林县": "540481", "mainling county": "540481"}

# Box in which a point of the prefecture is plausible: outside it a person is warned, not stopped.
LATITUDES = (27.5, 31.0)
LONGITUDES = (92.0, 99.0)


class CoordinateError(ValueError):
    """A coordinate that cannot be a place in WGS-84 decimal degrees."""


def find_county(text: str) -> County | None:
    """Find a county by code, Chinese name or English name.

    >>> find_county("墨脱"), find_county("Medog").code, find_county("米林县").code
    (County(code='540423', name_zh='墨脱县', name_en='Medog County'), '540423', '540481')
    """
    wanted = text.strip().casefold()
    if not wanted:
        return None
    if wanted in FORMER_NAMES:
        return COUNTIES[FORMER_NAMES[wanted]]
    for county in COUNTIES.values():
        names = {county.code, county.name_zh, county.name_zh[:-1], county.name_en.casefold()}
        if wanted in names | {county.name_en.rsplit(" ", 1)[0].casefold()}:
            return county
    return None


def parse_place(latitude: str, longitude: str) -> tuple[float, float]:
    """Read a place in WGS-84 decimal degrees, and refuse what is surely a mistake.

    Degrees-minutes-seconds, swapped columns and 0,0 are mistakes, not places (DOMAIN.md 14).

    >>> parse_place("29.6490", "94.3615")
    (29.649, 94.3615)

    Raises:
        CoordinateError: the text is no plausible pair of decimal degrees.
    """
    try:
        north, east = float(latitude), float(longitude)
    except ValueError:
        raise CoordinateError(
            tr(
                "not decimal degrees; write them like 29.6490, not 29°38'56\".",
                "不是十进制度;请写成 29.6490 的形式,不要写 29°38′56″。",
            )
        ) from None
    if north == 0 and east == 0:
        raise CoordinateError(tr("both are 0, which is no place here.", "均为 0,不是有效位置。"))
    if LATITUDES[0] <= east <= LATITUDES[1] and LONGITUDES[0] <= north <= LONGITUDES[1]:
        raise CoordinateError(tr("latitude and longitude are swapped.", "纬度和经度填反了。"))
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        raise CoordinateError(
            tr(
                "latitude must lie in -90..90 and longitude in -180..180.",
                "纬度须在 -90..90 之间,经度须在 -180..180 之间。",
            )
        )
    return north, east


def is_in_prefecture_box(latitude: float, longitude: float) -> bool:
    """Tell whether a point lies in the box around Linzhi."""
    return LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]
