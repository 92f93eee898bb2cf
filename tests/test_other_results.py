"""Results of other tools come in: which are refused, what becomes of the others."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from factories import make_deployment, make_machine_observation, make_taxon
from hypothesis import given, settings
from hypothesis import strategies as st
from results_scene import (
    box,
    entry,
    kept,
    megadetector,
    observations,
    put_on_card,
    take,
    written,
)
from sqlmodel import select

from ingest.other_results import ResultsError, ResultsFormat, read_results
from ingest.other_results.answers import clip_box
from species_db.review import view_event
from species_db.survey import Survey
from species_db.tables import Decision, Event, Media, ModelVersion, Observation, Problem
from species_db.verify import verify_survey
from species_db.vocabulary import Act

ONE = "SD01/DCIM/100RECNX/RCNX0031.JPG"
FELIDAE = "436d;mammalia;carnivora;felidae;panthera;uncia;snow leopard"


def untold(survey: Survey) -> list[str]:
    """Rows of answers of which the log does not tell, or tells something else."""
    tables = {"observation", "foreignanswer", "modelversion"}
    return [one.key for one, _ in verify_survey(survey).findings if one.table in tables]


# --- what is refused ---


def without(content: dict[str, Any], *path: str | int) -> dict[str, Any]:
    """The same file with one thing taken out."""
    place: Any = content
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return content


NOT_AS_THE_FORMAT_SAYS = {
    "not JSON": ("{", r"results.json:1:2: this is not JSON"),
    "a list": ("[]", "results are a JSON object"),
    "nobody's": ("{}", "neither MegaDetector's results"),
    "NaN": ('{"info": {}, "images": [NaN]}', "NaN: this is no number in JSON"),
    "no version": (without(megadetector(), "info", "format_version"), "found ''"),
    "too new": (megadetector(version="2.0"), r"info.format_version: .* found '2.0'"),
    "no categories": (without(megadetector(), "detection_categories"), "detection_categories: "),
    "named categories": (
        megadetector() | {"detection_categories": {"animal": "animal"}},
        "categories are numbered '0', '1', ..., found 'animal'",
    ),
    "blank category": (
        megadetector() | {"detection_categories": {"1": " "}},
        r"detection_categories\['1'\]: expected words",
    ),
    "no list of images": (megadetector() | {"images": {}}, "images: expected a list"),
    "no file": (megadetector({"detections": []}), r"images\[0\].file: expected words"),
    "twice": (megadetector(entry("a\\1.JPG"), entry("a/1.JPG")), "a/1.JPG: the file stands twice"),
    "neither": (megadetector({"file": ONE}), r"images\[0\]: it has neither detections nor a fail"),
    "both": (
        megadetector(entry(ONE, failure="Failure image access")),
        "it has both a failure and detections",
    ),
    "failure is no text": (megadetector({"file": ONE, "failure": 3}), r"images\[0\].failure: "),
    "three numbers": (
        megadetector(entry(ONE, box(bbox=(0.1, 0.2, 0.3)))),
        r"images\[0\].detections\[0\].bbox: a box has 4 numbers \(x, y, width, height\), found 3",
    ),
    "a word in a box": (
        megadetector(entry(ONE, box(bbox=(0.1, "left", 0.3, 0.4)))),  # type: ignore[arg-type]
        r"bbox\[1\]: expected a number, found 'left'",
    ),
    "negative sides": (
        megadetector(entry(ONE, box(bbox=(0.4, 0.4, -0.1, 0.2)))),
        "the sides of a box are not negative",
    ),
    "pixels": (megadetector(entry(ONE, box(bbox=(12, 40, 310, 200)))), "these are pixels"),
    "score": (megadetector(entry(ONE, box(92.6))), "a score lies in 0..1, found 92.6"),
    "category": (megadetector(entry(ONE, box(category=1))), "category: expected words, found 1"),  # type: ignore[arg-type]
    "names": (
        megadetector(entry(ONE, box(classifications=[["0", 0.9, 1]]))),
        r"classifications\[0\]: expected a category and a score",
    ),
    "film without rate": (
        megadetector(entry("a.MP4", box(frame_number=3))),
        r"images\[0\].frame_rate: a film has a frame rate above 0, found None",
    ),
    "film without frame": (
        megadetector(entry("a.MP4", box(), frame_rate=20)),
        "a detection in a film names its frame",
    ),
    "half a frame": (
        megadetector(entry("a.MP4", box(frame_number=1.5), frame_rate=20)),
        "a frame has a whole number from 0",
    ),
    "two SpeciesNets": (
        {
            "predictions": [
                {"filepath": name, "detections": [], "model_version": name} for name in "ab"
            ]
        },
        "they come from 2 versions of the model",
    ),
    "SpeciesNet's classes": (
        {
            "predictions": [
                {"filepath": "a", "detections": [], "classifications": {"classes": ["x"],
                 "scores": []}}
            ]
        },
        "1 classes have 0 scores",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_AS_THE_FORMAT_SAYS)
def test_a_file_that_is_not_as_its_format_says_is_refused_with_the_place(
    case: str, tmp_path: Path
) -> None:
    """The message names the place and what stands there; nothing has been written by then."""
    content, message = NOT_AS_THE_FORMAT_SAYS[case]
    with pytest.raises(ResultsError, match=message) as refused:
        read_results(written(tmp_path, content))
    assert str(refused.value).endswith("Nothing was imported.")


def test_a_file_that_is_missing_binary_or_of_another_tool_is_refused(tmp_path: Path) -> None:
    """Each says what it is and what was expected."""
    with pytest.raises(ResultsError, match="cannot be read"):
        read_results(tmp_path / "nothing.json")
    (tmp_path / "gbk.json").write_bytes('{"info": "雪豹"}'.encode("gbk"))
    with pytest.raises(ResultsError, match="byte 12 is not UTF-8"):
        read_results(tmp_path / "gbk.json")
    with pytest.raises(ResultsError, match="this is MegaDetector JSON, not SpeciesNet JSON"):
        read_results(written(tmp_path, megadetector()), ResultsFormat.SPECIESNET)


def test_an_unknown_deployment_is_refused(survey: Survey, tmp_path: Path) -> None:
    """With the name that was probably meant, and before anything is written."""
    put_on_card(survey, "RCNX0031.JPG")
    with pytest.raises(ResultsError, match="Did you mean 'MT-01-2026'"):
        take(survey, tmp_path, megadetector(entry(ONE)), deployment_id="MT-01-2025")
    assert observations(survey) == []


# --- what becomes of a file ---


def test_boxes_become_machine_observations_of_a_model_of_their_own(
    survey: Survey, tmp_path: Path
) -> None:
    """Type, box and score as in the file; the model says whose file it was, and how it began."""
    (media,) = put_on_card(survey, "RCNX0031.JPG")
    content = megadetector(entry(ONE, box(0.926), box(0.44, category="3")))
    content["info"] |= {"detector_metadata": {"megadetector_version": "v5a.0.1"}}
    report = take(survey, tmp_path, content)
    rows = observations(survey)
    assert [(o.observation_type, o.classification_probability) for o in rows] == [
        ("animal", 0.926),
        ("vehicle", 0.44),
    ]
    assert {o.media_id for o in rows} == {media.media_id}
    with survey.reading() as session:
        version = session.exec(select(ModelVersion)).one()
        event = session.exec(select(Event).where(Event.media_count == 1)).one()
    assert (version.name, version.version, version.origin) == (
        "md_v5a.0.1.pt",
        "v5a.0.1",
        "MegaDetector JSON",
    )
    details = json.loads(version.details or "")
    assert details["info"] == content["info"]
    assert details["files"][0]["sha256"] == report.sha256
    assert (event.machine_type, event.machine_probability) == ("animal", 0.926)


def test_importing_twice_adds_nothing(survey: Survey, tmp_path: Path) -> None:
    """No row is added or changed, and the log has one entry."""
    put_on_card(survey, "RCNX0031.JPG", "RCNX0032.JPG")
    content = megadetector(
        entry(ONE, box(), box()), entry("SD01/DCIM/100RECNX/RCNX0032.JPG"), version="1.3"
    )
    assert take(survey, tmp_path, content).observations == 3
    first = [o.model_dump() for o in observations(survey)]
    again = take(survey, tmp_path, content)
    assert (again.observations, again.new_media, again.media) == (0, 0, 2)
    assert [o.model_dump() for o in observations(survey)] == first
    with survey.reading() as session:
        acts = session.exec(select(Decision).where(Decision.act == Act.RESULTS_IMPORTED.value))
        details = json.loads(acts.one().details)
    assert (details["threshold"], details["observations"]) == (0.2, 3)
    assert untold(survey) == []


def test_people_are_restricted_at_once(survey: Survey, tmp_path: Path) -> None:
    """By the transaction that stores the box; a picture without people stays open."""
    put_on_card(survey, "RCNX0031.JPG", "RCNX0032.JPG")
    take(
        survey,
        tmp_path,
        megadetector(
            entry(ONE, box(0.81, category="2")), entry("SD01/DCIM/100RECNX/RCNX0032.JPG", box())
        ),
    )
    with survey.reading() as session:
        assert [m.is_restricted for m in session.exec(select(Media).order_by(Media.card_path))] == [
            True,
            False,
        ]


def test_the_threshold_is_inclusive(survey: Survey, tmp_path: Path) -> None:
    """A box at exactly the threshold is kept, one below it is not; a picture left bare is blank."""
    put_on_card(survey, "RCNX0031.JPG", "RCNX0032.JPG")
    report = take(
        survey,
        tmp_path,
        megadetector(entry(ONE, box(0.2)), entry("SD01/DCIM/100RECNX/RCNX0032.JPG", box(0.1999))),
    )
    assert (report.threshold, report.boxes_below_threshold) == (0.2, 1)
    assert sorted(o.observation_type for o in observations(survey)) == ["animal", "blank"]


def test_another_threshold_is_another_model(survey: Survey, tmp_path: Path) -> None:
    """So that what was blank at one and an animal at the other stand apart."""
    put_on_card(survey, "RCNX0031.JPG")
    content = megadetector(entry(ONE, box(0.08)))
    take(survey, tmp_path, content)
    take(survey, tmp_path, content, threshold=0.05)
    with survey.reading() as session:
        assert sorted(v.threshold for v in session.exec(select(ModelVersion))) == [0.05, 0.2]
        assert session.exec(select(Event)).one().machine_type == "animal"


def test_boxes_out_of_frame_are_clipped_and_counted(survey: Survey, tmp_path: Path) -> None:
    """What lies inside is stored; a box that has nothing inside is listed, and no row."""
    put_on_card(survey, "RCNX0031.JPG")
    report = take(
        survey,
        tmp_path,
        megadetector(
            entry(
                ONE,
                box(bbox=(-0.02, 0.5, 0.1, 0.6)),
                box(bbox=(0.5, 0.5, 0.0, 0.2)),
                box(bbox=(1.1, 0.5, 0.2, 0.2)),
            )
        ),
    )
    (row,) = observations(survey)
    assert (row.bbox_x, row.bbox_y, row.bbox_width, row.bbox_height) == (0.0, 0.5, 0.08, 0.5)
    assert (report.boxes_clipped, report.boxes_without_area) == (2, 2)
    assert [one.code for one in report.problems] == ["box_without_area"] * 2


SHARE = st.floats(-0.5, 1.5, allow_nan=False)
SIDE = st.floats(0, 1.5, allow_nan=False)


@given(SHARE, SHARE, SIDE, SIDE)
def test_a_clipped_box_lies_in_the_frame(x: float, y: float, width: float, height: float) -> None:
    """Every side, however far out the box began; clipping again changes nothing."""
    clipped = clip_box((x, y, width, height))
    left, top, across, down = clipped
    assert 0 <= left <= 1
    assert 0 <= top <= 1
    assert across >= 0
    assert down >= 0
    assert left + across <= 1 + 2e-6
    assert top + down <= 1 + 2e-6
    assert clip_box(clipped) == clipped


def test_failures_are_listed_as_problems_of_their_files(survey: Survey, tmp_path: Path) -> None:
    """With the other tool's words; our own detector may still look."""
    (media,) = put_on_card(survey, "RCNX0031.JPG")
    report = take(survey, tmp_path, megadetector({"file": ONE, "failure": "Failure image access"}))
    with survey.reading() as session:
        problem = session.exec(select(Problem)).one()
    assert (problem.code, problem.media_id) == ("other_tool_failed", media.media_id)
    assert problem.note == "md_v5a.0.1.pt: Failure image access"
    assert (report.failures, observations(survey)) == (1, [])


