"""Which kind of file this is, told from its first bytes and never from its name."""

from enum import StrEnum
from pathlib import PurePosixPath

HEAD_BYTES = 64
"""How much of a file `sniff_media_type` needs; enough for the brand list of phone pictures."""

UNKNOWN_TYPE = "application/octet-stream"


class MediaKind(StrEnum):
    """What the survey can do with a file."""

    IMAGE = "image"
    VIDEO = "video"
    OTHER = "other"


_SUFFIXES = {
    "image/jpeg": {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"},
    "image/png": {".png"},
    "image/heic": {".heic", ".heif", ".hif"},
    "image/heif": {".heic", ".heif", ".hif"},
    "video/x-msvideo": {".avi"},
    "video/mp4": {".mp4", ".m4v", ".mov", ".3gp"},
    "video/quicktime": {".mov", ".qt", ".mp4"},
    "video/3gpp": {".3gp", ".3g2", ".mp4"},
}

# Pictures and videos by right, but not read here: a TIFF header is also how most camera RAW files
# begin, and decoding those as TIFF would give their thumbnail.
_UNSUPPORTED = (
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"GIF8", "image/gif"),
    (b"\x1aE\xdf\xa3", "video/x-matroska"),
    (b"0&\xb2u\x8ef\xcf\x11", "video/x-ms-asf"),
)

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_HEIF_BRANDS = {b"mif1", b"msf1", b"mif2"}
_OTHER_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"crx ": "image/x-canon-cr3",
    b"jp2 ": "image/jp2",
    b"jxl ": "image/jxl",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
}
_OLD_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"pnot"}


def sniff_media_type(head: bytes) -> str:
    """Name the IANA type of a file from its first `HEAD_BYTES` bytes.

    A phone app may name a JPEG `.png`, and a lost text file may be called `.jpg`; only the
    content says what can be decoded. Multi-picture files (MPO) begin with a JPEG and count as one.

    >>> sniff_media_type(b"\\xff\\xd8\\xff\\xe1")
    'image/jpeg'
    >>> sniff_media_type(b"this is not an image")
    'application/octet-stream'
    """
    if head.startswith(b"\xff\xd8"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF":
        riff_types = {b"AVI ": "video/x-msvideo", b"WEBP": "image/webp"}
        return riff_types.get(head[8:12], UNKNOWN_TYPE)
    if head[4:8] == b"ftyp":
        return _type_of_brands(head)
    if head[4:8] in _OLD_QUICKTIME_BOXES:
        return "video/quicktime"
    for start, media_type in _UNSUPPORTED:
        if head.startswith(start):
            return media_type
    return UNKNOWN_TYPE


def kind_of(media_type: str) -> MediaKind:
    """Say whether the survey can use files of this type, as a picture or as a video.

    >>> kind_of("video/x-msvideo")
    <MediaKind.VIDEO: 'video'>
    >>> kind_of("image/tiff")
    <MediaKind.OTHER: 'other'>
    """
    if media_type not in _SUFFIXES:
        return MediaKind.OTHER
    return MediaKind(media_type.partition("/")[0])


def suffix_fits(file_name: str, *, media_type: str) -> bool:
    """Say whether a usable file is named as its content; a misnamed one is read all the same.

    >>> suffix_fits("IMG_0001.JPG", media_type="image/jpeg")
    True
    >>> suffix_fits("IMG_0001.png", media_type="image/jpeg")
    False
    """
    return PurePosixPath(file_name).suffix.lower() in _SUFFIXES.get(media_type, set())


def _type_of_brands(head: bytes) -> str:
    """Tell phone pictures from videos by the brands of the `ftyp` box they share."""
    box_bytes = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, box_bytes - 3, 4))}
    if major in _OTHER_BRANDS:
        return _OTHER_BRANDS[major]
    if major in _HEIC_BRANDS:
        return "image/heic"
    if major in _HEIF_BRANDS:
        if b"avif" in brands:
            return "image/avif"
        return "image/heic" if brands & _HEIC_BRANDS else "image/heif"
    if major == b"qt  ":
        return "video/quicktime"
    return "video/3gpp" if major[:2] == b"3g" else "video/mp4"
