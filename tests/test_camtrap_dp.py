"""The Camtrap DP package: valid by the official schemas, confirmed only, and telling no place."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from exports import (
    DEPLOYMENT,
    LATITUDE,
    SECRETS,
    STATION,
    Told,
    add_event,
    bytes_of,
    change,
    fill_survey,
    join_later,
    media_of,
    review_what_is_there,
    store_pictures,
    telling_jpeg,
    tells,
)
from factories import (
    NINE,
    make_deployment,
    make_event,
    make_human_review,
    make_machine_observation,
    make_media,
    make_station,
    make_taxon,
)
from films import make_film
from PIL import Image, ImageChops, ImageOps, ImageStat
from requests.adapters import BaseAdapter
from sqlmodel import select
from urllib3 import HTTPResponse

from species_db.export import camtrap_dp, offering
from species_db.export.camtrap_dp import export_camtrap_dp
from species_db.export.checks import check_package
from species_db.export.jpeg import JpegError, strip_jpeg
from species_db.export.occurrences import export_occurrences
from species_db.export.offering import ExportRefused
from species_db.export.terms import MISSING_VALUES, PROFILE, TABLES
from species_db.sensitivity import ExactRelease
from species_db.survey import Survey, open_survey
from species_db.tables import Decision, Event, Media
from species_db.vocabulary import Act

Line = dict[str, str]
STANDARD = "https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/"
REFERENCES = {
    "https://specs.frictionlessdata.io/schemas/data-package.json": "external/data-package.json",
    "http://json.schemastore.org/geojson.json": "external/geojson.json",
}


class Offline(BaseAdapter):
    """Answers the official addresses from a folder; frictionless takes them from nowhere else."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def send(
        self, request: requests.PreparedRequest, *_args: object, **_how: object
    ) -> requests.Response:
        """Give the stored file, or 404."""
        url = str(request.url)
        name = REFERENCES.get(url) or (url.removeprefix(STANDARD) if STANDARD in url else "")
        path = self.folder / name
        answer = requests.Response()
        answer.request, answer.url = request, url
        answer.status_code = 200 if path.is_file() else 404
        body = io.BytesIO(path.read_bytes() if path.is_file() else b"")
        answer.raw = HTTPResponse(body=body, status=answer.status_code, preload_content=False)
        return answer

    def close(self) -> None:
        """Nothing is open."""


def official_errors(package: Path, standard: Path) -> list[list[Any]]:
    """What frictionless says of a package by the official profile and schemas."""
    from frictionless import system, validate

    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, Offline(standard))
    with system.use_context(http_session=session):
        report = validate(str(package / "datapackage.json"))
    return [list(error) for error in report.flatten(["type", "note", "rowNumber", "fieldName"])]


