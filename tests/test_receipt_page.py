"""The printed receipt of the worst card there is: readable, in both languages, nothing injected."""

import pytest

from ingest.receipt import Gap, ListedProblem, Reason, Receipt
from ingest.receipt_page import receipt_page

CODES = ("unreadable", "time_missing", "truncated", "not_media", "exif_unreadable")
SCRIPT = "<script>alert(1)</script>"


def worst_receipt() -> Receipt:
    """An archive with unread files, 40 gaps and 5,000 problems, its names full of tricks."""
    return Receipt(
        card_import_id="d3a750a4-4ede-53da-b5bd-192e94a4ab7b",
        card=f"SD{SCRIPT}",
        deployment_id="MT-01<img src=x onerror=alert(1)>",
        person=f'Tashi">{SCRIPT}',
        software_version="0.2",
        started_at="2026-11-02T10:00:00+08:00",
        completed_at="2026-11-02T11:00:00+08:00",
        custody="in_place",
        archive=f"/nas/{SCRIPT}",
        files=40_000,
        bytes=93_000_000_000,
        stored=37_297,
        duplicates=0,
        quarantined=1_440,
        empty=0,
        ignored=3,
        unread=1_000,
        left=260,
        first_timestamp="2026-05-01T10:00:00+08:00",
        last_timestamp="2026-10-01T10:00:00+08:00",
        undated=10,
        outside_deployment=12,
        days=180,
        days_with_media=20,
        gap_days=3,
        gaps=tuple(
            Gap("between_media", f"2026-05-01T10:00:{n:02d}+08:00", "2026-05-05T12:00:00+08:00", n)
            for n in range(4, 44)
        ),
        content_sha256="a" * 64,
        merkle_root="b" * 64,
        merkle_construction="RFC 6962",
        seals_root="c" * 64,
        safe_to_wipe=False,
        because=(Reason("unread", "1000 files could not be read", "有 1000 个文件无法读取"),),
        duplicate_files=(),
        problem_counts=(),
        problems=tuple(
            ListedProblem(f"DCIM/{SCRIPT}/IMG_{n:04d}.JPG", CODES[n % 5], "von jemandem notiert")
            for n in range(5_000)
        ),
        signature="x" * 88,
    )


def test_the_worst_card_still_fits_a_page_or_two() -> None:
    """Problems are counted by reason with a few names, the longest gaps shown; JSON has all."""
    page = receipt_page(worst_receipt())
    assert page.count(".JPG") == len(CODES) * 6 and page.count("… +994") == len(CODES)
    assert "最长的 6 段" in page and page.count("→") == 6
    assert "260 files left there are no media that can be used" in page


def test_no_name_becomes_markup() -> None:
    """Card, deployment, person, archive and file names are text, whatever they hold."""
    page = receipt_page(worst_receipt())
    assert "<script" not in page and "<img" not in page
    assert page.count("&lt;script&gt;") >= 3 + len(CODES)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "1000 × No capture time. (time_missing)"),
        ("zh", "1000 × 没有拍摄时间。(time_missing)"),
    ],
)
def test_problems_are_told_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    """Not in that of who imported; a reason is one line, however many files have it."""
    monkeypatch.setenv("NAMCHA_LANG", language)
    text = worst_receipt().as_text().replace(" (", "(").replace("(", " (")
    assert words.replace(" (", "(") in text.replace(" (", "(")
    assert "von jemandem" not in text and len(text.splitlines()) < 15
    assert "260" in text
