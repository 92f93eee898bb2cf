"""Fetch weights from their publisher, or take them from a file that somebody carried here.

A download goes into a `.part` file and goes on where it stopped. Nothing gets its final name before
its checksum is right; a file with a wrong one is set aside under a name that nothing opens. The
network is used here alone, and only when a person asks for it.
"""

import errno
import json
import shutil
import tarfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

from models.pull_errors import (
    PullError,
    broken,
    megabytes,
    offline,
    refused,
    unwritable,
    without_checksum,
    wrong_sum,
)
from models.registry import Entry
from models.shelf import BLOCK_BYTES, card_path, file_sum, models_folder, read_card

TIMEOUT_SECONDS = 30.0
ATTEMPTS = 4  # in a row without a byte; a line that drops often still gets through
PAUSE_SECONDS = 1.0  # doubled with each attempt
SPARE_BYTES = 50_000_000  # a disk is never filled to the last byte
PARTIAL_CONTENT, RANGE_REFUSED = 206, 416

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Pulled:
    """Weights that now lie here, and what vouches for them."""

    name: str
    path: Path
    sha256: str
    vouched_by: str  # sha256, md5, seen, first


def pull(
    entry: Entry,
    *,
    from_file: Path | None = None,
    trust_first: bool = False,
    folder: Path | None = None,
    report: Report = lambda done, total: None,
    pause_seconds: float = PAUSE_SECONDS,
) -> Pulled:
    """Put the weights of an entry into the folder of pulled weights, with a card.

    Where the publisher gives no checksum at all, `trust_first` says that a person takes the first
    download as it comes; its sha256 is written down, to compare with other computers' downloads.

    Raises:
        PullError: no network, a broken line, a full disk, a wrong checksum, or no checksum.
    """
    if not (entry.publisher_sum or entry.sha256_seen or trust_first):
        raise without_checksum(entry)
    home = (folder or models_folder()) / entry.name
    if from_file is None and (held := _held(entry, home)) is not None:
        return held
    part = home / f"{entry.file}.part"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if from_file is not None:
            _carry(from_file, part)
        else:
            _download(entry, part, report, pause_seconds)
        vouched_by = _check(entry, part)
        return _settle(entry, part, vouched_by)
    except OSError as problem:
        raise unwritable(home, problem) from problem


def _held(entry: Entry, home: Path) -> Pulled | None:
    """What an earlier pull left here, if it is still what its card says."""
    target = home / ("files" if entry.is_archive else entry.file)
    card = read_card(target) if target.exists() and card_path(target).is_file() else {}
    told = str(card.get("files", {}).get(entry.file, ""))
    if not told or (target.is_file() and file_sum(target, "sha256") != told):
        return None
    return Pulled(entry.name, target, told, str(card.get("vouched_by", "first")))


def _carry(from_file: Path, part: Path) -> None:
    if not from_file.is_file():
        raise PullError(
            f"No file at {from_file}. Is the stick plugged in? Pass the path of the file that was "
            "downloaded.",
            f"{from_file} 处没有文件。U 盘是否已插好？请给出已下载文件的路径。",
        )
    _marks(part).unlink(missing_ok=True)
    _check_room(part.parent, from_file.stat().st_size)
    shutil.copyfile(from_file, part)


def _download(entry: Entry, part: Path, report: Report, pause_seconds: float) -> None:
    """Fetch into the `.part` file, and go on after each break as long as bytes come."""
    idle = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            if _fetch(entry, part, report):
                return
            problem: Exception = ConnectionError("the line broke")
        except urllib.error.HTTPError as refusal:
            raise refused(entry, refusal) from refusal
        except (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError) as failure:
            problem = failure
        has_grown = part.exists() and part.stat().st_size > before
        if not has_grown and not before:
            raise offline(entry, problem) from problem
        idle = 0 if has_grown else idle + 1
        if idle == ATTEMPTS:
            raise broken(entry, part, problem) from problem
        time.sleep(pause_seconds * 2**idle)


def _fetch(entry: Entry, part: Path, report: Report) -> bool:
    """Ask for what is missing and store it; tell whether all is here now."""
    have, etag = _resumable(entry, part)
    headers = {"User-Agent": "namcha", "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", **({"If-Range": etag} if etag else {})}
    request = urllib.request.Request(entry.source, headers=headers)
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        if refusal.code == RANGE_REFUSED and have:
            return True  # there is no more than what is here; the checksum has the last word
        raise
    with response:
        return _store(entry, part, response, have, report)


