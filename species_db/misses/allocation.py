"""How many events of each stratum a sample opens."""

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")
LEAST = 2  # of a stratum: one opening alone says nothing of how strata differ


def allocate(
    held: Mapping[Key, int],
    total: int,
    *,
    least: int = LEAST,
    weights: Mapping[Key, float] | None = None,
) -> dict[Key, int]:
    """Share a sample out over strata: in proportion to their events, with a least number in each.

    Where the total does not reach for the least number everywhere, it is shared by proportion
    alone. With `weights` these stand instead of the events held, and no least number holds: an
    advice says where further openings tell most. No stratum gives more than it holds.

    >>> allocate({"a": 900, "b": 90, "c": 1}, 100)
    {'a': 89, 'b': 10, 'c': 1}
    >>> allocate({"a": 900, "b": 90}, 20, weights={"a": 1.0, "b": 3.0})
    {'a': 5, 'b': 15}
    """
    total = min(total, sum(held.values()))
    floor = {key: min(least, count) for key, count in held.items() if count > 0}
    if weights is not None or sum(floor.values()) > total:
        floor = dict.fromkeys(floor, 0)
    wanted = {key: float(held[key]) for key in floor}
    if weights is not None:
        wanted = {key: max(weights.get(key, 0.0), 0.0) for key in floor}
        if not any(wanted.values()):
            wanted = {key: float(held[key]) for key in floor}
    given = dict(floor)
    while (left := total - sum(given.values())) > 0:
        open_keys = [key for key in given if given[key] < held[key]]
        whole = sum(wanted[key] for key in open_keys)
        if whole == 0:  # what is wanted is given whole: the rest by size
            wanted = {key: float(held[key]) for key in given}
            whole = sum(wanted[key] for key in open_keys)
        parts = {key: left * wanted[key] / whole for key in open_keys}
        added = {key: min(held[key] - given[key], int(part)) for key, part in parts.items()}
        if not any(added.values()):  # the largest remainders take what is left, one each
            order = sorted(open_keys, key=lambda one: -(parts[one] % 1))
            added = dict.fromkeys(order[:left], 1)
        for key, more in added.items():
            given[key] += more
    return given
