"""Make a classifier to use out of a training run: ONNX, weights to go on from, and its card."""

import hashlib
import json
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.classifier import RANKS
from species_db.version import VERSION
from training.classifier_crops import TEST, TRAIN, VAL
from training.classifier_measure import Quality, SourceScore, measure_classifier
from training.classifier_train import ARCHITECTURE, Trained, new_network

LICENCE = "AGPL-3.0-or-later"
SPLIT_WORDS = {VAL: "其他来源 other sources", TEST: "同一来源 same sources"}


@dataclass(frozen=True)
class ClassifierShipment:
    """What is said of a classifier beyond what is measured.

    `lineages` gives for each class the names it stands for by rank, as far as they are true.
    `notes` are pairs of sentences, Chinese and English.
    """

    name: str
    version: str
    lineages: Mapping[str, Mapping[str, str]]
    commands: tuple[str, ...] = ()
    date: str = ""
    notes: tuple[tuple[str, str], ...] = ()


def ship_classifier(
    trained: Trained, *, folder: Path, shipment: ClassifierShipment
) -> tuple[Path, Quality]:
    """Write `<name>.onnx`, `<name>.pt`, and the cards for programs and people; return the ONNX.

    The card says by source what it gets right. One that does not help (`HelpRule`) is switched
    off in its card, and stays so until somebody trains it on better photos.
    """
    folder.mkdir(parents=True, exist_ok=True)
    full = {name: _lineage(shipment.lineages[name]) for name in trained.classes}
    quality = measure_classifier(
        trained.logits, trained.boxes, classes=trained.classes, lineages=full
    )
    weights = folder / f"{shipment.name}.onnx"
    _export(trained, weights)
    go_on = folder / f"{shipment.name}.pt"
    _keep_to_go_on(trained, go_on)
    card = _card(trained, shipment, quality, (weights, go_on))
    text = json.dumps(card, ensure_ascii=False, indent=1) + "\n"
    (folder / f"{shipment.name}.json").write_text(text, encoding="utf-8")
    (folder / f"{shipment.name}.md").write_text(
        classifier_card_text(card, quality), encoding="utf-8"
    )
    return weights, quality


def classifier_card_text(card: Mapping[str, Any], quality: Quality) -> str:
    """Say in Chinese and English what a classifier is good for, by source."""
    val = quality.total(VAL)
    state = "已启用 switched on" if card["switched_on"] else "未启用 switched off"
    lines = [
        f"# {card['name']} {card['version']}: {state}",
        "",
        f"对动物方框的分类模型（{card['architecture']}，{card['licence']}）。其结果只是该分类阶元上的"
        "猜测，供审核人员参考；把握不足时上卷到更高阶元。",
        "",
        f"Guesses what stands in an animal's box ({card['architecture']}, {card['licence']}). Its "
        "answers are guesses at the rank of each class, rolled up when unsure; people decide.",
        "",
        f"在训练来源以外的照片上：{val.boxes} 个方框中最可能类别正确 {val.hits} 个；"
        f"上卷后给出目或以下名称的 {val.named} 个，其中正确 {val.named_right} 个。",
        "",
        f"On sources it never saw: the best class is right in {val.hits} of {val.boxes} boxes; "
        f"after the roll-up {val.named} keep a name below the class, "
        f"{val.named_right} of them right.",
        "",
        f"- 启用条件 switched on when: ≥ {quality.rule.least_right:.0%} of at least "
        f"{quality.rule.fewest_named} such names are right (and ≥ {quality.rule.least_named:.0%} "
        "of boxes get one)",
        f"- 温度 temperature: {quality.temperature}; 校准误差 calibration error (ECE): "
        f"{quality.calibration_error_before:.2f} → {quality.calibration_error:.2f}",
        f"- 训练 training: {card['epochs']} epochs, {card['minutes']} minutes, one core",
        *(f"  `{command}`" for command in card["commands"]),
        "",
        "| 类别 class | 分类单元 taxon | 训练方框 training boxes | 训练来源 training sources |",
        "|---|---|---|---|",
        *(
            f"| {one['name']} | {_taxon(one['lineage'])} | {one['boxes']} | {one['sources']} |"
            for one in card["classes"]
        ),
        "",
        "| 照片 photos | 来源 source | 类别 class | 方框 boxes | 最可能类别正确 best class right | "
        "上卷后有名 named after roll-up | 其中正确 right |",
        "|---|---|---|---|---|---|---|",
        *(_row(one) for one in quality.by_source),
        "",
        *(line for zh, en in card["notes"] for line in (zh, "", en, "")),
        "## 文件 Files",
        "",
        *(f"- `{name}`: sha256 `{sha256}`" for name, sha256 in card["files"].items()),
        "",
    ]
    return "\n".join(lines)


