"""From a finished run to weights to use: export, measure, choose a threshold, write the card."""

import csv
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.classes import shipped_table, table_of_taxa
from models.detector import DEFAULT_IOU, load_detector
from training.breakdown import read_sources
from training.card import START_TITLE, Card, Stage, count_training_data, write_card
from training.evaluate import LOWEST_SCORE
from training.export import LICENCE, ExportedWeights, export_weights
from training.findings import Findings, measure_weights
from training.start_detector import load_start_detector
from training.start_weights import START_ARCHITECTURE, START_SHA256
from training.train import read_recipe
from training.working_copy import photos_in, read_dataset

THRESHOLD_REASON = (
    "the best mean F2 over labels on `val`: a missed animal is never seen by anyone, while a false "
    "box costs a reviewer one glance, so a miss counts twice as much"
)


@dataclass(frozen=True)
class Shipment:
    """What weights will be called, and what their card will say besides the numbers.

    `taxa` gives the scientific name of each class that is a taxon, and `start_name` with its
    sha256 the weights it began from, if not the old YOLOv5n checkpoint. `commands` are those of
    the last run, `earlier_stages` are the runs before it. `notes` (on what
    was measured) and `known_gaps` are pairs of sentences, Chinese and English.
    """

    name: str
    version: str
    commands: tuple[str, ...]
    image_size: int = 640
    earlier_stages: tuple[Stage, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    known_gaps: tuple[tuple[str, str], ...] = ()
    taxa: Mapping[str, str] = field(default_factory=dict)
    start_name: str = START_TITLE
    start_sha256: str = START_SHA256


def ship_weights(
    trained: Path,
    data_yaml: Path,
    *,
    folder: Path,
    shipment: Shipment,
    start_weights: Path | None = None,
    extra_photos: Mapping[str, Path] | None = None,
) -> Card:
    """Export the checkpoint of `train_detector` into `folder`, measure it, and write its card.

    With `start_weights`, the old YOLOv5n checkpoint, the card also compares with not training at
    all. `extra_photos` are more folders to measure on, by the name that the card gives them.

    Raises:
        DatasetError: the data set cannot be read.
        StartWeightsError: the old checkpoint is missing or is another file.
    """
    dataset = read_dataset(data_yaml)
    splits = {"val": dataset.splits["val"]}
    for split, place in (extra_photos or {}).items():
        splits[split] = photos_in(place.parent, place.name)
    (folder / f"{shipment.name}.json").unlink(missing_ok=True)  # the card of older weights
    exported = export_weights(trained, folder, name=shipment.name, image_size=shipment.image_size)
    table = table_of_taxa(shipment.taxa).extended_by(shipped_table())
    detector = load_detector(exported.onnx, threshold=LOWEST_SCORE, table=table)
    counted = tuple("animal" if name in shipment.taxa else name for name in dataset.labels)
    labels = tuple(dict.fromkeys(counted))
    start = load_start_detector(start_weights, threshold=LOWEST_SCORE) if start_weights else None
    found = measure_weights(
        detector, start, splits, counted=counted, labels=labels, sources=read_sources(data_yaml)
    )
    run = trained.parent.parent
    card = _fill_card(run, data_yaml, shipment, exported, found)
    write_card(card, folder)
    return card


def _fill_card(
    run: Path,
    data_yaml: Path,
    shipment: Shipment,
    exported: ExportedWeights,
    found: Findings,
) -> Card:
    return Card(
        name=shipment.name,
        version=shipment.version,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        licence=LICENCE,
        architecture=START_ARCHITECTURE.removesuffix(".yaml"),
        labels=tuple(read_dataset(data_yaml).labels),
        image_size=shipment.image_size,
        threshold=found.threshold,
        threshold_reason=THRESHOLD_REASON,
        iou=DEFAULT_IOU,
        files=exported.files,
        start_weights_sha256=shipment.start_sha256,
        stages=(*shipment.earlier_stages, stage_of(run, shipment.commands)),
        training_data=count_training_data(data_yaml),
        measured=found.measured,
        slices=found.slices,
        reliability=found.reliability,
        verdict=found.verdict,
        measured_with=found.engine,
        notes=shipment.notes,
        known_gaps=shipment.known_gaps,
        taxa=dict(shipment.taxa),
        start_name=shipment.start_name,
    )


def stage_of(run: Path, commands: tuple[str, ...]) -> Stage:
    """What a finished run says of itself: its recipe, its epochs and how long they took."""
    recipe = read_recipe(run)
    epochs, minutes = _epochs_and_minutes(run / "results.csv")
    return Stage(
        commands=commands,
        epochs=epochs,
        image_size=recipe.image_size,
        minutes=minutes,
        seed=recipe.seed,
    )


def _epochs_and_minutes(results: Path) -> tuple[int, int]:
    """Read how long a run took; after an interruption its clock begins again at 0."""
    with results.open(encoding="utf-8", newline="") as opened:
        seconds = [float(row["time"]) for row in csv.DictReader(opened)]
    ends = [t for t, after in zip(seconds, [*seconds[1:], 0.0], strict=True) if after < t]
    return len(seconds), round(sum(ends) / 60)
