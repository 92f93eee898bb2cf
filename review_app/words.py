"""Every sentence of the review page, in English and Chinese."""

from species_db.language import Language

SENTENCES: dict[str, tuple[str, str]] = {
    # name: English, Chinese
    "name": ("Namcha", "南迦"),
    "page_review": ("Review", "审核"),
    "page_import": ("Import cards", "导入存储卡"),
    "page_clock": ("Camera clocks", "相机时钟"),
    "page_health": ("Camera health", "相机状况"),
    "page_field": ("Field photos", "野外照片"),
    "page_repeats": ("False alarms", "误报"),
    "page_misses": ("Missed animals", "漏检估计"),
    "page_species": ("Species", "物种"),
    "page_analysis": ("Analysis", "分析"),
    "page_alerts": ("Alerts", "预警"),
    "page_records": ("Field records", "野外记录"),
    "page_invasive": ("Invasive species", "入侵物种"),
    "person": ("Your name", "您的姓名"),
    "person_hint": (
        "Each decision is kept under this name.",
        "每一项审核结果都记在此姓名之下。",
    ),
    "language": ("Language", "语言"),
    "no_survey": ("The survey cannot be opened", "无法打开调查项目"),
    "no_database": (
        "The survey's database did not answer. Is the disk full, or the folder gone? Reload the "
        "page; if that does not help, run namcha verify.",
        "调查数据库没有响应。磁盘是否已满，文件夹是否已不在？请刷新页面；"
        "若仍不行，请运行 namcha verify。",
    ),
    # what is there
    "animal": ("Animal", "动物"),
    "human": ("Human", "人员"),
    "vehicle": ("Vehicle", "车辆"),
    "blank": ("Blank", "空拍"),
    "unknown": ("Unknown", "无法判断"),
    "unclassified": ("Not yet looked at", "尚未识别"),
    "setup": ("Set-up", "安装维护"),
    "unidentified": ("Animal, unidentified", "动物（未鉴定）"),
    # places and times
    "plot": ("plot", "样地"),
    "deployment": ("deployment", "布设"),
    "no_time": ("no time recorded", "无拍摄时间"),
    "frame": ("Frame", "第"),
    "of": ("of", "/"),
    "earlier": ("before", "上一事件"),
    "later": ("after", "下一事件"),
    "progress": (
        "{reviewed} of {total} events reviewed · {percent} %",
        "已审核 {reviewed} / {total} 个事件 · {percent} %",
    ),
    # headings
    "machine": ("Machine", "机器识别"),
    "decision": ("Decision", "审核结果"),
    "not_reviewed": ("Not yet reviewed", "尚未审核"),
    "new_media": ("New pictures since this review", "此次审核之后有新照片加入"),
    "no_model": ("no model has looked yet", "尚无模型结果"),
    "boxes_dismissed": (
        "boxes dismissed as false alarms by {people}",
        "误报框已由 {people} 排除",
    ),
    "guess": ("a guess, at the rank of {rank}", "此名称为猜测，阶元：{rank}"),
    "rank_kingdom": ("kingdom", "界"),
    "rank_class": ("class", "纲"),
    "rank_order": ("order", "目"),
    "rank_family": ("family", "科"),
    "rank_genus": ("genus", "属"),
    "rank_species": ("species", "种"),
    "rank_subspecies": ("subspecies", "亚种"),
    # questions for an expert
    "question": ("Question for an expert: {what}", "请专家判断：{what}"),
    "question_class_one": (
        "is it {name}? Protected, class I.",
        "是否为{name}？国家一级保护动物。",
    ),
    "question_out_of_range": (
        "is it {name}? Not known here: {outside}.",
        "是否为{name}？此处未知：{outside}。",
    ),
    "question_could_hide": (
        "{name} may hide a class I species: {hidden}.",
        "“{name}”可能掩盖国家一级保护动物：{hidden}。",
    ),
    "outside_county": ("in this county", "本县（区、市）"),
    "outside_elevation": ("at this elevation", "此海拔"),
    "outside_season": ("in this season", "此季节"),
    "list_comma": (", ", "、"),
    # acts
    "act_confirm": ("Confirm", "确认"),
    "act_correct": ("Choose taxon", "选择物种"),
    "act_blank": ("Blank", "空拍"),
    "act_unknown": ("Unknown", "无法判断"),
    "act_human": ("Human", "人员"),
    "act_vehicle": ("Vehicle", "车辆"),
    "act_setup": ("Set-up", "安装维护"),
    "act_next": ("Next", "下一个"),
    "act_back": ("Back", "上一个"),
    "act_undo": ("Undo", "撤销"),
    "act_help": ("Keys", "按键"),
    "count": ("Count", "数量"),
    "search": ("Chinese, English or Latin name", "中文名、英文名或学名"),
    "no_hit": ("No such name in the list", "名录中没有此名称"),
    # pictures
    "restricted": ("People may be seen · blurred", "可能有人员 · 已模糊"),
    "show": ("Show", "显示"),
    "hide": ("Blur again", "重新模糊"),
    "no_picture": ("This file cannot be shown", "此文件无法显示"),
    "no_film": ("This film cannot be played here", "此视频无法在此播放"),
    "film_closed": ("Film with people", "含人员的视频"),
    "kept": (
        "The original is kept as it came from the camera.",
        "原始文件按相机所存原样保留。",
    ),
    # after an act
    "said_confirm": ("Confirmed.", "已确认。"),
    "said_correct": ("Taxon recorded.", "物种已记录。"),
    "said_animal": ("Recorded as an unidentified animal.", "已记为未鉴定动物。"),
    "said_blank": ("Recorded as blank.", "已记为空拍。"),
    "said_unknown": ("Recorded as unknown.", "已记为无法判断。"),
    "said_human": ("Recorded as human.", "已记为人员。"),
    "said_vehicle": ("Recorded as vehicle.", "已记为车辆。"),
    "said_setup": ("Recorded as set-up.", "已记为安装维护。"),
    "undone": ("Undone: the event is open again.", "已撤销：该事件恢复为之前的状态。"),
    "nothing_to_undo": ("There is nothing of yours to undo.", "没有可撤销的审核。"),
    "no_earlier": ("This is the first event.", "已是第一个事件。"),
    "need_person": (
        "Write your name in the panel on the left first.",
        "请先在左侧面板填写您的姓名。",
    ),
    "nothing_to_confirm": (
        "No model has looked at every file of this event: say what you see.",
        "尚无模型看过该事件的全部文件：请直接填写您看到的内容。",
    ),
    "conflict": (
        "This event changed since you opened it; nothing of yours was written. "
        "Look again, then decide.",
        "该事件在您打开之后已有变化，您的结果未写入。请重新查看后再决定。",
    ),
    "conflict_media": (
        "New pictures have come to this event since you opened it; nothing of yours was written. "
        "Look again, then decide.",
        "该事件在您打开之后又有新照片加入，您的结果未写入。请重新查看后再决定。",
    ),
    "busy": (
        "The survey is busy, perhaps with an import; nothing of yours was written. "
        "Try again in a moment.",
        "调查项目正忙（可能正在导入），您的结果未写入。请稍后再试。",
    ),
    "busy_reading": (
        "The survey is busy, perhaps with an import; this screen may be out of date. "
        "Press a key again in a moment.",
        "调查项目正忙（可能正在导入），当前画面可能不是最新。请稍后再按一次键。",
    ),
    "refused": ("Not recorded.", "未记录。"),
    "all_done": ("Every event is reviewed", "全部事件已审核"),
    "all_done_hint": ("← goes back, z undoes", "← 返回，z 撤销"),
    # help
    "help": ("Keys", "快捷键"),
    "help_confirm": ("accept the machine's call", "接受机器识别结果"),
    "help_correct": (
        "choose a taxon: type, ↑ ↓, Enter",
        "选择物种：输入名称，↑ ↓ 选择，回车确定",
    ),
    "help_marks": (
        "blank, unknown, human, vehicle, set-up",
        "空拍、无法判断、人员、车辆、安装维护",
    ),
    "help_count": (
        "count for the next act, to 999; 0 or Esc: as proposed",
        "下一操作的数量，至 999；0 或 Esc：采用建议值",
    ),
    "help_move": ("next event, event before", "下一事件，上一事件"),
    "help_frames": ("frame before, frame after", "上一张，下一张"),
    "help_undo": ("undo your last decision, many steps", "撤销您的上一次审核，可多步"),
    "help_boxes": ("hide or show boxes", "隐藏或显示方框"),
    "help_show": ("show or blur people", "显示或模糊人员"),
    "help_close": ("any key closes this", "按任意键关闭"),
}


def words_in(language: Language) -> dict[str, str]:
    """All sentences in one language.

    >>> words_in("zh")["blank"]
    '空拍'
    """
    place = 1 if language == "zh" else 0
    return {name: sentence[place] for name, sentence in SENTENCES.items()}
