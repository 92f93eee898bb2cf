"""Which of the two languages a person reads: Chinese or English."""

import difflib
import locale
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Language = Literal["zh", "en"]
_spoken: ContextVar[Language | None] = ContextVar("_spoken", default=None)


def current_language() -> Language:
    """Tell which language the command line speaks: `NAMCHA_LANG`, else the computer's own.

    >>> os.environ["NAMCHA_LANG"] = "zh"
    >>> current_language()
    'zh'
    >>> os.environ["NAMCHA_LANG"] = "en"
    """
    if (spoken := _spoken.get()) is not None:
        return spoken
    wish = os.environ.get("NAMCHA_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG")
    if wish is None:
        wish = locale.getlocale()[0] or ""
    return "zh" if wish.lower().startswith(("zh", "chinese")) else "en"


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak one language inside the block: two people may read one server in two languages.

    >>> with speaking("zh"):
    ...     tr("card read", "已读卡")
    '已读卡'
    """
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def tr(english: str, chinese: str) -> str:
    """Say a sentence in the language of the person at the keyboard.

    >>> os.environ["NAMCHA_LANG"] = "en"
    >>> tr("card read", "已读卡")
    'card read'
    """
    return chinese if current_language() == "zh" else english


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Offer the nearest known names, or nothing.

    >>> did_you_mean("MT-073", ["MT-037", "BY-001"])
    " Did you mean 'MT-037'?"
    """
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    if not near:
        return ""
    told = tr(" or ", " 或 ").join(f"'{n}'" for n in near)
    return tr(f" Did you mean {told}?", f"您是否想输入 {told}?")
