"""Files of areas from other offices: taken in whole, or refused with every mistake named."""

import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from area_files import BASUM, BOW_TIE, EAST, SEJILA, WEST, write_areas
from sqlmodel import select
from typer.testing import CliRunner

from namcha import app
from species_db.decisions import broken_entries
from species_db.gcj02 import Datum, to_gcj02
from species_db.geo.area_shapes import MOST_MENDED
from species_db.geo.areas import areas_in_force
from species_db.geo.import_areas import AreaImport, import_areas
from species_db.geo.measure import transformer_of
from species_db.geo.refusal import AreaFileError
from species_db.geo.where import areas_at
from species_db.seals import broken_seals
from species_db.survey import Survey
from species_db.tables import Area, Decision
from species_db.vocabulary import Act, AreaKind

POLYGON = '{"type":"Polygon","coordinates":[[[94,29],[94.4,29],[94.4,29.4],[94,29.4],[94,29]]]}'


def take(survey: Survey, path: Path, **options: object) -> AreaImport:
    """Import a file as reserves."""
    told = {"kind": AreaKind.RESERVE, "person": "Tashi"} | options
    return import_areas(survey, path, **told)


def outcomes(report: AreaImport) -> list[str]:
    """What became of each area."""
    return [one.outcome for one in report.areas]


def reserves(survey: Survey) -> list[Area]:
    """The rows of reserves, old versions included."""
    with survey.reading() as session:
        return list(session.exec(select(Area).where(Area.kind == "reserve")))


def geojson(path: Path, *geometries: str, crs: str = "") -> Path:
    """A GeoJSON of features called A, B, C ..."""
    features = ",".join(
        f'{{"type":"Feature","properties":{{"name":"{chr(65 + number)}"}},"geometry":{one}}}'
        for number, one in enumerate(geometries)
    )
    path.write_text(f'{{"type":"FeatureCollection",{crs}"features":[{features}]}}', "utf-8")
    return path


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp"])
def test_each_format_gives_the_same_areas(survey: Survey, tmp_path: Path, suffix: str) -> None:
    """Names, outlines, source and datum arrive from all three formats."""
    crs = "EPSG:4326" if suffix == "geojson" else "EPSG:4490"
    path = write_areas(tmp_path / f"reserves.{suffix}", crs=crs)
    assert outcomes(take(survey, path)) == ["added", "added"]
    west, east = sorted(reserves(survey), key=lambda row: row.name_zh, reverse=True)[::-1]
    assert {west.name_zh, east.name_zh} == {BASUM, SEJILA}
    assert west.source == path.name and len(west.source_sha256) == 64
    with survey.reading() as session:
        [found] = areas_at(session, 30.0, 94.0, [AreaKind.RESERVE])
        assert found.name_zh == BASUM
        assert shapely.equals_exact(found.geometry.geoms[0].normalize(), WEST.normalize(), 1e-9)


def test_the_same_file_again_adds_nothing(survey: Survey, tmp_path: Path) -> None:
    """A second import leaves rows and log as they are."""
    path = write_areas(tmp_path / "reserves.gpkg")
    take(survey, path)
    with survey.reading() as session:
        before = len(session.exec(select(Decision)).all())
    assert outcomes(take(survey, path)) == ["unchanged", "unchanged"]
    with survey.reading() as session:
        assert len(session.exec(select(Decision)).all()) == before
        assert len(session.exec(select(Area)).all()) == 9  # two reserves, seven counties


def test_one_import_is_one_sealed_entry(survey: Survey, tmp_path: Path) -> None:
    """The log tells who imported which areas from which file, and seals and chain hold."""
    take(survey, write_areas(tmp_path / "reserves.shp"))
    with survey.reading() as session:
        acts = select(Decision).where(Decision.act == Act.AREAS_IMPORTED.value)
        counties, reserve = session.exec(acts.order_by(Decision.sequence)).all()
        assert counties.subject == "counties"
        told = json.loads(reserve.details)
        assert told["areas"] == [BASUM, SEJILA] and told["kind"] == "reserve"
        assert len(told["sealed"]) == 2
        assert not list(broken_seals(session)) and not list(broken_entries(session))


