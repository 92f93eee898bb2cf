"""Importing folders of field photos: custody, time, place, what is doubtful, and the command."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from ingest.field_photos import FieldImportError, FieldVisit, import_field
from ingest.field_places import FarPhotos
from ingest.field_report import FieldReport
from ingest.import_card import import_card
from species_db.gcj02 import to_gcj02
from species_db.sealed_list import without_seals
from species_db.seals import broken_seals
from species_db.survey import Survey
from species_db.tables import (
    Decision,
    FieldFile,
    FieldImport,
    FieldPhoto,
    FieldRecord,
    Plot,
)
from species_db.vocabulary import Act, FieldProtocol
from tests.cards import jpeg, with_deployment
from tests.field_folder import MIDDLE, make_folder, north_of_middle, phone_photo, with_plots

VISIT = FieldVisit("LZ-041", "Tashi")


@pytest.fixture
def plots(survey: Survey) -> Survey:
    """A survey with two plots."""
    return with_plots(survey)


def take(survey: Survey, folder: Path, visit: FieldVisit = VISIT, **more: object) -> FieldReport:
    """Import a folder."""
    return import_field(survey, folder, visit=visit, person="Tashi", **more)  # type: ignore[arg-type]


def photos(survey: Survey) -> dict[str, FieldPhoto]:
    """Every field photo by its name."""
    with survey.reading() as session:
        return {photo.file_name: photo for photo in session.exec(select(FieldPhoto))}


def codes(survey: Survey) -> dict[str, str]:
    """What the journal says of each file: outcome and codes."""
    with survey.reading() as session:
        rows = session.exec(select(FieldFile)).all()
    return {row.card_path: f"{row.outcome} {row.code}".strip() for row in rows}


def rows_of_all(survey: Survey) -> list[tuple]:
    """Everything an import writes, but for when and who worked it out."""
    told: list[tuple] = []
    with survey.reading() as session:
        for table in (FieldPhoto, FieldFile, FieldRecord):
            told += sorted(tuple(row.model_dump().items()) for row in session.exec(select(table)))
        told += [
            (one.act, without_seals(one.details))
            for one in session.exec(select(Decision).where(Decision.act == Act.FIELD_IMPORTED))
        ]
    return told


def test_originals_are_kept_byte_for_byte(plots: Survey, tmp_path: Path) -> None:
    """Each photo lies under its hash with exactly its bytes, and the folder is untouched."""
    folder = make_folder(tmp_path / "phone", a=phone_photo(), b=phone_photo(minute=1))
    report = take(plots, folder)
    for name, photo in photos(plots).items():
        kept = plots.path_of(photo.file_path)
        assert kept.read_bytes() == (folder / name).read_bytes()
        assert kept == plots.folder / "field" / "LZ-041" / f"{photo.sha256}.jpg"
    assert (report.photos, report.records, report.problems) == (2, 1, ())


def test_the_same_folder_again_adds_nothing(plots: Survey, tmp_path: Path) -> None:
    """A second import changes no row, writes no log entry and gives the same report."""
    folder = make_folder(tmp_path / "phone", a=phone_photo(), b=phone_photo(minute=30))
    report, before = take(plots, folder), rows_of_all(plots)
    assert take(plots, folder) == report
    assert rows_of_all(plots) == before and len(before) == 2 + 2 + 2 + 1


def test_a_lost_or_altered_copy_is_made_again(plots: Survey, tmp_path: Path) -> None:
    """What has been damaged in the survey folder is copied anew from the phone's folder."""
    folder = make_folder(tmp_path / "phone", a=phone_photo(), b=phone_photo(minute=1))
    take(plots, folder)
    before, kept = rows_of_all(plots), photos(plots)
    plots.path_of(kept["a.jpg"].file_path).unlink()
    plots.path_of(kept["b.jpg"].file_path).write_bytes(b"altered")
    take(plots, folder)
    for name, photo in kept.items():
        assert plots.path_of(photo.file_path).read_bytes() == (folder / name).read_bytes()
    assert rows_of_all(plots) == before


