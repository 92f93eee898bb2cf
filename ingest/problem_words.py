"""What each problem of a file means, in both languages, for receipts that travel."""

from collections.abc import Mapping

from ingest.file_problem import ProblemCode

PROBLEM_WORDS: Mapping[str, tuple[str, str]] = {
    ProblemCode.EMPTY_FILE: ("The file has no bytes.", "文件为空(0 字节)。"),
    ProblemCode.NOT_MEDIA: ("Not a picture or video.", "不是照片或视频。"),
    ProblemCode.UNSUPPORTED_MEDIA: (
        "A kind of media that cannot be used yet.",
        "暂不支持的媒体格式。",
    ),
    ProblemCode.TRUNCATED: (
        "The file ends too early.",
        "文件不完整。",
    ),
    ProblemCode.UNREADABLE: ("The card did not give the file.", "存储卡未能给出该文件。"),
    ProblemCode.TOO_LARGE: (
        "The picture claims more pixels than can be right.",
        "照片声称的像素数过大,不合理。",
    ),
    ProblemCode.NAME_NOT_TEXT: (
        "The file's name is no text, so an archive could not give it again.",
        "文件名不是有效文本,无法再从存档中取出。",
    ),
    ProblemCode.LINK_NOT_FOLLOWED: (
        "A link to somewhere else; not followed.",
        "指向别处的链接;未跟随。",
    ),
    ProblemCode.ORIGINAL_MISSING: ("The kept original is missing.", "保存的原始文件缺失。"),
    ProblemCode.ORIGINAL_ALTERED: (
        "The kept original is no longer what was copied.",
        "保存的原始文件与复制时不一致。",
    ),
    ProblemCode.PIXELS_UNREADABLE: (
        "Kept, but its picture cannot be opened.",
        "文件已保存,但画面无法打开。",
    ),
    ProblemCode.FILM_BREAKS_OFF: (
        "Kept, but the film cannot be decoded to its end.",
        "视频已保存,但无法解码至结尾。",
    ),
    ProblemCode.OTHER_TOOL_FAILED: (
        "Another tool could not read the file, as its results say.",
        "其他工具的结果表明未能读取该文件。",
    ),
    ProblemCode.SUFFIX_DIFFERS: (
        "The name's ending does not fit the content.",
        "扩展名与内容不符。",
    ),
    ProblemCode.EXIF_UNREADABLE: (
        "The camera's notes in the file cannot be read.",
        "文件中的 EXIF 信息无法读取。",
    ),
    ProblemCode.MAKER_NOTE_UNDECODED: (
        "The maker's own notes could not be decoded.",
        "厂商自定义信息无法解码。",
    ),
    ProblemCode.TIME_MISSING: ("No capture time.", "没有拍摄时间。"),
    ProblemCode.TIME_INVALID: ("The capture time is no valid time.", "拍摄时间无效。"),
    ProblemCode.TIME_SUSPECT: ("The capture time is doubtful.", "拍摄时间可疑。"),
    ProblemCode.OFFSET_SUSPECT: ("The offset from UTC is doubtful.", "UTC 偏移量可疑。"),
    ProblemCode.GPS_INVALID: ("The position in the file is not valid.", "文件中的位置无效。"),
    ProblemCode.ALTITUDE_SUSPECT: ("The altitude in the file is doubtful.", "文件中的海拔可疑。"),
    ProblemCode.GPS_TIME_DIFFERS: (
        "The satellites' time and the camera's differ.",
        "卫星时间与相机时间不一致。",
    ),
    ProblemCode.OUTSIDE_PLOT: ("The position lies outside the plot.", "位置在样地之外。"),
    ProblemCode.GCJ02_SUSPECT: (
        "The position may be in GCJ-02 instead of WGS-84.",
        "位置可能是 GCJ-02 坐标而非 WGS-84。",
    ),
}


def words_for(code: str) -> tuple[str, str]:
    """Explain a problem's code in English and Chinese; one we do not know stands as it is.

    >>> words_for("time_missing")
    ('No capture time.', '没有拍摄时间。')
    """
    return PROBLEM_WORDS.get(code, (code, code))
