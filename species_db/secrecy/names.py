"""When two names are one person's, and when they look so alike that nobody could tell them apart.

Namcha has no passwords: a name is what somebody typed, on a computer whose door is the only lock.
The log keeps an honest unit honest; here a slip of the keyboard, or a letter of another alphabet
that looks the same, does not make a second person out of the first.
"""

import unicodedata

# Letters that are drawn like a Latin one (Unicode TR 39, confusables), after case folding; pairs
# that only look alike as capitals (Cyrillic and Greek B, H, M, T) are here as well.
_LOOKS_LIKE = str.maketrans(
    "авеёкмнһоԛрсѕтуүѵхԝԁгіјӏ" + "αβγεηικνορτυχϲϳ" + "օսոհզցրք" + "ɑɡɩıʟ|!105",
    "abeekmhhoqpcstyyvxwdrljl" + "abyenlkvoptuxcj" + "ounhqgpp" + "agllllllos",
)
# Greek capitals look like other letters than the small ones that they fold to.
_CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")
_NOT_SEEN = ("Cc", "Cf", "Zl", "Zp", "Zs")


def person_key(name: str) -> str:
    """Spell a name so that two ways of typing one person's name are one person.

    Case, blanks, full-width letters and signs that nobody sees (a zero-width space) do not count.

    >>> person_key(" Tashi  DORJE") == person_key("tashi\u200bdorje")
    True
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(
        letter
        for letter in folded
        if unicodedata.category(letter) not in _NOT_SEEN and not _selects(letter)
    )


def is_same_person(one: str, other: str) -> bool:
    """Tell whether two names are one person's, whatever the case and the blanks."""
    return person_key(one) == person_key(other)


def looks_alike(one: str, other: str) -> bool:
    """Tell whether two names cannot be told apart by eye: one may be the other in disguise.

    Accents, dots and letters of other alphabets that look Latin do not make another person here.

    >>> looks_alike("Tashi", "T\u0430sh\u0456"), looks_alike("Tashi", "Pema")
    (True, False)
    """
    return _drawn(one) == _drawn(other)


def _drawn(name: str) -> str:
    """The letters as the eye takes them; marks of other scripts (Tibetan vowels) are letters."""
    key = unicodedata.normalize("NFKD", person_key(name.translate(_CAPITALS)))
    bare = key.translate(_LOOKS_LIKE).replace("i", "l")
    return "".join(
        one
        for one in bare
        if unicodedata.category(one)[0] in "LMN" and not "\u0300" <= one <= "\u036f"
    )


def _selects(letter: str) -> bool:
    """Tell whether a sign only chooses how the letter before it is drawn."""
    return "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