def read_lines(package: Path, table: str) -> list[Line]:
    """The rows of one table."""
    with (package / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_lines(package: Path, table: str, lines: list[Line]) -> None:
    """Put rows back."""
    with (package / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def public_media(package: Path) -> set[str]:
    """The media whose pictures are in a package, by the table; the files must be the same."""
    lines = read_lines(package, "media")
    public = {line["mediaID"] for line in lines if line["filePublic"] == "true"}
    assert {Path(name).stem for name in bytes_of(package) if name.startswith("media/")} == public
    return public


def media_ids(survey: Survey, *events: Event) -> set[str]:
    """The media of events."""
    return {media.media_id for event in events for media in media_of(survey, event)}


def decisions(survey: Survey) -> list[Decision]:
    """The log's entries about exports."""
    acts = (Act.EXPORTED.value, Act.EXACT_RELEASED.value)
    with survey.reading() as session:
        return [d for d in session.exec(select(Decision)) if d.act in acts]


@pytest.mark.parametrize("include_machine", [False, True])
@pytest.mark.parametrize("with_media", [False, True])
def test_a_package_is_valid_by_the_official_schemas(
    survey: Survey, tmp_path: Path, shared: Path, include_machine: bool, with_media: bool
) -> None:
    """The official profile and schemas find nothing to object to."""
    fill_survey(survey)
    out = tmp_path / "out"
    export_camtrap_dp(
        survey, out, person="Tashi", include_machine=include_machine, with_media=with_media
    )
    assert official_errors(out, shared / "standards/camtrap-dp") == []


def test_an_exact_package_is_valid_by_the_official_schemas(
    survey: Survey, tmp_path: Path, shared: Path
) -> None:
    """Our own names and free text pass as well."""
    fill_survey(survey)
    release = ExactRelease("Drolma", "county archive")
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi", exact=release)
    assert official_errors(tmp_path / "out", shared / "standards/camtrap-dp") == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_our_terms_are_the_standards(table: Any, shared: Path) -> None:
    """Names, order, types, formats, limits and keys equal the official schema's."""
    path = shared / f"standards/camtrap-dp/{table.name}-table-schema.json"
    official = json.loads(path.read_text(encoding="utf-8"))
    ours = table.schema()
    kept = ("name", "type", "format", "constraints")
    assert ours["fields"] == [
        {key: field[key] for key in kept if key in field} for field in official["fields"]
    ]
    assert ours["missingValues"] == official["missingValues"] == list(MISSING_VALUES)
    assert ours["primaryKey"] == [official["primaryKey"]]
    assert ours["foreignKeys"] == [
        {
            "fields": [key["fields"]],
            "reference": {
                "resource": key["reference"]["resource"],
                "fields": [key["reference"]["fields"]],
            },
        }
        for key in official.get("foreignKeys", [])
    ]


def test_the_official_example_passes_our_own_check(shared: Path, tmp_path: Path) -> None:
    """What the standard's authors published is valid by our terms, once its pictures are there."""
    package = tmp_path / "example"
    shutil.copytree(shared / "standards/camtrap-dp/example", package)
    (package / "media").mkdir(exist_ok=True)
    for line in read_lines(package, "media"):
        if line["filePath"].startswith("media/"):
            (package / line["filePath"]).touch()
    assert check_package(package) == ()


def test_only_confirmed_events_leave(survey: Survey, tmp_path: Path) -> None:
    """One row for each reviewed event, its media, and the boxes that the review did not refute."""
    told = fill_survey(survey)
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    lines = read_lines(tmp_path / "out", "observations")
    events = [line for line in lines if line["observationLevel"] == "event"]
    assert sorted(
        (line["observationType"], line["scientificName"], line["count"]) for line in events
    ) == [("animal", "Muntiacus vaginalis", "2"), ("blank", "", ""), ("human", "", "1")]
    assert {line["classificationMethod"] for line in events} == {"human"}
    assert {line["classificationProbability"] for line in events} == {""}
    boxes = [line for line in lines if line["observationLevel"] == "media"]
    assert {line["observationType"] for line in boxes} == {"animal", "human"}
    blank = {media.media_id for media in media_of(survey, told.blank)}
    assert not blank & {line["mediaID"] for line in boxes}
    media = {line["mediaID"] for line in read_lines(tmp_path / "out", "media")}
    assert not media & {item.media_id for item in media_of(survey, told.unreviewed)}
    assert report.rows == {"deployments": 1, "media": 6, "observations": 7}


def test_each_row_of_an_event_carries_its_id_and_media_rows_their_own_time(
    survey: Survey, tmp_path: Path
) -> None:
    """Levels are tied by eventID; an event spans its media, a media row is one moment."""
    fill_survey(survey)
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    lines = read_lines(tmp_path / "out", "observations")
    times = {line["mediaID"]: line["timestamp"] for line in read_lines(tmp_path / "out", "media")}
    assert all(line["eventID"] for line in lines)
    for line in lines:
        if line["observationLevel"] == "media":
            assert line["eventStart"] == line["eventEnd"] == times[line["mediaID"]]
        else:
            assert not line["mediaID"]
            assert line["eventEnd"] > line["eventStart"]
            assert line["eventStart"].endswith("+08:00")


def test_machine_records_leave_when_asked_for_and_say_so(survey: Survey, tmp_path: Path) -> None:
    """An unreviewed event gets one row per label: the largest count in one frame, by the model."""
    told = fill_survey(survey)
    first = media_of(survey, told.unreviewed)[0]
    with survey.writing() as session:
        make_machine_observation(session, first, score=0.9, bbox=(0.5, 0.5, 0.1, 0.1))
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi", include_machine=True)
    machine = [
        line
        for line in read_lines(tmp_path / "out", "observations")
        if line["observationLevel"] == "event" and line["classificationMethod"] == "machine"
    ]
    assert [
        (line["count"], line["classificationProbability"], line["classifiedBy"]) for line in machine
    ] == [("2", "0.9", "general 0.1.0")]
    assert len(read_lines(tmp_path / "out", "media")) == 8


def test_a_name_that_the_review_replaced_stays_behind(survey: Survey, tmp_path: Path) -> None:
    """The box of a wrongly named animal travels without the name and its score."""
    told = fill_survey(survey)
    with survey.writing() as session:
        other = make_taxon(session, "Canis lupus", zh="狼")
        item = session.get_one(Media, media_of(survey, told.muntjac)[0].media_id)
        box = make_machine_observation(session, item, score=0.99, bbox=(0.6, 0.6, 0.2, 0.2))
        box.taxon_id = other.taxon_id
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    assert b"Canis lupus" not in b"".join(bytes_of(tmp_path / "out").values())
    lines = read_lines(tmp_path / "out", "observations")
    assert [line["classificationProbability"] for line in lines if line["bboxX"] == "0.6"] == [""]


def test_an_undone_or_superseded_review_does_not_leave(survey: Survey, tmp_path: Path) -> None:
    """The review in force is told, once; an event sent back to the queue is not told at all."""
    told = fill_survey(survey)
    make_human_review(survey, told.blank, taxon=told.taxon, count=5)
    with survey.writing() as session:
        event = session.get_one(Event, told.muntjac.event_id)
        event.is_reviewed, event.current_review_id = False, None
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    events = [
        line
        for line in read_lines(tmp_path / "out", "observations")
        if line["observationLevel"] == "event"
    ]
    assert sorted((line["observationType"], line["count"]) for line in events) == [
        ("animal", "5"),
        ("human", "1"),
    ]


@pytest.mark.parametrize("include_machine", [False, True])
def test_nothing_in_a_package_tells_the_place(
    survey: Survey, tmp_path: Path, include_machine: bool
) -> None:
    """No coordinate, name, card file or note of the place is anywhere in the package's bytes."""
    told = fill_survey(survey)
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi", include_machine=include_machine, with_media=True)
    written = bytes_of(out)
    own_ids = (told.muntjac.event_id, STATION, DEPLOYMENT)
    for name, content in written.items():
        for secret in (*SECRETS, *own_ids):
            assert not tells(content, secret), (secret, name)
            assert secret not in name
    deployment = read_lines(out, "deployments")[0]
    assert (deployment["latitude"], deployment["longitude"]) == ("29.43", "95.61")
    assert deployment["coordinateUncertainty"] == "1600"
    assert deployment["deploymentTags"] == "altitude:1800-2000"
    descriptor = json.loads(written["datapackage.json"])
    assert descriptor["coordinatePrecision"] == 0.01
    assert descriptor["spatial"]["coordinates"][0][0] == [95.605, 29.425]


def test_an_exact_release_tells_the_place_and_is_logged_with_its_reason(
    survey: Survey, tmp_path: Path
) -> None:
    """Exact places leave with a name and a reason in the log, beside the export itself."""
    fill_survey(survey)
    release = ExactRelease("Drolma", "fire brigade, letter 12")
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi", exact=release)
    deployment = read_lines(tmp_path / "out", "deployments")[0]
    assert deployment["latitude"] == str(LATITUDE)
    assert (deployment["deploymentID"], deployment["locationName"]) == (DEPLOYMENT, "格当沟口")
    released, exported = decisions(survey)
    assert (released.act, released.person) == ("exact_released", "Drolma")
    assert json.loads(released.details) == {"reason": "fire brigade, letter 12"}
    told = json.loads(exported.details)
    assert (exported.person, told["exact"], told["rows"]) == ("Tashi", True, dict(report.rows))
    assert f"{report.sha256s['media.csv']}  media.csv" in told["sha256"]


def test_people_and_unseen_pictures_are_not_public(survey: Survey, tmp_path: Path) -> None:
    """Pictures of people, set-up shots and pictures nobody looked at stay in the survey."""
    told = fill_survey(survey)
    with survey.writing() as session:
        unseen = make_event(session, deployment_id=DEPLOYMENT, start=NINE + timedelta(hours=9))
        setup = make_event(session, deployment_id=DEPLOYMENT, start=NINE + timedelta(hours=10))
        query = select(Media).where(Media.event_id.in_([unseen.event_id, setup.event_id]))
        store_pictures(survey, list(session.exec(query)))
    said = make_human_review(survey, setup, observation_type="unknown", count=None)
    change(survey, said, camera_setup_type="setup")
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi", include_machine=True, with_media=True)
    assert public_media(out) == media_ids(survey, told.muntjac, told.blank, told.unreviewed)


@pytest.mark.parametrize("include_machine", [False, True])
@pytest.mark.parametrize("is_reviewed", [False, True])
def test_frames_beside_a_person_are_not_public(
    survey: Survey, tmp_path: Path, include_machine: bool, is_reviewed: bool
) -> None:
    """One second before and after a person the model sees nobody; a boot may be there."""
    told = fill_survey(survey)
    beside = add_event(survey, "blank", "human", "blank", hours=20)
    if is_reviewed:
        review_what_is_there(survey, beside)
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi", include_machine=include_machine, with_media=True)
    told_elsewhere = [told.muntjac, told.blank, *([told.unreviewed] if include_machine else [])]
    assert public_media(out) == media_ids(survey, *told_elsewhere)


@pytest.mark.parametrize("said", [{"observation_type": "human"}, {"camera_setup_type": "setup"}])
def test_a_frame_that_joins_people_or_the_team_is_not_public(
    survey: Survey, tmp_path: Path, said: dict[str, str]
) -> None:
    """The review that the event still names closes the picture that came after it."""
    told = fill_survey(survey)
    people = add_event(survey, "blank", "blank", hours=20)
    review_what_is_there(survey, people, **said)
    join_later(survey, people, kind="animal")
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi", include_machine=True, with_media=True)
    assert public_media(out) == media_ids(survey, told.muntjac, told.blank, told.unreviewed)


def test_a_restricted_later_frame_closes_its_whole_event(survey: Survey, tmp_path: Path) -> None:
    """A person on the new frame may be on the old ones, which somebody took for blank."""
    told = fill_survey(survey)
    review_what_is_there(survey, told.blank, observation_type="blank")
    later = join_later(survey, told.blank)
    with survey.writing() as session:
        session.get_one(Media, later.media_id).is_restricted = True
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi", with_media=True)
    assert public_media(tmp_path / "out") == media_ids(survey, told.muntjac)


def test_a_later_frame_is_public_only_when_a_model_looked_and_was_asked(
    survey: Survey, tmp_path: Path
) -> None:
    """What a person said of the frames before it does not speak for it."""
    told = fill_survey(survey)
    review_what_is_there(survey, told.muntjac, taxon_id=told.taxon.taxon_id)
    before = media_ids(survey, told.muntjac, told.blank)
    join_later(survey, told.muntjac, seconds=30)
    looked_at = join_later(survey, told.muntjac, seconds=40, kind="animal").media_id
    for name, include_machine in (("confirmed", False), ("all", True)):
        out = tmp_path / name
        export_camtrap_dp(
            survey, out, person="Tashi", include_machine=include_machine, with_media=True
        )
    assert public_media(tmp_path / "confirmed") == before
    shown = before | {looked_at} | media_ids(survey, told.unreviewed)
    assert public_media(tmp_path / "all") == shown


def test_a_picture_without_an_event_is_not_public(survey: Survey, tmp_path: Path) -> None:
    """Its card is not read to the end: who stands on the frame beside it is not known."""
    fill_survey(survey)
    with survey.writing() as session:
        alone = make_media(session, deployment_id=DEPLOYMENT, timestamp=NINE + timedelta(hours=30))
        make_machine_observation(session, alone)
        store_pictures(survey, [alone])
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi", include_machine=True, with_media=True)
    assert alone.media_id not in public_media(out)


def _say_human(survey: Survey, told: Told) -> None:
    make_human_review(survey, told.muntjac, observation_type="human")


def _restrict_one(survey: Survey, told: Told) -> None:
    with survey.writing() as session:
        session.get_one(Media, media_of(survey, told.muntjac)[0].media_id).is_restricted = True


def _see_a_person_beside(survey: Survey, told: Told) -> None:
    with survey.writing() as session:
        frame = session.get_one(Media, media_of(survey, told.muntjac)[1].media_id)
        make_machine_observation(session, frame, observation_type="human")


@pytest.mark.parametrize("act", [_say_human, _restrict_one, _see_a_person_beside])
def test_what_is_said_while_pictures_are_copied_stops_them(
    survey: Survey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Survey, Told], None],
) -> None:
    """Somebody finds a person on a picture already copied: it does not leave, nor its record."""
    told = fill_survey(survey)
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi")
    before = bytes_of(out)
    write = camtrap_dp._write_package

    def act_meanwhile(*package: Any) -> dict[str, str]:
        act(survey, told)
        return write(*package)

    monkeypatch.setattr(camtrap_dp, "_write_package", act_meanwhile)
    with pytest.raises(ExportRefused, match="the survey changed while exporting; run it again"):
        export_camtrap_dp(survey, out, person="Tashi", with_media=True)
    assert bytes_of(out) == before
    assert {path.name for path in tmp_path.iterdir()} == {"survey", "out"}
    assert len(decisions(survey)) == 1


