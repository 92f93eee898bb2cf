"""How weights are told to people and to scripts: lists, facts, and classes."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from species_db.language import tr

if TYPE_CHECKING:
    from models.registry import Entry
    from models.shelf import Held

STATES = {
    "shipped": ("shipped", "随附"),
    "pulled": ("pulled", "已下载"),
    "survey": ("of this survey", "本项目"),
    "offered": ("can be pulled", "可下载"),
}
VOUCHED = {
    "sha256": ("its sha256 is the publisher's", "sha256 与发布者公布的一致"),
    "md5": (
        "the publisher gives no sha256; its md5 is the publisher's",
        "发布者未公布 sha256；md5 与发布者公布的一致",
    ),
    "seen": (
        "the publisher gives no checksum; it is the file that somebody else saw",
        "发布者未公布校验值；与他人此前下载的文件一致",
    ),
    "first": (
        "nobody vouches for it: compare this sha256 with other computers' downloads",
        "没有任何校验值可比对：请与其他电脑下载文件的 sha256 比较",
    ),
}


@dataclass(frozen=True)
class Row:
    """One line of the list of weights."""

    name: str
    task: str
    state: str
    licence: str
    image_size: int | None
    bytes: int | None
    is_in_use: bool
    title: str
    runs_here: bool = True

    def as_line(self) -> str:
        """The row for people; a star marks what does the work in this survey."""
        size = f"{self.bytes / 1e6:.0f} MB" if self.bytes else ""
        pixels = f"{self.image_size} px" if self.image_size else ""
        task = tr(self.task, {"detector": "检测", "classifier": "分类"}.get(self.task, self.task))
        told = (
            ("*" if self.is_in_use else " ", 1),
            (self.name, 20),
            (task, 10),
            (tr(*STATES[self.state]), 14),
            (self.licence, 17),
            (pixels, 7),
            (size, 6),
            (self.title, 0),
        )
        return " ".join(_padded(text, cells) for text, cells in told).rstrip()


def rows(
    held: Iterable["Held"], offered: Iterable["Entry"], in_use: dict[str, tuple[str, Path]]
) -> list[Row]:
    """Everything that can be used here or pulled, and what does which task in this survey.

    `in_use` gives for each task the name in use and where it lies.
    """
    names = {name for name, _ in in_use.values()}
    found = {
        one.name: Row(
            name=one.name,
            task=one.task,
            state="shipped" if one.is_shipped else "pulled",
            licence=str(one.card.get("licence", "")),
            image_size=one.card.get("image_size"),
            bytes=size_of(one.path),
            is_in_use=one.name in names,
            title=str(one.card.get("architecture", "")),
        )
        for one in held
    }
    for entry in offered:
        here = found.get(entry.name)
        found[entry.name] = Row(
            name=entry.name,
            task=entry.task,
            state=here.state if here else "offered",
            licence=entry.licence,
            image_size=entry.image_size,
            bytes=here.bytes if here else None,
            is_in_use=entry.name in names,
            title=entry.title,
            runs_here=entry.runs_here,
        )
    for task, (name, path) in in_use.items():
        if name not in found:
            found[name] = Row(name, task, "survey", "", None, size_of(path), True, "")
    return list(found.values())


def size_of(path: Path) -> int | None:
    """Bytes of a file, or of all files of a folder; None when it is gone."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.is_file() else None


