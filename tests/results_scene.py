"""A survey whose media lie on cards as another tool saw them, and files as it writes them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from factories import make_event, make_media
from sqlmodel import select

from ingest.other_results import ImportSettings, ResultsReport, import_results, read_results
from species_db.survey import Survey
from species_db.tables import CardImport, ForeignAnswer, Media, Observation

Json = dict[str, Any]
CARD = "DCIM/100RECNX"


def put_on_card(
    survey: Survey,
    *names: str,
    deployment_id: str = "MT-01-2026",
    folder: str = CARD,
    card_folder: str = "SD01",
    media_type: str = "image/jpeg",
    **values: object,
) -> list[Media]:
    """Photos of one event with these names on the card of a deployment."""
    with survey.writing() as session:
        event = make_event(session, deployment_id=deployment_id, photos=0)
        found = []
        for name in names:
            media = make_media(
                session,
                deployment_id=deployment_id,
                event=event,
                **values,
            )
            media.card_path, media.file_name = f"{folder}/{name}".strip("/"), name
            media.file_mediatype = media_type
            session.get_one(CardImport, media.card_import_id).card_path = card_folder
            found.append(media)
        event.media_count = len(found)
    return found


def box(conf: float = 0.9, *, category: str = "1", bbox: Sequence[float] = (0.1, 0.2, 0.3, 0.4),
        **values: object) -> Json:  # fmt: skip
    """One detection of a MegaDetector file."""
    return {"category": category, "conf": conf, "bbox": list(bbox), **values}


def entry(file: str, *detections: Json, **values: object) -> Json:
    """What a MegaDetector file says of one file."""
    return {"file": file, "detections": list(detections), **values}


def megadetector(*images: Json, version: str = "1.5", **values: object) -> Json:
    """A whole MegaDetector file."""
    return {
        "info": {"format_version": version, "detector": "md_v5a.0.1.pt"},
        "detection_categories": {"1": "animal", "2": "person", "3": "vehicle"},
        "images": list(images),
        **values,
    }


def written(folder: Path, content: Mapping[str, Any] | str, name: str = "results.json") -> Path:
    """A results file on disk."""
    path = folder / name
    told = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(told, encoding="utf-8")
    return path


def take(
    survey: Survey,
    folder: Path,
    content: Mapping[str, Any],
    *,
    threshold: float = 0.2,
    **how: Any,
) -> ResultsReport:
    """Import a file of this content."""
    return import_results(
        survey,
        read_results(written(folder, content)),
        person="Tashi",
        settings=ImportSettings(threshold),
        **how,
    )


def observations(survey: Survey) -> list[Observation]:
    """All rows, of each file the surest first."""
    with survey.reading() as session:
        rows = list(session.exec(select(Observation)))
    return sorted(rows, key=lambda o: (str(o.media_id), -(o.classification_probability or 0)))


def kept(survey: Survey) -> list[ForeignAnswer]:
    """What is kept besides observations."""
    with survey.reading() as session:
        return list(session.exec(select(ForeignAnswer).order_by(ForeignAnswer.told_path)))