def test_another_export_meanwhile_is_no_change(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people may export at once: letting out changes nothing of what is let out."""
    fill_survey(survey)
    write = camtrap_dp._write_package
    exact = ExactRelease("Drolma", "county archive")

    def export_meanwhile(*package: Any) -> dict[str, str]:
        monkeypatch.setattr(camtrap_dp, "_write_package", write)
        export_camtrap_dp(survey, tmp_path / "other", person="Drolma", exact=exact)
        return write(*package)

    monkeypatch.setattr(camtrap_dp, "_write_package", export_meanwhile)
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi", with_media=True)
    assert len(decisions(survey)) == 3


@pytest.mark.parametrize("seconds", [-30, 30])
def test_a_confirmed_record_stays_when_pictures_join_its_event(
    survey: Survey, tmp_path: Path, seconds: int
) -> None:
    """The review is told as before, byte for byte: its media, its boxes and its time."""
    told = fill_survey(survey)
    review_what_is_there(survey, told.muntjac, taxon_id=told.taxon.taxon_id)
    first = export_camtrap_dp(survey, tmp_path / "first", person="Tashi", with_media=True)
    join_later(survey, told.muntjac, seconds=seconds, kind="animal")
    second = export_camtrap_dp(survey, tmp_path / "second", person="Tashi", with_media=True)
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")
    new = set(second.notes) - set(first.notes)
    assert new == {
        "1 events have pictures that came after their review; those pictures are not covered."
    }


def test_later_pictures_come_as_machine_rows_and_nothing_is_told_twice(
    survey: Survey, tmp_path: Path, shared: Path
) -> None:
    """Asked for, they travel with their boxes; the event itself is told by the person alone."""
    told = fill_survey(survey)
    review_what_is_there(survey, told.muntjac, taxon_id=told.taxon.taxon_id)
    later = join_later(survey, told.muntjac, kind="animal")
    out = tmp_path / "out"
    report = export_camtrap_dp(survey, out, person="Tashi", include_machine=True)
    lines = read_lines(out, "observations")
    [box] = [line for line in lines if line["mediaID"] == later.media_id]
    assert (box["observationLevel"], box["classificationMethod"]) == ("media", "machine")
    [statement] = [
        line
        for line in lines
        if line["eventID"] == box["eventID"] and line["observationLevel"] == "event"
    ]
    assert statement["classificationMethod"] == "human"
    assert statement["eventEnd"] == "2026-05-01T09:00:01+08:00"
    assert any("1 events have pictures that came after" in note for note in report.notes)
    assert official_errors(out, shared / "standards/camtrap-dp") == []


def test_a_review_that_names_no_media_covers_its_whole_event(
    survey: Survey, tmp_path: Path
) -> None:
    """Reviews from before they named their media stand for the event, and do not vanish."""
    told = fill_survey(survey)
    join_later(survey, told.muntjac)
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    media = {line["mediaID"] for line in read_lines(tmp_path / "out", "media")}
    assert media >= media_ids(survey, told.muntjac)
    assert not any("after their review" in note for note in report.notes)


def test_later_pictures_are_told_of_in_chinese(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note speaks the language of the person at the keyboard."""
    told = fill_survey(survey)
    review_what_is_there(survey, told.muntjac, taxon_id=told.taxon.taxon_id)
    join_later(survey, told.muntjac)
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    assert "1 个事件在审核之后又有新照片加入;这些照片不在审核范围之内。" in report.notes


def test_a_copied_picture_is_the_same_picture_without_its_metadata(
    survey: Survey, tmp_path: Path
) -> None:
    """No GPS, no Exif at all: upright, and between the masked bars what the camera took."""
    told = fill_survey(survey)
    original = media_of(survey, told.muntjac)[0]
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi", with_media=True)
    [copied] = (tmp_path / "out").rglob(f"{original.media_id}.jpg")
    with Image.open(copied) as after, Image.open(survey.path_of(original.file_path)) as before:
        assert not dict(after.getexif())
        assert "comment" not in after.info
        assert after.size == before.size[::-1]
        between = (4, 0, 20, 40)  # the bars are at the sides once the picture is upright
        upright = ImageOps.exif_transpose(before).convert("RGB").crop(between)
        apart = ImageChops.difference(after.crop(between), upright)
    assert max(ImageStat.Stat(apart).mean) < 25  # noise, encoded twice; another picture: 85


@pytest.mark.parametrize(
    "how", [{}, {"progressive": True}, {"quality": 100}, {"restart_marker_rows": 1}]
)
@pytest.mark.parametrize("orientation", [1, 3, 8])
def test_stripping_keeps_pixels_and_orientation(how: Mapping[str, Any], orientation: int) -> None:
    """Progressive pictures and restart markers survive too; an upright one gets no Exif at all."""
    data = telling_jpeg(orientation=orientation, **how)
    stripped = strip_jpeg(data, orientation=orientation)
    assert b"HIDDEN" not in stripped
    with Image.open(io.BytesIO(stripped)) as after, Image.open(io.BytesIO(data)) as before:
        assert after.tobytes() == before.tobytes()
        assert dict(after.getexif()) == ({} if orientation == 1 else {0x0112: orientation})


def test_stripping_keeps_the_colours_of_cmyk_pictures() -> None:
    """Adobe's colour transform stays, else some pictures would come out inverted."""
    stream = io.BytesIO()
    Image.new("CMYK", (16, 16), (10, 20, 200, 40)).save(stream, "JPEG")
    stripped = strip_jpeg(stream.getvalue(), orientation=None)
    with Image.open(io.BytesIO(stripped)) as after, Image.open(stream) as before:
        assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\x89PNG", telling_jpeg()[:700], b"\xff\xd8\xff\xe0\xff\xff"]
)
def test_a_damaged_picture_is_not_stripped(data: bytes) -> None:
    """Of a cut file nobody can say that only the picture is left."""
    with pytest.raises(JpegError):
        strip_jpeg(data, orientation=None)


