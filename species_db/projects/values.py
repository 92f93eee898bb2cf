"""The values of a project file's keys, each of the type it must be, or a mistake noted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from species_db.language import did_you_mean, tr
from species_db.projects.mistakes import Key, ProjectMistakes

Kind = TypeVar("Kind", bound=StrEnum)
Raw = Mapping[str, object]  # as TOML reads it


@dataclass(frozen=True)
class Values:
    """One table of the file; each getter notes what is wrong and gives the empty value then."""

    told: Raw
    mistakes: ProjectMistakes
    prefix: Key = ()

    def key(self, name: str) -> Key:
        """The full key of one of its names."""
        return (*self.prefix, name)

    def wrong(self, name: str, why: str, *, item: str = "") -> None:
        """Note a mistake at one of its keys."""
        self.mistakes.add(self.key(name), why, item=item)

    def refuse_others(self, known: Collection[str]) -> None:
        """Note every key that nobody knows."""
        for name in self.told:
            if name not in known:
                hint = did_you_mean(name, known)
                self.wrong(name, tr(f"no such key.{hint}", f"没有这个键。{hint}"))

    def text(self, name: str, *, is_required: bool = False) -> str:
        """A text; empty where it is left out."""
        value = self.told.get(name, "")
        if not isinstance(value, str):
            self.wrong(name, tr('must be text in "quotes".', "须为加引号的文字。"))
            return ""
        if is_required and not value.strip():
            self.wrong(name, tr("is missing or empty.", "缺少或为空。"))
        return value.strip()

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; one that stands twice is a mistake."""
        value = self.told.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong(
                name,
                tr('must be a list of texts like ["A", "B"].', '须为文字列表，如 ["A", "B"]。'),
            )
            return ()
        told = [one.strip() for one in value]
        for one in sorted({one for one in told if told.count(one) > 1}):
            self.wrong(name, tr(f"'{one}' stands twice.", f"“{one}”重复出现。"), item=one)
        return tuple(dict.fromkeys(one for one in told if one))

    def day(self, name: str, *, is_required: bool = False) -> date | None:
        """A date, plain or as text; None where it is left out."""
        value = self.told.get(name)
        if value is None or value == "":
            if is_required:
                self.wrong(name, tr("is missing.", "缺少。"))
            return None
        return self._day(name, value)

    def spans(self, name: str) -> tuple[tuple[date, date], ...]:
        """A list of pairs of dates."""
        value = self.told.get(name, [])
        every: list[object] = value if isinstance(value, list) else [value]
        pairs = [one for one in every if isinstance(one, list) and len(one) == 2]
        if len(pairs) < len(every):
            self.wrong(
                name,
                tr(
                    "must be a list of pairs like [[2027-01-01, 2029-12-31]].",
                    "须为日期对的列表，如 [[2027-01-01, 2029-12-31]]。",
                ),
            )
            return ()
        days = [(self._day(name, first), self._day(name, last)) for first, last in pairs]
        return tuple((first, last) for first, last in days if first and last)

    def number(self, name: str, *, default: float) -> float:
        """A number above zero."""
        value = self.told.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
            self.wrong(name, tr(f"must be a number above 0, got {value}.",
                                f"须为大于 0 的数，得到 {value}。"))  # fmt: skip
            return default
        return float(value)

    def whole(self, name: str, *, default: int) -> int:
        """A whole number above zero."""
        value = self.told.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.wrong(name, tr(f"must be a whole number from 1, got {value}.",
                                f"须为不小于 1 的整数，得到 {value}。"))  # fmt: skip
            return default
        return value

    def term(self, name: str, words: Mapping[Kind, tuple[str, str]], *, other: Kind) -> Kind:
        """One of some terms, by its own word or its English or Chinese one."""
        text = self.text(name, is_required=True)
        named = {
            spoken.casefold(): kind
            for kind, spoken_words in words.items()
            for spoken in (kind.value, kind.value.replace("_", " "), *spoken_words)
        }
        if text and text.casefold() not in named:
            known = ", ".join(kind.value for kind in words)
            hint = did_you_mean(text.casefold(), named)
            self.wrong(
                name,
                tr(
                    f"'{text}' is none of: {known}.{hint}", f"“{text}”不在可选值中：{known}。{hint}"
                ),
            )
        return named.get(text.casefold(), other)

    def tables(self, name: str) -> Iterable["Values"]:
        """The tables of a list, as under [[passages]]."""
        value = self.told.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(
                name,
                tr(
                    f"each one stands under its own [[{name}]].",
                    f"每一项须各自写在 [[{name}]] 下。",
                ),
            )
            return []
        return [
            Values(one, self.mistakes, (*self.key(name), number))
            for number, one in enumerate(value)
        ]

    def _day(self, name: str, value: object) -> date | None:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            self.wrong(
                name,
                tr(
                    f"'{value}' is no date; write it like 2026-11-01.",
                    f"“{value}”不是日期；请写成 2026-11-01 的形式。",
                ),
            )
            return None
