"""Write a row of a Camtrap DP table: the cells of its columns as text, in the standard's order."""

from collections.abc import Iterable, Mapping

from species_db.export.terms import Table

Cell = str | int | float | bool | None
Row = tuple[str, ...]


def row_of(table: Table, cells: Mapping[str, Cell]) -> Row:
    """Lay cells out as a table wants them; a column that it does not have is a slip of ours."""
    unknown = set(cells) - set(table.columns)
    if unknown:
        raise ValueError(f"{table.name} has no column {sorted(unknown)}")
    return tuple(_text(cells.get(column)) for column in table.columns)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return repr(cell) if isinstance(cell, float) else str(cell)


def in_order(rows: Iterable[Row], table: Table, *columns: str) -> list[Row]:
    """Sort rows by what leaves in some columns."""
    places = [table.columns.index(column) for column in columns]
    return sorted(rows, key=lambda row: [row[place] for place in places])