def _card(
    trained: Trained,
    shipment: ClassifierShipment,
    quality: Quality,
    files: tuple[Path, ...],
) -> dict[str, Any]:
    learned = [one for one in trained.boxes if one.split == TRAIN]
    counts = Counter(one.label for one in learned)
    sources = {name: {one.source for one in learned if one.label == name} for name in counts}
    return {
        "name": shipment.name,
        "version": shipment.version,
        "task": "classifier",
        "date": shipment.date,
        "licence": LICENCE,
        "software": VERSION,
        "architecture": ARCHITECTURE,
        "switched_on": quality.helps,
        "side": trained.recipe.side,
        "margin": trained.recipe.margin,
        "temperature": quality.temperature,
        "labels": list(trained.classes),
        "taxa": {name: _taxon(shipment.lineages[name]) for name in trained.classes},
        "classes": [
            {
                "name": name,
                "lineage": {"kingdom": "Animalia", **shipment.lineages[name]},
                "boxes": counts[name],
                "sources": len(sources[name]),
            }
            for name in trained.classes
        ],
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        "commands": list(shipment.commands),
        "epochs": trained.epochs,
        "minutes": round(trained.minutes),
        "recipe": asdict(trained.recipe),
        "quality": {
            "calibration_error": round(quality.calibration_error, 4),
            "calibration_error_before": round(quality.calibration_error_before, 4),
            "rule": asdict(quality.rule),
            "other_sources": asdict(quality.total(VAL)),
            "by_source": [asdict(one) for one in quality.by_source],
        },
        "notes": [list(note) for note in shipment.notes],
    }


def _export(trained: Trained, to: Path) -> None:
    """Write the network as ONNX that takes any number of crops."""
    import torch

    network = new_network(len(trained.classes))
    network.load_state_dict(torch.load(trained.checkpoint, weights_only=True)["network"])
    side = trained.recipe.side
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the new exporter asks for a package
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, 3, side, side),),
            str(to),
            input_names=["crops"],
            output_names=["scores"],
            dynamic_axes={"crops": {0: "count"}, "scores": {0: "count"}},
            opset_version=17,
            dynamo=False,
        )


def _keep_to_go_on(trained: Trained, to: Path) -> None:
    """Keep the tensors at half size, for a later training to start from."""
    import torch

    state = torch.load(trained.checkpoint, weights_only=True)["network"]
    half = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    torch.save({"network": half}, to)


def _lineage(given: Mapping[str, str]) -> tuple[str, ...]:
    return tuple({"kingdom": "Animalia", **given}.get(rank, "") for rank in RANKS)


def _taxon(lineage: Mapping[str, str]) -> str:
    return next((lineage[rank] for rank in reversed(RANKS) if lineage.get(rank)), "")


def _row(one: SourceScore) -> str:
    split = SPLIT_WORDS[one.split]
    return (
        f"| {split} | {one.source} | {one.label} | {one.boxes} | {one.hits} | {one.named} | "
        f"{one.named_right} |"
    )
