"""What pulling weights promises: whole and right, or not at all, and never the network unasked."""

import hashlib
import io
import json
import socket
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models import pull as pulling
from models.detector import SHIPPED, WeightsError, load_detector
from models.pull import PullError, pull
from models.registry import SHIPPED_REGISTRY, Entry, read_entries, read_registry
from models.shelf import held_weights, models_folder

CONTENT = bytes(range(256)) * 4096  # 1 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Publisher:
    """A web server on this computer with one file, which can be told to misbehave."""

    content: bytes = CONTENT
    knows_ranges: bool = True
    cut_at: list[int] = field(default_factory=list)  # bytes of each answer before the line breaks
    status: int = 200
    asked: list[str] = field(default_factory=list)  # the Range of each request
    address: str = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Send the file, or what is asked of it, and break where a test says so."""
        wanted = request.headers.get("Range", "")
        self.asked.append(wanted)
        if self.status != 200:
            request.send_error(self.status)
            return
        etag = f'"{hashlib.md5(self.content).hexdigest()}"'
        is_same = request.headers.get("If-Range", etag) == etag
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        goes_on = bool(wanted) and self.knows_ranges and is_same
        if goes_on and start >= len(self.content):
            request.send_error(416)
            return
        body = self.content[start:] if goes_on else self.content
        request.send_response(206 if goes_on else 200)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("ETag", etag)
        request.end_headers()
        request.wfile.write(body[: self.cut_at.pop(0)] if self.cut_at else body)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A publisher that behaves, until a test tells it otherwise."""
    served = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        served.address = f"http://127.0.0.1:{server.server_port}"
        yield served
        server.shutdown()


def entry(publisher: Publisher, **values: object) -> Entry:
    """An entry of the registry for the publisher's file."""
    made = Entry(
        name="mdv9-fir",
        title="",
        version="9",
        task="detector",
        source=f"{publisher.address}/fir.pt?download=1",
        file="fir.pt",
        licence="AGPL-3.0",
        classes=("animal",),
        image_size=640,
        page="https://example.org/fir",
        read_on=date(2026, 11, 30),
        sha256=SHA256,
    )
    return replace(made, **values)


def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_pull_puts_file_and_card_under_the_name(publisher: Publisher) -> None:
    """What came is whole, has a card with its origin and sum, and its name can be opened."""
    seen: list[tuple[int, int]] = []
    pulled = pull(entry(publisher), report=lambda done, total: seen.append((done, total)))
    assert pulled.path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    card = json.loads(pulled.path.with_suffix(".json").read_text(encoding="utf-8"))
    assert (card["files"], card["licence"]) == ({"fir.pt": SHA256}, "AGPL-3.0")
    assert card["vouched_by"] == "sha256"
    assert held_weights()["mdv9-fir"].path == pulled.path
    assert sorted(p.name for p in pulled.path.parent.iterdir()) == [
        *("fir.json", "fir.pt"),
        "pulled.json",
    ]


def test_a_second_pull_asks_nobody(publisher: Publisher) -> None:
    """What is here and whole is not fetched again; what was damaged since is."""
    first = pull(entry(publisher))
    assert pull(entry(publisher)) == first
    assert len(publisher.asked) == 1
    first.path.write_bytes(b"damaged")
    assert pull(entry(publisher)).path.read_bytes() == CONTENT


def test_a_broken_line_goes_on_where_it_stopped(publisher: Publisher) -> None:
    """Each break costs a new request for the rest, not for what is here."""
    publisher.cut_at = [300_000, 200_000]
    assert pull(entry(publisher), pause_seconds=0).path.read_bytes() == CONTENT
    assert publisher.asked == ["", "bytes=300000-", "bytes=500000-"]


