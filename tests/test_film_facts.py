"""What films say of themselves: length, size and time, and every way in which they are broken."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from films import KINDS, make_film, with_idit
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.metadata import MediaFacts, MediaKind, ProblemCode, read_facts
from models.film import sample_frames

UTC_TAG = {"creation_time": "2026-05-01T06:30:00Z"}
WHOLE = make_film("h264.mp4", seconds=2, tags=UTC_TAG)


def codes(facts: MediaFacts) -> set[str]:
    """What is wrong with a film."""
    return {str(problem.code) for problem in facts.problems}


@pytest.mark.parametrize("kind", KINDS)
def test_length_and_size_of_every_kind(kind: str) -> None:
    """Length, frame size, frame rate and coding are read from every kind of film."""
    facts = read_facts(make_film(kind, seconds=4), file_name="DSCF0001")
    assert (facts.kind, facts.media_type) == (MediaKind.VIDEO, KINDS[kind][2])
    assert (facts.duration_s, facts.frame_rate) == (4.0, 5.0)
    assert (facts.width, facts.height) == (160, 120)
    assert facts.codec == KINDS[kind][1].removeprefix("lib").replace("x264", "h264")
    assert facts.is_usable


def test_a_large_film_is_read_from_its_file(tmp_path: Path) -> None:
    """With only the first bytes in memory, the rest is read where it lies."""
    (tmp_path / "part").write_bytes(WHOLE)
    facts = read_facts(WHOLE[:64], file_name="DSCF0001.MP4", file=tmp_path / "part")
    assert facts.is_usable and facts.duration_s == 2.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.9999])
def test_a_film_cut_short_is_named(kind: str, share: float) -> None:
    """A film that was cut anywhere, even by a few bytes, is a problem and stays out."""
    whole = make_film(kind, seconds=2)
    facts = read_facts(whole[: int(len(whole) * share)], file_name="DSCF0001")
    assert not facts.is_usable
    assert codes(facts) & {"truncated", "not_media"}


def test_a_film_without_frames_is_named() -> None:
    """A film whose recording never began is a problem, as is an empty or a text file."""
    without = read_facts(make_film("mjpeg.avi", seconds=0), file_name="IMG_0001.AVI")
    assert not without.is_usable and "unreadable" in codes(without)
    assert codes(read_facts(b"", file_name="IMG_0001.AVI")) == {"empty_file"}
    assert codes(read_facts(b"not a film at all", file_name="IMG_0001.AVI")) == {"not_media"}


def test_notes_in_another_encoding_do_not_cost_the_film(tmp_path: Path) -> None:
    """A film whose camera signs itself in GBK is read and decoded like any other."""
    film = make_film("mjpeg.avi", seconds=2, tags={"title": "camera"})
    film = film.replace(b"camera", "相机一".encode("gbk"))
    facts = read_facts(film, file_name="DSCF0001.AVI")
    assert facts.is_usable and facts.duration_s == 2.0
    (tmp_path / "film").write_bytes(film)
    assert len(list(sample_frames(tmp_path / "film", facts.media_type, at_least=(80, 60)))) == 2


def test_an_absurd_header_is_named() -> None:
    """A film that states frames of 65,500 pixels a side is a problem, not a crash."""
    film = make_film("mjpeg.avi", seconds=1)
    place = film.index(b"strf") + 8 + 4  # width and height of BITMAPINFOHEADER
    absurd = film[:place] + (65500).to_bytes(4, "little") * 2 + film[place + 8 :]
    in_frames = b"\x08" + (120).to_bytes(2, "big") + (160).to_bytes(2, "big")  # JPEG's SOF0
    assert in_frames in absurd
    absurd = absurd.replace(in_frames, b"\x08" + (65500).to_bytes(2, "big") * 2)
    facts = read_facts(absurd, file_name="IMG_0001.AVI")
    assert not facts.is_usable
    assert codes(facts) & {"too_large", "unreadable"}


# --- time -----------------------------------------------------------------------------------------


def film_time(name: str, tags: dict[str, str] | None = None, kind: str = "h264.mp4") -> MediaFacts:
    """A short film's facts under a name."""
    return read_facts(make_film(kind, seconds=1, tags=tags), file_name=name)


def test_the_container_tells_the_time_before_the_name() -> None:
    """A stated time that the name repeats is the camera's local time, without doubt."""
    facts = film_time("20260501_063012.MP4", UTC_TAG)
    assert facts.camera_time == datetime(2026, 5, 1, 6, 30, 0)
    assert (facts.camera_time_source, facts.utc_offset) == ("container", None)
    assert codes(facts) == set()


def test_a_name_eight_hours_later_proves_utc() -> None:
    """A name that is whole hours away tells the offset: the camera wrote UTC, as it should."""
    facts = film_time("20260501_143005.MP4", UTC_TAG)
    assert facts.camera_time == datetime(2026, 5, 1, 14, 30, 0)
    assert facts.utc_offset == timedelta(hours=8)
    assert codes(facts) == set()


def test_a_time_that_nothing_proves_is_doubtful() -> None:
    """Without evidence the time is taken as local, and the problem says which reading it is."""
    facts = film_time("DSCF0001.MOV", UTC_TAG, kind="h264.mov")
    assert facts.camera_time == datetime(2026, 5, 1, 6, 30, 0)
    (problem,) = facts.problems
    assert problem.code is ProblemCode.OFFSET_SUSPECT
    assert "local time" in problem.note and not problem.is_rejecting


def test_without_a_stated_time_the_name_tells() -> None:
    """A film without a time takes it from its name, and without either it is undated."""
    named = film_time("20260501063000.AVI", kind="mjpeg.avi")
    assert (named.camera_time_source, named.camera_time) == (
        "file_name",
        datetime(2026, 5, 1, 6, 30, 0),
    )
    nameless = film_time("DSCF0001.AVI", kind="mjpeg.avi")
    assert nameless.camera_time is None and codes(nameless) == {"time_missing"}


def test_the_date_of_an_avi_is_local() -> None:
    """The IDIT chunk that cameras write into an AVI is their own clock's time."""
    film = with_idit(make_film("mjpeg.avi", seconds=1), "Fri May 01 06:30:00 2026")
    facts = read_facts(film, file_name="DSCF0001.AVI")
    assert facts.camera_time == datetime(2026, 5, 1, 6, 30, 0)
    assert (facts.camera_time_source, facts.utc_offset, codes(facts)) == ("container", None, set())


def test_an_unset_clock_is_no_time() -> None:
    """A time of 1904, where QuickTime counts from, says nothing."""
    assert film_time("DSCF0001.MP4").camera_time is None


# --- nothing raises -------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(12, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=12
    )
)
def test_changed_bytes_never_raise(changes: list[tuple[int, int]]) -> None:
    """A film with a few bytes changed gives facts with named problems."""
    data = bytearray(WHOLE)
    for position, value in changes:
        data[position] = value
    facts = read_facts(bytes(data), file_name="DSCF0001.MP4")
    assert all(problem.note for problem in facts.problems)
    assert facts.duration_s is None or facts.duration_s > 0
