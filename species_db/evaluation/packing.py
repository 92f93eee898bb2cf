"""Office files whose bytes follow from their content alone: no clock, and nothing compressed.

Two builds of zlib may pack the same bytes differently, so the parts are stored as they are: a
workbook of a pack is some hundred kilobytes, and the same on every computer.
"""

import io
import re
import zipfile
from datetime import UTC, datetime

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
FACTS = "docProps/core.xml"
STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def same_bytes(content: bytes, made_at: datetime) -> bytes:
    """Pack an office file anew, with one fixed time in its facts and on its parts."""
    stamp = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.create_system = 3  # else it tells Windows from others
            part = source.read(name)
            if name == FACTS:  # writers put the time of day there
                part = STAMPS.sub(rb"\g<1>" + stamp, part)
            target.writestr(entry, part)
    return packed.getvalue()
