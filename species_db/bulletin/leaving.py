"""How bulletins leave the survey: written whole or not at all, and in the decision log."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from species_db.bulletin.making import Read, bulletin_of, read_month_of
from species_db.bulletin.month import Month
from species_db.bulletin.page import GENERATOR, page_of
from species_db.bulletin.parts import Bulletin
from species_db.bulletin.used import used_by
from species_db.export.offering import (
    AsRead,
    ExportRefused,
    ExportReport,
    audience_of,
    last_change,
    offer,
    sha256_of,
    staged,
)
from species_db.language import Language, tr
from species_db.places import County
from species_db.secrecy.release import Sharing
from species_db.sensitivity import local_today
from species_db.survey import Survey

FORMAT = "county bulletin (HTML)"
HEAD_BYTES = 600  # in which a page of ours says what made it


def export_bulletins(
    survey: Survey,
    counties: Sequence[County],
    month: Month,
    out: Path,
    *,
    person: str,
    today: date | None = None,
    language: Language = "zh",
    sharing: Sharing | None = None,
) -> list[tuple[Bulletin, ExportReport]]:
    """Write the bulletins of some counties from one reading, and log each.

    `out` is the page of the one county, or the folder for those of several; there each is named
    after its county's code and its month. `today` tells which records are old enough to leave.

    Raises:
        BulletinError: the month is to come, lies before the first record, or the survey is secret.
        ExportRefused: something that is no bulletin stands there, or the survey changed meanwhile.
        SharingError: the release does not fit what would leave.
    """
    paths = [out.resolve()]
    if len(counties) != 1:
        paths = [out.resolve() / f"{county.code}-{month}.html" for county in counties]
    for path in paths:
        _refuse_foreign(path)
    with survey.reading() as session:
        read = read_month_of(
            session,
            survey.settings,
            month,
            today=today or local_today(survey.settings),
            audience=audience_of(sharing),
        )
        change = last_change(session)
    return [
        _export(survey, read, county, path, change, person, language, sharing)
        for county, path in zip(counties, paths, strict=True)
    ]


def _export(
    survey: Survey,
    read: Read,
    county: County,
    path: Path,
    change: int,
    person: str,
    language: Language,
    sharing: Sharing | None,
) -> tuple[Bulletin, ExportReport]:
    bulletin = bulletin_of(read, county)
    with staged(path) as place:
        place.write_text(page_of(bulletin, language=language), encoding="utf-8", newline="\n")
        report = ExportReport(
            path=path,
            rows={
                "protected": len(bulletin.protected.rows),
                "invasive": len(bulletin.fronts.rows),
                "warnings": bulletin.warnings.open,
            },
            sha256s={path.name: sha256_of(place)},
        )
        offered = offer(
            survey,
            place,
            report,
            as_read=AsRead(change, used=used_by(read, county.code)),
            gate=read.ground.teller.gate,
            person=person,
            details={
                "format": FORMAT,
                "county": county.code,
                "month": str(bulletin.month),
                "today": read.ground.today.isoformat(),
                "language": language,
            },
            sharing=sharing,
        )
    return bulletin, offered


def _refuse_foreign(path: Path) -> None:
    """Stop where something stands that is no earlier bulletin of ours."""
    try:
        if not path.exists():
            return
        with path.open("rb") as stream:
            is_ours = GENERATOR.encode() in stream.read(HEAD_BYTES)
    except OSError:
        is_ours = False
    if not is_ours:
        raise ExportRefused(
            tr(
                f"{path} is not an earlier bulletin and is left as it is. Name another file.",
                f"{path} 不是此前生成的月报，未作改动。请指定其他文件名。",
            )
        )
