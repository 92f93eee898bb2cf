"""Whether new weights may take the place of others: stated before measuring, kept on the card."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.evaluate import Answer, match_boxes, score


@dataclass(frozen=True)
class Bout:
    """One measure of the challenger beside the champion's."""

    name: str
    champion: float
    challenger: float
    is_passed: bool


@dataclass(frozen=True)
class Verdict:
    """Whether the challenger may be promoted, and by which measures."""

    is_promoted: bool
    bouts: tuple[Bout, ...]


def judge(
    champion: Sequence[Answer],
    challenger: Sequence[Answer],
    *,
    labels: Sequence[str],
    champion_threshold: float,
    threshold: float,
) -> Verdict:
    """Promote only what finds more animals at equal precision, more people, and flags fewer blanks.

    Animals: recall at the precision that the champion has at its threshold must be higher. People:
    at their thresholds the challenger must be better in recall or precision and worse in neither.
    Vehicles: as many found as before but for one. Blanks: a smaller share flagged, at the
    thresholds too, since a reviewer opens each.
    """
    before = score(champion, threshold=champion_threshold, labels=labels)
    after = score(challenger, threshold=threshold, labels=labels)
    old = {one.label: one for one in before.by_class}
    new = {one.label: one for one in after.by_class}
    precision = old["animal"].precision
    recall = recall_at_precision(challenger, "animal", precision)
    people, earlier = new["person"], old["person"]
    is_better = (people.recall, people.precision) != (earlier.recall, earlier.precision)
    is_worse = people.recall < earlier.recall or people.precision < earlier.precision
    vehicles, cars = new["vehicle"], old["vehicle"]
    flagged, now_flagged = (one.blanks_flagged / max(1, one.blanks) for one in (before, after))
    bouts = (
        Bout(
            f"animal: recall at precision {precision:.2f}",
            old["animal"].recall,
            recall,
            recall > old["animal"].recall,
        ),
        Bout("person: recall", earlier.recall, people.recall, is_better and not is_worse),
        Bout("person: precision", earlier.precision, people.precision, is_better and not is_worse),
        Bout("vehicle: recall", cars.recall, vehicles.recall, vehicles.hits >= cars.hits - 1),
        Bout("blanks flagged", flagged, now_flagged, now_flagged < flagged),
    )
    return Verdict(all(bout.is_passed for bout in bouts), bouts)


def recall_at_precision(answers: Sequence[Answer], label: str, precision: float) -> float:
    """The highest share of known boxes found at any threshold that keeps at least this precision.

    0 where no threshold does.
    """
    known_count, ranked = 0, []
    for answer in answers:
        known = [k for k in answer.known if k.label == label]
        known_count += len(known)
        pairs = match_boxes(known, [d for d in answer.found if d.label == label])
        ranked += [(detection.score, taken is not None) for detection, taken in pairs]
    best = hits = 0
    for number, (_, is_hit) in enumerate(sorted(ranked, key=lambda pair: -pair[0]), start=1):
        hits += is_hit
        if hits / number >= precision:
            best = hits
    return best / known_count if known_count else 0.0
