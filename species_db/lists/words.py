"""What kinds of lists, categories and doubts are called, in both languages."""

from species_db.language import tr
from species_db.vocabulary import StatusKind

KIND_WORDS = {
    StatusKind.PROTECTED_ANIMALS: ("nationally protected animals", "国家重点保护野生动物"),
    StatusKind.PROTECTED_PLANTS: ("nationally protected plants", "国家重点保护野生植物"),
    StatusKind.SANYOU: ("animals of three values (sanyou)", "“三有”陆生野生动物"),
    StatusKind.KEY_INVASIVE: ("invaders managed with priority", "重点管理外来入侵物种"),
    StatusKind.INVASIVE_BATCH: ("invasive alien species, batch", "外来入侵物种名单(批次)"),
    StatusKind.INTRODUCED: ("introduced to China (GRIIS)", "引入中国的物种(GRIIS)"),
    StatusKind.RED_LIST: ("China red list", "中国生物多样性红色名录"),
    StatusKind.IUCN: ("IUCN Red List", "IUCN 红色名录"),
    StatusKind.CITES: ("CITES appendix", "CITES 附录"),
    StatusKind.LOCAL_INVASIVE: ("Linzhi's own invasive list", "林芝市外来入侵物种名录"),
    StatusKind.CHECKLIST: ("checklist of Linzhi", "林芝物种清单"),
}
CATEGORY_WORDS = {
    "key": ("managed with priority", "重点管理"),
    "introduced": ("introduced", "引入"),
    "native": ("native", "本地种"),
    "alien": ("alien", "外来种"),
    "mammal": ("mammal", "兽类"),
    "bird": ("bird", "鸟类"),
    "reptile": ("reptile", "爬行类"),
    "amphibian": ("amphibian", "两栖类"),
    "insect": ("insect", "昆虫"),
    "arachnid": ("arachnid", "蛛形类"),
    "oligochaete": ("earthworm", "寡毛类"),
    "I": ("I", "一级"),
    "II": ("II", "二级"),
}
RANK_WORDS = {
    "class": ("class", "纲"),
    "order": ("order", "目"),
    "family": ("family", "科"),
    "genus": ("genus", "属"),
    "section": ("section", "组"),
    "species": ("species", "种"),
    "subspecies": ("subspecies", "亚种"),
    "variety": ("variety", "变种"),
    "form": ("form", "变型"),
}
PROTECTION = (StatusKind.PROTECTED_ANIMALS, StatusKind.PROTECTED_PLANTS)
_PARTS, _LANGUAGES = "; ", " / "


def kind_word(kind: StatusKind) -> str:
    """What a kind of list is called."""
    return tr(*KIND_WORDS[kind])


def category_word(kind: StatusKind, category: str) -> str:
    """What a category is called; CITES counts its appendices as the treaty does."""
    if kind in PROTECTION or category not in ("I", "II"):
        return tr(*CATEGORY_WORDS.get(category, (category, category)))
    return category


def rank_word(rank: str) -> str:
    """What a rank is called."""
    return tr(*RANK_WORDS.get(rank, (rank, rank)))


def basis_word(basis: str) -> str:
    """By which entry a taxon is listed.

    >>> basis_word("family entry Cyatheaceae")
    'family entry Cyatheaceae'
    """
    rank, _, named = basis.partition(" entry")
    return tr(basis, f"{tr(*RANK_WORDS.get(rank, (rank, rank)))}级条目{named}")


def in_language(text: str) -> str:
    """One language of a doubt or a remark that its table gives in both.

    >>> in_language("general knowledge / 一般知识; read in part / 部分读取")
    'general knowledge; read in part'
    """
    told = []
    for part in text.split(_PARTS):
        english, _, chinese = part.partition(_LANGUAGES)
        told.append(tr(english, chinese or english))
    return _PARTS.join(told)
