"""The attacker: reads everything that left the survey and tries to find the sensitive places.

He has all public files of two successive exports, the terrain, a list of what places are called in
the valleys, and patience. He knows nothing of the survey folder. Each attack is a function from
what he has to a guess for some of the coarsely told stations, by the id under which they left.
"""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path
from statistics import fmean, median
from zipfile import ZipFile

from PIL import Image, ImageDraw

Point = tuple[float, float]
Row = dict[str, str]
Guesses = dict[str, Point]
COARSE_M = 10_000  # told with more uncertainty than this: a place worth looking for
_DEGREES = re.compile(rb"(?<![\d.])((?:2[6-9]|3[0-2])\.\d{3,}|9[1-9]\.\d{3,})(?!\d)")
_KM = 111.2
_SAME_TRAIL_M = 25_000
_NARROW = cos(radians(29.5))


def metres(one: Point, other: Point) -> float:
    """Distance on the ground, good to a percent in this prefecture."""
    return 1000 * _KM * hypot(one[0] - other[0], (one[1] - other[1]) * _NARROW)


def middle(points: Iterable[Point]) -> Point:
    """The mean of points."""
    known = list(points)
    return fmean(p[0] for p in known), fmean(p[1] for p in known)


@dataclass(frozen=True)
class Loot:
    """Everything public of one moment: two tables and a package, as files."""

    files: Mapping[str, bytes]
    gazetteer: Mapping[str, Point]
    terrain: Callable[[Point], float]
    is_valley: Callable[[Point], bool]
    part_of_cell: Callable[[str, Point], Point | None]
    frame: Callable[[list[Point]], list[tuple[float, float]]]
    """Where points lie on the drawing of the prefecture, which is the same for everybody."""
    banner: Callable[[str], str]
    photo: tuple[int, int]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any name of the gazetteer, the longest first, and no part of another."""
        names = sorted(self.gazetteer, key=len, reverse=True)
        return re.compile(rf"(?:{'|'.join(map(re.escape, names))})(?![0-9])")

    @cached_property
    def deployments(self) -> list[Row]:
        """The package's deployments, in the order of the file."""
        return self._table("package/deployments.csv")

    @cached_property
    def media(self) -> list[Row]:
        """The package's media."""
        return self._table("package/media.csv")

    @cached_property
    def observations(self) -> list[Row]:
        """The package's observations."""
        return self._table("package/observations.csv")

    @cached_property
    def occurrences(self) -> list[Row]:
        """The occurrence table."""
        return self._table("occurrences.csv")

    @cached_property
    def chinese(self) -> list[Row]:
        """The Chinese occurrence table, under the English terms: its columns stand alike."""
        rows = self._table("occurrences_zh.csv")
        english = list(self.occurrences[0]) if self.occurrences else []
        return [dict(zip(english, row.values(), strict=True)) for row in rows]

    @cached_property
    def worked_from(self) -> dict[str, str]:
        """The first day on which each station is told to have had effort, from every table."""
        days: dict[str, str] = {}
        for row in (*self._table("analysis/effort.csv"), *self._table("analysis/histories.csv")):
            day = row.get("day") or row["occasionStart"]
            one = row["locationID"]
            if day != "NA":
                days[one] = min(day, days.get(one, day))
        return days

    @cached_property
    def map_points(self) -> list[Row]:
        """The points of the map, as drawn."""
        return self._table("map.csv")

    @cached_property
    def boxes(self) -> list[tuple[float, float, float, float]]:
        """South, north, west and east of each package's description."""
        found = []
        for name in ("package", "alone"):
            told = json.loads(self.files.get(f"{name}/datapackage.json", b"{}"))
            if "spatial" in told:
                east, north = zip(*told["spatial"]["coordinates"][0], strict=True)
                found.append((min(north), max(north), min(east), max(east)))
        return found

    @cached_property
    def station_of(self) -> dict[str, str]:
        """Station by deployment."""
        return {row["deploymentID"]: row["locationID"] for row in self.deployments}

    @cached_property
    def told(self) -> dict[str, Point]:
        """Where each station and each record made on foot is told to be."""
        return {row["locationID"]: _point(row) for row in (*self.map_points, *self.deployments)}

    @cached_property
    def coarse(self) -> dict[str, Point]:
        """Those that are told coarsely: the ones to look for, with their cells' middles."""
        return {
            row["locationID"]: _point(row)
            for row in (*self.map_points, *self.deployments)
            if int(row["coordinateUncertainty"]) > COARSE_M
        }

    @cached_property
    def fine(self) -> dict[str, Point]:
        """Those that are told well."""
        return {one: at for one, at in self.told.items() if one not in self.coarse}

    @cached_property
    def photos(self) -> dict[str, list[bytes]]:
        """The pictures of each station."""
        found: dict[str, list[bytes]] = defaultdict(list)
        for row in self.media:
            data = self.files.get(f"package/{row['filePath']}")
            if data is not None:
                found[self.station_of[row["deploymentID"]]].append(data)
        return found

    def _table(self, name: str) -> list[Row]:
        text = self.files.get(name, b"").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))


