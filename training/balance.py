"""The class balance of a training set: what each class has to learn from, split by split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from species_db.language import tr
from species_db.training_set import MediaExample
from training.scheme import ClassScheme, SplitMedia
from training.splits import Split

BLANK = "blank"


@dataclass(frozen=True)
class Share:
    """What one class has in one split; photos without boxes are the class `blank`."""

    boxes: int = 0
    media: int = 0
    events: int = 0
    stations: int = 0
    day: int = 0  # photos in colour
    grey: int = 0  # photos in infrared; the rest was never measured


Balance = Mapping[str, Mapping[Split, Share]]  # by class, then by split


def balance_of(media: SplitMedia, scheme: ClassScheme) -> Balance:
    """Count boxes, photos, events and stations of each class in each split."""
    return {
        name: {split: _share(media.get(split, ()), name, scheme) for split in Split}
        for name in (*scheme.names, BLANK)
    }


def balance_text(balance: Balance) -> str:
    """The balance as a table for people.

    >>> share = {Split.TRAIN: Share(60, 40, 20, 3, 30, 10), Split.VAL: Share(), Split.TEST: Share()}
    >>> print(balance_text({"animal": share}))
    class    split  boxes  photos  events  stations  day  grey
    animal   train     60      40      20         3   30    10
    animal   val        0       0       0         0    0     0
    animal   test       0       0       0         0    0     0
    """
    wide = max([8, *map(len, balance)])
    head = tr(
        f"{'class':<{wide}} split  boxes  photos  events  stations  day  grey",
        f"{'类别':<{wide}} 划分  方框  照片  事件  位点  白天  红外",
    )
    rows = [
        f"{name:<{wide}} {split.value:<5}  {s.boxes:>5}  {s.media:>6}  {s.events:>6}  "
        f"{s.stations:>8}  {s.day:>3}  {s.grey:>4}"
        for name, by_split in balance.items()
        for split, s in by_split.items()
    ]
    return "\n".join([head, *rows])


def _share(examples: Sequence[MediaExample], name: str, scheme: ClassScheme) -> Share:
    counts = [(example, _count(example, name, scheme)) for example in examples]
    holding = [example for example, count in counts if count or _is_blank(example, name)]
    return Share(
        boxes=sum(count for _, count in counts),
        media=len(holding),
        events=len({example.event_id for example in holding}),
        stations=len({example.location_id for example in holding}),
        day=sum(example.is_grey is False for example in holding),
        grey=sum(example.is_grey is True for example in holding),
    )


def _count(example: MediaExample, name: str, scheme: ClassScheme) -> int:
    return sum(scheme.name_of(box) == name for box in example.boxes)


def _is_blank(example: MediaExample, name: str) -> bool:
    return name == BLANK and example.is_blank
