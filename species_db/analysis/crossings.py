"""Whether an animal came through a passage, and which way: only as far as a person wrote it down.

A photo at the mouth shows that an animal was there. It may have turned back, so a visit without a
word on it is neither a crossing nor a refusal.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# What people write, the refusals first: "did not cross" holds "cross". Chinese words need no gaps.
TURNED_BACK = re.compile(
    r"\b(?:did\s+not|didn't|not|no)\s+(?:cross\w*|pass\w*|enter\w*)|\bturn(?:ed|ing|s)?\s+back\b"
    r"|折返|返回|(?:[未没]能?|没有|不能|无法)(?:通过|穿[越过])",
    re.IGNORECASE,
)
CAME_THROUGH = re.compile(
    r"\b(?:cross(?:ed|es|ing)?|pass(?:ed|es|ing)?\s+through|c[ao]me?s?\s+through)\b"
    r"|穿越|穿过|通过",
    re.IGNORECASE,
)
EDGES = " \t,.;:()|/-—，。；：（）、"


@dataclass(frozen=True)
class Crossings:
    """Visits by what became of them; `ways` counts those through by the direction as written."""

    through: int
    turned_back: int
    not_known: int
    ways: Mapping[str, int]

    @property
    def is_known(self) -> bool:
        """Whether anything was written of any visit."""
        return bool(self.through or self.turned_back)


def crossings(behaviors: Iterable[str]) -> Crossings:
    """Count visits through, turned back and not known, from what people wrote of each.

    What is left beside the word is the direction, in the writer's own terms.

    >>> told = crossings(["crossing: north to south", "穿越，自北向南", "turned back", ""])
    >>> told.through, told.turned_back, told.not_known, sorted(told.ways)
    (2, 1, 1, ['north to south', '自北向南'])
    """
    through = turned_back = not_known = 0
    ways = Counter[str]()
    for behavior in behaviors:
        if TURNED_BACK.search(behavior):
            turned_back += 1
        elif CAME_THROUGH.search(behavior):
            through += 1
            if way := _way(behavior):
                ways[way] += 1
        else:
            not_known += 1
    return Crossings(through, turned_back, not_known, dict(sorted(ways.items())))


def _way(behavior: str) -> str:
    """What else the part of the text says that holds the word; other parts are other behaviour."""
    part = next(one for one in behavior.split("|") if CAME_THROUGH.search(one))
    return " ".join(CAME_THROUGH.sub(" ", part).split()).strip(EDGES)
