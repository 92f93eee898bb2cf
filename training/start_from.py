"""Which checkpoint a round starts from."""

from pathlib import Path

from models.shelf import find_weights
from species_db.language import tr

SHIPPED = "general"  # its checkpoint comes along with Namcha


class StartError(Exception):
    """Weights that a round was to start from have no checkpoint."""


def start_checkpoint(survey_folder: Path, asked: str, *, champion: Path | None) -> Path:
    """The checkpoint (`.pt`) to start from: what was asked for, else the one beside the champion.

    Weights of others often come without one; a detector then starts from the shipped checkpoint.

    Raises:
        StartError: what was asked for has no checkpoint.
        WeightsError: what was asked for is not here.
    """
    if not asked:
        beside = champion.with_suffix(".pt") if champion else None
        if beside is not None and beside.is_file():
            return beside
        return find_weights(SHIPPED).with_suffix(".pt")
    beside = find_weights(asked, inside=survey_folder).with_suffix(".pt")
    if not beside.is_file():
        raise StartError(
            tr(
                f"{asked} has no checkpoint to go on from: expected {beside.name} beside it. Pass "
                "--start with a .pt file.",
                f"{asked} 没有可继续训练的检查点：应有 {beside.name}。请用 --start 指定 .pt 文件。",
            )
        )
    return beside
