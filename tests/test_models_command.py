"""`namcha models`: what a person sees, chooses and takes back, and that detection follows."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlmodel import select
from test_classify import with_photos
from test_detector import renamed_classes
from test_pull import CONTENT, SHA256, Publisher, publisher, unused_port  # noqa: F401
from typer.testing import CliRunner

from models.detector import SHIPPED
from models.engines import EngineName
from models.offline import import_openvino
from models.registry import SHIPPED_REGISTRY
from models.shelf import models_folder
from namcha import _is_for_users, app
from namcha.weights_in_use import WeightsInUseError, chosen_weights, detector_of, warn_of_code
from species_db.model_choice import choose_model, chosen_model
from species_db.survey import Survey
from species_db.tables import ModelVersion
from tests.factories import make_taxon

Run = Callable[..., Result]


@pytest.fixture
def run(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `namcha models ...` on the survey; what a user may get wrong is an error for users."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))

    def models(*arguments: str, fails: bool = False) -> Result:
        done = CliRunner().invoke(app, ["models", *arguments])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            assert isinstance(done.exception, Exception)
            assert _is_for_users(done.exception), done.exception
        assert (done.exit_code != 0) == fails, done.output
        return done

    return models


def told(done: Result) -> str:
    """The sentence that a failed command gives."""
    return str(done.exception)


def offer(address: str) -> None:
    """List one model whose publisher is a server on this computer."""
    text = SHIPPED_REGISTRY.read_text(encoding="utf-8").split("[mdv1000-larch]")[0]
    text = text.replace("https://github.com/agentmorris", address).replace("mdv1000-", "mdv9-")
    text = text.replace("4339a2c8af7a381f18ded7ac2a4df03e", "").replace(
        'sha256 = ""', f'sha256 = "{SHA256}"'
    )
    models_folder().mkdir(parents=True)
    (models_folder() / "registry.toml").write_text(text, encoding="utf-8")


def own_weights(folder: Path) -> Path:
    """A network of somebody's own, which knows the kiang."""
    folder.mkdir()
    return renamed_classes(folder / "plateau.onnx", {0: "kiang", 1: "person", 2: "car"})


def decide(survey: Survey, line: str) -> None:
    """Write the table of classes of the survey."""
    text = f"class_name,counts_as,scientific_name,source\n{line}\n"
    (survey.folder / "classes.csv").write_text(text, encoding="utf-8")


def test_the_list_tells_licence_size_and_what_is_in_use(run: Run) -> None:
    """Shipped and offered weights stand together; the star is on what the survey uses."""
    lines = run("list").output.splitlines()
    general = next(line for line in lines if " general " in line)
    assert general.startswith("* general")
    assert all(word in general for word in ("shipped", "AGPL-3.0-or-later", "640 px", "MB"))
    assert any("mdv1000-sorrel" in line and "can be pulled" in line for line in lines)
    listed = json.loads(run("list", "--json").output)
    assert {one["name"] for one in listed if one["is_in_use"] and one["task"] == "detector"} == {
        "general"
    }


