"""What local plausibility promises: the checklist's word where it has one, and never more."""

import pytest
from factories import NINE

from species_db.local_names import read_local_names
from species_db.plausibility import LocalRange, Scene, Verdict, judge_range
from species_db.survey import Survey

MEDOG, ZAYU, BOMI = "540423", "540425", "540424"
SUMMER = LocalRange(frozenset({MEDOG}), 1000, 2400, frozenset({5, 6, 7}))


@pytest.mark.parametrize(
    ("scene", "verdict", "outside"),
    [
        (Scene(MEDOG, 1870.0, 6), "in range", []),
        (Scene(ZAYU, 1870.0, 6), "out of range", ["county"]),
        (Scene(MEDOG, 2499.9, 6), "in range", []),  # the band of the highest record
        (Scene(MEDOG, 2500.0, 6), "out of range", ["elevation"]),
        (Scene(MEDOG, 999.0, 6), "out of range", ["elevation"]),
        (Scene(MEDOG, 1870.0, 12), "out of range", ["season"]),
        (Scene("", None, None), "not known", []),
        (Scene("", None, 6), "in range", []),
    ],
)
def test_county_band_and_season_are_compared_where_both_are_known(
    scene: Scene, verdict: str, outside: list[str]
) -> None:
    """A scene is out of range by each aspect that the sources state and it breaks."""
    judged = judge_range(SUMMER, scene)
    assert (judged.verdict.value, [one.value for one in judged.outside]) == (verdict, outside)


def test_silence_is_not_absence(listed_survey: Survey) -> None:
    """A species whose sources name no county is never out of range, nor one placed in a gorge."""
    with listed_survey.reading() as session:
        names = read_local_names(session, NINE.date())
    scene = Scene(BOMI, 3000.0, 1)
    for name in ("Ursus thibetanus", "Naemorhedus baileyi", "Ursidae"):
        assert names.judge(names.by_name[name], scene).verdict is Verdict.NOT_KNOWN
    assert names.judge(None, scene).verdict is Verdict.NOT_KNOWN


def test_class_one_is_never_blocked(listed_survey: Survey) -> None:
    """A snow leopard in Medog is news; a macaque there is blocked only where it is not known."""
    with listed_survey.reading() as session:
        names = read_local_names(session, NINE.date())
    blocked = names.blocked_at(Scene(BOMI, 900.0))
    assert not blocked(names.lineage_of_name("Panthera uncia"))
    assert not blocked(names.lineage_of_name("Felidae"))
    assert blocked(names.lineage_of_name("Macaca leucogenys"))
    assert not names.blocked_at(Scene(MEDOG, 900.0))(names.lineage_of_name("Macaca leucogenys"))
