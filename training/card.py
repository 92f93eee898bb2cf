"""Write the card that travels with weights: what they are, how made, how good."""

import csv
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from training.breakdown import ScoreStep, Slice
from training.card_tables import (
    blanks_table,
    reliability_plot,
    reliability_table,
    slices_table,
    verdict_table,
)
from training.evaluate import ClassScore, Measured, read_known_boxes
from training.verdict import Verdict
from training.working_copy import label_file, read_dataset

START_TITLE = "YOLOv5n (COCO, release 7.0)"
BELOW_FEW = 30  # with fewer known boxes a share moves by more than 3 points for one box


@dataclass(frozen=True)
class TrainingData:
    """What the weights learned from: numbers of photos by licence class, and of boxes by label."""

    photos: int
    photos_by_licence: dict[str, int]
    photos_by_label: dict[str, int]
    blanks: int


@dataclass(frozen=True)
class Stage:
    """One training run behind the weights: its commands, and how long it learned."""

    commands: tuple[str, ...]
    epochs: int
    image_size: int
    minutes: int
    seed: int


@dataclass(frozen=True)
class Card:
    """Everything that is known about one set of weights.

    `notes` (on what was measured) and `known_gaps` are pairs of sentences, Chinese and English.
    """

    name: str
    version: str
    date: str
    licence: str
    architecture: str
    labels: tuple[str, ...]
    image_size: int
    threshold: float
    threshold_reason: str
    iou: float
    files: dict[str, str]
    start_weights_sha256: str
    stages: tuple[Stage, ...]
    training_data: TrainingData
    measured: tuple[Measured, ...]
    notes: tuple[tuple[str, str], ...]
    known_gaps: tuple[tuple[str, str], ...]
    taxa: dict[str, str] = field(default_factory=dict)  # class -> scientific name
    start_name: str = START_TITLE
    slices: tuple[Slice, ...] = ()
    reliability: tuple[ScoreStep, ...] = ()
    verdict: Verdict | None = None
    measured_with: str = ""  # the engine


def write_card(card: Card, folder: Path) -> tuple[Path, Path]:
    """Write `<name>.json` for programs and `<name>.md` for people, from the same numbers."""
    as_json, as_text = folder / f"{card.name}.json", folder / f"{card.name}.md"
    content = json.dumps(asdict(card), ensure_ascii=False, indent=1)
    as_json.write_text(content + "\n", encoding="utf-8")
    as_text.write_text(card_text(card), encoding="utf-8")
    if card.reliability:
        plot = folder / f"{card.name}-reliability.svg"
        plot.write_text(reliability_plot(card.reliability), encoding="utf-8")
    return as_json, as_text


def count_training_data(data_yaml: Path) -> TrainingData:
    """Count what a data set's training photos hold, and their licences if a `SOURCES.csv` says."""
    dataset = read_dataset(data_yaml)
    photos = dataset.splits["train"]
    held = [
        {box.label for box in read_known_boxes(label_file(photo), dataset.labels)}
        for photo in photos
    ]
    licences = _licences(data_yaml.parent / "SOURCES.csv")
    names = [photo.relative_to(data_yaml.parent).as_posix() for photo in photos]
    return TrainingData(
        photos=len(photos),
        photos_by_licence=dict(Counter(licences.get(n, "not stated") for n in names).most_common()),
        photos_by_label=dict(Counter(label for labels in held for label in labels).most_common()),
        blanks=sum(not labels for labels in held),
    )


def card_text(card: Card) -> str:
    """Say in Chinese and English what the weights are good for, and where they fail."""
    return "\n".join(
        [
            f"# {card.name} {card.version}",
            "",
            *_summary(card),
            "## 测量结果 Measured",
            "",
            *_comparison(card),
            *_by_light(card),
            *slices_table(card.slices),
            *blanks_table(card.slices),
            *reliability_table(card.reliability, card.name),
            *verdict_table(card.verdict),
            "## 训练数据 Training data",
            "",
            *_training(card),
            "## 已知不足 Known gaps",
            "",
            *(f"- {zh}\n  {en}" for zh, en in card.known_gaps),
            "",
            "## 文件 Files",
            "",
            *(f"- `{name}`: sha256 `{sha256}`" for name, sha256 in card.files.items()),
            "",
        ]
    )


def _licences(sources: Path) -> dict[str, str]:
    if not sources.is_file():
        return {}
    with sources.open(encoding="utf-8", newline="") as opened:
        return {row["file"]: row["licence_class"] for row in csv.DictReader(opened)}


