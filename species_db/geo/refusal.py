"""What is wrong with a file of areas: every mistake, each with the feature it lies in."""

from collections.abc import Sequence

from species_db.language import tr

MOST_SHOWN = 20


class AreaFileError(Exception):
    """A file of areas cannot be taken in; nothing of it was."""

    def __init__(self, name: str, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        shown = list(mistakes[:MOST_SHOWN])
        if len(mistakes) > MOST_SHOWN:
            more = len(mistakes) - MOST_SHOWN
            shown.append(tr(f"... and {more} more.", f"……另有 {more} 处。"))
        head = tr(f"{name} was not imported:", f"未导入 {name}：")
        tail = tr("Nothing was changed.", "未作任何改动。")
        super().__init__("\n  ".join([head, *shown, tail]))