def test_categories_that_the_file_does_not_explain_are_no_detections(
    survey: Survey, tmp_path: Path
) -> None:
    """As the format says; they are counted, and the picture is blank."""
    put_on_card(survey, "RCNX0031.JPG")
    report = take(survey, tmp_path, megadetector(entry(ONE, box(category="7"))))
    assert report.unknown_categories == {"7": 1}
    assert [o.observation_type for o in observations(survey)] == ["blank"]


def test_a_category_that_nobody_has_decided_is_seen_and_not_identified(
    survey: Survey, tmp_path: Path
) -> None:
    """Never guessed; `classes.csv` of the survey decides it."""
    put_on_card(survey, "RCNX0031.JPG")
    with survey.writing() as session:
        taxon = make_taxon(session)
    content = megadetector(entry(ONE, box())) | {"detection_categories": {"1": "barker"}}
    report = take(survey, tmp_path, content)
    (row,) = observations(survey)
    assert (row.observation_type, row.taxon_id) == ("unknown", None)
    assert json.loads(row.alternatives or "") == [{"label": "barker", "score": 0.9}]
    assert report.unknown_words == {"barker": 1}
    (survey.folder / "classes.csv").write_text(
        "class_name,counts_as,scientific_name,source\nbarker,animal,Muntiacus vaginalis,ours\n",
        encoding="utf-8",
    )
    put_on_card(survey, "RCNX0099.JPG")
    content["images"] = [entry("SD01/DCIM/100RECNX/RCNX0099.JPG", box())]
    take(survey, tmp_path, content)
    assert taxon.taxon_id in {o.taxon_id for o in observations(survey)}