def read_loot(folder: Path) -> dict[str, bytes]:
    """All files under a folder, and what is packed in workbooks and documents."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    for name in [name for name in found if name.endswith((".xlsx", ".docx"))]:
        with ZipFile(io.BytesIO(found[name])) as packed:
            found |= {f"{name}/{part}": packed.read(part) for part in packed.namelist()}
    return found


# --- one attack each -----------------------------------------------------------------------------


def written_degrees(now: Loot, _before: Loot) -> Guesses:
    """Degrees with three decimals or more in a row, a note, or a description."""
    found: dict[str, list[Point]] = defaultdict(list)
    for row in (*now.deployments, *now.occurrences, *now.chinese):
        told = "|".join(value for term, value in row.items() if term != "mediaSHA256")
        found[row.get("locationID", "")] += _pairs(told.encode())
    for row in now.observations:
        told = row["behavior"] + row["observationComments"]
        found[now.station_of[row["deploymentID"]]] += _pairs(told.encode())
    return {one: middle(points) for one, points in found.items() if points}


def names(now: Loot, _before: Loot) -> Guesses:
    """Names of valleys and stations in a row, a note or a file name of the station."""
    found: dict[str, list[Point]] = defaultdict(list)
    rows: list[tuple[str, Row]] = [(row["locationID"], row) for row in now.deployments]
    rows += [(row["locationID"], row) for row in (*now.occurrences, *now.chinese)]
    rows += [(now.station_of[row["deploymentID"]], row) for row in (*now.media, *now.observations)]
    for one, row in rows:
        told = "|".join(row.values())
        found[one] += _named(now, told)
    return {one: middle(points) for one, points in found.items() if points}


LOOSE = ("digest/", "pages/", "list/", "map-", "analysis/", "bulletins/", "pack/", "recognitions")


def loose_words(now: Loot, _before: Loot) -> Guesses:
    """Names and degrees in what tells no station's id: digests, pages, lists, drawings."""
    points: list[Point] = []
    for name, content in now.files.items():
        if name.startswith(LOOSE):
            points += _pairs(content)
            points += _named(now, content.decode("utf-8", errors="replace"))
    found: Guesses = {}
    for one, at in now.coarse.items():
        inside = [point for point in points if _is_in_cell(point, at)]
        if inside:
            found[one] = middle(inside)
    return found


def drawn_map(now: Loot, _before: Loot) -> Guesses:
    """Measure the drawings: a mark or a square off the middle of its cell was drawn by a place."""
    marks = [
        at
        for name, content in now.files.items()
        if name.startswith(("map-", "pack/report.html"))
        for at in _marks(content.decode("utf-8"))
    ]
    found: Guesses = {}
    for one, at in now.coarse.items():
        lattice = cell_points(at)
        drawn = now.frame([at, *lattice])
        off = [mark for mark in marks if min(map(_away(mark), drawn)) < 0.5]
        off = [mark for mark in off if _away(mark)(drawn[0]) > 1.0]
        if off:
            found[one] = middle(
                lattice[min(range(len(lattice)), key=lambda n: _away(mark)(drawn[n + 1]))]
                for mark in off
            )
    return found


def county_border(now: Loot, _before: Loot) -> Guesses:
    """A county beside a cell that its border cuts: the place is in that county's part."""
    found: Guesses = {}
    for row in (*now.occurrences, *now.chinese):
        at = now.coarse.get(row["locationID"])
        part = now.part_of_cell(row["county"], at) if at and row["county"] else None
        if part is not None:
            found[row["locationID"]] = part
    return found