def test_the_list_speaks_chinese(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of Chinese reads what can be pulled and what is in use."""
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    listed = run("list").output
    assert "可下载" in listed
    assert "本调查项目正在使用" in listed


def test_info_tells_what_was_measured_and_what_is_not_known(run: Run) -> None:
    """Of the shipped weights their card; of offered ones that the publisher gives no sha256."""
    shipped = run("info", "general").output
    card = json.loads((SHIPPED / "general.json").read_text(encoding="utf-8"))
    assert card["files"]["general.onnx"] in shipped
    assert "Measured: " in shipped
    assert "animal → animal" in shipped
    offered = run("info", "mdv6-rtdetr-c").output
    assert "sha256: not known: the publisher gives none" in offered
    assert "https://zenodo.org/" in offered


def test_weights_are_pulled_first_and_must_open(
    run: Run,
    publisher: Publisher,  # noqa: F811
) -> None:
    """What is not here yet is not chosen, nor is a file that is no network."""
    offer(publisher.address)
    assert "namcha models pull mdv9-sorrel" in told(run("use", "mdv9-sorrel", fails=True))
    pulled = run("pull", "mdv9-sorrel").output
    assert SHA256 in pulled
    assert "namcha models use mdv9-sorrel" in pulled
    assert "Cannot open" in told(run("use", "mdv9-sorrel", fails=True))  # 1 MB of nothing


def test_a_pull_without_a_network_says_how_to_carry_the_file(run: Run, tmp_path: Path) -> None:
    """The message names the address, the stick and the command; the command then works."""
    offer(f"http://127.0.0.1:{unused_port()}")
    sentence = told(run("pull", "mdv9-sorrel", fails=True))
    assert "USB" in sentence
    assert "namcha models pull mdv9-sorrel --from-file" in sentence
    (tmp_path / "carried").write_bytes(CONTENT)
    run("pull", "mdv9-sorrel", "--from-file", str(tmp_path / "carried"))
    assert "pulled" in run("list").output


def test_an_unknown_name_is_answered_with_the_nearest(run: Run) -> None:
    """A slip of the pen in a name is offered its neighbour."""
    assert "'mdv1000-larch'" in told(run("pull", "mdv1000-larsch", fails=True))


def test_weights_by_path_travel_with_the_survey(run: Run, survey: Survey, tmp_path: Path) -> None:
    """A file from elsewhere is copied with its card, so the stick it came on may be unplugged."""
    decide(survey, "kiang,animal,,")
    weights = own_weights(tmp_path / "stick")
    weights.with_suffix(".json").write_text('{"name": "plateau", "version": "3"}', "utf-8")
    run("use", str(weights), "--reason", "knows kiang")
    shutil.rmtree(tmp_path / "stick")
    detector = detector_of(survey, None)
    assert (detector.name, detector.version) == ("plateau", "3")
    with survey.reading() as session:
        choice = chosen_model(session, "detector")
    assert choice is not None
    assert choice.weights.startswith("models/")
    assert (choice.reason, choice.sha256) == ("knows kiang", detector.sha256)
    assert "plateau.onnx" in run("list").output
    assert "the default" in run("rollback").output
    assert detector_of(survey, None).name == "general"


def test_chosen_weights_that_were_changed_are_not_used(
    run: Run, survey: Survey, tmp_path: Path
) -> None:
    """The choice is of bytes: another file under the same name stops before it is opened."""
    decide(survey, "kiang,animal,,")
    run("use", str(own_weights(tmp_path / "stick")))
    (copied,) = (survey.folder / "models").rglob("*.onnx")
    copied.write_bytes((SHIPPED / "general.onnx").read_bytes())
    with pytest.raises(WeightsInUseError, match="another version, or a changed file"):
        detector_of(survey, None)


def test_weights_pulled_elsewhere_are_asked_for_by_name(survey: Survey) -> None:
    """On a laptop that has not pulled them, the chosen name is told, not silently replaced."""
    with survey.writing() as session:
        choose_model(session, "detector", weights="mdv9-fir", sha256="0" * 64, person="Tashi")
    with pytest.raises(Exception, match=r"No weights named mdv9-fir.*models list"):
        chosen_weights(survey, "detector")


def test_an_undecided_class_is_written_out_to_be_edited(
    run: Run, survey: Survey, tmp_path: Path
) -> None:
    """The table that is written needs one mark for each class, and then the weights are taken."""
    with survey.writing() as session:
        make_taxon(session, "Equus kiang", zh="藏野驴", en="kiang")
    weights = str(own_weights(tmp_path / "stick"))
    assert "no table names: kiang" in told(run("use", weights, fails=True))
    table = survey.folder / "classes.csv"
    asked = run("classes", weights, "--write", str(table))
    assert "1 classes wait" in asked.stderr
    text = table.read_text(encoding="utf-8-sig")
    assert "kiang,?,Equus kiang," in text
    assert "Line 2" in told(run("use", weights, fails=True))
    table.write_text(text.replace("kiang,?,", "kiang,animal,"), encoding="utf-8-sig")
    run("use", weights)
    assert "was not touched" in told(run("classes", weights, "--write", str(table), fails=True))


def test_detection_follows_the_choice(run: Run, survey: Survey, tmp_path: Path) -> None:
    """`namcha detect` without weights runs what was chosen, and records its classes."""
    decide(survey, "kiang,animal,,")
    run("use", str(own_weights(tmp_path / "stick")))
    with_photos(survey, tmp_path / "SD01", [120])
    done = CliRunner().invoke(app, ["detect", "--json"])
    assert done.exit_code == 0, done.output
    with survey.reading() as session:
        version = session.exec(select(ModelVersion)).one()
    assert version.name == "plateau"
    assert json.loads(version.classes or "{}")["kiang"] == "animal"


def openvino_folder(folder: Path) -> Path:
    """The shipped network as Ultralytics exports it for OpenVINO: a folder of three files."""
    openvino = import_openvino()
    folder.mkdir()
    model = openvino.convert_model(str(SHIPPED / "general.onnx"))
    openvino.save_model(model, str(folder / "general.xml"))
    names = "{0: animal, 1: person, 2: vehicle}"
    text = f"task: detect\nimgsz: [640, 640]\nnames: {names}\n"
    (folder / "metadata.yaml").write_text(text, encoding="utf-8")
    return folder


def test_an_openvino_folder_is_taken_as_one_model(run: Run, survey: Survey, tmp_path: Path) -> None:
    """A folder works by path: it is copied whole, and one sum stands for all of its files."""
    given = openvino_folder(tmp_path / "general_openvino_model")
    run("use", str(given))
    shutil.rmtree(given)
    detector = detector_of(survey, None)
    assert detector.engine.startswith("openvino")
    assert detector.labels == ("animal", "person", "vehicle")
    (copied,) = (survey.folder / "models").rglob("general.bin")
    copied.write_bytes(copied.read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsInUseError, match="a changed file"):
        detector_of(survey, None)


def test_a_foreign_checkpoint_is_warned_of(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Opening a .pt file runs what is in it; a file that is shipped needs no warning."""
    foreign = tmp_path / "foreign.pt"
    shutil.copyfile(SHIPPED / "general.pt", foreign)
    assert "runs what its maker put into it" in run("classes", str(foreign)).stderr
    assert "runs what" not in run("classes", str(SHIPPED / "general.pt")).stderr
    for suffix in (".onnx", ".json"):
        shutil.copyfile(SHIPPED / f"general{suffix}", foreign.with_suffix(suffix))
    warn_of_code(foreign.with_suffix(".onnx"))
    assert "runs what" not in capsys.readouterr().err
    warn_of_code(foreign.with_suffix(".onnx"), engine=EngineName.TORCH)  # opens the one beside it
    assert "foreign.pt" in capsys.readouterr().err


def test_originals_elsewhere_need_a_cluster(survey: Survey) -> None:
    """An option that only a cluster heeds is refused without one, not ignored."""
    arguments = ["detect", "--survey", str(survey.folder), "--originals", "s3://bucket/survey"]
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert "--engine ray" in done.stderr


def test_speciesnet_is_fetched_for_its_own_program(run: Run) -> None:
    """What Namcha does not run is not chosen, and the way its results come in is told."""
    assert "import the file of its results" in told(run("use", "speciesnet-4-0-3a", fails=True))


def test_only_the_species_stage_can_be_off(run: Run, survey: Survey) -> None:
    """Detection without a detector makes no sense; the second stage may rest."""
    run("use", "off", fails=True)
    run("use", "off", "--task", "classifier", "--reason", "wrong on night photos")
    with pytest.raises(WeightsInUseError, match="switched the task classifier off"):
        chosen_weights(survey, "classifier")
