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
secrecy_app = typer.Typer(help=tr("What is secret.", "密级。"), no_args_is_help=True)
release_app = typer.Typer(help=tr("The second person's word.", "放行审批。"), no_args_is_help=True)
roles_app = typer.Typer(help=tr("Who may release or look.", "角色。"), no_args_is_help=True)
app.add_typer(plots_app, name="plots")
app.add_typer(deployments_app, name="deployments")
app.add_typer(export_app, name="export")
app.add_typer(secrecy_app, name="secrecy")
app.add_typer(release_app, name="release")
app.add_typer(roles_app, name="roles")
invasive_app = typer.Typer(help=tr("Invasive species.", "入侵物种。"), no_args_is_help=True)
control_app = typer.Typer(help=tr("Control actions.", "防控行动。"), no_args_is_help=True)
app.add_typer(invasive_app, name="invasive")
invasive_app.add_typer(control_app, name="control")
records_app = typer.Typer(help=tr("Field records.", "野外记录。"), no_args_is_help=True)
app.add_typer(records_app, name="records")
geo_app = typer.Typer(help=tr("Areas and places.", "区域与位置。"), no_args_is_help=True)
app.add_typer(geo_app, name="geo")
sensitivity_app = typer.Typer(
    help=tr("How far places are coarsened.", "敏感位置概化规则。"), no_args_is_help=True
)
app.add_typer(sensitivity_app, name="sensitivity")
taxa_app = typer.Typer(help=tr("Species and status.", "物种与法定状态。"), no_args_is_help=True)
app.add_typer(taxa_app, name="taxa")
alerts_app = typer.Typer(help=tr("Early warning.", "预警。"), no_args_is_help=True)
app.add_typer(alerts_app, name="alerts")
species_app = typer.Typer(help=tr("The database of species.", "物种资源库。"), no_args_is_help=True)
app.add_typer(species_app, name="species")
lists_app = typer.Typer(help=tr("Legal lists.", "法定名录。"), no_args_is_help=True)
app.add_typer(lists_app, name="lists")
misses_app = typer.Typer(help=tr("What models missed.", "漏检估计。"), no_args_is_help=True)
app.add_typer(misses_app, name="misses")
analyse_app = typer.Typer(
    help=tr("Numbers, each with its effort.", "统计分析,每个数字都附工作量。"), no_args_is_help=True
)
app.add_typer(analyse_app, name="analyse")
models_app = typer.Typer(
    help=tr("Weights: which there are, which do the work.", "模型权重：清单与选用。"),
    no_args_is_help=True,
)
app.add_typer(models_app, name="models")
train_app = typer.Typer(help=tr("Learn from reviews.", "从审核结果学习。"), no_args_is_help=True)
app.add_typer(train_app, name="train")
