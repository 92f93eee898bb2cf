"""A training set for others: the same splits and boxes, through the gate like any other export.

What a survey trains on itself stays in its folder. What leaves has no metadata, masked info bars,
blurred passers-by, no photo with a person in its event, none of a withheld place, and no name of
a station: a split tells no more than that its photos hang together.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from species_db.decisions import Detail
from species_db.export.camtrap_rows import CamtrapRows
from species_db.export.jpeg import JpegError
from species_db.export.offering import (
    WRITTEN_BY,
    AsRead,
    ExportRefused,
    ExportReport,
    offer,
    sha256_of,
    staged,
)
from species_db.export.outgoing_image import (
    Banner,
    Body,
    OutgoingSettings,
    find_banner,
    outgoing_image,
    read_bodies,
)
from species_db.export.records import place_counts, read_records
from species_db.export.withholding import keep_back
from species_db.language import tr
from species_db.secrecy.release import fingerprint_of
from species_db.sensitivity import open_gate
from species_db.survey import Survey
from species_db.training_set import MediaExample, read_training_set
from training.balance import balance_text
from training.dataset import COCO, WrittenPhoto, write_coco, write_dataset
from training.plan import Plan, PlanSettings, make_plan
from training.run_rows import read_history
from training.scheme import scheme_of_photos
from training.splits import Split

ABOUT = "training-set.json"


def export_training_set(
    survey: Survey,
    out: Path,
    *,
    settings: PlanSettings,
    form: str,
    person: str,
    on_picture: Callable[[int, int], None] = lambda done, total: None,
) -> ExportReport:
    """Write photos, boxes and splits into OUT, a new or empty folder, and log it.

    `form` is `yolo` (labels and `data.yaml`) or `coco` (a JSON file for each split as well). The
    splits are those that the next round of learning would have, and so are the classes, without
    the taxa of which no photo may leave: a name alone would tell that the animal is here.

    Raises:
        ExportRefused: OUT holds something, or nothing may leave.
        SplitError: too few stations.
        TooFewBoxesError: no class has enough boxes.
    """
    out = out.resolve()
    _refuse_used(out)
    rows, plan, bodies = _read(survey, settings)
    leaving = _leaving(rows)
    media = {
        split: [e for e in examples if e.media_id in leaving]
        for split, examples in plan.media.items()
    }
    plan = replace(plan, scheme=scheme_of_photos(plan.scheme, media))
    with staged(out) as folder:
        folder.mkdir()
        outgoing = _Outgoing(survey, rows, bodies)
        written = write_dataset(folder, media, plan.scheme, picture=outgoing, on_media=on_picture)
        if not written:
            raise ExportRefused(
                tr(
                    "Nothing to export: no photo with confirmed boxes may leave the survey.",
                    "没有可导出的内容：没有任何带已确认方框的照片可以离开调查项目。",
                )
            )
        if form == COCO:
            write_coco(folder, written, plan.scheme)
        _write_about(folder, plan, form)
        return offer(
            survey,
            folder,
            _report(out, folder, plan, written),
            as_read=AsRead(
                rows.records.last_change,
                frozenset(photo.example.media_id for photo in written),
                _used(written),
                place_counts(rows.records, rows.gate),
            ),
            gate=rows.gate,
            person=person,
            details=_details(rows, plan, written, form),
        )


@dataclass
class _Outgoing:
    """Makes each photo fit to leave; the bars of a deployment's camera are looked for once."""

    survey: Survey
    rows: CamtrapRows
    bodies: dict[str, list[Body]]
    banners: dict[str, Banner] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the facts of a photo at once; there may be a million."""
        self.orientations = {m.media_id: m.orientation for m in self.rows.records.media}

    def __call__(self, example: MediaExample) -> bytes | None:
        """The picture as it may leave; None when it is no whole JPEG."""
        path = self.survey.path_of(example.file_path)
        try:
            return outgoing_image(
                path.read_bytes(),
                orientation=self.orientations[example.media_id],
                banner=self._banner(example.deployment_id),
                bodies=self.bodies.get(example.media_id, ()),
            )
        except (OSError, JpegError):
            return None

    def _banner(self, deployment_id: str) -> Banner:
        if deployment_id not in self.banners:
            here = [m for m in self.rows.records.media if m.deployment_id == deployment_id]
            some = here[:: max(len(here) // OutgoingSettings().frames, 1)]
            paths = [self.survey.path_of(media.file_path) for media in some]
            read = (path.read_bytes() for path in paths if path.is_file())
            self.banners[deployment_id] = find_banner(read)
        return self.banners[deployment_id]


def _read(
    survey: Survey, settings: PlanSettings
) -> tuple[CamtrapRows, Plan, dict[str, list[Body]]]:
    with survey.reading() as session:
        gate = open_gate(session, survey.settings)
        records = read_records(session, gate, include_machine=False, exclude=())
        records, kept_back = keep_back(session, records, gate, needs_coordinates=True)
        found = read_training_set(session)
        history = read_history(session, settings.task)
        bodies = read_bodies(session)
    rows = CamtrapRows(records, gate, survey.settings, include_machine=False, kept_back=kept_back)
    return rows, make_plan(found, settings, history), bodies


def _details(
    rows: CamtrapRows, plan: Plan, written: Sequence[WrittenPhoto], form: str
) -> dict[str, Detail]:
    return {
        "format": f"training set {form}",
        "classes": list(plan.scheme.names),
        "pictures": len(written),
        "test_version": plan.test.version,
        **rows.kept_back.details(),
    }


def _leaving(rows: CamtrapRows) -> frozenset[str]:
    return frozenset(
        media.media_id
        for media in rows.records.media
        if media.file_mediatype == "image/jpeg" and rows.is_public(media)
    )


def _used(written: Sequence[WrittenPhoto]) -> frozenset[tuple[str, str]]:
    told = {("media", photo.example.media_id) for photo in written}
    return frozenset(told | {("event", photo.example.event_id) for photo in written})


def _report(out: Path, folder: Path, plan: Plan, written: Sequence[WrittenPhoto]) -> ExportReport:
    counts = {s.value: sum(photo.split is s for photo in written) for s in Split}
    planned = sum(map(len, plan.media.values()))
    notes = [balance_text(plan.balance)]
    if planned > len(written):
        notes.append(
            tr(
                f"{planned - len(written)} of {planned} photos stay inside: people, withheld "
                "places, young records of hunted species, or no whole JPEG.",
                f"{planned} 张照片中有 {planned - len(written)} 张未导出：含人物、位于不公开位置、"
                "属易受盗猎物种的近期记录，或不是完整的 JPEG。",
            )
        )
    sha256s = {photo.name: sha256_of(folder / photo.name) for photo in written}
    files = {path.name: sha256_of(path) for path in sorted(folder.glob("*.*")) if path.is_file()}
    return ExportReport(out, counts, tuple(notes), {**files, "images": fingerprint_of(sha256s)})


def _write_about(folder: Path, plan: Plan, form: str) -> None:
    """Say what this is, and which taxon each class stands for."""
    about = {
        "written_by": WRITTEN_BY,
        "form": form,
        "classes": list(plan.scheme.names),
        "counts_as": list(plan.scheme.labels),
        "taxa": {name: name for name in plan.scheme.taxa},
        "test_version": plan.test.version,
        "split_by": "camera station",
    }
    text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    (folder / ABOUT).write_text(text, encoding="utf-8")


def _refuse_used(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ExportRefused(
            tr(
                f"{out} holds something already. Name a new or empty folder.",
                f"{out} 中已有内容。请指定新的或空的文件夹。",
            )
        )