def test_bad_files_are_listed_and_never_fatal(plots: Survey, tmp_path: Path) -> None:
    """Damaged files are kept aside, an empty one is told, litter is ignored, links not followed."""
    whole = phone_photo()
    folder = make_folder(tmp_path / "phone", good=whole, cut=whole[:-200], text=b"hello", empty=b"")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "link.jpg").symlink_to(folder / "good.jpg")
    report = take(plots, folder)
    assert codes(plots) == {
        "Thumbs.db": "ignored",
        "cut.jpg": "quarantined truncated",
        "empty.jpg": "empty empty_file",
        "good.jpg": "stored",
        "link.jpg": "ignored link_not_followed",
        "text.jpg": "quarantined not_media",
    }
    aside = {path.read_bytes() for path in (plots.folder / "quarantine").rglob("*.bin")}
    assert aside == {whole[:-200], b"hello"}
    assert {one.card_path for one in report.problems} == {
        "cut.jpg",
        "text.jpg",
        "empty.jpg",
        "link.jpg",
    }


def test_a_file_that_goes_away_is_told(plots: Survey, tmp_path: Path) -> None:
    """A file that cannot be had stays unread, the rest is taken, and it comes in later."""
    folder = make_folder(tmp_path / "phone", a=phone_photo(), b=phone_photo(minute=1))

    def pull(done: int, total: int) -> None:
        (folder / "b.jpg").unlink(missing_ok=True)

    report = take(plots, folder, report=pull)
    assert report.photos == 1 and [one.card_path for one in report.unsaved] == ["b.jpg"]
    assert "Do not delete the folder" in report.as_text()
    make_folder(folder, b=phone_photo(minute=1))
    again = take(plots, folder)
    assert (again.photos, again.records, again.unsaved) == (2, 1, ())


def test_equal_files_are_kept_once(plots: Survey, tmp_path: Path) -> None:
    """A copy in the folder, and one that came with another folder, are listed as duplicates."""
    take(plots, make_folder(tmp_path / "one", a=phone_photo(), copy=phone_photo()))
    more = make_folder(tmp_path / "two", again=phone_photo(), new=phone_photo(minute=40))
    report = take(plots, more)
    assert codes(plots)["copy.jpg"] == codes(plots)["again.jpg"] == "duplicate"
    assert [one.card_path for one in report.duplicates] == ["again.jpg"]
    assert "a.jpg" in report.duplicates[0].note
    assert len(list((plots.folder / "field").rglob("*.jpg"))) == len(photos(plots)) == 2


def test_a_duplicate_mends_the_copy_that_was_lost(plots: Survey, tmp_path: Path) -> None:
    """A file is called a duplicate only while the survey does hold its bytes."""
    take(plots, make_folder(tmp_path / "one", a=phone_photo()))
    kept = plots.path_of(photos(plots)["a.jpg"].file_path)
    kept.unlink()
    assert len(take(plots, make_folder(tmp_path / "two", b=phone_photo())).duplicates) == 1
    assert kept.read_bytes() == phone_photo()


def test_camera_media_are_no_field_photos(plots: Survey, tmp_path: Path) -> None:
    """Bytes that came from a camera's card are named so, and not taken a second time."""
    content = jpeg(1, datetime(2026, 5, 1, 9, tzinfo=UTC))
    card = tmp_path / "card" / "DCIM"
    card.mkdir(parents=True)
    (card / "IMG_1.JPG").write_bytes(content)
    import_card(plots, card.parent, deployment_id=with_deployment(plots), person="Tashi")
    report = take(plots, make_folder(tmp_path / "phone", copied=content))
    assert report.photos == 0 and "camera media" in report.duplicates[0].note
    assert not list((plots.folder / "field").rglob("*.jpg"))


def test_a_phone_without_gps_counts_as_on_the_plot(plots: Survey, tmp_path: Path) -> None:
    """Its photo has no position of its own; its record has the plot's, as wide as the plot."""
    take(plots, make_folder(tmp_path / "phone", a=phone_photo(at=None)))
    photo = photos(plots)["a.jpg"]
    assert (photo.latitude, photo.position_source) == (None, "plot")
    with plots.reading() as session:
        record = session.exec(select(FieldRecord)).one()
    assert (record.latitude, record.longitude) == MIDDLE
    assert (record.position_source, record.coordinate_uncertainty_m) == ("plot", 500)
    assert (record.elevation_m, record.elevation_source) == (2990.0, "plot")


