"""A million observations: what reading a survey for an analysis, and each answer, cost.

    nice python benchmarks/analyses.py [--observations 1000000] [--keep FOLDER] [--only rai ...]

Reads the survey that `million.py` beside this file makes, asks each analysis of all 120 taxa, and
prints seconds, seconds of the processor, rows written and the peak memory of the whole run. A
folder that is kept is used again as it is.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from million import TODAY, make_survey

from species_db.sensitivity import open_gate
from species_db.study.answers import NAMES, answer_of
from species_db.study.question import Question
from species_db.study.read import Study, read_study
from species_db.survey import Survey, open_survey

# Those that need a project, a taxon, or a model's labels, which this survey has not.
LEFT_OUT = ("scr", "baci", "errors")
OPTIONS: dict[str, dict[str, object]] = {"activity": {"draws": 200}}


def main() -> None:
    """Make the survey, read it, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    parser.add_argument("--only", nargs="*", default=[n for n in NAMES if n not in LEFT_OUT])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary) / "survey"
        is_made = (folder / "survey.toml").is_file()
        survey = open_survey(folder) if is_made else make_survey(folder, given.observations)
        with timed("read"):
            study = read(survey)
        print(f"  {len(study.records):,} records, {len(study.days):,} unit-days")
        for name in given.only:
            with timed(name):
                answer = answer_of(name)(study, **OPTIONS.get(name, {}))
                text = sum(len(table.as_csv()) for table in answer.tables)
            rows = sum(len(table.rows) for table in answer.tables)
            print(f"  {rows:,} rows, {text / 1e6:.1f} MB: {answer.summary[0]}")
        survey.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the run: {peak:,.0f} MB")


def read(survey: Survey) -> Study:
    """All records, through the closed gate."""
    with survey.reading() as session:
        gate = open_gate(session, survey.settings, today=TODAY)
        return read_study(session, survey.settings, Question(), gate=gate)


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print what the block took."""
    wall, cpu = time.monotonic(), time.process_time()
    yield
    took, worked = time.monotonic() - wall, time.process_time() - cpu
    print(f"{name:14}{took:8.2f} s  {worked:8.2f} s of the processor", flush=True)


if __name__ == "__main__":
    main()
