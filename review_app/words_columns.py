"""What the columns of analyses' tables are called, in English and Chinese.

A file keeps the names that programs read; these stand above its preview on the page.
"""

COLUMNS: dict[str, tuple[str, str]] = {
    # where
    "locationID": ("station", "点位"),
    "cameraAtStation": ("camera", "相机"),
    "deploymentID": ("deployment", "布设"),
    "plotID": ("plot", "样地"),
    "county": ("county", "县（区、市）"),
    # when
    "day": ("day", "日期"),
    "month": ("month", "月份"),
    "eventStart": ("begins", "开始"),
    "eventEnd": ("ends", "结束"),
    "occasion": ("occasion", "调查期"),
    "occasionStart": ("begins", "开始"),
    "occasionDays": ("days in an occasion", "每期天数"),
    # effort
    "cameraDays": ("camera-days", "相机日"),
    "diurnalCameraDays": ("camera-days by day", "日间相机日"),
    "unitsWithEffort": ("units watched", "有工作量的单元"),
    "method": ("days of set-up", "首尾日计法"),
    # what
    "scientificName": ("taxon", "学名"),
    "vernacularNameZh": ("Chinese name", "中文名"),
    "taxonRank": ("rank", "阶元"),
    # visits
    "eventID": ("event", "事件"),
    "maxN": ("individuals at once", "同时最多个体"),
    "recordsJoined": ("records joined", "合并记录数"),
    "isConfirmed": ("confirmed", "已确认"),
    "intervalMinutes": ("interval, min", "间隔（分钟）"),
    "rule": ("rule", "规则"),
    "independentEvents": ("events", "独立事件"),
    "individualsMaxN": ("individuals, each visit's most", "个体数（各次最多之和）"),
    "unitsWithEvents": ("units with events", "有记录的单元"),
    "eventsWithoutEffort": ("events without effort", "无工作量的事件"),
    "rai": ("index", "相对多度指数"),
    "raiLow95": ("from (95 %)", "下限（95%）"),
    "raiHigh95": ("to (95 %)", "上限（95%）"),
    "raiUnitMedian": ("median unit", "单元中位数"),
    "eventsPer1000CameraHours": ("events per 1000 camera-hours", "每千相机小时事件"),
    "detection": ("found", "拍到"),
}  # fmt: skip
