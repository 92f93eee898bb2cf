"""The empty project file that a bureau fills in, with what belongs under each key."""

from collections.abc import Mapping
from pathlib import Path

from species_db.analysis.index_change import IndexSettings
from species_db.analysis.passages import PASSAGE_WORDS, PassageKind
from species_db.durable import write_durably
from species_db.language import tr
from species_db.projects.mistakes import ProjectFileError
from species_db.projects.project import WINDOW_YEARS, WORKS_WORDS, WorksKind

ENDING = ".toml"
Words = tuple[str, str]

TEXT = """# 工程项目监测档案：一个项目一个文件。# 之后的文字为说明，可以保留。
# Monitoring file of a project: one project, one file. What follows a # explains, and may stay.
# 文字加半角引号，日期写作 2026-11-01，列表写作 ["MT-01", "MT-02"]；不用的键留空即可。
# Text in plain "quotes", dates like 2026-11-01, lists like ["MT-01", "MT-02"]; leave the rest.

title_zh = ""  # 项目名称（中英文至少填一项）
title_en = ""  # its name, in at least one of the two languages
county = ""    # 县名或代码，如 墨脱县 / name or code, such as Medog County
kind = ""      # 工程类型 / what is built:
@WORKS@

# 施工第一天和最后一天；未完工时最后一天留空。其前为施工前，其后为运营期。
# First and last day of construction; leave the last one empty while it goes on.
construction_start = ""
construction_end = ""
# 施工前基线从哪一天算起；留空则取全部记录。 / First day of the baseline; empty: all records.
baseline_start = ""

# 运营期每隔几年评估一次。 / Years from one assessment in operation to the next.
window_years = @YEARS@
# 如评估期另有规定，逐一写明，代替上面的年数： / Windows of other lengths, instead of the above:
# operation_windows = [[2027-01-01, 2029-12-31], [2030-01-01, 2032-12-31]]

# 影响区的相机点位，或整个样地（样地上的所有点位）。
# Camera stations at the works, or whole plots (every station on them).
impact_stations = []
impact_plots = []
# 对照：生境、海拔相似，不受工程影响；至少 3 个。
# Controls in like habitat that the works do not reach: 3 or more.
control_stations = []
control_plots = []
# 确无对照时说明原因，否则无法计算。 / Where there are none, say why, or nothing is worked out.
why_no_control = ""

# 关注物种：中文名、英文名或学名；留空则统计全部物种。
# Taxa of interest by Chinese, English or scientific name; empty: every taxon that is seen.
taxa = []

# 每个点位在比较的两个时期中各自至少需要的相机日。 / Camera-days a station needs in both periods.
minimum_camera_days = @DAYS@

notes = ""  # 备注

# 野生动物通道：每个通道一段，去掉行首的 # 后填写；可重复。
# Wildlife passages: one block each; take away the # in front, and repeat as needed.
# [[passages]]
# name = "K12+300 涵洞"
# kind = "culvert"
@PASSAGES@
# stations = ["MT-07"]   # 监测该通道的点位 / stations that watch it
# opened = 2026-11-01    # 可通行的第一天，不填按完工次日 / first day open; none: after construction
"""


def write_project_template(path: Path) -> Path:
    """Write an empty project file; one that is there already is never overwritten.

    Raises:
        ProjectFileError: another ending, or the file is there already or cannot be written.
    """
    if path.suffix.lower() != ENDING:
        raise ProjectFileError(
            tr(f"{path.name}: the name must end in .toml.", f"{path.name}：文件名须以 .toml 结尾。")
        )
    if path.exists():
        raise ProjectFileError(
            tr(
                f"{path} is there already; name another file, so that no filled-in one is lost.",
                f"{path} 已存在；请另取文件名，以免覆盖已填写的文件。",
            )
        )
    try:
        write_durably(path, project_template().encode())
    except OSError as error:
        raise ProjectFileError(
            tr(
                f"{path} cannot be written: {error.strerror}. Name another folder.",
                f"无法写入 {path}：{error.strerror}。请更换文件夹。",
            )
        ) from error
    return path


def project_template() -> str:
    """The text of an empty file; both languages stand beside each other, as files are passed on."""
    values = {
        "@WORKS@": _terms(WORKS_WORDS),
        "@PASSAGES@": _terms(PASSAGE_WORDS),
        "@YEARS@": str(WINDOW_YEARS),
        "@DAYS@": f"{IndexSettings.minimum_days:g}",
    }
    text = TEXT
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _terms(words: Mapping[WorksKind, Words] | Mapping[PassageKind, Words]) -> str:
    return "\n".join(f"#   {term.value}  {chinese}" for term, (_, chinese) in words.items())
