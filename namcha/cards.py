"""Commands that read cards into a survey."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.alerts import run_after
from namcha.application import app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import tr

if TYPE_CHECKING:
    from ingest.receipt import Receipt
    from ingest.relocate import Relocation
    from species_db.survey import Survey


@app.command("import", help=tr("Read cards into the survey.", "导入存储卡。"))
def import_(
    card: Annotated[
        list[Path], typer.Argument(help=tr("Cards, one after another.", "存储卡,可依次多张。"))
    ],
    deployment: Annotated[
        list[str] | None,
        typer.Option(
            help=tr(
                "Deployment, once for each card; else by folder name.",
                "布设编号,每张卡一个;缺省按文件夹名匹配。",
            )
        ),
    ] = None,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place",
            help=tr(
                "Copy nothing: register originals that stay on their disk or share.",
                "不复制:登记留在原磁盘或共享文件夹中的原始文件。",
            ),
        ),
    ] = False,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    opened, who = open_survey_of(survey), person_of(person)
    pairs = _pairs(card, deployment)
    receipts, failures = _import_pairs(opened, pairs, who, is_in_place=in_place)
    run_after(opened, who)
    if as_json:
        told = [json.loads(receipt.as_json()) for receipt in receipts]
        typer.echo(json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False, indent=2))
    else:
        for receipt in receipts:
            typer.echo(receipt.as_text())
    if failures:
        raise _not_all(failures, len(pairs))


def _pairs(cards: list[Path], deployments: list[str] | None) -> list[tuple[Path, str | None]]:
    """Each card with the deployment that was named for it, if any was."""
    if not deployments:
        return [(card, None) for card in cards]
    if len(deployments) != len(cards):
        raise typer.BadParameter(
            tr(
                f"{len(cards)} cards but {len(deployments)} deployments: give --deployment once "
                "for each card, in the same order, or not at all.",
                f"{len(cards)} 张卡却有 {len(deployments)} 个布设:请按相同顺序为每张卡各给一个 "
                "--deployment,或全部省略。",
            )
        )
    return list(zip(cards, deployments, strict=True))


def _import_pairs(
    survey: "Survey", pairs: list[tuple[Path, str | None]], person: str, *, is_in_place: bool
) -> "tuple[list[Receipt], list[Exception]]":
    """Import card after card; of several, one that cannot be read does not hold up the others."""
    from ingest.card import CardError
    from ingest.import_lock import ImportBusyError

    receipts: list[Receipt] = []
    failures: list[Exception] = []
    for path, deployment_id in pairs:
        try:
            receipts += import_cards(survey, path, deployment_id, person, is_in_place=is_in_place)
        except (CardError, ImportBusyError) as error:
            if len(pairs) == 1:
                raise
            failures.append(error)
    return receipts, failures


def _not_all(failures: list[Exception], cards: int) -> Exception:
    """One error that says what became of every card that was not imported."""
    from ingest.card import CardError

    told = "\n".join(map(str, failures))
    return CardError(
        tr(
            f"{len(failures)} of {cards} cards were not imported; the others were.\n{told}",
            f"{cards} 张卡中有 {len(failures)} 张未导入,其余均已导入。\n{told}",
        )
    )


def import_cards(
    survey: "Survey",
    root: Path,
    deployment_id: str | None,
    person: str,
    *,
    is_in_place: bool = False,
) -> "list[Receipt]":
    from ingest.import_card import import_card, refuse_own_folder
    from ingest.in_place import register_archive
    from ingest.matching import cards_to_import
    from ingest.renew import renew_findings

    matches = cards_to_import(survey, root, deployment_id)
    refuse_own_folder(survey, root)
    archive = register_archive(survey, root, person=person) if is_in_place else None
    receipts = []
    for path, matched in matches:
        with progress_line(tr(f"Card of {matched}", f"读卡 {matched}"), is_bytes=True) as show:
            receipt = import_card(
                survey,
                path,
                deployment_id=matched,
                person=person,
                archive=archive,
                report=lambda at: show(at.bytes, at.total_bytes),
            )
        receipts.append(receipt)
        renew_findings(survey, [matched])
    return receipts


@app.command(
    help=tr(
        "Follow an archive of originals that has moved, by content.",
        "归档移动后,按内容重新找到其中的原始文件。",
    )
)
def relocate(
    old: Annotated[Path, typer.Argument(help=tr("Where it was.", "原位置。"))],
    new: Annotated[Path, typer.Argument(help=tr("Where it is now.", "新位置。"))],
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help=tr(
                "Follow what is found, also when files are missing.",
                "即使有文件缺失,也更新已找到的部分。",
            ),
        ),
    ] = False,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from ingest.relocate import relocate as follow

    opened, who = open_survey_of(survey), person_of(person)
    with progress_line(tr("Reading originals", "读取原始文件")) as show:
        told = follow(opened, old, new, person=who, is_partial=partial, report=show)
    if as_json:
        typer.echo(json.dumps(asdict(told), ensure_ascii=False, indent=2))
    else:
        typer.echo(_told(told))
    if not told.is_done:
        raise typer.Exit(1)


def _told(told: "Relocation") -> str:
    """The outcome of a move in lines: counts, every file that was not found as it was, verdict."""
    counts = tr(
        f"{told.in_place} originals in their place, {len(told.moved)} moved within, "
        f"{len(told.missing)} missing, {len(told.changed)} changed",
        f"原位 {told.in_place} 个,在新位置内移动 {len(told.moved)} 个,"
        f"缺失 {len(told.missing)} 个,内容改变 {len(told.changed)} 个",
    )
    lines = [counts]
    lines += [tr(f"  missing: {name}", f"  缺失:{name}") for name in told.missing]
    lines += [tr(f"  changed: {name}", f"  改变:{name}") for name in told.changed]
    if told.is_done:
        lines.append(tr("The survey now looks there.", "调查项目已指向新位置。"))
    else:
        lines.append(
            tr(
                "Nothing was changed. Bring the files named above there, or pass --partial to "
                "follow the others.",
                "未作任何更改。请补齐上列文件,或使用 --partial 只更新已找到的部分。",
            )
        )
    return "\n".join(lines)
