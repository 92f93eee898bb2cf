"""The command tree: the application and its groups of commands, which the other files fill."""

import typer

from species_db.language import tr

app = typer.Typer(
    help=tr(
        "Camera-trap and field-survey platform: cards go in, reviewed records come out. Offline.",
        "红外相机与野外调查平台:导入存储卡,得到经审核的物种记录。离线运行。",
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
plots_app = typer.Typer(help=tr("The list of plots.", "样地清单。"), no_args_is_help=True)
deployments_app = typer.Typer(help=tr("The field sheet.", "布设登记表。"), no_args_is_help=True)
export_app = typer.Typer(help=tr("Tables for others.", "对外导出的表格。"), no_args_is_help=True)
app.add_typer(plots_app, name="plots")
app.add_typer(deployments_app, name="deployments")
app.add_typer(export_app, name="export")
