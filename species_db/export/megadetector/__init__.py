"""Write a model's answers as MegaDetector JSON, so that Timelapse and AddaxAI open them.

These programs show the results beside the pictures, whose paths they find in the file. So there
are two files to choose from. The one for the desk names pictures as they lie on this computer,
deployments and camera files with their true names; it stays in the house, as exact places do, and
the log says who wrote it. The one for others goes with the pictures of a Camtrap DP package: it
names them as the package does, and tells of no others.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session, select

from species_db.decisions import Detail
from species_db.export.megadetector.entries import FilmMoments, Json
from species_db.export.megadetector.gathering import (
    AtTheDesk,
    ForOthers,
    Gathered,
    Wanted,
    read_at_desk,
    read_for_others,
)
from species_db.export.megadetector.model import FORMAT_VERSION
from species_db.export.megadetector.paths import PathStyle, refuse_doubles
from species_db.export.offering import (
    AsRead,
    ExportRefused,
    ExportReport,
    offer,
    sha256_of,
    staged,
)
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import Decision
from species_db.vocabulary import Act

__all__ = ["FORMAT", "AtTheDesk", "ForOthers", "PathStyle", "export_megadetector"]

FORMAT = "MegaDetector JSON"
AT_THE_DESK = AtTheDesk()


def export_megadetector(
    survey: Survey,
    out_json: Path,
    *,
    person: str,
    model: str | None = None,
    min_score: float = 0.0,
    audience: AtTheDesk | ForOthers = AT_THE_DESK,
    film_moments: FilmMoments | None = None,
) -> ExportReport:
    """Write one model's detections and names, log it, and tell what was left out and why.

    Detections of `min_score` and more are written. The same survey gives the same bytes.

    Raises:
        ExportRefused: there is no such model, a path would stand for two files, or OUT_JSON is no
            file of ours. Nothing is written then.
        RoleError: true names were asked for by somebody without the role, once roles are in use.
        SharingError: the release does not fit.
    """
    out, wanted = out_json.resolve(), Wanted(model, min_score, film_moments)
    with survey.reading() as session:
        _refuse_foreign_file(session, out)
        if isinstance(audience, ForOthers):
            read = read_for_others(session, survey, audience, wanted)
        else:
            read = read_at_desk(session, survey, audience, wanted, person=person)
    refuse_doubles(Counter(path for path, _ in read.entries))
    sharing = audience.sharing if isinstance(audience, ForOthers) else None
    with staged(out) as place:
        _write(place, read)
        report = ExportReport(
            path=out,
            rows={"files": len(read.entries), "detections": read.detections},
            notes=tuple(_notes(read, audience)),
            sha256s={out.name: sha256_of(place)},
        )
        return offer(
            survey,
            place,
            report,
            as_read=AsRead(read.last_change, used=frozenset(read.used)),
            gate=read.gate,
            person=person,
            details=_details(read, audience, min_score),
            sharing=sharing,
        )


def _write(place: Path, read: Gathered) -> None:
    """Write the file an entry at a time, in the order of paths."""
    with place.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write('{\n"info": ' + _pretty(_info(read)) + ",\n")
        stream.write('"detection_categories": ' + _pretty(dict(read.model.categories)) + ",\n")
        stream.write('"images": [\n')
        stream.write(",\n".join(line for _, line in sorted(read.entries)))
        stream.write("\n]")
        if read.numbers.names:
            stream.write(',\n"classification_categories": ' + _pretty(read.numbers.names))
        if read.numbers.labels:
            labels = {
                code: read.numbers.labels.get(code, name)
                for code, name in read.numbers.names.items()
            }
            stream.write(',\n"classification_category_descriptions": ' + _pretty(labels))
        stream.write("\n}\n")


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _info(read: Gathered) -> Json:
    """The other tool's own words where there are any, else which weights of ours answered when."""
    if read.model.info and read.gate.exact:
        info = dict(read.model.info)
        return info | {"format_version": str(info["format_version"])}
    version = read.model.version
    info = {
        "format_version": FORMAT_VERSION,
        "detector": f"{version.name} {version.version}".strip(),
        "detector_metadata": {
            "typical_detection_threshold": version.threshold,
            "conservative_detection_threshold": version.threshold,
        },
    }
    if read.model.classifier and read.numbers.names:
        info["classifier"] = read.model.classifier
    if read.gate.exact:
        info["detection_completion_time"] = f"{read.model.answered_at:%Y-%m-%d %H:%M:%S}"
    return info


def _refuse_foreign_file(session: Session, out: Path) -> None:
    """Never write over the other tool's own file: only an export that the log knows is replaced."""
    if not out.exists():
        return
    told = sha256_of(out) if out.is_file() else "no file"
    exports = session.exec(select(Decision.details).where(Decision.act == Act.EXPORTED.value))
    if not any(told in one for one in exports):
        raise ExportRefused(
            tr(
                f"{out} is not an earlier export of this survey and is left as it is. Name another "
                "file.",
                f"{out} 不是本调查此前导出的文件，未作改动。请指定其他文件名。",
            )
        )


def _details(
    read: Gathered, audience: AtTheDesk | ForOthers, min_score: float
) -> dict[str, Detail]:
    version = read.model.version
    return {
        "format": FORMAT,
        "audience": "others" if isinstance(audience, ForOthers) else "desk",
        "model": f"{version.name} {version.version}".strip(),
        "model_version_id": version.model_version_id,
        "min_score": min_score,
        **read.kept_back.details(),
    }


def _notes(read: Gathered, audience: AtTheDesk | ForOthers) -> Iterator[str]:
    version = read.model.version
    yield tr(
        f"Answers of {version.name} {version.version}; {read.failures} files it could not read.",
        f"模型 {version.name} {version.version} 的结果；其中 {read.failures} 个文件未能读取。",
    )
    if read.others:
        told = ", ".join(read.others)
        yield tr(
            f"Other models have answered too: {told}. Choose with --model.",
            f"另有其他模型的结果：{told}。可用 --model 选择。",
        )
    if isinstance(audience, ForOthers):
        yield tr(
            "It goes with a Camtrap DP package with pictures: open the package's folder.",
            "与附照片的 Camtrap DP 数据包配合使用：打开该数据包所在文件夹。",
        )
        if read.overtaken:
            yield tr(
                f"{read.overtaken} pictures were left out: the package tells what another model "
                "said of them later. Choose it with --model.",
                f"{read.overtaken} 张照片未导出：数据包采用了另一模型对其较晚的结果。"
                "可用 --model 选择该模型。",
            )
        yield from read.kept_back.notes()
        return
    if read.root:
        yield tr(f"Open {read.root} as the image folder.", f"请将 {read.root} 作为图像文件夹打开。")
    yield tr(
        "It names folders and files as they are, and does not leave the house; for others, "
        "use --for-others.",
        "文件含真实的文件夹和文件名，仅限内部使用；对外请用 --for-others。",
    )
    if read.elsewhere:
        yield tr(
            f"{read.elsewhere} files do not lie below the image folder and were left out; name "
            "their folder with --root, or use --paths card.",
            f"{read.elsewhere} 个文件不在图像文件夹之下，未导出；请用 --root 指定其文件夹，"
            "或用 --paths card。",
        )
    if read.secret:
        yield tr(
            f"{read.secret} files of secret places or events stay behind.",
            f"{read.secret} 个属于秘密位置或事件的文件未导出。",
        )
