"""Which stations stand at the works and which away from them, by name or by plot, and on one side.

A station that is on both sides, or watches a passage and is a control, would compare the works
with themselves.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from species_db.analysis.passages import PASSAGE_WORDS, Passage, PassageKind
from species_db.language import did_you_mean, tr
from species_db.projects.known_survey import KnownSurvey
from species_db.projects.values import Values

PASSAGE_KEYS = ("name", "kind", "stations", "opened")


@dataclass(frozen=True)
class Sides:
    """The stations of each side, and the passages."""

    impact: frozenset[str]
    control: frozenset[str]
    passages: tuple[Passage, ...]


def read_sides(values: Values, known: KnownSurvey) -> Sides:
    """Read stations, plots and passages; what is not known, or stands on two sides, is noted."""
    impact, control = _side(values, "impact", known), _side(values, "control", known)
    passages = _passages(values, known)
    for station in sorted(set(impact) & set(control)):
        values.wrong(
            control[station][0],
            tr(
                f"{_named(station, control)} is at the works ({impact[station][0]}) and a control.",
                f"{_named(station, control)}既是影响点（{impact[station][0]}）又是对照点。",
            ),
            item=control[station][1],
        )
    for number, passage in enumerate(passages):
        for station in sorted(set(passage.stations) & set(control)):
            values.mistakes.add(
                (*values.key("passages"), number, "stations"),
                tr(f"'{station}' is also a control.", f"“{station}”同时是对照点。"),
                item=station,
            )
    if not impact and not passages:
        values.wrong(
            "impact_stations",
            tr("name stations or plots at the works, or passages.",
               "请填写受影响的点位或样地，或通道。"),
        )  # fmt: skip
    _need_control(values, control)
    return Sides(frozenset(impact), frozenset(control), passages)


_Named = Mapping[str, tuple[str, str]]  # station -> the key that names it, and the item there


def _side(values: Values, side: str, known: KnownSurvey) -> _Named:
    named: dict[str, tuple[str, str]] = {}
    by_name, by_plot = f"{side}_stations", f"{side}_plots"
    for plot in values.texts(by_plot):
        on_plot = known.stations_on([plot])
        if plot not in known.plots:
            hint = did_you_mean(plot, known.plots)
            values.wrong(by_plot, tr(f"no plot '{plot}'.{hint}", f"没有样地“{plot}”。{hint}"),
                         item=plot)  # fmt: skip
        elif not on_plot:
            values.wrong(
                by_plot,
                tr(f"plot '{plot}' has no camera station.", f"样地“{plot}”没有相机点位。"),
                item=plot,
            )
        named |= dict.fromkeys(on_plot, (by_plot, plot))
    for station in _stations(values, by_name, known):
        named[station] = (by_name, station)
    return named


def _stations(values: Values, name: str, known: KnownSurvey) -> list[str]:
    """The stations of a list that the survey knows."""
    found = []
    for station in values.texts(name):
        if station in known.stations:
            found.append(station)
            continue
        hint = did_you_mean(station, known.stations)
        values.wrong(
            name, tr(f"no station '{station}'.{hint}", f"没有点位“{station}”。{hint}"), item=station
        )
    return found


def _named(station: str, side: _Named) -> str:
    key, item = side[station]
    if key.endswith("_plots"):
        return tr(f"station '{station}' on plot '{item}'", f"样地“{item}”上的点位“{station}”")
    return tr(f"station '{station}'", f"点位“{station}”")


def _need_control(values: Values, control: Collection[str]) -> None:
    is_asked = not values.told.get("control_stations") and not values.told.get("control_plots")
    reason = values.text("why_no_control")
    if is_asked and not reason:
        values.wrong(
            "control_stations",
            tr(
                "no control: whatever else changed would pass for the works. Name stations in like "
                "habitat that the works do not reach, or say in why_no_control why there are none.",
                "没有对照：其他变化会被当作工程影响。请填写生境相似、不受工程影响的点位，"
                "或在 why_no_control 中说明原因。",
            ),
        )
    if reason and control:
        values.wrong("why_no_control", tr("there are controls.", "已有对照点。"))


def _passages(values: Values, known: KnownSurvey) -> tuple[Passage, ...]:
    made, names, watched = list[Passage](), set[str](), dict[str, str]()
    for row in values.tables("passages"):
        row.refuse_others(PASSAGE_KEYS)
        name = row.text("name", is_required=True)
        kind = row.term("kind", PASSAGE_WORDS, other=PassageKind.OTHER)
        if name and name in names:
            row.wrong("name", tr(f"two passages are called '{name}'.",
                                 f"有两个通道都叫“{name}”。"))  # fmt: skip
        names.add(name)
        stations = _stations(row, "stations", known)
        if not row.told.get("stations"):
            row.wrong("stations", tr("no station watches it.", "没有点位监测该通道。"))
        for station in stations:
            if station in watched:
                row.wrong(
                    "stations",
                    tr(f"'{station}' also watches '{watched[station]}'.",
                       f"“{station}”已用于监测“{watched[station]}”。"),
                    item=station,
                )  # fmt: skip
            watched[station] = name
        made.append(Passage(name, kind, tuple(sorted(stations)), row.day("opened")))
    return tuple(made)