def test_a_later_run_goes_on_where_the_earlier_one_gave_up(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that stays broken is told with how much is kept; the next run asks for the rest."""
    monkeypatch.setattr(pulling, "ATTEMPTS", 2)
    publisher.cut_at = [400_000, 0, 0]
    with pytest.raises(PullError, match="stays broken.*run the same command again") as told:
        pull(entry(publisher), pause_seconds=0)
    assert "续传" in told.value.chinese
    assert held_weights().keys() == shipped_names()
    assert pull(entry(publisher)).path.read_bytes() == CONTENT
    assert publisher.asked[-1] == "bytes=400000-"


def shipped_names() -> set[str]:
    """The names of the weights that come with Namcha."""
    return {path.stem for path in SHIPPED.glob("*.onnx")}


def test_a_server_without_ranges_starts_anew(publisher: Publisher) -> None:
    """A server that sends the whole file again gives the whole file once, not its end twice."""
    publisher.knows_ranges = False
    publisher.cut_at = [300_000]
    assert pull(entry(publisher), pause_seconds=0).path.read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_not_glued_together(publisher: Publisher) -> None:
    """Without a checksum the server's mark says that the rest is of another file."""
    monkey = entry(publisher, sha256="")
    publisher.cut_at = [300_000, 0, 0, 0, 0]
    with pytest.raises(PullError, match="stays broken"):
        pull(monkey, trust_first=True, pause_seconds=0)
    publisher.content = CONTENT[::-1]
    assert pull(monkey, trust_first=True).path.read_bytes() == CONTENT[::-1]


def test_a_wrong_checksum_is_set_aside(publisher: Publisher) -> None:
    """A file that is not what its publisher offers never gets a name that can be opened."""
    publisher.content = CONTENT[:-1] + b"?"
    with pytest.raises(PullError, match=f"{SHA256} was expected.*not used") as told:
        pull(entry(publisher))
    assert "不会被使用" in told.value.chinese
    assert [p.name for p in (models_folder() / "mdv9-fir").iterdir()] == ["fir.pt.wrong"]
    assert "mdv9-fir" not in held_weights()


def test_an_md5_of_the_publisher_is_compared(publisher: Publisher) -> None:
    """Where a publisher gives an md5 alone, it is what decides, and the card says so."""
    right = hashlib.md5(CONTENT).hexdigest()
    pulled = pull(entry(publisher, sha256="", md5=right))
    assert (pulled.vouched_by, pulled.sha256) == ("md5", SHA256)
    with pytest.raises(PullError, match="md5 "):
        pull(entry(publisher, name="other", sha256="", md5="0" * 32))


def test_a_sum_that_somebody_else_saw_is_compared(publisher: Publisher) -> None:
    """Another person's sum is no publisher's word, but a file that differs from it is refused."""
    assert pull(entry(publisher, sha256="", sha256_seen=SHA256)).vouched_by == "seen"
    with pytest.raises(PullError, match="was expected"):
        pull(entry(publisher, name="other", sha256="", sha256_seen="0" * 64))


def test_without_any_checksum_a_person_must_say_so(publisher: Publisher) -> None:
    """Nothing is fetched on nobody's word; the first sum is written down for comparing."""
    with pytest.raises(PullError, match="gives no checksum.*--trust-first"):
        pull(entry(publisher, sha256=""))
    assert publisher.asked == []
    assert pull(entry(publisher, sha256=""), trust_first=True).sha256 == SHA256


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_without_a_network_the_message_says_how_to_carry_the_file(host: str) -> None:
    """Refused or not found: what happened, that detection works on, and the way by USB stick."""
    source = f"http://{host}:{unused_port()}/fir.pt"
    with pytest.raises(PullError) as told:
        pull(entry(Publisher(), source=source))
    for word in (host, source, "shipped weights work", "USB", "pull mdv9-fir --from-file"):
        assert word in str(told.value)
    for word in (host, source, "自带权重可照常使用", "U 盘", "pull mdv9-fir --from-file"):
        assert word in told.value.chinese


def test_a_file_that_was_carried_is_checked_alike(publisher: Publisher, tmp_path: Path) -> None:
    """From a stick: the same checksum, the same card, and no network."""
    carried = tmp_path / "downloaded elsewhere.bin"
    carried.write_bytes(CONTENT)
    assert pull(entry(publisher), from_file=carried).path.read_bytes() == CONTENT
    carried.write_bytes(CONTENT[1:])
    with pytest.raises(PullError, match="was expected"):
        pull(entry(publisher, name="other"), from_file=carried)
    with pytest.raises(PullError, match="Is the stick plugged in"):
        pull(entry(publisher), from_file=tmp_path / "lost")
    assert publisher.asked == []


def test_a_file_that_moved_is_told_with_its_page(publisher: Publisher) -> None:
    """An answer other than the file names the page to look at."""
    publisher.status = 404
    with pytest.raises(PullError, match=r"answered 404 .*see https://example\.org/fir"):
        pull(entry(publisher))


def test_a_full_disk_is_told_before_it_is_full(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that does not fit is not begun."""
    monkeypatch.setattr(pulling, "SPARE_BYTES", 10**18)
    with pytest.raises(PullError, match=r"is full: 1 MB needed.*NAMCHA_MODELS"):
        pull(entry(publisher))


def archive(members: dict[str, bytes]) -> bytes:
    """A packed archive, as SpeciesNet comes."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as packed:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return written.getvalue()


def test_an_archive_is_unpacked_into_a_folder(publisher: Publisher) -> None:
    """A model of several files is one name with one folder."""
    publisher.content = archive({"info.json": b"{}", "data/labels.txt": b"a"})
    told = hashlib.sha256(publisher.content).hexdigest()
    pulled = pull(entry(publisher, file="fir.tar.gz", is_archive=True, sha256=told))
    assert (pulled.path / "data" / "labels.txt").read_bytes() == b"a"
    assert held_weights()["mdv9-fir"].path == pulled.path


def test_an_archive_writes_nothing_outside_its_folder(publisher: Publisher) -> None:
    """A member that climbs out of the folder stops the whole archive."""
    publisher.content = archive({"../../escaped.txt": b"!"})
    told = hashlib.sha256(publisher.content).hexdigest()
    with pytest.raises(PullError, match="cannot be|can be unpacked"):
        pull(entry(publisher, file="fir.tar.gz", is_archive=True, sha256=told))
    assert not list(models_folder().parent.rglob("escaped.txt"))


def test_pulled_weights_are_opened_by_their_name(publisher: Publisher) -> None:
    """A pulled name serves wherever a path does, with the threshold its publisher advises."""
    publisher.content = (SHIPPED / "general.onnx").read_bytes()
    told = hashlib.sha256(publisher.content).hexdigest()
    pull(entry(publisher, file="fir.onnx", sha256=told, threshold=0.31))
    detector = load_detector("mdv9-fir")
    assert (detector.name, detector.version, detector.threshold) == ("mdv9-fir", "9", 0.31)
    assert detector.licence == "AGPL-3.0"


def test_the_shipped_registry_is_whole_and_protected() -> None:
    """Every shipped entry has licence, classes, size, page and an encrypted address."""
    entries = read_entries(SHIPPED_REGISTRY)
    assert {"mdv1000-sorrel", "mdv1000-larch", "mdv6-yolov10-e", "speciesnet-4-0-3a"} <= set(
        entries
    )
    for one in entries.values():
        assert one.source.startswith("https://")
        assert one.page.startswith("https://")
        assert one.licence in ("AGPL-3.0", "Apache-2.0")


def test_a_person_may_list_models_of_their_own(publisher: Publisher) -> None:
    """A mirror in the office goes before the publisher's address; others stay."""
    models_folder().mkdir(parents=True)
    text = SHIPPED_REGISTRY.read_text(encoding="utf-8").split("[mdv1000-larch]")[0]
    mirrored = text.replace("https://github.com", publisher.address)
    (models_folder() / "registry.toml").write_text(mirrored, encoding="utf-8")
    assert read_registry()["mdv1000-sorrel"].source.startswith(publisher.address)
    assert "mdv1000-larch" in read_registry()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('licence = "AGPL-3.0"\n', "", "licence is missing"),
        ("4339a2c8", "not-hex-", "md5 is no sum"),
        ('"https://github', '"file://github', "not a web address"),
        ('file = "md_', 'file = "../md_', "not a plain file name"),
        ('task = "detector"', 'task = "poet"', "task is poet"),
        ("image_size = 960", "image_side = 960", "unknown image_side"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    """A mistake in the file is told with its entry."""
    text = SHIPPED_REGISTRY.read_text(encoding="utf-8").split("[mdv1000-larch]")[0]
    (tmp_path / "own.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(WeightsError, match=f"mdv1000-sorrel.*{told}"):
        read_entries(tmp_path / "own.toml")
