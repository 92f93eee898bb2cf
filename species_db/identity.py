"""Identifiers that two laptops work out alike, so that their surveys can be merged.

Media, events and machine observations are named after what they are made of; acts of a person
get a UUIDv7, which sorts by time.
"""

import os
import time
import uuid

NAMESPACE = uuid.UUID("6f0a9c52-6e0d-5d0c-9f2e-6c4f2f6a4a10")


def media_id(sha256: str) -> str:
    """Name a media file after its bytes: the same file is the same media on every laptop.

    >>> media_id("00" * 32) == media_id("00" * 32)
    True
    """
    return _named("media", sha256)


def card_import_id(deployment_id: str, fingerprint: str) -> str:
    """Name the reading of one card for one deployment, so that reading it again continues it."""
    return _named("card", deployment_id, fingerprint)


def package_row_id(kind: str, source: str, *names: str) -> str:
    """Name a row of a package after its dataset and its name there: alike on every laptop."""
    return _named(f"package {kind}", source, *names)


def event_id(deployment_id: str, first_media_id: str) -> str:
    """Name an event after its deployment and the media that opened it."""
    return _named("event", deployment_id, first_media_id)


def machine_observation_id(media: str, model_sha256: str, label: str, box: str) -> str:
    """Name a model's answer after media, weights and box: running again adds nothing."""
    return _named("machine", media, model_sha256, label, box)


def clock_segment_id(deployment_id: str, *parts: str) -> str:
    """Name a proposed correction after what it says, so that proposing again adds nothing."""
    return _named("clock", deployment_id, *parts)


def field_photo_id(sha256: str) -> str:
    """Name a field photo after its bytes."""
    return _named("field photo", sha256)


def field_import_id(plot_id: str, fingerprint: str) -> str:
    """Name the reading of one folder of field photos for one plot."""
    return _named("field import", plot_id, fingerprint)


def field_record_id(plot_id: str, first_photo_id: str) -> str:
    """Name a field record after its plot and the photo that opened it."""
    return _named("field record", plot_id, first_photo_id)


def sheet_record_id(kind: str, told: str) -> str:
    """Name a record of a sheet after its own number, or else after everything its line says."""
    return _named("field sheet", kind, told)


def taxon_id(scientific_name: str) -> str:
    """Name a taxon after the name it first came under; later renames keep the id."""
    return _named("taxon", scientific_name)


def area_id(kind: str, name: str, source_sha256: str, former_id: str = "") -> str:
    """Name an outline after the file it came from and the outline that it follows."""
    return _named("area", kind, name, source_sha256, former_id)


def alert_id(rule_id: str, place: str, subject: str, record: str) -> str:
    """Name an alert after rule, place and record: raising again, or elsewhere, adds nothing."""
    return _named("alert", rule_id, place, subject, record)


def expert_question_id(observation: str, reason: str) -> str:
    """Name a question after the answer it is about, so that asking again adds nothing."""
    return _named("expert question", observation, reason)


def alert_raised_id(alert: str) -> str:
    """Name the raising of an alert, so that two laptops tell of it once."""
    return _named("alert raised", alert)


def act_id() -> str:
    """Make a UUIDv7 (RFC 9562) for something a person did.

    >>> first = act_id(); time.sleep(0.002); first < act_id()
    True
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def _named(*parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))
