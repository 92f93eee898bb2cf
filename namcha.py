"""The `namcha` command: wires the packages, prints for people and for scripts, and nothing else.

Heavy packages are imported inside commands, so that `namcha --help` answers at once.
"""

import getpass
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from species_db.language import tr

if TYPE_CHECKING:
    from ingest.classify import DetectReport
    from ingest.receipt import Receipt
    from species_db.survey import Survey

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

SurveyOption = Annotated[
    Path | None,
    typer.Option(
        "--survey",
        envvar="NAMCHA_SURVEY",
        help=tr("Survey folder; else the current one.", "调查文件夹;缺省为当前文件夹。"),
    ),
]
PersonOption = Annotated[
    str | None,
    typer.Option(
        "--person",
        envvar="NAMCHA_PERSON",
        help=tr("Who does this, for the log.", "操作人,写入日志。"),
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help=tr("Print JSON.", "输出 JSON。"))]
ReasonOption = Annotated[
    str | None,
    typer.Option(help=tr("Why exact places must leave.", "需要导出精确位置的理由。")),
]
MachineOption = Annotated[
    bool,
    typer.Option(
        "--include-machine",
        help=tr("Add what only a model has said, marked.", "加入仅由模型识别的记录(有标记)。"),
    ),
]

# Errors a user may see: one line, exit 1. Anything else is a bug and shows its traceback.
USER_ERRORS = (
    ("species_db.survey", "SurveyError"),
    ("species_db.field_sheet", "SheetError"),
    ("species_db.export.offering", "ExportRefused"),
    ("species_db.sensitivity", "ReleaseError"),
    ("ingest.card", "CardError"),
    ("ingest.originals", "StorageError"),
    ("ingest.demo_card", "DemoError"),
    ("models.engines", "WeightsError"),
    ("review_app.launch", "LaunchError"),
    ("training.start_weights", "StartWeightsError"),
    ("training.working_copy", "DatasetError"),
)


