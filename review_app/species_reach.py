"""How far a species was found, in words: extent, area, heights, counties, and what is new."""

from collections.abc import Mapping

from review_app.species_parts import county_name, facts_html
from species_db.wildlife.distribution import Distribution
from species_db.wildlife.parts import ElevationRange, Reach

Words = Mapping[str, str]


def reach_html(reach: Reach, words: Words, *, is_chinese: bool) -> str:
    """The facts of a distribution, what is not known said as such."""
    known = [county_name(one, words, is_chinese=is_chinese) for one in reach.known_counties]
    counties = words["known_counties"].format(names=", ".join(known))
    new = [
        words["new_county"].format(
            name=county_name(one.county, words, is_chinese=is_chinese), on=one.first.on
        )
        for one in reach.new_counties
    ]
    return facts_html(
        (
            (words["eoo"], _extent(reach.distribution, words)),
            (words["aoo"], _area(reach.distribution, words)),
            (words["elevation"], _heights(reach.elevation, words)),
            (words["counties"], (counties if known else words["no_known_counties"], *new)),
        )
    )


def _extent(told: Distribution, words: Words) -> tuple[str, ...]:
    if told.eoo_km2 is None:
        return (words["eoo_unknown"].format(places=told.places),)
    area = words["km2"].format(area=f"{told.eoo_km2:,.0f}")
    if not told.is_eoo_raised:
        return (area,)
    return area, words["eoo_raised"].format(raw=f"{told.eoo_raw_km2 or 0:,.1f} km²")


def _area(told: Distribution, words: Words) -> tuple[str, ...]:
    coarse = words["coarse"].format(count=told.coarse_places) if told.coarse_places else ""
    if told.aoo_km2 is None:
        return words["unknown"], coarse
    ends = {"least": f"{told.aoo_least_km2:,.0f}", "most": f"{told.aoo_most_km2:,.0f}"}
    area = words["km2"].format(area=f"{told.aoo_km2:,.0f}")
    return area, words["aoo_of"].format(cells=told.cells, **ends), coarse


def _heights(told: ElevationRange, words: Words) -> tuple[str, ...]:
    seen = [words["unknown"]]
    if told.lowest and told.highest:
        ends = {"low": f"{told.lowest.metres:,.0f}", "high": f"{told.highest.metres:,.0f}"}
        source = words.get(told.highest.source, told.highest.source)
        spread = told.highest.horizontal_uncertainty_m
        metres = "?" if spread is None else f"{spread:g}"
        seen = [
            words["elevation_of"].format(**ends),
            words["elevation_source"].format(source=source, metres=metres),
        ]
    if told.known_low_m is None or told.known_high_m is None:
        return (*seen, words["no_known_elevation"])
    known = words["known_elevation"].format(
        low=f"{told.known_low_m:g}",
        high=f"{told.known_high_m:g}",
        source=told.known_source or words["not stated"],
    )
    count = len(told.below) + len(told.above)
    beyond = words["outside"].format(count=count) if count else words["inside"]
    return (*seen, known, beyond)
