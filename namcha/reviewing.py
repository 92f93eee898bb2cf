"""The command that opens the app in the browser."""

import signal
from typing import Annotated

import typer

from namcha.application import app
from namcha.options import PersonOption, SurveyOption, open_survey_of
from species_db.language import tr


@app.command(help=tr("Open the app: review, import, clocks.", "打开应用:审核、导入、时钟。"))
def review(
    survey: SurveyOption = None,
    person: PersonOption = None,
    port: Annotated[int, typer.Option(help=tr("Port on this computer.", "本机端口。"))] = 8501,
    open_browser: Annotated[
        bool, typer.Option(help=tr("Open the browser.", "自动打开浏览器。"))
    ] = True,
) -> None:
    from review_app.launch import launch

    opened = open_survey_of(survey)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else the server would outlive us
    raise typer.Exit(
        launch(opened.folder, port=port, person=person, open_browser=open_browser, say=typer.echo)
    )
