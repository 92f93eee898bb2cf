"""From the features of a file to named outlines in WGS-84, each mended or refused by number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from species_db.gcj02 import Datum
from species_db.geo.area_file import RawFeature, RawFile
from species_db.geo.datum import DatumError, way_to_wgs84
from species_db.geo.measure import area_km2
from species_db.geo.refusal import AreaFileError
from species_db.language import did_you_mean, tr
from species_db.places import LATITUDES, LONGITUDES, is_in_prefecture_box

MOST_MENDED = 0.01  # share of the area that mending may change; more is another shape
NAME_FIELDS = ("name", "name_zh", "mc", "xm", "名称", "保护区名称", "保护地名称", "area_name")
ENGLISH_FIELDS = ("name_en", "nameen", "english", "英文名称")
INVALID = {
    "Self-intersection": ("its outline crosses itself", "边界自相交"),
    "Ring Self-intersection": ("its outline touches itself", "边界自接触"),
    "Hole lies outside shell": ("a hole lies outside the outline", "空洞在边界之外"),
    "Holes are nested": ("holes lie in holes", "空洞嵌套"),
    "Nested shells": ("parts lie inside parts", "部件相互嵌套"),
    "Interior is disconnected": ("holes cut it apart", "空洞将其切断"),
    "Too few points in geometry component": ("a ring has too few points", "环的顶点过少"),
    "Duplicate Rings": ("a ring occurs twice", "环重复"),
}


@dataclass(frozen=True)
class NewArea:
    """An outline in WGS-84 that a file tells of."""

    name_zh: str
    name_en: str
    geometry: shapely.MultiPolygon


@dataclass(frozen=True)
class NewAreas:
    """All outlines of a file, and what a person should know of them."""

    areas: tuple[NewArea, ...]
    remarks: tuple[str, ...]


class _FeatureError(Exception):
    """What is wrong with one feature."""


def areas_of(raw: RawFile, *, datum: Datum | None, name_field: str | None) -> NewAreas:
    """Name, move, check and mend every outline of a file; features of one name become one area.

    Raises:
        AreaFileError: with every mistake of the file, by feature.
    """
    try:
        move = way_to_wgs84(raw.crs, datum)
    except DatumError as error:
        raise AreaFileError(raw.name, [str(error)]) from error
    field = _name_field(raw, name_field)
    parts: dict[str, list[shapely.MultiPolygon]] = {}
    english: dict[str, str] = {}
    mistakes, remarks = [], []
    for feature in raw.features:
        name = feature.fields.get(field, "") if field else raw.name.rpartition(".")[0]
        try:
            geometry, mended = _outline(feature, is_degrees=raw.crs is None)
            moved = _checked_place(cast(shapely.MultiPolygon, move(geometry)))
            if not name:
                raise _FeatureError(tr(f"field '{field}' is empty.", f"字段“{field}”为空。"))
        except _FeatureError as error:
            mistakes.append(f"{_told(feature, name)}: {error}")
            continue
        if mended:
            remarks.append(f"{_told(feature, name)}: {mended}")
        parts.setdefault(name, []).append(moved)
        english.setdefault(name, _first_field(feature, ENGLISH_FIELDS))
    if mistakes:
        raise AreaFileError(raw.name, mistakes)
    areas = tuple(_joined(name, english[name], found) for name, found in parts.items())
    return NewAreas(areas, (*remarks, *_remarks(raw, datum, parts)))


def _told(feature: RawFeature, name: str) -> str:
    named = f" '{name}'" if name else ""
    return tr(f"feature {feature.number}{named}", f"第 {feature.number} 个要素{named}")


def _first_field(feature: RawFeature, wanted: Sequence[str]) -> str:
    fields = {title.lower(): value for title, value in feature.fields.items()}
    return next((fields[one] for one in wanted if fields.get(one)), "")


def _name_field(raw: RawFile, stated: str | None) -> str:
    """The field that holds names; empty when the only feature may be called after the file."""
    titles = list(raw.features[0].fields)
    lowered = {title.lower(): title for title in titles}
    if stated is not None:
        if stated.lower() in lowered:
            return lowered[stated.lower()]
        words = tr(
            f"it has no field '{stated}'; it has {', '.join(titles) or 'none'}.",
            f"没有字段“{stated}”；现有字段：{'、'.join(titles) or '无'}。",
        )
        raise AreaFileError(raw.name, [words + did_you_mean(stated, titles)])
    found = next((lowered[one] for one in NAME_FIELDS if one in lowered), "")
    if found or len(raw.features) == 1:
        return found
    words = tr(
        f"which field holds the names? Say --name-field F; it has {', '.join(titles) or 'none'}.",
        f"哪个字段是名称？请用 --name-field 指定；现有字段：{'、'.join(titles) or '无'}。",
    )
    raise AreaFileError(raw.name, [words])


def _outline(feature: RawFeature, *, is_degrees: bool) -> tuple[shapely.MultiPolygon, str]:
    """The feature's outline in the file's own numbers, and what was mended of it."""
    if feature.wkb is None:
        raise _FeatureError(tr("it has no outline.", "没有边界。"))
    geometry, mended = _parsed(feature.wkb)
    if geometry.is_empty:
        raise _FeatureError(tr("it has no outline.", "没有边界。"))
    if not isinstance(geometry, shapely.Polygon | shapely.MultiPolygon):
        kind = geometry.geom_type
        raise _FeatureError(
            tr(
                f"it is a {kind}, not an area. Draw it as a polygon, or take it out.",
                f"类型为 {kind}，不是面。请改绘为多边形，或将其删除。",
            )
        )
    at = shapely.get_coordinates(geometry)
    if not bool((abs(at) < 1e9).all()):  # NaN is not below anything
        raise _FeatureError(
            tr(
                "it has a point that is no number, or far off the earth. Mend it in QGIS.",
                "含有非数值或远在地球之外的顶点。请在 QGIS 中修正。",
            )
        )
    if is_degrees and bool((abs(at) > 360).any()):
        raise _FeatureError(_not_degrees())
    if shapely.is_valid(geometry):
        return _multi(geometry), mended
    return _mended(geometry)


def _parsed(wkb: bytes) -> tuple[BaseGeometry, str]:
    try:
        with np.errstate(invalid="ignore"):  # NaN is looked for later, and named
            return shapely.force_2d(shapely.from_wkb(wkb)), ""
    except GEOSException:
        with_ends = shapely.from_wkb(wkb, on_invalid="fix")
        if with_ends is None:
            raise _FeatureError(tr("its outline is not closed.", "边界没有闭合。")) from None
        return shapely.force_2d(with_ends), tr("its ring was closed.", "已闭合其边界环。")


def _mended(geometry: BaseGeometry) -> tuple[shapely.MultiPolygon, str]:
    """Mend what does not change the area; an outline that crosses itself has no one meaning."""
    reason, _, at = shapely.is_valid_reason(geometry).partition("[")
    words = tr(*INVALID.get(reason, (reason, reason)))
    valid = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    plain = shapely.make_valid(geometry)  # the linework's own areas: a bow-tie's two wings
    shares = [_change(geometry.area, one.area) for one in (valid, plain)]
    place = _nearest_vertex(geometry, at)
    if not valid.is_empty and max(shares) <= MOST_MENDED:
        return _multi(valid), tr(f"mended: {words}{place}.", f"已修复：{words}{place}。")
    raise _FeatureError(
        tr(
            f"{words}{place}, so that its area is not certain. Mend it in QGIS (Fix geometries).",
            f"{words}{place}，面积无法确定。请在 QGIS 中修复（修正几何图形）。",
        )
    )


def _change(before: float, after: float) -> float:
    return abs(after - before) / max(before, after) if max(before, after) > 0 else 1.0


def _nearest_vertex(geometry: BaseGeometry, at: str) -> str:
    """Tell the number of the vertex where it goes wrong: no coordinates in errors."""
    numbers = re.findall(r"-?[0-9.]+(?:e[+-]?[0-9]+)?", at)
    if len(numbers) < 2:
        return ""
    vertices = shapely.get_coordinates(geometry)
    apart = (vertices[:, 0] - float(numbers[0])) ** 2 + (vertices[:, 1] - float(numbers[1])) ** 2
    number = int(apart.argmin()) + 1
    return tr(
        f" near vertex {number} of {len(vertices)}", f"（第 {number}/{len(vertices)} 个顶点附近）"
    )


def _multi(geometry: BaseGeometry) -> shapely.MultiPolygon:
    parts = shapely.get_parts(shapely.force_2d(geometry)).tolist()
    polygons = [one for one in parts if isinstance(one, shapely.Polygon) and one.area > 0]
    if not polygons:
        raise _FeatureError(tr("its outline encloses nothing.", "边界没有围成面积。"))
    return shapely.MultiPolygon(polygons)


def _checked_place(geometry: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """Refuse outlines that surely lie elsewhere than their numbers say."""
    west, south, east, north = geometry.bounds
    is_swapped = LATITUDES[0] <= west and east <= LATITUDES[1]
    if is_swapped and LONGITUDES[0] <= south and north <= LONGITUDES[1]:
        raise _FeatureError(
            tr(
                "latitude and longitude are swapped. Export it with longitude first.",
                "纬度和经度颠倒。请以经度在前的顺序导出。",
            )
        )
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _FeatureError(_not_degrees())
    return geometry


def _not_degrees() -> str:
    return tr(
        "its numbers are no degrees, though the file or --datum says so; they look like metres. "
        "Export it as EPSG:4490.",
        "数值不是经纬度，与文件或 --datum 的说明不符，似为米制坐标。请另存为 EPSG:4490。",
    )


def _joined(name: str, english: str, parts: list[shapely.MultiPolygon]) -> NewArea:
    whole = parts[0] if len(parts) == 1 else _multi(shapely.union_all(parts))
    is_chinese = any(ord(sign) > 0x2E80 for sign in name)
    return NewArea(name if is_chinese else "", english if is_chinese else name, whole)


def _remarks(
    raw: RawFile, datum: Datum | None, parts: dict[str, list[shapely.MultiPolygon]]
) -> list[str]:
    told = [
        tr(
            f"'{name}': {len(found)} features were joined.",
            f"“{name}”：合并了 {len(found)} 个要素。",
        )
        for name, found in parts.items()
        if len(found) > 1
    ]
    for name, found in parts.items():
        west, south, east, north = shapely.total_bounds(found)
        if not (is_in_prefecture_box(south, west) and is_in_prefecture_box(north, east)):
            km2 = sum(area_km2(one) for one in found)
            told.append(
                tr(
                    f"'{name}' ({km2:,.1f} km²) reaches beyond the box around Linzhi. Is it the "
                    "right file?",
                    f"“{name}”（{km2:,.1f} km²）超出林芝范围。文件是否正确？",
                )
            )
    if not raw.is_crs_told and datum is None:
        told.append(
            tr(
                "The file names no reference system, which in GeoJSON means WGS-84. If it comes "
                "from Amap or DataV, import it again with --datum gcj02.",
                "文件未注明坐标系，按 GeoJSON 标准视为 WGS-84。若来自高德或 DataV，"
                "请加 --datum gcj02 重新导入。",
            )
        )
    return told