def decide(survey: Survey, *lines: str) -> None:
    """The survey's own `classes.csv`."""
    told = "\n".join(("class_name,counts_as,scientific_name,source", *lines, ""))
    (survey.folder / "classes.csv").write_text(told, encoding="utf-8")


def models_of(survey: Survey) -> set[str | None]:
    """The model versions under which there are rows."""
    return {one.model_version_id for one in observations(survey)}


@pytest.mark.parametrize("is_category", [True, False])
def test_what_classes_csv_says_later_counts_when_the_file_is_imported_again(
    survey: Survey, tmp_path: Path, is_category: bool
) -> None:
    """Another meaning is another model's answer; what the log knows of the first one stays."""
    put_on_card(survey, "RCNX0031.JPG")
    with survey.writing() as session:
        taxon = make_taxon(session)
    if is_category:
        content = megadetector(entry(ONE, box())) | {"detection_categories": {"1": "barker"}}
    else:
        content = megadetector(entry(ONE, box(classifications=[["0", 0.7]])))
        content["classification_categories"] = {"0": "barker"}
    take(survey, tmp_path, content)
    decide(survey, "barker,animal,Muntiacus vaginalis,ours")
    assert take(survey, tmp_path, content).unknown_words == {}
    assert take(survey, tmp_path, content).observations == 0
    assert [one.taxon_id for one in observations(survey)].count(taxon.taxon_id) == 1
    assert len(models_of(survey)) == 2
    with survey.reading() as session:
        view = view_event(session, session.exec(select(Event.event_id)).one())
    assert view.machine_finding.scientific_name == "Muntiacus vaginalis"
    assert untold(survey) == []


