"""What a round of learning learns from and is tested on, decided before anything is trained."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from species_db.language import tr
from species_db.training_set import MediaExample, TrainingSet
from training.balance import BLANK, Balance, balance_of, balance_text
from training.scheme import (
    ClassScheme,
    Least,
    SplitMedia,
    TooFewBoxesError,
    label_scheme,
    taxa_scheme,
)
from training.splits import Split, SplitSettings, split_stations

LABELS_ONLY, TAXA = "labels", "taxa"


@dataclass(frozen=True)
class FrozenTest:
    """The photos that champions and challengers are compared on, round after round.

    Photos that come later to a test station do not join it, so that the figures of two rounds can
    be set beside each other. New stations join as a new version, with all their photos.
    """

    version: int = 0
    stations: tuple[str, ...] = ()
    media: tuple[str, ...] = ()


@dataclass(frozen=True)
class History:
    """What earlier rounds of the same survey fixed; `test` is that of the same task."""

    test: FrozenTest = field(default_factory=FrozenTest)
    tested: frozenset[str] = frozenset()  # stations that test in any task
    taught: frozenset[str] = frozenset()  # stations that taught or chose a threshold in any task


@dataclass(frozen=True)
class PlanSettings:
    """What a person asks for."""

    task: str
    classes: str = LABELS_ONLY
    with_people: bool = False
    least: Least = field(default_factory=Least)
    splits: SplitSettings = field(default_factory=SplitSettings)


@dataclass(frozen=True)
class Plan:
    """The classes, the split of each station, and the photos of each split."""

    settings: PlanSettings
    scheme: ClassScheme
    stations: Mapping[str, Split]
    media: SplitMedia
    test: FrozenTest
    taxon_names: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def balance(self) -> Balance:
        """What each class has in each split."""
        return balance_of(self.media, self.scheme)

    @property
    def sha256(self) -> str:
        """Names exactly these photos with these boxes in these splits."""
        told = {
            "classes": list(self.scheme.names),
            "media": {
                split.value: [asdict(example) for example in examples]
                for split, examples in sorted(self.media.items())
            },
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def told(self) -> "PlanTold":
        """The class balance and the splits for scripts, without the photos themselves."""
        return PlanTold(
            classes=self.scheme.names,
            merged=self.scheme.merged,
            stations={name: split.value for name, split in self.stations.items()},
            test_version=self.test.version,
            test_photos=len(self.test.media),
            balance={
                name: {split.value: asdict(share) for split, share in by_split.items()}
                for name, by_split in self.balance.items()
            },
            notes=self.notes,
        )

    def as_text(self) -> str:
        """The class balance, the test, and what was left out, for the person who trains."""
        by_split = {s: [n for n, of in self.stations.items() if of is s] for s in Split}
        stations = "; ".join(f"{s.value} {len(names)}" for s, names in by_split.items())
        return "\n".join(
            [
                balance_text(self.balance),
                tr(
                    f"Stations: {stations}. Frozen test, version {self.test.version}: "
                    f"{len(self.test.media)} photos of {', '.join(self.test.stations)}.",
                    f"位点：{stations}。固定测试集第 {self.test.version} 版："
                    f"{', '.join(self.test.stations)} 的 {len(self.test.media)} 张照片。",
                ),
                *self.notes,
            ]
        )


@dataclass(frozen=True)
class PlanTold:
    """What a plan says of itself to scripts."""

    classes: tuple[str, ...]
    merged: Mapping[str, str]
    stations: Mapping[str, str]
    test_version: int
    test_photos: int
    balance: Mapping[str, Mapping[str, Mapping[str, int]]]
    notes: tuple[str, ...]


def make_plan(
    found: TrainingSet, settings: PlanSettings, history: History, *, is_enforced: bool = True
) -> Plan:
    """Decide classes and splits from what the reviews teach and what earlier rounds fixed.

    Photos of people are restricted, so they test (a model must find people, and looks at them
    where they lie, as an import does) but teach only with `with_people`, which copies them.
    Without `is_enforced` a plan that lacks boxes says so instead of failing, for a look at it.

    Raises:
        SplitError: too few stations.
        TooFewBoxesError: no class has enough boxes.
    """
    usable = [example for example in found.media if _is_usable(example, settings.task)]
    teaching = [example for example in usable if settings.with_people or not example.shows_people]
    stations = split_stations(
        _held(usable, teaching),
        essential=("animal",),
        frozen_test=history.tested | set(history.test.stations),
        taught=history.taught,
        settings=settings.splits,
    )
    testing = [e for e in found.media if _can_test(e, settings.task)]
    test = _next_test(testing, stations, history.test)
    tested = frozenset(test.media)
    media = {
        Split.TRAIN: [e for e in teaching if stations.get(e.location_id) is Split.TRAIN],
        Split.VAL: [e for e in teaching if stations.get(e.location_id) is Split.VAL],
        Split.TEST: [e for e in testing if e.media_id in tested],
    }
    refusal: tuple[str, ...] = ()
    try:
        scheme = _scheme(found, media, settings)
    except TooFewBoxesError as lacking:
        if is_enforced:
            raise
        scheme, refusal = ClassScheme(), (str(lacking),)
    if settings.task == "classifier":
        media = {split: [e for e in of if _has_class(e, scheme)] for split, of in media.items()}
    hidden = len(usable) - len(teaching)
    notes = (*_notes(found, scheme, test, history.test, hidden=hidden), *refusal)
    return Plan(settings, scheme, stations, media, test, found.taxa, notes)


def _scheme(found: TrainingSet, media: SplitMedia, settings: PlanSettings) -> ClassScheme:
    if settings.classes == LABELS_ONLY:
        return label_scheme(media, settings.least)
    has_labels = settings.task == "detector"
    return taxa_scheme(found, media, settings.least, has_labels=has_labels)


def _is_usable(example: MediaExample, task: str) -> bool:
    if task == "classifier":
        return any(box.taxon_id for box in example.boxes)
    return example.is_complete


def _can_test(example: MediaExample, task: str) -> bool:
    """A detector is tested on whole events, with the photos whose boxes nobody has confirmed."""
    return task == "detector" or _is_usable(example, task)


def _has_class(example: MediaExample, scheme: ClassScheme) -> bool:
    return any(scheme.name_of(box) in scheme.taxa for box in example.boxes)


def _held(usable: Sequence[MediaExample], teaching: Sequence[MediaExample]) -> dict[str, set[str]]:
    """The classes on each station's photos; a station with photos of people alone can only test."""
    held: dict[str, set[str]] = {example.location_id: set() for example in teaching}
    for example in usable:
        if example.location_id in held:
            kinds = {box.observation_type for box in example.boxes}
            kinds |= {box.taxon_id for box in example.boxes if box.taxon_id}
            held[example.location_id] |= kinds or {BLANK}
    return held


