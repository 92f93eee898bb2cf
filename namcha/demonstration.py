"""The command that tries everything on a made-up card."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from namcha.application import app
from namcha.cards import import_cards
from namcha.detecting import run_detector
from namcha.surveys import say_counts
from species_db.language import tr


@app.command(help=tr("Try everything on a small made-up card.", "用一张小型演示卡走完全流程。"))
def demo(
    folder: Annotated[Path, typer.Argument(help=tr("Where to make it.", "演示文件夹。"))] = Path(
        "demo-survey"
    ),
) -> None:
    from ingest.demo_card import make_demo_survey
    from species_db.export.camtrap_dp import export_camtrap_dp
    from species_db.export.occurrences import export_occurrences

    who = tr("demonstration", "演示")
    typer.echo(tr("DEMONSTRATION: this card is made up.", "演示:此卡为程序生成,非真实调查数据。"))
    survey, card = make_demo_survey(folder, person=who)
    for receipt in import_cards(survey, card, None, who):
        typer.echo(receipt.as_text())
    typer.echo(run_detector(survey, "general", None, who).as_text())
    table, package = folder / "export" / "occurrences.csv", folder / "export" / "camtrap-dp"
    export_occurrences(survey, table, person=who, include_machine=True)
    export_camtrap_dp(survey, package, person=who, include_machine=True)
    say_counts(survey, tr("Demonstration, not survey data", "演示,非调查数据"))
    command = f"{_own_command()} review --survey {survey.folder}"
    typer.echo(
        tr(
            f"Look at:\n  {table}\n  {package}\n  {survey.folder / 'receipts'}\n"
            f"Review it:\n  {command}",
            f"查看结果:\n  {table}\n  {package}\n  {survey.folder / 'receipts'}\n"
            f"开始审核:\n  {command}",
        )
    )


def _own_command() -> Path:
    """The command as it was called; `python -m namcha` has its script beside the interpreter."""
    called = Path(sys.argv[0])
    own = Path(sys.executable).with_name("namcha") if called.stem == "__main__" else called
    return own.with_suffix("")
