"""The gate: places are coarsened, names that tell them are replaced, people are not shown."""

from dataclasses import replace
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

import pytest
from exports import (
    ELEVATION,
    LATITUDE,
    LONGITUDE,
    STATION,
    add_event,
    fill_survey,
    join_later,
    media_of,
    review_what_is_there,
)
from hypothesis import given
from hypothesis import strategies as st

from species_db.sensitivity import (
    ADDED_UNCERTAINTY_M,
    ExactRelease,
    Gate,
    ReleaseError,
    SensitivitySettings,
    closed_media,
    generalise_place,
    open_gate,
)
from species_db.survey import Survey
from species_db.tables import CameraStation

SETTINGS = SensitivitySettings()


def make_gate(**values: object) -> Gate:
    """A closed gate of a survey that knows two place names."""
    gate = Gate("salt", frozenset({"LZ-1", "格当"}), "", None, SETTINGS)
    return replace(gate, **values)


def metres_apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance on a sphere of 6371 km."""
    (north_a, east_a), (north_b, east_b) = (tuple(map(radians, point)) for point in (a, b))
    half = sin((north_b - north_a) / 2) ** 2
    half += cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * 6_371_000 * asin(sqrt(min(1.0, half)))


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.sampled_from(sorted(ADDED_UNCERTAINTY_M)),
    st.integers(0, 500),
)
def test_a_released_place_is_within_half_a_cell_and_its_uncertainty_covers_the_true_one(
    latitude: float, longitude: float, cell: Decimal, uncertainty_m: int
) -> None:
    """Rounding moves a place by half a cell at most, and the stated uncertainty says so."""
    place = generalise_place(
        latitude,
        longitude,
        uncertainty_m=uncertainty_m,
        elevation_m=None,
        settings=SensitivitySettings(cell_degrees=cell),
    )
    half = float(cell) / 2 + 1e-9
    assert abs(float(place.latitude) - latitude) <= half
    assert abs(float(place.longitude) - longitude) <= half
    moved = metres_apart((float(place.latitude), float(place.longitude)), (latitude, longitude))
    assert moved + uncertainty_m <= place.coordinate_uncertainty_m


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(sorted(ADDED_UNCERTAINTY_M)))
def test_every_point_of_a_cell_is_released_alike(
    latitude: float, longitude: float, cell: Decimal
) -> None:
    """Releasing a released place changes nothing: the grid is fixed, so averages tell nothing."""
    settings = SensitivitySettings(cell_degrees=cell)
    once = generalise_place(
        latitude, longitude, uncertainty_m=0, elevation_m=None, settings=settings
    )
    again = generalise_place(
        float(once.latitude),
        float(once.longitude),
        uncertainty_m=0,
        elevation_m=None,
        settings=settings,
    )
    assert once == again


@pytest.mark.parametrize(
    ("cell", "latitude", "added"),
    [
        ("0.001", 29.5, 157),
        ("0.01", 29.5, 1570),
        ("0.1", 29.5, 15691),
        ("0.001", 30.5, 147),
        ("0.01", 30.5, 1470),
        ("0.1", 30.5, 14697),
        ("0.01", 29.996, 1470),  # leaves as 30.00; its own side of 30 N is not told
        ("0.01", 30.004, 1470),
    ],
)
def test_the_added_uncertainty_is_the_published_one(cell: str, latitude: float, added: int) -> None:
    """The uncertainty grows by the published figure of the released latitude."""
    settings = SensitivitySettings(cell_degrees=Decimal(cell))
    place = generalise_place(latitude, 95.1, uncertainty_m=30, elevation_m=None, settings=settings)
    assert place.coordinate_uncertainty_m == 30 + added
    assert place.coordinate_precision == Decimal(cell)


@pytest.mark.parametrize(
    ("elevation", "band"), [(1873.4, (1800, 2000)), (2000.0, (2000, 2200)), (-12.0, (-200, 0))]
)
def test_altitude_leaves_as_a_band(elevation: float, band: tuple[int, int]) -> None:
    """One metre of altitude pins the slope of a gorge, so only the 200 m band is told."""
    place = generalise_place(29.4, 95.6, uncertainty_m=30, elevation_m=elevation, settings=SETTINGS)
    assert (place.minimum_elevation_m, place.maximum_elevation_m) == band


def test_the_gate_is_closed_unless_a_release_is_handed_over(survey: Survey) -> None:
    """Without a release a station's place, name and id stay behind; with one they leave."""
    fill_survey(survey)
    release = ExactRelease("Drolma", "county archive")
    with survey.reading() as session:
        closed = open_gate(session, survey.settings)
        opened = open_gate(session, survey.settings, exact=release)
        station = session.get_one(CameraStation, STATION)
    assert (str(closed.place(station).latitude), closed.notes("at the temple")) == ("29.43", "")
    assert closed.key("station", STATION) != STATION
    exact = opened.place(station)
    assert (float(exact.latitude), float(exact.longitude)) == (LATITUDE, LONGITUDE)
    assert (exact.minimum_elevation_m, exact.coordinate_precision) == (ELEVATION, None)
    assert opened.key("station", STATION) == STATION


