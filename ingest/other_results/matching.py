r"""Find the survey's own files for the paths of another tool.

The other tool saw copies of the cards in some folder on some computer, with Windows or POSIX
paths, perhaps with other capitals, perhaps with Chinese names composed differently. What its paths
and ours share is their end. A path is matched

1. by folders that name the card: its deployment, the card's own folder, or where the survey keeps
   the file; else
2. by the folders on the card, all files of one foreign folder together, if exactly one deployment
   has them all.

By a bare file name only within one deployment that a person names: every camera begins with
IMG_0001. What stays open is listed, and `--deployment` settles it.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.other_results.reading import plain_path

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardPlace:
    """One file on a card of the survey, and all places where another tool may have seen it."""

    card_import_id: str
    card_path: str
    deployment_id: str
    media_id: str | None
    card_folder: str
    """The folder from which the card was read, as its import has it."""
    file_path: str | None = None
    """Where the survey keeps the original."""


class Unmatched(StrEnum):
    """Why a path of the other tool has no file here."""

    NOT_HERE = "not_in_survey"
    AMBIGUOUS = "ambiguous"
    CLAIMED_TWICE = "claimed_twice"


@dataclass(frozen=True)
class Matches:
    """Which file of the survey each foreign path is, and which are none."""

    found: dict[str, CardPlace]
    unmatched: dict[str, Unmatched]
    by_folder: dict[str, str]
    """Foreign folders that name no card, and the deployment that alone has all their files."""


def match_paths(
    paths: Sequence[str], places: Iterable[CardPlace], *, is_one_deployment: bool = False
) -> Matches:
    """Match foreign paths with the survey's files; `places` are those that may be meant.

    >>> place = CardPlace("c", "DCIM/100MEDIA/IMG_0001.JPG", "MT-01-2026", "m", "SD01")
    >>> theirs = r"D:\\cards\\mt-01-2026\\dcim\\100media\\img_0001.jpg"
    >>> match_paths([theirs], [place]).found[theirs].media_id
    'm'
    """
    by_name: dict[str, list[CardPlace]] = defaultdict(list)
    for place in places:
        for spelling in {_parts(place.card_path)[-1], *_kept_name(place)}:
            by_name[spelling].append(place)
    found: dict[str, CardPlace] = {}
    unmatched: dict[str, Unmatched] = {}
    open_groups: dict[Parts, dict[str, list[CardPlace]]] = defaultdict(dict)
    for path in paths:
        parts = _parts(path)
        candidates = by_name.get(parts[-1], []) if parts else []
        named = _best([(c, _named_length(parts, c)) for c in candidates])
        if len(named) == 1:
            found[path] = named[0]
        elif named:
            unmatched[path] = Unmatched.AMBIGUOUS
        elif candidates:
            folder, fitting = _by_folder(parts, candidates, allows_name=is_one_deployment)
            open_groups[folder][path] = fitting
        else:
            unmatched[path] = Unmatched.NOT_HERE
    by_folder: dict[str, str] = {}
    for folder, group in open_groups.items():
        _settle_group(folder, group, found, unmatched, by_folder)
    _refuse_claims(found, unmatched)
    return Matches(found, unmatched, by_folder)


def _parts(path: str) -> Parts:
    """A path's names as they are compared: one composition, small letters, no drive."""
    return tuple(unicodedata.normalize("NFC", plain_path(path)).casefold().strip("/").split("/"))


def _kept_name(place: CardPlace) -> Iterator[str]:
    if place.file_path is not None:
        yield _parts(place.file_path)[-1]


def _named_length(parts: Parts, place: CardPlace) -> int:
    """How many names a path shares with one that names the card, if it names it at all."""
    card = _parts(place.card_path)
    longest = 0
    for folder in (_parts(place.deployment_id), _parts(place.card_folder)[-1:]):
        whole = (*folder, *card)
        if folder != ("",) and parts[-len(whole) :] == whole:
            longest = max(longest, len(whole))
    if place.file_path is not None:
        kept = _parts(place.file_path)
        if len(kept) > 1 and parts[-2:] == kept[-2:]:
            longest = max(longest, _shared(parts, kept))
    return longest


def _shared(one: Parts, other: Parts) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[-1 - length] == other[-1 - length]:
        length += 1
    return length


def _best(scored: Sequence[tuple[CardPlace, int]]) -> list[CardPlace]:
    """The candidates that fit longest; the same bytes twice on a card are one media."""
    longest = max((length for _, length in scored), default=0)
    return _distinct(c for c, length in scored if length == longest and length > 0)


def _distinct(places: Iterable[CardPlace]) -> list[CardPlace]:
    kept: dict[str, CardPlace] = {}
    for place in places:
        kept.setdefault(place.media_id or f"{place.card_import_id}/{place.card_path}", place)
    return list(kept.values())


def _by_folder(
    parts: Parts, candidates: Sequence[CardPlace], *, allows_name: bool
) -> tuple[Parts, list[CardPlace]]:
    """The foreign folder that a card would have to be, and who fits below it longest."""
    scored = [(c, _shared(parts, _parts(c.card_path))) for c in candidates]
    longest = max(length for _, length in scored)
    fitting = [
        c
        for c, length in scored
        if length == longest and (length > 1 or allows_name or "/" not in c.card_path)
    ]
    return parts[:-longest], fitting


def _settle_group(
    folder: Parts,
    group: dict[str, list[CardPlace]],
    found: dict[str, CardPlace],
    unmatched: dict[str, Unmatched],
    by_folder: dict[str, str],
) -> None:
    """Take all files of one foreign folder for one deployment, or none of them."""
    shared: set[str] | None = None
    for candidates in group.values():
        here = {c.deployment_id for c in candidates}
        shared = here if shared is None else shared & here
    if not shared or len(shared) > 1:
        unmatched.update(dict.fromkeys(group, Unmatched.AMBIGUOUS))
        return
    deployment_id = next(iter(shared))
    for path, candidates in group.items():
        fitting = _distinct(c for c in candidates if c.deployment_id == deployment_id)
        if len(fitting) == 1:
            found[path] = fitting[0]
        else:
            unmatched[path] = Unmatched.AMBIGUOUS
    by_folder["/".join(folder) or "."] = deployment_id


def _refuse_claims(found: dict[str, CardPlace], unmatched: dict[str, Unmatched]) -> None:
    """Take back what two foreign paths claim: which of the two is meant is not known."""
    claims: dict[str, list[str]] = defaultdict(list)
    for path, place in found.items():
        claims[f"{place.card_import_id}/{place.card_path}"].append(path)
    for paths in claims.values():
        if len(paths) > 1:
            for path in paths:
                del found[path]
                unmatched[path] = Unmatched.CLAIMED_TWICE