def test_a_taxon_that_came_later_alters_nothing_that_the_log_knows(
    survey: Survey, tmp_path: Path
) -> None:
    """What is kept of the file stays as it was told, though its name has a taxon now."""
    put_on_card(survey, "RCNX0031.JPG")
    content = megadetector(entry(ONE, box(classifications=[["0", 0.7]])))
    content["classification_categories"] = {"0": "Muntiacus vaginalis"}
    take(survey, tmp_path, content)
    before = [one.told for one in kept(survey)]
    with survey.writing() as session:
        make_taxon(session)
    take(survey, tmp_path, content)
    assert [one.told for one in kept(survey)] == before
    assert untold(survey) == []


def test_a_failure_on_a_card_that_came_later_is_told_to_the_log(
    survey: Survey, tmp_path: Path
) -> None:
    """Though it brings no observation."""
    put_on_card(survey, "RCNX0031.JPG")
    broken = {"file": "SD01/DCIM/100RECNX/RCNX0032.JPG", "failure": "Failure image access"}
    content = megadetector(entry(ONE, box()), broken)
    take(survey, tmp_path, content)
    put_on_card(survey, "RCNX0032.JPG")
    take(survey, tmp_path, content)
    take(survey, tmp_path, content)
    with survey.reading() as session:
        acts = session.exec(select(Decision).where(Decision.act == Act.RESULTS_IMPORTED.value))
        assert len(acts.all()) == len(kept(survey)) == 2
    assert untold(survey) == []


