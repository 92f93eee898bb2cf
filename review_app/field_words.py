"""Every sentence of the field page, in English and Chinese."""

SENTENCES: dict[str, tuple[str, str]] = {
    # name: English, Chinese
    "title": ("Field photos", "野外照片"),
    "hint": (
        "Photos made on a plot in person, grouped by place and time. A record counts once "
        "somebody has named it.",
        "人员在样地拍摄的照片，按地点和时间归为记录；经人工鉴定后方可使用。",
    ),
    "nothing": (
        "No field photos yet. Bring them in with: namcha import-field FOLDER --observer NAME "
        "--plot CODE",
        "还没有野外照片。请用以下命令导入："
        "namcha import-field 文件夹 --observer 拍摄者 --plot 样地编号",
    ),
    "all_done": ("Nothing here.", "此处没有记录。"),
    "which": ("Show", "显示"),
    "draft": ("To identify", "待鉴定"),
    "identified": ("Identified", "已鉴定"),
    "rejected": ("Put aside", "已搁置"),
    "plot": ("Plot", "样地"),
    "all_plots": ("All plots", "全部样地"),
    "place_in_row": ("{at} of {total}", "第 {at} 条，共 {total} 条"),
    "before": ("← Before", "← 上一条"),
    "after": ("Next →", "下一条 →"),
    # what is known of a record
    "no_time": ("no time recorded", "无拍摄时间"),
    "by": ("{protocol} · {observer}", "{protocol} · {observer}"),
    "incidental": ("Incidental", "偶遇"),
    "transect": ("Transect", "样线"),
    "quadrat": ("Quadrat", "样方"),
    "point_count": ("Point count", "样点"),
    "netting": ("Netting", "网捕"),
    "uav": ("Drone", "无人机"),
    "photo": ("Phone photo", "手机照片"),
    "edna": ("Environmental DNA", "环境 DNA"),
    "acoustic": ("Acoustic", "声学"),
    "place_gps": ("Place from the photos, ± {metres} m", "位置来自照片，± {metres} 米"),
    "place_plot": (
        "No position in the photos: placed at the plot, ± {metres} m",
        "照片无位置：按样地位置记录，± {metres} 米",
    ),
    "place_wgs84": ("Place as written, ± {metres} m", "位置按填写记录，± {metres} 米"),
    "place_cgcs2000": (
        "Place as written in CGCS2000, ± {metres} m",
        "位置按 CGCS2000 填写，± {metres} 米",
    ),
    "place_gcj02": (
        "Place as written in GCJ-02, converted, ± {metres} m",
        "位置按 GCJ-02 填写并已转换，± {metres} 米",
    ),
    "place_unknown": ("Place not known", "位置未知"),
    "height_gps": (
        "{metres} m by GPS (sea level or ellipsoid: not known)",
        "GPS 高程 {metres} 米（海拔或椭球高未知）",
    ),
    "height_barometer": ("{metres} m by barometer", "气压计高程 {metres} 米"),
    "height_map": ("{metres} m from a map", "地图高程 {metres} 米"),
    "height_dem": ("{metres} m from an elevation model", "高程模型 {metres} 米"),
    "height_plot": ("{metres} m, the plot's elevation", "海拔 {metres} 米（样地）"),
    "gcj02_suspect": ("Place may be GCJ-02", "位置疑为 GCJ-02"),
    "outside_plot": ("Outside the plot", "在样地之外"),
    "gps_time_differs": ("Clock and GPS differ", "时钟与 GPS 不符"),
    "gps_invalid": ("Position not usable", "位置不可用"),
    "time_missing": ("No time", "无时间"),
    "time_invalid": ("Time not usable", "时间无效"),
    "time_suspect": ("Time doubtful", "时间可疑"),
    "said_before": ("{name} — {person}", "{name} —— {person}"),
    "picture": ("photo {number}: {name}", "照片 {number}：{name}"),
    # the form
    "taxon": ("Taxon: Chinese, English or Latin name", "物种：中文名、英文名或学名"),
    "taxon_hint": ("Type, then Enter", "输入后按回车"),
    "no_hit": ("No such name in the list.", "名录中没有此名称。"),
    "hits": ("Which one?", "选择"),
    "count": ("Individuals", "个体数"),
    "quantity": ("Amount", "数量"),
    "unit": ("of what", "单位"),
    "individuals": ("individuals", "个体"),
    "% cover": ("% cover", "盖度 %"),
    "m2": ("m² of area", "面积 m²"),
    "habitat": ("Habitat", "生境"),
    "remarks": ("Remarks", "备注"),
    "identify": ("Identify", "确认鉴定"),
    "identify_again": ("Identify anew", "重新鉴定"),
    "reject": ("Put aside: no record", "搁置：不成记录"),
    "need_taxon": ("Choose a taxon first.", "请先选择物种。"),
    "need_person": (
        "Write your name in the panel on the left first.",
        "请先在左侧面板填写您的姓名。",
    ),
    "changed": (
        "Somebody has acted on that record meanwhile; nothing of yours was written. "
        "Look at what is shown now.",
        "该记录刚被他人处理，您的结果未写入。请查看当前显示的内容。",
    ),
    "said_identified": ("Identified: {name}.", "已鉴定：{name}。"),
    "said_rejected": ("Put aside.", "已搁置。"),
    "said_split": ("Two records now.", "已分为两条记录。"),
    "busy": (
        "The survey is busy, perhaps with an import; nothing of yours was written. "
        "Try again in a moment.",
        "调查项目正忙（可能正在导入），您的结果未写入。请稍后再试。",
    ),
    # splitting
    "split": ("Two kinds in one record?", "一条记录中有两种？"),
    "split_hint": (
        "Choose the photos that show the other kind.",
        "请选择另一种所在的照片。",
    ),
    "split_act": ("Make them a record of their own", "另成一条记录"),
}
