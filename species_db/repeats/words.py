"""What is said of groups of boxes, in English and Chinese."""

from species_db.repeats.groups import Doubt

DOUBTS: dict[Doubt, tuple[str, str]] = {
    Doubt.SEEN_BY_PEOPLE: ("a person found an animal here", "有人在此发现过动物"),
    Doubt.HIGH_SCORE: ("some scores are high", "部分分值较高"),
    Doubt.WIDE_SCORES: ("scores differ widely", "分值差异大"),
    Doubt.ONE_LIGHT: ("only by day or only at night", "仅在白天或仅在夜间"),
    Doubt.COMPANY: ("other boxes in some events", "部分事件另有其他框"),
    Doubt.RESTRICTED: ("pictures of people are not shown", "含人员的照片不显示"),
}
TYPES: dict[str, tuple[str, str]] = {
    "animal": ("animal", "动物"),
    "human": ("human", "人员"),
    "vehicle": ("vehicle", "车辆"),
    "unknown": ("unknown", "无法判断"),
}
