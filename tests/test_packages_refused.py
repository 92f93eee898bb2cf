"""Broken packages: each is refused with its place, or taken where it does no harm; never half."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import func, select

from ingest.packages import PackageError, ReadSettings, read_package
from ingest.packages.opening import Limits
from species_db.export.terms import OBSERVATIONS
from species_db.survey import Survey
from species_db.tables import (
    CameraDay,
    CameraStation,
    CardImport,
    Decision,
    Deployment,
    Event,
    Media,
    Observation,
    PackageImport,
    Taxon,
)
from tests.packages_scene import (
    DEPLOYMENT,
    MUNTJAC,
    OFFSET,
    PICTURE,
    descriptor,
    in_folder,
    small_package,
    table,
    take,
)

Files = dict[str, bytes]
TABLES = (CameraDay, CameraStation, CardImport, Decision, Deployment, Event, Media, Observation,
          PackageImport, Taxon)  # fmt: skip


def rows_in(survey: Survey) -> list[int]:
    """How many rows every table has that an import writes."""
    with survey.reading() as session:
        return [session.exec(select(func.count()).select_from(one)).one() for one in TABLES]


def dangling() -> Files:
    """A picture of a deployment, and an observation of a picture, that are not there."""
    return small_package(
        media=[PICTURE, {**PICTURE, "mediaID": "m2", "deploymentID": "MT-99"}],
        observations=[
            MUNTJAC,
            {**MUNTJAC, "observationID": "o2", "observationLevel": "media", "mediaID": "m9"},
        ],
    )


def wrong_dates() -> Files:
    """A deployment that ends before it begins, a thirteenth month, a time without a zone."""
    return small_package(
        deployments=[{**DEPLOYMENT, "deploymentEnd": "2026-03-01T08:00:00+08:00"}],
    )


def no_dates() -> Files:
    """A thirteenth month, and a time without a zone."""
    return small_package(
        media=[{**PICTURE, "timestamp": "2026-13-02T07:30:00+08:00"}],
        observations=[{**MUNTJAC, "eventStart": "2026-04-02T07:30:00"}],
    )


def traversal() -> Files:
    """A file path that leads out of the package."""
    return small_package(media=[{**PICTURE, "filePath": "../../../etc/passwd"}])


def absolute() -> Files:
    """A file path of another computer."""
    return small_package(media=[{**PICTURE, "filePath": r"C:\Users\x\IMG_0001.JPG"}])


def resource_outside() -> Files:
    """A table that lies outside the package."""
    told = descriptor().replace(b'"media.csv"', b'"../media.csv"')
    return {**small_package(), "datapackage.json": told}


def twice() -> Files:
    """Two deployments, and two observations, of one name."""
    return small_package(deployments=[DEPLOYMENT, DEPLOYMENT], observations=[MUNTJAC, MUNTJAC])


def without_media() -> Files:
    """A package that lacks a table it names."""
    files = small_package()
    del files["media.csv"]
    return files


def without_column() -> Files:
    """A table that lacks a required column."""
    files = small_package()
    files["observations.csv"] = files["observations.csv"].replace(b"observationType", b"kind", 1)
    return files


def out_of_range() -> Files:
    """A latitude beyond the pole, a box beyond the picture, half a count, an unknown term."""
    box = {"bboxX": "0.8", "bboxY": "0.1", "bboxWidth": "0.5", "bboxHeight": "0.2"}
    return small_package(
        deployments=[{**DEPLOYMENT, "latitude": "151.5"}],
        observations=[
            {**MUNTJAC, "count": "1.5"},
            {**MUNTJAC, "observationID": "o2", "observationType": "ghost"},
            {**MUNTJAC, "observationID": "o3", "observationLevel": "media", "mediaID": "m1"} | box,
        ],
    )


def wide_box() -> Files:
    """A box that leaves the picture."""
    box = {"bboxX": "0.8", "bboxY": "0.1", "bboxWidth": "0.5", "bboxHeight": "0.2"}
    row = {**MUNTJAC, "observationID": "o3", "observationLevel": "media", "mediaID": "m1"}
    return small_package(observations=[MUNTJAC, row | box])


def old_version() -> Files:
    """Camtrap DP 0.1.6."""
    old = "https://raw.githubusercontent.com/tdwg/camtrap-dp/0.1.6/camtrap-dp-profile.json"
    return {**small_package(), "datapackage.json": descriptor(old)}


def no_json() -> Files:
    """A descriptor that was cut off."""
    return {**small_package(), "datapackage.json": descriptor()[:-20]}


def shifted_cells() -> Files:
    """A line with more cells than columns: a comma that nobody quoted."""
    files = small_package()
    files["media.csv"] = files["media.csv"].rstrip(b"\n") + b",,,more\n"
    return files


def a_plant() -> Files:
    """A camera record of a plant."""
    return small_package(observations=[{**MUNTJAC, "scientificName": "Mikania micrantha"}])


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            dangling,
            ["media.csv, line 3, deploymentID: 'MT-99'", "observations.csv, line 3, mediaID: 'm9'"],
        ),
        (wrong_dates, ["deployments.csv, line 2, deploymentEnd: 2026-03-01 08:00 lies before"]),
        (
            no_dates,
            [
                "media.csv, line 2, timestamp: '2026-13-02",
                "eventStart: '2026-04-02T07:30:00' has no time zone",
            ],
        ),
        (traversal, ["media.csv, line 2, filePath: '../../../etc/passwd' leads out"]),
        (absolute, ["media.csv, line 2, filePath", "leads out of the package"]),
        (resource_outside, ["datapackage.json: '../media.csv' leads out of the package"]),
        (
            twice,
            [
                "deployments.csv, line 3, deploymentID: 'MT-01' stands twice",
                "'o1' stands twice; first in line 2",
            ],
        ),
        (without_media, ["media.csv is missing; there is datapackage.json"]),
        (without_column, ["observations.csv: the columns observationType are missing"]),
        (
            out_of_range,
            [
                "line 2, latitude: it is no number in -90..90",
                "count: 1.5 is not whole",
                "'ghost' is none of",
            ],
        ),
        (wide_box, ["observations.csv, line 3, bbox: the box leaves the picture"]),
        (old_version, ["this is Camtrap DP 0.1.6; 1.0 and later 1.0.x are read"]),
        (no_json, ["datapackage.json: this is no JSON"]),
        (shifted_cells, ["media.csv, line 2: 14 cells, but 11 columns"]),
    ],
)
def test_a_broken_package_is_refused_with_its_place_and_leaves_nothing(
    survey: Survey, tmp_path: Path, broken: Callable[[], Files], said: list[str]
) -> None:
    """What is wrong is told with file, line, column and value; no table has a row more."""
    before = rows_in(survey)
    path = in_folder(tmp_path / "package", broken())
    with pytest.raises(PackageError) as refused:
        take(survey, path)
    for one in said:
        assert one in str(refused.value)
    assert "othing was imported" in str(refused.value)
    assert rows_in(survey) == before


def test_a_place_is_not_repeated_in_a_refusal(survey: Survey, tmp_path: Path) -> None:
    """Coordinates never stand in a message."""
    files = small_package(deployments=[{**DEPLOYMENT, "latitude": "95.33418"}])
    with pytest.raises(PackageError) as refused:
        take(survey, in_folder(tmp_path / "package", files))
    assert "latitude" in str(refused.value)
    assert "95.334" not in str(refused.value)


def test_a_plant_is_no_record_of_a_camera(listed_survey: Survey, tmp_path: Path) -> None:
    """A name that the lists know as a plant is refused after all else was ready, and undone."""
    before = rows_in(listed_survey)
    with pytest.raises(PackageError, match="Mikania micrantha: no animals"):
        take(listed_survey, in_folder(tmp_path / "package", a_plant()))
    assert rows_in(listed_survey) == before


def test_a_failure_at_the_last_row_leaves_nothing(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The computer fails when the log is to be written: no row of the package stays."""
    before = rows_in(survey)

    def fails(*_told: object, **_how: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("ingest.packages.importing.record_decision", fails)
    with pytest.raises(OSError, match="disk full"):
        take(survey, in_folder(tmp_path / "package", small_package()))
    assert rows_in(survey) == before


def test_marks_and_line_ends_of_windows_do_no_harm(survey: Survey, tmp_path: Path) -> None:
    """A byte order mark and CRLF, as Excel writes them, are taken as if they were not there."""
    files = {
        name: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")
        for name, content in small_package().items()
    }
    told = take(survey, in_folder(tmp_path / "package", files))
    assert (told.deployments, told.media, told.observations) == (1, 1, 1)


def zipped(path: Path, files: Files) -> Path:
    """Pack files into a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_zip_is_the_folder_that_it_packs(survey: Survey, tmp_path: Path) -> None:
    """The same package as a zip of its folder, after the folder, adds nothing."""
    take(survey, in_folder(tmp_path / "package", small_package()))
    files = {f"package/{name}": content for name, content in small_package().items()}
    before = rows_in(survey)
    assert take(survey, zipped(tmp_path / "package.zip", files)).is_known
    assert rows_in(survey) == before


def test_a_zip_bomb_is_not_unfolded(survey: Survey, tmp_path: Path) -> None:
    """A table that packs two hundred times is refused before it fills the memory."""
    files = {**small_package(), "observations.csv": b"a" * 30_000_000}
    with pytest.raises(PackageError, match="unfolds more than 200 times"):
        take(survey, zipped(tmp_path / "bomb.zip", files))


def test_a_zip_with_a_path_out_of_it_is_refused(survey: Survey, tmp_path: Path) -> None:
    """A member named ../evil.csv is refused; nothing is ever written below the survey."""
    path = zipped(tmp_path / "slip.zip", {**small_package(), "../evil.csv": b"a\n1\n"})
    with pytest.raises(PackageError, match="'../evil.csv' leads out of the package"):
        take(survey, path)
    assert not (tmp_path.parent / "evil.csv").exists()


def test_a_cut_off_zip_is_refused(survey: Survey, tmp_path: Path) -> None:
    """Half a download is no package."""
    path = zipped(tmp_path / "half.zip", small_package())
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(PackageError, match="no whole zip file"):
        take(survey, path)


def test_too_many_files_or_bytes_are_refused(tmp_path: Path) -> None:
    """A folder beyond the limits is the wrong folder."""
    path = in_folder(tmp_path / "package", small_package())
    for limits in (Limits(files=2), Limits(tables=2), Limits(table_bytes=10), Limits(all_bytes=10)):
        with pytest.raises(PackageError, match="are read|more than 2 files"):
            read_package(path, ReadSettings(OFFSET), limits=limits)


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    """A table of something else is not guessed at."""
    path = in_folder(tmp_path / "package", {"birds.csv": b"name,number\nkite,2\n"})
    with pytest.raises(PackageError, match="no format is recognised"):
        read_package(path, ReadSettings(OFFSET))


def test_a_deployment_that_the_survey_knows_is_refused(survey: Survey, tmp_path: Path) -> None:
    """Another version of a package does not mix with the first."""
    take(survey, in_folder(tmp_path / "one", small_package()))
    before = rows_in(survey)
    rows = [MUNTJAC, {**MUNTJAC, "observationID": "o2", "scientificName": "Vulpes vulpes"}]
    files = {**small_package(), "observations.csv": table(OBSERVATIONS, rows)}
    with pytest.raises(PackageError, match="has a deployment 'MT-01' already"):
        take(survey, in_folder(tmp_path / "two", files))
    assert rows_in(survey) == before
