"""The `namcha` command: wires the packages, prints for people and for scripts, and nothing else.

Heavy packages are imported inside commands, so that `namcha --help` answers at once.
"""

import sys

import typer

from namcha import (  # noqa: F401  (each file adds its commands, in this order)
    alert_acts,
    alerts,
    analysing,
    bulletin,
    cards,
    clock,
    custody,
    demonstration,
    detecting,
    evaluation,
    exporting,
    field,
    gaps,
    geo,
    glance,
    health,
    invasive,
    invasive_control,
    invasive_suitability,
    learning,
    lists,
    misses,
    model_facts,
    models,
    other_results,
    packages,
    records,
    repeats,
    reviewing,
    secrecy,
    sensitivity,
    surveys,
    taxa,
    wildlife,
)
from namcha.application import app
from namcha.job import as_job
from species_db.language import tr

# Errors a user may see: one line, exit 1. Anything else is a bug and shows its traceback.
USER_ERRORS = (
    ("species_db.survey", "SurveyError"),
    ("species_db.lists.diff", "ListError"),
    ("species_db.model_choice", "ModelChoiceError"),
    ("species_db.keys", "KeyFileError"),
    ("species_db.kept_lists", "KeptListError"),
    ("species_db.field_sheet", "SheetError"),
    ("species_db.field.identify", "FieldRefusal"),
    ("species_db.camera_days", "CameraDayError"),
    ("species_db.repeats.dismiss", "DismissalError"),
    ("species_db.misses.draw", "AuditError"),
    ("species_db.misses.reliability", "ModelNotKnownError"),
    ("species_db.bulletin.refusal", "BulletinError"),
    ("species_db.alerts.acting", "AlertError"),
    ("species_db.alerts.thresholds", "RuleError"),
    ("species_db.alerts.sending", "NotifyError"),
    ("species_db.export.offering", "ExportRefused"),
    ("species_db.evaluation.refusal", "EvaluationError"),
    ("species_db.invasive.control", "ControlError"),
    ("species_db.sensitivity", "ReleaseError"),
    ("species_db.sensitivity", "SensitivityError"),
    ("species_db.secrecy.marks", "SecrecyError"),
    ("species_db.secrecy.release", "SharingError"),
    ("species_db.secrecy.roles", "RoleError"),
    ("species_db.clock.refusal", "ClockError"),
    ("species_db.study.question", "StudyError"),
    ("species_db.analysis.occupancy", "TooFewDataError"),
    ("species_db.analysis.activity", "TooFewEventsError"),
    ("species_db.analysis.sun_time", "NoSunriseError"),
    ("species_db.projects.mistakes", "ProjectFileError"),
    ("species_db.geo.outlines", "OutlineError"),
    ("species_db.geo.refusal", "AreaFileError"),
    ("species_db.lists.taxon_card", "TaxonNotFoundError"),
    ("species_db.wildlife.members", "UnknownTaxonError"),
    ("ingest.card", "CardError"),
    ("ingest.cluster", "ClusterError"),
    ("ingest.other_results.facts", "ResultsError"),
    ("ingest.packages.facts", "PackageError"),
    ("ingest.originals", "StorageError"),
    ("ingest.import_lock", "ImportBusyError"),
    ("ingest.field_photos", "FieldImportError"),
    ("ingest.demo_card", "DemoError"),
    ("ingest.register_model", "ModelClassError"),
    ("namcha.weights_in_use", "WeightsInUseError"),
    ("namcha.gaps", "NoClassesError"),
    ("models.engines", "WeightsError"),
    ("review_app.launch", "LaunchError"),
    ("training.start_weights", "StartWeightsError"),
    ("training.start_from", "StartError"),
    ("training.splits", "SplitError"),
    ("training.scheme", "TooFewBoxesError"),
    ("training.asking", "FrozenPhotoError"),
    ("training.classifier_crops", "CropListError"),
    ("training.working_copy", "DatasetError"),
)


def main() -> None:
    """Run the command line; a known error prints one sentence, an unknown one its traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # Windows consoles in GBK
    try:
        with as_job(_is_for_users):
            app()
    except Exception as error:
        if not _is_for_users(error):
            raise
        told = tr(str(error), getattr(error, "chinese", str(error)))
        typer.secho(told, fg=typer.colors.RED, err=True)
        raise SystemExit(1) from None


def _is_for_users(error: Exception) -> bool:
    kinds = (getattr(sys.modules.get(module), name, None) for module, name in USER_ERRORS)
    return any(kind is not None and isinstance(error, kind) for kind in kinds)