def _next_test(
    testing: Sequence[MediaExample], stations: Mapping[str, Split], before: FrozenTest
) -> FrozenTest:
    now = {name for name, split in stations.items() if split is Split.TEST}
    fresh = now - set(before.stations)
    if not fresh:
        return before
    joined = {example.media_id for example in testing if example.location_id in fresh}
    return FrozenTest(
        version=before.version + 1,
        stations=tuple(sorted({*before.stations, *fresh})),
        media=tuple(sorted({*before.media, *joined})),
    )


def _notes(
    found: TrainingSet, scheme: ClassScheme, test: FrozenTest, before: FrozenTest, *, hidden: int
) -> list[str]:
    notes = []
    if before.version and test.version != before.version:
        joined = ", ".join(sorted(set(test.stations) - set(before.stations)))
        notes.append(
            tr(
                f"Stations {joined} joined the test: its figures cannot be set beside those of "
                f"version {before.version}.",
                f"位点 {joined} 加入测试集：结果不可与第 {before.version} 版直接比较。",
            )
        )
    for name, lacks in scheme.merged.items():
        notes.append(
            tr(
                f"{name} is no class of its own and counts as animal: {lacks}.",
                f"{name} 未单独成类，计为动物：{lacks}。",
            )
        )
    if hidden:
        notes.append(
            tr(
                f"{hidden} photos of people do not teach; they do only with --with-people.",
                f"{hidden} 张含人物的照片未用于训练；仅在加 --with-people 时使用。",
            )
        )
    notes += [f"{_why(reason)}: {count}" for reason, count in found.left_out.items()]
    return notes


def _why(reason: str) -> str:
    return {
        "later": tr("Photos that came after the review", "审核之后加入的照片"),
        "film": tr("Films (photos alone teach)", "视频（仅用照片训练）"),
        "unknown": tr("Photos of events nobody could name", "审核人无法判断的事件的照片"),
        "no_box": tr(
            "Photos without a box in events that are not blank", "非空拍事件中无方框的照片"
        ),
        "too_many": tr("Photos with more boxes than were counted", "方框多于计数的照片"),
    }[reason]
