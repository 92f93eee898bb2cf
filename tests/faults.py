"""Causing faults for real: killed processes, full disks, failing reads, cards that change.

Nothing here pretends. A full disk is a small tmpfs in a mount namespace, a failing read is one that
strace makes fail in the import's own process, a killed import is a process ended by SIGKILL.
"""

import contextlib
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from cards import with_deployment
from conftest import ROOT
from sqlmodel import select

from ingest.import_card import import_card
from species_db.survey import Survey, SurveySettings, create_survey, open_survey
from species_db.tables import Decision

DEPLOYMENT = "MT-01-2026"
LITTER = {"Thumbs.db"}
SECONDS = 90  # an import of a small card that is not done by then hangs


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def receipt(self) -> dict[str, Any]:
        """The receipt that `namcha import --json` printed."""
        told: dict[str, Any] = json.loads(self.out)
        return told


def new_survey(folder: Path, *deployments: str) -> Survey:
    """A survey with the deployment that cards belong to, or with several."""
    survey = create_survey(folder, SurveySettings())
    for deployment_id in deployments or (DEPLOYMENT,):
        with_deployment(survey, deployment_id)
    return survey


def import_command(card: Path, survey: Path, deployment_id: str = DEPLOYMENT) -> list[str]:
    """The command line that a person types to import a card."""
    command = [sys.executable, "-m", "namcha", "import", str(card), "--survey", str(survey)]
    return [*command, "--deployment", deployment_id, "--json"]


