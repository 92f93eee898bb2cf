"""What a released record says of its own gaps, in Darwin Core's terms and in both languages.

The texts are the same for every place treated alike and never name a taxon: which rule coarsened a
place is itself what must not be told.
"""

from species_db.sensitivity.grid import ReleasedPlace, SensitivitySettings
from species_db.sensitivity.periods import EFFORT_STEP_DAYS, is_by_month

PEOPLE = "Pictures that show people are withheld. 含有人物的图片不公开。"


def generalizations(place: ReleasedPlace) -> str:
    """Say what was done to one place."""
    if place.is_withheld:
        return "Place given as county only. 位置仅给出县级行政区。"
    cell, band = place.coordinate_precision, place.elevation_band_m
    dates = (
        (
            "dates of the deployment given as whole months",
            "布设日期以整月给出",
        )
        if is_by_month(place.sensitivity)
        else (
            "dates of the deployment given as whole days",
            "布设日期以整日给出",
        )
    )
    return (
        f"Coordinates rounded to a fixed grid of {cell} degrees; "
        f"elevation given as a band of {band} m; {dates[0]}. "
        f"坐标取整到 {cell} 度的固定网格;海拔以 {band} 米区间给出;{dates[1]}。"
    )


def generalizations_of_dataset(settings: SensitivitySettings) -> str:
    """Say what is done to places, from the least; each row tells its own by its uncertainty."""
    cell, band = settings.cell_degrees, settings.elevation_band_m
    return (
        f"Coordinates rounded to a fixed grid of {cell} degrees or coarser; elevation given as a "
        f"band of {band} m or wider; dates of deployments given as whole days, at coarser places "
        f"as whole months with the effort to the nearest {EFFORT_STEP_DAYS} days. "
        f"坐标取整到 {cell} 度或更粗的固定网格;海拔以 {band} 米或更宽的区间给出;"
        f"布设日期以整日给出,位置更粗者以整月给出,工作日数取整到 {EFFORT_STEP_DAYS} 天。"
    )


def withheld(ask: str, *, is_sensitive: bool) -> str:
    """Say what was kept back and whom to ask."""
    ground = "habitat and kind of spot, " if is_sensitive else ""
    ground_zh = "生境和点位类型、" if is_sensitive else ""
    return (
        f"Exact place and elevation, {ground}names of plots, stations, deployments and camera "
        "files, and field notes are withheld and may be asked for from "
        f"{ask or 'the rights holder'}. Recent records of some species are withheld for a time. "
        f"{PEOPLE}"
        f"精确位置和海拔、{ground_zh}样地、点位、布设与相机文件的名称以及野外备注均不公开,"
        f"可向{ask or '权利人'}申请。部分物种的近期记录延迟公开。"
    )
