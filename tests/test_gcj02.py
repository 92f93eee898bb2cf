"""The shift of Chinese map apps, against the published point and as its own way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species_db.field.placing import distance_m
from species_db.gcj02 import from_gcj02, is_shifted, to_gcj02

LINZHI, LINZHI_GCJ02 = (29.6490, 94.3615), (29.646310, 94.362665)


def test_the_point_of_linzhi_is_shifted_as_two_packages_say() -> None:
    """STANDARDS 5: 94.3615 E 29.6490 N becomes 94.362665 E 29.646310 N, 320 m away."""
    assert to_gcj02(*LINZHI) == pytest.approx(LINZHI_GCJ02, abs=5e-7)
    assert distance_m(LINZHI, to_gcj02(*LINZHI)) == pytest.approx(320, abs=1)


def test_outside_china_nothing_is_shifted() -> None:
    """A point in the Alps stays where it is, both ways."""
    alps = (47.354184, 10.191316)
    assert not is_shifted(*alps)
    assert to_gcj02(*alps) == from_gcj02(*alps) == alps


@given(st.floats(27.5, 31.0), st.floats(92.0, 99.0))
def test_the_way_back_is_exact(latitude: float, longitude: float) -> None:
    """Anywhere in the prefecture, shifting and shifting back ends within a millimetre."""
    back = from_gcj02(*to_gcj02(latitude, longitude))
    assert distance_m((latitude, longitude), back) < 0.001


def test_the_way_back_settles_to_the_last_digit() -> None:
    """Shifting the place that the way back gives meets the GCJ-02 numbers to a micrometre."""
    for latitude, longitude in [(27.6, 92.2), (29.37, 94.36), (30.9, 98.7), (40.0, 116.4)]:
        again = to_gcj02(*from_gcj02(latitude, longitude))
        assert again == pytest.approx((latitude, longitude), abs=1e-11)


def test_the_shift_in_the_prefecture_is_some_hundred_metres() -> None:
    """The shift lies between 200 and 500 m all over the prefecture, so that it can be noticed."""
    shifts = [
        distance_m((lat / 10, lon / 10), to_gcj02(lat / 10, lon / 10))
        for lat in range(275, 310, 5)
        for lon in range(920, 990, 5)
    ]
    assert min(shifts) > 200 and max(shifts) < 500
