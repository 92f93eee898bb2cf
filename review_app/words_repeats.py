"""Every sentence of the page of false alarms, in English and Chinese."""

SENTENCES: dict[str, tuple[str, str]] = {
    # name: English, Chinese
    "title": ("False alarms", "误报"),
    "hint": (
        "Boxes that stand at one place of one camera, time and again: a stump, a leaf. Nothing is "
        "dismissed unless you say so, nothing is deleted, and every act can be taken back.",
        "同一相机同一位置反复出现的检测框：树桩、叶片等。未经您确认不会排除，"
        "任何记录都不删除，每次操作均可撤销。",
    ),
    "nothing": (
        "No model has called anything here yet. Import cards and detect first.",
        "尚无模型结果。请先导入存储卡并检测。",
    ),
    "deployment": ("Camera (deployment)", "相机（布设）"),
    "deployment_of": (
        "{name} · {count} events to review · up to {piled} boxes at one place",
        "{name} · {count} 个待审核事件 · 同一位置最多 {piled} 个框",
    ),
    "none_here": (
        "No box stands at one place time and again at this camera.",
        "该相机没有固定位置的重复检测框。",
    ),
    "found": (
        "{groups} places; together they would clear {clears} events",
        "{groups} 处；共可清除 {clears} 个事件",
    ),
    "head": (
        "{type} · clears {clears} of {events} events",
        "{type} · 可清除 {clears} / {events} 个事件",
    ),
    "facts": (
        "{first} – {last}: {days} days, {hours} hours of the day · in {share} % of the events · "
        "score {low}–{middle}–{high} · {boxes} boxes · {model}",
        "{first} 至 {last}：{days} 天、{hours} 个时段 · 占事件 {share} % · "
        "分值 {low}–{middle}–{high} · {boxes} 个框 · {model}",
    ),
    "company": ("{count} events hold other boxes: they stay", "{count} 个事件另有其他框：保留"),
    "animals": (
        "{count} events in which a person found an animal",
        "{count} 个事件中有人发现过动物",
    ),
    "dismiss": ("These are false alarms", "这些是误报"),
    "dismissing": ("Dismissing…", "正在排除……"),
    "need_person": (
        "Write your name in the panel on the left first.",
        "请先在左侧面板填写您的姓名。",
    ),
    "dismissed": (
        "{boxes} boxes dismissed. {clears} events are blank now; they stay in the queue among the "
        "blanks.",
        "已排除 {boxes} 个框。{clears} 个事件现为空拍，仍在审核队列的空拍之中。",
    ),
    "undo": ("Undo", "撤销"),
    "restored": ("{boxes} boxes stand again.", "已恢复 {boxes} 个框。"),
    "done": ("Dismissed so far", "已排除"),
    "done_line": ("{boxes} boxes · {person} · {day}", "{boxes} 个框 · {person} · {day}"),
    "taken_back": ("taken back by {person} · {day}", "已由 {person} 撤销 · {day}"),
    "take_back": ("Take back", "撤销"),
    "more": ("Show {count} more places", "再显示 {count} 处"),
    "hidden": ("a picture of people is not shown here", "含人员的照片不在此显示"),
    "no_time": ("no time", "无时间"),
    "whole": ("where it stands", "所在位置"),
    "busy": ("The survey is being written to; try again.", "调查正在写入，请重试。"),
    "changed": (
        "The boxes have changed since; look at the groups again.",
        "检测框已有变化，请重新查看。",
    ),
}
