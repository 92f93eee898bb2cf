"""The survey's key: what signs receipts, and what checks a signature years later.

What a signature proves: this receipt was made by somebody who held this survey's folder, and not
one letter of it has changed since. What it does not prove: who that was. The private key lies in
the folder, so whoever holds the folder can sign. What binds is what has left the folder: a printed
receipt, or the key's fingerprint written down elsewhere, together with the hash-chained log, which
holds every public key that was ever used. A lost private key is replaced by a new one; receipts
signed with the old one are still checked with its public key from the log.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlmodel import Session, select

from species_db.decisions import record_decision
from species_db.durable import write_durably
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import Decision
from species_db.vocabulary import Act

KEY_FILE = "keys/survey.key"
SIGNATURE = "signature"  # the one field of a signed document that is not signed
ALGORITHM = "Ed25519"  # RFC 8032


class KeyFileError(Exception):
    """The survey's key cannot be read or kept."""


@dataclass(frozen=True)
class SurveyKey:
    """The key pair of a survey, able to sign."""

    private: Ed25519PrivateKey

    @property
    def public_hex(self) -> str:
        """The 32 bytes of the public key, in hex."""
        return self.private.public_key().public_bytes_raw().hex()

    @property
    def fingerprint(self) -> str:
        """What people compare: SHA-256 of the public key."""
        return fingerprint_of(self.public_hex)

    def sign(self, document: Mapping[str, Any]) -> str:
        """Sign everything a document says but its signature; base64, the same each time."""
        return base64.b64encode(self.private.sign(signed_bytes(document))).decode()


def fingerprint_of(public_hex: str) -> str:
    """Name a public key by its SHA-256.

    >>> fingerprint_of("00" * 32)[:12]
    '66687aadf862'
    """
    return hashlib.sha256(bytes.fromhex(public_hex)).hexdigest()


def signed_bytes(document: Mapping[str, Any]) -> bytes:
    """The bytes of a document that are signed: JSON, keys sorted, no spaces, UTF-8.

    >>> signed_bytes({"b": 1, "a": "麂", "signature": "x"}).decode()
    '{"a":"麂","b":1}'
    """
    told = {name: value for name, value in document.items() if name != SIGNATURE}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def is_signed_by(document: Mapping[str, Any], public_hex: str) -> bool:
    """Tell whether a document carries this key's signature over what it says now."""
    try:
        signature = base64.b64decode(str(document.get(SIGNATURE, "")), validate=True)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_hex))
        key.verify(signature, signed_bytes(document))
    except (InvalidSignature, ValueError):
        return False
    return True


def survey_key(survey: Survey, session: Session, *, person: str) -> SurveyKey:
    """Give the survey's key; make it and log its public half on first need.

    Must run inside `Survey.writing()`: the write lock keeps two imports from making two keys.

    Raises:
        KeyFileError: the key file is damaged, or the folder does not take a new one.
    """
    path = survey.folder.joinpath(*KEY_FILE.split("/"))
    try:
        key = SurveyKey(_read(path) if path.exists() else _make(path))
    except OSError as error:
        raise KeyFileError(
            tr(
                f"The survey's key {path} cannot be read or written: {error.strerror}. Receipts "
                "are signed with it. Mend permissions or free space, then run this again.",
                f"无法读写调查项目的密钥 {path}:{error.strerror}。"
                "回执须用它签名。请检查权限或腾出空间后重新运行。",
            )
        ) from error
    if key.fingerprint not in logged_keys(session):
        record_decision(
            session,
            Act.KEY_MADE,
            subject=key.fingerprint,
            person=person,
            details={"algorithm": ALGORITHM, "public_key": key.public_hex},
        )
    return key


def key_in_folder(folder: Path) -> str | None:
    """The fingerprint of the key that lies in a survey's folder; None when none can be read."""
    path = folder.joinpath(*KEY_FILE.split("/"))
    try:
        return SurveyKey(_read(path)).fingerprint
    except (OSError, KeyFileError):
        return None


def logged_keys(session: Session) -> dict[str, str]:
    """Every public key of the survey by its fingerprint, as the log holds them."""
    entries = session.exec(select(Decision.details).where(Decision.act == Act.KEY_MADE.value))
    return {fingerprint_of(public_hex): public_hex for public_hex in _public_keys(entries)}


def _public_keys(entries: Any) -> Iterator[str]:
    for details in entries:
        try:
            public_hex = str(json.loads(details)["public_key"])
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_hex))
        except (ValueError, LookupError, TypeError):
            continue  # an altered entry; the log's own check names it
        yield public_hex


def _make(path: Path) -> Ed25519PrivateKey:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_durably(path, pem, is_secret=True)
    return private


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        private = None
    if isinstance(private, Ed25519PrivateKey):
        return private
    raise KeyFileError(
        tr(
            f"{path} is not a key that Namcha made. Bring it back from a copy; or move it away, "
            "and a new key is made: older receipts stay valid by the log.",
            f"{path} 不是 Namcha 生成的密钥。请用备份恢复;"
            "或将其移走,系统会生成新密钥,旧回执仍可凭日志验证。",
        )
    )
