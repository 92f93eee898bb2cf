"""Spatial detection histories in the shape that R `secr` reads."""

from datetime import date, timedelta

import pytest

from species_db.analysis.effort import UnitDay
from species_db.analysis.scr import (
    DetectorType,
    IndividualRecord,
    PositionError,
    SpatialHistories,
    captures_text,
    plain_names,
    spatial_histories,
    traps_text,
)
from species_db.language import speaking

FIRST = date(2026, 5, 1)


def on(number: int) -> date:
    """A day of the survey, from 1."""
    return FIRST + timedelta(days=number - 1)


def watched(unit: str, *efforts: float) -> list[UnitDay]:
    """One camera's effort on days in a row from the first."""
    return [UnitDay(unit, on(n), one, one) for n, one in enumerate(efforts, 1)]


DAYS = [*watched("MT_01", 1, 1, 1, 0.5), *watched("MT_02", 0, 0, 1, 1)]
SEEN = [
    IndividualRecord("MT_01", on(1), "leopard 3"),
    IndividualRecord("MT_01", on(2), "leopard 3"),
    IndividualRecord("MT_02", on(3), "F1"),
    IndividualRecord("MT_01", on(4), None),
    IndividualRecord("MT_01", on(4), ""),
    IndividualRecord("MT_02", on(1), "F1"),
    IndividualRecord("MT_02", on(9), "F1"),
    IndividualRecord("MT_09", on(1), "F1"),
]


def laid_out(detector_type: DetectorType = DetectorType.PROXIMITY) -> SpatialHistories:
    """Four days in occasions of two."""
    return spatial_histories(
        DAYS, SEEN, session="2026", occasion_days=2, detector_type=detector_type
    )


def test_captures_say_who_was_where_and_when() -> None:
    """Two visits in an occasion are one capture; effort of each camera stands beside."""
    told = laid_out()
    assert [(c.individual, c.occasion, c.detector) for c in told.captures] == [
        ("F1", 2, "MT_02"),
        ("leopard 3", 1, "MT_01"),
    ]
    assert told.detectors == ("MT_01", "MT_02")
    assert told.usage == ((2.0, 1.5), (0.0, 2.0))
    assert told.individuals == 2


def test_what_no_model_can_use_is_counted_not_lost() -> None:
    """Unknown animals, and records where or when a camera did not work, are told."""
    told = laid_out()
    assert (told.unidentified, told.unwatched) == (2, 3)
    assert len(laid_out(DetectorType.COUNT).captures) + 2 + 3 == len(SEEN)


def test_count_detectors_keep_every_visit() -> None:
    """A camera that counts repeats the line of an animal that came twice."""
    told = laid_out(DetectorType.COUNT)
    assert [c.individual for c in told.captures] == ["F1", "leopard 3", "leopard 3"]


def test_occasions_begin_on_a_day_that_is_given() -> None:
    """Days before are left out, with the records on them."""
    told = spatial_histories(DAYS, SEEN, session="a", occasion_days=2, starts_on=on(2))
    assert told.usage == ((2.0, 0.5), (1.0, 1.0))
    assert [(c.individual, c.occasion) for c in told.captures] == [("F1", 1), ("leopard 3", 1)]
    assert told.unwatched == 4


def test_the_files_are_those_that_secr_reads() -> None:
    """Plain names without blanks or underscores, the same in both files; effort after places."""
    told = [laid_out()]
    assert captures_text(told) == (
        "# Session ID Occasion Detector\n2026 F1 2 MT-02\n2026 leopard-3 1 MT-01\n"
    )
    places = {"MT_01": (526000.0, 3260000.0), "MT_02": (527012.34, 3261000.0)}
    assert traps_text(told, "2026", places) == (
        "# Detector X Y Usage\nMT-01 526000.0 3260000.0 2 1.5\nMT-02 527012.3 3261000.0 0 2\n"
    )


def test_names_stay_apart_when_made_plain() -> None:
    """Two stations that differ by an underscore alone are not made one; R's NA is no name."""
    told = plain_names(["A_1", "A 1", "A-1", "NA", "NONE", "雪豹 一"])
    assert told["A-1"] == "A-1"
    assert len(set(told.values())) == 6
    assert told["雪豹 一"] == "雪豹-一"
    assert not {"NA", "NONE"} & set(told.values())


def test_detectors_are_named_alike_in_all_sessions() -> None:
    """A station's plain name does not depend on the session that is written."""
    other = spatial_histories(
        [*watched("MT 01", 1), *watched("MT_01", 1)],
        [IndividualRecord("MT_01", FIRST, "F1")],
        session="2027",
    )
    both = [laid_out(), other]
    places = dict.fromkeys(("MT 01", "MT_01", "MT_02"), (526000.0, 3260000.0))
    names = {
        line.split()[0]
        for session in ("2026", "2027")
        for line in traps_text(both, session, places).splitlines()[1:]
    }
    used = {line.split()[3] for line in captures_text(both).splitlines()[1:]}
    assert names == {"MT-01", "MT-01-2", "MT-02"} and used <= names


@pytest.mark.parametrize(
    ("places", "english", "chinese"),
    [
        ({"MT_01": (526000.0, 3260000.0)}, "No position for MT_02", "缺少位置：MT_02"),
        ({"MT_01": (94.4, 29.6), "MT_02": (94.5, 29.7)}, "look like degrees", "经纬度"),
    ],
)
def test_positions_must_be_metres_and_whole(
    places: dict[str, tuple[float, float]], english: str, chinese: str
) -> None:
    """A camera without position, or degrees, is refused; the message gives no coordinates."""
    with pytest.raises(PositionError, match=english) as refused:
        traps_text([laid_out()], "2026", places)
    assert "94." not in str(refused.value) and "526000" not in str(refused.value)
    with speaking("zh"), pytest.raises(PositionError, match=chinese):
        traps_text([laid_out()], "2026", places)


def test_no_effort_gives_no_occasions() -> None:
    """Without a camera at work there is nothing but a count of what was left out."""
    told = spatial_histories([], SEEN, session="a")
    assert (told.captures, told.usage, told.unwatched) == ((), (), 6)
