"""What a person asks of the map in words: which areas there are, and where a place lies."""

import json
from dataclasses import asdict, dataclass

from sqlmodel import Session

from species_db.geo.areas import AreaShape, areas_in_force
from species_db.geo.measure import area_km2
from species_db.geo.where import CountyDoubt, atlas_of, county_doubts
from species_db.language import tr
from species_db.places import COUNTIES
from species_db.vocabulary import AreaKind


@dataclass(frozen=True)
class AreaRow:
    """One area in force, as it is listed; `area_id` is empty for a county the package brings."""

    area_id: str
    kind: str
    name_zh: str
    name_en: str
    area_km2: float
    valid_from: str
    source: str


@dataclass(frozen=True)
class Overview:
    """The areas in force, and places whose stated county the outlines do not confirm."""

    areas: tuple[AreaRow, ...]
    doubts: tuple[CountyDoubt, ...]

    def as_json(self) -> str:
        """The overview for scripts."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)

    def as_text(self) -> str:
        """The overview for people."""
        lines = [_line(one) for one in self.areas]
        return "\n".join([*lines, *(_doubt(one) for one in self.doubts)])


@dataclass(frozen=True)
class AreaDistance:
    """An area with how far it is from a place, 0 inside."""

    kind: str
    name_zh: str
    name_en: str
    distance_m: float


@dataclass(frozen=True)
class Whereabouts:
    """Where a place lies: its county, the areas that hold it, and the nearest of each kind."""

    county: str
    areas: tuple[AreaDistance, ...]
    nearest: tuple[AreaDistance, ...]

    def as_rows(self) -> dict[str, object]:
        """The answer for scripts."""
        return asdict(self)

    def as_text(self) -> str:
        """The answer for people."""
        lines = [county_words(self.county)]
        lines += [
            tr(
                f"in {kind_words(AreaKind(one.kind))} {_name(one)}",
                f"位于{kind_words(AreaKind(one.kind))} {_name(one)}",
            )
            for one in self.areas
        ]
        for one in self.nearest:
            kind, km = kind_words(AreaKind(one.kind)), f"{one.distance_m / 1000:,.2f} km"
            lines.append(
                tr(f"{km} from {kind} {_name(one)}", f"距{kind} {_name(one)} {km}"),
            )
        return "\n".join(lines)


def read_overview(session: Session) -> Overview:
    """List the areas in force today, and check stated counties against their outlines.

    Raises:
        OutlineError: there are no county outlines.
    """
    areas = areas_in_force(session)
    return Overview(tuple(_row(one) for one in areas), tuple(county_doubts(session)))


def read_whereabouts(session: Session, latitude: float, longitude: float) -> Whereabouts:
    """Tell where a place lies today.

    Raises:
        OutlineError: there are no county outlines.
    """
    found = atlas_of(session).distances((latitude, longitude))
    county = next((one.area.code for one in found if _holds(one.distance_m, one.area)), "")
    others = [one for one in found if one.area.kind is not AreaKind.COUNTY]
    told = [
        AreaDistance(one.area.kind, one.area.name_zh, one.area.name_en, round(one.distance_m, 1))
        for one in others
    ]
    beyond: dict[str, AreaDistance] = {}
    for one in told:
        if one.distance_m > 0:
            beyond.setdefault(one.kind, one)
    return Whereabouts(
        county, tuple(one for one in told if one.distance_m == 0), tuple(beyond.values())
    )


def kind_words(kind: AreaKind) -> str:
    """A kind of area in the reader's language."""
    return {
        AreaKind.COUNTY: tr("county", "县域"),
        AreaKind.RESERVE: tr("reserve", "自然保护区"),
        AreaKind.CORE_ZONE: tr("core zone", "核心区"),
        AreaKind.RED_LINE: tr("ecological red line", "生态保护红线"),
        AreaKind.PROJECT: tr("project area", "项目区"),
        AreaKind.OTHER: tr("other area", "其他区域"),
    }[kind]


def county_words(code: str) -> str:
    """A county's name in the reader's language, or that there is none."""
    if code not in COUNTIES:
        return tr("outside the seven counties", "不在七县（区、市）范围内")
    return tr(COUNTIES[code].name_en, COUNTIES[code].name_zh)


def _holds(distance: float, area: AreaShape) -> bool:
    return distance == 0 and area.kind is AreaKind.COUNTY


def _name(one: AreaDistance) -> str:
    return tr(one.name_en or one.name_zh, one.name_zh or one.name_en)


def _row(one: AreaShape) -> AreaRow:
    since = one.valid_from.isoformat() if one.valid_from else ""
    km2 = round(area_km2(one.geometry), 1)
    area_id = "" if one.kind is AreaKind.COUNTY else one.area_id
    return AreaRow(area_id, one.kind.value, one.name_zh, one.name_en, km2, since, one.source)


def _line(one: AreaRow) -> str:
    since = tr(f"from {one.valid_from}", f"自 {one.valid_from} 起") if one.valid_from else ""
    own_id = tr(f"id {one.area_id}", f"编号 {one.area_id}") if one.area_id else ""
    names = f"{kind_words(AreaKind(one.kind))} {one.name_zh} {one.name_en}".strip()
    return "  ".join(filter(None, (names, f"{one.area_km2:,.1f} km²", since, one.source, own_id)))


def _doubt(one: CountyDoubt) -> str:
    by_outline = county_words(one.by_outline)
    if not one.stated:
        return tr(
            f"! {one.kind} {one.record_id}: {by_outline}, and no county is stated.",
            f"! {_kind_zh(one)} {one.record_id}：{by_outline}，且未填写县域。",
        )
    stated = county_words(one.stated) if one.stated in COUNTIES else one.stated
    if one.off_m is None:
        return tr(
            f"! {one.kind} {one.record_id}: stated {stated}, which is no county of the seven; by "
            f"outline {by_outline}. Check its county.",
            f"! {_kind_zh(one)} {one.record_id}：填写为“{stated}”，不在七县（区、市）之列；"
            f"按界线为{by_outline}。请核对县域。",
        )
    off = f"{one.off_m:,.0f} m"
    return tr(
        f"! {one.kind} {one.record_id}: stated {stated}, by outline {by_outline}, {off} beyond the "
        "border. Check its place.",
        f"! {_kind_zh(one)} {one.record_id}：填写为{stated}，按界线为{by_outline}，越界 {off}。"
        "请核对位置。",
    )


def _kind_zh(one: CountyDoubt) -> str:
    return "样地" if one.kind == "plot" else "相机位点"