def test_the_next_card_is_the_same_models_whatever_is_on_it(survey: Survey, tmp_path: Path) -> None:
    """Of what the survey decided all counts, not only the names that one card happens to show."""
    put_on_card(survey, "RCNX0031.JPG")
    decide(survey, "dhole,animal,Cuon alpinus,ours", "barker,animal,Muntiacus vaginalis,ours")
    take(survey, tmp_path, speciesnet(**LEOPARD))
    take(survey, tmp_path, speciesnet(detections=[], prediction="x;;;;;;dhole"))
    assert len(models_of(survey)) == 1


def test_megadetectors_own_categories_make_one_model_whatever_else_is_decided(
    survey: Survey, tmp_path: Path
) -> None:
    """Words that a file does not have change nothing in it."""
    put_on_card(survey, "RCNX0031.JPG")
    content = megadetector(entry(ONE, box()))
    first = take(survey, tmp_path, content)
    decide(survey, "barker,animal,Muntiacus vaginalis,ours")
    again = take(survey, tmp_path, content)
    assert (again.model_version_id, again.observations) == (first.model_version_id, 0)


def test_a_classification_names_the_box_by_its_scientific_name(
    survey: Survey, tmp_path: Path
) -> None:
    """The row has the name's score; all names stay beside it, and the box's own score."""
    put_on_card(survey, "RCNX0031.JPG")
    with survey.writing() as session:
        taxon = make_taxon(session, "Panthera uncia", zh="雪豹")
    content = megadetector(
        entry(ONE, box(0.926, classifications=[["0", 0.91], ["1", 0.05]])), version="1.3"
    )
    content["classification_categories"] = {"0": "snow leopard", "1": "musk deer"}
    content["classification_category_descriptions"] = {"0": FELIDAE, "1": "x;;;;;;musk deer"}
    take(survey, tmp_path, content)
    (row,) = observations(survey)
    assert (row.taxon_id, row.classification_probability) == (taxon.taxon_id, 0.91)
    names = json.loads(row.alternatives or "")
    assert [(one["label"], one.get("scientific_name")) for one in names] == [
        ("snow leopard", "Panthera uncia"),
        ("musk deer", None),
    ]
    (answer,) = kept(survey)
    assert json.loads(answer.told)["boxes"][row.observation_id]["conf"] == 0.926


@pytest.mark.parametrize(
    ("name", "is_found"),
    [("muntiacus vaginalis", True), ("赤麂", True), ("red muntjac", False), ("muntjac", False)],
)
def test_only_scientific_and_chinese_names_are_taken_for_a_taxon(
    survey: Survey, tmp_path: Path, name: str, is_found: bool
) -> None:
    """An English name means one animal here and another there: it stays a word, and is listed."""
    put_on_card(survey, "RCNX0031.JPG")
    with survey.writing() as session:
        make_taxon(session, en="Red muntjac")
    content = megadetector(entry(ONE, box(classifications=[["0", 0.7]])))
    content["classification_categories"] = {"0": name}
    report = take(survey, tmp_path, content)
    (row,) = observations(survey)
    assert (row.taxon_id is not None, bool(report.unknown_words)) == (is_found, not is_found)
    assert row.classification_probability == (0.7 if is_found else 0.9)


