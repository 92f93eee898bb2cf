"""The command line as people and scripts use it, and the whole job from card to table."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from cards import make_card
from conftest import ROOT
from PIL import Image

from models.detector import load_detector

SHEET = "deploymentID,latitude,longitude,deploymentStart,deploymentEnd\n"
SHEET += "MT-01-2026,29.32517,95.33418,2026-04-12T10:00:00+08:00,2026-10-03T12:00:00+08:00\n"


def namcha(
    *arguments: str, cwd: Path | None = None, fails: bool = False, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a shell would."""
    done = subprocess.run(
        [sys.executable, "-m", "namcha", *arguments],
        cwd=cwd or ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A survey with one deployment, made by the commands."""
    (tmp_path / "sheet.csv").write_text(SHEET, encoding="utf-8")
    namcha("init", str(tmp_path / "s"), "--title", "Medog")
    namcha("deployments", "import", str(tmp_path / "sheet.csv"), "--survey", str(tmp_path / "s"))
    return tmp_path / "s"


def test_a_card_is_imported_by_command(folder: Path, tmp_path: Path) -> None:
    """`--json` prints the receipt, and the counts of `status` agree with it."""
    card = make_card(tmp_path / "MT-01-2026")
    receipt = json.loads(namcha("import", str(card), "--survey", str(folder), "--json").stdout)
    assert (receipt["deployment_id"], receipt["stored"]) == ("MT-01-2026", 9)
    assert receipt["safe_to_wipe"] is True
    assert receipt["person"] == "Tashi"
    counts = json.loads(namcha("status", "--json", NAMCHA_SURVEY=str(folder)).stdout)
    assert (counts["media"], counts["deployments"], counts["unreviewed"]) == (9, 1, 3)
    assert counts["observations"] == counts["problems"] == 0


def test_the_survey_is_the_current_folder_when_none_is_named(folder: Path) -> None:
    """Inside a survey folder no option is needed."""
    counts = json.loads(namcha("status", "--json", cwd=folder).stdout)
    assert counts["deployments"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("status", "--survey", "nowhere"), "No survey in nowhere"),
        (("import", "nowhere"), "No card at nowhere"),
        (("import", ".", "--deployment", "MT-1-2026"), "Did you mean 'MT-01-2026'"),
        (("plots", "import", "nowhere.csv"), "cannot be read as a table"),
        (("detect", "--weights", "nowhere.onnx"), "nowhere.onnx"),
        (("export", "occurrences", "o.csv", "--exact", " "), "reason"),
    ],
)
def test_mistakes_get_a_sentence_not_a_traceback(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    """What a user can get wrong ends with exit code 1 and says what to do."""
    done = namcha(*arguments, cwd=folder, fails=True)
    assert done.returncode == 1
    assert said in done.stderr


def test_chinese_is_spoken_on_request(folder: Path) -> None:
    """Help, counts and errors come in Chinese when the person reads Chinese."""
    assert "导入存储卡" in namcha("--help", NAMCHA_LANG="zh").stdout
    assert "媒体文件" in namcha("status", "--survey", str(folder), NAMCHA_LANG="zh").stdout
    told = namcha("status", "--survey", "nowhere", NAMCHA_LANG="zh", fails=True)
    assert "没有调查项目" in told.stderr
    weights = ("detect", "--survey", str(folder), "--weights", "nowhere.onnx")
    assert "没有权重文件" in namcha(*weights, NAMCHA_LANG="zh", fails=True).stderr


def without_network(*command: str) -> list[str]:
    """The command in a network namespace of its own, where the machine allows one."""
    probe = shutil.which("unshare") and subprocess.run(
        ["unshare", "-rn", "true"], capture_output=True, check=False
    )
    if not probe or probe.returncode:
        if os.environ.get("CI"):
            pytest.fail("CI must allow unshare -n: nothing else shows that no network is needed")
        pytest.skip("this computer gives no network namespace (unshare -n)")
    return ["unshare", "-rn", *command]


def test_the_demonstration_runs_without_a_network(tmp_path: Path) -> None:
    """Card, import, detection and both exports work with the network cut, twice the same."""
    pytest.importorskip("skimage", reason="needs the demo extra: pip install 'namcha[demo]'")
    command = without_network(sys.executable, "-m", "namcha", "demo", str(tmp_path / "demo"))
    tables = []
    for _ in range(2):
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        assert "DEMONSTRATION: this card is made up." in done.stdout
        assert "namcha review --survey" in done.stdout
        tables.append((tmp_path / "demo" / "export" / "occurrences.csv").read_bytes())
    assert tables[0] == tables[1]
    counts = json.loads(
        namcha("status", "--json", "--survey", str(tmp_path / "demo" / "survey")).stdout
    )
    assert (counts["plots"], counts["deployments"], counts["cards"]) == (2, 3, 3)
    assert (counts["media"], counts["problems"], counts["undetected"]) == (23, 2, 0)
    assert counts["restricted"] >= 3
    table = pd.read_csv(tmp_path / "demo" / "export" / "occurrences.csv")
    assert set(table["identificationVerificationStatus"]) == {"unverified (machine)"}
    assert table["datasetName"].str.contains("not a survey").all()


def test_a_demonstration_never_touches_a_real_survey(tmp_path: Path) -> None:
    """A folder in use is refused, and nothing in it changes."""
    namcha("init", str(tmp_path / "survey"), "--title", "Real")
    (tmp_path / "deployments.csv").write_text("mine", encoding="utf-8")
    done = namcha("demo", str(tmp_path), fails=True)
    assert "holds no demonstration" in done.stderr
    assert (tmp_path / "deployments.csv").read_text(encoding="utf-8") == "mine"


def test_weights_are_trained_by_command(tmp_path: Path) -> None:
    """One short run from the shipped weights ends with weights that load, and their card."""
    pytest.importorskip("onnx", reason="needs the train extra: pip install 'namcha[train]'")
    for split, count in (("train", 4), ("val", 2)):
        for kind in ("images", "labels"):
            (tmp_path / kind / split).mkdir(parents=True)
        for number in range(count):
            picture = Image.new("RGB", (64, 48), (40, 60, 40))
            picture.paste((180, 140, 90), (10 + number, 10, 40, 40))
            picture.save(tmp_path / "images" / split / f"{number}.jpg")
            label = tmp_path / "labels" / split / f"{number}.txt"
            label.write_text("0 0.4 0.5 0.5 0.6\n", encoding="utf-8")
    data = tmp_path / "data.yaml"
    data.write_text(
        "train: images/train\nval: images/val\nnames: {0: animal, 1: person, 2: vehicle}\n",
        encoding="utf-8",
    )
    start = ROOT / "models" / "weights" / "general.pt"
    out = tmp_path / "run"
    options = ("--epochs", "1", "--image-size", "64", "--name", "tiny", "--start-share", "0.5")
    namcha("train", "from-dataset", str(data), "--start", str(start), "--out", str(out), *options)
    card = json.loads((out / "shipped" / "tiny.json").read_text(encoding="utf-8"))
    assert card["name"] == "tiny"
    assert "--start-share 0.5" in json.dumps(card)
    assert load_detector(out / "shipped" / "tiny.onnx").labels == ("animal", "person", "vehicle")


README = (ROOT / "README.md").read_text(encoding="utf-8")


def _lines_of_readme(about: str) -> list[list[str]]:
    """The `namcha` commands of the block of the README that holds some words."""
    block = next(b for b in re.findall(r"```sh\n(.*?)```", README, re.S) if about in b)
    lines = [line.split("#")[0].strip() for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("namcha")]


def _results_file(path: Path) -> None:
    """Results of another tool on the first photo of the card."""
    photo = next((path.parent / "SD01").rglob("*.JPG")).name
    told = {
        "info": {"format_version": "1.5", "detector": "md_v5a.0.0.pt"},
        "detection_categories": {"1": "animal", "2": "person", "3": "vehicle"},
        "images": [{"file": photo, "detections": []}],
    }
    path.write_text(json.dumps(told), encoding="utf-8")


def test_the_commands_of_the_readme_work(tmp_path: Path) -> None:
    """Every `namcha` line of the README runs, in order, on a card and a sheet of one's own."""
    (tmp_path / "sheet.csv").write_text(SHEET.replace("MT-01-2026", "MT-037-2026"), "utf-8")
    shutil.copy(ROOT / "docs" / "plots-template.csv", tmp_path / "plots.csv")
    make_card(tmp_path / "SD01", photos=3)
    lines = _lines_of_readme("namcha init")
    assert len(lines) == 13
    for line in lines:
        if line[0] != "review":  # the page stays open; test_review_browser.py opens it
            namcha(*line, cwd=tmp_path)
    assert (tmp_path / "out" / "records.csv").is_file()
    assert (tmp_path / "out" / "package" / "datapackage.json").is_file()
    for line in _lines_of_readme("namcha analyse"):
        namcha(*line, cwd=tmp_path)
    for line in _lines_of_readme("namcha models list"):
        if line[0] == "import-results":
            _results_file(tmp_path / line[1])
        namcha(*line, cwd=tmp_path)
    assert (tmp_path / "out" / "results.json").is_file()
    assert (tmp_path / "out" / "tables" / "rai.csv").is_file()
    assert (tmp_path / "out" / "2026-h1" / "report.html").is_file()
    assert (tmp_path / "out" / "墨脱.html").is_file()


@pytest.mark.parametrize("name", ["demo", "test", "check", "setup"])
def test_the_readme_and_make_agree(name: str) -> None:
    """The make targets that papers name exist."""
    assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
