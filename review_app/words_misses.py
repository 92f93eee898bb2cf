"""Every sentence of the page of missed animals, in English and Chinese."""

SENTENCES: dict[str, tuple[str, str]] = {
    # name: English, Chinese
    "title": ("Missed animals", "漏检估计"),
    "hint": (
        "Some blanks and low scores are drawn by chance and opened by people; what they find says "
        "how much the rest holds. Drawn events come early in the review queue, among others.",
        "随机抽取部分空拍与低分事件由人查看，据此估计其余事件中的漏检。"
        "抽到的事件混排在审核队列前部。",
    ),
    "nothing": (
        "No model has called an event blank, or scored one low. Import cards and detect first.",
        "尚无模型判为空拍或低分的事件。请先导入存储卡并检测。",
    ),
    "missed_animals": ("animal events missed", "漏检的动物事件"),
    "missed_class_one": ("class I events missed", "漏检的国家一级事件"),
    "not_known": ("not known yet", "尚不清楚"),
    "first_draw": (
        "Draw a sample and review it: before that nothing is known of what was missed.",
        "请先抽样并审核：在此之前无从得知漏检情况。",
    ),
    "sample": (
        "Sample: {reviewed} of {drawn} reviewed",
        "样本：已审核 {reviewed} / {drawn}",
    ),
    "size": ("Events to draw", "抽取事件数"),
    "draw": ("Draw at random", "随机抽取"),
    "draw_advised": ("Draw {count} where advised", "按建议抽取 {count} 个"),
    "review_next": ("Review the next of the sample", "审核样本中的下一个"),
    "drawn": (
        "{count} events drawn; they come early in the review queue.",
        "已抽取 {count} 个事件，将排在审核队列前部。",
    ),
    "need_person": (
        "Write your name in the panel on the left first.",
        "请先在左侧面板填写您的姓名。",
    ),
    "busy": ("The survey is being written to; try again.", "调查正在写入，请重试。"),
    "rule": ("Is it enough?", "是否足够？"),
    "by_band": ("What the samples showed", "样本结果"),
    "by_deployment": ("Camera by camera", "逐台相机"),
    "first_of": ("The first {shown} of {total} cameras.", "前 {shown} 台，共 {total} 台。"),
    "col_deployment": ("Camera (deployment)", "相机（布设）"),
    "col_unopened": ("Not opened", "未查看"),
    "col_drawn": ("Drawn", "抽取"),
    "col_reviewed": ("Reviewed", "已审核"),
    "col_animals": ("Animals found", "发现动物"),
    "col_missed": ("Missed (95 %)", "漏检（95 %）"),
    "reliability": ("What a score is worth", "分值是否可靠"),
    "model": ("Model", "模型"),
    "no_model": (
        "No model has scored an animal here yet.",
        "尚无模型给出动物分值。",
    ),
    "of_animals": ("Is it an animal?", "是否为动物？"),
    "of_names": ("Is the name right?", "名称是否正确？"),
    "chart_hint": (
        "Each point is a stretch of scores: the share that people found right, with its 95 % "
        "interval. On the line a score means what it says. Below, how many events.",
        "每点为一段分值：经人审核正确的比例及 95 % 区间。落在对角线上表示分值可信。下方为事件数。",
    ),
    "axis_score": ("score of the model", "模型分值"),
    "axis_share": ("found right by people", "人工确认比例"),
    "axis_events": ("events", "事件数"),
    "tip_reviewed": ("reviewed", "已审核"),
    "tip_right": ("right", "正确"),
    "reviewed_key": ("reviewed", "已审核"),
    "waiting_key": ("not reviewed", "未审核"),
}
