"""A small season of synthetic cards: what was planted is found, and nothing on the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from season import BEIJING, Card, season, write_card
from season_found import Found, examine, import_season, measure

CARDS = 10


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Found]]:
    """The first ten cards of the season, imported, measured and examined, by what was planted."""
    cards = season(CARDS)
    survey, receipts = import_season(tmp_path_factory.mktemp("season"), cards)
    measure(survey)
    yield {c.kind: examine(survey, c, receipts[c.deployment_id]) for c in cards}
    survey.close()


def test_the_season_is_the_same_every_time() -> None:
    """Times, names and faults follow from the seed, so that a figure can be shown again."""
    first, second = season(CARDS), season(CARDS)
    assert [card.truth for card in first] == [card.truth for card in second]
    assert [card.shown for card in first] == [card.shown for card in second]


def test_a_whole_season_has_forty_cards_of_which_many_are_clean() -> None:
    """Forty deployments, at least twelve without any fault, each of 60 to 700 pictures."""
    cards = season()
    assert len({card.deployment_id for card in cards}) == 40
    assert sum(card.kind.startswith("clean") for card in cards) >= 12
    assert all(60 <= len(card.shots) <= 700 for card in cards)


def test_every_clean_card_is_left_alone(found: dict[str, Found]) -> None:
    """No correction is proposed for a right clock: a wrong proposal on a right card is a bug."""
    right = [one for one in found.values() if not one.card.clock_faults]
    assert len(right) == 5
    assert [proposal for one in right for proposal in one.false] == []
    assert all(one.error_after == one.error_before < 300 for one in right)


@pytest.mark.parametrize("kind", ["UTC", "AM/PM", "wrong year", "reset, battery changed"])
def test_a_wrong_clock_is_found_and_mended(found: dict[str, Found], kind: str) -> None:
    """The right correction is proposed, nothing else, and mends times as well as it states."""
    one = found[kind]
    assert one.error_before > 6 * 3600
    assert (len(one.right), one.missed, one.false) == (1, [], [])
    assert one.is_within_uncertainty


def test_a_drift_is_mended_by_two_boards(found: dict[str, Found]) -> None:
    """Two photos of the team's board leave a minute of a drift of nearly nine."""
    one = found["drift"]
    assert (one.error_before > 500, one.false) == (True, [])
    assert one.error_after <= one.uncertainty == 60


def test_snow_on_the_lens_is_seen_and_nothing_else(found: dict[str, Found]) -> None:
    """Eight of eleven snowed-in days at least, and no day of another camera."""
    for one in found.values():
        wrong = {pair: n for pair, n in one.days.items() if pair[0] != pair[1]}
        assert sum(n for (planted, _), n in wrong.items() if planted == "working") == 0
    assert found["snow"].days["blocked", "blocked"] >= 8


def test_last_seasons_files_are_listed(found: dict[str, Found]) -> None:
    """A card that was not wiped adds its new files, and lists the old ones as duplicates."""
    one = found["duplicates"]
    assert one.card.unwiped is not None
    assert one.receipt.duplicates == len(one.card.unwiped.names)
    assert one.receipt.stored == len(one.card.names)
    assert one.receipt.safe_to_wipe


def test_a_smaller_season_is_the_beginning_of_the_whole() -> None:
    """The cards of a test are those of the benchmark, so that one explains the other."""

    def names(cards: list[Card]) -> list[tuple[str, str]]:
        return [(card.deployment_id, card.kind) for card in cards]

    assert names(season(CARDS)) == names(season())[:CARDS]


def test_cards_are_written_with_the_time_of_the_camera(tmp_path: Path) -> None:
    """A file's modification time is the camera's clock too, as on a real card."""
    card = season(1)[0]
    card.names, card.shots, card.shown = card.names[:2], card.shots[:2], card.shown[:2]
    folder = write_card(card, tmp_path)
    stamps = [(folder / name).stat().st_mtime for name in card.names]
    assert stamps == [shown.replace(tzinfo=BEIJING).timestamp() for shown in card.shown]
