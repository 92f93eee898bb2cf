"""Why a review is not recorded, said in the language of whoever reads it."""

from species_db.language import Language, tr


class Refusal(Exception):  # noqa: N818 - what its two kinds have in common
    """An act of a reviewer that was not recorded.

    Both sentences are kept: the page speaks the language chosen on it, which need not be the
    computer's.
    """

    def __init__(self, english: str, chinese: str, *, code: str = "") -> None:
        super().__init__(tr(english, chinese))
        self.code = code
        self._english, self._chinese = english, chinese

    def sentence(self, language: Language) -> str:
        """Say why in one language.

        >>> ReviewError("no name", "没有姓名").sentence("zh")
        '没有姓名'
        """
        return self._chinese if language == "zh" else self._english


class ReviewError(Refusal):
    """A review that cannot stand: nobody's name, nothing to confirm, or findings at odds."""


class ReviewConflict(Refusal):
    """The event has changed since the screen showed it; the person should look again."""


MEDIA_CHANGED = "media"  # code of the conflict over pictures that were not on the screen
