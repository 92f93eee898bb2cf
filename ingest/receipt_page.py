"""The receipt as one page to print and to file: both languages, nothing fetched from anywhere."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from ingest.receipt import Gap, Receipt

PAGE = "receipt.html"
SHOWN_GAPS = 6  # the longest
SHOWN_DUPLICATES = 6
CUSTODY = {
    "copied": ("copied into the survey folder", "已复制到调查文件夹"),
    "in_place": ("left in place in the archive, which we only read", "留在原存档中,本软件只读"),
}
GAP_WORDS = {
    "between_media": ("between two files", "两个文件之间"),
    "after_set_up": ("from set-up to the first file", "布设至首个文件"),
    "before_retrieval": ("from the last file to retrieval", "末个文件至收回"),
}


@dataclass(frozen=True)
class KeptElsewhere:
    """Files of the card that the survey already kept under a deployment, with some of them."""

    deployment_id: str
    count: int
    names: tuple[tuple[str, str], ...]


def receipt_page(receipt: Receipt) -> str:
    """Draw the receipt as HTML that prints on A4; the same receipt gives the same page."""
    return _template().render(
        receipt=receipt,
        custody=CUSTODY.get(receipt.custody, (receipt.custody, receipt.custody)),
        gap_words=GAP_WORDS,
        gaps=_longest(receipt.gaps),
        problems=receipt.problem_lines(),
        duplicates=_kept_elsewhere(receipt),
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"moment": _moment, "grouped": _grouped, "size": _size}
    text = files("ingest").joinpath(PAGE).read_text(encoding="utf-8")
    return environment.from_string(text)


def _longest(gaps: tuple[Gap, ...]) -> list[Gap]:
    longest = sorted(gaps, key=lambda gap: -gap.days)[:SHOWN_GAPS]
    return sorted(longest, key=lambda gap: gap.start)


def _kept_elsewhere(receipt: Receipt) -> list[KeptElsewhere]:
    counts = Counter(one.deployment_id for one in receipt.duplicate_files)
    return [
        KeptElsewhere(
            deployment_id,
            count,
            tuple(
                (one.card_path, one.same_as)
                for one in receipt.duplicate_files
                if one.deployment_id == deployment_id
            )[:SHOWN_DUPLICATES],
        )
        for deployment_id, count in sorted(counts.items())
    ]


def _moment(text: str | None) -> str:
    """Write an instant as people do.

    >>> _moment("2026-05-01T14:30:00+08:00"), _moment(None)
    ('2026-05-01 14:30:00 +08:00', '—')
    """
    return f"{text[:10]} {text[11:19]} {text[19:]}" if text else "—"


def _grouped(text: str) -> str:
    """Break a hash into groups that an eye can compare.

    >>> _grouped("0123456789abcdef")
    '01234567 89abcdef'
    """
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))


def _size(count: int) -> str:
    """Say bytes in a unit people know.

    >>> _size(14_200_000_000), _size(1500), _size(7)
    ('14.20 GB', '1.50 kB', '7 B')
    """
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= step:
            return f"{count / step:.2f} {unit}"
    return f"{count} B"
