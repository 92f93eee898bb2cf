"""Find which deployment a card belongs to, by the name of its folder. Never guesses."""

from collections.abc import Mapping
from pathlib import Path

from ingest.card import CardError, is_litter_name, require_card
from ingest.media_type import HEAD_BYTES, MediaKind, kind_of, sniff_media_type
from species_db.deployments import names_of_deployments
from species_db.language import did_you_mean, tr
from species_db.survey import Survey
from species_db.tables import Deployment


def cards_to_import(
    survey: Survey, root: Path, deployment_id: str | None = None
) -> list[tuple[Path, str]]:
    """Say which folders are cards, and of which deployments: the one named, or by folder name.

    Raises:
        CardError: there is no card, no such deployment, or no deployment of the folder's name.
    """
    require_card(root)  # a missing card is said before a missing deployment
    with survey.reading() as session:
        names = names_of_deployments(session)
        is_known = deployment_id is None or session.get(Deployment, deployment_id) is not None
    if deployment_id is None:
        return match_cards(root, names)
    if is_known:
        return [(root, deployment_id)]
    hint = did_you_mean(deployment_id, names)
    raise CardError(
        tr(
            f"No deployment '{deployment_id}'.{hint} Import the field sheet first.",
            f"没有布设“{deployment_id}”。{hint}请先导入布设登记表。",
        )
    )


def match_cards(root: Path, deployment_of_name: Mapping[str, str]) -> list[tuple[Path, str]]:
    """Match a card's folder, or each folder inside it, to a deployment of the field sheet.

    `deployment_of_name` gives the deployment for every name a folder may have: its own id, or its
    station's id when the station has only one deployment.

    Raises:
        CardError: a folder has no deployment of its name.
    """
    own = _find(root.resolve().name, deployment_of_name)
    if own is not None:
        return [(root, own)]
    inside = sorted(path for path in root.iterdir() if not is_litter_name(path))
    folders = [path for path in inside if path.is_dir()]
    matched = [(path, _find(path.name, deployment_of_name)) for path in folders]
    found = [(path, deployment) for path, deployment in matched if deployment is not None]
    strays = [path for path, deployment in matched if deployment is None]
    loose = [path for path in inside if is_media(path)]
    if found and loose:
        raise CardError(
            tr(
                f"{loose[0].name} lies beside the cards and belongs to none of them. Move it into "
                "its card's folder, or import each card by itself.",
                f"{loose[0].name} 在各卡文件夹之外,不属于任何一张卡。"
                "请移入所属的卡文件夹,或逐卡导入。",
            )
        )
    if found and not strays:
        return found
    unmatched = strays[0].name if found else root.resolve().name or str(root)
    raise CardError(
        tr(
            f"No deployment is named '{unmatched}'.{did_you_mean(unmatched, deployment_of_name)} "
            "Name the folder after its deployment, or pass --deployment ID.",
            f"没有名为“{unmatched}”的布设。{did_you_mean(unmatched, deployment_of_name)}"
            "请按布设编号命名文件夹,或使用 --deployment 指定。",
        )
    )


def is_media(path: Path) -> bool:
    """Tell whether a file looks like a camera's, by its content."""
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            return False
        with path.open("rb") as file:
            return kind_of(sniff_media_type(file.read(HEAD_BYTES))) is not MediaKind.OTHER
    except OSError:
        return False


def _find(name: str, deployment_of_name: Mapping[str, str]) -> str | None:
    """The deployment of this very name, else of the one name that differs in case alone."""
    if name in deployment_of_name:
        return deployment_of_name[name]
    near = {d for n, d in deployment_of_name.items() if n.casefold() == name.casefold()}
    return near.pop() if len(near) == 1 else None
