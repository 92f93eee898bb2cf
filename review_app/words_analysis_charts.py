"""Every sentence of the charts of analyses, in English and Chinese."""

SENTENCES: dict[str, tuple[str, str]] = {
    # name: English, Chinese
    "first_of": ("The first {shown} of {total} are drawn.", "图中为前 {shown} 个，共 {total} 个。"),
    "folded": (
        "Upright broken lines: months without any camera are left out.",
        "竖虚线处省略了没有相机的月份。",
    ),
    "cameras": ("cameras", "相机"),
    "camera_days": ("camera-days", "相机日"),
    "units": ("units", "单元"),
    "unit": ("unit", "单元"),
    "day": ("day", "日期"),
    "month": ("month", "月份"),
    "day_only": ("by day only", "仅日间"),
    "taxon_head": ("taxon", "物种"),
    "index_head": ("index", "指数"),
    "chart_errors": ("The index with machine labels counted in", "计入机器标签后的指数"),
    "chart_errors_hint": (
        "Point and interval: expected at the measured rate of error. Open diamond: from confirmed "
        "events alone. No point: nobody has looked at any of its labels.",
        "点与区间：按实测误差的期望值。空心菱形：仅计已确认事件。无点：其标签尚无人审核。",
    ),
    "errors_expected": ("expected index", "期望指数"),
    "errors_waiting": ("{count} not reviewed", "{count} 个待审核"),
    "chart_days": ("Cameras at work each day", "每日工作的相机"),
    "chart_days_hint": (
        "Paler above: the flash was dead, so that only daylight was watched.",
        "上方浅色部分：闪光灯失效，仅日间有效。",
    ),
    "chart_months": ("Camera-days by month", "各月相机日"),
    "chart_counties": ("By county", "各县"),
    "county_told": ("{days} camera-days · {units} units", "{days} 相机日 · {units} 个单元"),
    "no_county": ("not told (sensitive)", "不公开（敏感）"),
    "chart_stations": ("When each unit's cameras worked", "各单元相机的工作时段"),
    "chart_stations_hint": (
        "Thick: worked. Broken outline: by day only, the flash was dead. Thin line: in the field, "
        "but lost.",
        "粗条：正常工作；虚线框：闪光灯失效，仅日间有效；细线：在野外但失效。",
    ),
    "run_whole": ("worked", "正常工作"),
    "run_dim": ("by day only", "仅日间有效"),
    "run_lost": ("lost", "失效"),
    "chart_events": ("Visits by taxon and month", "各物种各月的到访次数"),
    "chart_events_year": (
        "Visits by taxon and month of the year, all years together",
        "各物种各月的到访次数（各年合计）",
    ),
    "chart_events_hint": (
        "Figures are visits; the brighter, the more of them for the effort of the month. "
        "A dot: watched, and none.",
        "数字为到访次数；颜色越亮，按当月工作量计越频繁。圆点：有值守而未拍到。",
    ),
    "cell_thin": (
        "Broken outline: too little effort in the month to compare.",
        "虚线框：当月工作量太少，不宜比较。",
    ),
    "cell_told": (
        "{events} visits over {days} camera-days: {index} per 100",
        "{events} 次，{days} 相机日，每百相机日 {index} 次",
    ),
    "chart_index": (
        "Visits per 100 camera-days, with 95 % intervals over stations",
        "每百相机日到访次数（95% 区间，按点位抽样）",
    ),
    "chart_index_hint": (
        "Hollow: fewer than {few} visits, so that single animals carry it. Species differ in how "
        "easily a camera meets them: compare places and years of one species before species.",
        "空心：不足 {few} 次，个别个体即可左右结果。不同物种被相机拍到的难易不同："
        "宜先比较同一物种的不同地点和年份，再比较物种之间。",
    ),
    "axis_index": (
        "visits per 100 camera-days (over {days} camera-days)",
        "每百相机日到访次数（工作量 {days} 相机日）",
    ),
    "axis_root": (", on a square-root scale", "，平方根刻度"),
    "visits_told": ("{events} visits", "{events} 次"),
    "units_told": ("at {units} of {of} units", "{units}/{of} 个单元"),
    "chart_history": ("Found, not found, not watched", "拍到、未拍到与无人值守"),
    "chart_history_hint": (
        "Tall: found. Low: watched and not found, the paler the fewer days. Slanted stroke: nobody "
        "watched, which is not known and never zero.",
        "高条：拍到；矮条：有值守而未拍到，颜色越浅天数越少；斜线：无人值守，为不明，不是零。",
    ),
    "cell_found": ("found", "拍到"),
    "cell_empty": ("not found", "未拍到"),
    "cell_unknown": ("nobody watched", "无人值守"),
    "chart_occupancy": ("Share of stations where it occurs", "有分布的点位比例"),
    "chart_occupancy_hint": (
        "Points with lines: what the model makes of it, with 95 % interval. Open diamonds: the "
        "share of stations that met it, which is a lower bound.",
        "圆点与线段：模型估计及 95% 区间；空心菱形：拍到的点位比例（朴素占域率），只是下限。",
    ),
    "one_season": (
        "The dates span more than one season, and the model takes a station's state as one: "
        "choose the dates of a single season.",
        "所选日期跨越多个季节，而模型假定点位状态在期间不变：请选择单一季节的日期。",
    ),
    "axis_share": ("share of stations", "点位比例"),
    "modelled": ("modelled", "模型估计"),
    "naive": ("naive", "朴素占域率"),
    "too_few": ("too few for a model", "数据太少，不建模"),
    "found_each_time": ("p {p} an occasion", "每期 p {p}"),
    "chart_activity": ("When it is about, by the sun", "太阳时活动节律"),
    "chart_activity_hint": (
        "Share of visits in each hour, with 95 % band. Dark: night; upright lines: sunrise and "
        "sunset of the mean day.",
        "各小时到访所占比例及 95% 区间；深色为夜间，竖线为平均日出、日落。",
    ),
    "not_drawn": (
        "{name}: fewer than 20 visits with a time, not drawn.",
        "{name}：有时间的到访不足 20 次，未绘制。",
    ),
    "overlap_told": (
        "Overlap of {first} and {second}: {value} ({low}–{high}); 1 is the same day, 0 never at "
        "the same hour.",
        "{first}与{second}的重叠系数 {value}（{low}–{high}）：1 为完全相同，0 为从不同时。",
    ),
    "few_for_overlap": (
        " Too few visits to conclude from it.",
        "到访次数太少，不宜据此下结论。",
    ),
    "axis_sun": ("hour by the sun", "太阳时"),
    "axis_density": ("share of visits per hour", "每小时到访比例"),
    "sunrise": ("sunrise", "日出"),
    "noon": ("noon", "正午"),
    "sunset": ("sunset", "日落"),
    "sun_hour": ("by the sun", "太阳时"),
    "beijing_hour": ("Beijing time", "北京时间"),
    "beijing_time": ("Beijing time (mean day)", "北京时间（平均日）"),
    "chart_light": ("Day, twilight and night", "白天、晨昏与夜间"),
    "chart_light_hint": (
        "Bars: share of its visits. Upright marks: share of the watched time that there was. "
        "A bar beyond its mark: that light is sought.",
        "条形：到访所占比例；竖线：值守时间中该时段所占比例。条形超过竖线表示偏好该时段。",
    ),
    "light_day": ("day", "白天"),
    "light_twilight": ("twilight", "晨昏"),
    "light_night": ("night", "夜间"),
    "light_told": ("{used} of visits · {there} of the time", "到访 {used} · 时间 {there}"),
    "type_diurnal": ("diurnal", "昼行性"),
    "type_nocturnal": ("nocturnal", "夜行性"),
    "type_crepuscular": ("crepuscular", "晨昏性"),
    "type_cathemeral": ("by day and night", "昼夜均活动"),
    "type_not known": ("type not known", "类型不明"),
    "chart_overlap": ("How far others share its day", "与其他对象的活动重叠"),
    "chart_overlap_hint": (
        "Hollow: fewer than fifty visits of one of the two, too few to conclude from. Shared hours "
        "do not show that they meet.",
        "空心：其中一方不足 50 次，不宜下结论。时间重叠不等于相遇。",
    ),
    "axis_overlap": ("coefficient of overlap", "重叠系数"),
    "overlap_events": ("{first} and {second} visits", "{first} 与 {second} 次"),
    "chart_richness": ("Species with more stations", "随点位增加"),
    "chart_richness_hint": (
        "Whole: from fewer stations. Point: as watched. Broken: expected from more; 95 % bands.",
        "实线：较少点位时；圆点：实际；虚线：增加点位后的预期；色带为 95% 区间。",
    ),
    "chart_coverage": ("The same by coverage", "随样本覆盖度"),
    "chart_coverage_hint": (
        "Compare places where their coverage is equal, not their numbers of stations.",
        "比较不同地区时应在相同覆盖度下进行，而非相同点位数。",
    ),
    "axis_units": ("stations", "点位数"),
    "axis_coverage": ("sample coverage", "样本覆盖度"),
    "order_0": ("q0 all species", "q0 全部物种"),
    "order_1": ("q1 common ones", "q1 常见种"),
    "order_2": ("q2 dominant ones", "q2 优势种"),
    "chart_years": ("Visits per 100 camera-days, by year", "各年每百相机日到访次数"),
    "chart_years_hint": (
        "With 95 % intervals over stations; hollow: fewer than ten visits.",
        "线段为 95% 区间（按点位抽样）；空心：不足 10 次。",
    ),
    "effort_of_years": ("Camera-days: {days}.", "相机日：{days}。"),
    "year_told": ("{days} camera-days, {events} visits", "{days} 相机日，{events} 次"),
    "year": ("year", "年"),
    "visits": ("visits", "到访次数"),
    "chart_slopes": ("Change from year to year", "逐年变化"),
    "chart_slopes_hint": (
        "Filled: a clear rise or fall. Hollow: no clear change, which is not the same as stable.",
        "实心：明确上升或下降；空心：无明确变化，不等于稳定。",
    ),
    "axis_factor": ("each year's index over that of the year before", "当年指数与上年之比"),
    "percent_told": ("{value} % ({low} to {high})", "{value}%（{low} 至 {high}）"),
    "per_year": ("a year", "每年"),
    "would_show": ("would have been seen", "可检出的变化"),
    "seen_told": ("a fall to ×{fall} or a rise to ×{rise}", "降至 ×{fall} 或升至 ×{rise}"),
    "verdict_up": ("up", "上升"),
    "verdict_down": ("down", "下降"),
    "verdict_no_clear_change": ("no clear change", "无明确变化"),
    "verdict_too_few": ("too few", "数据太少"),
    "chart_changes": ("From each year to the next", "相邻两年的变化"),
    "chart_changes_hint": (
        "The same stations against themselves where enough were kept. Filled: clear.",
        "保留足够点位时，各点位与自身比较。实心：变化明确。",
    ),
    "chart_height": ("Mean elevation, {year}", "平均海拔，{year}"),
    "chart_height_years": ("Mean elevation, year by year", "各年平均海拔"),
    "chart_height_hint": (
        "Weighed by the index of each band of height, with 95 % interval; hollow: too few visits "
        "for one.",
        "按各海拔段的指数加权，线段为 95% 区间；空心：数据太少，无区间。",
    ),
    "axis_height": (
        "metres above sea level (watched from {low} to {high})",
        "海拔（米；监测范围 {low} 至 {high}）",
    ),
    "mean_height": ("mean elevation", "平均海拔"),
    "shift": ("shift since the first year", "自首年以来的变化"),
    "shift_told": ("{metres} m, {verdict}", "{metres} 米，{verdict}"),
    "chart_dates": ("First and last dates, {year}", "初见与终见，{year}"),
    "chart_dates_years": ("First and last dates, year by year", "各年初见与终见"),
    "chart_dates_hint": (
        "Grey: days with cameras. Filled: silence beyond, so that the date is the animal's. "
        "Hollow: cameras began or ended there, and it may have been about before or after.",
        "灰色：有相机的日期。实心：此外有值守而无记录，日期属于动物。空心：相机起止于此，"
        "动物可能更早到来或更晚离开。",
    ),
    "dates": ("dates", "日期"),
    "dates_known": ("silence beyond", "此外无记录"),
    "dates_bound": ("watching ends", "监测起止"),
    "chart_after": ("Within {hours} hours after others", "他者之后 {hours} 小时内"),
    "chart_after_hint": (
        "Point: share of its visits that followed. Grey: what chance alone would give, with 95 % "
        "interval. ▲ more and ▼ less often than by chance; neither shows why.",
        "圆点：在他者之后的到访比例；灰色：随机情况下的 95% 区间。▲ 多于随机，▼ 少于随机；"
        "均不说明原因。",
    ),
    "axis_after": ("share of visits", "到访比例"),
    "after_told": ("{taxon} after {others}", "{taxon}，在{others}之后"),
    "by_chance": ("by chance {share} ({low}–{high})", "随机 {share}（{low}–{high}）"),
    "seen": ("seen", "实际"),
    "chance": ("by chance", "随机"),
    "chart_pairs": ("At the same stations", "同一点位的同现"),
    "chart_pairs_hint": (
        "▲ together at more stations than by chance, ▼ at fewer, · not clear, no sign: too few "
        "records. Two that love the same valley share stations without minding each other.",
        "▲ 同现点位多于随机，▼ 少于随机，· 不明确，无符号：记录太少。"
        "偏好同一生境的物种也会共享点位，不等于相互影响。",
    ),
    "pair_told": (
        "both at {both} of {units} units, {expected} by chance",
        "{units} 个单元中 {both} 个两者均有，随机预期 {expected}",
    ),
    "axis_ratio": ("later index over earlier", "后一年与前一年之比"),
    "same_units": ("{units} units", "{units} 个单元"),
}
