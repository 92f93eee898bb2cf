"""Rows of the survey worth attacking that other parts of it write: a list of its own, alerts."""

import json
from datetime import UTC, date, datetime

from sqlmodel import Session

from species_db.tables import Alert, ListEntry, ListVersion, Taxon
from species_db.vocabulary import AlertState, ListOrigin, Severity, StatusKind

OWN_LIST = "linzhi-invasive-2026"
SEEN_AT = datetime(2026, 5, 12, 1, 0, tzinfo=UTC)
ALERTED_AT = datetime(2026, 12, 18, 1, 0, tzinfo=UTC)


def add_own_list(session: Session, taxon: Taxon) -> None:
    """The prefecture's own list of invaders, with the taxon that was met everywhere."""
    session.add(
        ListVersion(
            list_version_id=OWN_LIST,
            list_id="linzhi-invasive",
            kind=StatusKind.LOCAL_INVASIVE.value,
            title_zh="林芝市外来入侵物种名录",
            title_en="Invasive species of Linzhi",
            version="2026",
            region="CN-54-04",
            effective_from=date(2026, 1, 1),
            origin=ListOrigin.IMPORTED.value,
            entry_count=1,
            content_sha256="",
            entered_at=SEEN_AT,
        )
    )
    session.flush()
    session.add(
        ListEntry(
            list_version_id=OWN_LIST,
            entry_no=1,
            taxon_id=taxon.taxon_id,
            scientific_name=taxon.scientific_name,
            category="A",
        )
    )


def add_alert(session: Session, taxon: Taxon, *, event_id: str, location_id: str,
              plot_id: str, county: str) -> None:  # fmt: skip
    """A firm alert on one event, as the rules raise it."""
    session.add(
        Alert(
            alert_id=f"alert {location_id}",
            rule_id="first_in_county",
            rule_version_id="first_in_county",
            severity=Severity.HIGH.value,
            state=AlertState.FIRM.value,
            record_kind="event",
            record_id=event_id,
            taxon_id=taxon.taxon_id,
            location_id=location_id,
            plot_id=plot_id,
            county=county,
            facts=json.dumps({"day": "2026-05-01", "mark": "I"}),
            observed_at=SEEN_AT,
            raised_at=ALERTED_AT,
            firm_by="Pema",
            firm_at=ALERTED_AT,
        )
    )