def test_a_new_outline_keeps_the_old_one_for_its_days(survey: Survey, tmp_path: Path) -> None:
    """A question about a day before the change meets the old outline."""
    first = write_areas(tmp_path / "a.gpkg", shapes=[WEST], names=[BASUM])
    wide = shapely.box(93.8, 29.9, 94.4, 30.2)
    second = write_areas(tmp_path / "b.gpkg", shapes=[wide], names=[BASUM])
    take(survey, first)
    report = take(survey, second, valid_from=date(2026, 3, 1))
    assert outcomes(report) == ["replaced"]
    with survey.reading() as session:
        reserve = [AreaKind.RESERVE]
        assert not areas_at(session, 30.0, 94.3, reserve, on=date(2026, 2, 28))
        assert areas_at(session, 30.0, 94.3, reserve, on=date(2026, 3, 1))
        assert len(areas_in_force(session, reserve)) == 1
    assert len(reserves(survey)) == 2


def test_metres_become_degrees(survey: Survey, tmp_path: Path) -> None:
    """A file in CGCS2000 Gauss-Krueger metres lands where its degrees are."""
    way = transformer_of("EPSG:4490", "EPSG:4542")  # 3-degree zone of 93 E

    def to_metres(at: np.ndarray) -> np.ndarray:
        return np.column_stack(way.transform(at[:, 0], at[:, 1]))

    metres = shapely.transform(WEST.segmentize(0.01), to_metres)
    path = write_areas(tmp_path / "gk.shp", shapes=[metres], names=[BASUM], crs="EPSG:4542")
    take(survey, path)
    with survey.reading() as session:
        [area] = areas_in_force(session, [AreaKind.RESERVE])
    assert area.geometry.hausdorff_distance(WEST) < 1e-6


def test_gcj02_is_undone_only_on_a_persons_word(survey: Survey, tmp_path: Path) -> None:
    """With --datum gcj02 the shift is taken back; without, the numbers stand, with a remark."""
    shifted = shapely.Polygon([to_gcj02(y, x)[::-1] for x, y in WEST.exterior.coords])
    path = geojson(tmp_path / "amap.geojson", shapely.to_geojson(shifted))
    plain = take(survey, path)
    assert any("--datum gcj02" in remark for remark in plain.remarks)
    assert outcomes(take(survey, path, datum=Datum.GCJ02)) == ["replaced"]
    newest = max(reserves(survey), key=lambda row: row.entered_at)
    assert newest.datum_in_source == "GCJ-02"
    assert shapely.from_wkb(newest.geometry).hausdorff_distance(WEST) < 1e-7


@pytest.mark.parametrize("cpg", ["", "ISO-8859-1", "GBK"])
def test_chinese_names_are_read_in_gbk(survey: Survey, tmp_path: Path, cpg: str) -> None:
    """A Shapefile whose names are GBK is read, whatever its .cpg says or keeps quiet."""
    path = write_areas(tmp_path / "gbk.shp", encoding="GBK")
    path.with_suffix(".cpg").unlink()
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    assert {one.name for one in take(survey, path).areas} == {BASUM, SEJILA}


def test_a_zipped_shapefile_is_read(survey: Survey, tmp_path: Path) -> None:
    """The zip that an office sends is imported as it came."""
    folder = tmp_path / "packed"
    folder.mkdir()
    write_areas(folder / "保护区.shp")
    packed = tmp_path / "reserves.zip"
    with zipfile.ZipFile(packed, "w") as file:
        for one in folder.iterdir():
            file.write(one, f"data/{one.name}")
    assert outcomes(take(survey, packed)) == ["added", "added"]


def test_a_ring_that_touches_itself_is_mended(survey: Survey, tmp_path: Path) -> None:
    """What does not change the area is mended, and said."""
    spike = POLYGON.replace("[94.4,29.4],", "[94.4,29.4],[94.4,29.6],[94.4,29.4],")
    report = take(survey, geojson(tmp_path / "spike.geojson", spike))
    assert any("mended" in remark and "feature 1 'A'" in remark for remark in report.remarks)
    assert report.areas[0].area_km2 == pytest.approx(1727, abs=10)
    assert MOST_MENDED <= 0.01


def test_parts_of_one_name_become_one_area(survey: Survey, tmp_path: Path) -> None:
    """A reserve in two parts is one area of both."""
    path = write_areas(tmp_path / "parts.gpkg", names=[BASUM, BASUM])
    report = take(survey, path)
    assert len(report.areas) == 1 and any("joined" in remark for remark in report.remarks)
    with survey.reading() as session:
        assert areas_at(session, 29.6, 94.6, [AreaKind.RESERVE])


