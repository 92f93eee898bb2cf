"""Kinds of entry in the decision log."""

from enum import StrEnum


class Act(StrEnum):
    """Kinds of entry in the decision log."""

    INIT = "init"
    PLOTS_IMPORTED = "plots_imported"
    DEPLOYMENTS_IMPORTED = "deployments_imported"
    CARD_IMPORTED = "card_imported"
    DETECTED = "detected"
    REVIEWED = "reviewed"
    UNDONE = "undone"
    EXPORTED = "exported"
    EXACT_RELEASED = "exact_released"
    KEY_MADE = "key_made"
    ROWS_SEALED = "rows_sealed"
    ARCHIVE_REGISTERED = "archive_registered"
    ARCHIVE_RELOCATED = "archive_relocated"
    CLOCK_ACCEPTED = "clock_accepted"
    CLOCK_WITHDRAWN = "clock_withdrawn"
    CLOCK_DISMISSED = "clock_dismissed"
    CAMERA_DAY_STATED = "camera_day_stated"
    FIELD_IMPORTED = "field_imported"
    FIELD_IDENTIFIED = "field_identified"
    FIELD_REJECTED = "field_rejected"
    FIELD_SPLIT = "field_split"
    FIELD_SHEET_IMPORTED = "field_sheet_imported"
    FIELD_RECORDED = "field_recorded"  # by the form, without a photo
    LISTS_SEEDED = "lists_seeded"
    LIST_IMPORTED = "list_imported"
    LIST_PUBLISHED = "list_published"
    AREAS_IMPORTED = "areas_imported"
    SENSITIVITY_SET = "sensitivity_set"
    SECRECY_SET = "secrecy_set"
    RELEASE_ASKED = "release_asked"
    RELEASE_GRANTED = "release_granted"
    RELEASE_REFUSED = "release_refused"
    ROLE_GRANTED = "role_granted"
    ROLE_WITHDRAWN = "role_withdrawn"
    EXACT_VIEWED = "exact_viewed"
    ALERT_RULE_SET = "alert_rule_set"
    ALERTS_RAISED = "alerts_raised"
    ALERT_ACTED = "alert_acted"
    CONTROL_RECORDED = "control_recorded"
    RESULTS_IMPORTED = "results_imported"  # answers of another tool, from its file
    PACKAGE_IMPORTED = "package_imported"  # data of others, from a package of theirs
    BOXES_DISMISSED = "boxes_dismissed"  # false alarms at one place of one camera, by one act
    BOXES_RESTORED = "boxes_restored"
    AUDIT_DRAWN = "audit_drawn"
    TRAINED = "trained"
    MODEL_CHOSEN = "model_chosen"  # which weights do a task from now on; rolling back too
    FROZEN = "frozen"  # data, rules and code fixed under a name for an evaluation
