"""The thresholds of camera health, each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HealthSettings:
    """Where one state of a camera ends and the next begins.

    Brightness and contrast are the mean and the standard deviation of luma, 0..1. A usual picture
    of the forest has a contrast of 0.15 to 0.25.
    """

    # Silence. DOMAIN.md 2: no photos for 21 days is unknown, not working (camtrap-dp issue 53).
    unknown_after_days: int = 21
    end_grace_days: int = 2  # a camera may sleep through the visit that takes it down
    chance_of_silence: float = 0.01  # rarer than this, a silence up to the end has another cause
    longest_times: float = 2.0  # animals come in spells: outlast the longest earlier spell twice
    heartbeat_share: float = 0.9  # of days with a time-lapse photo: then one is due every day
    heartbeat_days: int = 10
    battery_share: float = 0.8  # of the voltage at the start: alkaline cells give up about there

    # A full card. Cards hold their nominal size in decimal gigabytes, less what the camera keeps.
    card_sizes_gb: tuple[int, ...] = (4, 8, 16, 32, 64, 128, 256, 512)
    card_filled: tuple[float, float] = (0.9, 1.02)  # beside another sign
    card_filled_alone: tuple[float, float] = (0.95, 1.02)  # one amount in ten lies there by chance
    last_photos: int = 100  # looked at for writing without a pause up to the end
    pause_seconds: float = 120.0  # median pause among them: grass in wind, or a jammed sensor
    last_day_photos: int = 500

    # A dead flash.
    black_brightness: float = 0.04  # a night picture without flash is black but for sensor noise
    black_contrast: float = 0.02
    black_photos: int = 3  # one black picture may be a hiccup
    black_days: int = 2
    dark_days: int = 10  # with day photos and nothing at night; fewer are no pattern
    lit_days_before: int = 5  # a camera with fewer nights than this has no rate to compare with
    chance_without_nights: float = 0.01  # over all stretches of a deployment together
    never_lit_days: int = 30  # day photos only, from the first day: worth a doubt, proof of nothing

    # A blocked lens, against the usual picture of the same deployment.
    usual_quantile: float = 0.75  # of daily medians: stands while up to three quarters are blocked
    usual_days: int = 5
    uniform_contrast: float = 0.03  # dense fog still has 0.05
    collapsed_contrast: float = 0.35  # share of the usual one
    collapsed_sharpness: float = 0.25
    smeared_sharpness: float = 0.15  # a leaf at the lens keeps contrast, but nothing is sharp
    smeared_distance: float = 0.2  # and the histogram is another one
    seen_likeness: float = 0.7  # of layouts: fog by day has 0.75 to 1.0 to the usual, a leaf 0.66
    seen_contrast: float = 0.012  # below it a layout is the sensor's noise
    blocked_share: float = 0.8  # of the day's photos
    blocked_days: int = 3  # a day or two of collapse may be fog
    blocked_photos: int = 3
    blocked_gap_days: int = 7  # snow also stops the trigger: silent days between belong to it

    # A moved camera: conservative, because snow, leaves and weather change pictures too.
    scene_window_days: int = 10
    scene_least_days: int = 7
    scene_distance: float = 0.15  # less alike, beyond what days differ anyway; one scene: 0.01-0.1
    scene_ratio: float = 2.0  # of the difference across the change to that within either side
    scene_lasting: float = 0.9  # of all days must be nearer to their own side
    scene_snow_share: float = 0.25  # so much more or less near-white may be snow on the ground
    scene_sky_rise: float = 0.25  # of full spread, upper rows against lower ones: sky, not snow
    scene_night_ratio: float = 1.3  # the night's pictures must change too, where there are any

    note_adds: float = 0.2  # what a word of the field sheet adds to confidence


HEALTH = HealthSettings()
