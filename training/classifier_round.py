"""A classifier's round: crops of reviewed animals, training, weights with their card, the test."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import col, select

from models.classifier import CropClassifier, load_classifier
from species_db.tables import Taxon
from species_db.training_set import MediaExample
from training.asking import is_infrared, picture_to_test
from training.classifier_crops import DECODED, LabelledBox, write_crop_list
from training.classifier_ship import ClassifierShipment, ship_classifier
from training.classifier_train import ClassifierRecipe, train_classifier
from training.compare import Comparison, compare_classifiers
from training.quality import UNNAMED, NamedCrop, classifier_quality
from training.run_rows import NewModel
from training.splits import Split
from training.start_from import start_checkpoint
from training.work import Work

NOBODY = "no classifier"


def make_weights(work: Work) -> Path:
    """Train on crops of the plan's stations, read where the photos lie: nothing is copied."""
    weights = work.shipped / f"{work.asked.name}.onnx"
    if weights.with_suffix(".json").is_file():
        return weights
    crops = write_crop_list(_boxes(work), work.folder / "crops.csv")
    recipe = ClassifierRecipe(
        epochs=work.asked.epochs,
        side=work.asked.image_size,
        seed=work.asked.seed,
        hours=work.asked.hours,
    )
    with work.epochs_told("training.classifier_train"):
        trained = train_classifier(
            crops, out=work.folder / "run", recipe=recipe, start=_start(work)
        )
    shipment = ClassifierShipment(
        name=work.asked.name,
        version=work.version,
        lineages=_lineages(work),
        commands=(work.command,),
        date=datetime.now(UTC).date().isoformat(),
    )
    return ship_classifier(trained, folder=work.shipped, shipment=shipment)[0]


def compare_with_champion(
    work: Work, weights: Path
) -> tuple[Comparison, NewModel | None, NewModel]:
    """Let both name the crops of the frozen test; without a champion every crop is "animal"."""
    challenger = load_classifier(weights)
    champion = load_classifier(work.champion) if work.champion else None
    named = [_named(work, one) for one in (champion, challenger)]
    qualities = [
        classifier_quality(crops, model=_title(one), sha256=one.sha256 if one else "")
        for crops, one in zip(named, (champion, challenger), strict=True)
    ]
    comparison = compare_classifiers(
        (qualities[0], named[0]),
        (qualities[1], named[1]),
        test_version=work.plan.test.version,
        rule=work.rule,
    )
    return comparison, _facts(champion) if champion else None, _facts(challenger)


def _boxes(work: Work) -> Iterator[LabelledBox]:
    """The named boxes that teach and choose; those of the test stay out of the trainer's sight."""
    for split in (Split.TRAIN, Split.VAL):
        for example in work.plan.media[split]:
            image = work.survey.path_of(example.file_path).absolute()
            for box in example.boxes:
                label = work.plan.scheme.name_of(box)
                if image.is_file() and label in work.plan.scheme.taxa:
                    sides = (box.x, box.y, box.width, box.height)
                    yield LabelledBox(image, sides, label, split.value, example.location_id)


def _lineages(work: Work) -> dict[str, dict[str, str]]:
    """The ranks above each class, as the survey's list of taxa has them."""
    with work.survey.reading() as session:
        taxa = session.exec(
            select(Taxon).where(col(Taxon.taxon_id).in_(work.plan.scheme.taxa.values()))
        ).all()
    lineages: dict[str, dict[str, str]] = defaultdict(dict)
    for taxon in taxa:
        name = taxon.scientific_name
        ranks = {
            "class": taxon.class_name,
            "order": taxon.order_name,
            "family": taxon.family,
        }
        if taxon.taxon_rank == "species":
            ranks |= {"genus": name.split()[0], "species": name}
        elif taxon.taxon_rank:
            ranks[taxon.taxon_rank] = name
        lineages[name] = {rank: told for rank, told in ranks.items() if told}
    return lineages


def _start(work: Work) -> Path | None:
    """The checkpoint to go on from; none is needed, learning only takes longer without."""
    if work.asked.start:
        return start_checkpoint(work.survey.folder, work.asked.start, champion=None)
    beside = work.champion.with_suffix(".pt") if work.champion else None
    return beside if beside is not None and beside.is_file() else None


def _named(work: Work, classifier: CropClassifier | None) -> list[NamedCrop]:
    tell, media = work.telling("testing"), work.plan.media[Split.TEST]
    named: list[NamedCrop] = []
    for done, example in enumerate(media, start=1):
        named += _crops_of(work, classifier, example)
        tell(done, len(media))
    return named


def _crops_of(
    work: Work, classifier: CropClassifier | None, example: MediaExample
) -> Iterator[NamedCrop]:
    image = picture_to_test(work.survey, example, max(DECODED))
    grey = is_infrared(image) if example.is_grey is None else example.is_grey
    boxes = [box for box in example.boxes if box.taxon_id in work.plan.taxon_names]
    sides = [(box.x, box.y, box.width, box.height) for box in boxes]
    called: Sequence[str] = [UNNAMED] * len(boxes)
    if classifier is not None and boxes:
        best = classifier.classify(image, sides).argmax(axis=1)
        called = [_lowest(classifier, int(number)) for number in best]
    for box, name in zip(boxes, called, strict=True):
        truth = work.plan.taxon_names[box.taxon_id or ""]
        yield NamedCrop(example.location_id, grey, truth, name)


def _lowest(classifier: CropClassifier, number: int) -> str:
    """The name at the lowest rank that a class claims."""
    lineage = classifier.classes[number].lineage
    return next((name for name in reversed(lineage) if name), UNNAMED)


def _title(classifier: CropClassifier | None) -> str:
    return f"{classifier.name} {classifier.version}" if classifier else NOBODY


def _facts(classifier: CropClassifier) -> NewModel:
    return NewModel(
        name=classifier.name,
        version=classifier.version,
        sha256=classifier.sha256,
        labels=",".join(one.name for one in classifier.classes),
        threshold=0.0,
        engine=classifier.engine,
        task="classifier",
        licence=classifier.licence,
        classes={
            one.name: next((n for n in reversed(one.lineage) if n), "")
            for one in classifier.classes
        },
    )