def test_a_phones_height_is_marked_as_such(plots: Survey, tmp_path: Path) -> None:
    """A GPS height is kept with its source: nobody knows if it is above the sea (DOMAIN 15)."""
    take(plots, make_folder(tmp_path / "phone", a=phone_photo(altitude_m=2960)))
    with plots.reading() as session:
        record = session.exec(select(FieldRecord)).one()
    assert (record.elevation_m, record.elevation_source) == (2960.0, "gps")


def test_gps_time_wins_over_a_wrong_clock(plots: Survey, tmp_path: Path) -> None:
    """A clock two days off yields to the GPS time; the photo is marked and its place less sure."""
    right = datetime(2026, 7, 3, 1, 20, tzinfo=UTC)
    take(plots, make_folder(tmp_path / "phone", a=phone_photo(gps_utc=right)))
    assert photos(plots)["a.jpg"].timestamp == right
    assert codes(plots)["a.jpg"] == "stored gps_time_differs"
    with plots.reading() as session:
        assert session.exec(select(FieldRecord)).one().coordinate_uncertainty_m == 215


def test_the_clock_keeps_its_seconds_beside_a_recent_fix(plots: Survey, tmp_path: Path) -> None:
    """A fix of two minutes ago does not put photos of one minute on one instant."""
    fix = datetime(2026, 7, 1, 0, 58, tzinfo=UTC)
    folder = make_folder(tmp_path / "phone", a=phone_photo(gps_utc=fix))
    take(plots, folder)
    assert photos(plots)["a.jpg"].timestamp == fix + timedelta(minutes=2)
    assert codes(plots)["a.jpg"] == "stored"


def test_far_photos_are_asked_about_before_anything_is_written(
    plots: Survey, tmp_path: Path
) -> None:
    """Refusing leaves the survey as it was; the question tells distances and the other plot."""
    far = phone_photo(at=north_of_middle(1820))
    folder = make_folder(tmp_path / "phone", a=phone_photo(), far=far)
    asked: list[FarPhotos] = []
    with pytest.raises(FieldImportError, match="--accept-far") as refused:
        take(plots, folder, accept_far=lambda one: bool(asked.append(one)))
    assert "1 of 2 photos" in str(refused.value) and "1,820 m from plot LZ-041" in str(
        refused.value
    )
    assert "Did you mean LZ-042, 180 m away?" in str(refused.value)
    assert "29." not in str(refused.value) and "94." not in str(refused.value)
    assert len(asked) == 1 and rows_of_all(plots) == [] and photos(plots) == {}
    assert not list((plots.folder / "field").rglob("*.*"))


def test_far_photos_that_are_accepted_say_so(plots: Survey, tmp_path: Path) -> None:
    """An accepted far photo is taken and marked with its distance, without coordinates."""
    folder = make_folder(tmp_path / "phone", far=phone_photo(at=north_of_middle(1820)))
    report = take(plots, folder, accept_far=lambda far: True)
    assert codes(plots) == {"far.jpg": "stored outside_plot"}
    assert report.problems[0].note == "Taken 1,820 m from the middle of plot LZ-041."
    assert take(plots, folder) == report  # what is taken is not asked about again


def test_a_plots_own_radius_holds(plots: Survey, tmp_path: Path) -> None:
    """A wide plot takes what the usual radius would ask about."""
    with plots.writing() as session:
        plot = session.get_one(Plot, "LZ-041")
        plot.radius_m = 5000.0
        session.add(plot)
    folder = make_folder(tmp_path / "phone", far=phone_photo(at=north_of_middle(1820)))
    assert take(plots, folder).problems == ()


def test_a_plot_without_a_place_asks_nothing(plots: Survey, tmp_path: Path) -> None:
    """Where nobody has said where the plot lies, photos cannot lie off it."""
    with plots.writing() as session:
        session.add(Plot(plot_id="LZ-050", county="540402", ecosystem="forest"))
    folder = make_folder(tmp_path / "phone", far=phone_photo(at=north_of_middle(90_000)))
    assert take(plots, folder, FieldVisit("LZ-050", "Tashi")).problems == ()