def _summary(card: Card) -> list[str]:
    labels = ", ".join(card.labels)
    names, names_zh = "it names no species", "不识别物种"
    if card.taxa:
        names, names_zh = "it proposes names of taxa", "并提出物种名供审核"
    return [
        f"在照片中找出动物、人和车辆的检测模型（{card.architecture}，{card.licence}）。它只给出"
        f"待审核的方框，{names_zh}，也不替人下结论。",
        "",
        f"Finds {labels} in a photo ({card.architecture}, {card.licence}). It proposes boxes for "
        f"people to review; {names} and decides nothing.",
        "",
        f"- 图像边长 image size: {card.image_size} px, 阈值 threshold: {card.threshold}, "
        f"重叠 overlap (IoU): {card.iou}",
        f"- 阈值的理由 why this threshold: {card.threshold_reason}",
        f"- 起始权重 start weights: {card.start_name}, sha256 `{card.start_weights_sha256}`",
        *(line for number, stage in enumerate(card.stages, 1) for line in _stage(number, stage)),
        "",
    ]


def _stage(number: int, stage: Stage) -> list[str]:
    return [
        f"- 训练第 {number} 步 training, step {number}: {stage.epochs} epochs at "
        f"{stage.image_size} px, {stage.minutes} minutes on a CPU, seed {stage.seed}",
        *(f"  `{command}`" for command in stage.commands),
    ]


def _comparison(card: Card) -> list[str]:
    """One table for all weights and splits, in full light, at the threshold of each."""
    lines = [
        "| 权重 weights | 照片 photos | 阈值 threshold | 类别 label | 框 boxes | 召回 recall | "
        "精度 precision | AP50 | 误报空照片 blanks flagged |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for m in card.measured:
        if m.light == "all":
            blanks = f"{m.result.blanks_flagged} / {m.result.blanks}"
            lines += [
                f"| {m.weights} | {m.split} ({m.result.photos}) | {m.result.threshold} | "
                f"{_class_cells(s)} | {blanks} |"
                for s in m.result.by_class
                if s.known
            ]
    return [*lines, "", *_caution(card)]


def _by_light(card: Card) -> list[str]:
    """Day and grey apart, for the shipped weights at their own threshold only."""
    lines = [
        "| 照片 photos | 光线 light | 类别 label | 框 boxes | 召回 recall | "
        "精度 precision | AP50 |",
        "|---|---|---|---|---|---|---|",
    ]
    for m in card.measured:
        is_own = m.weights == card.name and m.result.threshold == card.threshold
        if m.light != "all" and is_own:
            lines += [
                f"| {m.split} ({m.result.photos}) | {m.light} | {_class_cells(s)} |"
                for s in m.result.by_class
                if s.known
            ]
    return [*lines, ""]


def _caution(card: Card) -> list[str]:
    few = sorted(
        {
            s.label
            for m in card.measured
            for s in m.result.by_class
            if m.light == "all" and 0 < s.known < BELOW_FEW
        }
    )
    few_line = (
        f" Fewer than {BELOW_FEW} boxes, so only a rough figure: {', '.join(few)}." if few else ""
    )
    return [
        "阈值是在 `val` 上选定的,所以它的数字略偏乐观。",
        "",
        f"The threshold was chosen on `val`, so its figures flatter slightly.{few_line}",
        "",
        *([f"引擎 engine: {card.measured_with}", ""] if card.measured_with else []),
        *(line for zh, en in card.notes for line in (zh, "", en, "")),
    ]


def _training(card: Card) -> list[str]:
    data = card.training_data
    licences = ", ".join(f"{name} {count}" for name, count in data.photos_by_licence.items())
    labels = ", ".join(f"{name} {count}" for name, count in data.photos_by_label.items())
    return [
        f"- 照片数 photos: {data.photos}; 日期 date: {card.date}",
        f"- 按许可分类的照片数 photos by licence class: {licences}",
        f"- 含该类的照片数 photos that hold a label: {labels}; blank {data.blanks}",
        "- 照片本身不随权重发布。No photo is part of these files or of this repository.",
        *_licence_caution(data),
        "",
    ]


def _licence_caution(data: TrainingData) -> list[str]:
    if set(data.photos_by_licence) <= {"own"}:
        return ["- 照片来自本调查项目。 The photos are the survey's own."]
    return [
        "- 多数照片的许可不明,使用者应自行判断;可用自己审核过的照片重新训练。 Most photos state no "
        "licence; judge for yourself whether that matters to you, or train again on your own."
    ]


def _class_cells(s: ClassScore) -> str:
    return f"{s.label} | {s.known} | {s.recall:.2f} | {s.precision:.2f} | {s.ap50:.2f}"