def test_a_damaged_picture_is_told_and_not_public(survey: Survey, tmp_path: Path) -> None:
    """The record leaves, the file does not, and the report says so."""
    told = fill_survey(survey)
    item = media_of(survey, told.muntjac)[0]
    survey.path_of(item.file_path).write_bytes(telling_jpeg()[:700])
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi", with_media=True)
    lines = {line["mediaID"]: line for line in read_lines(tmp_path / "out", "media")}
    assert lines[item.media_id]["filePublic"] == "false"
    assert any("1 files were not copied: they are no whole JPEG" in note for note in report.notes)


def test_the_same_data_gives_the_same_bytes(survey: Survey, tmp_path: Path) -> None:
    """Exports are acts in the log, yet a second one of the same data is byte for byte the first."""
    fill_survey(survey)
    for name in ("first", "second"):
        export_camtrap_dp(survey, tmp_path / name, person="Tashi", with_media=True)
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")


def test_the_survey_on_another_path_gives_the_same_bytes(survey: Survey, tmp_path: Path) -> None:
    """A copy of the survey on another disk exports the same package and table, pictures too."""
    fill_survey(survey)
    shutil.copytree(survey.folder, tmp_path / "elsewhere" / "a survey 调查")
    copied = open_survey(tmp_path / "elsewhere" / "a survey 调查")
    for source, name in ((survey, "here"), (copied, "there")):
        export_camtrap_dp(source, tmp_path / name / "dp", person="Tashi", with_media=True)
        export_occurrences(source, tmp_path / name / "o.csv", person="Tashi")
    copied.close()
    here = bytes_of(tmp_path / "here")
    assert any("/media/" in name for name in here)
    assert here == bytes_of(tmp_path / "there")


