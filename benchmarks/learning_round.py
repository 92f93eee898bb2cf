"""Run a whole round of learning on five real cards, through the commands, and print everything.

    python benchmarks/learning_round.py ../shared OUT [--epochs 8] [--image-size 320]

Import, detect, review by a script through the functions of the page, train, compare, promote or
refuse. Five cards are far too few to learn from; what can be seen is that each step is taken, and
that weights which prove nothing are refused. The minimum for a class is lowered for it, and said.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def main() -> None:
    """Do the round in OUT, a new folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--image-size", type=int, default=320)
    given = parser.parse_args()
    os.environ.setdefault("NAMCHA_LANG", "en")
    from learning_scene import plant_cards

    from species_db.survey import SurveySettings, create_survey

    survey = create_survey(given.out, SurveySettings(title="Learning round"))
    began = time.monotonic()
    plant_cards(survey, given.shared)
    print(f"five cards imported, detected and reviewed in {time.monotonic() - began:.0f} s")
    survey.close()
    size = ["--epochs", str(given.epochs), "--image-size", str(given.image_size)]
    few = ["--least-boxes", "5", "--least-stations", "2"]
    for words in (
        ["train", "detector", "--dry-run"],
        ["train", "detector", "--dry-run", "--classes", "taxa"],
        ["train", "detector", *few, *size],
        ["models", "list"],
        ["verify"],
    ):
        print(f"\n$ namcha {' '.join(words)}", flush=True)
        command = [sys.executable, "-m", "namcha", *words, "--survey", str(given.out)]
        began = time.monotonic()
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "NAMCHA_PERSON": "Drolma"}, check=False
        )
        print(f"({time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