def test_an_area_far_away_is_warned_of(survey: Survey, tmp_path: Path) -> None:
    """A reserve of another prefecture is taken in, with a question."""
    far = shapely.box(87.0, 29.0, 87.5, 29.5)
    report = take(survey, write_areas(tmp_path / "far.gpkg", shapes=[far], names=["Far"]))
    assert outcomes(report) == ["added"]
    assert any("beyond the box" in remark for remark in report.remarks)


def cut(path: Path, bytes_left: int) -> Path:
    """A file that was cut off in copying."""
    path.write_bytes(path.read_bytes()[:bytes_left])
    return path


def without(path: Path, suffix: str) -> Path:
    """A Shapefile of which one file was forgotten."""
    path.with_suffix(suffix).unlink()
    return path


def written(path: Path, text: str | bytes) -> Path:
    """A file with this content."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def folder(path: Path) -> Path:
    """A folder where a file was meant."""
    path.mkdir()
    return path


def cut_part(path: Path, suffix: str) -> Path:
    """A Shapefile with one part cut off."""
    cut(path.with_suffix(suffix), path.with_suffix(suffix).stat().st_size - 20)
    return path


def two_layers(path: Path) -> Path:
    """A GeoPackage of two layers."""
    write_areas(path, layer="one")
    return write_areas(path, layer="two", append=True)


SWAPPED = shapely.box(29.0, 94.0, 29.4, 94.4)
FAR_NUMBERS = POLYGON.replace("94", "94000").replace("29", "2900000")
NAN = '{"type":"Polygon","coordinates":[[[94,29],[NaN,29],[94.4,29.4],[94,29]]]}'
HUGE = '{"type":"Polygon","coordinates":[[[94,29],[1e300,29],[94.4,29.4],[94,29]]]}'
POINT, LINE = (
    '{"type":"Point","coordinates":[94,29]}',
    '{"type":"LineString","coordinates":[[94,29],[95,29]]}',
)
BAD_FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda at: at / "none.geojson", "no such file"),
    "folder": (lambda at: folder(at / "areas.shp"), "it is a folder"),
    "other kind": (lambda at: written(at / "a.kml", "<kml/>"), "'.kml' is not a file of areas"),
    "empty": (lambda at: written(at / "a.geojson", ""), "0 bytes"),
    "no features": (lambda at: geojson(at / "a.geojson"), "no features"),
    "broken JSON": (lambda at: written(at / "a.geojson", '{\n"type": "Fea'), "line 2, column 9"),
    "not GeoJSON": (lambda at: written(at / "a.geojson", "[1]"), "no GeoJSON"),
    "GBK GeoJSON": (
        lambda at: written(at / "a.geojson", '{"name": "巴松措"}'.encode("gbk")),
        "not UTF-8",
    ),
    "a GeoPackage in name": (lambda at: written(at / "a.gpkg", b"x" * 100), "no GeoPackage"),
    "cut GeoPackage": (lambda at: cut(write_areas(at / "a.gpkg"), 4096), "damaged"),
    "two layers": (lambda at: two_layers(at / "a.gpkg"), "2 layers of outlines (one, two)"),
    "cut .shp": (lambda at: cut_part(write_areas(at / "a.shp"), ".shp"), "a.shp is cut off"),
    "cut .shx": (lambda at: cut_part(write_areas(at / "a.shp"), ".shx"), "a.shx is cut off"),
    "cut .dbf": (lambda at: cut_part(write_areas(at / "a.shp"), ".dbf"), "a.dbf is cut off"),
    "no .dbf": (lambda at: without(write_areas(at / "a.shp"), ".dbf"), "a.dbf is missing"),
    "no .shx": (lambda at: without(write_areas(at / "a.shp"), ".shx"), "a.shx is missing"),
    "no .prj": (lambda at: without(write_areas(at / "a.shp"), ".prj"), "names no reference system"),
    "not a Shapefile": (
        lambda at: written(write_areas(at / "a.shp"), b"y" * 200),
        "no Shapefile (.shp)",
    ),
    "Beijing-54": (lambda at: write_areas(at / "a.shp", crs="EPSG:4214"), "state secret"),
    "Xi'an-80 in metres": (lambda at: write_areas(at / "a.shp", crs="EPSG:2343"), "state secret"),
    "New Beijing": (lambda at: write_areas(at / "a.gpkg", crs="EPSG:4555"), "state secret"),
    "other datum": (lambda at: write_areas(at / "a.gpkg", crs="EPSG:4267"), "neither WGS-84 nor"),
    "crossing itself": (
        lambda at: geojson(at / "a.geojson", POLYGON, shapely.to_geojson(BOW_TIE)),
        "feature 2 'B': its outline crosses itself near vertex",
    ),
    "NaN": (lambda at: geojson(at / "a.geojson", NAN), "feature 1 'A': it has a point that is no"),
    "huge": (lambda at: geojson(at / "a.geojson", HUGE), "feature 1 'A': it has a point that is"),
    "metres": (lambda at: geojson(at / "a.geojson", FAR_NUMBERS), "look like metres"),
    "swapped": (
        lambda at: geojson(at / "a.geojson", shapely.to_geojson(SWAPPED)),
        "latitude and longitude are swapped",
    ),
    "point": (lambda at: geojson(at / "a.geojson", POINT, POLYGON), "feature 1 'A': it is a Point"),
    "line": (lambda at: geojson(at / "a.geojson", POLYGON, LINE), "feature 2 'B': it is a LineStr"),
    "no outline": (
        lambda at: geojson(at / "a.geojson", "null"),
        "feature 1 'A': it has no outline",
    ),
    "nameless": (
        lambda at: write_areas(at / "a.gpkg", names=[BASUM, None]),
        "feature 2: field 'NAME' is empty",
    ),
    "no name field": (
        lambda at: write_areas(at / "a.gpkg", field="code"),
        "which field holds the names? Say --name-field F; it has code",
    ),
    "cut zip": (lambda at: cut(written(at / "a.zip", b"PK\3\4" + b"0" * 90), 60), "zip cannot"),
    "zip without areas": (
        lambda at: Path(shutil.make_archive(str(at / "b"), "zip", folder(at / "empty"))),
        "it holds 0",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_named_and_nothing_taken(survey: Survey, tmp_path: Path, case: str) -> None:
    """Each mistake is named with its place and without a coordinate; the survey stays as it was."""
    make, expected = BAD_FILES[case]
    path = make(tmp_path)
    with pytest.raises(AreaFileError) as refused:
        take(survey, path)
    assert expected in str(refused.value)
    assert "94." not in str(refused.value)
    with survey.reading() as session:
        assert not session.exec(select(Area)).all()
        assert not session.exec(select(Decision)).all()


def test_every_mistake_of_a_file_is_told_at_once(survey: Survey, tmp_path: Path) -> None:
    """A file with three bad features names all three."""
    path = geojson(tmp_path / "a.geojson", POINT, POLYGON, LINE, "null")
    with pytest.raises(AreaFileError) as refused:
        take(survey, path)
    assert [one.split(":")[0] for one in refused.value.mistakes] == [
        "feature 1 'A'",
        "feature 3 'C'",
        "feature 4 'D'",
    ]


def test_names_in_no_known_encoding_are_refused(survey: Survey, tmp_path: Path) -> None:
    """Bytes that are neither UTF-8 nor GBK are no names."""
    path = write_areas(tmp_path / "a.shp", names=["abc", "def"])
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"abc", b"a\xffc"))
    with pytest.raises(AreaFileError, match="neither UTF-8 nor GBK"):
        take(survey, path)


def test_the_command_imports_lists_and_finds(survey: Survey, tmp_path: Path) -> None:
    """A person imports a file, sees it listed, and learns where a place lies."""
    path = write_areas(tmp_path / "reserves.gpkg")
    options = ["--survey", str(survey.folder)]
    run = CliRunner().invoke
    done = run(app, ["geo", "import", str(path), "--kind", "reserve", "--json", *options])
    assert [one["outcome"] for one in json.loads(done.stdout)["areas"]] == ["added", "added"]
    listed = run(app, ["geo", "list", *options])
    assert BASUM in listed.stdout and "Medog County" in listed.stdout
    where = run(app, ["geo", "where", "30.0", "94.0", *options])
    assert where.stdout.splitlines()[:2] == ["Gongbo'gyamda County", f"in reserve {BASUM}"]
    assert SEJILA in where.stdout and "km from reserve" in where.stdout
    told = json.loads(run(app, ["geo", "where", "30.0", "94.0", "--json", *options]).stdout)
    assert told["county"] == "540421"


def test_counties_cannot_be_imported_over_our_own(survey: Survey, tmp_path: Path) -> None:
    """County outlines come with the package alone."""
    with pytest.raises(AreaFileError, match="counties come with Namcha"):
        take(survey, write_areas(tmp_path / "a.gpkg"), kind=AreaKind.COUNTY)


def test_east_is_the_other_reserve() -> None:
    """The two reserves of these tests do not overlap."""
    assert not WEST.intersects(EAST)
