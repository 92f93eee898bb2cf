"""Spatial detection histories of animals told apart, as R `secr` reads them (DOMAIN.md 4).

Density is worked out from where each animal was seen again, so places must be true: this analysis
is written with an exact release only.
"""

from datetime import timedelta

from species_db.analysis.scr import (
    DetectorType,
    IndividualRecord,
    PositionError,
    captures_text,
    spatial_histories,
    traps_text,
)
from species_db.geo import plane_of
from species_db.language import tr
from species_db.study.answer import Answer, Table
from species_db.study.detections import EPOCH
from species_db.study.facts import TaxonFacts
from species_db.study.question import StudyError
from species_db.study.read import Study

SESSION = "1"


def answer(
    study: Study, *, occasion_days: int = 1, detector: DetectorType = DetectorType.PROXIMITY
) -> Answer:
    """Write captures and traps of one taxon, and count what nobody could tell apart.

    Raises:
        StudyError: no taxon is named, exact places may not be told, or a camera has no place.
    """
    taxon = _checked(study)
    told = spatial_histories(
        study.days,
        _records(study),
        session=SESSION,
        occasion_days=occasion_days,
        detector_type=detector,
    )
    units = list(told.detectors)
    places = plane_of([study.facts(unit).true_place for unit in units])
    try:
        traps = traps_text([told], SESSION, dict(zip(units, places, strict=True)))
    except PositionError as error:
        raise StudyError(str(error)) from error
    stem = taxon.stem
    days = study.camera_days
    effort = study.effort_words
    captures = [(c.session, c.individual, c.occasion, c.detector) for c in told.captures]
    return Answer(
        name="scr",
        tables=(Table("scr", ("Session", "ID", "Occasion", "Detector"), captures),),
        summary=(
            tr(
                f"{told.individuals} animals told apart in {len(told.captures)} captures at "
                f"{len(units)} units over {effort} camera-days; {told.unidentified} events of "
                "animals that nobody could tell apart are left out.",
                f"共识别 {told.individuals} 个个体，{len(told.captures)} 次捕获，{len(units)} 个"
                f"单元，工作量 {effort} 相机日；{told.unidentified} 个事件无法识别个体，未计入。",
            ),
            study.question.in_words(),
        ),
        notes=study.left_out.notes(),
        texts={f"scr_captures_{stem}.txt": captures_text([told]), f"scr_traps_{stem}.txt": traps},
        figures={
            "individuals": told.individuals,
            "captures": len(told.captures),
            "unidentified": told.unidentified,
            "unwatched": told.unwatched,
            "camera_days": days,
        },
        event_ids=study.event_ids,
    )


def _checked(study: Study) -> TaxonFacts:
    if study.chosen is None:
        raise StudyError(
            tr("Name the taxon with --taxon.", "请用 --taxon 指定分类单元。"),
        )
    if study.gate.exact is None:
        raise StudyError(
            tr(
                "Spatial models need true places; coarse ones give a wrong density. Add --exact "
                "with the reason; it goes into the log.",
                "空间模型需要真实位置，概化后的位置会得出错误的密度。请加 --exact 并写明理由，"
                "该理由会记入日志。",
            )
        )
    return study.chosen


def _records(study: Study) -> list[IndividualRecord]:
    """Each animal told apart in each reviewed event; of events without any, one of nobody's name.

    Every event counts, not only independent ones: two animals half an hour apart are two.
    """
    records = study.records
    told = []
    for event_id, unit, day in zip(
        records.event_ids.tolist(), study.units.tolist(), records.days.tolist(), strict=True
    ):
        for individual in study.individuals.get(event_id, (None,)):
            told.append(IndividualRecord(unit, EPOCH + timedelta(days=day), individual))
    return told