def test_a_video_stays_inside_and_the_report_says_so(survey: Survey, tmp_path: Path) -> None:
    """A film's position, text and sound are not taken out, so the film does not leave."""
    told = fill_survey(survey)
    item = media_of(survey, told.muntjac)[0]
    film = make_film("h264.mp4", seconds=0.4, tags={"comment": "N 29.4325 E 95.6128"})
    assert b"29.4325" in film
    survey.path_of(item.file_path).write_bytes(film)
    with survey.writing() as session:
        session.get_one(Media, item.media_id).file_mediatype = "video/mp4"
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi", with_media=True)
    written = bytes_of(tmp_path / "out")
    assert item.media_id not in public_media(tmp_path / "out")
    assert not any(b"29.4325" in data or b"ftyp" in data[:16] for data in written.values())
    assert any("1 videos stay inside" in note for note in report.notes)


def test_created_is_the_moment_given(survey: Survey, tmp_path: Path) -> None:
    """A given moment is written as it is, in UTC."""
    fill_survey(survey)
    at = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi", created=at)
    descriptor = json.loads((tmp_path / "out/datapackage.json").read_text(encoding="utf-8"))
    assert (descriptor["created"], descriptor["version"]) == ("2026-11-03T08:30:00Z", "2026-11-03")
    assert descriptor["taxonomic"][0]["vernacularNames"] == {"eng": "Red muntjac", "zho": "赤麂"}


