"""What a person should know of how a package was read."""

from species_db.language import tr


def offset_text(seconds: int) -> str:
    """An offset as people write it.

    >>> offset_text(28800), offset_text(-12600), offset_text(0)
    ('+08:00', '-03:30', '+00:00')
    """
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    return f"{sign}{hours:02d}:{rest // 60:02d}"


def assumed_offset(seconds: int) -> str:
    """Say which offset stands in for the zone that a package does not tell."""
    offset = offset_text(seconds)
    return tr(
        f"Its times carry no zone: they were taken as {offset}. If that is wrong, import with "
        "--utc-offset.",
        f"其中的时间不带时区：按 {offset} 读取。如不正确，请用 --utc-offset 重新导入。",
    )
