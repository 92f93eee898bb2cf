"""Answers go out as MegaDetector JSON: round trips, paths, films, failures, and who may have it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cards import jpeg
from conftest import SHARED
from exports import DEPLOYMENT, SECRETS, fill_survey, tells
from factories import make_deployment, make_machine_observation, make_taxon
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from results_scene import box, entry, megadetector, put_on_card, take, written
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from ingest.import_card import import_card
from ingest.other_results import import_results, read_results
from namcha.application import app
from species_db.export.camtrap_dp import export_camtrap_dp
from species_db.export.megadetector import AtTheDesk, ForOthers, PathStyle, export_megadetector
from species_db.export.offering import ExportRefused
from species_db.secrecy.marks import SubjectKind, mark_secrecy
from species_db.survey import Survey
from species_db.tables import Decision, Media, ModelVersion, Observation, Problem, Taxon
from species_db.vocabulary import Act, Secrecy

FILES = SHARED / "data" / "interop" / "megadetector_json"
NAMES = ("md_v1.5.json", "md_v1.3_with_classes.json")


def out_of(survey: Survey, folder: Path, **how: Any) -> dict[str, Any]:
    """What an export of this survey says."""
    path = folder / "out.json"
    path.unlink(missing_ok=True)
    export_megadetector(survey, path, person="Tashi", **how)
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def round_trip(survey: Survey, folder: Path, content: dict[str, Any]) -> dict[str, Any]:
    """The same results after they have been in a survey."""
    take(survey, folder, content)
    return out_of(survey, folder)


def card_of_the_shared_files(folder: Path) -> Path:
    """The card that the shared results speak of: three photos, and one that is broken."""
    root = folder / "SD01" / "DCIM" / "100RECNX"
    root.mkdir(parents=True)
    for number in (31, 32, 33):
        (root / f"RCNX00{number}.JPG").write_bytes(jpeg(number))
    (root / "broken.JPG").write_bytes(b"\xff\xd8\xff broken")
    return folder / "SD01"


@pytest.mark.parametrize("name", NAMES)
def test_the_shared_files_go_in_and_come_out_equal(
    shared: Path, listed_survey: Survey, tmp_path: Path, name: str
) -> None:
    """Every path, box, score, name, failure and the file's words on itself, on a real card."""
    with listed_survey.writing() as session:
        make_deployment(session)
    card = card_of_the_shared_files(tmp_path)
    import_card(listed_survey, card, deployment_id="MT-01-2026", person="Tashi")
    report = import_results(listed_survey, read_results(FILES / name), person="Tashi")
    assert (report.matched, report.media, report.failures) == (4, 3, 1)
    written_again = out_of(listed_survey, tmp_path)
    assert written_again == json.loads((FILES / name).read_text(encoding="utf-8"))


def test_the_commands_bring_a_shared_file_in_and_out(
    shared: Path, listed_survey: Survey, tmp_path: Path
) -> None:
    """As a person types them, in JSON and in words."""
    with listed_survey.writing() as session:
        make_deployment(session)
    card = card_of_the_shared_files(tmp_path)
    import_card(listed_survey, card, deployment_id="MT-01-2026", person="Tashi")
    where = ["--survey", str(listed_survey.folder)]
    source, out = str(FILES / NAMES[0]), tmp_path / "out.json"
    run = CliRunner()
    taken = run.invoke(app, ["import-results", source, "--json", *where])
    assert json.loads(taken.stdout)["observations"] == 4
    again = run.invoke(app, ["import-results", source, "--threshold", "0.2", *where])
    assert "0 observations added" in again.stdout
    told = run.invoke(app, ["export", "megadetector", str(out), *where])
    assert "files 4, detections 4 rows" in told.stdout
    assert json.loads(out.read_text(encoding="utf-8")) == json.loads(Path(source).read_text())


SHARE = st.integers(0, 10_000).map(lambda n: n / 10_000)


@st.composite
def boxes_inside(draw: st.DrawFn) -> dict[str, Any]:
    """A detection as MegaDetector writes it: four decimals, inside the frame."""
    x, y = draw(st.integers(0, 9_999)), draw(st.integers(0, 9_999))
    width, height = draw(st.integers(1, 10_000 - x)), draw(st.integers(1, 10_000 - y))
    sides = [n / 10_000 for n in (x, y, width, height)]
    code = draw(st.sampled_from("123"))
    return box(draw(st.integers(5, 1000)) / 1000, category=code, bbox=sides)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(boxes_inside(), max_size=5))
