"""The command that reads field photos: phone, camera and drone pictures made on a plot."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import tr
from species_db.vocabulary import FieldProtocol

if TYPE_CHECKING:
    from ingest.field_places import FarPhotos


@app.command(
    "import-field",
    help=tr(
        "Read phone, camera and drone photos of a plot as field records.",
        "导入手机、相机、无人机在样地拍摄的照片,生成野外记录。",
    ),
)
def import_field_(
    folder: Path,
    observer: Annotated[str, typer.Option(help=tr("Who made the photos.", "拍摄者。"))],
    plot: Annotated[str, typer.Option(help=tr("The plot's code.", "样地编号。"))],
    protocol: Annotated[
        FieldProtocol, typer.Option(help=tr("How they were made.", "调查方法。"))
    ] = FieldProtocol.INCIDENTAL,
    accept_far: Annotated[
        bool,
        typer.Option(
            "--accept-far",
            help=tr("Take photos that lie beyond the plot's radius.", "接受样地半径以外的照片。"),
        ),
    ] = False,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from ingest.field_photos import FieldVisit, import_field

    with ExitStack() as line:

        def accept(far: "FarPhotos") -> bool:
            line.close()  # a moving line would write over the question
            return accept_far or _ask(far)

        report = import_field(
            open_survey_of(survey),
            folder,
            visit=FieldVisit(plot, observer.strip(), protocol),
            person=person_of(person),
            accept_far=accept,
            report=line.enter_context(progress_line(tr("Field photos", "野外照片"))),
        )
    typer.echo(report.as_json() if as_json else report.as_text())


def _ask(far: "FarPhotos") -> bool:
    """Ask a person at a terminal; a script is refused, with the option that accepts."""
    if not sys.stdin.isatty():
        return False
    typer.echo(far.as_text(), err=True)
    question = tr(f"Take them for {far.plot_id} all the same?", f"仍然导入样地 {far.plot_id}?")
    return typer.confirm(question, default=False, err=True)
