"""Read MegaDetector's batch results, versions 1.2 to 1.6 (lila.science/megadetector-output-format).

Category numbers that the file does not explain are no detections, as the format says. Older
versions carry `max_detection_conf`, which the boxes say themselves.
"""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ingest.other_results.checking import (
    Json,
    a_box,
    a_frame_number,
    a_list,
    a_number,
    a_score,
    a_text,
    an_object,
    other_fields,
)
from ingest.other_results.facts import (
    OtherBox,
    OtherFile,
    OtherModel,
    OtherName,
    OtherResults,
    ResultsFormat,
    refusal,
)

VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6")
FILMS_SINCE = "1.4"  # frame_rate and frame_number are required of films from here on
FILM_SUFFIXES = (".mp4", ".avi", ".mov", ".m4v", ".mpg", ".mpeg", ".mkv", ".flv", ".3gp")
NAMELESS = "MegaDetector v4"  # a file that names no detector is that old, as the format says
_READ = frozenset({"file", "detections", "failure", "frame_rate", "frames_processed"})
_WORKED_OUT = frozenset({"max_detection_conf"})  # follows from the boxes; written no more


def is_megadetector(content: Json) -> bool:
    """Tell MegaDetector's files by the two fields that all of them have."""
    return "images" in content and "info" in content


def read_megadetector(content: Json, *, sha256: str, size: int, file_name: str) -> OtherResults:
    """Read a whole file.

    Raises:
        ResultsError: something in it is not as the format says.
    """
    info = an_object(content.get("info"), "info")
    version = _version(info)
    categories = _numbered(content.get("detection_categories"), "detection_categories")
    names = _numbered(content.get("classification_categories") or {}, "classification_categories")
    described = content.get("classification_category_descriptions") or {}
    labels = {
        code: str(label)
        for code, label in an_object(described, "classification_category_descriptions").items()
    }
    reader = _Reader(version, categories, names, labels)
    images = a_list(content.get("images"), "images")
    files = tuple(reader.file(image, f"images[{n}]") for n, image in enumerate(images))
    has_names = bool(names) or any(box.names for one in files for box in one.boxes or ())
    return OtherResults(
        format=ResultsFormat.MEGADETECTOR,
        format_version=version,
        detector=_model(info, "detector", "detector_metadata") or OtherModel(NAMELESS, ""),
        classifier=_classifier(info) if has_names else None,
        categories=categories,
        names=names,
        labels=labels,
        info=json.dumps(info, ensure_ascii=False),
        files=files,
        sha256=sha256,
        bytes=size,
        file_name=file_name,
        unknown_categories=dict(reader.unknown),
    )


def _version(info: Json) -> str:
    version = str(info.get("format_version", ""))
    if version not in VERSIONS:
        raise refusal(
            "info.format_version",
            f"versions {VERSIONS[0]} to {VERSIONS[-1]} are read, found '{version[:20]}'. Write the "
            "results again with a tool of that time, or update Namcha.",
            f"可读取 {VERSIONS[0]} 至 {VERSIONS[-1]} 版，实为“{version[:20]}”。"
            "请用相应版本的工具重新输出，或更新 Namcha。",
        )
    return version


def _numbered(value: object, where: str) -> dict[str, str]:
    """Names by their numbers, which are written as text."""
    told = an_object(value, where)
    for code, name in told.items():
        if not (code.isascii() and code.isdigit()):
            raise refusal(
                where,
                f"categories are numbered '0', '1', ..., found '{code[:20]}'.",
                f"类别编号应为“0”“1”等数字文本，实为“{code[:20]}”。",
            )
        a_text(name, f"{where}['{code}']")
    return dict(told)


def _model(info: Json, key: str, metadata_key: str) -> OtherModel | None:
    name = info.get(key)
    if not name:
        return None
    metadata = info.get(metadata_key) or {}
    told = metadata if isinstance(metadata, dict) else {}
    version = str(told.get("megadetector_version") or told.get("version") or "")
    return OtherModel(str(name), version, json.dumps(told, ensure_ascii=False))


def _classifier(info: Json) -> OtherModel:
    found = _model(info, "classifier", "classifier_metadata")
    return found or OtherModel("unnamed classifier", "")