def finest_anywhere(now: Loot, before: Loot) -> Guesses:
    """Join stations over tables, languages and exports by all ids; take the finest coordinates."""
    finest: dict[str, tuple[int, Point]] = {}
    for loot in (now, before):
        for row in (*loot.deployments, *loot.occurrences, *loot.chinese, *loot.map_points):
            told = row.get("coordinateUncertainty") or row.get("coordinateUncertaintyInMeters")
            ids = {row["locationID"], row.get("deploymentID") or row.get("parentEventID") or ""}
            for own_id in ids:
                if told and own_id and int(told) < finest.get(own_id, (COARSE_M, (0, 0)))[0]:
                    finest[own_id] = int(told), _point(row)
    return {one: at for one, (_, at) in finest.items()}


def finest_by_time(now: Loot, before: Loot) -> Guesses:
    """Join by the second of a record instead of by ids, in case these were changed."""
    finest: dict[str, Point] = {}
    for loot in (now, before):
        for row in (*loot.occurrences, *loot.chinese):
            told = row["coordinateUncertaintyInMeters"]
            if told and int(told) < COARSE_M:
                finest[row["eventDate"]] = _point(row)
    found: Guesses = {}
    for row in (*now.occurrences, *now.chinese):
        if row["eventDate"] in finest:
            found[row["locationID"]] = finest[row["eventDate"]]
    return found


def averages(now: Loot, before: Loot) -> Guesses:
    """Average all coordinates ever told of a station: jitter goes away, a grid stays."""
    found: dict[str, list[Point]] = defaultdict(list)
    for loot in (now, before):
        for row in (*loot.deployments, *loot.occurrences, *loot.chinese, *loot.map_points):
            if row.get("latitude") or row.get("decimalLatitude"):
                found[row["locationID"]].append(_point(row))
    return {one: middle(points) for one, points in found.items() if one in now.coarse}


def set_up_walk(now: Loot, _before: Loot) -> Guesses:
    """A trail is set up in one walk: sort by the start, look between the neighbours."""
    starts = {r["locationID"]: _seconds(r["deploymentStart"]) for r in now.deployments}
    return _between(now, starts, most=14 * 3600)


def take_down_walk(now: Loot, _before: Loot) -> Guesses:
    """The same at the end of the season, by the effort of the occurrence table."""
    ends = {
        row["locationID"]: _seconds(row["samplingEffort"].partition("/")[2])
        for row in (*now.occurrences, *now.chinese)
        if "/" in row["samplingEffort"]
    }
    return _between(now, ends, most=14 * 3600)


def effort_by_day(now: Loot, _before: Loot) -> Guesses:
    """Stations whose effort begins on one day were set up on one walk: look amid the fine ones."""
    found: Guesses = {}
    for one, day in now.worked_from.items():
        at = now.coarse.get(one)
        same = [
            now.fine[other]
            for other, its_day in now.worked_from.items()
            if other in now.fine and its_day == day
        ]
        near = [point for point in same if at and metres(point, at) < _SAME_TRAIL_M]
        if at and near:
            found[one] = _into_cell(_amid(near, at), at)
    return found


def first_pictures(now: Loot, _before: Loot) -> Guesses:
    """The first picture of a card shows the team: when, is in the table of media."""
    firsts: dict[str, float] = {}
    for row in now.media:
        one = now.station_of[row["deploymentID"]]
        firsts[one] = min(_seconds(row["timestamp"]), firsts.get(one, 9e12))
    return _between(now, firsts, most=14 * 3600)


def passers_by(now: Loot, _before: Loot) -> Guesses:
    """Who passes one camera passes the next one an hour later."""
    seen: dict[str, list[float]] = defaultdict(list)
    for row in now.observations:
        if row["observationType"] != "animal":
            seen[now.station_of[row["deploymentID"]]].append(_seconds(row["eventStart"]))
    found: Guesses = {}
    for one, moments in seen.items():
        near = [
            (abs(at - moment), now.fine[other])
            for other in seen
            if other in now.fine
            for at in seen[other]
            for moment in moments
            if abs(at - moment) < 5 * 3600
        ]
        if one in now.coarse and near:
            nearest = sorted(near)[:2]
            found[one] = _into_cell(middle(at for _, at in nearest), now.coarse[one])
    return found