@pytest.mark.parametrize(("person", "reason"), [("", "archive"), ("Drolma", " "), ("\n", "")])
def test_an_exact_release_needs_a_person_and_a_reason(person: str, reason: str) -> None:
    """Nobody answers for exact places without a name and a reason."""
    with pytest.raises(ReleaseError, match="person and a reason"):
        ExactRelease(person, reason)


def test_keys_are_stable_in_a_survey_and_unguessable_outside_it(survey: Survey) -> None:
    """The same station has the same key in each export; another survey gives it another key."""
    fill_survey(survey)
    with survey.reading() as session:
        first, second = (open_gate(session, survey.settings) for _ in range(2))
    assert first.key("station", "A") == second.key("station", "A")
    assert first.key("station", "A") != first.key("deployment", "A")
    assert first.key("station", "A") != replace(first, salt="guess").key("station", "A")


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("grazing", True),
        ("grazing at LZ-12", True),
        ("grazing at lz-1", False),
        ("在格当吃草", False),
        ("29.43217", False),
        ("29°25′", False),
    ],
)
def test_a_short_text_leaves_unless_it_tells_a_place(text: str, leaves: bool) -> None:
    """A behaviour may leave, a behaviour that names a plot or holds degrees may not."""
    assert make_gate().words(text) == (text if leaves else "")


@pytest.mark.parametrize(
    ("is_closed", "label", "said", "is_public"),
    [
        (False, None, {"animal"}, True),
        (False, None, {"blank"}, True),
        (True, None, {"animal"}, False),
        (False, None, {"animal", "human"}, False),
        (False, None, set(), False),
        (False, None, {"unclassified"}, False),
        (False, "格当", {"animal"}, False),
        (False, "HYPERFIRE", {"animal"}, True),
    ],
)
def test_a_picture_is_public_only_when_looked_at_and_without_people(
    is_closed: bool, label: str | None, said: set[str], is_public: bool
) -> None:
    """People, unseen pictures and pictures with a printed place name are not public."""
    gate = make_gate()
    answer = gate.is_public(is_closed=is_closed, user_label=label, said=said)
    assert answer is is_public


def test_events_with_people_or_the_team_are_closed_as_a_whole(survey: Survey) -> None:
    """One frame with a person, or a review that says so, closes each frame of the event."""
    told = fill_survey(survey)
    passing = add_event(survey, "blank", "human", "", hours=20)
    setup = add_event(survey, "blank", "blank", hours=30)
    review_what_is_there(survey, setup, observation_type="unknown", camera_setup_type="setup")
    join_later(survey, setup)
    with survey.reading() as session:
        closed = closed_media(session)
    people = (told.person, passing, setup)
    assert closed == {media.media_id for event in people for media in media_of(survey, event)}


def test_an_exact_release_does_not_open_pictures_of_people() -> None:
    """Places and people are released apart."""
    gate = make_gate(exact=ExactRelease("Drolma", "archive"))
    assert not gate.is_public(is_closed=True, user_label=None, said={"animal"})
    assert not gate.is_public(is_closed=False, user_label=None, said={"human"})
