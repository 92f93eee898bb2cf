"""A detector's round: photos out, training, weights with their card, the frozen test."""

import os
import shutil
from pathlib import Path

from models.classes import table_for
from models.detector import Detector, load_detector
from models.shelf import find_weights, weights_sha256
from training.asking import ask_detector
from training.compare import Comparison, compare_detectors
from training.dataset import OwnPictures, write_dataset
from training.evaluate import LOWEST_SCORE
from training.quality import Quality, SeenPhoto, detector_quality
from training.run_rows import NewModel
from training.ship import Shipment, ship_weights
from training.splits import Split
from training.start_from import SHIPPED, start_checkpoint
from training.train import Recipe, train_detector
from training.work import Work

PHOTO_SIZES = 2  # long side of a copied photo, in sides of the network's input


def make_weights(work: Work) -> Path:
    """Train on the plan's stations and write weights with their card; interrupted, it goes on.

    The copies of photos are removed at the end, and after an error, which a person may never come
    back to: what they were, and of which split, stays listed.
    """
    weights = work.shipped / f"{work.asked.name}.onnx"
    if weights.with_suffix(".json").is_file():
        return weights
    try:
        _train(work)
    except Exception:
        _remove_copies(work)
        raise
    _remove_copies(work)
    return weights


def _train(work: Work) -> None:
    start = start_checkpoint(work.survey.folder, work.asked.start, champion=work.champion)
    data, run = _folders(work)
    write_dataset(
        data,
        work.plan.media,
        work.plan.scheme,
        picture=OwnPictures(work.survey, PHOTO_SIZES * work.asked.image_size),
        splits=(Split.TRAIN, Split.VAL),
        on_media=work.telling("copying"),
    )
    recipe = Recipe(
        epochs=work.asked.epochs,
        image_size=work.asked.image_size,
        seed=work.asked.seed,
        hours=work.asked.hours,
        threads=max(1, (os.cpu_count() or 2) - 1),  # one core stays for the person
        whole_photo_epochs=min(Recipe.whole_photo_epochs, work.asked.epochs // 2),
    )
    with work.epochs_told("training.train"):
        trained = train_detector(data / "data.yaml", start_weights=start, out=run, recipe=recipe)
    shipment = Shipment(
        name=work.asked.name,
        version=work.version,
        commands=(work.command,),
        image_size=work.asked.image_size,
        taxa={name: name for name in work.plan.scheme.taxa},
        start_name=start.stem,
        start_sha256=weights_sha256(start),
    )
    ship_weights(trained, data / "data.yaml", folder=work.shipped, shipment=shipment)


def _folders(work: Work) -> tuple[Path, Path]:
    """Where the data set lies, and where training works."""
    return work.folder / "dataset", work.folder / "run"


def _remove_copies(work: Work) -> None:
    data, run = _folders(work)
    for copies in (data / "images", run / "data"):
        shutil.rmtree(copies, ignore_errors=True)


def compare_with_champion(
    work: Work, weights: Path
) -> tuple[Comparison, NewModel | None, NewModel]:
    """Let champion and challenger look at the frozen test; give what was found, and who they are.

    The shipped detector is the champion where none was chosen, so there always is one.
    """
    champion = work.champion or find_weights(SHIPPED)
    sides, models = [], []
    for path in (champion, weights):
        quality, seen, model = _tested(work, path)
        sides.append((quality, seen))
        models.append(model)
    comparison = compare_detectors(
        sides[0], sides[1], test_version=work.plan.test.version, rule=work.rule
    )
    return comparison, models[0], models[1]


def _tested(work: Work, path: Path) -> tuple[Quality, list[SeenPhoto], NewModel]:
    table = table_for(work.survey.folder)
    used = load_detector(path, table=table)
    eager = load_detector(path, table=table, threshold=LOWEST_SCORE)
    seen = ask_detector(
        work.survey,
        eager,
        work.plan.media[Split.TEST],
        work.plan.taxon_names,
        on_media=work.telling("testing"),
    )
    title = f"{used.name} {used.version}"
    quality = detector_quality(seen, model=title, sha256=used.sha256, threshold=used.threshold)
    return quality, seen, _facts(used)


def _facts(used: Detector) -> NewModel:
    return NewModel(
        name=used.name,
        version=used.version,
        sha256=used.sha256,
        labels=",".join(used.labels),
        threshold=used.threshold,
        engine=used.engine,
        task="detector",
        licence=used.licence,
        classes=dict(used.classes),
    )