class _Reader:
    """Reads the entries of one file by its own tables, and counts categories it lacks."""

    def __init__(
        self,
        version: str,
        categories: Mapping[str, str],
        names: Mapping[str, str],
        labels: Mapping[str, str],
    ) -> None:
        self.version, self.categories, self.names, self.labels = version, categories, names, labels
        self.unknown: Counter[str] = Counter()

    def file(self, value: object, where: str) -> OtherFile:
        image = an_object(value, where)
        path = a_text(image.get("file"), f"{where}.file")
        failure, detections = image.get("failure"), image.get("detections")
        if failure is not None:
            return self._failed(image, path, failure, where)
        if detections is None:
            raise refusal(
                where,
                "it has neither detections nor a failure; a picture without any has an empty list.",
                "既无检测结果也无失败说明；没有检测到目标时应为空列表。",
            )
        found = a_list(detections, f"{where}.detections")
        is_film = path.lower().endswith(FILM_SUFFIXES)
        boxes = tuple(
            self._box(one, f"{where}.detections[{n}]", is_film=is_film)
            for n, one in enumerate(found)
        )
        return OtherFile(
            path, boxes, fields=self._rest(image), **self._frames(image, where, is_film=is_film)
        )

    def _failed(self, image: Json, path: str, failure: object, where: str) -> OtherFile:
        if image.get("detections") is not None:
            raise refusal(
                where,
                "it has both a failure and detections; a file that failed has none, not even an "
                "empty list.",
                "同时含有失败说明和检测结果；失败的文件不应有检测结果（空列表也不行）。",
            )
        reason = a_text(failure, f"{where}.failure")
        return OtherFile(path, None, failure=reason, fields=self._rest(image))

    def _frames(self, image: Json, where: str, *, is_film: bool) -> dict[str, Any]:
        rate, frames = image.get("frame_rate"), image.get("frames_processed")
        if rate is not None:
            rate = a_number(rate, f"{where}.frame_rate")
        if is_film and self.version >= FILMS_SINCE and not (rate and rate > 0):
            raise refusal(
                f"{where}.frame_rate",
                f"a film has a frame rate above 0, found {rate}.",
                "视频必须有大于 0 的帧率。",
            )
        if frames is not None:
            frames = tuple(
                a_frame_number(one, f"{where}.frames_processed[{n}]")
                for n, one in enumerate(a_list(frames, f"{where}.frames_processed"))
            )
        return {"frame_rate": rate, "frames_processed": frames}

    def _box(self, value: object, where: str, *, is_film: bool) -> OtherBox:
        told = an_object(value, where)
        code = a_text(told.get("category"), f"{where}.category")
        if code not in self.categories:
            self.unknown[code] += 1
        frame_number = told.get("frame_number")
        if frame_number is not None:
            frame_number = a_frame_number(frame_number, f"{where}.frame_number")
        elif is_film and self.version >= FILMS_SINCE:
            raise refusal(
                f"{where}.frame_number",
                "a detection in a film names its frame.",
                "视频中的检测结果必须注明帧号。",
            )
        names = told.get("classifications") or ()
        return OtherBox(
            code=code,
            category=self.categories.get(code, ""),
            score=a_score(told.get("conf"), f"{where}.conf"),
            box=a_box(told.get("bbox"), f"{where}.bbox"),
            frame_number=frame_number,
            names=self._names(names, f"{where}.classifications") if names else (),
        )

    def _names(self, value: object, where: str) -> tuple[OtherName, ...]:
        found = []
        for number, pair in enumerate(a_list(value, where)):
            at = f"{where}[{number}]"
            if len(a_list(pair, at)) != 2:
                raise refusal(at, "expected a category and a score.", "应为类别编号和分值。")
            code = a_text(pair[0], at)
            name = self.names.get(code, code)
            found.append(OtherName(name, a_score(pair[1], at), code, self.labels.get(code, "")))
        return tuple(sorted(found, key=lambda one: -one.score))

    def _rest(self, image: Json) -> str:
        return other_fields(image, _READ | _WORKED_OUT)