def test_films_carry_the_second_of_each_frame(survey: Survey, tmp_path: Path) -> None:
    """Frame 30 at 20 frames a second is at one and a half seconds."""
    put_on_card(survey, "DSCF0001.MP4", media_type="video/mp4")
    film = entry(
        "SD01/DCIM/100RECNX/DSCF0001.MP4",
        box(frame_number=30),
        frame_rate=20,
        frames_processed=[0, 30, 60],
    )
    report = take(survey, tmp_path, megadetector(film))
    assert [o.frame_s for o in observations(survey)] == [1.5]
    assert report.films == 1


@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4", "1.5", "1.6"])
def test_every_version_is_read(survey: Survey, tmp_path: Path, version: str) -> None:
    """Old ones with their greatest score in each entry, which the boxes say themselves."""
    put_on_card(survey, "RCNX0031.JPG")
    old = {"max_detection_conf": 0.9} if version == "1.2" else {}
    report = take(survey, tmp_path, megadetector(entry(ONE, box(), **old), version=version))
    assert (report.format_version, report.observations) == (version, 1)


# --- SpeciesNet ---


def speciesnet(**said: object) -> dict[str, Any]:
    """One prediction of SpeciesNet on the first photo."""
    told = {"filepath": f"/data/{ONE}", "model_version": "4.0.2a", **said}
    return {"predictions": [told]}


LEOPARD = {
    "detections": [
        {"category": "1", "label": "animal", "conf": 0.97, "bbox": [0.1, 0.2, 0.3, 0.4]},
        {"category": "1", "label": "animal", "conf": 0.3, "bbox": [0.6, 0.2, 0.1, 0.1]},
    ],
    "classifications": {"classes": [FELIDAE, "x;;;;;;blank"], "scores": [0.9, 0.02]},
    "prediction": FELIDAE,
    "prediction_score": 0.9,
    "prediction_source": "classifier",
}


def test_speciesnet_names_the_best_box_and_says_how_it_came_to_it(
    survey: Survey, tmp_path: Path
) -> None:
    """The other box stays an animal; the source tells a roll-up's sum from a species' score."""
    put_on_card(survey, "RCNX0031.JPG")
    with survey.writing() as session:
        taxon = make_taxon(session, "Panthera uncia", zh="雪豹")
    report = take(survey, tmp_path, speciesnet(**LEOPARD))
    named, other = observations(survey)
    assert (named.taxon_id, named.classification_probability) == (taxon.taxon_id, 0.9)
    assert named.prediction_source == "classifier"
    assert (other.taxon_id, other.classification_probability) == (None, 0.3)
    assert named.classified_by == "SpeciesNet 4.0.2a"
    assert report.format == "SpeciesNet JSON"


@pytest.mark.parametrize(
    ("label", "kind", "is_restricted"),
    [
        ("x;;;;;;blank", "blank", False),
        ("x;no cv result;no cv result;no cv result;no cv result;no cv result;no cv result",
         "unknown", False),
        ("x;mammalia;primates;hominidae;homo;;homo species", "human", True),
        ("x;;;;;;vehicle", "vehicle", False),
        ("x;;;;;;animal", "animal", False),
    ],
)  # fmt: skip
def test_speciesnet_answers_for_a_picture_without_boxes(
    survey: Survey, tmp_path: Path, label: str, kind: str, is_restricted: bool
) -> None:
    """A row without a box: blank with its score, and people restricted even so."""
    put_on_card(survey, "RCNX0031.JPG")
    told = speciesnet(detections=[], prediction=label, prediction_score=0.93)
    take(survey, tmp_path, told)
    (row,) = observations(survey)
    assert (row.observation_type, row.bbox_x, row.classification_probability) == (kind, None, 0.93)
    with survey.reading() as session:
        assert session.exec(select(Media.is_restricted)).one() is is_restricted


def test_a_box_outlasts_the_blank_of_speciesnet(survey: Survey, tmp_path: Path) -> None:
    """Only a person may decide that nothing is in a box of that score."""
    put_on_card(survey, "RCNX0031.JPG")
    said = LEOPARD | {"prediction": "x;;;;;;blank", "prediction_score": 0.995}
    take(survey, tmp_path, speciesnet(**said))
    assert {o.observation_type for o in observations(survey)} == {"animal"}


