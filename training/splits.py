"""Which camera stations teach, which choose the threshold, and which only ever test.

Photos of one station share their background, their light and often the same animals. A model that
saw some of them has seen the others: split by photo it looks good and fails at the next station
(Beery, Van Horn and Perona 2018, Recognition in Terra Incognita). So stations are split, never
photos, and a station that tests never teaches afterwards.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from species_db.language import tr

Held = Mapping[str, Collection[str]]  # by station, the classes on its photos


class Split(StrEnum):
    """What a station is there for."""

    TRAIN = "train"
    VAL = "val"  # the threshold is chosen on it
    TEST = "test"  # champion and challenger are compared on it, and nothing else is


@dataclass(frozen=True)
class SplitSettings:
    """How many stations are set apart."""

    # A fifth tests: with fewer, the interval over stations is too wide to tell models apart.
    test_share: float = 0.2
    # One threshold is chosen on these; few boxes are enough for that.
    val_share: float = 0.15
    # To give every class a test station, at most this share tests.
    most_tested: float = 0.34
    seed: int = 7
    # One station for each purpose, else nothing that is measured means anything.
    least_stations: int = 3


class SplitError(Exception):
    """There are too few camera stations to learn from some and test on others."""


def split_stations(
    held: Held,
    *,
    essential: Collection[str] = (),
    frozen_test: Collection[str] = (),
    taught: Collection[str] = (),
    settings: SplitSettings | None = None,
) -> dict[str, Split]:
    """Give each station its split; the same stations and seed give the same on every laptop.

    `frozen_test` are stations that tested before and go on testing; `taught` are stations that any
    earlier round taught or chose thresholds on, which can never test: the champion may know them.
    `essential` are classes without which a split is worth nothing: they go before all others.
    A class at one station teaches, at two it teaches and is tested, at three or more it is in each
    split, as far as stations that hold several classes allow.

    Raises:
        SplitError: too few stations.

    >>> held = {name: {"animal"} for name in ("MT-01", "MT-02", "MT-03", "MT-04")}
    >>> sorted(str(split) for split in split_stations(held).values())
    ['test', 'train', 'train', 'val']
    """
    settings = settings or SplitSettings()
    in_order = sorted(held, key=lambda station: _lot(station, settings.seed))
    frozen = [station for station in in_order if station in frozen_test]
    free = [station for station in in_order if station not in frozen_test]
    fresh = [station for station in free if station not in taught]
    _refuse_few(len(held), free, frozen, fresh, settings)
    test = _pick(
        held,
        fresh,
        chosen=frozen,
        rest=free,
        essential=essential,
        wanted=round(settings.test_share * len(held)),
        most=int(settings.most_tested * len(held)),
    )
    rest = [station for station in free if station not in test]
    val = _pick(
        held,
        rest,
        chosen=[],
        rest=rest,
        essential=essential,
        wanted=round(settings.val_share * len(held)),
        most=int(settings.most_tested * len(rest)),
    )
    place = {**dict.fromkeys(test, Split.TEST), **dict.fromkeys(val, Split.VAL)}
    return {station: place.get(station, Split.TRAIN) for station in sorted(held)}


def _refuse_few(
    count: int,
    free: Sequence[str],
    frozen: Sequence[str],
    fresh: Sequence[str],
    settings: SplitSettings,
) -> None:
    needs = settings.least_stations
    if count < needs:
        raise SplitError(
            tr(
                f"{count} camera stations have reviewed photos to learn from; at least {needs} are "
                "needed, since one must teach, one choose the threshold and one test. Review "
                "events of more stations.",
                f"只有 {count} 个相机位点具有可用于训练的已审核照片；至少需要 {needs} 个："
                "分别用于训练、选定阈值和测试。请先审核更多位点的事件。",
            )
        )
    if not frozen and not fresh:
        raise SplitError(
            tr(
                f"All {count} stations have taught before, so none can test fairly. Review events "
                "of a new station.",
                f"全部 {count} 个位点均已用于训练，无法公平测试。请审核新位点的事件。",
            )
        )
    if len(free) + (0 if frozen else -1) < 2:
        raise SplitError(
            tr(
                f"{len(frozen)} of {count} stations are kept for the test; the {len(free)} others "
                "do not suffice to teach and to choose the threshold. Review events of more "
                "stations.",
                f"{count} 个位点中有 {len(frozen)} 个固定用于测试；其余 {len(free)} 个不足以"
                "训练并选定阈值。请审核更多位点的事件。",
            )
        )


def _pick(
    held: Held,
    among: Sequence[str],
    *,
    chosen: Sequence[str],
    rest: Sequence[str],
    essential: Collection[str],
    wanted: int,
    most: int,
) -> set[str]:
    """Choose stations so that each class has one, then up to the wanted number, by lot.

    A station that alone still teaches one of its classes is left, unless nothing else would be.
    """
    picked = set(chosen)
    most = min(max(most, wanted, 1), len(picked) + len(rest) - 1)

    def takes_last(station: str) -> int:
        others = [held[other] for other in rest if other != station and other not in picked]
        return sum(all(kind not in other for other in others) for kind in held[station])

    holders = {
        kind: [station for station in among if kind in held[station]]
        for station in among
        for kind in held[station]
    }
    for kind in sorted(holders, key=lambda k: (k not in essential, len(holders[k]), k)):
        if any(kind in held[station] for station in picked) or len(picked) >= most:
            continue
        able = [station for station in holders[kind] if not takes_last(station)]
        if kind in essential and len(holders[kind]) > 1:
            able = sorted(holders[kind], key=takes_last)
        picked.update(able[:1])
    for station in among:
        if len(picked) < max(wanted, 1) and station not in picked and not takes_last(station):
            picked.add(station)
    if not picked:
        picked.add(min(among, key=takes_last))
    return picked


def _lot(station: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{station}".encode()).hexdigest()