def main() -> None:
    """Run the command line; a known error prints one sentence, an unknown one its traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # Windows consoles in GBK
    try:
        app()
    except Exception as error:
        if not _is_for_users(error):
            raise
        told = tr(str(error), getattr(error, "chinese", str(error)))
        typer.secho(told, fg=typer.colors.RED, err=True)
        raise SystemExit(1) from None


def _is_for_users(error: Exception) -> bool:
    kinds = (getattr(sys.modules.get(module), name, None) for module, name in USER_ERRORS)
    return any(kind is not None and isinstance(error, kind) for kind in kinds)


@app.command(help=tr("Make a survey folder.", "新建调查文件夹。"))
def init(
    folder: Annotated[Path, typer.Argument(help=tr("The folder.", "文件夹。"))],
    title: Annotated[str, typer.Option(help=tr("The study's title.", "项目名称。"))] = "",
    person: PersonOption = None,
) -> None:
    from species_db.start import start_survey
    from species_db.survey import SurveySettings

    settings = SurveySettings(title=title or folder.resolve().name)
    survey = start_survey(folder, settings, person=_who(person))
    typer.echo(tr(f"Survey ready in {survey.folder}.", f"调查文件夹已就绪:{survey.folder}"))


@plots_app.command("import", help=tr("Take plots.csv.", "导入样地清单。"))
def plots_import(path: Path, survey: SurveyOption = None, person: PersonOption = None) -> None:
    from species_db.plots import import_plots

    typer.echo(import_plots(_open(survey), path, person=_who(person)).as_text())


@deployments_app.command("import", help=tr("Take sheet.csv or .xlsx.", "导入布设登记表。"))
def deployments_import(
    path: Path, survey: SurveyOption = None, person: PersonOption = None
) -> None:
    from species_db.deployments import import_deployments

    typer.echo(import_deployments(_open(survey), path, person=_who(person)).as_text())


@app.command(help=tr("Count what the survey holds.", "统计调查内容。"))
def status(survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from species_db.status import survey_counts

    opened = _open(survey)
    if as_json:
        with opened.reading() as session:
            typer.echo(json.dumps(survey_counts(session), indent=2))
    else:
        _say_counts(opened, tr("Survey", "调查概况"))


@app.command("import", help=tr("Read a card into the survey.", "导入存储卡。"))
def import_(
    card: Path,
    deployment: Annotated[
        str | None,
        typer.Option(help=tr("Deployment; else by folder name.", "布设编号;缺省按文件夹名匹配。")),
    ] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    receipts = _import_cards(_open(survey), card, deployment, _who(person))
    if as_json:
        told = [json.loads(receipt.as_json()) for receipt in receipts]
        typer.echo(json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False, indent=2))
    else:
        for receipt in receipts:
            typer.echo(receipt.as_text())


@app.command(help=tr("Find animals, people and vehicles.", "检测动物、人员和车辆。"))
def detect(
    limit: Annotated[
        int | None, typer.Option(min=1, help=tr("At most N photos.", "最多 N 张。"))
    ] = None,
    weights: Annotated[
        str,
        typer.Option(
            help=tr(
                "'general', an ONNX file, or a .pt file you trust (it can run code).",
                "general、ONNX 文件,或可信来源的 .pt 文件(.pt 可执行代码)。",
            )
        ),
    ] = "general",
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    report = _detect(_open(survey), weights, limit, _who(person))
    if as_json:
        typer.echo(json.dumps(vars(report), ensure_ascii=False, indent=2))
    else:
        typer.echo(report.as_text())


@app.command(help=tr("Open the review page.", "打开审核页面。"))
def review(
    survey: SurveyOption = None,
    person: PersonOption = None,
    port: Annotated[int, typer.Option(help=tr("Port on this computer.", "本机端口。"))] = 8501,
    open_browser: Annotated[
        bool, typer.Option(help=tr("Open the browser.", "自动打开浏览器。"))
    ] = True,
) -> None:
    from review_app.launch import launch

    opened = _open(survey)
    raise typer.Exit(
        launch(opened.folder, port=port, person=person, open_browser=open_browser, say=typer.echo)
    )


@export_app.command(
    "occurrences", help=tr("One Darwin Core row per record.", "达尔文核心物种记录表。")
)
def export_occurrences_(
    out: Path,
    headers: Annotated[str, typer.Option(help="en | zh")] = "en",
    include_machine: MachineOption = False,
    exact: ReasonOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.export.occurrences import export_occurrences

    who = _who(person)
    report = export_occurrences(
        _open(survey),
        out,
        person=who,
        headers="zh" if headers == "zh" else "en",
        include_machine=include_machine,
        exact=_release(who, exact),
    )
    typer.echo(report.as_text())


@export_app.command(
    "camtrap-dp", help=tr("A Camtrap DP 1.0.2 package.", "Camtrap DP 1.0.2 数据包。")
)
def export_camtrap_dp_(
    out: Path,
    include_machine: MachineOption = False,
    with_media: Annotated[
        bool,
        typer.Option(
            help=tr("Add public photos, metadata removed.", "附上可公开照片(已去除元数据)。")
        ),
    ] = False,
    exclude: Annotated[
        list[str] | None, typer.Option(help=tr("Leave a deployment out.", "排除某个布设。"))
    ] = None,
    exact: ReasonOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.export.camtrap_dp import export_camtrap_dp

    who = _who(person)
    report = export_camtrap_dp(
        _open(survey),
        out,
        person=who,
        include_machine=include_machine,
        with_media=with_media,
        exclude=exclude or (),
        exact=_release(who, exact),
    )
    typer.echo(report.as_text())


@app.command(help=tr("Train a detector and write its card.", "训练检测模型并生成模型说明卡。"))
def train(
    data_yaml: Annotated[Path, typer.Argument(help=tr("YOLO data set.", "YOLO 数据集。"))],
    start: Annotated[Path, typer.Option(help=tr("Weights to start from.", "起始权重。"))],
    out: Annotated[Path, typer.Option(help=tr("Folder of this run.", "本次训练的文件夹。"))],
    name: Annotated[str, typer.Option(help=tr("The weights' name.", "权重名称。"))] = "trained",
    epochs: Annotated[int, typer.Option(min=1)] = 24,
    image_size: Annotated[int, typer.Option(min=64)] = 448,
    seed: int = 7,
    hours: Annotated[
        float | None, typer.Option(help=tr("Stop after so many hours.", "训练时限(小时)。"))
    ] = None,
    start_share: Annotated[
        float,
        typer.Option(min=0, max=1, help=tr("Share of start weights kept.", "保留起始权重的比例。")),
    ] = 0.0,
) -> None:
    from training.ship import Shipment, ship_weights
    from training.train import Recipe, train_detector

    logging.basicConfig(level=logging.INFO, format="%(message)s")  # an epoch's line as it ends
    recipe = Recipe(
        epochs=epochs, image_size=image_size, seed=seed, hours=hours, start_share=start_share
    )
    trained = train_detector(data_yaml, start_weights=start, out=out, recipe=recipe)
    command = f"namcha train {data_yaml.name} --start {start.name} --epochs {epochs}"
    command += f" --image-size {image_size} --seed {seed} --start-share {start_share}"
    command += f" --hours {hours}" if hours else ""
    shipment = Shipment(name, "1", (command,), image_size=image_size)
    ship_weights(trained, data_yaml, folder=out / "shipped", shipment=shipment)
    typer.echo(tr(f"Weights and card in {out / 'shipped'}.", f"权重与说明卡:{out / 'shipped'}"))


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
    for receipt in _import_cards(survey, card, None, who):
        typer.echo(receipt.as_text())
    typer.echo(_detect(survey, "general", None, who).as_text())
    table, package = folder / "export" / "occurrences.csv", folder / "export" / "camtrap-dp"
    export_occurrences(survey, table, person=who, include_machine=True)
    export_camtrap_dp(survey, package, person=who, include_machine=True)
    _say_counts(survey, tr("Demonstration, not survey data", "演示,非调查数据"))
    command = f"{Path(sys.argv[0]).with_suffix('')} review --survey {survey.folder}"
    typer.echo(
        tr(
            f"Look at:\n  {table}\n  {package}\n  {survey.folder / 'receipts'}\n"
            f"Review it:\n  {command}",
            f"查看结果:\n  {table}\n  {package}\n  {survey.folder / 'receipts'}\n"
            f"开始审核:\n  {command}",
        )
    )


def _open(folder: Path | None) -> "Survey":
    from species_db.survey import open_survey

    return open_survey(folder or Path.cwd())


def _who(person: str | None) -> str:
    try:
        return person or getpass.getuser()
    except (KeyError, OSError, ImportError):
        raise typer.BadParameter(
            tr("Who are you? Pass --person NAME.", "请用 --person 说明操作人。")
        ) from None


def _release(person: str, reason: str | None) -> Any:
    from species_db.sensitivity import ExactRelease

    return None if reason is None else ExactRelease(person=person, reason=reason)


def _import_cards(
    survey: "Survey", root: Path, deployment_id: str | None, person: str
) -> "list[Receipt]":
    from ingest.import_card import import_card
    from ingest.matching import cards_to_import

    receipts = []
    for path, matched in cards_to_import(survey, root, deployment_id):
        with _progress(tr(f"Card of {matched}", f"读卡 {matched}"), is_bytes=True) as show:
            receipt = import_card(
                survey,
                path,
                deployment_id=matched,
                person=person,
                report=lambda at: show(at.bytes, at.total_bytes),
            )
        receipts.append(receipt)
    return receipts


def _detect(survey: "Survey", weights: str, limit: int | None, person: str) -> "DetectReport":
    from ingest.classify import detect_media
    from models.detector import load_detector

    detector = load_detector(weights)
    with _progress(tr("Detecting", "检测")) as show:
        return detect_media(
            survey,
            detector,
            person=person,
            limit=limit,
            report=lambda at: show(at.done, at.total),
        )


def _say_counts(survey: "Survey", title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from species_db.status import COUNT_NAMES, survey_counts

    table = Table(title=title, show_header=False)
    with survey.reading() as session:
        for key, count in survey_counts(session).items():
            table.add_row(tr(*COUNT_NAMES[key]), f"{count:,}")
    Console().print(table)


@contextmanager
def _progress(what: str, *, is_bytes: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A progress line with rate and time left, on the error stream so that JSON stays clean."""
    from rich import progress
    from rich.console import Console

    rate = progress.TransferSpeedColumn() if is_bytes else progress.MofNCompleteColumn()
    columns = ("{task.description}", progress.BarColumn(), rate, progress.TimeRemainingColumn())
    console = Console(stderr=True)
    hidden = not console.is_terminal
    with progress.Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(what, total=None)
        started = time.monotonic()

        def show(done: int, total: int) -> None:
            rate = "" if is_bytes else f" {done / (time.monotonic() - started + 0.001):.1f}/s"
            bar.update(task, completed=done, total=total, description=what + rate)

        yield show


if __name__ == "__main__":
    main()