def test_gcj02_is_flagged_and_not_corrected(plots: Survey, tmp_path: Path) -> None:
    """Positions off by the Linzhi shift are kept as they came, flagged with 320 m."""
    folder = make_folder(
        tmp_path / "phone",
        a=phone_photo(at=to_gcj02(*MIDDLE)),
        b=phone_photo(minute=1, at=to_gcj02(*north_of_middle(20))),
    )
    report = take(plots, folder)
    assert set(codes(plots).values()) == {"stored gcj02_suspect"}
    assert "(320 m)" in report.problems[0].note and report.gcj02_suspects == 2
    latitude = photos(plots)["a.jpg"].latitude
    assert latitude == pytest.approx(to_gcj02(*MIDDLE)[0], abs=1e-7)
    with plots.reading() as session:
        assert session.exec(select(FieldRecord)).one().coordinate_uncertainty_m > 350


def test_the_question_names_gcj02(plots: Survey, tmp_path: Path) -> None:
    """Photos that the shift brought off a small plot are explained, not only called far."""
    with plots.writing() as session:
        plot = session.get_one(Plot, "LZ-041")
        plot.radius_m = 150.0
        session.add(plot)
    folder = make_folder(tmp_path / "phone", a=phone_photo(at=to_gcj02(*MIDDLE)))
    with pytest.raises(FieldImportError, match=r"GCJ-02 shift of Chinese map apps \(320 m\)"):
        take(plots, folder)


@pytest.mark.parametrize(
    ("visit", "said"),
    [
        (FieldVisit("LZ-014", "Tashi"), "Did you mean 'LZ-04"),
        (FieldVisit("LZ-041", " "), "--observer"),
    ],
)
def test_who_and_where_must_be_known(
    plots: Survey, tmp_path: Path, visit: FieldVisit, said: str
) -> None:
    """An unknown plot and a missing observer are refused with what to do."""
    with pytest.raises(FieldImportError, match=said):
        take(plots, make_folder(tmp_path / "phone", a=phone_photo()), visit)


def test_a_folder_belongs_to_one_observer(plots: Survey, tmp_path: Path) -> None:
    """The same folder under another name or protocol is refused, not silently kept as it was."""
    folder = make_folder(tmp_path / "phone", a=phone_photo())
    take(plots, folder)
    with pytest.raises(FieldImportError, match="already imported"):
        take(plots, folder, FieldVisit("LZ-041", "Drolma"))
    with pytest.raises(FieldImportError, match="already imported"):
        take(plots, folder, FieldVisit("LZ-041", "Tashi", FieldProtocol.TRANSECT))


def test_no_folder_and_the_surveys_own_are_refused(plots: Survey, tmp_path: Path) -> None:
    """A wrong folder is said so before anything happens."""
    with pytest.raises(FieldImportError, match="No photos"):
        take(plots, tmp_path / "nowhere")
    with pytest.raises(FieldImportError, match="inside one another"):
        take(plots, plots.folder)


REAL = {
    # file: UTC instant, source of the offset, latitude to 0.001, source of the position
    "iphone8_guangzhou.heic": ("2018-02-05T07:11:44", "GPS", 23.178, "EXIF"),
    "adobe_xmp_south.jpg": ("2019-07-16T02:26:11", "assumed", -0.070, "XMP"),
    "oppo_r7plus.jpg": ("2018-07-16T15:52:22", "GPS", 60.267, "EXIF"),
    "pixel8pro_offset.jpg": ("2023-10-06T20:53:51", "OffsetTimeOriginal", 40.400, "EXIF"),
    "hasselblad_drone_1252m.jpg": ("2019-10-03T01:10:11", "assumed", 47.354, "EXIF"),
    "d_linzhi_gps.jpg": ("2013-06-23T05:52:26", "OffsetTimeOriginal", 29.649, "EXIF"),
    "samsung_gps_zero.jpg": ("2011-04-02T10:30:10", "assumed", None, "plot"),
}


