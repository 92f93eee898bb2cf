"""What is wrong in a project file, with its place: all of it at once, so that it is mended once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from species_db.language import tr

HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_\-.]+)\s*\]\]?")
KEY = re.compile(r"^\s*[\"']?([A-Za-z0-9_\-]+)[\"']?\s*=")
AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
FULL_WIDTH = "“”‘’＝，［］＃"
Key = tuple[str | int, ...]  # ("county",), or ("passages", 0, "name")


@dataclass(frozen=True)
class ProjectMistake:
    """One mistake: its line in the file, 0 where something is missing, and the key it concerns."""

    line: int
    key: str
    why: str

    def __str__(self) -> str:
        """The mistake with its place, as the message lists it."""
        if not self.line:
            return tr(f"{self.key}: {self.why}", f"{self.key}：{self.why}")
        return tr(
            f"line {self.line}, {self.key}: {self.why}",
            f"第 {self.line} 行，{self.key}：{self.why}",
        )


class ProjectFileError(Exception):
    """The project file cannot be taken; the message lists every mistake with its line."""

    def __init__(self, message: str, mistakes: tuple[ProjectMistake, ...] = ()) -> None:
        super().__init__(message)
        self.mistakes = mistakes


@dataclass
class ProjectMistakes:
    """Collects what is wrong in a file, and knows the lines on which its keys and items stand."""

    name: str
    text: str
    found: list[ProjectMistake] = field(default_factory=list)
    lines: Mapping[Key, int] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = _key_lines(self.text)

    def add(self, key: Key, why: str, *, item: str = "") -> None:
        """Note a mistake at a key, or at an item of its list."""
        self.found.append(ProjectMistake(self.line_of(key, item), _told(key), why))

    def line_of(self, key: Key, item: str = "") -> int:
        """The line of a key; of an item where it stands behind the key; 0 where the key is not."""
        first = self.lines.get(key) or self.lines.get(key[:-1], 0)
        if not item or not first:
            return first
        following = [line for line in self.lines.values() if line > first]
        rows = self.text.splitlines()[first - 1 : min(following, default=0) - 1 or None]
        for number, row in enumerate(rows, start=first):
            if f'"{item}"' in row or f"'{item}'" in row:
                return number
        return first

    def raise_if_any(self) -> None:
        """Refuse the file when anything is wrong with it, the mistakes in the order of lines.

        Raises:
            ProjectFileError: there are mistakes.
        """
        if not self.found:
            return
        told = tuple(sorted(self.found, key=lambda one: (one.line or 10**9, one.key)))
        count = "1 mistake" if len(told) == 1 else f"{len(told)} mistakes"
        listed = "\n  ".join(str(one) for one in told)
        raise ProjectFileError(
            tr(
                f"{self.name} has {count}; nothing was worked out:\n  {listed}",
                f"{self.name} 有 {len(told)} 处错误，未作任何计算：\n  {listed}",
            ),
            told,
        )


def unreadable(name: str, text: str, error: tomllib.TOMLDecodeError) -> ProjectFileError:
    """Say where a file is no TOML, and what it usually is: quotes, full-width signs, a date."""
    placed = AT_LINE.search(str(error))
    line = int(placed[1]) if placed else len(text.splitlines())
    row = (text.splitlines() or [""])[min(line, len(text.splitlines()) or 1) - 1]
    if "overwrite" in str(error) or "twice" in str(error):
        why = tr("this key stands twice.", "该键重复出现。")
    elif any(sign in row.partition("#")[0] for sign in FULL_WIDTH):
        why = tr(
            "full-width quotes, commas or signs; use the plain ones: \" ' = , [ ]",
            "含全角引号、逗号或符号；请改用半角：\" ' = , [ ]",
        )
    else:
        why = tr(
            'not as TOML writes it: text in "quotes", dates plain as 2026-11-01, '
            'lists as ["A", "B"].',
            '不符合 TOML 写法：文字加半角引号，日期写作 2026-11-01，列表写作 ["A", "B"]。',
        )
    mistake = ProjectMistake(line, row.strip()[:40], why)
    return ProjectFileError(
        tr(f"{name} cannot be read: {mistake}", f"无法读取 {name}：{mistake}"), (mistake,)
    )


def _key_lines(text: str) -> dict[Key, int]:
    """The line of each key and header; text within triple quotes holds none."""
    lines: dict[Key, int] = {}
    prefix: Key = ()
    counts: dict[str, int] = {}
    closing = ""
    for number, row in enumerate(text.splitlines(), start=1):
        if closing:
            closing = "" if closing in row else closing
            continue
        if header := HEADER.match(row):
            prefix = (header[1],)
            if row.lstrip().startswith("[["):
                counts[header[1]] = counts.get(header[1], -1) + 1
                prefix = (header[1], counts[header[1]])
            lines.setdefault((header[1],), number)
            lines[prefix] = number
        elif key := KEY.match(row):
            lines[(*prefix, key[1])] = number
            value = row[key.end() :].lstrip()
            quotes = next((one for one in ('"""', "'''") if value.startswith(one)), "")
            closing = quotes if quotes and quotes not in value[3:] else ""
    return lines


def _told(key: Key) -> str:
    """A key as people read it: the third passage's name is passages[3].name.

    >>> _told(("passages", 2, "name"))
    'passages[3].name'
    """
    told = ""
    for part in key:
        told += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if told else part
    return told
