"""Compare what the fast path finds with what the slow one finds, on real photos.

    python benchmarks/agreement.py [--engine auto] [--shared ../shared/data] [--weights PATH]

The reference is PyTorch fp32 on the photo's full decode. Beside it stand the fast path (scaled
decode, the engine that the processor serves best) and, to see which part moves what, full decode
with that engine, scaled decode with ONNX Runtime fp32, and PyTorch on a scaled decode. Boxes match
when label and at least half of both boxes agree (IoU above 0.5). A strong box (score 0.4 and up in
the reference) that has no match at the shipped threshold is lost, and is named. On `val`, whose
boxes are known, the average precision (AP50) of each way stands beside the reference's.
"""

import argparse
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from models.boxes import overlap_ratio
from models.detector import Detection, Detector, load_detector
from models.engines import EngineName
from models.pixels import Decode, decode_scaled, fit_within, size_for
from training.evaluate import LOWEST_SCORE, Answer, read_known_boxes, score
from training.working_copy import label_file, read_dataset

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "models" / "weights" / "general.onnx"
STRONG = 0.4
MATCH_IOU = 0.5


def looked_at(detector: Detector, photo: Path, decode: Decode) -> list[Detection]:
    """Detect on one photo as an import does."""
    size = size_for(detector.image_size, decode)
    return detector.detect(fit_within(decode_scaled(photo, at_least=size), size))


def unmatched(wanted: Iterable[Detection], found: Iterable[Detection]) -> list[Detection]:
    """Boxes of one way that the other has no box for; each box serves once, best first."""
    free = list(found)
    missing = []
    for box in wanted:
        same = [other for other in free if other.label == box.label]
        shared = [float(overlap_ratio(corners(box), corners(other)[None])[0]) for other in same]
        if shared and max(shared) > MATCH_IOU:
            free.remove(same[int(np.argmax(shared))])
        else:
            missing.append(box)
    return missing


def corners(box: Detection) -> np.ndarray:
    """Top left and bottom right corner."""
    return np.array([box.x, box.y, box.x + box.width, box.y + box.height])


def compare(
    name: str,
    reference: dict[Path, list[Detection]],
    found: dict[Path, list[Detection]],
    threshold: float,
) -> None:
    """Print how many boxes of the reference another way has too, and name the lost strong ones."""
    wanted = {
        photo: [b for b in boxes if b.score >= threshold] for photo, boxes in reference.items()
    }
    held = {photo: [b for b in boxes if b.score >= threshold] for photo, boxes in found.items()}
    missing = {photo: unmatched(boxes, held[photo]) for photo, boxes in wanted.items()}
    extra = sum(len(unmatched(held[photo], wanted[photo])) for photo in wanted)
    total = sum(map(len, wanted.values()))
    strong = sum(box.score >= STRONG for boxes in wanted.values() for box in boxes)
    lost = [(p, box) for p, boxes in missing.items() for box in boxes if box.score >= STRONG]
    matched = total - sum(map(len, missing.values()))
    print(
        f"  {name:34} {matched}/{total} boxes ({matched / max(1, total):.0%}), {extra} new; "
        f"strong {strong - len(lost)}/{strong}"
    )
    for photo, box in lost:
        near = [b for b in found[photo] if not unmatched([box], [b])]
        at = f"has it at {max(b.score for b in near):.2f}" if near else "has none there"
        print(f"    lost: {photo.name} {box.label} {box.score:.2f}, width {box.width:.3f}; {at}")


def ap50(found: dict[Path, list[Detection]], labels: tuple[str, ...]) -> dict[str, float]:
    """Average precision of each label that `val` holds."""
    answers = [
        Answer(read_known_boxes(label_file(photo), labels), tuple(boxes), is_grey=False)
        for photo, boxes in found.items()
    ]
    by_class = score(answers, threshold=LOWEST_SCORE, labels=labels).by_class
    return {one.label: one.ap50 for one in by_class if one.known}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    dataset = read_dataset(args.shared / "detector" / "data.yaml")
    cards = sorted((args.shared / "sdcard").rglob("*.JPG"))
    sets = {"val": list(dataset.splits["val"]), "cards": cards}
    fast = EngineName(args.engine)
    ways = {
        "torch fp32, full decode": (args.weights.with_suffix(".pt"), EngineName.TORCH, Decode.FULL),
        "fast path": (args.weights, fast, Decode.SCALED),
        "its engine, full decode": (args.weights, fast, Decode.FULL),
        "onnxruntime fp32, scaled decode": (args.weights, EngineName.ONNXRUNTIME, Decode.SCALED),
        "torch fp32, scaled decode": (
            *(args.weights.with_suffix(".pt"), EngineName.TORCH, Decode.SCALED),
        ),
    }
    threshold = load_detector(args.weights).threshold
    found: dict[str, dict[str, dict[Path, list[Detection]]]] = {}
    for name, (weights, engine, decode) in ways.items():
        detector = load_detector(weights, threshold=LOWEST_SCORE, engine=engine)
        print(f"{name}: {detector.engine}, {decode} decode", flush=True)
        found[name] = {
            of: {photo: looked_at(detector, photo, decode) for photo in photos}
            for of, photos in sets.items()
        }
    first, *others = ways
    for of, photos in sets.items():
        print(f"\n{of}: {len(photos)} photos, boxes from {threshold} up, against {first}")
        for name in others:
            compare(name, found[first][of], found[name][of], threshold)
    print("\nAP50 on val")
    best = ap50(found[first]["val"], tuple(dataset.labels))
    for name in ways:
        one = ap50(found[name]["val"], tuple(dataset.labels))
        each = ", ".join(f"{label} {value:.3f}" for label, value in one.items())
        mean = statistics.mean(one.values())
        print(f"  {name:34} {mean:.4f} ({mean - statistics.mean(best.values()):+.4f}); {each}")


if __name__ == "__main__":
    main()
