"""Open a results file of another tool and recognise whose it is.

The whole file is read and checked before anything is written. In memory it takes about ten times
its size while it is read, so a file of 1 GB needs a computer with 16 GB; larger ones are refused,
to be written card by card.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from ingest.other_results.facts import OtherFile, OtherResults, ResultsError, ResultsFormat, refusal
from ingest.other_results.megadetector import is_megadetector, read_megadetector
from ingest.other_results.speciesnet import is_speciesnet, read_speciesnet
from species_db.language import tr

MOST_BYTES = 1_000_000_000


def read_results(path: Path, expected: ResultsFormat | None = None) -> OtherResults:
    """Read a results file whole, of the expected format or whichever it is.

    Raises:
        ResultsError: it cannot be read, or something in it is not as its format says.
    """
    data = _bytes_of(path)
    content = _parsed(path, data)
    sha256 = hashlib.sha256(data).hexdigest()
    found = _recognised(path, content)
    if expected is not None and found is not expected:
        raise refusal(
            str(path),
            f"this is {found.value}, not {expected.value}.",
            f"这是 {found.value}，而非 {expected.value}。",
        )
    read = read_megadetector if found is ResultsFormat.MEGADETECTOR else read_speciesnet
    results = read(content, sha256=sha256, size=len(data), file_name=path.name)
    _refuse_doubles(results.files)
    return results


def _bytes_of(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise refusal(
                str(path),
                f"it has {size / 1e9:.1f} GB; up to {MOST_BYTES / 1e9:.0f} GB are read. Write the "
                "results card by card.",
                f"文件为 {size / 1e9:.1f} GB；最大可读取 {MOST_BYTES / 1e9:.0f} GB。"
                "请按存储卡分别输出。",
            )
        return path.read_bytes()
    except OSError as error:
        raise ResultsError(
            tr(
                f"{path} cannot be read: {error.strerror}. Name the JSON file of the other tool.",
                f"无法读取 {path}：{error.strerror}。请指定其他工具输出的 JSON 文件。",
            )
        ) from error


def _parsed(path: Path, data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise refusal(
            str(path),
            f"byte {error.start} is not UTF-8. Write the results again as UTF-8.",
            f"第 {error.start} 字节不是 UTF-8 编码。请以 UTF-8 重新输出。",
        ) from error
    except json.JSONDecodeError as error:
        raise refusal(
            f"{path}:{error.lineno}:{error.colno}",
            f"this is not JSON ({error.msg}). Is the file whole?",
            f"不是有效的 JSON（{error.msg}）。文件是否完整？",
        ) from error
    except RecursionError as error:
        raise refusal(str(path), "its JSON is nested too deeply.", "JSON 嵌套过深。") from error
    if not isinstance(content, dict):
        raise refusal(
            str(path),
            "results are a JSON object; this holds something else.",
            "结果文件应为 JSON 对象。",
        )
    return content


def _no_number(word: str) -> NoReturn:
    raise refusal(
        word,
        "this is no number in JSON; a score or a box that could not be worked out was written.",
        "不是有效的 JSON 数字；可能写入了未能算出的分值或边框。",
    )


def _recognised(path: Path, content: dict[str, Any]) -> ResultsFormat:
    if is_megadetector(content):
        return ResultsFormat.MEGADETECTOR
    if is_speciesnet(content):
        return ResultsFormat.SPECIESNET
    raise refusal(
        str(path),
        "neither MegaDetector's results ('info' and 'images') nor SpeciesNet's ('predictions').",
        "既不是 MegaDetector 结果（“info”和“images”），也不是 SpeciesNet 结果（“predictions”）。",
    )


def plain_path(path: str) -> str:
    r"""A path of any system with forward slashes, as one spelling of it.

    >>> plain_path(r"D:\cards\.\SD01\IMG_0001.JPG")
    'D:/cards/SD01/IMG_0001.JPG'
    """
    told = unicodedata.normalize("NFC", path).replace("\\", "/")
    parts = [part for part in told.split("/") if part not in ("", ".")]
    return ("/" if told.startswith("/") else "") + "/".join(parts)


def _refuse_doubles(files: Iterable[OtherFile]) -> None:
    seen: set[str] = set()
    for one in files:
        path = plain_path(one.path)
        if path in seen:
            raise refusal(
                path,
                "the file stands twice in the results; which of the two holds is not known.",
                "该文件在结果中出现两次，无法判断以哪一个为准。",
            )
        seen.add(path)
