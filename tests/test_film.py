"""Frames from films: which are looked at, and what damage does to them."""

from pathlib import Path

import numpy as np
import pytest
from films import KINDS, damaged, make_film, turned

from models.film import FilmError, FilmFrame, FilmSettings, sample_frames


def frames(path: Path, media_type: str, **settings: float) -> list[FilmFrame]:
    """All sampled frames of a film, small."""
    chosen = FilmSettings(**settings)  # type: ignore[arg-type]
    return list(sample_frames(path, media_type, at_least=(80, 60), settings=chosen))


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_a_second_of_every_kind(kind: str, tmp_path: Path) -> None:
    """Each kind of film gives one frame a second, at its second and in its colours."""
    film = tmp_path / "film"
    film.write_bytes(make_film(kind, seconds=4, bright=(1.0, 3.0)))
    found = frames(film, KINDS[kind][2])
    assert [frame.second for frame in found] == pytest.approx([0.6, 1.6, 2.6, 3.6], abs=0.21)
    assert [bool(frame.image.mean() > 150) for frame in found] == [False, True, True, False]
    assert {frame.image.shape for frame in found} == {(60, 80, 3)}


@pytest.mark.parametrize("kind", ["mjpeg.avi", "h264.mp4"])
def test_a_long_film_is_spread_over_its_length(kind: str, tmp_path: Path) -> None:
    """A film longer than the most frames is looked at from end to end, leaping between."""
    film = tmp_path / "film"
    film.write_bytes(make_film(kind, seconds=60, size=(64, 48)))
    found = frames(film, KINDS[kind][2], most_frames=5)
    assert [frame.second for frame in found] == pytest.approx([6, 18, 30, 42, 54], abs=0.3)
    assert [frame.is_middle for frame in found] == [False, False, True, False, False]


def test_an_upright_film_stays_upright(tmp_path: Path) -> None:
    """A phone's film that lies on its side is turned as its header says: left comes to the top."""
    film = tmp_path / "film.mp4"
    film.write_bytes(turned(make_film("h264.mp4", seconds=2, shade=200)))
    (first, *_) = frames(film, "video/mp4")
    assert first.image.shape[0] > first.image.shape[1]
    marked = np.argwhere(first.image.mean(axis=2) < 160)  # it was at the top left
    assert marked[:, 0].max() < first.image.shape[0] / 2
    assert marked[:, 1].min() > first.image.shape[1] / 2


def test_what_decodes_before_the_damage_is_given(tmp_path: Path) -> None:
    """A film whose second half is lost gives its sound frames, and then says that it stopped."""
    whole = make_film("mpeg4.3gp", seconds=6, bright=(0.0, 6.0))
    film = tmp_path / "film.3gp"
    film.write_bytes(damaged(whole))
    found = []
    with pytest.raises(FilmError, match="of 6 wanted"):
        for frame in sample_frames(film, "video/3gpp", at_least=(80, 60)):
            found.append(frame.second)
    assert 1 <= len(found) < 6


@pytest.mark.parametrize("content", [b"", b"RIFF\x00\x10\x00\x00AVI LIST", b"#EXTM3U\n/etc/passwd"])
def test_what_is_no_film_is_said(content: bytes, tmp_path: Path) -> None:
    """Nothing, a bare head and a playlist named as a film are errors, and open no other file."""
    film = tmp_path / "film.avi"
    film.write_bytes(content)
    with pytest.raises(FilmError):
        frames(film, "video/x-msvideo")


def test_a_frame_too_large_is_refused(tmp_path: Path) -> None:
    """A film whose frames are above the limit is refused before any is decoded."""
    film = tmp_path / "film.mp4"
    film.write_bytes(make_film("h264.mp4", seconds=1, size=(1200, 900)))
    with pytest.raises(FilmError, match="1200 x 900"):
        frames(film, "video/mp4", most_megapixels=1)


def test_a_slow_film_is_given_up(tmp_path: Path) -> None:
    """A film that takes longer than its time ends with an error, not a hang."""
    film = tmp_path / "film.mp4"
    film.write_bytes(make_film("h264.mp4", seconds=4))
    with pytest.raises(FilmError):
        frames(film, "video/mp4", most_seconds=1e-9)