def test_a_deployment_without_end_ends_with_its_last_picture(
    survey: Survey, tmp_path: Path
) -> None:
    """The standard wants an end; a camera without pictures and end is left out and told."""
    with survey.writing() as session:
        make_deployment(session, "A-open", deployment_end=None)
        make_deployment(session, "B-lost", deployment_end=None)
        make_event(session, deployment_id="A-open", photos=3)
        undated = make_event(session, deployment_id="A-open", start=None)
        store_pictures(survey, list(session.exec(select(Media))))
    make_human_review(survey, undated, observation_type="blank", count=None)
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    [line] = read_lines(tmp_path / "out", "deployments")
    # The end of its day: to the second, pick-ups would order the stations along a trail.
    assert line["deploymentEnd"] == "2026-05-01T23:59:59+08:00"
    notes = " ".join(report.notes)
    assert "A-open" in notes
    assert "B-lost" in notes
    assert "1 media and 1 events have no date" in notes


def test_a_survey_without_deployments_is_refused(survey: Survey, tmp_path: Path) -> None:
    """An empty survey says what to do, and writes nothing."""
    with pytest.raises(ExportRefused, match="no deployment"):
        export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    assert not (tmp_path / "out").exists()


def test_media_outside_their_deployment_are_refused_until_it_is_left_out(
    survey: Survey, tmp_path: Path
) -> None:
    """The refusal names our deployment, the count and the first time; leaving it out helps."""
    told = fill_survey(survey)
    with survey.writing() as session:
        make_station(session, "ST-2", latitude=29.5, longitude=95.5)
        make_deployment(session, "WRONG-CLOCK", location_id="ST-2")
        early = make_event(session, deployment_id="WRONG-CLOCK", start=NINE - timedelta(days=400))
        query = select(Media).where(Media.event_id == early.event_id)
        store_pictures(survey, list(session.exec(query)))
    make_human_review(survey, early, taxon=told.taxon)
    with pytest.raises(ExportRefused, match="WRONG-CLOCK: 1 media and 1 observations") as refused:
        export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    assert "2025-03-27T09:00:00+08:00" in str(refused.value)
    assert list(tmp_path.iterdir()) == [survey.folder]
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi", exclude=["WRONG-CLOCK"])
    assert report.rows["deployments"] == 1