def test_speciesnet_of_today_names_each_box(survey: Survey, tmp_path: Path) -> None:
    """Its settled name stands first, then what the classifier had said."""
    put_on_card(survey, "RCNX0031.JPG")
    with survey.writing() as session:
        taxon = make_taxon(session, "Panthera uncia", zh="雪豹")
    one = LEOPARD["detections"][0] | {  # type: ignore[index, operator]
        "processed_classification": {"class": FELIDAE, "score": 0.71},
        "raw_classifications": {"classes": ["x;;;;;;blank"], "scores": [0.2]},
    }
    whole = {"info": {"format_version": "1.0"}} | speciesnet(detections=[one])
    take(survey, tmp_path, whole)
    (row,) = observations(survey)
    assert (row.taxon_id, row.classification_probability) == (taxon.taxon_id, 0.71)
    assert [n["label"] for n in json.loads(row.alternatives or "")] == ["snow leopard", "blank"]


def test_speciesnet_failures_and_places_stay_out(survey: Survey, tmp_path: Path) -> None:
    """A detector's failure is a problem; coordinates in the file are copied nowhere."""
    put_on_card(survey, "RCNX0031.JPG")
    told = speciesnet(failures=["DETECTOR"], latitude=29.32517, longitude=95.33418)
    assert take(survey, tmp_path, told).failures == 1
    assert "29.32517" not in kept(survey)[0].told


# --- whose file a path is ---

SAME = ("RCNX0031.JPG", "RCNX0032.JPG")


@pytest.mark.parametrize(
    "path",
    [
        "SD01/DCIM/100RECNX/RCNX0031.JPG",
        r"D:\cards\2026\MT-01-2026\DCIM\100RECNX\RCNX0031.JPG",
        "/media/usb/sd01/dcim/100recnx/rcnx0031.jpg",
        r"..\mt-01-2026\.\dcim\\100RECNX\RCNX0031.jpg",
        "RCNX/../SD01/DCIM/100RECNX/RCNX0031.JPG",
    ],
)
def test_paths_of_any_system_are_matched_by_the_folder_that_names_the_card(
    survey: Survey, tmp_path: Path, path: str
) -> None:
    """Windows and POSIX, absolute and relative, in any capitals, though another card has it too."""
    (mine, _) = put_on_card(survey, *SAME)
    put_on_card(survey, *SAME, deployment_id="MT-02-2026", card_folder="SD02")
    report = take(survey, tmp_path, megadetector(entry(path, box())))
    assert (report.matched, [o.media_id for o in observations(survey)]) == (1, [mine.media_id])


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_chinese_names_are_matched_however_they_are_composed(
    survey: Survey, tmp_path: Path, form: str
) -> None:
    """A Mac writes é and ɡ apart; Chinese folders and names stay what they are."""
    name = unicodedata.normalize("NFC", "格当café雪豹0001.JPG")
    put_on_card(survey, name, folder="格当沟口", card_folder="墨脱一号卡")
    path = unicodedata.normalize(form, f"E:\\相机\\墨脱一号卡\\格当沟口\\{name}")
    assert take(survey, tmp_path, megadetector(entry(path, box()))).matched == 1


def test_a_path_that_fits_two_cards_is_listed_and_a_deployment_settles_it(
    survey: Survey, tmp_path: Path
) -> None:
    """Nothing is guessed between two cards with the same names."""
    put_on_card(survey, *SAME)
    (other, _) = put_on_card(survey, *SAME, deployment_id="MT-02-2026", card_folder="SD02")
    content = megadetector(entry("camera 7/DCIM/100RECNX/RCNX0031.JPG", box()))
    report = take(survey, tmp_path, content)
    assert [one.code for one in report.problems] == ["ambiguous"]
    assert observations(survey) == []
    settled = take(survey, tmp_path, content, deployment_id="MT-02-2026")
    assert (settled.matched, settled.problems) == (1, [])
    assert {o.media_id for o in observations(survey)} == {other.media_id}