def _store(entry: Entry, part: Path, response: HTTPResponse, have: int, report: Report) -> bool:
    if urlsplit(entry.source).scheme == "https" != urlsplit(response.url).scheme:
        raise PullError(
            f"{entry.source} leads to the unprotected address {response.url}. Nothing was fetched.",
            f"{entry.source} 跳转到了未加密的地址 {response.url}，已停止下载。",
        )
    goes_on = response.status == PARTIAL_CONTENT
    done = have if goes_on else 0  # a server that cannot go on, or whose file changed, starts anew
    length = response.headers.get("Content-Length")
    total = done + int(length) if length else 0
    _check_room(part.parent, total - done)
    marks = {"source": entry.source, "etag": response.headers.get("ETag", "")}
    _marks(part).write_text(json.dumps(marks), encoding="utf-8")
    with part.open("ab" if goes_on else "wb") as file:
        while block := _read(response):
            file.write(block)
            done += len(block)
            report(done, total)
    return done == total if total else True


def _read(response: HTTPResponse) -> bytes:
    try:
        return response.read(BLOCK_BYTES)
    except OSError as problem:  # a network that went down is not a disk that is full
        raise ConnectionError(str(problem)) from problem


def _resumable(entry: Entry, part: Path) -> tuple[int, str]:
    """How many bytes of this very file are here, and the server's mark for it.

    Without a checksum only the server's mark can tell that the rest belongs to the beginning.
    """
    try:
        marks = json.loads(_marks(part).read_text(encoding="utf-8"))
        have, etag = part.stat().st_size, str(marks["etag"])
    except (OSError, ValueError, KeyError):
        return 0, ""
    can_be_checked = entry.publisher_sum or entry.sha256_seen
    is_same = marks.get("source") == entry.source and bool(etag or can_be_checked)
    is_weak = etag.startswith("W/")
    return (have, "" if is_weak else etag) if is_same else (0, "")


def _check(entry: Entry, part: Path) -> str:
    """Compare what came with the strongest checksum there is; set a wrong file aside."""
    expected, vouched_by = entry.publisher_sum, "first"
    if expected is None and entry.sha256_seen:
        expected, vouched_by = ("sha256", entry.sha256_seen), "seen"
    elif expected is not None:
        vouched_by = expected[0]
    if expected is None:
        return vouched_by
    algorithm, told = expected
    found = file_sum(part, algorithm)
    if found == told:
        return vouched_by
    aside = part.with_name(f"{entry.file}.wrong")
    part.replace(aside)
    _marks(part).unlink(missing_ok=True)
    raise wrong_sum(entry, f"{algorithm} {found}", told, aside)


def _settle(entry: Entry, part: Path, vouched_by: str) -> Pulled:
    """Give the checked file its name, or unpack it, and write its card."""
    sha256 = file_sum(part, "sha256")
    target = part.with_name(entry.file)
    if entry.is_archive:
        target = _unpack(entry, part)
    else:
        part.replace(target)
    _marks(part).unlink(missing_ok=True)
    card = {
        "name": entry.name,
        "version": entry.version,
        "task": entry.task,
        "licence": entry.licence,
        "labels": list(entry.classes),
        "image_size": entry.image_size,
        "files": {entry.file: sha256},
        "source": entry.source,
        "page": entry.page,
        "vouched_by": vouched_by,
        "pulled_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if entry.threshold is not None:
        card["threshold"] = entry.threshold
    text = json.dumps(card, ensure_ascii=False, indent=1) + "\n"
    card_path(target).write_text(text, encoding="utf-8")
    (target.parent / "pulled.json").write_text(json.dumps({"path": target.name}), encoding="utf-8")
    return Pulled(entry.name, target, sha256, vouched_by)


def _unpack(entry: Entry, part: Path) -> Path:
    """Unpack an archive into a folder, which gets its name when all of it is there."""
    target, unpacking = part.with_name("files"), part.with_name("unpacking")
    shutil.rmtree(unpacking, ignore_errors=True)
    try:
        if zipfile.is_zipfile(part):
            with zipfile.ZipFile(part) as archive:
                archive.extractall(unpacking)  # zipfile keeps members inside by itself
        else:
            with tarfile.open(part) as archive:
                archive.extractall(
                    unpacking, filter="data"
                )  # nothing outside, no links, no devices
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as problem:
        raise PullError(
            f"What came for {entry.name} is not an archive that can be unpacked ({problem}). Pull "
            "again; if it stays so, the publisher has changed the file.",
            f"{entry.name} 的下载内容无法解包（{problem}）。请重新下载；"
            "若仍如此，说明发布者已更换文件。",
        ) from problem
    shutil.rmtree(target, ignore_errors=True)
    unpacking.rename(target)
    part.unlink()
    return target


def _marks(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed + SPARE_BYTES > free:
        raise OSError(errno.ENOSPC, f"{megabytes(needed)} needed, {megabytes(free)} free")
