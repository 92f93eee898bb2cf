"""Begin a survey: its folder, project record, taxa and lists, and the first entry of the log."""

from datetime import UTC, datetime
from pathlib import Path

from species_db.decisions import record_decision
from species_db.lists.seeding import log_seeded, seed_lists
from species_db.survey import Survey, SurveySettings, create_survey
from species_db.tables import Project
from species_db.version import VERSION
from species_db.vocabulary import Act


def start_survey(folder: Path, settings: SurveySettings, *, person: str) -> Survey:
    """Make a survey ready for its first card; an existing one is opened and left as it is."""
    survey = create_survey(folder, settings)
    with survey.writing() as session:
        lists = seed_lists(session, survey.folder)
        if session.get(Project, "project") is None:
            session.add(
                Project(
                    project_id="project",
                    title=survey.settings.title,
                    rights_holder=survey.settings.rights_holder,
                    created_at=datetime.now(UTC),
                )
            )
            record_decision(
                session,
                Act.INIT,
                subject="project",
                person=person,
                details={
                    "title": survey.settings.title,
                    "software_version": VERSION,
                    "lists": lists,
                },
            )
        elif lists:  # this version of Namcha brought lists that the survey did not have
            log_seeded(session, lists, person=person)
    return survey
