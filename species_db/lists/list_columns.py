"""The columns of the sheet of a list: their names, their Chinese headings, the words of cells."""

from species_db.language import tr
from species_db.lists.words import RANK_WORDS
from species_db.vocabulary import StatusKind

# Name of the column, its headings in Chinese (the template has the first), what belongs into it
COLUMNS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "entry_no": (("序号", "编号"), "Whole number; else the line.", "整数;不填则按行序。"),
    "scientific_name": (
        ("学名", "拉丁名", "拉丁学名", "拉丁文名"),
        "Required. Without author; a whole genus or family by its one name.",
        "必填。不写命名人;整属、整科只写属名、科名。",
    ),
    "vernacular_zh": (("中文名", "中文名称", "中文学名"), "Chinese name.", "中文名。"),
    "vernacular_en": (("英文名", "英文名称"), "English name.", "英文名。"),
    "category": (
        ("类别", "级别", "保护级别", "等级"),
        "Required. I or II; CR, EN, VU ...; key; native, alien.",
        "必填。一级、二级;CR、EN、VU 等;key(重点管理);native、alien。",
    ),
    "taxon_rank": (
        ("分类阶元", "阶元", "分类等级"),
        "Species when empty; genus, family, order for a group.",
        "不填为种;整类填属、科、目。",
    ),
    "kingdom": (("界",), "Animalia, Plantae, Fungi ...", "动物界、植物界、真菌界等。"),
    "synonyms": (("异名", "同物异名"), "Several with ; between.", "多个用分号隔开。"),
    "excluded_taxa": (
        ("排除", "排除物种", "不包括"),
        "Species that a group leaves out, with ; between.",
        "整类中不包括的物种,用分号隔开。",
    ),
    "population": (("种群", "种群说明"), "E.g. wild population only.", "如:仅限野外种群。"),
    "remarks": (("备注",), "Free text.", "自由填写。"),
    "verified": (
        ("已核对", "核对原文"),
        "yes when read in the text of the list; no when not.",
        "已核对公布原文填“是”,未核对填“否”。",
    ),
    "doubt": (("存疑", "疑问"), "Shown wherever the entry is.", "显示该条目时一并显示。"),
    "source": (("来源", "依据", "出处"), "Where the entry was read.", "该条目的出处。"),
}
REQUIRED = ("scientific_name", "category")
# Every other heading of a column, the bilingual ones of the template among them
SPOKEN = {
    heading: name
    for name, (chinese, _, _) in COLUMNS.items()
    for one in chinese
    for heading in (one, f"{one} {name}")
}
RANKS_SPOKEN = {chinese: rank for rank, (_, chinese) in RANK_WORDS.items()}
YES_NO = {"yes": True, "true": True, "1": True, "是": True} | {
    "no": False,
    "false": False,
    "0": False,
    "否": False,
}
KINGDOMS = {
    "动物界": "Animalia", "动物": "Animalia", "植物界": "Plantae", "植物": "Plantae",
    "真菌界": "Fungi", "真菌": "Fungi", "色藻界": "Chromista", "细菌": "Bacteria",
    "病毒": "Viruses", "原生动物": "Protozoa",
}  # fmt: skip
LEVELS = ("I", "II")
# The categories that a kind of list may hold; kinds that are not here may hold any word.
CATEGORIES: dict[StatusKind, tuple[str, ...]] = {
    StatusKind.PROTECTED_ANIMALS: LEVELS,
    StatusKind.PROTECTED_PLANTS: LEVELS,
    StatusKind.CITES: (*LEVELS, "III"),
    StatusKind.RED_LIST: ("EX", "EW", "RE", "CR", "EN", "VU", "NT", "LC", "DD", "NE"),
    StatusKind.IUCN: ("EX", "EW", "CR", "EN", "VU", "NT", "LC", "DD", "NE"),
    StatusKind.CHECKLIST: ("native", "alien"),
}
CATEGORIES_SPOKEN = {
    "一": "I", "二": "II", "三": "III", "1": "I", "2": "II", "3": "III",
    "灭绝": "EX", "野外灭绝": "EW", "区域灭绝": "RE", "极危": "CR", "濒危": "EN", "易危": "VU",
    "近危": "NT", "无危": "LC", "数据缺乏": "DD", "未评估": "NE",
    "本地": "native", "本土": "native", "本地种": "native", "本土种": "native",
    "外来": "alien", "外来种": "alien",
}  # fmt: skip


def heading(name: str) -> str:
    """What a column is called to people: as in the template.

    >>> heading("category")
    'category'
    """
    return tr(name, f"{COLUMNS[name][0][0]}({name})")
