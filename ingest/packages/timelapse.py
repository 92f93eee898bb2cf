"""Read a table that Timelapse exports: a line for each picture, with the fields of its template.

Templates differ: the species stands in a column of that name (or Animal), the number in Count. A
picture whose species is empty was not classified. The table tells no places: its folders must name
deployments or stations of the survey's own field sheet.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

from ingest.packages.dates import with_plain_dates
from ingest.packages.facts import Package, PackageFormat, Source, refusal
from ingest.packages.lines import Faults, Line, Table, a_boolean, a_moment, a_whole, parse_table
from ingest.packages.notes import assumed_offset
from ingest.packages.opening import Opened
from ingest.packages.pictures import Pictures

COLUMNS = ("File", "RelativePath")
MARKS = ("DeleteFlag", "RootFolder", "ImageQuality")
SPECIES = ("Species", "species", "Animal", "ScientificName", "物种")
COUNTS = ("Count", "count", "Number", "NumIndividuals", "数量")
PEOPLE = ("Analyst", "Observer", "ClassifiedBy", "鉴定人")
NOTES = ("Note", "Notes", "Comment", "Comments", "备注")
FLAGS = (("Empty", "blank"), ("empty", "blank"), ("person", "human"), ("vehicle", "vehicle"))
READ = frozenset(
    {*COLUMNS, *SPECIES, *COUNTS, *PEOPLE, *NOTES, "RootFolder", "DateTime", "Date", "Time"}
    | {"Sex", "Age", "Behavior", "Individual", *(name for name, _ in FLAGS)}
)


def is_timelapse(opened: Opened) -> bool:
    """Tell whether the one table of a package is one of Timelapse."""
    return any(_is_one(content) for content in opened.tables.values())


def read_timelapse(opened: Opened, *, offset_seconds: int) -> Package:
    """Read the table whole.

    Raises:
        PackageError: no such table, no species column, or cells that are not what they should be.
    """
    name = next((n for n in sorted(opened.tables) if _is_one(opened.tables[n])), None)
    if name is None:
        raise refusal(
            opened.name,
            f"no table has Timelapse's columns {', '.join(COLUMNS)}.",
            f"没有包含 Timelapse 的 {'、'.join(COLUMNS)} 列的表格。",
        )
    table = parse_table(name, opened.tables[name])
    table.require(*COLUMNS)
    species = _species_column(table)
    faults, pictures = Faults(opened.name), Pictures(offset_seconds)
    for line in with_plain_dates(name, map(_with_time, table.lines), ("DateTime",)):
        _picture(line, species, pictures, faults)
    faults.raise_if_any()
    return Package(
        source=Source(
            format=PackageFormat.TIMELAPSE,
            format_version="",
            source_id="",
            title=opened.path.stem,
            file_name=opened.name,
            sha256=opened.sha256,
            bytes=opened.bytes,
        ),
        stations=(),
        deployments=(),
        media=tuple(pictures.media.values()),
        observations=tuple(pictures.observations),
        taxa={},
        notes=(assumed_offset(offset_seconds),),
        uses_known_deployments=True,
    )


def _is_one(content: bytes) -> bool:
    head = content.partition(b"\n")[0]
    has_all = all(one.encode() in head for one in COLUMNS)
    return has_all and any(one.encode() in head for one in MARKS)


def _species_column(table: Table) -> str:
    found = next((one for one in SPECIES if one in table.columns), "")
    if not found:
        raise refusal(
            table.file,
            f"no column tells the species ({', '.join(SPECIES)}). Name it so and export again.",
            f"没有物种列（{'、'.join(SPECIES)}）。请将该列改名后重新导出。",
        )
    return found


def _with_time(line: Line) -> Line:
    """Older versions write date and time in two columns."""
    if line.text("DateTime") or not line.text("Date"):
        return line
    whole = f"{line.text('Date')} {line.text('Time')}".strip()
    return Line(line.where, {**line.cells, "DateTime": whole})


def _picture(line: Line, species: str, pictures: Pictures, faults: Faults) -> None:
    folder = line.text("RelativePath").replace("\\", "/").strip("/")
    if not folder or not line.text("File"):
        faults.add(
            line.where,
            "RelativePath/File",
            "is empty; the folder names the deployment.",
            "为空；文件夹名应为布设名称。",
        )
        return
    at = a_moment(line, "DateTime", faults, offset_seconds=pictures.offset_seconds)
    path = str(PurePosixPath(folder, line.text("File")))
    flagged = a_boolean(line, "DeleteFlag", faults)
    pictures.picture(
        media_id=path,
        deployment_id=folder,
        at=at,
        path=path,
        where=line.where,
        other={"DeleteFlag": "true"} if flagged else {},
    )
    word = line.text(species) or _flag(line, FLAGS)
    if not word:
        return
    pictures.say(
        path,
        word,
        where=line.where,
        count=a_whole(line, _first(line, COUNTS), 0, 100_000, faults) or None,
        sex=line.text("Sex"),
        life_stage=line.text("Age"),
        behavior=line.text("Behavior"),
        individual_id=line.text("Individual"),
        classified_by=line.text(*PEOPLE),
        comments=line.text(*NOTES),
        other={k: v for k, v in line.others(READ).items() if v not in ("false", "False", "0")},
    )


def _flag(line: Line, flags: Iterable[tuple[str, str]]) -> str:
    return next((word for name, word in flags if line.text(name).casefold() == "true"), "")


def _first(line: Line, columns: Iterable[str]) -> str:
    return next((one for one in columns if line.text(one)), "")
