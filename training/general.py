"""How the shipped `general` and `general-open` weights come about, and their cards' numbers again.

    python -m training.general check DATA/data.yaml START.pt
    python -m training.general make DATA/data.yaml START.pt RUNS
    python -m training.general make DATA/data_open.yaml START.pt RUNS --open

The first measures the shipped weights anew and says whether their card's figures come out; the
others train from the start weights and ship into RUNS/shipped. They go on where they stopped.
`--begun 1.0.0.pt` skips to the last run of `general`: so 1.1.0 was made of version 1.0.0.
"""

import argparse
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.detector import SHIPPED, load_detector
from training.breakdown import read_sources
from training.card import Stage
from training.card_tables import blanks_table, reliability_table, slices_table, verdict_table
from training.evaluate import LOWEST_SCORE
from training.findings import Findings, measure_weights
from training.general_notes import HISTORY, KNOWN_GAPS, NOTES, OPEN_NOTES
from training.level import level_on_val
from training.ship import Shipment, ship_weights, stage_of
from training.start_detector import load_start_detector
from training.train import Recipe, train_detector
from training.working_copy import photos_in, read_dataset

log = logging.getLogger(__name__)

EXTRA = "val_photos"


@dataclass(frozen=True)
class Plan:
    """The runs behind one set of weights, each begun from what the one before it left.

    `history` tells how the runs before the last went when the shipped weights were made.
    """

    name: str
    version: str
    data: str
    recipes: tuple[Recipe, ...]
    notes: tuple[tuple[str, str], ...]
    history: tuple[Stage, ...] = ()

    @property
    def command(self) -> str:
        """What makes these weights anew."""
        return f"python -m training.general make {self.data}"


GENERAL = Plan(
    "general",
    "1.1.0",
    "data.yaml yolov5n.pt RUNS",
    (
        Recipe(epochs=8, image_size=448, learned_share=0.25, start_share=0.75),
        Recipe(
            epochs=9,
            image_size=512,
            learning_rate=0.0005,
            whole_photo_epochs=3,
            start_share=0.25,
        ),
        Recipe(
            epochs=14,
            image_size=640,
            learning_rate=0.0005,
            learned_share=0.1,
            whole_photo_epochs=6,
            is_bf16=True,
            has_night=True,
            patience=5,
            threads=1,
            start_share=0.6,
        ),
    ),
    NOTES,
    HISTORY,
)
OPEN = Plan(
    "general-open",
    "1.0.0",
    "data_open.yaml yolov5n.pt RUNS --open",
    (
        Recipe(
            epochs=16,
            image_size=512,
            learned_share=0.1,
            whole_photo_epochs=6,
            is_bf16=True,
            has_night=True,
            patience=6,
            threads=1,
        ),
    ),
    OPEN_NOTES,
)


def make_weights(
    plan: Plan, data_yaml: Path, start: Path, runs: Path, *, begun: Path | None = None
) -> bool:
    """Train every run of a plan, ship the last, and say whether it may take the shipped place.

    The teacher of `training/replay.py` is asked in the runs that show the night, which came later.
    """
    stages: list[Stage] = list(plan.history) if begun else []
    latest = begun or start
    for number, recipe in enumerate(plan.recipes, 1):
        if number <= len(stages):
            continue
        run = runs / f"{plan.name}-{number}"
        teacher = start if recipe.has_night else None
        latest = train_detector(
            data_yaml, start_weights=latest, out=run, recipe=recipe, teacher=teacher
        )
        stages.append(stage_of(run, (f"{plan.command}  (run {number})",)))
    levelled = level_on_val(latest, data_yaml)
    shipment = Shipment(
        plan.name,
        plan.version,
        stages[-1].commands,
        earlier_stages=tuple(stages[:-1]),
        notes=plan.notes,
        known_gaps=KNOWN_GAPS,
    )
    card = ship_weights(
        levelled,
        data_yaml,
        folder=runs / "shipped",
        shipment=shipment,
        start_weights=start,
        extra_photos={EXTRA: data_yaml.parent / "images" / EXTRA},
    )
    return card.verdict is not None and card.verdict.is_promoted


def check_card(name: str, data_yaml: Path, start: Path) -> bool:
    """Measure shipped weights anew, print the tables, and say whether the card's numbers hold."""
    card = json.loads((SHIPPED / f"{name}.json").read_text(encoding="utf-8"))
    dataset = read_dataset(data_yaml)
    splits = {
        "val": dataset.splits["val"],
        EXTRA: photos_in(data_yaml.parent / "images", EXTRA),
    }
    found = measure_weights(
        load_detector(name, threshold=LOWEST_SCORE),
        load_start_detector(start, threshold=LOWEST_SCORE),
        splits,
        counted=dataset.labels,
        labels=dataset.labels,
        sources=read_sources(data_yaml),
        threshold=card["threshold"],
    )
    lines, differing = _beside_card(found, card["measured"])
    lines += [
        *slices_table(found.slices),
        *blanks_table(found.slices),
        *reliability_table(found.reliability, name),
        *verdict_table(found.verdict),
    ]
    log.info("\n".join(lines))
    log.info("%d figures differ from the card of %s (engine %s)", differing, name, found.engine)
    return not differing


def _beside_card(found: Findings, on_card: list[dict[str, Any]]) -> tuple[list[str], int]:
    """Each figure again, with what the card says where that is something else."""
    lines, differing = [], 0
    for again, told in zip(found.measured, on_card, strict=True):
        for one, before in zip(again.result.by_class, told["result"]["by_class"], strict=True):
            is_same = one.hits == before["hits"] and abs(one.ap50 - before["ap50"]) < 0.005
            differing += not is_same
            lines.append(
                f"{again.weights} {again.split} {again.light} {again.result.threshold} "
                f"{one.label}: {one.hits}/{one.known} of {one.found}, AP50 {one.ap50:.3f}"
                + ("" if is_same else f"  CARD SAYS {before['hits']}, {before['ap50']:.3f}")
            )
    return lines, differing


def main() -> None:
    """Check the shipped weights' card, or make the weights again."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("act", choices=("check", "make"))
    parser.add_argument("data_yaml", type=Path)
    parser.add_argument("start_weights", type=Path)
    parser.add_argument("runs", type=Path, nargs="?")
    parser.add_argument("--open", action="store_true", help="from openly licensed photos alone")
    parser.add_argument("--begun", type=Path, help="what the runs before the last left")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    plan = OPEN if given.open else GENERAL
    if given.act == "check":
        raise SystemExit(not check_card(plan.name, given.data_yaml, given.start_weights))
    if given.runs is None:
        parser.error("make needs a folder for its runs")
    is_promoted = make_weights(
        plan, given.data_yaml, given.start_weights, given.runs, begun=given.begun
    )
    log.info("promoted" if is_promoted else "refused: see the card")


if __name__ == "__main__":
    main()
