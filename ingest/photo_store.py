"""Read originals where a cluster finds them: on a disk, or in an S3-compatible object store.

Everything goes through fsspec. S3 uses the client that comes with pyarrow, so that no further
package has to fit to the others.
"""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ingest.file_problem import FileProblem, ProblemCode
from ingest.look import UnreadableError
from species_db.language import tr

S3 = "s3://"
UNLISTED = ("http://", "https://")  # they give files, but need not tell what a folder holds
TRIES = (
    8  # of one request, each after a longer pause: a store that is busy for a minute is waited for
)
CONNECT_S = 10.0


class StoreError(Exception):
    """The place where the originals lie cannot be read at all, whatever the file."""


@dataclass(frozen=True)
class StoreAccess:
    """How to reach an S3-compatible store; empty fields leave it to the computer that reads.

    The names are those that all tools for S3 read from the environment. They are taken where the
    command runs and travel to the workers, which then need no settings of their own.

    >>> StoreAccess.of({"AWS_ENDPOINT_URL": "http://store:9000", "AWS_ACCESS_KEY_ID": "k"})
    StoreAccess(endpoint='http://store:9000', region='', access_key='k')
    """

    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "StoreAccess":
        """Read the access from environment variables."""
        general = environment.get("AWS_ENDPOINT_URL", "")
        return cls(
            endpoint=environment.get("AWS_ENDPOINT_URL_S3", general),
            region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", ""),
            access_key=environment.get("AWS_ACCESS_KEY_ID", ""),
            secret_key=environment.get("AWS_SECRET_ACCESS_KEY", ""),
            session_token=environment.get("AWS_SESSION_TOKEN", ""),
        )

    def options(self) -> dict[str, Any]:
        """What pyarrow's client calls these; only what is known is said."""
        scheme, _, host = self.endpoint.rpartition("://")
        named = {
            "endpoint_override": host,
            "scheme": scheme,
            "region": self.region or ("us-east-1" if host else ""),  # a store of one's own has none
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            "session_token": self.session_token,
        }
        return {name: value for name, value in named.items() if value}


class PhotoStore:
    """Reads originals by address: a path, `s3://bucket/key`, or any other that fsspec knows.

    `root` is the folder that the originals should lie in. Where it cannot be seen, a file that is
    not found is no missing original: the folder is mistyped, or not mounted on this computer.
    """

    def __init__(self, access: StoreAccess, root: str = "") -> None:
        self.access = access
        self.root = root
        self.s3: Any = None

    def read(self, address: str) -> bytes:
        """Give the bytes of one original.

        Raises:
            UnreadableError: this original is not there, or cannot be read.
            StoreError: the store does not answer, refuses us, or needs a package that is missing.
        """
        with self._telling(address):
            files, path = self._find(address)
            data: bytes = files.cat_file(path)
            return data

    @contextmanager
    def as_file(self, address: str) -> Iterator[Path]:
        """Give an original as a file of this computer: films are read from one.

        Raises: as `read`.
        """
        with TemporaryDirectory(prefix="namcha-film-") as folder:
            with self._telling(address):
                files, path = self._find(address)
                here = Path(path)
                if not _is_local(files):
                    here = Path(folder) / "film"
                    files.get_file(path, str(here))
            yield here

    def _find(self, address: str) -> tuple[Any, str]:
        if not address.startswith(S3):
            from fsspec.core import url_to_fs

            files, path = url_to_fs(address)
            return files, path
        if self.s3 is None:
            from fsspec.implementations.arrow import ArrowFSWrapper
            from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

            client = S3FileSystem(
                connect_timeout=CONNECT_S,
                retry_strategy=AwsStandardS3RetryStrategy(max_attempts=TRIES),
                **self.access.options(),
            )
            self.s3 = ArrowFSWrapper(client)
        return self.s3, address.removeprefix(S3)

    @contextmanager
    def _telling(self, address: str) -> Iterator[None]:
        """Tell a file that is not there, which is listed, from a store that cannot be read.

        The latter stops the run: else an hour without network would list a million photos as
        missing.
        """
        place = address.rpartition("/")[0]
        try:
            yield
        except FileNotFoundError as error:
            if address.startswith(self.root):
                self._check_root(error)
            raise UnreadableError(_missing(error)) from error
        except OSError as error:
            if "://" not in address:
                raise UnreadableError(_missing(error)) from error
            raise StoreError(_unreached(place, error)) from error
        except (ImportError, ValueError) as error:  # no package for it, or nothing that is known
            raise StoreError(_unreached(place, error)) from error

    def _check_root(self, missing: FileNotFoundError) -> None:
        if not self.root or self.root.startswith(UNLISTED):
            return
        try:
            files, path = self._find(self.root)
            is_seen = bool(files.ls(path, detail=False))
        except OSError:
            is_seen = False
        if not is_seen:
            raise StoreError(_unreached(self.root, missing)) from missing
        self.root = ""  # once is enough


def _is_local(files: Any) -> bool:
    from fsspec.implementations.local import LocalFileSystem

    return isinstance(files, LocalFileSystem)


def _missing(error: OSError) -> FileProblem:
    if isinstance(error, FileNotFoundError):  # in the words of a disk, wherever it was looked for
        return FileProblem(ProblemCode.ORIGINAL_MISSING, os.strerror(errno.ENOENT))
    return FileProblem(ProblemCode.ORIGINAL_MISSING, error.strerror or "")


def _unreached(place: str, error: Exception) -> str:
    why = str(error).partition("\n")[0]
    return tr(
        f"The originals at {place} cannot be read: {why}. Expected a folder that every worker "
        "sees, or s3://bucket/folder with AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY set. Mend this and run the same command again; it goes on where it "
        "stopped.",
        f"无法读取 {place} 处的原始文件：{why}。应为每个工作进程都能访问的文件夹，"
        "或 s3://存储桶/文件夹，并设置 AWS_ENDPOINT_URL、AWS_ACCESS_KEY_ID 和 "
        "AWS_SECRET_ACCESS_KEY。请修正后重新运行同一命令，将从中断处继续。",
    )
