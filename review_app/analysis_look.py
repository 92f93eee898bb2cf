"""How the charts of analyses look, and what they are made of: an answer and its effort."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import altair as alt

from species_db.language import Language
from species_db.study.answer import Answer

FOUND, OTHER, THIRD = "#e0a83e", "#8fbce0", "#8fceb0"
EFFORT, FAINT = "#8a929b", "#4a5058"
TEXT, QUIET, RULE, GRID, GROUND = "#e6e4df", "#9a9fa6", "#5b6168", "#2a2e33", "#16181b"
NAMES_WIDTH = 200  # of the axis with names: charts above each other stand level
FONT = '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
FONT_SIZE = 12
ROWS = 40  # of one chart; the table has all
Drawn = TypeVar("Drawn")

Words = Mapping[str, str]
Row = dict[str, Any]


@dataclass(frozen=True)
class DayEffort:
    """Camera-days of all units together on one day; `day_only` are those by daylight alone."""

    day: date
    worked: float
    day_only: float


@dataclass(frozen=True)
class Material:
    """What a chart is drawn from: an answer, the effort of the same study, and names of taxa.

    `view` are choices that change the drawing and not the answer.
    """

    answer: Answer
    effort: Answer
    days: Sequence[DayEffort]
    names: Mapping[str, str]
    words: Words
    language: Language
    view: Mapping[str, str] = field(default_factory=dict)

    def name(self, scientific_name: object) -> str:
        """A taxon in the reader's language, else in Latin."""
        return self.names.get(str(scientific_name), str(scientific_name))

    def rows(self, table: str) -> list[Row]:
        """The rows of one of the answer's tables under their columns' names."""
        return [dict(one) for one in self.answer.table(table).as_records()]

    def effort_rows(self, table: str) -> list[Row]:
        """The same of a table of effort."""
        return [dict(one) for one in self.effort.table(table).as_records()]

    @property
    def camera_days(self) -> float | None:
        """Effort of all units together."""
        told = self.effort.figures["camera_days"]
        return told if isinstance(told, float) else None


@dataclass(frozen=True)
class Part:
    """One chart under its heading; those of one number `beside` each other share a line."""

    title: str
    chart: Any  # None under a heading of several
    hint: str = ""
    beside: int = 1
    caution: str = ""
    lead: str = ""  # what the chart shows, in a sentence


def calm(chart: Any) -> Any:
    """The house look: no frame, quiet axes, letters that can be read on a laptop."""
    return (
        # The height is that of the rows: without this, axes would be squeezed into it.
        chart.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .configure(background="transparent", font=FONT, padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=TEXT,
            titleColor=QUIET,
            titleFontWeight="normal",
            labelFontSize=FONT_SIZE,
            titleFontSize=FONT_SIZE,
            labelLimit=NAMES_WIDTH,
            gridColor=GRID,
            domainColor=RULE,
            tickColor=RULE,
        )
        .configure_legend(
            labelColor=TEXT, titleColor=QUIET, labelFontSize=FONT_SIZE, titleFontWeight="normal"
        )
        .configure_text(font=FONT, fontSize=FONT_SIZE)
    )


def data(rows: Sequence[Row]) -> alt.InlineData:
    """Rows as they are, without the rows that a library for tables would make of them."""
    return alt.InlineData(list(rows))


def drawn(
    rows: Sequence[Drawn], hint: str, words: Words, *, most: int = ROWS
) -> tuple[list[Drawn], str]:
    """The rows that one chart holds, and its hint, which says when the table has more."""
    if len(rows) <= most:
        return list(rows), hint
    return list(rows[:most]), f"{hint} {words['first_of'].format(shown=most, total=len(rows))}"


def right_edge() -> Any:
    """Where text ends that stands in a column at the right of a chart."""
    return alt.XValue("width")  # type: ignore[no-untyped-call]


def names_axis(width: int = NAMES_WIDTH) -> alt.Axis:
    """The axis with names, of one width in charts that stand above each other."""
    return alt.Axis(
        title=None,
        minExtent=width,
        maxExtent=width,
        labelLimit=width,
        ticks=False,
        domain=False,
        labelPadding=8,
    )
