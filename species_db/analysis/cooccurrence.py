"""Taxa that share stations more or less than chance would have it, and animals that keep away.

Both questions compare what was seen with what chance gives: for stations the exact distribution of
Veech (2013), for times the same events shifted to other days. Neither shows that one taxon minds
the other: two that love the same valley share stations, and a taxon that was missed where it lives
counts as absent.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from species_db.language import tr

LEVEL = 0.95


class Togetherness(StrEnum):
    """What the comparison of two taxa by station says."""

    TOGETHER = "together"
    APART = "apart"
    NOT_CLEAR = "not_clear"
    TOO_FEW = "too_few"  # whatever had been seen could not have been clear

    @property
    def words(self) -> str:
        """The answer in the reader's language."""
        return {
            Togetherness.TOGETHER: tr("more often together than by chance", "同现多于随机"),
            Togetherness.APART: tr("less often together than by chance", "同现少于随机"),
            Togetherness.NOT_CLEAR: tr("not clear", "不明确"),
            Togetherness.TOO_FEW: tr("too few stations to tell", "点位太少，无法判断"),
        }[self]


@dataclass(frozen=True)
class PairTogether:
    """Two taxa by station: at how many each was recorded, both were, and chance expects both.

    `effect` is observed less expected as a share of all stations, from -1 to 1 (Griffith, Veech &
    Marsh 2016, J. Stat. Softw. 69, code snippet 2). `fewer` and `more` are the chances of as few
    or as many shared stations; `p` is twice the smaller; `adjusted` is `p` for the number of pairs
    that were asked about, None when the pair could not have been clear and was not asked.
    """

    first: str
    second: str
    stations: int
    first_at: int
    second_at: int
    observed: int
    expected: float
    effect: float
    fewer: float
    more: float
    p: float
    adjusted: float | None
    answer: Togetherness


def co_occurrence(
    stations_of: Mapping[str, Collection[str]], *, stations: Collection[str]
) -> list[PairTogether]:
    """Compare all pairs of taxa over the stations that were watched.

    `stations` are those with effort enough for both taxa; records elsewhere stay out. The number
    of shared stations is hypergeometric when taxa choose stations without regard to each other
    (Veech 2013, Glob. Ecol. Biogeogr. 22:252; Griffith, Veech & Marsh 2016). Pairs that no outcome
    could have made clear (Tarone 1990, Biometrics 46:515) are "too few"; the others are asked at a
    false discovery rate of 5 per cent (Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57:289): of
    pairs called together or apart, one in twenty is expected to be chance.

    >>> watched = [f"S{n}" for n in range(20)]
    >>> told = co_occurrence({"goral": watched[:10], "dog": watched[10:]}, stations=watched)
    >>> told[0].observed, told[0].expected, told[0].effect, told[0].answer.value
    (0, 5.0, -0.25, 'apart')
    """
    from scipy.stats import false_discovery_control  # takes seconds to load

    watched = set(stations)
    found = {taxon: watched & set(at) for taxon, at in sorted(stations_of.items())}
    pairs = [
        _pair(a, b, found, len(watched)) for a, b in combinations(found, 2) if found[a] and found[b]
    ]
    asked = [pair for pair, can_be_clear in pairs if can_be_clear]
    levels = false_discovery_control([pair.p for pair in asked]).tolist() if asked else []
    adjusted = {(p.first, p.second): level for p, level in zip(asked, levels, strict=True)}
    return [_answered(pair, adjusted.get((pair.first, pair.second))) for pair, _ in pairs]


def _pair(
    first: str, second: str, found: Mapping[str, set[str]], stations: int
) -> tuple[PairTogether, bool]:
    from scipy.stats import hypergeom

    one, two = len(found[first]), len(found[second])
    observed = len(found[first] & found[second])
    chance = hypergeom(stations, one, two)
    fewer, more = float(chance.cdf(observed)), float(chance.sf(observed - 1))
    least, most = max(0, one + two - stations), min(one, two)
    clearest = 2 * min(float(chance.cdf(least)), float(chance.sf(most - 1)))
    expected = one * two / stations
    pair = PairTogether(
        first=first,
        second=second,
        stations=stations,
        first_at=one,
        second_at=two,
        observed=observed,
        expected=expected,
        effect=(observed - expected) / stations,
        fewer=fewer,
        more=more,
        p=min(1.0, 2 * min(fewer, more)),
        adjusted=None,
        answer=Togetherness.TOO_FEW,
    )
    return pair, clearest <= 1 - LEVEL


def _answered(pair: PairTogether, adjusted: float | None) -> PairTogether:
    if adjusted is None:
        return pair
    answer = Togetherness.NOT_CLEAR
    if adjusted <= 1 - LEVEL:
        is_more = pair.observed > pair.expected
        answer = Togetherness.TOGETHER if is_more else Togetherness.APART
    return replace(pair, adjusted=adjusted, answer=answer)
