"""What became of a results file, for the person who brought it."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ingest.other_results.facts import OtherResults
from ingest.other_results.matching import Matches
from ingest.other_results.reading import plain_path
from species_db.language import tr

SHOWN = 10

PROBLEM_WORDS: Mapping[str, tuple[str, str]] = {
    "not_in_survey": ("no file of this survey", "本调查中没有该文件"),
    "ambiguous": (
        "several files fit; name the deployment with --deployment",
        "有多个文件符合；请用 --deployment 指定布设",
    ),
    "claimed_twice": (
        "two paths of the results are one file here",
        "结果中的两个路径对应同一文件",
    ),
    "not_media": (
        "on the card, but not usable as media here",
        "存储卡上有该文件，但在此不能用作媒体",
    ),
    "same_bytes": (
        "the same picture as under another path, which was answered there",
        "与另一路径下的照片相同，结果已记于该处",
    ),
    "other_tool_failed": ("the other tool could not read it", "其他工具未能读取"),
    "box_without_area": ("a box without an area was left out", "面积为零的边框未导入"),
}


@dataclass(frozen=True)
class ListedProblem:
    """One file of the results that needs a look."""

    code: str
    path: str
    note: str = ""

    def as_text(self) -> str:
        """One line for a person."""
        words = tr(*PROBLEM_WORDS[self.code])
        return f"{self.path}: {words}" + (f" ({self.note})" if self.note else "")


@dataclass
class ResultsReport:
    """What a results file brought, in files of the survey."""

    file: str
    format: str
    format_version: str
    sha256: str
    bytes: int
    model: str
    model_version_id: str
    threshold: float
    hints: Mapping[str, Any] = field(default_factory=dict)
    is_dry_run: bool = False
    files: int = 0
    matched: int = 0
    media: int = 0
    films: int = 0
    new_media: int = 0
    observations: int = 0
    animal: int = 0
    human: int = 0
    vehicle: int = 0
    unknown: int = 0
    blank: int = 0
    failures: int = 0
    boxes_clipped: int = 0
    boxes_without_area: int = 0
    boxes_below_threshold: int = 0
    boxes_ignored: int = 0
    unknown_categories: Mapping[str, int] = field(default_factory=dict)
    unknown_words: Mapping[str, int] = field(default_factory=dict)
    taken_by_folder: Mapping[str, str] = field(default_factory=dict)
    problems: list[ListedProblem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Everything, for scripts."""
        return asdict(self)

    def as_text(self) -> str:
        """The report for the person who ran it."""
        lines = [self._headline(), self._counts(), self._boxes()]
        lines += [
            tr(
                f"  folder '{folder}' was taken for {deployment}: only its card has all its files",
                f"  文件夹“{folder}”被认作 {deployment}：只有其存储卡含有全部文件",
            )
            for folder, deployment in self.taken_by_folder.items()
        ]
        if self.unknown_categories:
            told = ", ".join(f"'{code}' x {n}" for code, n in self.unknown_categories.items())
            lines.append(
                tr(
                    f"  categories that the file does not explain, no detections by its format: "
                    f"{told}",
                    f"  文件未说明的类别，按格式规定不算检测结果：{told}",
                )
            )
        if self.unknown_words:
            told = ", ".join(
                f"{word} ({n})" for word, n in list(self.unknown_words.items())[:SHOWN]
            )
            lines.append(
                tr(
                    f"  {len(self.unknown_words)} names that no taxon here has, kept as words: "
                    f"{told}. Say what they are in classes.csv of the survey folder, then import "
                    "again.",
                    f"  {len(self.unknown_words)} 个名称没有对应的分类单元，原样保留：{told}。"
                    "可在调查文件夹的 classes.csv 中说明，然后重新导入。",
                )
            )
        return "\n".join((*lines, *self._problems()))

    def _headline(self) -> str:
        told = tr(
            f"{self.file}: {self.format} {self.format_version}, model {self.model}, "
            f"scores of {self.threshold:g} and more.",
            f"{self.file}：{self.format} {self.format_version}，模型 {self.model}，"
            f"保留分值 ≥ {self.threshold:g} 的结果。",
        )
        dry = tr(" Nothing was written (--dry-run).", "未写入任何内容（--dry-run）。")
        return told + (dry if self.is_dry_run else "")

    def _counts(self) -> str:
        return tr(
            f"  {self.files} files, {self.matched} found here, {self.new_media} with new answers: "
            f"{self.animal} with animals, {self.human} with people (restricted), "
            f"{self.vehicle} with vehicles, {self.unknown} unidentified, {self.blank} blank; "
            f"{self.observations} observations added; {self.failures} failures of the other tool.",
            f"  共 {self.files} 个文件，匹配 {self.matched} 个，其中 {self.new_media} 个有新结果："
            f"有动物 {self.animal}，有人 {self.human}（已限制查看），有车辆 {self.vehicle}，"
            f"未能识别 {self.unknown}，空拍 {self.blank}；新增 {self.observations} 条记录；"
            f"其他工具失败 {self.failures} 个。",
        )

    def _boxes(self) -> str:
        return tr(
            f"  boxes: {self.boxes_below_threshold} below the threshold, {self.boxes_clipped} "
            f"clipped to the frame, {self.boxes_without_area} without area, "
            f"{self.boxes_ignored} of categories that stand for nothing.",
            f"  边框：低于阈值 {self.boxes_below_threshold}，裁剪至画面内 {self.boxes_clipped}，"
            f"面积为零 {self.boxes_without_area}，不代表目标的类别 {self.boxes_ignored}。",
        )

    def _problems(self) -> list[str]:
        counted = Counter(one.code for one in self.problems)
        lines = []
        for code, count in counted.items():
            shown = [one for one in self.problems if one.code == code][:SHOWN]
            lines += [f"  {one.as_text()}" for one in shown]
            if count > len(shown):
                more = count - len(shown)
                lines.append(tr(f"  and {more} more like it", f"  另有 {more} 个同类问题"))
        return lines


def new_report(
    results: OtherResults,
    matches: Matches,
    model_version_id: str,
    *,
    threshold: float,
    is_dry_run: bool,
) -> ResultsReport:
    """Begin the report of a file: whose it is, and which of its paths are files here."""
    models = [one for one in (results.detector, results.classifier) if one]
    return ResultsReport(
        file=results.file_name,
        format=results.format.value,
        format_version=results.format_version,
        sha256=results.sha256,
        bytes=results.bytes,
        model=" + ".join(f"{one.name} {one.version}".strip() for one in models),
        model_version_id=model_version_id,
        threshold=threshold,
        hints={one.name: json.loads(one.metadata) for one in models if one.metadata != "{}"},
        is_dry_run=is_dry_run,
        files=len(results.files),
        matched=len(matches.found),
        unknown_categories=results.unknown_categories,
        taken_by_folder=matches.by_folder,
        problems=[
            ListedProblem(why.value, plain_path(path)) for path, why in matches.unmatched.items()
        ],
    )