def test_a_misspelt_deployment_to_leave_out_is_refused(survey: Survey, tmp_path: Path) -> None:
    """Leaving out nothing would let out what was meant to stay."""
    fill_survey(survey)
    with pytest.raises(ExportRefused, match="No deployment GEDANG-3-2026"):
        export_camtrap_dp(survey, tmp_path / "out", person="Tashi", exclude=["GEDANG-3-2026"])


def test_a_missing_original_is_refused_and_the_earlier_package_stays(
    survey: Survey, tmp_path: Path
) -> None:
    """A record whose proof is gone does not leave; what was exported before is untouched."""
    told = fill_survey(survey)
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    before = bytes_of(tmp_path / "out")
    survey.path_of(media_of(survey, told.muntjac)[0].file_path).unlink()
    with pytest.raises(ExportRefused, match=f"{DEPLOYMENT}: 1 originals are missing"):
        export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    assert bytes_of(tmp_path / "out") == before
    assert len(decisions(survey)) == 1


def test_a_package_replaces_an_earlier_one_as_a_whole(survey: Survey, tmp_path: Path) -> None:
    """Pictures of the first export are gone when the second has none."""
    fill_survey(survey)
    out = tmp_path / "out"
    out.mkdir()
    export_camtrap_dp(survey, out, person="Tashi", with_media=True)
    export_camtrap_dp(survey, out, person="Tashi")
    assert set(bytes_of(out)) == {
        "datapackage.json",
        "deployments.csv",
        "media.csv",
        "observations.csv",
    }
    assert {path.name for path in tmp_path.iterdir()} == {"survey", "out"}


@pytest.mark.parametrize("foreign", ["thesis.docx", "media/holiday.jpg", "datapackage.json"])
def test_foreign_files_are_never_overwritten(survey: Survey, tmp_path: Path, foreign: str) -> None:
    """A folder that holds anything else is left as it is."""
    fill_survey(survey)
    path = tmp_path / "out" / foreign
    path.parent.mkdir(parents=True)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ExportRefused, match=r"Name a new or empty folder"):
        export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    assert path.read_text(encoding="utf-8") == "{}"


