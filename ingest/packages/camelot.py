"""Read a full export of Camelot, or a table like it: a line for each sighting, with its place.

Each trap station session is a deployment, of each of its cameras where it has several.
"""

from ingest.packages.dates import is_clock_midnight, with_plain_dates
from ingest.packages.facts import (
    Package,
    PackageDeployment,
    PackageFormat,
    PackageStation,
    PackageTaxon,
    Source,
    refusal,
)
from ingest.packages.lines import (
    Faults,
    Line,
    Table,
    a_moment,
    a_number,
    a_place,
    a_whole,
    parse_table,
)
from ingest.packages.notes import assumed_offset
from ingest.packages.opening import Opened
from ingest.packages.pictures import Pictures, type_of_word
from species_db.vocabulary import ObservationType

STATION, LATITUDE, LONGITUDE = (
    "Trap Station Name",
    "Trap Station Latitude",
    "Trap Station Longitude",
)
START, END = "Trap Station Session Start Date", "Trap Station Session End Date"
TAKEN = "Media Capture Timestamp"
SPECIES = ("Species Scientific Name", "Species", "Species Name")
REQUIRED = (STATION, LATITUDE, LONGITUDE, START, END, TAKEN)
READ = frozenset(
    {*REQUIRED, *SPECIES, "Trap Station ID", "Trap Station Session ID", "Trap Station Altitude"}
    | {"Trap Station Session Camera ID", "Camera ID", "Camera Name", "Camera Make", "Camera Model"}
    | {"Media ID", "Media Filename", "Absolute Path", "Sighting ID", "Sighting Quantity", "Sex"}
    | {"Life-stage", "Life Stage", "Media Notes", "Common Name", "Species Common Name", "Class"}
    | {"Order", "Family", "Genus", "Sighting Sex", "Sighting Lifestage"}
)


def is_camelot(opened: Opened) -> bool:
    """Tell whether a table of the package has Camelot's headings."""
    return any(_is_one(content) for content in opened.tables.values())


def read_camelot(opened: Opened, *, offset_seconds: int) -> Package:
    """Read the table whole.

    Raises:
        PackageError: no such table, a column missing, or cells that are not what they should be.
    """
    name = next((n for n in sorted(opened.tables) if _is_one(opened.tables[n])), None)
    if name is None:
        raise refusal(
            opened.name,
            f"no table has Camelot's columns {STATION} and {TAKEN}.",
            f"没有包含 Camelot 的 {STATION}、{TAKEN} 列的表格。",
        )
    table = parse_table(name, opened.tables[name])
    table.require(*REQUIRED)
    species = next((one for one in SPECIES if one in table.columns), "")
    if not species:
        table.require(SPECIES[0])
    lines = with_plain_dates(name, table.lines, (START, END, TAKEN))
    return _package(opened, table, lines, species, offset_seconds)


def _package(opened: Opened, table: Table, lines: list[Line], species: str, offset: int) -> Package:
    faults, pictures = Faults(opened.name), Pictures(offset)
    stations: dict[str, PackageStation] = {}
    deployments: dict[str, PackageDeployment] = {}
    taxa: dict[str, PackageTaxon] = {}
    for line in lines:
        deployment = _deployment(line, stations, deployments, faults, offset)
        _picture(line, deployment, species, pictures, faults)
        word = line.text(species)
        if word and type_of_word(word)[0] is ObservationType.ANIMAL:
            taxa.setdefault(word, _taxon(word, line))
    faults.raise_if_any()
    return Package(
        source=Source(
            format=PackageFormat.CAMELOT,
            format_version="",
            source_id="",
            title=opened.path.stem,
            file_name=opened.name,
            sha256=opened.sha256,
            bytes=opened.bytes,
        ),
        stations=tuple(stations.values()),
        deployments=tuple(deployments.values()),
        media=tuple(pictures.media.values()),
        observations=tuple(pictures.observations),
        taxa=taxa,
        notes=(assumed_offset(offset),),
    )


def _is_one(content: bytes) -> bool:
    head = content.partition(b"\n")[0]
    return STATION.encode() in head and TAKEN.encode() in head


def _deployment(
    line: Line,
    stations: dict[str, PackageStation],
    deployments: dict[str, PackageDeployment],
    faults: Faults,
    offset: int,
) -> str:
    station, camera = line.text(STATION), line.text("Camera Name", "Camera ID")
    session = line.text("Trap Station Session ID") or line.text(START)[:10]
    name = "_".join(filter(None, (station, session, camera)))
    start = a_moment(line, START, faults, offset_seconds=offset)
    end = a_moment(line, END, faults, offset_seconds=offset, is_end=True)
    if not _station(line, station, stations, faults) or start is None:
        faults.add(line.where, STATION, "no station with a start date.", "缺少点位或开始日期。")
        return name
    last = end.at if end else None
    if last and is_clock_midnight(last):
        last = last.replace(hour=23, minute=59, second=59)
    told = PackageDeployment(
        deployment_id=name,
        location_id=station,
        start=start.at,
        end=last,
        offset_seconds=start.offset_seconds,
        where=line.where,
        camera_id=camera,
        camera_model=" ".join(filter(None, (line.text("Camera Make"), line.text("Camera Model")))),
    )
    first = deployments.setdefault(name, told)
    if (first.start, first.end) != (told.start, told.end):
        faults.add(
            line.where,
            START,
            f"session '{name}' has other dates on an earlier line.",
            f"会话“{name}”与前面行中的日期不一致。",
        )
    return name


def _station(line: Line, station: str, stations: dict[str, PackageStation], faults: Faults) -> bool:
    """Note a station; tell whether the line gives it a name and a place."""
    place = a_place(line, (LATITUDE, LONGITUDE), faults)
    if not station or place is None:
        return False
    elevation = a_number(line, "Trap Station Altitude", -500, 9000, faults)
    told = PackageStation(station, *place, name=station, elevation_m=elevation)
    known = stations.setdefault(station, told)
    if (known.latitude, known.longitude) != place:
        faults.add(
            line.where,
            STATION,
            f"'{station}' has another place on an earlier line.",
            f"“{station}”与前面行中的位置不一致。",
        )
    return True


def _picture(line: Line, deployment: str, species: str, pictures: Pictures, faults: Faults) -> None:
    at = a_moment(line, TAKEN, faults, offset_seconds=pictures.offset_seconds)
    file = line.text("Media Filename") or line.text("Absolute Path").replace("\\", "/")
    file = file.rpartition("/")[2]
    media_id = line.text("Media ID") or f"{deployment}/{file or line.text(TAKEN)}"
    path = f"{deployment}/{file or media_id}"
    pictures.picture(
        media_id=media_id, deployment_id=deployment, at=at, path=path, where=line.where
    )
    word = line.text(species)
    if not word:
        return
    sighting = line.text("Sighting ID")
    pictures.say(
        media_id,
        word,
        where=line.where,
        observation_id=f"sighting {sighting}" if sighting else "",
        count=a_whole(line, "Sighting Quantity", 0, 100_000, faults) or None,
        sex=line.text("Sex", "Sighting Sex"),
        life_stage=line.text("Life-stage", "Life Stage", "Sighting Lifestage"),
        comments=line.text("Media Notes"),
        other=line.others(READ),
    )


def _taxon(word: str, line: Line) -> PackageTaxon:
    common = line.text("Species Common Name", "Common Name")
    return PackageTaxon(
        name=word,
        class_name=line.text("Class"),
        order_name=line.text("Order"),
        family=line.text("Family"),
        genus=line.text("Genus"),
        vernacular={"en": common} if common else {},
    )