def test_boxes_come_out_as_they_went_in(
    survey: Survey, tmp_path: Path, found: list[dict[str, Any]]
) -> None:
    """Any boxes and scores, those below the threshold too, and the same box twice."""
    with survey.reading() as session:
        number = len(session.exec(select(Media.media_id)).all())
    name = f"RCNX{number:04d}.JPG"
    put_on_card(survey, name)
    content = megadetector(entry(f"SD01/DCIM/100RECNX/{name}", *found))
    content["info"]["detector"] = f"model {number}"
    told = round_trip(survey, tmp_path, content)
    expected = sorted(found, key=lambda d: (-d["conf"], d["bbox"], d["category"]))
    assert told["images"][0]["detections"] == expected


def test_what_other_tools_add_comes_out_as_it_went_in(survey: Survey, tmp_path: Path) -> None:
    """Fields of a file, null failures, categories of their own, unknown ones, flat boxes."""
    put_on_card(survey, "RCNX0031.JPG", "RCNX0032.JPG", "RCNX0033.JPG")
    folder = "SD01/DCIM/100RECNX"
    content = megadetector(
        entry(
            f"{folder}/RCNX0031.JPG",
            box(0.9, category="4"),
            box(0.8, category="9"),
            box(0.7, bbox=(0.1, 0.1, 0.0, 0.2)),
            box(0.6, category="5"),
            datetime="2021:04:11 20:43:09",
            width=2048,
        ),
        entry(f"{folder}/RCNX0032.JPG", failure=None),
        {"file": f"{folder}/RCNX0033.JPG", "failure": "Failure image access", "detections": None},
        version="1.6",
    )
    content["detection_categories"] |= {"4": "red panda", "5": "empty"}
    assert round_trip(survey, tmp_path, content) == content


def test_films_come_out_with_rate_frames_and_numbers(survey: Survey, tmp_path: Path) -> None:
    """Also at a rate that is no whole number."""
    put_on_card(survey, "DSCF0001.MP4", "DSCF0002.MP4", media_type="video/mp4")
    content = megadetector(
        entry(
            "SD01/DCIM/100RECNX/DSCF0001.MP4",
            box(0.9, frame_number=1799),
            box(0.8, frame_number=60),
            box(0.1, frame_number=61),
            frame_rate=29.97,
            frames_processed=[0, 60, 61, 1799],
        ),
        entry("SD01/DCIM/100RECNX/DSCF0002.MP4", frame_rate=20, frames_processed=[0, 20]),
        version="1.6",
    )
    assert round_trip(survey, tmp_path, content) == content


def test_windows_paths_come_out_with_forward_slashes(survey: Survey, tmp_path: Path) -> None:
    """And Chinese as Chinese, not as escapes."""
    put_on_card(survey, "雪豹0001.JPG", folder="格当沟口", card_folder="墨脱")
    take(survey, tmp_path, megadetector(entry(r"墨脱\格当沟口\雪豹0001.JPG", box())))
    told = out_of(survey, tmp_path)
    assert told["images"][0]["file"] == "墨脱/格当沟口/雪豹0001.JPG"
    assert "雪豹" in (tmp_path / "out.json").read_text(encoding="utf-8")


def test_out_of_frame_boxes_come_out_clipped(survey: Survey, tmp_path: Path) -> None:
    """The one thing about a box that may differ."""
    put_on_card(survey, "RCNX0031.JPG")
    content = megadetector(entry("SD01/DCIM/100RECNX/RCNX0031.JPG", box(bbox=(-0.1, 0, 0.3, 1.2))))
    assert round_trip(survey, tmp_path, content)["images"][0]["detections"][0]["bbox"] == [
        *(0.0, 0.0, 0.2, 1.0)
    ]


