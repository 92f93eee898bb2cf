"""What must be known before a number is relied on, in both languages."""

from enum import StrEnum


class Caveat(StrEnum):
    """One reason for care."""

    DELAYED = "delayed"
    DOUBTFUL_CLOCKS = "doubtful_clocks"
    FEW_STATIONS = "few_stations"
    UNMATCHED = "unmatched"
    SEASONS_DIFFER = "seasons_differ"
    UNREVIEWED = "unreviewed"
    STATUS_DOUBTED = "status_doubted"
    LIST_PARTIAL = "list_partial"
    FOLLOWS_EFFORT = "follows_effort"
    NO_COUNT_OF_ANIMALS = "no_count_of_animals"
    LOWER_BOUND = "lower_bound"
    BY_YEARS = "by_years"
    KEPT_BACK = "kept_back"
    NOT_TOLD_COUNTIES = "not_told_counties"
    WITHOUT_EFFORT = "without_effort"


WORDS: dict[Caveat, tuple[str, str]] = {
    Caveat.DELAYED: (
        "Records of hunted species too young to leave are not counted, nor are the camera-days of "
        "those dates: both end on the day given.",
        "易受盗猎物种的近期记录尚未到可公开时间，未计入；同期相机日也不计入，两者均截至所示日期。",
    ),
    Caveat.DOUBTFUL_CLOCKS: (
        "Deployments with an undecided clock are left out, with their effort.",
        "时钟尚未确定的布设连同其工作量均未计入。",
    ),
    Caveat.FEW_STATIONS: (
        "Fewer than five stations in one of the periods.",
        "其中一期有效点位不足五个。",
    ),
    Caveat.UNMATCHED: (
        "Too few stations were watched in both periods; moved cameras are part of the change.",
        "两期都监测的点位太少，相机换点的影响也在变化之中。",
    ),
    Caveat.SEASONS_DIFFER: (
        "The two periods were not watched in the same months; seasons are part of the change.",
        "两期监测的月份不一致，季节差异也在变化之中。",
    ),
    Caveat.UNREVIEWED: (
        "More than a twentieth of the events still wait for a person.",
        "超过二十分之一的事件尚待人工审核。",
    ),
    Caveat.STATUS_DOUBTED: (
        "The legal status of some of these taxa rests on an entry that is marked as in doubt.",
        "其中部分物种的法定状态所依据的名录条目标有“存疑”。",
    ),
    Caveat.LIST_PARTIAL: (
        "Of the lists in force only a part is at hand; taxa that it lacks may be listed too.",
        "有效名录仅有部分条目在库，未列出的物种也可能在名录之中。",
    ),
    Caveat.FOLLOWS_EFFORT: (
        "A number of taxa grows with effort; compare it only beside the effort of both periods.",
        "物种数随工作量增加，须与两期工作量一并看待，不单独判断升降。",
    ),
    Caveat.NO_COUNT_OF_ANIMALS: (
        "An index, confounded by how well animals are detected: no count of animals.",
        "该指数受探测率影响，不是动物数量。",
    ),
    Caveat.LOWER_BOUND: (
        "A lower bound: an animal that is there may go unrecorded.",
        "为下限：未拍到不等于不存在。",
    ),
    Caveat.BY_YEARS: (
        "Searches are counted by calendar year: every year that the period touches, whole.",
        "调查按自然年统计：时段涉及的年份均按整年计。",
    ),
    Caveat.KEPT_BACK: (
        "Warnings at withheld places, or on records too young to leave, are not counted.",
        "位置不公开或记录尚未到可公开时间的预警未计入。",
    ),
    Caveat.NOT_TOLD_COUNTIES: (
        "Places whose county would narrow their cell are in the total and in no county.",
        "说明县域会缩小位置范围的地点只计入全市合计，不计入任何县。",
    ),
    Caveat.WITHOUT_EFFORT: (
        "Some events lie at stations without known effort; they are in no index.",
        "部分独立事件所在点位工作量不明，未计入指数。",
    ),
}


def in_order(caveats: set[Caveat]) -> tuple[Caveat, ...]:
    """Caveats in the order in which they are explained."""
    return tuple(one for one in Caveat if one in caveats)
