"""A freeze as it lies in its folder: read, checked against its own signature, found by name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from species_db.evaluation.counting import CountingRules
from species_db.evaluation.periods import Period
from species_db.evaluation.refusal import EvaluationError
from species_db.export.offering import sha256_of
from species_db.keys import fingerprint_of, is_signed_by
from species_db.language import did_you_mean, tr
from species_db.survey import DATABASE_FILE, SETTINGS_FILE, Survey

FREEZES = "freezes"  # folder of a survey
STATEMENT = "freeze.json"
NOTICE_FILE = "INTERNAL.txt"
FORMAT, FORMAT_VERSION = "namcha freeze", 1
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Freeze:
    """Data, lists, rules, models and code fixed under a name; `told` is the whole statement.

    `gate_on` is the local date of the freeze: rules of secrecy and delays hold as of it, however
    late a report is built.
    """

    folder: Path
    name: str
    person: str
    made_at: datetime
    gate_on: date
    period: Period
    baseline: Period
    counting: CountingRules
    content_sha256: str
    told: Mapping[str, Any]
    was_there: bool = False

    @property
    def database(self) -> Path:
        """The snapshot: exact places, so it stays with those who may know them."""
        return self.folder / DATABASE_FILE

    @property
    def settings(self) -> Path:
        """The survey's settings as they were, without addresses and passwords."""
        return self.folder / SETTINGS_FILE

    @property
    def sha256(self) -> str:
        """Of the statement as it lies there: names the freeze, everything in it included."""
        return sha256_of(self.folder / STATEMENT)

    @property
    def key_fingerprint(self) -> str:
        """Of the key that signed it, to compare with one written down elsewhere."""
        return fingerprint_of(self.told["public_key"])

    @property
    def bytes(self) -> int:
        """The size of the snapshot."""
        return int(self.told["snapshot"]["bytes"])


def read_freeze(folder: Path) -> Freeze:
    """Read a freeze and check that its statement is as it was signed.

    Raises:
        EvaluationError: there is none, it cannot be read, or one letter of it was changed.
    """
    path = folder / STATEMENT
    if not path.is_file():
        raise EvaluationError(
            tr(
                f"No freeze in {folder}: {STATEMENT} is missing. Name the folder that "
                "'namcha freeze' made, whole.",
                f"{folder} 里没有冻结数据：缺少 {STATEMENT}。"
                "请指定“namcha freeze”生成的完整文件夹。",
            )
        )
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT or told["format_version"] > FORMAT_VERSION:
            raise ValueError(f"{told['format']} {told['format_version']}")
        freeze = _freeze(folder, told)
        is_signed = is_signed_by(told, told["public_key"])
    except UNREADABLE as error:
        raise EvaluationError(
            tr(
                f"{path} cannot be read as a freeze ({type(error).__name__}). It was altered, or "
                "made by a newer Namcha: bring it back from a copy, or update Namcha.",
                f"无法将 {path} 读作冻结声明（{type(error).__name__}）。它已被改动，"
                "或由更新版本的 Namcha 生成：请用备份恢复，或更新 Namcha。",
            )
        ) from error
    if not is_signed:
        raise EvaluationError(
            tr(
                f"{path} has changed since it was signed: no number may rest on it. Bring the "
                "freeze back from a copy.",
                f"{path} 在签名之后被改动，任何数字都不能以它为依据。请用备份恢复该冻结数据。",
            )
        )
    return freeze


def check_freeze(freeze: Freeze) -> None:
    """Check that the files of a freeze are, byte for byte, those that its statement names.

    Raises:
        EvaluationError: one of them is gone or has changed; it is named.
    """
    told = {DATABASE_FILE: freeze.told["snapshot"], SETTINGS_FILE: freeze.told["settings"]}
    for name, said in told.items():
        path = freeze.folder / name
        try:
            is_same = path.stat().st_size == said["bytes"] and sha256_of(path) == said["sha256"]
        except OSError:
            is_same = False
        if not is_same:
            raise EvaluationError(
                tr(
                    f"{path} is not what was frozen as '{freeze.name}': it is gone, or a byte of "
                    "it has changed. No report is built from it; bring it back from a copy.",
                    f"{path} 已不是冻结“{freeze.name}”时的文件：缺失或有字节被改动。"
                    "不据此生成报告，请用备份恢复。",
                )
            )


def find_freeze(survey: Survey, name: str) -> Freeze:
    """The freeze of a name in a survey.

    Raises:
        EvaluationError: there is none of that name, or its statement was altered.
    """
    folder = survey.folder / FREEZES / name
    if not (folder / STATEMENT).is_file() or folder.parent != survey.folder / FREEZES:
        hint = did_you_mean(name, freeze_names(survey))
        raise EvaluationError(
            tr(
                f"No freeze is called '{name}'.{hint} See 'namcha freezes', or make one with "
                f"'namcha freeze {name}'.",
                f"没有名为“{name}”的冻结数据。{hint}请用“namcha freezes”查看，"
                f"或用“namcha freeze {name}”新建。",
            )
        )
    found = read_freeze(folder)
    if found.name != name:
        raise EvaluationError(
            tr(
                f"The folder {folder} holds the freeze '{found.name}', not '{name}': somebody "
                "renamed or copied it. Give it its own name back.",
                f"文件夹 {folder} 中是冻结“{found.name}”，不是“{name}”：被改名或复制过。"
                "请恢复原来的名称。",
            )
        )
    return found


def freeze_names(survey: Survey) -> list[str]:
    """The names of all freezes of a survey, as their folders are called."""
    root = survey.folder / FREEZES
    found = root.iterdir() if root.is_dir() else ()
    return sorted(one.name for one in found if (one / STATEMENT).is_file())


def _freeze(folder: Path, told: Mapping[str, Any]) -> Freeze:
    return Freeze(
        folder=folder,
        name=str(told["name"]),
        person=str(told["person"]),
        made_at=datetime.fromisoformat(told["made_at"]),
        gate_on=date.fromisoformat(told["gate_on"]),
        period=Period.from_plain(told["period"]),
        baseline=Period.from_plain(told["baseline"]),
        counting=CountingRules.from_plain(told["counting"]),
        content_sha256=str(told["content"]["sha256"]),
        told=told,
    )