def test_results_of_speciesnet_go_out_as_megadetector_json(survey: Survey, tmp_path: Path) -> None:
    """Its boxes, each name with SpeciesNet's own label, its failures; readable as our own input."""
    put_on_card(survey, "RCNX0031.JPG", "RCNX0032.JPG")
    label = "436d;mammalia;carnivora;felidae;panthera;uncia;snow leopard"
    where = "C:\\data\\SD01\\DCIM\\100RECNX\\"
    found = {"category": "1", "label": "animal", "conf": 0.97, "bbox": [0.1, 0.2, 0.3, 0.4]}
    weak = found | {
        "conf": 0.1,
        "bbox": [0.5, 0.2, 0.3, 0.4],
        "raw_classifications": {"classes": ["x;;;;;;blank"], "scores": [0.8]},
    }
    leopard = {
        "filepath": f"{where}RCNX0031.JPG",
        "detections": [found, weak],
        "prediction": label,
        "prediction_score": 0.9,
        "prediction_source": "classifier",
        "model_version": "4.0.2a",
    }
    broken = {"filepath": f"{where}RCNX0032.JPG", "failures": ["DETECTOR", "CLASSIFIER"]}
    told = round_trip(survey, tmp_path, {"predictions": [leopard, broken]})
    assert told["info"]["format_version"] == "1.6"
    first, second = told["images"]
    assert [first["file"], second["file"]] == ["RCNX0031.JPG", "RCNX0032.JPG"]
    assert first["detections"] == [
        {"category": "1", "conf": 0.97, "bbox": [0.1, 0.2, 0.3, 0.4],
         "classifications": [["0", 0.9]]},
        {"category": "1", "conf": 0.1, "bbox": [0.5, 0.2, 0.3, 0.4],
         "classifications": [["1", 0.8]]},
    ]  # fmt: skip
    assert told["classification_categories"] == {"0": "snow leopard", "1": "blank"}
    assert told["classification_category_descriptions"]["0"] == label
    assert (second["failure"], second["detections"]) == ("DETECTOR, CLASSIFIER", None)
    assert len(read_results(written(tmp_path, told)).files) == 2


# --- our own models ---


def test_our_own_answers_go_out_for_the_folder_in_which_the_survey_keeps_pictures(
    survey: Survey, tmp_path: Path
) -> None:
    """Every path is a file below `media`; blank is an empty list, and a failure says so."""
    animal, blank, broken = put_on_card(survey, "A.JPG", "B.JPG", "C.JPG")
    with survey.writing() as session:
        make_machine_observation(session, animal)
        make_machine_observation(session, blank, observation_type="blank", bbox=None)
        session.add(
            Problem(
                card_import_id=broken.card_import_id,
                card_path=broken.card_path,
                code="pixels_unreadable",
                media_id=broken.media_id,
            )
        )
        for media in (animal, blank, broken):
            path = survey.path_of(media.file_path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"picture")
    told = out_of(survey, tmp_path)
    assert told["info"]["format_version"] == "1.6"
    assert told["info"]["detector"] == "general 0.1.0"
    assert told["info"]["detector_metadata"]["typical_detection_threshold"] == 0.3
    by_path = {one.pop("file"): one for one in told["images"]}
    assert all((survey.folder / "media" / path).is_file() for path in by_path)
    assert sorted(by_path.values(), key=str) == [
        {"detections": []},
        {"detections": [{"category": "1", "conf": 0.8, "bbox": [0.1, 0.2, 0.3, 0.4]}]},
        {"failure": "pixels_unreadable", "detections": None},
    ]


def test_paths_as_on_the_cards_fit_copies_named_after_deployments(
    survey: Survey, tmp_path: Path
) -> None:
    """And come back to the same files."""
    (media,) = put_on_card(survey, "A.JPG")
    with survey.writing() as session:
        make_machine_observation(session, media)
    told = out_of(survey, tmp_path, audience=AtTheDesk(paths=PathStyle.CARD))
    assert told["images"][0]["file"] == "MT-01-2026/DCIM/100RECNX/A.JPG"
    told["info"]["detector"] = "again"
    assert take(survey, tmp_path, told).matched == 1


def name_box(session: Session, row: Observation, taxon: Taxon) -> None:
    """Our own second stage repeats a detector's box with a name."""
    if session.get(ModelVersion, "c" * 64) is None:
        session.add(
            ModelVersion(
                model_version_id="c" * 64, name="groups", version="1", sha256="c" * 64, labels="",
                threshold=0.65, engine="test", task="classifier",
                details=json.dumps({"detector_sha256": row.model_version_id}),
            )
        )  # fmt: skip
        session.flush()
    named = row.model_dump(exclude={"seal"}) | {
        "observation_id": f"named {row.observation_id}",
        "model_version_id": "c" * 64,
        "taxon_id": taxon.taxon_id,
        "classification_probability": 0.72,
        "classification_timestamp": row.classification_timestamp + timedelta(milliseconds=1),
    }
    session.add(Observation(**named))


