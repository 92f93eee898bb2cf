"""The columns of a field record, as the sheet, the form and the guide know them."""

from collections.abc import Mapping
from dataclasses import dataclass

from species_db.field.records.terms import find_term
from species_db.vocabulary import FieldProtocol as P


@dataclass(frozen=True)
class Column:
    """One column: its name, its heading in Chinese, and what belongs into it.

    `terms` names the group of controlled words; `protocols` the protocols that have the column,
    none meaning all of them; `example` stands in the example line of the template.
    """

    name: str
    zh: str
    note_en: str
    note_zh: str
    example: str = ""
    unit: str = ""
    terms: str = ""
    protocols: frozenset[P] = frozenset()
    width: int = 12

    @property
    def heading(self) -> str:
        """Both names, as the sheet's first line shows them."""
        unit = f"（{self.unit}）" if self.unit else ""
        return f"{self.zh}{unit}\n{self.name}"


def _of(*protocols: P) -> frozenset[P]:
    return frozenset(protocols)


COLUMNS: tuple[Column, ...] = (
    Column(
        "record_id",
        "记录编号",
        "Your own number for the line. A line with the same number again corrects the record.",
        "自编号。再次导入相同编号的行即为更正。",
        "示例 example",
    ),
    Column(
        "protocol",
        "调查方法",
        "How the record was made; on a sheet named after a method it may be left out.",
        "记录方法；工作表以方法命名时可不填。",
        terms="protocol",
    ),
    Column(
        "start",
        "开始时间",
        "Required. Date, or date and time, of the visit: 2026-07-14 08:30.",
        "必填。调查开始的日期或日期时间，如 2026-07-14 08:30。",
        "2026-07-14 08:30",
        width=17,
    ),
    Column(
        "end",
        "结束时间",
        "Time or date and time at which the visit ended.",
        "调查结束的时间，或日期时间。",
        "10:05",
    ),
    Column(
        "utc_offset",
        "时区",
        "Only when it is not the survey's own, like +06:00.",
        "与项目时区不同时填写，如 +06:00。",
    ),
    Column(
        "observers",
        "观察人",
        "Required. All who looked, with | between.",
        "必填。所有观察人，以 | 分隔。",
        "扎西 | 卓玛",
        width=16,
    ),
    Column(
        "plot",
        "样地",
        "The plot's code; for a record off all plots leave it empty and give the county.",
        "样地编号；不在样地内则留空并填写县。",
    ),
    Column("county", "县区市", "Needed when there is no plot.", "无样地时必填。", width=14),
    Column(
        "latitude",
        "纬度",
        "Decimal degrees, like 29.6490; empty: the plot's own place.",
        "十进制度，如 29.6490；留空则用样地位置。",
        "29.6490",
        unit="°",
    ),
    Column("longitude", "经度", "Decimal degrees.", "十进制度，如 94.3615。", "94.3615", unit="°"),
    Column(
        "datum",
        "坐标系",
        "Required with coordinates. GCJ-02 (Amap, Tencent) is converted to WGS-84.",
        "有坐标时必填。GCJ-02（高德、腾讯）将转换为 WGS-84。",
        "WGS-84",
        terms="datum",
        width=14,
    ),
    Column(
        "uncertainty_m",
        "位置误差",
        "How far the place may be off; 30 when empty.",
        "位置可能偏差的距离；留空为 30。",
        "10",
        unit="m",
    ),
    Column("elevation_m", "海拔", "Above sea level.", "高出海平面。", "2990", unit="m"),
    Column(
        "elevation_source",
        "海拔来源",
        "Required with an elevation.",
        "填写海拔时必填。",
        "GPS",
        terms="elevation_source",
    ),
    Column(
        "sample_id",
        "样品或样方编号",
        "Of the water or soil sample (required for eDNA), the quadrat, line or recording.",
        "水样、土样编号（环境 DNA 必填），或样方、样线、录音编号。",
        "S-01",
        width=14,
    ),
    Column(
        "length_m",
        "样线长度",
        "Length walked.",
        "实际走过的长度。",
        "2000",
        unit="m",
        protocols=_of(P.TRANSECT),
    ),
    Column(
        "minutes",
        "用时",
        "Time spent looking; empty when start and end both tell the time.",
        "实际观察时间；开始、结束均有时刻时可不填。",
        "95",
        unit="min",
        protocols=_of(P.TRANSECT, P.POINT_COUNT, P.UAV),
    ),
    Column(
        "radius_m",
        "样点半径",
        "Radius within which was counted.",
        "计数半径。",
        "50",
        unit="m",
        protocols=_of(P.POINT_COUNT),
    ),
    Column(
        "area_m2",
        "样方面积",
        "Area of the quadrat.",
        "样方面积。",
        "25",
        unit="m²",
        protocols=_of(P.QUADRAT),
    ),
    Column(
        "net_metre_hours",
        "网捕网·米·小时",
        "Length of all nets times hours open.",
        "网具总长 × 张网小时数。",
        "240",
        unit="m·h",
        protocols=_of(P.NETTING),
        width=14,
    ),
    Column(
        "litres",
        "过滤水量",
        "Water filtered.",
        "过滤的水量。",
        "2",
        unit="L",
        protocols=_of(P.EDNA),
    ),
    Column(
        "hours",
        "录音时长",
        "Hours recorded.",
        "录音小时数。",
        "1.5",
        unit="h",
        protocols=_of(P.ACOUSTIC),
    ),
    Column(
        "recorder_id",
        "录音机编号",
        "The recorder.",
        "录音机编号。",
        "AM-07",
        protocols=_of(P.ACOUSTIC),
    ),
    Column(
        "area_km2",
        "飞行面积",
        "Area flown; or give the minutes.",
        "飞行覆盖面积；或填写用时。",
        "0.6",
        unit="km²",
        protocols=_of(P.UAV),
    ),
    Column(
        "taxon",
        "物种",
        "Chinese, English or Latin name, or a synonym; empty on a visit that found nothing.",
        "中文名、英文名、学名或异名；一无所获的调查留空。",
        "紫茎泽兰",
        width=22,
    ),
    Column(
        "status",
        "有无",
        "Present when empty. Absent needs a method with effort.",
        "留空为“有”。“无”须有调查强度。",
        "有 present",
        terms="status",
    ),
    Column("count", "个体数", "Individuals seen.", "见到的个体数。", "12"),
    Column("quantity", "数量", "For what is not counted: cover, area.", "不计个体时：盖度、面积。"),
    Column(
        "quantity_type",
        "数量单位",
        "What the quantity is.",
        "数量的含义。",
        terms="quantity_type",
    ),
    Column("life_stage", "发育阶段", "", "", terms="life_stage"),
    Column("sex", "性别", "", "", terms="sex"),
    Column("behavior", "行为", "A word of the list or your own.", "可选词或自填。"),
    Column("vitality", "存活状态", "", "", "活体 alive", terms="vitality"),
    Column("reproductive_condition", "物候", "", "", terms="reproductive_condition", width=16),
    Column("habitat", "生境", "", "", "河岸灌丛", width=16),
    Column(
        "establishment_means",
        "来源方式",
        "How it got here. 'Invasive' is a degree, not a means.",
        "如何到达此地。“入侵”属于建群程度，不属于来源方式。",
        terms="establishment_means",
        width=14,
    ),
    Column(
        "degree_of_establishment",
        "建群程度",
        "How far it has got.",
        "扩散到何种程度。",
        terms="degree_of_establishment",
        width=14,
    ),
    Column("pathway", "传入途径", "", "", terms="pathway", width=16),
    Column(
        "abundance_class",
        "多度级",
        "How dense the stand is.",
        "发生的密集程度。",
        terms="abundance_class",
    ),
    Column("infestation_area_m2", "发生面积", "Area of the stand.", "发生面积。", unit="m²"),
    Column(
        "threats",
        "干扰与威胁",
        "Words of the list, with | between: people, dog, snare.",
        "可选词，以 | 分隔，如：犬 | 猎套陷阱。",
        "家畜放牧 | 垃圾",
        terms="threats",
        width=18,
    ),
    Column("identified_by", "鉴定人", "The observers when empty.", "留空为观察人。"),
    Column("verification", "鉴定核实", "", "", terms="verification", width=14),
    Column(
        "evidence_probability",
        "证据概率",
        "Of a sequence match or an acoustic classifier, 0 to 1.",
        "序列比对或声学识别的概率，0 至 1。",
        protocols=_of(P.EDNA, P.ACOUSTIC),
    ),
    Column(
        "control_id",
        "防治行动编号",
        "On a follow-up visit: the control action it follows.",
        "复查时：所复查的防治行动。",
        width=14,
    ),
    Column(
        "control_effect",
        "剩余比例",
        "On a follow-up visit: share of the stand that is left, 0 to 1 or per cent.",
        "复查时：剩余种群所占比例，0 至 1 或百分数。",
    ),
    Column("remarks", "备注", "", "", width=24),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
INVASIVE = (
    *("establishment_means", "degree_of_establishment", "pathway"),
    *("abundance_class", "infestation_area_m2", "control_id", "control_effect"),
)


def columns_for(protocol: P | None) -> tuple[Column, ...]:
    """The columns of one protocol's sheet; of all protocols together when none is named.

    >>> "length_m" in [column.name for column in columns_for(P.QUADRAT)]
    False
    """
    if protocol is None:
        return COLUMNS
    return tuple(
        column
        for column in COLUMNS
        if column.name != "protocol" and (not column.protocols or protocol in column.protocols)
    )


def column_named(heading: str) -> Column | None:
    """Find the column of a heading: by its name, its Chinese name, or both together.

    >>> column_named("样线长度\\nlength_m").name, column_named("物种").name
    ('length_m', 'taxon')
    """
    words = heading.split()
    if not words:
        return None
    if (column := BY_NAME.get(words[-1].casefold())) is not None:
        return column
    plain = "".join(words).replace("(", "（").replace(")", "）")
    return next((one for one in COLUMNS if plain in (one.zh, one.heading.split()[0])), None)


def protocol_named(tab: str) -> P | None:
    """The protocol a sheet of a workbook is named after, if any.

    >>> protocol_named("样线 transect"), protocol_named("Sheet1")
    (<FieldProtocol.TRANSECT: 'transect'>, None)
    """
    term = find_term("protocol", tab)
    return P(term.value) if term else None
