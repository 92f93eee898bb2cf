"""Reading originals where a cluster finds them: a disk, an object store, and what is told apart."""

import errno
import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from object_store import serving

from ingest.file_problem import ProblemCode
from ingest.look import UnreadableError
from ingest.photo_store import PhotoStore, StoreAccess, StoreError

pytestmark = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("fsspec", "pyarrow")),
    reason="needs the extra 'cluster' (fsspec, pyarrow)",
)
PHOTO = bytes(range(256)) * 5000  # more than one block of a reader
KEYS = {"access_key": "reader", "secret_key": "s"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one original, in a folder whose name needs quoting in an address."""
    kept = tmp_path / "media" / "MT 01 墨脱"
    kept.mkdir(parents=True)
    (kept / "a#1%.jpg").write_bytes(PHOTO)
    return tmp_path


BELOW = "media/MT 01 墨脱/a#1%.jpg"


def test_a_path_of_this_computer_is_read(folder: Path) -> None:
    """A plain path is taken as it is, whatever signs its names hold."""
    assert PhotoStore(StoreAccess()).read(str(folder / BELOW)) == PHOTO


def test_an_object_store_is_read_with_the_keys_given(folder: Path) -> None:
    """An S3-compatible store gives the same bytes, and a film as a file of this computer."""
    with serving(folder) as (endpoint, _):
        store = PhotoStore(StoreAccess(endpoint, **KEYS))
        assert store.read(f"s3://photos/{BELOW}") == PHOTO
        with store.as_file(f"s3://photos/{BELOW}") as path:
            assert path.read_bytes() == PHOTO
        assert not path.exists()


def test_a_film_on_this_computer_is_not_copied(folder: Path) -> None:
    """A film that a worker sees as a file is read where it lies."""
    with PhotoStore(StoreAccess()).as_file(str(folder / BELOW)) as path:
        assert path == folder / BELOW


@pytest.mark.parametrize("is_remote", [False, True], ids=["disk", "store"])
def test_an_original_that_is_not_there_is_listed(folder: Path, is_remote: bool) -> None:
    """One missing file is a problem of that file, and the run goes on."""
    with serving(folder) as (endpoint, _):
        place = "s3://photos" if is_remote else str(folder)
        with pytest.raises(UnreadableError) as refused:
            PhotoStore(StoreAccess(endpoint, **KEYS)).read(f"{place}/media/none.jpg")
    assert refused.value.problem.code is ProblemCode.ORIGINAL_MISSING
    assert refused.value.problem.note == os.strerror(errno.ENOENT)


def test_a_store_that_refuses_us_stops_the_run(folder: Path) -> None:
    """Wrong keys are no million missing photos: the error names the place and what to set."""
    with serving(folder) as (endpoint, _), pytest.raises(StoreError) as refused:
        PhotoStore(StoreAccess(endpoint, access_key="x", secret_key="y")).read("s3://photos/a.jpg")
    assert "s3://photos" in str(refused.value)
    assert "AWS_SECRET_ACCESS_KEY" in str(refused.value)


def test_an_address_that_nothing_reads_stops_the_run() -> None:
    """A kind of address without a package for it is said, not listed file by file."""
    with pytest.raises(StoreError, match="nosuch"):
        PhotoStore(StoreAccess()).read("nosuch://bucket/a.jpg")


def test_secrets_are_not_shown() -> None:
    """The access may be printed in a traceback: its secrets are not in it."""
    access = StoreAccess.of({"AWS_SECRET_ACCESS_KEY": "hidden", "AWS_SESSION_TOKEN": "hidden"})
    assert access.secret_key == "hidden"
    assert "hidden" not in repr(access)


@pytest.mark.parametrize("is_remote", [False, True], ids=["disk", "store"])
def test_a_mistyped_folder_stops_the_run(folder: Path, is_remote: bool) -> None:
    """A folder nobody sees is not a million missing photos; one that is there may lack some."""
    with serving(folder) as (endpoint, _):
        access = StoreAccess(endpoint, **KEYS)
        place = "s3://photos" if is_remote else str(folder)
        with pytest.raises(StoreError, match="mistyped"):
            PhotoStore(access, f"{place}/mistyped").read(f"{place}/mistyped/media/a.jpg")
        with pytest.raises(UnreadableError):
            PhotoStore(access, f"{place}/media").read(f"{place}/media/none.jpg")