def test_names_of_our_second_stage_stand_with_the_detectors_boxes(
    survey: Survey, tmp_path: Path
) -> None:
    """With a label that says the ranks, as SpeciesNet's does; dismissed boxes stay behind."""
    (media,) = put_on_card(survey, "A.JPG")
    with survey.writing() as session:
        taxon = make_taxon(session)
        name_box(session, make_machine_observation(session, media), taxon)
    told = out_of(survey, tmp_path)
    (found,) = told["images"][0]["detections"]
    assert (found["conf"], found["classifications"]) == (0.8, [["0", 0.72]])
    assert told["classification_categories"] == {"0": "Muntiacus vaginalis"}
    assert told["info"]["classifier"] == "groups 1"
    label = told["classification_category_descriptions"]["0"]
    assert label.endswith(";mammalia;artiodactyla;cervidae;muntiacus;vaginalis;muntiacus vaginalis")


def test_a_film_of_our_own_names_the_frames_looked_at(survey: Survey, tmp_path: Path) -> None:
    """By its rate; where none is known, frames count milliseconds, so that seconds are right."""
    (known,) = put_on_card(survey, "A.MP4", media_type="video/mp4", frame_rate=20.0, duration_s=3.0)
    (unknown,) = put_on_card(survey, "B.MP4", media_type="video/mp4")
    with survey.writing() as session:
        for media in (known, unknown):
            make_machine_observation(session, media).frame_s = 1.5
    told = out_of(
        survey,
        tmp_path,
        audience=AtTheDesk(paths=PathStyle.CARD),
        film_moments=lambda seconds: [0.5, 1.5, 2.5],
    )
    first, second = told["images"]
    assert (first["frame_rate"], first["frames_processed"]) == (20.0, [10, 30, 50])
    assert first["detections"][0]["frame_number"] == 30
    assert second["detections"][0]["frame_number"] / second["frame_rate"] == 1.5


def test_scores_from_the_least_up_are_written(survey: Survey, tmp_path: Path) -> None:
    """The least itself among them."""
    put_on_card(survey, "A.JPG")
    content = megadetector(entry("SD01/DCIM/100RECNX/A.JPG", box(0.5), box(0.4), box(0.1)))
    take(survey, tmp_path, content)
    told = out_of(survey, tmp_path, min_score=0.4)
    assert [d["conf"] for d in told["images"][0]["detections"]] == [0.5, 0.4]


def test_the_same_survey_gives_the_same_bytes(survey: Survey, tmp_path: Path) -> None:
    """And an export of ours may be written over, as the log knows it."""
    media = put_on_card(survey, "A.JPG", "B.JPG", "C.JPG")
    with survey.writing() as session:
        for one in media:
            make_machine_observation(session, one)
    out = tmp_path / "out.json"
    export_megadetector(survey, out, person="Tashi")
    first = out.read_bytes()
    export_megadetector(survey, out, person="Tashi")
    assert out.read_bytes() == first


# --- what is refused, and what the log says ---


def test_the_other_tools_own_file_is_never_written_over(survey: Survey, tmp_path: Path) -> None:
    """Only an export of ours is replaced."""
    put_on_card(survey, "A.JPG")
    content = megadetector(entry("SD01/DCIM/100RECNX/A.JPG", box()))
    take(survey, tmp_path, content)
    with pytest.raises(ExportRefused, match="is not an earlier export of this survey"):
        export_megadetector(survey, tmp_path / "results.json", person="Tashi")
    assert json.loads((tmp_path / "results.json").read_text()) == content


def test_a_survey_without_answers_and_an_unknown_model_are_refused(
    survey: Survey, tmp_path: Path
) -> None:
    """With what to do, and the models that there are."""
    (media,) = put_on_card(survey, "A.JPG")
    with pytest.raises(ExportRefused, match="no model has answered yet"):
        out_of(survey, tmp_path)
    with survey.writing() as session:
        make_machine_observation(session, media)
    with pytest.raises(ExportRefused, match="Did you mean 'general'"):
        out_of(survey, tmp_path, model="genral")


def test_two_cards_of_one_deployment_cannot_go_out_by_their_names(
    survey: Survey, tmp_path: Path
) -> None:
    """One path would stand for two pictures."""
    media = [*put_on_card(survey, "A.JPG"), *put_on_card(survey, "A.JPG")]
    with survey.writing() as session:
        for one in media:
            make_machine_observation(session, one)
    with pytest.raises(ExportRefused, match="1 paths stand for two files each"):
        out_of(survey, tmp_path, audience=AtTheDesk(paths=PathStyle.CARD))


