"""How the Word document looks: A4, office fonts for Chinese, tables with thin rules."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

RED, SOFT, INK = "B3151B", "5B6270", "1A1A1A"
TONES = {"good": "1B7F5C", "bad": "B3261E", "plain": INK}
# As offices set documents: song for titles, hei for headings, fangsong for text.
TITLE_FONT, HEAD_FONT, TEXT_FONT, LATIN = "宋体", "黑体", "仿宋", "Times New Roman"
HEAD_FILL = "F3F0EA"
TEXT_WIDTH_MM = 168.0


def new_document(made_at: datetime, title: str) -> Any:
    """An empty A4 document with the moment of the freeze as its only date."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document = Document()
    facts = document.core_properties
    facts.author, facts.title, facts.last_modified_by = "namcha", title, "namcha"
    facts.comments, facts.revision = "", 1
    facts.created = facts.modified = made_at.replace(tzinfo=None)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(21)
    section.top_margin = section.bottom_margin = Mm(22)
    normal: Any = document.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(11)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), TEXT_FONT)
    _speak_chinese(document)
    normal.paragraph_format.space_after = Pt(3)
    normal.paragraph_format.line_spacing = 1.25
    _number_pages(section)
    return document


def add_heading(document: Any, zh: str, en: str, *, level: int = 1) -> None:
    """A heading in Chinese with its English behind it, or below a long one."""
    from docx.shared import Pt

    paragraph = document.add_heading(level=level)
    paragraph.paragraph_format.space_before = Pt(16 if level == 1 else 10)
    paragraph.paragraph_format.space_after = Pt(4)
    _run(paragraph, zh, size=15 if level == 1 else 11.5, font=HEAD_FONT, colour=INK)
    if level == 1:
        _run(paragraph, f"  {en}", size=9.5, colour=SOFT)
    else:
        paragraph.add_run().add_break()
        _run(paragraph, en, size=8.5, colour=SOFT)


def add_sentence(document: Any, mark: str, zh: str, en: str, *, colour: str) -> None:
    """A sentence behind a coloured mark, its English small below it."""
    from docx.shared import Mm, Pt

    paragraph = document.add_paragraph()
    layout = paragraph.paragraph_format
    layout.left_indent, layout.first_line_indent = Mm(5), Mm(-5)
    layout.space_after, layout.line_spacing = Pt(4), 1.15
    layout.tab_stops.add_tab_stop(Mm(5))
    _run(paragraph, f"{mark}\t", size=10, colour=colour)
    _run(paragraph, zh, size=10.5)
    paragraph.add_run().add_break()
    _run(paragraph, en, size=8.5, colour=SOFT)


def add_line(
    document: Any,
    text: str,
    *,
    size: float = 11,
    colour: str = INK,
    is_bold: bool = False,
    is_centred: bool = False,
    is_title: bool = False,
    keeps: bool = False,
) -> None:
    """One paragraph; one that `keeps` stays on the page of what follows it."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = document.add_paragraph()
    if is_centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = keeps
    font = TITLE_FONT if is_title else TEXT_FONT
    _run(paragraph, text, size=size, colour=colour, font=font, is_bold=is_bold)


def add_table(
    document: Any,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[float],
    size: float = 9,
) -> Any:
    """A table of texts; lines after the first of a cell are small. Widths in millimetres."""
    from docx.shared import Mm

    table = document.add_table(rows=0, cols=len(widths))
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for number, row in enumerate((heads, *rows) if heads else rows):
        cells = table.add_row().cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Mm(width)
        is_head = bool(heads) and number == 0
        for cell, told in zip(cells, row, strict=False):
            first, _, rest = told.partition("\n")
            write(cell, first, rest, size=size, is_head=is_head)
    _rule(table)
    if heads:
        _repeat(table.rows[0])
    for row in table.rows:
        _keep_whole(row)
    document.add_paragraph().paragraph_format.space_after = 0
    return table


def add_pictures(document: Any, pictures: Sequence[bytes], words: Sequence[str]) -> None:
    """Pictures side by side, the words of each below it."""
    from docx.shared import Mm, Pt

    if not pictures:
        return
    width = TEXT_WIDTH_MM / len(pictures)
    table = document.add_table(rows=2, cols=len(pictures))
    table.autofit = False
    for column, picture, told in zip(table.columns, pictures, words, strict=True):
        column.width = Mm(width)
        paragraph = column.cells[0].paragraphs[0]
        paragraph.paragraph_format.space_before = Pt(6)
        paragraph.add_run().add_picture(io.BytesIO(picture), width=Mm(width - 4))
        write(column.cells[1], told, size=8)
    for row in table.rows:
        _keep_whole(row)


def write(
    cell: Any,
    text: str,
    small: str = "",
    *,
    size: float = 9,
    colour: str = INK,
    is_head: bool = False,
) -> None:
    """Fill a cell: a text, and smaller lines below it."""
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = 1.1
    font = HEAD_FONT if is_head else TEXT_FONT
    _run(paragraph, text, size=size, colour=colour, font=font, is_bold=is_head)
    for line in filter(None, small.split("\n")):
        paragraph.add_run().add_break()
        _run(paragraph, line, size=size - 1.5, colour=SOFT)
    if is_head:
        _shade(cell)


def _run(
    paragraph: Any,
    text: str,
    *,
    size: float,
    colour: str = INK,
    font: str = TEXT_FONT,
    is_bold: bool = False,
) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(size), is_bold
    run.font.color.rgb = RGBColor.from_string(colour)
    run.font.name = LATIN
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _speak_chinese(document: Any) -> None:
    """Chinese of the mainland: else programs set its full stops as those of Taiwan."""
    language = _element("w:lang", val="en-US", eastAsia="zh-CN")
    for style in ("Normal", "Heading 1", "Heading 2"):
        document.styles[style].element.get_or_add_rPr().append(language)
        language = _element("w:lang", val="en-US", eastAsia="zh-CN")
    defaults = document.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang")
    for one in defaults:
        for key in ("val", "eastAsia"):
            one.attrib.pop(_name(key), None)
            one.set(_name(key), "zh-CN" if key == "eastAsia" else "en-US")


def _name(key: str) -> str:
    from docx.oxml.ns import qn

    told: str = qn(f"w:{key}")
    return told


def _element(name: str, **values: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _rule(table: Any) -> None:
    """Thin lines between rows, thicker ones above and below; none between columns."""
    borders = _element("w:tblBorders")
    for side, size, colour in (
        ("top", "8", INK),
        ("bottom", "8", INK),
        ("insideH", "4", "C9CED6"),
    ):
        borders.append(_element(f"w:{side}", val="single", sz=size, space="0", color=colour))
    margins = _element("w:tblCellMar")
    for side, width in (("top", "45"), ("left", "60"), ("bottom", "45"), ("right", "60")):
        margins.append(_element(f"w:{side}", w=width, type="dxa"))
    table._tbl.tblPr.append(borders)
    table._tbl.tblPr.append(margins)


def _shade(cell: Any) -> None:
    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill=HEAD_FILL))


def _repeat(row: Any) -> None:
    """The head stands again on every page."""
    row._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))


def _number_pages(section: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    run.font.size = Pt(9)
    for kind in ("begin", "", "end"):
        if kind:
            run._element.append(_element("w:fldChar", fldCharType=kind))
        else:
            text = _element("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = "PAGE"
            run._element.append(text)
