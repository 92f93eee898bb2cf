"""Look for what is provably wrong with the clock of a card, and propose what mends it (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from ingest.clock.facts import (
    CardFacts,
    ClockFindings,
    ClockSettings,
    FileFacts,
    Note,
    Placement,
)
from ingest.clock.found import Bounds, Found, bounds_of, local
from ingest.clock.hours import find_hours
from ingest.clock.outside import find_outside
from ingest.clock.stretches import Side, Stretch, cut
from species_db.clock import Proposal, file_order
from species_db.vocabulary import ClockCause

DEFAULT_SETTINGS = ClockSettings()
HALVED = 0.5  # what a contradiction of the sun leaves of a rule's confidence


def find_clock_faults(
    card: CardFacts, placement: Placement, settings: ClockSettings = DEFAULT_SETTINGS
) -> ClockFindings:
    """Propose corrections for one card of a deployment; nothing is applied.

    A card is one camera's: where files of several cameras lie together, file order proves
    nothing, and nothing is proposed. The same holds for files that were renamed out of order.
    """
    several = _several_cameras(card.files)
    if several is not None:
        return ClockFindings(notes=(several,))
    ordered = in_camera_order(card.files)
    stretches = cut(ordered, placement, settings)
    proposals: list[Proposal] = []
    notes: list[Note] = []
    for index, stretch in enumerate(stretches):
        if stretch.is_settled:
            continue
        bounds = bounds_of(stretches, index, placement, settings)
        found: Found | None = None
        if len(stretch.files) < settings.least_files:
            found = None
        elif stretch.side is Side.INSIDE:
            found, verdict = find_hours(stretch, bounds, placement, settings)
            if found is None and verdict.is_wrong:
                notes.append(_off_by_sun(stretch, [f"{m}"[:-3] for m in verdict.mends]))
        else:
            found = find_outside(stretch, bounds, placement, settings)
            found = found and _asked_of_the_sun(stretch, bounds, found, placement, settings)
        if found is not None:
            proposals.append(_proposal(card, ordered, stretch, found))
        else:
            notes += _unexplained(stretch, placement)
    return ClockFindings(tuple(proposals), tuple(notes))


def in_camera_order(files: Iterable[FileFacts]) -> list[FileFacts]:
    """Put files in the order in which the camera wrote them.

    Some cameras count clips apart from photos; where one order of all runs back and forth, the
    larger series alone is judged.
    """
    ordered = sorted(files, key=lambda one: file_order(one.card_path))
    series: dict[str, list[FileFacts]] = {}
    for one in ordered:
        series.setdefault(_series(one.card_path), []).append(one)
    main = max(series.values(), key=len, default=[])
    return main if _steps_back(main) < _steps_back(ordered) else ordered


def _series(card_path: str) -> str:
    name = card_path.rpartition("/")[2].lower()
    stem, _, suffix = name.rpartition(".")
    return "".join(c for c in stem if not c.isdigit()) + "." + suffix


def _steps_back(files: Sequence[FileFacts]) -> int:
    times = [one.time for one in files if one.time is not None]
    return sum(later < earlier for earlier, later in pairwise(times))


def _several_cameras(files: Iterable[FileFacts]) -> Note | None:
    serials = {one.serial_number for one in files if one.serial_number}
    models = {one.model for one in files if one.model and not one.is_film}
    for names, what, told in ((serials, "serial numbers", "序列号"), (models, "models", "型号")):
        if len(names) > 1:
            shown = ", ".join(sorted(names)[:4])
            return Note(
                f"Files of several cameras lie on this card ({what} {shown}): their order proves "
                "nothing of a clock, so nothing is proposed.",
                f"此卡含多台相机的文件({told} {shown}):文件顺序不能说明时钟问题,不作建议。",
            )
    return None


def _asked_of_the_sun(
    stretch: Stretch, bounds: Bounds, found: Found, placement: Placement, settings: ClockSettings
) -> Found:
    """Let the sun speak for or against a shift of days or years, and add the hours it misses.

    Who sets a wrong year may set a wrong half of the day with it.
    """
    moved = replace(
        stretch,
        files=tuple(replace(f, time=_time_of(f) + found.shift) for f in stretch.files),
    )
    hours, verdict = find_hours(moved, bounds, placement, settings)
    if hours is not None and found.cause is ClockCause.WRONG_YEAR:
        return replace(
            found,
            shift=found.shift + hours.shift,
            uncertainty=max(found.uncertainty, hours.uncertainty),
            confidence=min(found.confidence, hours.confidence),
            symptoms=(*found.symptoms, *hours.symptoms),
        )
    usual = settings.wrong_share if verdict.is_able else settings.mended_share
    agrees = verdict.before.share <= usual
    if agrees and not verdict.is_able:
        return found
    return replace(
        found,
        confidence=found.confidence if agrees else found.confidence * HALVED,
        symptoms=(*found.symptoms, verdict.before.symptom("after")),
    )


def _proposal(
    card: CardFacts, ordered: Sequence[FileFacts], stretch: Stretch, found: Found
) -> Proposal:
    first, last = stretch.files[0].card_path, stretch.files[-1].card_path
    dated = [one.card_path for one in ordered if one.time is not None]
    return Proposal(
        card_import_id=card.card_import_id,
        first_card_path=None if first == dated[0] else first,
        last_card_path=None if last == dated[-1] else last,
        cause=found.cause,
        offset=found.shift,
        uncertainty=found.uncertainty,
        confidence=found.confidence,
        symptoms=found.symptoms,
        detector=found.detector,
    )


def _unexplained(stretch: Stretch, placement: Placement) -> list[Note]:
    first, last = stretch.files[0].card_path, stretch.files[-1].card_path
    notes = []
    if stretch.side is not Side.INSIDE:
        span = f"{local(stretch.first, placement)} – {local(stretch.last, placement)}"
        count = len(stretch.files)
        notes.append(
            Note(
                f"{count} files ({first} to {last}) lie outside the deployment ({span}), and "
                "nothing proves by how much their clock is off. Files of an earlier season, or "
                "tests before set-up?",
                f"{count} 个文件({first} 至 {last})在布设期之外({span}),无法证明时钟差多少。"
                "是否为上一季的文件,或布设前的测试?",
            )
        )
    elif stretch.came_back_from is not None:
        front = stretch.came_back_from
        shown = local(_time_of(front), placement)
        notes.append(
            Note(
                f"Time runs backwards at {first}: it says {local(stretch.first, placement)}, the "
                f"file in front of it {shown}. Both lie in the deployment; anchor a photo of a "
                "known time if the clock was set there.",
                f"从 {first} 起时间倒退:它为 {local(stretch.first, placement)},前一个文件为 "
                f"{shown}。两者都在布设期内;若曾在此调过时钟,请用已知时间的照片作锚点。",
            )
        )
    return notes


def _off_by_sun(stretch: Stretch, mends: Sequence[str]) -> Note:
    first, last = stretch.files[0].card_path, stretch.files[-1].card_path
    span = f"{mends[0]} – {mends[-1]} h"
    return Note(
        f"The sun contradicts the clock of {first} to {last}; {span} later (or whole days less) "
        "would agree. Anchor a photo of a known time.",
        f"{first} 至 {last} 的时钟与太阳不符;加 {span}(或再减整天)才相符。"
        "请用已知时间的照片作锚点。",
    )


def _time_of(file: FileFacts) -> datetime:
    if file.time is None:
        raise ValueError(f"{file.card_path} is undated")
    return file.time