def test_a_file_for_the_desk_is_logged_as_true_names(survey: Survey, tmp_path: Path) -> None:
    """Who, why, whose answers, and that it is exact."""
    (media,) = put_on_card(survey, "A.JPG")
    with survey.writing() as session:
        make_machine_observation(session, media)
    out_of(survey, tmp_path, audience=AtTheDesk(reason="Timelapse at the desk"))
    with survey.reading() as session:
        log = session.exec(select(Decision).order_by(col(Decision.sequence))).all()
    assert [one.act for one in log] == [Act.EXACT_RELEASED, Act.EXPORTED]
    assert "Timelapse at the desk" in log[0].details
    details = json.loads(log[1].details)
    assert (details["format"], details["audience"], details["exact"]) == (
        "MegaDetector JSON",
        "desk",
        True,
    )


def test_secret_stations_stay_out_of_the_desks_file_too(survey: Survey, tmp_path: Path) -> None:
    """Secret never leaves."""
    for deployment_id, station in (("MT-01-2026", "MT-01"), ("MT-02-2026", "MT-02")):
        with survey.writing() as session:
            make_deployment(session, deployment_id, location_id=station)
        (media,) = put_on_card(survey, "A.JPG", deployment_id=deployment_id)
        with survey.writing() as session:
            make_machine_observation(session, media)
    mark_secrecy(
        survey, SubjectKind.STATION, "MT-02", Secrecy.SECRET, person="Tashi", reason="border"
    )
    told = out_of(survey, tmp_path, audience=AtTheDesk(paths=PathStyle.CARD))
    assert [one["file"] for one in told["images"]] == ["MT-01-2026/DCIM/100RECNX/A.JPG"]


def test_a_file_for_others_goes_with_the_pictures_of_a_package(
    survey: Survey, tmp_path: Path
) -> None:
    """Every path is a picture of the package, and no name of ours stands in it."""
    fill_survey(survey)
    package = tmp_path / "package"
    export_camtrap_dp(survey, package, person="Tashi", include_machine=True, with_media=True)
    told = out_of(survey, tmp_path, audience=ForOthers())
    assert len(told["images"]) > 1
    assert all((package / one["file"]).is_file() for one in told["images"])
    content = (tmp_path / "out.json").read_bytes()
    assert [secret for secret in (*SECRETS, DEPLOYMENT) if tells(content, secret)] == []
    assert {d["category"] for one in told["images"] for d in one["detections"]} == {"1"}


def test_pictures_that_our_second_stage_named_go_to_others_too(
    survey: Survey, tmp_path: Path
) -> None:
    """The detector's boxes, with the names that the package tells."""
    said = fill_survey(survey)
    before = out_of(survey, tmp_path, audience=ForOthers())
    with survey.writing() as session:
        for row in session.exec(select(Observation).where(Observation.bbox_x == 0.1)).all():
            name_box(session, row, session.get_one(Taxon, said.taxon.taxon_id))
    told = out_of(survey, tmp_path, audience=ForOthers())
    assert [one["file"] for one in told["images"]] == [one["file"] for one in before["images"]]
    found = [d for one in told["images"] for d in one["detections"]]
    assert {(d["conf"], *map(tuple, d["classifications"])) for d in found} == {(0.8, ("0", 0.72))}
    assert told["classification_categories"] == {"0": "Muntiacus vaginalis"}


def test_pictures_that_another_model_looked_at_later_are_counted(
    survey: Survey, tmp_path: Path
) -> None:
    """The package tells the other's answers of them, so they stay out, and the report says so."""
    said = fill_survey(survey)
    with survey.writing() as session:
        row = session.exec(
            select(Observation)
            .join(Media, col(Media.media_id) == col(Observation.media_id))
            .where(Media.event_id == said.unreviewed.event_id)
        ).first()
        assert row is not None
        name_box(session, row, session.get_one(Taxon, said.taxon.taxon_id))
        session.get_one(ModelVersion, "c" * 64).details = "{}"  # it follows another detector
    report = export_megadetector(
        survey, tmp_path / "out.json", person="Tashi", audience=ForOthers()
    )
    assert any(note.startswith("1 pictures were left out") for note in report.notes)
