"""Every sentence of the analysis page but those of its charts, in English and Chinese."""

SENTENCES: dict[str, tuple[str, str]] = {
    # name: English, Chinese
    "title": ("Analysis", "分析"),
    "which": ("Analysis", "分析"),
    # the analyses, and what each answers
    "effort": ("Effort", "工作量"),
    "effort_asks": (
        "How long did the cameras work, when, and in which county?",
        "相机在何时、哪些县工作了多久？",
    ),
    "events": ("Events", "独立事件"),
    "events_asks": (
        "What came by, and when? A visit is counted once, however many pictures it left.",
        "哪些物种来过，何时来的？一次到访无论拍下多少张，只计一次。",
    ),
    "rai": ("Index", "相对多度"),
    "rai_asks": (
        "Which species are met more often than others for the same effort?",
        "在同样的工作量下，哪些物种更常被拍到？",
    ),
    "histories": ("Histories", "探测历史"),
    "histories_asks": (
        "At which stations was it found in which week, and where was nobody watching?",
        "在哪些点位、哪一周拍到过？哪些时候无人值守？",
    ),
    "occupancy": ("Occupancy", "占域"),
    "occupancy_asks": (
        "At what share of the stations does it live, those included where it was missed?",
        "它在多大比例的点位有分布（包括有分布而未拍到的）？",
    ),
    "activity": ("Activity", "活动节律"),
    "activity_asks": (
        "At what time of the day is it about, by the sun and not by the clock?",
        "按太阳而不是按钟表，它在一天中的什么时候活动？",
    ),
    "richness": ("Richness", "丰富度"),
    "richness_asks": (
        "How many species live here, and how many have the cameras not met yet?",
        "这里有多少个物种？还有多少未被相机拍到？",
    ),
    "trends": ("Trends", "年际变化"),
    "trends_asks": (
        "Is it met more or less often than in the years before?",
        "与往年相比，它被拍到得更多还是更少？",
    ),
    "phenology": ("Dates", "初见终见"),
    "phenology_asks": (
        "When is it first and last met in a year, and is that the animal's date or the camera's?",
        "每年何时初见、何时终见？这是动物的日期，还是相机的日期？",
    ),
    "elevation": ("Elevation", "海拔"),
    "elevation_asks": (
        "At which height does it live, and has it moved up or down?",
        "它生活在什么海拔？是否上移或下移？",
    ),
    "cooccurrence": ("Together", "同现"),
    "cooccurrence_asks": (
        "Who is met at the same stations, and who comes less often after people or livestock?",
        "哪些物种出现在相同点位？人或家畜经过之后，谁来得更少？",
    ),
    "errors": ("Machine errors", "机器误差"),
    "errors_asks": (
        "What would change if the labels nobody has reviewed are as often wrong as the others?",
        "未审核的机器标签若同样有错，结论会变吗？还需审核多少？",
    ),
    # what is asked
    "taxon": ("Species or group", "物种或类群"),
    "all_taxa": ("all that were recorded", "全部有记录的"),
    "taxon_hint": (
        "Type a Chinese, English or Latin name; a genus or family takes all below it.",
        "可输入中文名、英文名或学名；选属或科时含其下全部物种。",
    ),
    "from": ("From", "自"),
    "to": ("To", "至"),
    "state": ("Records", "记录"),
    "confirmed": ("confirmed by a person", "经人工确认"),
    "all": ("and what only a model has said", "含仅由模型识别的"),
    "interval": ("Visit gap, min", "独立间隔/分钟"),
    "interval_hint": (
        "Records of a taxon at one station closer together are one visit. 30 and 60 are usual.",
        "同一点位同一分类单元的记录相隔不足此时间时视为同一次到访；常用 30 或 60。",
    ),
    "rules": ("Rules", "规则"),
    "rule": ("The gap is measured from", "间隔从何算起"),
    "last-independent": ("the visit counted last", "上一次计入的到访"),
    "last-record": ("the record before", "上一条记录"),
    "by": ("Counted by", "计数单元"),
    "station": ("station, its cameras together", "点位（同一点位的相机合计）"),
    "camera": ("camera", "相机"),
    "deployment": ("deployment", "布设"),
    "method": ("Days of set-up and retrieval", "安装日与回收日"),
    "exact": ("by the hour", "按实际时刻"),
    "half-days": ("half a day each", "各计半天"),
    "inclusive": ("a whole day each", "各计一天"),
    "min_rank": ("Names down to", "鉴定至少到"),
    "species": ("species", "种"),
    "genus": ("genus", "属"),
    "family": ("family", "科"),
    "order": ("order", "目"),
    "class": ("class", "纲"),
    "doubtful": ("With cameras whose clock is undecided", "包括时钟尚未确定的相机"),
    # options of one analysis
    "occasion_days": ("Days in an occasion", "每期天数"),
    "first_day": ("The first occasion begins with", "首期始于"),
    "first_station": ("each station's own set-up", "各点位各自的安装日"),
    "first_survey": ("the first day of the survey", "整个调查的第一天"),
    "least_effort": ("Least effort", "最低工作量"),
    "least_effort_hint": (
        "An occasion with no more camera-days than this is not known, whatever was recorded in it.",
        "相机日不多于此值的一期记为不明，无论其中有无记录。",
    ),
    "psi_elevation": ("Occupancy by elevation", "占域率随海拔"),
    "p_effort": ("Detection by effort", "探测率随工作量"),
    "against": ("Beside it", "对照"),
    "other_": ("nothing", "无"),
    "other_people": ("people", "人"),
    "other_livestock": ("livestock", "家畜"),
    "other_dog": ("dogs", "狗"),
    "other_cat": ("cats", "猫"),
    "other_vehicle": ("vehicles", "车辆"),
    "transform": ("Sun time", "太阳时"),
    "transform_average": (
        "mean lengths of day and night kept",
        "保持平均昼夜长度",
    ),
    "transform_sunrise-sunset": (
        "sunrise at six, sunset at eighteen",
        "日出为 6 时、日落为 18 时",
    ),
    "domestic_too": ("Count domestic animals too", "也计家养动物"),
    "within_hours": ("Hours after others", "他者之后的小时数"),
    "year_begins": ("Years begin in", "年度始于"),
    "months_from": ("Months from", "月份自"),
    "months_to": ("to", "至"),
    "months": (
        "January February March April May June July August September October November December",
        "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
    ),
    # what comes of it
    "working": ("Working it out …", "正在计算……"),
    "closed": (
        "Shown as it may leave the survey: places without names, no coordinates.",
        "按可对外提供的程度显示：地点不具名，无坐标。",
    ),
    "tables": ("Tables", "表格"),
    "rows_of": ("{shown} of {total} rows; the download has them all.",
                "共 {total} 行，此处为前 {shown} 行；下载文件含全部。"),
    "rows_all": ("All {total} rows.", "共 {total} 行。"),
    "row_one": ("One row.", "共 1 行。"),
    "more_columns": ("More columns in the download: {count}.", "另有 {count} 列见下载文件。"),
    "not_known": ("not known", "不明"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "download": ("Download", "下载"),
    "download_hint": (
        "A zip of the tables as CSV, with the question, the rules and what was left out. "
        "That they left is written in the log under your name.",
        "压缩包内含各表（CSV）及所用问题、规则和未计入的内容；导出会以您的姓名记入日志。",
    ),
    "prepare": ("Prepare the download", "生成下载文件"),
    "get": ("Download {name}", "下载 {name}"),
    "need_person": (
        "Write your name in the panel on the left first.",
        "请先在左侧面板填写您的姓名。",
    ),
    # nothing to tell
    "no_cameras": (
        "No camera has been set up yet. Read the field sheet and import cards first; the "
        "analyses follow from them.",
        "尚无相机布设。请先读入布设登记表并导入存储卡，之后即可分析。",
    ),
    "no_effort": (
        "No camera is known to have worked in this time, so that no number can be told. Choose "
        "other dates, or see the page of camera health for lost days.",
        "所选时段内没有已知在工作的相机，因此无法给出任何数字。"
        "请换一个时段，或在“相机状况”页查看失效日。",
    ),
    "no_records": (
        "No record fits. Over this effort it was not met, which is a result; review events, "
        "or choose other dates or records, if you expect some.",
        "没有符合的记录：在此工作量下未拍到，这本身就是结果。"
        "若预计应有记录，请先审核事件，或更换时段、记录范围。",
    ),
    "only_machine": (
        "{count} records that only a model has named wait for review; choose them under Records "
        "to look at them already.",
        "另有 {count} 条仅由模型识别的记录待审核；可在“记录”中选择包含它们，先行查看。",
    ),
    "no_taxon": (
        "Choose a species: nothing has been recorded by name yet.",
        "请选择物种：目前尚无已定名的记录。",
    ),
    "dates_swapped": (
        "The first day is after the last: exchange them.",
        "起始日晚于结束日，请对调。",
    ),
    "not_yet": (
        "This analysis is not part of this version.",
        "当前版本尚不含此项分析。",
    ),
}  # fmt: skip
