"""How a survey stands: counts under plain keys, for people and for scripts."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from species_db.tables import (
    Camera,
    CameraStation,
    CardImport,
    Decision,
    Deployment,
    Event,
    Media,
    Observation,
    Plot,
    Problem,
    Taxon,
)
from species_db.vocabulary import ClassificationMethod, ImportState

COUNT_NAMES = {
    "plots": ("plots", "样地"),
    "stations": ("camera stations", "相机点位"),
    "cameras": ("cameras", "相机"),
    "deployments": ("deployments", "布设(台次)"),
    "cards": ("cards imported", "已导入存储卡"),
    "media": ("media", "媒体文件"),
    "events": ("events", "事件"),
    "observations": ("observations", "观测记录"),
    "problems": ("problems listed", "问题"),
    "taxa": ("taxa known", "分类单元"),
    "decisions": ("log entries", "日志条目"),
    "undetected": ("photos not detected yet", "待检测照片"),
    "videos": ("videos", "视频"),
    "undated": ("media without a time", "无时间媒体"),
    "restricted": ("media with people", "含人员媒体(受限)"),
    "human_observations": ("human observations", "人工观测"),
    "reviewed": ("events reviewed", "已审核事件"),
    "unreviewed": ("events not reviewed", "待审核事件"),
    "unfinished_cards": ("cards not finished", "未完成导入的卡"),
}


def survey_counts(session: Session) -> dict[str, int]:
    """Count what a survey holds, and what still waits for a model or a person."""
    tables = {
        "plots": Plot,
        "stations": CameraStation,
        "cameras": Camera,
        "deployments": Deployment,
        "cards": CardImport,
        "media": Media,
        "events": Event,
        "observations": Observation,
        "problems": Problem,
        "taxa": Taxon,
        "decisions": Decision,
    }
    counts = {name: _count(session, table) for name, table in tables.items()}
    machine = col(Observation.classification_method) == ClassificationMethod.MACHINE.value
    answered = select(Observation.media_id).where(machine, col(Observation.media_id).is_not(None))
    counts["undetected"] = _count(
        session,
        Media,
        col(Media.file_mediatype).startswith("image/"),
        col(Media.media_id).not_in(answered),
    )
    counts["videos"] = _count(session, Media, col(Media.file_mediatype).startswith("video/"))
    counts["undated"] = _count(session, Media, col(Media.timestamp).is_(None))
    counts["restricted"] = _count(session, Media, col(Media.is_restricted))
    counts["human_observations"] = _count(session, Observation, ~machine)
    counts["reviewed"] = _count(session, Event, col(Event.is_reviewed))
    counts["unreviewed"] = counts["events"] - counts["reviewed"]
    unfinished = col(CardImport.state) != ImportState.COMPLETE.value
    counts["unfinished_cards"] = _count(session, CardImport, unfinished)
    return counts


def _count(session: Session, table: type, *conditions: object) -> int:
    statement = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]
    return session.exec(statement).one()
