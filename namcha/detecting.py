"""The command that runs a detector."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.alerts import run_after
from namcha.application import app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from namcha.species_naming import AUTO, SpeciesOption, classifier_of, name_earlier
from species_db.language import tr

if TYPE_CHECKING:
    from ingest.cluster import Cluster
    from ingest.detect_report import DetectReport
    from ingest.species_stage import NamingReport
    from models.classifier import Classifier
    from models.detector import Detector
    from models.pixels import Decode
    from species_db.survey import Survey


class RunBy(StrEnum):
    """What may run a network, as the command line spells it; the models' own list loads numpy."""

    AUTO = "auto"
    OPENVINO = "openvino"
    ONNXRUNTIME = "onnxruntime"
    TORCH = "torch"
    RAY = "ray"


@dataclass(frozen=True)
class Where:
    """Which cluster works, and where its workers find the originals."""

    address: str | None = None
    originals: str | None = None


class HowDecoded(StrEnum):
    """How much of a photo is decoded."""

    SCALED = "scaled"
    FULL = "full"


AddressOption = Annotated[
    str | None,
    typer.Option(
        help=tr(
            "With --engine ray: HOST:PORT of the cluster; else Ray is started here.",
            "与 --engine ray 合用：集群的“主机:端口”；缺省为在本机启动 Ray。",
        )
    ),
]
OriginalsOption = Annotated[
    str | None,
    typer.Option(
        envvar="NAMCHA_ORIGINALS",
        help=tr(
            "With --engine ray: where workers find the survey folder, such as s3://bucket/survey.",
            "与 --engine ray 合用：工作进程读取调查文件夹的位置，如 s3://存储桶/调查。",
        ),
    ),
]


LimitOption = Annotated[
    int | None,
    typer.Option(min=1, help=tr("At most N photos and films.", "最多 N 个照片和视频。")),
]
WeightsOption = Annotated[
    str | None,
    typer.Option(
        help=tr(
            "A name of 'models list', an ONNX file or OpenVINO folder, or a .pt file you trust "
            "(it can run code). Else the survey's choice.",
            "models list 中的名称、ONNX 文件、OpenVINO 文件夹，"
            "或可信来源的 .pt 文件（.pt 可执行代码）。缺省为本调查项目所选权重。",
        )
    ),
]
EngineOption = Annotated[
    RunBy,
    typer.Option(
        help=tr(
            "What runs the network. 'auto' asks the processor; torch uses a graphics card; "
            "ray: many computers.",
            "运行网络的引擎。auto 按处理器自动选择；torch 可用显卡；ray 用多台机器。",
        )
    ),
]
DecodeOption = Annotated[
    HowDecoded,
    typer.Option(
        help=tr(
            "How much of a photo is decoded: twice what the network sees, or all of it.",
            "照片解码程度：scaled 为网络输入的两倍以上，full 为全部像素。",
        )
    ),
]


@app.command(help=tr("Find animals, people and vehicles.", "检测动物、人员和车辆。"))
def detect(
    limit: LimitOption = None,
    weights: WeightsOption = None,
    engine: EngineOption = RunBy.AUTO,
    decode: DecodeOption = HowDecoded.SCALED,
    address: AddressOption = None,
    originals: OriginalsOption = None,
    species: SpeciesOption = AUTO,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    opened, who = open_survey_of(survey), person_of(person)
    where = _where(engine, address, originals)
    classifier = classifier_of(opened, species)
    named: list[NamingReport] = []
    report = run_detector(
        *(opened, weights, limit, who),
        engine=engine,
        decode=decode,
        where=where,
        classifier=classifier,
        named=named,
    )
    if classifier is not None and limit is None:
        named += name_earlier(opened, classifier, who)
    run_after(opened, who)
    not_held = _not_held(opened)
    if as_json:
        told = vars(report) | {"species": [vars(one) for one in named], "not_held": not_held}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    typer.echo(report.as_text())
    for one in named:
        typer.echo(one.as_text())
    if not_held:
        untold = f"{not_held} media of packages are not held here; no model can look at them."
        typer.echo(tr(untold, f"{not_held} 个媒体文件来自他人数据包，不在此处，无法检测。"))


def _not_held(survey: "Survey") -> int:
    from species_db.whereabouts import count_not_held

    with survey.reading() as session:
        return count_not_held(session)


def run_detector(
    survey: "Survey",
    weights: str | None,
    limit: int | None,
    person: str,
    *,
    engine: RunBy = RunBy.AUTO,
    decode: HowDecoded = HowDecoded.SCALED,
    where: Where | None = None,
    classifier: "Classifier | None" = None,
    named: "list[NamingReport] | None" = None,
) -> "DetectReport":
    """Detect, with a classifier as second stage; `named` receives what that made of the boxes."""
    from ingest.classify import detect_media
    from ingest.species_stage import open_species_stage
    from models.engines import EngineName
    from models.pixels import Decode
    from namcha.weights_in_use import detector_of

    own = EngineName.AUTO if where else EngineName(engine)
    detector = detector_of(survey, weights, engine=own)
    stage = None
    if classifier is not None:
        stage = open_species_stage(survey, classifier, detector=detector, now=datetime.now(UTC))
    with progress_line(tr("Detecting", "检测")) as show:
        report = detect_media(
            survey,
            detector,
            person=person,
            limit=limit,
            decode=Decode(decode),
            source=_cluster(where, Decode(decode), detector, classifier) if where else None,
            then=stage,
            report=lambda at: show(at.done, at.total),
        )
    if stage is not None and named is not None and stage.report.boxes:
        named.append(stage.report)
    return report


def _where(engine: RunBy, address: str | None, originals: str | None) -> Where | None:
    if engine is RunBy.RAY:
        return Where(address, originals)
    for name, given in (("--address", address), ("--originals", originals)):
        if given:
            told = tr(f"{name} needs --engine ray.", f"{name} 须与 --engine ray 合用。")
            raise typer.BadParameter(told)
    return None


def _cluster(
    where: Where, decode: "Decode", detector: "Detector", classifier: "Classifier | None"
) -> "Cluster":
    from ingest.cluster import Cluster
    from models.classifier import CropClassifier
    from models.detector import PixelDetector
    from models.packing import pack_classifier, pack_detector

    if not isinstance(detector, PixelDetector):
        raise TypeError(f"{detector.name} cannot be sent to other computers")
    then = pack_classifier(classifier) if isinstance(classifier, CropClassifier) else None
    return Cluster(
        pack_detector(detector),
        then=then,
        address=where.address,
        originals=where.originals,
        decode=decode,
    )
