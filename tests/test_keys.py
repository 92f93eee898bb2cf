"""The survey's key: made once, kept secret, logged, and replaced when it is lost."""

import os
import stat

import pytest
from sqlmodel import select

from species_db.keys import (
    KEY_FILE,
    KeyFileError,
    fingerprint_of,
    is_signed_by,
    logged_keys,
    survey_key,
)
from species_db.survey import Survey
from species_db.tables import Decision

DOCUMENT = {"card": "SD01", "files": 9, "who": "卓玛"}


def test_the_key_is_made_once_and_logged_once(survey: Survey) -> None:
    """Asked for twice, the key is the same, and the log holds its public half once."""
    with survey.writing() as session:
        first, again = (survey_key(survey, session, person="Tashi") for _ in range(2))
    with survey.reading() as session:
        (entry,) = session.exec(select(Decision)).all()
        assert logged_keys(session) == {first.fingerprint: first.public_hex}
    assert first.public_hex == again.public_hex
    assert (entry.act, entry.subject) == ("key_made", fingerprint_of(first.public_hex))


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions elsewhere")
def test_only_the_owner_may_read_the_private_key(survey: Survey) -> None:
    """Others on the computer cannot sign."""
    with survey.writing() as session:
        survey_key(survey, session, person="Tashi")
    mode = (survey.folder / KEY_FILE).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert [path.name for path in (survey.folder / "keys").iterdir()] == ["survey.key"]


def test_a_signature_fits_one_key_and_one_text(survey: Survey) -> None:
    """Another key, another letter or a broken signature does not fit; order does not matter."""
    with survey.writing() as session:
        key = survey_key(survey, session, person="Tashi")
        (survey.folder / KEY_FILE).unlink()
        other = survey_key(survey, session, person="Tashi")
    signed = DOCUMENT | {"signature": key.sign(DOCUMENT)}
    assert is_signed_by(dict(reversed(signed.items())), key.public_hex)
    assert not is_signed_by(signed, other.public_hex)
    assert not is_signed_by(signed | {"files": 8}, key.public_hex)
    assert not is_signed_by(signed | {"signature": "no base64"}, key.public_hex)


def test_a_lost_key_is_replaced_and_the_old_one_still_checks(survey: Survey) -> None:
    """The log keeps the old public key, so receipts signed with it stay provable."""
    with survey.writing() as session:
        old = survey_key(survey, session, person="Tashi")
    (survey.folder / KEY_FILE).unlink()
    with survey.writing() as session:
        new = survey_key(survey, session, person="Drolma")
        assert set(logged_keys(session)) == {old.fingerprint, new.fingerprint}
    assert old.fingerprint != new.fingerprint
    assert is_signed_by(DOCUMENT | {"signature": old.sign(DOCUMENT)}, old.public_hex)


def test_a_damaged_key_is_said_and_left_alone(survey: Survey) -> None:
    """It may still be mended from a copy; nothing is made over it."""
    path = survey.folder / KEY_FILE
    path.write_text("no key", encoding="utf-8")
    with (
        pytest.raises(KeyFileError, match="Bring it back from a copy"),
        survey.writing() as session,
    ):
        survey_key(survey, session, person="Tashi")
    assert path.read_text(encoding="utf-8") == "no key"
