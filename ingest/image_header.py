"""What the container of a picture says: its size, its metadata blocks, whether it is whole."""

from dataclasses import dataclass
from io import BytesIO

import pillow_heif

from ingest.file_problem import FileProblem, ProblemCode
from ingest.jpeg_segments import read_jpeg_segments
from species_db.language import tr

MOST_MEGAPIXELS = 200
"""Beyond any camera in the field; a larger header is damage or a trap for the decoder's memory."""


@dataclass(frozen=True)
class ImageHeader:
    """Size and metadata blocks of one picture, before any pixel is decoded."""

    width: int | None = None
    height: int | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    problem: FileProblem | None = None


def read_image_header(data: bytes, *, media_type: str) -> ImageHeader:
    """Read size and metadata blocks of a picture, and say whether it can be decoded at all.

    The blocks are handed on even from a file that cannot be used, so that the list of lost files
    still tells which camera and which minute they came from.

    >>> read_image_header(b"\\xff\\xd8", media_type="image/jpeg").problem.code
    <ProblemCode.TRUNCATED: 'truncated'>
    """
    if media_type == "image/jpeg":
        jpeg = read_jpeg_segments(data)
        problem = cut_problem() if jpeg.is_cut else size_problem(jpeg.width, jpeg.height)
        return ImageHeader(jpeg.width, jpeg.height, jpeg.exif, jpeg.xmp, problem)
    if media_type == "image/png":
        return _read_png(data)
    return _read_heif(data)


def cut_problem() -> FileProblem:
    """Name a file that ends too early."""
    note = tr(
        "The file ends before its content does: the card was full, pulled or damaged while "
        "writing. It cannot be used; what there is of it is not thrown away.",
        "文件数据不完整:写入时卡已满、被拔出或损坏。无法使用,但已有内容不会丢弃。",
    )
    return FileProblem(ProblemCode.TRUNCATED, note)


def size_problem(width: int | None, height: int | None) -> FileProblem | None:
    """Name a stated size that no camera makes."""
    if not width or not height:
        note = tr(
            "The header states no picture size: the file is damaged.",
            "文件头未写明图片尺寸:文件已损坏。",
        )
        return FileProblem(ProblemCode.UNREADABLE, note)
    if width * height > MOST_MEGAPIXELS * 1_000_000:
        note = tr(
            f"The header states {width} x {height} pixels, more than {MOST_MEGAPIXELS} megapixels: "
            "it is damaged, and decoding it could exhaust the memory.",
            f"文件头写明 {width} x {height} 像素,超过 {MOST_MEGAPIXELS} 百万:"
            "文件已损坏,解码可能耗尽内存。",
        )
        return FileProblem(ProblemCode.TOO_LARGE, note)
    return None


def _read_png(data: bytes) -> ImageHeader:
    """Walk the chunks of a PNG; a whole one ends with IEND."""
    width = height = exif = None
    position, is_whole = 8, False
    while position + 12 <= len(data) and not is_whole:
        name = data[position + 4 : position + 8]
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if end > len(data):
            break
        content = data[position + 8 : end - 4] if name in (b"IHDR", b"eXIf") else b""
        if name == b"IHDR" and len(content) >= 8:
            width = int.from_bytes(content[:4], "big")
            height = int.from_bytes(content[4:8], "big")
        elif name == b"eXIf":
            exif = content
        is_whole = name == b"IEND"
        position = end
    return ImageHeader(
        width, height, exif, problem=size_problem(width, height) if is_whole else cut_problem()
    )


def _read_heif(data: bytes) -> ImageHeader:
    """Read a phone's HEIC; decoders turn its pixels upright themselves, so the size is upright."""
    is_cut = _ends_inside_a_box(data)
    try:
        picture = pillow_heif.open_heif(BytesIO(data))
        width, height = picture.size
        exif, xmp = picture.info.get("exif"), picture.info.get("xmp")
    except Exception as error:  # the reader must survive whatever a damaged file makes libheif do
        note = tr(f"The phone picture cannot be opened ({error}).", f"无法打开手机照片({error})。")
        problem = (
            cut_problem() if is_cut else FileProblem(ProblemCode.UNREADABLE, " ".join(note.split()))
        )
        return ImageHeader(problem=problem)
    exif = exif.removeprefix(b"Exif\x00\x00") if exif else None
    return ImageHeader(
        width,
        height,
        exif,
        xmp or None,
        problem=cut_problem() if is_cut else size_problem(width, height),
    )


def _ends_inside_a_box(data: bytes) -> bool:
    """Follow the top-level boxes; libheif opens a file whose last box, the pixels, is cut short."""
    position = 0
    while position + 8 <= len(data):
        box_bytes = int.from_bytes(data[position : position + 4], "big")
        if box_bytes == 1:
            box_bytes = int.from_bytes(data[position + 8 : position + 16], "big")
        if box_bytes == 0:  # the box runs to the end of the file
            return False
        if box_bytes < 8:
            return True
        position += box_bytes
    return position > len(data)
