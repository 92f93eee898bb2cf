"""Does a package hold together: keys, order of times, boxes, paths; before a row is written.

What the readers cannot see line by line. A package that fails here is refused with every place;
what is merely odd (a picture outside its deployment) is a note, since cameras are odd.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from ingest.packages.facts import Package, PackageError, PackageMedia, PackageObservation, Where
from ingest.packages.lines import Faults
from ingest.packages.opening import check_inside
from species_db.language import tr
from species_db.vocabulary import ObservationLevel

BOX_TOLERANCE = 0.001
LONGEST = timedelta(days=3660)  # no camera hangs for more than ten years


def check_package(package: Package) -> tuple[str, ...]:
    """Refuse a package that does not hold together; give notes on what is odd in it.

    Raises:
        PackageError: with every mistake and its place.
    """
    faults = Faults(package.source.file_name)
    checks: tuple[Callable[[Package, Faults], None], ...] = (
        _check_ids,
        _check_keys,
        _check_times,
        _check_paths,
        _check_boxes,
    )
    for check in checks:
        check(package, faults)
    faults.raise_if_any()
    return tuple(_notes(package))


def _check_ids(package: Package, faults: Faults) -> None:
    tables: tuple[tuple[str, Iterable[tuple[str, Where]]], ...] = (
        ("deploymentID", ((one.deployment_id, one.where) for one in package.deployments)),
        ("mediaID", ((one.media_id, one.where) for one in package.media)),
        ("observationID", ((one.observation_id, one.where) for one in package.observations)),
    )
    for column, rows in tables:
        first: dict[str, Where] = {}
        for name, where in rows:
            if not name:
                faults.add(where, column, "is empty.", "为空。")
            elif name in first:
                faults.add(
                    where,
                    column,
                    f"'{name}' stands twice; first in line {first[name].line}.",
                    f"“{name}”重复；首次出现在第 {first[name].line} 行。",
                )
            else:
                first[name] = where
    cases: dict[str, str] = {}
    for one in package.deployments:
        twin = cases.setdefault(one.deployment_id.casefold(), one.deployment_id)
        if twin != one.deployment_id:
            faults.add(
                one.where,
                "deploymentID",
                f"'{one.deployment_id}' differs from '{twin}' in case alone.",
                f"“{one.deployment_id}”与“{twin}”仅大小写不同。",
            )


def _check_keys(package: Package, faults: Faults) -> None:
    if package.uses_known_deployments:
        deployments = {one.deployment_id for one in package.media}
        deployments |= {one.deployment_id for one in package.observations}
    else:
        deployments = {one.deployment_id for one in package.deployments}
    owners = {one.media_id: one.deployment_id for one in package.media}
    for media in package.media:
        if media.deployment_id not in deployments:
            _dangling(faults, media.where, "deploymentID", media.deployment_id)
    for row in package.observations:
        if row.deployment_id not in deployments:
            _dangling(faults, row.where, "deploymentID", row.deployment_id)
        if row.media_id and row.media_id not in owners:
            _dangling(faults, row.where, "mediaID", row.media_id)
        elif row.media_id and owners[row.media_id] != row.deployment_id:
            faults.add(
                row.where,
                "mediaID",
                f"'{row.media_id}' is of deployment '{owners[row.media_id]}', not of "
                f"'{row.deployment_id}'.",
                f"“{row.media_id}”属于布设“{owners[row.media_id]}”，而非“{row.deployment_id}”。",
            )
        if row.level is ObservationLevel.MEDIA and not row.media_id:
            faults.add(
                row.where,
                "mediaID",
                "is empty, but the row speaks of a media.",
                "媒体级记录缺少 mediaID。",
            )


def _dangling(faults: Faults, where: Where, column: str, name: str) -> None:
    faults.add(
        where,
        column,
        f"'{name}' is in no line of the table that it points to.",
        f"“{name}”在所指的表中不存在。",
    )


def _check_times(package: Package, faults: Faults) -> None:
    for one in package.deployments:
        if one.end is None:
            continue
        if one.end < one.start:
            faults.add(
                one.where,
                "deploymentEnd",
                f"{one.end:%Y-%m-%d %H:%M} lies before the start, {one.start:%Y-%m-%d %H:%M}.",
                f"{one.end:%Y-%m-%d %H:%M} 早于开始时间 {one.start:%Y-%m-%d %H:%M}。",
            )
        elif one.end - one.start > LONGEST:
            years = (one.end - one.start).days // 365
            faults.add(
                one.where,
                "deploymentEnd",
                f"{years} years after the start; no camera hangs for so long.",
                f"距开始 {years} 年；相机不可能布设这么久。",
            )
    for row in package.observations:
        if row.start and row.end and row.end < row.start:
            faults.add(row.where, "eventEnd", "lies before eventStart.", "早于 eventStart。")
        if row.level is ObservationLevel.EVENT and not row.event_id and row.start is None:
            faults.add(row.where, "eventStart", "is empty.", "为空。")


def _check_paths(package: Package, faults: Faults) -> None:
    for one in package.media:
        if "://" in one.path:  # an address is kept as words and never opened
            continue
        try:
            check_inside(one.path, str(one.where))
        except PackageError:
            faults.add(
                one.where,
                "filePath",
                f"'{one.path[:80]}' leads out of the package.",
                f"“{one.path[:80]}”指向数据包之外。",
            )


def _check_boxes(package: Package, faults: Faults) -> None:
    for row in package.observations:
        if row.box is None:
            continue
        x, y, width, height = row.box
        if not (width > 0 and height > 0 and max(x + width, y + height) <= 1 + BOX_TOLERANCE):
            faults.add(row.where, "bbox", "the box leaves the picture.", "检测框超出图像。")
        elif row.level is ObservationLevel.EVENT:
            faults.add(row.where, "bbox", "a box on an event.", "事件级记录不应有检测框。")


def _notes(package: Package) -> Iterator[str]:
    spans = {one.deployment_id: (one.start, one.end) for one in package.deployments}
    outside: Counter[str] = Counter()
    for media in package.media:
        start, end = spans.get(media.deployment_id, (None, None))
        if media.timestamp and start and not _within(media, start, end):
            outside[media.deployment_id] += 1
    if outside:
        names = ", ".join(sorted(outside)[:5]) + (", ..." if len(outside) > 5 else "")
        count = sum(outside.values())
        yield tr(
            f"{count} media lie outside the dates of their deployment ({names}); taken as they "
            "are. Exports will ask for the dates to be mended.",
            f"{count} 个媒体文件的时间在其布设日期之外（{names}）；已原样导入，导出前需改正日期。",
        )
    if undated := sum(one.timestamp is None for one in package.media):
        yield tr(
            f"{undated} media have no time; they count in no figure that needs one.",
            f"{undated} 个媒体文件没有时间，不计入需要时间的统计。",
        )
    if unseen := len(package.media) - len(_told_of(package.media, package.observations)):
        yield tr(
            f"{unseen} media are in no observation: nobody has looked at them.",
            f"{unseen} 个媒体文件没有任何观测记录：尚无人查看。",
        )


def _within(media: PackageMedia, start: object, end: object) -> bool:
    at = media.timestamp
    return at is not None and start <= at and (end is None or at <= end)  # type: ignore[operator]


def _told_of(media: Iterable[PackageMedia], observations: Iterable[PackageObservation]) -> set[str]:
    seen = {row.media_id for row in observations}
    events = {(row.deployment_id, row.event_id) for row in observations if row.event_id}
    return {
        one.media_id
        for one in media
        if one.media_id in seen or (one.deployment_id, one.event_id) in events
    }