def desk_order(now: Loot, _before: Loot) -> Guesses:
    """Cards are reviewed in the order of the trail: by the time of the review, within its day."""
    reviewed = {
        now.station_of[row["deploymentID"]]: _seconds(row["classificationTimestamp"])
        for row in now.observations
        if row["observationLevel"] == "event"
    }
    at_midnight = {one for one, second in reviewed.items() if (second + 8 * 3600) % 86400 == 0}
    told = {one: at for one, at in reviewed.items() if one not in at_midnight}
    return _between(now, told, most=4 * 3600)


def running_ids(now: Loot, _before: Loot) -> Guesses:
    """Ids of version 7 sort by the millisecond in which a person wrote them."""
    made: dict[str, float] = {}
    for row in now.observations:
        own_id = row["observationID"].replace("-", "")
        if len(own_id) == 32 and own_id[12] == "7":
            one = now.station_of[row["deploymentID"]]
            made[one] = min(int(own_id[:12], 16), made.get(one, 9e15))
    return _between(now, made, most=9e15)


def row_order(now: Loot, _before: Loot) -> Guesses:
    """The order of rows in a file is often the order of our own ids, and they follow the trail."""
    found: Guesses = {}
    for rows in (
        [row["locationID"] for row in now.deployments],
        [now.station_of[row["deploymentID"]] for row in now.media],
        [row["locationID"] for row in now.occurrences],
    ):
        places = {one: float(number) for number, one in enumerate(dict.fromkeys(rows))}
        if _follows_a_trail([now.fine[one] for one in places if one in now.fine]):
            found |= _between(now, places, most=9e9)
    return found


def file_names(now: Loot, _before: Loot) -> Guesses:
    """Numbers in the names of files and folders, when they count."""
    counted: dict[str, float] = {}
    for row in now.media:
        number = re.search(r"(\d{1,6})\D*$", Path(row["fileName"] or row["filePath"]).stem)
        if row["fileName"] and number:
            one = now.station_of[row["deploymentID"]]
            counted[one] = min(float(number[1]), counted.get(one, 9e9))
    return _between(now, counted, most=9e9)


def shared_groups(now: Loot, _before: Loot) -> Guesses:
    """Stations of one plot or group stand together, whatever the group is called."""
    return _by_shared(now, lambda row: row["deploymentGroups"])


def shared_cameras(now: Loot, _before: Loot) -> Guesses:
    """A camera that was moved was moved along the trail."""
    return _by_shared(now, lambda row: row["cameraID"])


def shared_ground(now: Loot, _before: Loot) -> Guesses:
    """Bait, height, habitat and spot, taken together, may be one team's or one plot's alone."""
    terms = ("habitat", "featureType", "setupBy", "deploymentComments")
    return _by_shared(now, lambda row: "|".join(row[term] for term in terms).strip("|"))


def bounding_box(now: Loot, _before: Loot) -> Guesses:
    """The box of a package: an edge inside a coarse cell was drawn by the station itself."""
    found: Guesses = {}
    for south, north, west, east in now.boxes:
        for one, (latitude, longitude) in now.coarse.items():
            rows = [edge for edge in (south, north) if abs(edge - latitude) < 0.0499]
            columns = [edge for edge in (west, east) if abs(edge - longitude) < 0.0499]
            if rows and columns:
                found[one] = fmean(rows), fmean(columns)
    return found


def uncertainty(now: Loot, _before: Loot) -> Guesses:
    """What rounding adds differs north and south of 30 degrees: the row tells the true side."""
    found: Guesses = {}
    for row in now.deployments:
        at = _point(row)
        if row["locationID"] in now.coarse and abs(at[0] - 30) < 0.01:
            is_south = int(row["coordinateUncertainty"]) >= 15_691
            is_told_south = at[0] < 30
            if is_south != is_told_south:
                found[row["locationID"]] = at[0] + (-0.025 if is_south else 0.025), at[1]
    return found


def terrain(now: Loot, _before: Loot) -> Guesses:
    """Elevation against the terrain: the middle of what is left of the valley in the cell."""
    return {one: middle(left) for one, left in terrain_left(now).items() if left}


def terrain_left(now: Loot) -> dict[str, list[Point]]:
    """The valley points of each cell whose elevation fits what is told."""
    left: dict[str, list[Point]] = {}
    for row in now.deployments:
        band = re.search(r"altitude:(-?[\d.]+)(?:-(-?[\d.]+))?", row["deploymentTags"])
        if row["locationID"] not in now.coarse or band is None:
            continue
        lowest, highest = float(band[1]), float(band[2] or band[1])
        if highest - lowest < 20:  # told exactly: allow for the terrain model's own error
            lowest, highest = lowest - 15, highest + 15
        points = valley_points(now, now.coarse[row["locationID"]])
        left[row["locationID"]] = [p for p in points if lowest <= now.terrain(p) <= highest]
    return left


