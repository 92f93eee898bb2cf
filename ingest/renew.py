"""What follows from new pictures: clock faults are looked for again, camera days judged again."""

from collections.abc import Iterable

from ingest.clock import propose_clock
from species_db.camera_days import recompute_days
from species_db.survey import Survey


def renew_findings(survey: Survey, deployment_ids: Iterable[str]) -> int:
    """Propose corrections and judge the days of these deployments; tell how many proposals stand.

    To be called when a card has come in or its pictures have been measured. Nothing that a person
    has decided changes, and doing it again gives the same.
    """
    proposals = 0
    for deployment_id in sorted(set(deployment_ids)):
        proposals += len(propose_clock(survey, deployment_id).proposals)
        with survey.writing() as session:
            recompute_days(session, deployment_id)
    return proposals
