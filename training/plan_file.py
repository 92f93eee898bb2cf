"""The plan of a round in its folder, so that a round taken up again learns from the same photos."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from species_db.lessons import TaughtBox
from species_db.training_set import MediaExample
from training.plan import FrozenTest, Plan, PlanSettings
from training.scheme import ClassScheme, Least
from training.splits import Split, SplitSettings

PLAN_FILE = "plan.json"


def write_plan(plan: Plan, run: Path) -> None:
    """Keep a plan in the folder of its run."""
    run.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(plan), ensure_ascii=False, indent=1)
    (run / PLAN_FILE).write_text(text + "\n", encoding="utf-8")


def read_plan(run: Path) -> Plan:
    """Read a plan back as it was written."""
    told: dict[str, Any] = json.loads((run / PLAN_FILE).read_text(encoding="utf-8"))
    asked, scheme = told["settings"], told["scheme"]
    settings = PlanSettings(
        **{
            **asked,
            "least": Least(**asked["least"]),
            "splits": SplitSettings(**asked["splits"]),
        }
    )
    return Plan(
        settings=settings,
        scheme=ClassScheme(tuple(scheme["names"]), scheme["taxa"], scheme["merged"]),
        stations={station: Split(split) for station, split in told["stations"].items()},
        media={Split(s): [_example(one) for one in of] for s, of in told["media"].items()},
        test=FrozenTest(
            told["test"]["version"],
            tuple(told["test"]["stations"]),
            tuple(told["test"]["media"]),
        ),
        taxon_names=told["taxon_names"],
        notes=tuple(told["notes"]),
    )


def _example(told: dict[str, Any]) -> MediaExample:
    boxes = tuple(TaughtBox(**box) for box in told["boxes"])
    return MediaExample(**{**told, "boxes": boxes, "said": tuple(told["said"])})