def valley(now: Loot) -> Guesses:
    """What is known without any elevation: cameras stand in valleys, and valleys are on maps."""
    return {
        one: middle(points) for one, at in now.coarse.items() if (points := valley_points(now, at))
    }


def valley_points(now: Loot, at: Point) -> list[Point]:
    """Where in a cell cameras could stand at all."""
    return [point for point in cell_points(at) if now.is_valley(point)]


def cell_points(at: Point) -> list[Point]:
    """A lattice over a cell of 0.1 degrees."""
    steps = [(number + 0.5) / 250 - 0.05 for number in range(25)]
    return [(at[0] + north, at[1] + east) for north in steps for east in steps]


def metadata(now: Loot, _before: Loot) -> Guesses:
    """Positions in Exif, and degrees anywhere in a picture's bytes, also behind its end."""
    found: dict[str, list[Point]] = defaultdict(list)
    for one, pictures in now.photos.items():
        for data in pictures:
            found[one] += _pairs(data)
            with Image.open(io.BytesIO(data)) as picture:
                gps = picture.getexif().get_ifd(0x8825)
            if 2 in gps:
                found[one].append((_from_dms(gps[2]), _from_dms(gps[4])))
    return {one: middle(points) for one, points in found.items() if points}


def banners(now: Loot, _before: Loot) -> Guesses:
    """Read the printed bar: draw each known name as cameras do and lay it over the picture."""
    found: Guesses = {}
    drawn = {name: _strip(now, name) for name in now.gazetteer if name.isascii()}
    for one, shown in now.photos.items():
        with Image.open(io.BytesIO(shown[0])) as picture:
            grey = picture.convert("L").crop((0, picture.height - 14, *picture.size))
        seen = _bits(grey)
        fits = {
            name: (seen & strip).bit_count() / max((seen | strip).bit_count(), 1)
            for name, strip in drawn.items()
        }
        best = max(fits, key=fits.__getitem__)
        if fits[best] > 0.7:
            found[one] = now.gazetteer[best]
    return found


def gap_in_a_line(now: Loot, _before: Loot) -> Guesses:
    """Cameras stand at equal distances: where one is missing in the row, there it stands."""
    fine = list(dict.fromkeys(now.fine.values()))
    if len(fine) < 3:
        return {}
    usual = median(min(metres(one, other) for other in fine if other != one) for one in fine)
    holes = [
        middle((one, other))
        for number, one in enumerate(fine)
        for other in fine[number + 1 :]
        if 1.4 * usual < metres(one, other) < 2.7 * usual
        and not any(
            metres(middle((one, other)), third) < 0.7 * usual
            for third in fine
            if third not in (one, other)
        )
    ]
    found: Guesses = {}
    for one, at in now.coarse.items():
        inside = [hole for hole in holes if _is_in_cell(hole, at)]
        if inside:
            found[one] = middle(inside)
    return found


# These exclude part of a cell for certain: one place they are right about is one too many.
CERTAIN = {"uncertainty", "bounding_box", "county_border"}
ATTACKS: Mapping[str, Callable[[Loot, Loot], Guesses]] = {
    attack.__name__: attack
    for attack in (
        *(written_degrees, names, finest_anywhere, finest_by_time, averages, set_up_walk),
        *(
            effort_by_day,
            take_down_walk,
            first_pictures,
            passers_by,
            desk_order,
            running_ids,
            row_order,
        ),
        *(file_names, shared_groups, shared_cameras, shared_ground, bounding_box, uncertainty),
        *(metadata, banners, gap_in_a_line, loose_words, drawn_map, county_border),
    )
}


# --- what several attacks need -------------------------------------------------------------------