def test_real_phone_and_drone_photos(plots: Survey, tmp_path: Path, shared: Path) -> None:
    """HEIC, XMP-only GPS, GPS time, OffsetTime and drone files keep their time and place."""
    folder = tmp_path / "phones"
    folder.mkdir()
    for name in REAL:
        (folder / name).write_bytes((shared / "data" / "exif" / name).read_bytes())
    report = take(plots, folder, accept_far=lambda far: True)
    found = {
        name: (
            f"{photo.timestamp:%Y-%m-%dT%H:%M:%S}",
            photo.offset_source,
            photo.latitude and round(photo.latitude, 3),
            photo.position_source,
        )
        for name, photo in photos(plots).items()
    }
    assert found == REAL
    far = {one.card_path for one in report.problems if "outside_plot" in one.code}
    assert far == set(REAL) - {"d_linzhi_gps.jpg", "samsung_gps_zero.jpg"}
    assert report.gcj02_suspects == 0
    with plots.reading() as session:
        assert list(broken_seals(session)) == []


def command(survey: Survey, folder: Path, *more: str) -> list[str]:
    """The command line that imports a folder."""
    told = [sys.executable, "-m", "namcha", "import-field", str(folder), "--observer", "Tashi"]
    return [*told, "--plot", "LZ-041", "--survey", str(survey.folder), *more]


def test_the_command_imports_and_prints_json(plots: Survey, tmp_path: Path) -> None:
    """`namcha import-field` prints a report that scripts can read."""
    folder = make_folder(tmp_path / "phone", a=phone_photo())
    ran = subprocess.run(
        command(plots, folder, "--json", "--protocol", "quadrat"), capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["photos"], told["drafts"], told["protocol"]) == (1, 1, "quadrat")


def test_the_command_refuses_far_photos_without_a_terminal(plots: Survey, tmp_path: Path) -> None:
    """A script gets one sentence with the option that accepts, and exit code 1."""
    folder = make_folder(tmp_path / "phone", far=phone_photo(at=north_of_middle(1820)))
    ran = subprocess.run(
        command(plots, folder), capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert ran.returncode == 1 and "--accept-far" in ran.stderr
    assert "Traceback" not in ran.stderr and "29." not in ran.stderr
    ran = subprocess.run(command(plots, folder, "--accept-far"), capture_output=True, text=True)
    assert ran.returncode == 0 and "1,820 m" in ran.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_and_run_again_it_ends_the_same(plots: Survey, tmp_path: Path) -> None:
    """SIGKILL between files, twice; the third run ends as one clean run does."""
    many = {
        f"p{n:03d}": phone_photo(minute=n * 2, at=to_gcj02(*north_of_middle(n % 5)), width=8 + n)
        for n in range(120)
    }
    folder = make_folder(tmp_path / "phone", **many)
    for wanted in (20, 60):
        running = subprocess.Popen(command(plots, folder), stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < until and _taken(plots) < wanted:
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
        running.wait()
    with plots.reading() as session:
        assert session.exec(select(FieldImport)).one().completed_at is None
        assert session.exec(select(FieldRecord)).all() == []
    report, killed = take(plots, folder), rows_of_all(plots)
    assert (report.photos, report.gcj02_suspects) == (120, 120)
    assert not list((plots.folder / "field").rglob("*.part"))
    _forget_imports(plots)
    take(plots, folder)
    assert rows_of_all(plots) == killed


def _taken(survey: Survey) -> int:
    with survey.reading() as session:
        return len(session.exec(select(FieldFile.card_path)).all())


def _forget_imports(survey: Survey) -> None:
    """Take the import out again, with its log entry, which must come out alike."""
    with survey.writing() as session:
        for table in (FieldFile, FieldPhoto, FieldRecord, FieldImport):
            for row in session.exec(select(table)).all():
                session.delete(row)
            session.flush()
        session.exec(delete(Decision).where(col(Decision.act) == Act.FIELD_IMPORTED.value))
    for path in (survey.folder / "field").rglob("*.jpg"):
        path.unlink()
