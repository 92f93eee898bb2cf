"""Which code makes the numbers: a fingerprint of Namcha's own source files, part by part.

A version number stays the same while somebody mends a formula; the files themselves do not. Told
for each part, so that two packs can say where the code differs.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import species_db

PACKAGES = ("species_db", "namcha", "ingest", "models", "review_app", "training")
# What is read as text; weights and pictures are told by their own hashes.
TEXTS = (".py", ".toml", ".csv", ".html", ".mako", ".js", ".css")
COUNTS = "species_db"  # the package whose code the numbers of a report rest on


@cache
def source_fingerprints() -> Mapping[str, str]:
    """SHA-256 by part: a package's folder, or its files at the top.

    Line ends are made alike first: a checkout on Windows is the same code.

    >>> told = source_fingerprints()
    >>> len(told["species_db/analysis"]), "species_db" in told
    (64, True)
    """
    root = Path(species_db.__file__).resolve().parent.parent
    parts: dict[str, list[str]] = defaultdict(list)
    for path in sorted(_texts(root)):
        name = path.relative_to(root)
        part = "/".join(name.parts[:2]) if len(name.parts) > 2 else name.parts[0]
        content = path.read_bytes().replace(b"\r\n", b"\n")
        parts[part].append(f"{name.as_posix()} {hashlib.sha256(content).hexdigest()}")
    return {part: _sha256("\n".join(sorted(lines))) for part, lines in sorted(parts.items())}


def code_sha256(parts: Mapping[str, str]) -> str:
    """One hash over the parts that numbers rest on.

    >>> code_sha256({"species_db": "1", "namcha": "2"}) == code_sha256({"species_db": "1"})
    True
    """
    told = [f"{part} {sha}" for part, sha in sorted(parts.items()) if _counts(part)]
    return _sha256("\n".join(told))


def changed_parts(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """The parts of the code that numbers rest on and that differ.

    >>> changed_parts({"species_db": "1", "species_db/geo": "2"}, {"species_db": "1"})
    ('species_db/geo',)
    """
    known = sorted(part for part in {*before, *after} if _counts(part))
    return tuple(part for part in known if before.get(part) != after.get(part))


def _counts(part: str) -> bool:
    return part.partition("/")[0] == COUNTS


def _texts(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        for path in (root / package).rglob("*"):
            if path.suffix in TEXTS and "__pycache__" not in path.parts:
                yield path


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