def _between(loot: Loot, values: Mapping[str, float], *, most: float) -> Guesses:
    """Put each coarse station between the fine ones before and after it in some order."""
    found: Guesses = {}
    fine = sorted((value, loot.fine[one]) for one, value in values.items() if one in loot.fine)
    for one, at in loot.coarse.items():
        if one not in values:
            continue
        value = values[one]
        near = [item for item in fine if metres(item[1], at) < _SAME_TRAIL_M]
        below = [item for item in near if value - most <= item[0] <= value][-1:]
        above = [item for item in near if value < item[0] <= value + most][:1]
        if below and above:
            share = (value - below[0][0]) / (above[0][0] - below[0][0])
            (_, first), (_, last) = below[0], above[0]
            guess = (
                first[0] + share * (last[0] - first[0]),
                first[1] + share * (last[1] - first[1]),
            )
        elif below or above:
            guess = (below or above)[0][1]
        else:
            continue
        found[one] = _into_cell(guess, at)
    return found


def _by_shared(loot: Loot, key: Callable[[Row], str]) -> Guesses:
    groups: dict[str, set[str]] = defaultdict(set)
    for row in loot.deployments:
        if key(row):
            groups[key(row)].add(row["locationID"])
    found: Guesses = {}
    for members in groups.values():
        fine = [loot.fine[one] for one in members if one in loot.fine]
        for one in members & set(loot.coarse):
            if fine and len(members) < len(loot.told) / 2:
                at = loot.coarse[one]
                found[one] = _into_cell(_amid(fine, at), at)
    return found


def _amid(points: list[Point], at: Point) -> Point:
    """Between the nearest point and the nearest one on the other side of a cell."""

    def away(point: Point) -> float:
        return metres(point, at)

    first = min(points, key=away)
    across = [
        point
        for point in points
        if (point[0] - at[0]) * (first[0] - at[0])
        + (point[1] - at[1]) * (first[1] - at[1]) * _NARROW**2
        < 0
    ]
    return middle((first, min(across, key=away))) if across else first


def _follows_a_trail(points: list[Point]) -> bool:
    """Tell whether points in some order lie much nearer to the next than by chance."""
    if len(points) < 4:
        return False
    steps = fmean(metres(one, other) for one, other in pairwise(points))
    return steps < 0.5 * fmean(metres(one, other) for one in points for other in points)


def _is_in_cell(point: Point, at: Point) -> bool:
    return max(abs(point[0] - at[0]), abs(point[1] - at[1])) <= 0.05


def _into_cell(point: Point, at: Point) -> Point:
    """He knows the cell: a guess outside is moved to its rim."""
    latitude, longitude = (
        min(max(value, middle_ - 0.05), middle_ + 0.05)
        for value, middle_ in zip(point, at, strict=True)
    )
    return latitude, longitude


def _point(row: Row) -> Point:
    if "latitude" in row:
        return float(row["latitude"]), float(row["longitude"])
    return float(row["decimalLatitude"] or 0), float(row["decimalLongitude"] or 0)


def _named(loot: Loot, told: str) -> list[Point]:
    return [loot.gazetteer[name] for name in loot.pattern.findall(told)]


_MARK = re.compile(r'<path d="M(-?[\d.]+)[ ]?(-?[\d.]+)([^"]{0,400})"')
_STEP = re.compile(r"-?(?:\d*\.\d+|\d+)")


def _marks(drawing: str) -> Iterator[tuple[float, float]]:
    """The middle of every small closed shape made of straight steps."""
    for x, y, rest in _MARK.findall(drawing):
        steps = [float(step) for step in _STEP.findall(rest)]
        if not re.fullmatch(r"l[-\d. ]+z", rest) or len(steps) % 2:
            continue
        across, down = [float(x)], [float(y)]
        for right, below in zip(steps[::2], steps[1::2], strict=True):
            across.append(across[-1] + right)
            down.append(down[-1] + below)
        yield (min(across) + max(across)) / 2, (min(down) + max(down)) / 2


def _away(mark: tuple[float, float]) -> Callable[[tuple[float, float]], float]:
    return lambda other: hypot(mark[0] - other[0], mark[1] - other[1])


def _pairs(data: bytes) -> Iterator[Point]:
    values = [float(value) for value in _DEGREES.findall(data)]
    yield from ((one, other) for one, other in pairwise(values) if one < 40 < 90 < other)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _from_dms(parts: Iterable[float]) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _strip(loot: Loot, name: str) -> int:
    picture = Image.new("L", (loot.photo[0], 14))
    ImageDraw.Draw(picture).text((3, 1), loot.banner(name), fill=255)
    return _bits(picture)


def _bits(grey: Image.Image) -> int:
    return int("0" + "".join("1" if value > 128 else "0" for value in grey.tobytes()), 2)
