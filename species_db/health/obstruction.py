"""Find the days on which something lay before the lens: snow, a leaf, a spider's web."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from species_db.health.causes import Cause
from species_db.health.facts import CameraDate, Frame, Stretch, distance, likeness, of_length_one
from species_db.health.flash import is_black
from species_db.health.settings import HealthSettings


@dataclass(frozen=True)
class Usual:
    """What a deployment's pictures usually are, by day or by night."""

    contrast: float
    sharpness: float
    histogram: tuple[float, ...] | None
    layout: tuple[float, ...] | None


def blocked_stretches(
    days: Sequence[CameraDate], *, notes: frozenset[str], settings: HealthSettings
) -> list[Stretch]:
    """Stretches of days on which most pictures show no scene, against this deployment's usual ones.

    One day of fog is not blocked: either the pictures hold next to nothing (uniform), or the
    collapse lasts. Days between two such days without any photo belong to the stretch.
    """
    usual = {is_night: _usual(days, is_night, settings) for is_night in (False, True)}
    hidden: dict[CameraDate, list[Frame]] = {}
    for day in days:
        judged = [f for f in day.frames if _is_measured(f) and not _is_flashless(f, settings)]
        bad = [f for f in judged if _is_obstructed(f, usual[f.is_night], settings)]
        if bad and len(bad) >= settings.blocked_share * len(judged):
            hidden[day] = bad
    found = []
    for run in _runs(days, hidden, settings):
        frames = [frame for day in run for frame in hidden.get(day, ())]
        whole = sum(day in hidden for day in run)
        is_uniform = all(f.contrast < settings.uniform_contrast for f in frames if f.contrast)
        if len(frames) >= settings.blocked_photos and (
            whole >= settings.blocked_days or is_uniform
        ):
            found.append(_stretch(run, frames, is_uniform, notes, settings))
    return found


def _is_measured(frame: Frame) -> bool:
    return frame.contrast is not None and frame.sharpness is not None


def _is_flashless(frame: Frame, settings: HealthSettings) -> bool:
    return frame.is_night and is_black(frame, settings)


def _is_obstructed(frame: Frame, usual: Usual | None, settings: HealthSettings) -> bool:
    contrast, sharpness = frame.contrast or 0.0, frame.sharpness or 0.0
    if usual is not None and _is_scene_seen(frame, usual, settings):
        return False
    if contrast < settings.uniform_contrast:
        return True
    if usual is None:
        return False
    is_collapsed = (
        contrast < settings.collapsed_contrast * usual.contrast
        and sharpness < settings.collapsed_sharpness * usual.sharpness
    )
    is_smeared = (
        sharpness < settings.smeared_sharpness * usual.sharpness
        and usual.histogram is not None
        and frame.histogram is not None
        and distance(frame.histogram, usual.histogram) > settings.smeared_distance
    )
    return is_collapsed or is_smeared


def _is_scene_seen(frame: Frame, usual: Usual, settings: HealthSettings) -> bool:
    """Whether the usual scene still shows, however faintly: fog before the lens, nothing on it.

    Not asked by night, when the flash draws light and dark by itself.
    """
    if frame.is_night or frame.layout is None or usual.layout is None:
        return False
    is_more_than_noise = (frame.contrast or 0.0) >= settings.seen_contrast
    return is_more_than_noise and likeness(frame.layout, usual.layout) >= settings.seen_likeness


def _usual(days: Sequence[CameraDate], is_night: bool, settings: HealthSettings) -> Usual | None:
    """The upper quartile of daily medians, so that weeks under snow do not become the usual."""
    daily = []
    for day in days:
        frames = [f for f in day.frames if _is_measured(f) and f.is_night == is_night]
        if frames:
            contrast = median(f.contrast or 0.0 for f in frames)
            sharpness = median(f.sharpness or 0.0 for f in frames)
            daily.append((contrast, sharpness, frames))
    if len(daily) < settings.usual_days:
        return None
    place = min(len(daily) - 1, int(settings.usual_quantile * len(daily)))
    contrast = sorted(one[0] for one in daily)[place]
    sharpness = sorted(one[1] for one in daily)[place]
    sharp = [frame for one in daily if one[1] >= sharpness / 2 for frame in one[2]]
    histogram = _mean([f.histogram for f in sharp if f.histogram])
    layout = _mean([f.layout for f in sharp if f.layout])
    return Usual(contrast, sharpness, histogram, of_length_one(layout) if layout else None)


def _mean(rows: Sequence[tuple[float, ...]]) -> tuple[float, ...] | None:
    return tuple(fmean(column) for column in zip(*rows, strict=True)) if rows else None


def _runs(
    days: Sequence[CameraDate], hidden: dict[CameraDate, list[Frame]], settings: HealthSettings
) -> list[list[CameraDate]]:
    """Runs that begin and end with a hidden day; only silent days may lie between."""
    runs: list[list[CameraDate]] = []
    between: list[CameraDate] = []
    is_open = False
    for day in days:
        if day in hidden:
            if is_open and len(between) <= settings.blocked_gap_days:
                runs[-1] += [*between, day]
            else:
                runs.append([day])
            between, is_open = [], True
        elif day.frames:
            is_open = False
        else:
            between.append(day)
    return runs


def _stretch(
    run: Sequence[CameraDate],
    frames: Sequence[Frame],
    is_uniform: bool,
    notes: frozenset[str],
    settings: HealthSettings,
) -> Stretch:
    supported = tuple(note for note in ("snow", "covered") if note in notes)
    light = fmean(frame.brightness or 0.0 for frame in frames)
    code = "blurred"
    if is_uniform:
        code = "bright" if light > 0.7 else "dark" if light < 0.15 else "grey"
    confidence = (0.9 if is_uniform else 0.7) + settings.note_adds * bool(supported)
    cause = Cause.of(code, since=run[0].day).with_notes(supported)
    worst = tuple(sorted(frames, key=lambda frame: frame.contrast or 0.0))
    return Stretch(run[0].day, run[-1].day, cause, round(min(0.95, confidence), 2), worst)
