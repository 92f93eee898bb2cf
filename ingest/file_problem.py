"""What can be wrong with one camera file, and which of it keeps the file out of the survey."""

from dataclasses import dataclass
from enum import StrEnum


class ProblemCode(StrEnum):
    """Stable words for what is wrong with a file; reports count them and screens translate them."""

    EMPTY_FILE = "empty_file"
    NOT_MEDIA = "not_media"
    UNSUPPORTED_MEDIA = "unsupported_media"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NAME_NOT_TEXT = "name_not_text"  # in an archive: nothing could find the file again

    LINK_NOT_FOLLOWED = "link_not_followed"
    ORIGINAL_MISSING = "original_missing"
    ORIGINAL_ALTERED = "original_altered"
    PIXELS_UNREADABLE = "pixels_unreadable"
    FILM_BREAKS_OFF = "film_breaks_off"
    OTHER_TOOL_FAILED = "other_tool_failed"  # its results say so; our own models may still look

    SUFFIX_DIFFERS = "suffix_differs"
    EXIF_UNREADABLE = "exif_unreadable"
    MAKER_NOTE_UNDECODED = "maker_note_undecoded"
    TIME_MISSING = "time_missing"
    TIME_INVALID = "time_invalid"
    TIME_SUSPECT = "time_suspect"
    OFFSET_SUSPECT = "offset_suspect"
    GPS_INVALID = "gps_invalid"
    ALTITUDE_SUSPECT = "altitude_suspect"
    GPS_TIME_DIFFERS = "gps_time_differs"
    OUTSIDE_PLOT = "outside_plot"
    GCJ02_SUSPECT = "gcj02_suspect"


REJECTING = frozenset(
    {
        ProblemCode.EMPTY_FILE,
        ProblemCode.NOT_MEDIA,
        ProblemCode.UNSUPPORTED_MEDIA,
        ProblemCode.TRUNCATED,
        ProblemCode.UNREADABLE,
        ProblemCode.TOO_LARGE,
        ProblemCode.NAME_NOT_TEXT,
    }
)
"""A file with one of these is listed and set aside; any other code warns about a used file."""


@dataclass(frozen=True)
class FileProblem:
    """One thing wrong with one file, in words a field team can act on.

    Notes are printed in reports and logs, so they never hold coordinates.

    >>> FileProblem(ProblemCode.EMPTY_FILE, "The file has 0 bytes.").is_rejecting
    True
    >>> FileProblem(ProblemCode.TIME_MISSING, "No capture time.").is_rejecting
    False
    """

    code: ProblemCode
    note: str

    @property
    def is_rejecting(self) -> bool:
        """Say whether the file must stay out of the survey because of this."""
        return self.code in REJECTING