def test_what_cannot_be_logged_does_not_leave(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the log fails the new package is taken back and the earlier one stands again."""
    fill_survey(survey)
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi")
    before = bytes_of(out)

    def full_disk(*_args: object, **_values: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(offering, "record_decision", full_disk)
    with pytest.raises(ExportRefused, match="No space left"):
        export_camtrap_dp(survey, out, person="Tashi", include_machine=True)
    assert bytes_of(out) == before
    assert {path.name for path in tmp_path.iterdir()} == {"survey", "out"}


def test_an_invalid_setting_is_refused_by_name(survey: Survey, tmp_path: Path) -> None:
    """A sampling design that the standard does not know is named, with where to correct it."""
    fill_survey(survey)
    object.__setattr__(survey.settings, "sampling_design", "grid")
    with pytest.raises(ExportRefused, match=r"project\.samplingDesign.*survey\.toml"):
        export_camtrap_dp(survey, tmp_path / "out", person="Tashi")


def test_a_refusal_shows_ten_reasons_and_counts_them_all() -> None:
    """A thousand bad rows make a message that can be read."""
    refused = ExportRefused("Nothing was exported.", [f"reason {n}" for n in range(12)])
    assert str(refused).splitlines()[-2:] == ["  - reason 9", "  and 2 more."]
    assert len(refused.reasons) == 12


def _set(table: str, column: str, value: str, row: int = 0) -> Callable[[Path], None]:
    def spoil(package: Path) -> None:
        lines = read_lines(package, table)
        lines[row][column] = value
        write_lines(package, table, lines)

    return spoil


def _double_first(package: Path) -> None:
    lines = read_lines(package, "media")
    write_lines(package, "media", [lines[0], *lines])


def _drop_taxa(package: Path) -> None:
    path = package / "datapackage.json"
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(descriptor | {"taxonomic": []}), encoding="utf-8")


def _drop_column(package: Path) -> None:
    lines = read_lines(package, "media")
    write_lines(package, "media", [{k: line[k] for k in line if k != "exifData"} for line in lines])


def _drop_picture(package: Path) -> None:
    next((package / "media").rglob("*.jpg")).unlink()


def _shift_box(package: Path) -> None:
    lines = read_lines(package, "observations")
    box = next(line for line in lines if line["bboxX"])
    box["bboxX"] = "0.9"
    write_lines(package, "observations", lines)


def _end_before_start(package: Path) -> None:
    lines = read_lines(package, "observations")
    lines[0]["eventEnd"] = lines[0]["eventStart"].replace("T09:00", "T08:59")
    write_lines(package, "observations", lines)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_set("observations", "observationType", "wolf"), "observationType"),
        (_set("media", "deploymentID", "nowhere"), "nowhere"),
        (_set("observations", "mediaID", "nothing"), "nothing"),
        (_double_first, "media.csv"),
        (_set("media", "timestamp", "2026-05-01T09:00:00"), "timestamp"),
        (_set("deployments", "latitude", "151.12345"), "latitude"),
        (_set("media", "filePath", "../secret.jpg"), "filePath"),
        (_set("media", "filePath", "/etc/passwd"), "filePath"),
        (_set("media", "fileMediatype", "jpeg"), "fileMediatype"),
        (_set("observations", "count", "0"), "count"),
        (_set("media", "timestamp", "2027-05-01T09:00:00+08:00"), "outside"),
        (_set("deployments", "deploymentEnd", "2026-04-01T00:00:00+08:00"), "before it starts"),
        (_drop_column, "exifData"),
        (_shift_box, "outside the picture"),
        (_drop_taxa, "Muntiacus vaginalis is in the observations"),
        (_end_before_start, "before it starts"),
        (_drop_picture, "is not in the package"),
    ],
)
def test_our_check_finds_what_is_wrong(
    survey: Survey, tmp_path: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    """Each kind of broken package is refused for its own reason, and no reason tells a place."""
    fill_survey(survey)
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi", with_media=True)
    assert check_package(tmp_path / "out") == ()
    spoil(tmp_path / "out")
    reasons = check_package(tmp_path / "out")
    assert any(reason in told for told in reasons), reasons
    assert not any("151.12345" in told for told in reasons)


def test_time_lapse_is_told_apart_from_activity(survey: Survey, tmp_path: Path) -> None:
    """A time-lapse frame proves that the camera worked, and is named so."""
    told = fill_survey(survey)
    with survey.writing() as session:
        for number, item in enumerate(media_of(survey, told.muntjac)):
            session.get_one(Media, item.media_id).trigger = ("time_lapse", "motion")[number]
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    descriptor = json.loads((tmp_path / "out/datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["project"]["captureMethod"] == ["activityDetection", "timeLapse"]
    assert descriptor["profile"] == PROFILE


def test_media_of_an_excluded_deployment_stay_behind(survey: Survey, tmp_path: Path) -> None:
    """Leaving a deployment out leaves out its media, events and boxes."""
    fill_survey(survey)
    with survey.writing() as session:
        make_media(session, deployment_id="MT-01-2026", timestamp=NINE)
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi", exclude=[DEPLOYMENT])
    assert report.rows == {"deployments": 1, "media": 0, "observations": 0}
    assert camtrap_dp.FORMAT == "camtrap-dp 1.0.2"
