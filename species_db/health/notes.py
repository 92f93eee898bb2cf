"""Words of the field sheet that support a cause: stolen, snow, full, battery, moved."""

import re

_ALONE = r"(?:^|[^\w\s])\s*(?:{words})\s*(?=$|[^\w\s])"  # a clause of its own
_PATTERNS = {
    "stolen": r"stolen|theft|被盗|被偷|失窃|丢失",
    "snow": r"\bsnow|积雪|大雪|雪埋|雪盖|雪",
    "covered": r"\b(?:leaf|leaves|branch(?:es)?|spider|cobweb|web)\b|蛛网|蜘蛛|树叶|树枝|枝叶|遮挡",
    "full": r"(?:card|memory|\bsd)\W+(?:\w+\W+)?full\b|\bfull (?:card|memory|sd)\b"
    r"|卡(?:已|存|写)?满|存满|内存满|满卡|" + _ALONE.format(words="full|满"),
    "battery": r"(?:dead|flat|low|empty|drained|weak) batter|batter\w+ (?:was |were |is )?"
    r"(?:dead|flat|low|empty|drained|died)|没电|电池(?:耗尽|用尽|漏液|亏电)|电量(?:耗尽|不足)|"
    + _ALONE.format(words="battery|batteries|电池"),
    "moved": r"\b(?:moved|fell|fallen|knocked|displaced|tilted)\b|倾倒|倒|歪|移位|移动",
    "flash": r"flash (?:is |was )?(?:dead|broken|fail\w*)|no flash"
    r"|(?:红外灯|补光灯|闪光灯)(?:坏|故障|不亮|失效)",
}
_FOUND = {note: re.compile(pattern, re.IGNORECASE) for note, pattern in _PATTERNS.items()}
_DENIED = re.compile(r"(?:\bno|\bnot|\bnever|\bwithout|没有|没|无|未|不)[\s被]*$", re.IGNORECASE)


def read_notes(comments: str) -> frozenset[str]:
    """Tell what the comments of a deployment say of its camera; what they deny is left out.

    >>> sorted(read_notes("相机倒了,存储卡已满"))
    ['full', 'moved']
    >>> sorted(read_notes("not moved, no snow; battery fully charged"))
    []
    """
    return frozenset(
        note
        for note, pattern in _FOUND.items()
        if any(not _DENIED.search(comments[: hit.start()]) for hit in pattern.finditer(comments))
    )