def run(command: Sequence[str], *, seconds: float = SECONDS, **env: str) -> Ended:
    """Run a command to its end; one that hangs, or shows a traceback, fails the test."""
    done = subprocess.run(
        list(command),
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=seconds,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    return Ended(done.returncode, done.stdout, done.stderr)


def is_one_line_error(ended: Ended) -> bool:
    """Tell whether a command ended as a known error does: code 1, one sentence, no receipt."""
    return ended.code == 1 and not ended.out and len(ended.err.strip().splitlines()) == 1


# --- What must hold at any moment -----------------------------------------------------------


def listing(card: Path) -> dict[str, tuple[int, int, int]]:
    """Everything on a card with its kind, size and time of change, links not followed."""
    found = {}
    for folder, folders, files in os.walk(card):
        for name in [*folders, *files]:
            facts = os.lstat(Path(folder, name))
            found[os.path.join(folder, name)] = (facts.st_mode, facts.st_size, facts.st_mtime_ns)  # noqa: PTH118
    return found


@contextlib.contextmanager
def untouched(card: Path) -> Iterator[Path]:
    """A card on which nothing may be written, renamed, touched or removed meanwhile."""
    before = listing(card)
    yield card
    assert listing(card) == before


def kept_hashes(survey: Path) -> set[str]:
    """The hashes of every whole original of a survey folder; a name that lies fails the test."""
    hashes = set()
    for name in ("media", "quarantine"):
        for path in (survey / name).rglob("*"):
            if path.is_file() and not path.name.endswith(".part"):
                sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
                assert path.stem == sha256, f"{path.name} holds other bytes than its name says"
                hashes.add(sha256)
    return hashes


def assert_honest(folder: Path, card: Path) -> None:
    """No receipt and no entry of the log says that a card may be wiped whose bytes are not kept."""
    kept = kept_hashes(folder)
    lost = [
        path
        for path in card.rglob("*")
        if not path.is_symlink() and path.is_file() and path.name not in LITTER
        if (data := path.read_bytes()) and hashlib.sha256(data).hexdigest() not in kept
    ]
    receipts = [json.loads(path.read_text("utf-8")) for path in folder.glob("receipts/*.json")]
    survey = open_survey(folder)
    with survey.reading() as session:
        logged = session.exec(select(Decision.details).where(Decision.act == "card_imported")).all()
    survey.close()
    for told in [*receipts, *map(json.loads, logged)]:
        if "safe_to_wipe" in told:
            assert not (told["safe_to_wipe"] and lost), f"safe to wipe, but not kept: {lost[:3]}"


# --- A process that is killed ----------------------------------------------------------------


def _import_and_tell(folder: str, card: str, deployment_id: str, tell: Connection) -> None:
    survey = open_survey(Path(folder))
    import_card(
        survey,
        Path(card),
        deployment_id=deployment_id,
        person="Tashi",
        report=lambda at: tell.send(at.files),
    )


def import_and_kill(survey: Path, card: Path, chance: random.Random, *, files: int) -> str:
    """Import in a process of its own and kill it at a random moment; gives where that was.

    A third of the kills fall after the last file: into the last commit, the closing, the receipt.
    """
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["ingest.import_card", "faults"])
    told, tell = processes.Pipe(duplex=False)
    given = (str(survey), str(card), DEPLOYMENT, tell)
    process = processes.Process(target=_import_and_tell, args=given)
    process.start()
    tell.close()
    kill_at = min(files, chance.randint(0, files * 3 // 2))
    seen = 0
    with contextlib.suppress(EOFError):
        while seen < kill_at:
            seen = told.recv()
    time.sleep(chance.uniform(0, 0.06 if kill_at == files else 0.02))
    process.kill()
    process.join(SECONDS)
    code = process.exitcode
    process.close()
    told.close()
    if code == 0:
        return "already done"
    assert code == -signal.SIGKILL, f"the import ended by itself with {code}"
    return f"killed at file {kill_at} of {files}" if kill_at < files else "killed while closing"


needs_kill = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught"
)


# --- System calls that fail --------------------------------------------------------------------


def unavailable(why: str) -> None:
    """Skip where a computer cannot cause a fault; CI must be able to cause every one."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must be able to cause this fault: {why}")
    pytest.skip(why)


def need_strace() -> None:
    """Go on only where strace may trace; skip elsewhere, fail in CI."""
    probe = shutil.which("strace") and subprocess.run(
        ["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, check=False
    )
    if not probe or probe.returncode:
        unavailable("needs strace and the right to trace a process")


def watched(log: Path, calls: str, command: Sequence[str]) -> Ended:
    """Run a command and write its system calls into a log, with the paths of their files."""
    need_strace()
    return run(["strace", "-f", "-y", "-qq", "-o", str(log), "-e", f"trace={calls}", *command])


class Strace:
    """A command run under strace, with some of its system calls made to fail or to kill.

    `inject` is strace's own language: `fsync:error=EIO:when=3`. `path` limits it to one file.
    """

    def __init__(self, log: Path, inject: str, *, path: Path | None = None) -> None:
        need_strace()
        self.log = log
        calls = inject.partition(":")[0]
        self.prefix = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={calls}"]
        self.prefix += ["-P", str(path)] if path is not None else []
        self.prefix += ["-e", f"inject={inject}"]

    def run(self, command: Sequence[str]) -> Ended:
        """Run the command; when not one call was made to fail, the test has shown nothing."""
        ended = run([*self.prefix, *command])
        told = self.log.read_text("utf-8", errors="replace")
        assert "INJECTED" in told or "+++ killed by SIGKILL" in told, "no fault was caused"
        return ended


# --- Disks that are full or read-only --------------------------------------------------------


class Mounts:
    """A namespace with mounts of its own, where tests mount without harm to the computer."""

    def __init__(self, script: str) -> None:
        self._script = script

    def __enter__(self) -> "Mounts":
        probe = shutil.which("unshare") and subprocess.run(
            ["unshare", "-rm", "true"], capture_output=True, check=False
        )
        if not probe or probe.returncode or not shutil.which("nsenter"):
            unavailable("this computer gives no mount namespace (unshare -rm)")
        self._holder = subprocess.Popen(
            ["unshare", "-rm", "sh", "-ec", f"{self._script}\necho ready\nexec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"ready\n", "the mounts could not be made"
        return self

    def __exit__(self, *_: object) -> None:
        self._holder.communicate(timeout=SECONDS)

    def run(self, *command: str, **env: str) -> Ended:
        """Run a command that sees the mounts."""
        inside = ["nsenter", "-t", str(self._holder.pid), "-U", "-m", "--preserve-credentials"]
        return run([*inside, *command], **env)

    def copy_out(self, folder: Path, target: Path) -> Path:
        """Copy a folder of the namespace to where everybody sees it."""
        assert self.run("cp", "-a", f"{folder}/.", str(target)).code == 0
        return target