def test_a_folder_is_taken_whole_for_the_only_card_that_has_all_its_files(
    survey: Survey, tmp_path: Path
) -> None:
    """And the report says so; one file that only another card has leaves the folder open."""
    put_on_card(survey, "RCNX0031.JPG", "RCNX0032.JPG")
    put_on_card(survey, "RCNX0031.JPG", deployment_id="MT-02-2026", card_folder="SD02")
    files = [f"camera 7/DCIM/100RECNX/RCNX003{n}.JPG" for n in (1, 2)]
    report = take(survey, tmp_path, megadetector(*(entry(file, box()) for file in files)))
    assert (report.matched, report.taken_by_folder) == (2, {"camera 7": "MT-01-2026"})
    put_on_card(survey, "RCNX0040.JPG", deployment_id="MT-02-2026", card_folder="SD02")
    files = [f"camera 8/DCIM/100RECNX/{name}" for name in ("RCNX0032.JPG", "RCNX0040.JPG")]
    mixed = take(survey, tmp_path, megadetector(*(entry(file, box()) for file in files)))
    assert [one.code for one in mixed.problems] == ["ambiguous"] * 2


def test_a_bare_file_name_matches_within_a_named_deployment_only(
    survey: Survey, tmp_path: Path
) -> None:
    """Every camera begins with the same numbers."""
    put_on_card(survey, "RCNX0031.JPG")
    content = megadetector(entry("photos/RCNX0031.JPG", box()))
    assert take(survey, tmp_path, content).matched == 0
    assert take(survey, tmp_path, content, deployment_id="MT-01-2026").matched == 1


def test_two_paths_for_one_file_are_both_left_open(survey: Survey, tmp_path: Path) -> None:
    """Which of two copies the results are of is not known; a file that is not here is named."""
    put_on_card(survey, "RCNX0031.JPG")
    report = take(
        survey,
        tmp_path,
        megadetector(entry(ONE, box()), entry(f"copy/{ONE}"), entry("SD01/DCIM/elsewhere.JPG")),
    )
    assert sorted(one.code for one in report.problems) == [
        "claimed_twice",
        "claimed_twice",
        "not_in_survey",
    ]
    assert observations(survey) == []


def test_a_dry_run_tells_and_writes_nothing(survey: Survey, tmp_path: Path) -> None:
    """Not even the model."""
    put_on_card(survey, "RCNX0031.JPG")
    report = take(survey, tmp_path, megadetector(entry(ONE, box())), is_dry_run=True)
    assert (report.observations, report.new_media) == (1, 1)
    with survey.reading() as session:
        assert session.exec(select(ModelVersion)).all() == []
        assert session.exec(select(Decision)).all() == []


def test_a_run_that_was_killed_is_continued(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed stays, the rest follows, and the log tells all of it."""
    names = [f"RCNX00{n}.JPG" for n in range(10, 14)]
    put_on_card(survey, *names)
    content = megadetector(*(entry(f"SD01/DCIM/100RECNX/{name}", box()) for name in names))
    monkeypatch.setattr("ingest.other_results.importing.BATCH_FILES", 2)

    def killed(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(survey, tmp_path, content, report=killed)
    assert len(observations(survey)) == 2
    assert take(survey, tmp_path, content).observations == 2
    assert len(observations(survey)) == 4
    assert untold(survey) == []


def test_answers_of_our_own_models_stay_beside_them(survey: Survey, tmp_path: Path) -> None:
    """What came in last is shown; nothing that another model said is touched."""
    (media,) = put_on_card(survey, "RCNX0031.JPG")
    with survey.writing() as session:
        make_machine_observation(session, media, score=0.5)
    take(survey, tmp_path, megadetector(entry(ONE)))
    assert sorted(o.observation_type for o in observations(survey)) == ["animal", "blank"]
    with survey.reading() as session:
        assert session.exec(select(Event)).one().machine_type == "blank"


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_no_text_brings_the_reader_down(told: str) -> None:
    """Whatever stands in a file, it is read or refused in words."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), json.dumps({"info": told, "images": [told], "x": told}))
        with pytest.raises(ResultsError):
            read_results(path)


def test_the_rows_of_a_deployment_without_the_file_stay_as_they_are(
    survey: Survey, tmp_path: Path
) -> None:
    """A deployment that the results do not speak of gets no blank."""
    put_on_card(survey, "RCNX0031.JPG")
    with survey.writing() as session:
        make_deployment(session, "MT-09-2026")
    take(survey, tmp_path, megadetector(entry(ONE, box())))
    with survey.reading() as session:
        assert {o.deployment_id for o in session.exec(select(Observation))} == {"MT-01-2026"}
