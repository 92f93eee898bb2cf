"""Read a Camtrap DP package of 1.0, 1.0.1 or 1.0.2: all three have the same terms.

Version 0.1.6 put other things in other columns (`_id`, `cameraHeight` as words, one level only);
it is refused with a word on how to bring it up, not guessed at.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ingest.packages.camtrap_observations import read_observations
from ingest.packages.facts import (
    Package,
    PackageDeployment,
    PackageFormat,
    PackageMedia,
    PackageStation,
    PackageTaxon,
    Source,
    refusal,
)
from ingest.packages.lines import (
    Faults,
    Line,
    Table,
    a_boolean,
    a_moment,
    a_number,
    a_place,
    a_whole,
    read_table,
)
from ingest.packages.opening import Opened, check_inside
from species_db.deployment_rows import FEATURE_TYPES, NUMBERS
from species_db.export.terms import DEPLOYMENTS, MEDIA, OBSERVATIONS
from species_db.export.terms import Table as Terms

DESCRIPTOR = "datapackage.json"
VERSION = re.compile(r"camtrap-dp/(\d+(?:\.\d+)*(?:-[\w.]+)?)/")
TRIGGERS = {"activityDetection": "motion", "timeLapse": "time_lapse"}
TEXTS = {
    "setupBy": "setup_by",
    "habitat": "habitat",
    "deploymentGroups": "deployment_groups",
    "deploymentTags": "deployment_tags",
    "deploymentComments": "deployment_comments",
}
MEDIA_READ = frozenset(
    {"mediaID", "deploymentID", "captureMethod", "timestamp", "fileName", "fileMediatype"}
)
MEDIATYPE = re.compile(r"(image|video|audio)/\S+")


def is_camtrap_dp(opened: Opened) -> bool:
    """Tell whether a package calls itself Camtrap DP, whichever version."""
    path = opened.find(DESCRIPTOR)
    return path is not None and b"camtrap-dp" in opened.tables[path]


def read_camtrap_dp(opened: Opened, *, offset_seconds: int) -> Package:
    """Read a package whole; its times carry their zones, so the survey's offset is not used.

    Raises:
        PackageError: another version, a table or column missing, or cells not as the standard says.
    """
    told = _descriptor(opened)
    version = _version(told)
    faults = Faults(opened.name)
    tables = {
        terms.name: _table(opened, told, terms) for terms in (DEPLOYMENTS, MEDIA, OBSERVATIONS)
    }
    stations: dict[str, PackageStation] = {}
    deployments = [
        one
        for line in tables["deployments"].lines
        if (one := _deployment(line, stations, faults, offset_seconds)) is not None
    ]
    media = [_media(line, faults, offset_seconds) for line in tables["media"].lines]
    observations = tuple(
        read_observations(tables["observations"].lines, faults, offset_seconds=offset_seconds)
    )
    faults.raise_if_any()
    return Package(
        source=_source(opened, told, version),
        stations=tuple(stations.values()),
        deployments=tuple(deployments),
        media=tuple(media),
        observations=observations,
        taxa=_taxa(told),
    )


def _descriptor(opened: Opened) -> Mapping[str, Any]:
    path = opened.find(DESCRIPTOR)
    if path is None:
        raise refusal(opened.name, f"{DESCRIPTOR} is missing.", f"缺少 {DESCRIPTOR}。")
    try:
        told = json.loads(opened.tables[path].decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise refusal(
            path, f"this is no JSON ({error}).", f"不是有效的 JSON（{error}）。"
        ) from error
    resources = told.get("resources") if isinstance(told, dict) else None
    if not isinstance(resources, list) or not all(isinstance(one, dict) for one in resources):
        raise refusal(path, "it lists no resources.", "其中没有 resources 列表。")
    return told  # type: ignore[no-any-return]


def _version(told: Mapping[str, Any]) -> str:
    named = [told.get("profile"), *(one.get("schema") for one in told["resources"])]
    found = next((m[1] for one in named if isinstance(one, str) and (m := VERSION.search(one))), "")
    if re.fullmatch(r"1\.0(\.\d+)?", found):
        return found
    if found.startswith("0."):
        raise refusal(
            DESCRIPTOR,
            f"this is Camtrap DP {found}; 1.0 and later 1.0.x are read. Bring it up with the R "
            "package camtrapdp (read_camtrapdp, then write_camtrapdp), or export it again.",
            f"这是 Camtrap DP {found}；仅支持 1.0.x。请用 R 包 camtrapdp 升级"
            "（read_camtrapdp 后 write_camtrapdp），或重新导出。",
        )
    version = found or "unknown"
    raise refusal(
        DESCRIPTOR,
        f"its profile names Camtrap DP version '{version}'; 1.0.x are read.",
        f"其 profile 所指的 Camtrap DP 版本为“{version}”；仅支持 1.0.x。",
    )


def _table(opened: Opened, told: Mapping[str, Any], terms: Terms) -> Table:
    found = [one for one in told["resources"] if one.get("name") == terms.name]
    path = found[0].get("path") if found else None
    if not isinstance(path, str):
        raise refusal(
            DESCRIPTOR,
            f"it names no file for the table {terms.name}.",
            f"未指明 {terms.name} 表的文件。",
        )
    check_inside(path, DESCRIPTOR)
    table = read_table(opened, path, known_as=DESCRIPTOR)
    table.require(*(term.name for term in terms.terms if term.required))
    return table


def _deployment(
    line: Line, stations: dict[str, PackageStation], faults: Faults, offset: int
) -> PackageDeployment | None:
    place = a_place(line, ("latitude", "longitude"), faults)
    start = _must(line, "deploymentStart", faults, offset)
    end = _must(line, "deploymentEnd", faults, offset)
    name = line.text("locationID") or line.text("deploymentID")
    uncertainty = a_whole(line, "coordinateUncertainty", 1, 10_000_000, faults)
    more: dict[str, Any] = {own: line.text(column) for column, own in TEXTS.items()}
    for column, own, smallest, largest, is_whole in NUMBERS:
        read = a_whole if is_whole else a_number
        more[own] = read(line, column, smallest, largest, faults)  # type: ignore[operator]
    for column, own in (("timestampIssues", "timestamp_issues"), ("baitUse", "bait_use")):
        more[own] = a_boolean(line, column, faults)
    more["feature_type"] = _one_of(line, "featureType", FEATURE_TYPES, faults)
    if place is None or start is None or end is None:
        return None
    known = stations.setdefault(
        name,
        PackageStation(name, *place, name=line.text("locationName"), uncertainty_m=uncertainty),
    )
    if (known.latitude, known.longitude) != place:
        faults.add(
            line.where,
            "locationID",
            f"'{name}' has another place on an earlier line.",
            f"“{name}”与前面行中的位置不一致。",
        )
    return PackageDeployment(
        deployment_id=line.text("deploymentID"),
        location_id=name,
        start=start.at,
        end=end.at,
        offset_seconds=start.offset_seconds,
        where=line.where,
        camera_id=line.text("cameraID"),
        camera_model=line.text("cameraModel"),
        more=more,
    )


def _must(line: Line, column: str, faults: Faults, offset: int) -> Any:
    if not line.text(column):
        faults.add(line.where, column, "is empty.", "为空。")
    return a_moment(line, column, faults, offset_seconds=offset, needs_zone=True)


def _one_of(line: Line, column: str, terms: Iterable[str], faults: Faults) -> str:
    text, known = line.text(column), list(terms)
    if text and text not in known:
        faults.add(
            line.where,
            column,
            f"'{text[:40]}' is not in the standard ({', '.join(known)}).",
            f"“{text[:40]}”不在标准词表中（{'、'.join(known)}）。",
        )
    return text


def _media(line: Line, faults: Faults, offset: int) -> PackageMedia:
    at = _must(line, "timestamp", faults, offset)
    path, mediatype = line.text("filePath"), line.text("fileMediatype")
    if not path:
        faults.add(line.where, "filePath", "is empty.", "为空。")
    if not MEDIATYPE.fullmatch(mediatype):
        faults.add(
            line.where,
            "fileMediatype",
            f"'{mediatype[:40]}' is no type of media.",
            f"“{mediatype[:40]}”不是媒体类型。",
        )
    a_boolean(line, "filePublic", faults)
    capture = _one_of(line, "captureMethod", TRIGGERS, faults)
    return PackageMedia(
        media_id=line.text("mediaID"),
        deployment_id=line.text("deploymentID"),
        timestamp=at.at if at else None,
        offset_seconds=at.offset_seconds if at else offset,
        is_offset_told=True,
        path=path,
        file_name=line.text("fileName") or path.rpartition("/")[2] or line.text("mediaID"),
        mediatype=mediatype,
        where=line.where,
        trigger=TRIGGERS.get(capture),
        other=line.others(MEDIA_READ),
    )


def _taxa(told: Mapping[str, Any]) -> dict[str, PackageTaxon]:
    listed = told.get("taxonomic")
    taxa: dict[str, PackageTaxon] = {}
    for one in listed if isinstance(listed, list) else ():
        name = one.get("scientificName") if isinstance(one, dict) else None
        if not isinstance(name, str):
            continue
        words = one.get("vernacularNames")
        spoken = words if isinstance(words, dict) else {}
        taxa[name] = PackageTaxon(
            name=name,
            rank=_text(one, "taxonRank"),
            class_name=_text(one, "class"),
            order_name=_text(one, "order"),
            family=_text(one, "family"),
            genus=_text(one, "genus"),
            vernacular={
                own: spoken[code]
                for code, own in (("eng", "en"), ("zho", "zh"))
                if isinstance(spoken.get(code), str)
            },
        )
    return taxa


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _source(opened: Opened, told: Mapping[str, Any], version: str) -> Source:
    kept = ("id", "name", "title", "created", "version", "contributors", "licenses", "project")
    about = {name: told[name] for name in (*kept, "bibliographicCitation") if name in told}
    return Source(
        format=PackageFormat.CAMTRAP_DP,
        format_version=version,
        source_id=_text(told, "id") or _text(told, "name"),
        title=_text(told, "title") or _text(told, "name"),
        file_name=opened.name,
        sha256=opened.sha256,
        bytes=opened.bytes,
        about=json.dumps(about, ensure_ascii=False),
    )