def offered_facts(entry: "Entry") -> list[tuple[str, str]]:
    """What the list of models says of weights that can be pulled."""
    unknown = tr("not known: the publisher gives none", "未知：发布者未公布")
    facts = [
        (tr("Title", "名称"), entry.title),
        (tr("Task", "任务"), entry.task),
        (tr("Licence", "许可"), entry.licence),
        (tr("Input", "输入尺寸"), f"{entry.image_size} px"),
        (tr("Classes", "类别"), ", ".join(entry.classes) or str(entry.class_count)),
        (tr("Address", "下载地址"), entry.source),
        ("sha256", entry.sha256 or unknown),
    ]
    if entry.md5:
        facts.append((tr("md5 of the publisher", "发布者公布的 md5"), entry.md5))
    if entry.sha256_seen:
        seen = f"{entry.sha256_seen} ({entry.sha256_seen_by})"
        facts.append((tr("sha256 seen by others", "他人记录的 sha256"), seen))
    facts.append((tr("Source page", "来源页面"), f"{entry.page} ({entry.read_on})"))
    if entry.note:
        facts.append((tr("Note", "备注"), entry.note))
    if not entry.runs_here:
        facts.append((tr("Use", "用途"), not_run_here(entry.name)))
    return facts


def not_run_here(name: str) -> str:
    """What weights are good for that Namcha only fetches."""
    return tr(
        f"Namcha does not run {name} itself: run the publisher's own program with it, and import "
        "the file of its results.",
        f"Namcha 不直接运行 {name}：请用发布者的程序运行，再导入其结果文件。",
    )


def held_facts(card: dict[str, Any], path: Path, sha256: str) -> list[tuple[str, str]]:
    """What the card beside weights says, and which bytes they are."""
    none = tr("no card: the file's own settings hold", "没有说明卡：使用文件自带的设置")
    facts = [(tr("File", "文件"), str(path)), ("sha256", sha256)]
    if not card:
        return [*facts, (tr("Card", "说明卡"), none)]
    told = (
        ("version", "Version", "版本"),
        ("task", "Task", "任务"),
        ("licence", "Licence", "许可"),
        ("architecture", "Network", "网络结构"),
        ("image_size", "Input, px", "输入尺寸（像素）"),
        ("threshold", "Threshold", "阈值"),
        ("page", "Source page", "来源页面"),
    )
    facts += [(tr(en, zh), str(card[key])) for key, en, zh in told if card.get(key)]
    if card.get("vouched_by") in VOUCHED:
        facts.append((tr("Checked", "校验"), tr(*VOUCHED[card["vouched_by"]])))
    facts += [(tr("Measured", "实测"), line) for line in (*_measured(card), *_named_right(card))]
    if path.with_suffix(".md").is_file():
        facts.append((tr("All of it", "完整说明"), str(path.with_suffix(".md"))))
    return facts


def _measured(card: dict[str, Any]) -> Sequence[str]:
    """One line for each set of photos: found of known for each label, and blanks flagged."""
    lines = []
    for one in card.get("measured", ()):
        if one.get("weights") != card.get("name") or one.get("light") != "all":
            continue
        result = one.get("result", {})
        labels = ", ".join(
            f"{by['label']} {by['hits']}/{by['known']} (AP50 {by['ap50']:.2f})"
            for by in result.get("by_class", ())
            if by.get("known")
        )
        blanks = f"{result.get('blanks_flagged')}/{result.get('blanks')}"
        lines.append(
            tr(
                f"{one['split']}: found {labels}; blanks flagged {blanks}",
                f"{one['split']}：找到 {labels}；空拍误报 {blanks}",
            )
        )
    return lines


def _named_right(card: dict[str, Any]) -> Sequence[str]:
    """Of a classifier: how often it is right at places it never saw, and whether it is in use."""
    found = card.get("quality", {}).get("other_sources")
    if not found:
        return []
    state = tr("switched on", "已启用") if card.get("switched_on") else tr("switched off", "未启用")
    return [
        tr(
            f"other sources: best class right in {found['hits']} of {found['boxes']} boxes; named "
            f"after the roll-up {found['named']}, right {found['named_right']}: {state}",
            f"其他来源：{found['boxes']} 个方框中最可能类别正确 {found['hits']} 个；"
            f"上卷后有名 {found['named']} 个，正确 {found['named_right']} 个：{state}",
        )
    ]


def _padded(text: str, cells: int) -> str:
    """Fill text up to a width in cells of a terminal, of which a Chinese sign takes two."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return text + " " * max(0, cells - len(text) - wide)
