"""Secrecy classes, the second person's release and roles: who may let what out."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from exports import DEPLOYMENT, ELEVATION, LATITUDE, LONGITUDE, STATION, fill_survey
from factories import make_deployment, make_event, make_human_review, make_station
from sqlmodel import col, select
from typer.testing import CliRunner

import namcha
from species_db.decisions import broken_entries, record_decision
from species_db.export.camtrap_dp import export_camtrap_dp
from species_db.export.occurrences import export_occurrences
from species_db.export.offering import ExportRefused, ExportReport
from species_db.seals import broken_seals
from species_db.secrecy.marks import SecrecyError, SubjectKind, mark_secrecy, read_secrecy
from species_db.secrecy.names import looks_alike
from species_db.secrecy.release import Sharing, SharingError, decide_release, read_releases
from species_db.secrecy.roles import (
    RoleError,
    grant_role,
    holds_role,
    view_exact_place,
    withdraw_role,
)
from species_db.sensitivity import ExactRelease
from species_db.survey import Survey
from species_db.tables import Decision, SecrecyMark
from species_db.vocabulary import Act, Role, Secrecy

DECIDED = {Act.RELEASE_GRANTED.value, Act.RELEASE_REFUSED.value}
OTHER_STATION, OTHER_DEPLOYMENT = "BAYI-01", "BAYI-01-2026"


def acts(survey: Survey) -> list[str]:
    """The acts of the log, oldest first."""
    with survey.reading() as session:
        return list(session.exec(select(Decision.act).order_by(col(Decision.sequence))))


def mark(survey: Survey, secrecy: str, kind: str = "survey", subject: str = "") -> SecrecyMark:
    """Mark something, by Drolma."""
    return mark_secrecy(
        survey, SubjectKind(kind), subject, Secrecy(secrecy), person="Drolma", reason="order 3"
    )


def add_other_station(survey: Survey) -> str:
    """A second station with one reviewed event; gives the event's id."""
    with survey.writing() as session:
        make_station(session, OTHER_STATION, latitude=29.65, longitude=94.36)
        make_deployment(session, OTHER_DEPLOYMENT, location_id=OTHER_STATION)
        event = make_event(session, deployment_id=OTHER_DEPLOYMENT)
    make_human_review(survey, event)
    return event.event_id


def rows_of(survey: Survey, out: Path, **how: object) -> int:
    """How many occurrences leave."""
    return export_occurrences(survey, out, person="Tashi", **how).rows["occurrences"]


def share(survey: Survey, out: Path, release_id: str = "", person: str = "Tashi") -> ExportReport:
    """Ask for sharing the occurrences, or write them with the release."""
    sharing = Sharing("national report", "NFGA", release_id)
    return export_occurrences(survey, out, person=person, sharing=sharing)


@pytest.fixture
def sharing_survey(survey: Survey) -> Survey:
    """A shareable survey started by Drolma, in which Norbu is the releaser."""
    with survey.writing() as session:
        record_decision(session, Act.INIT, subject="survey", person="Drolma", details={})
    fill_survey(survey)
    mark(survey, "shareable")
    grant_role(survey, "Norbu", Role.RELEASER, person="Drolma", reason="head of unit")
    return survey


def test_an_unmarked_survey_is_internal_and_its_exports_say_so(
    survey: Survey, tmp_path: Path
) -> None:
    """Nothing is shared by forgetting: report, log and package carry the class."""
    fill_survey(survey)
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi")
    told = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert (told["secrecy"], report.secrecy) == ("internal", Secrecy.INTERNAL)
    assert "Internal" in report.as_text()
    with survey.reading() as session:
        entry = session.exec(select(Decision).order_by(col(Decision.sequence).desc())).first()
    assert entry is not None
    assert json.loads(entry.details)["secrecy"] == "internal"


@pytest.mark.parametrize("is_exact", [False, True])
@pytest.mark.parametrize(
    ("kind", "subject"), [("station", OTHER_STATION), ("plot", "LZ-041"), ("event", "")]
)
def test_what_is_secret_never_leaves(
    survey: Survey, tmp_path: Path, kind: str, subject: str, is_exact: bool
) -> None:
    """A secret station, plot or event is in no export, not even in an exact one."""
    fill_survey(survey)
    event_id = add_other_station(survey)
    exact = ExactRelease("Drolma", "county archive") if is_exact else None
    before = rows_of(survey, tmp_path / "a.csv", exact=exact)
    mark(survey, "secret", kind, subject or event_id)
    after = rows_of(survey, tmp_path / "b.csv", exact=exact)
    assert (before, after) == (2, 0 if kind == "plot" else 1)


def test_a_secret_place_is_in_no_table_of_a_package(survey: Survey, tmp_path: Path) -> None:
    """Its deployment, media and observations stay behind together."""
    fill_survey(survey)
    mark(survey, "secret", "station", STATION)
    with survey.writing() as session:
        make_station(session, OTHER_STATION, latitude=29.65, longitude=94.36)
        make_deployment(session, OTHER_DEPLOYMENT, location_id=OTHER_STATION)
    report = export_camtrap_dp(survey, tmp_path / "out", person="Tashi", include_machine=True)
    assert report.rows == {"deployments": 1, "media": 0, "observations": 0}


def test_a_secret_survey_exports_nothing(survey: Survey, tmp_path: Path) -> None:
    """The whole survey may be secret; the refusal names the class."""
    fill_survey(survey)
    mark(survey, "secret")
    with pytest.raises(ExportRefused, match="this survey is secret"):
        rows_of(survey, tmp_path / "a.csv")
    assert not (tmp_path / "a.csv").exists()


def test_the_strictest_class_of_survey_place_and_record_holds(survey: Survey) -> None:
    """A shareable record on an internal station of a shareable survey is internal."""
    fill_survey(survey)
    event_id = add_other_station(survey)
    mark(survey, "shareable")
    mark(survey, "internal", "station", OTHER_STATION)
    mark(survey, "shareable", "event", event_id)
    with survey.reading() as session:
        index = read_secrecy(session)
    assert index.of_event(event_id, location_id=OTHER_STATION, plot_id=None) == Secrecy.INTERNAL
    assert index.of_event(event_id, location_id=STATION, plot_id="LZ-041") == Secrecy.SHAREABLE
    assert index.of_field_record("x", plot_id="LZ-041") == Secrecy.SHAREABLE


def test_the_newest_mark_holds_and_every_mark_is_kept_and_logged(survey: Survey) -> None:
    """Marks are added, never changed; each is one entry of the log with its reason."""
    fill_survey(survey)
    before = len(acts(survey))
    mark(survey, "secret", "station", STATION)
    mark(survey, "internal", "station", STATION)
    with survey.reading() as session:
        assert read_secrecy(session).of_place(STATION, None) == Secrecy.INTERNAL
        assert len(session.exec(select(SecrecyMark)).all()) == 2
        assert not list(broken_seals(session))
        assert not list(broken_entries(session))
    assert acts(survey)[before:] == ["secrecy_set"] * 2


def test_a_mark_on_nothing_is_refused_with_the_nearest_name(survey: Survey) -> None:
    """A misspelt station would stay unprotected."""
    fill_survey(survey)
    with pytest.raises(SecrecyError, match="Did you mean 'GEDANG-03'"):
        mark(survey, "secret", "station", "GEDANG-30")
    with pytest.raises(SecrecyError, match="a person and a reason"):
        mark_secrecy(survey, SubjectKind.SURVEY, "", Secrecy.SECRET, person="Drolma", reason=" ")


def test_sharing_takes_two_persons(sharing_survey: Survey, tmp_path: Path) -> None:
    """Asked by one, granted by another, then written: and each step is in the log."""
    out = tmp_path / "shared.csv"
    before = len(acts(sharing_survey))
    asked = share(sharing_survey, out)
    assert asked.request_id
    assert asked.request_id in asked.as_text()
    assert not out.exists()
    decide_release(sharing_survey, asked.request_id, is_granted=True, person="Norbu")
    written = share(sharing_survey, out, asked.request_id)
    assert (written.secrecy, written.request_id) == (Secrecy.SHAREABLE, "")
    assert "Shareable: released by a second person" in out.read_text(encoding="utf-8-sig")
    assert acts(sharing_survey)[before:] == ["release_asked", "release_granted", "exported"]
    with sharing_survey.reading() as session:
        [release] = read_releases(session)
        assert not list(broken_seals(session))
    assert (release.state, release.decided_by) == ("used", "Norbu")
    request = json.loads(release.request)
    assert (request["rows"], sum(request["places"].values())) == ({"occurrences": 1}, 1)


@pytest.mark.parametrize(
    "person",
    [
        "Tashi",
        "tashi",
        " TA SHI ",
        "\uff34ashi",
        "Tashi\u200b",
        "T\u0430shi",
        "Tash\u0456",
        "T\u00e0shi",
    ],
)
def test_nobody_releases_what_they_asked_for(
    sharing_survey: Survey, tmp_path: Path, person: str
) -> None:
    """Another spelling of one's own name is no second person, nor letters that look the same."""
    grant_role(sharing_survey, "Tashi", Role.RELEASER, person="Norbu", reason="deputy")
    asked = share(sharing_survey, tmp_path / "a.csv")
    with pytest.raises(SharingError, match="cannot decide on it too"):
        decide_release(sharing_survey, asked.request_id, is_granted=True, person=person)


@pytest.mark.parametrize("double", ["N\u043erbu", "\u039d\u03bfrbu", "N\u00f6rbu", "N0rbu"])
def test_no_role_goes_to_a_name_that_looks_like_anothers(
    sharing_survey: Survey, double: str
) -> None:
    """Who reads the list of roles must be able to tell its people apart."""
    with pytest.raises(RoleError, match="looks like 'Norbu' but is spelled with other letters"):
        grant_role(sharing_survey, double, Role.EXACT_VIEWER, person="Norbu", reason="field work")


def test_names_in_tibetan_differ_by_their_vowels() -> None:
    """Marks that are letters of their script are not taken for accents."""
    assert not looks_alike("བཀྲ་ཤིས", "བཀྲ་ཤས")
    assert looks_alike("扎西", "扎 西")


def test_two_releasers_at_once_decide_once(sharing_survey: Survey, tmp_path: Path) -> None:
    """One grants, one refuses in the same moment: one word stands, and the log has it once."""
    grant_role(sharing_survey, "Pema", Role.RELEASER, person="Norbu", reason="deputy")
    asked = share(sharing_survey, tmp_path / "a.csv").request_id
    start = Barrier(2)

    def decide(person: str) -> str:
        opened = Survey(sharing_survey.folder)
        start.wait(timeout=30)
        try:
            is_granted = person == "Norbu"
            return decide_release(opened, asked, is_granted=is_granted, person=person).state
        except SharingError as error:
            return "late" if "already decided" in str(error) else str(error)
        finally:
            opened.close()

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(decide, ("Norbu", "Pema")))
    assert told.count("late") == 1
    with sharing_survey.reading() as session:
        [release] = read_releases(session)
        assert not list(broken_entries(session))
    assert release.state in told
    assert len([act for act in acts(sharing_survey) if act in DECIDED]) == 1


def test_only_a_releaser_decides(sharing_survey: Survey, tmp_path: Path) -> None:
    """A second name without the role is not enough, nor one that lost it."""
    asked = share(sharing_survey, tmp_path / "a.csv")
    with pytest.raises(RoleError, match="does not hold the role releaser; Norbu does"):
        decide_release(sharing_survey, asked.request_id, is_granted=True, person="Pema")
    withdraw_role(sharing_survey, "norbu", Role.RELEASER, person="Norbu", reason="moved away")
    with pytest.raises(RoleError):
        decide_release(sharing_survey, asked.request_id, is_granted=True, person="Norbu")


@pytest.mark.parametrize("decision", [None, False])
def test_what_was_not_granted_does_not_leave(
    sharing_survey: Survey, tmp_path: Path, decision: bool | None
) -> None:
    """A request alone, or a refusal, opens nothing."""
    asked = share(sharing_survey, tmp_path / "a.csv")
    if decision is not None:
        decide_release(sharing_survey, asked.request_id, is_granted=decision, person="Norbu")
    with pytest.raises(SharingError, match="not granted"):
        share(sharing_survey, tmp_path / "a.csv", asked.request_id)
    assert not (tmp_path / "a.csv").exists()


def test_one_more_record_needs_a_new_release(sharing_survey: Survey, tmp_path: Path) -> None:
    """The second person's word is on the rows they saw, not on later ones."""
    asked = share(sharing_survey, tmp_path / "a.csv")
    decide_release(sharing_survey, asked.request_id, is_granted=True, person="Norbu")
    add_other_station(sharing_survey)
    with pytest.raises(SharingError, match="no longer what Norbu released"):
        share(sharing_survey, tmp_path / "a.csv", asked.request_id)
    assert not (tmp_path / "a.csv").exists()


def test_a_release_is_for_one_person_purpose_and_recipient(
    sharing_survey: Survey, tmp_path: Path
) -> None:
    """Nobody else uses it, and for nothing else."""
    asked = share(sharing_survey, tmp_path / "a.csv")
    decide_release(sharing_survey, asked.request_id, is_granted=True, person="Norbu")
    with pytest.raises(SharingError, match="given to Tashi for 'national report'"):
        share(sharing_survey, tmp_path / "a.csv", asked.request_id, person="Pema")
    elsewhere = Sharing("a talk", "NFGA", asked.request_id)
    with pytest.raises(SharingError, match="given to Tashi"):
        export_occurrences(sharing_survey, tmp_path / "a.csv", person="Tashi", sharing=elsewhere)


def test_a_used_release_gives_the_same_bytes_again_and_nothing_else(
    sharing_survey: Survey, tmp_path: Path
) -> None:
    """Writing the released files a second time lets nothing new out; a new record does not go."""
    asked = share(sharing_survey, tmp_path / "a.csv")
    decide_release(sharing_survey, asked.request_id, is_granted=True, person="Norbu")
    share(sharing_survey, tmp_path / "a.csv", asked.request_id)
    share(sharing_survey, tmp_path / "b.csv", asked.request_id)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    add_other_station(sharing_survey)
    with pytest.raises(SharingError, match="no longer what"):
        share(sharing_survey, tmp_path / "c.csv", asked.request_id)


def test_asking_twice_is_one_request(sharing_survey: Survey, tmp_path: Path) -> None:
    """Running the same command again does not fill the second person's desk."""
    first, second = (share(sharing_survey, tmp_path / "a.csv").request_id for _ in range(2))
    assert first == second


def test_a_decided_request_is_not_decided_again(sharing_survey: Survey, tmp_path: Path) -> None:
    """A refusal stands; whoever still wants to share asks anew."""
    asked = share(sharing_survey, tmp_path / "a.csv")
    decide_release(sharing_survey, asked.request_id, is_granted=False, person="Norbu")
    with pytest.raises(SharingError, match="already decided: refused, by Norbu"):
        decide_release(sharing_survey, asked.request_id, is_granted=True, person="Norbu")
    assert share(sharing_survey, tmp_path / "a.csv").request_id != asked.request_id


def test_a_package_with_pictures_is_released_with_its_pictures(
    sharing_survey: Survey, tmp_path: Path
) -> None:
    """Leaving the pictures out, or adding them, is another package than the one released."""

    def package(with_media: bool, release_id: str = "") -> ExportReport:
        sharing = Sharing("exhibition", "museum", release_id)
        return export_camtrap_dp(
            sharing_survey, tmp_path / "out", person="Tashi", with_media=with_media, sharing=sharing
        )

    asked = package(with_media=True)
    decide_release(sharing_survey, asked.request_id, is_granted=True, person="Norbu")
    with pytest.raises(SharingError, match="no longer what"):
        package(with_media=False, release_id=asked.request_id)
    package(with_media=True, release_id=asked.request_id)
    told = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert told["secrecy"] == "shareable"


def test_internal_places_stay_out_of_what_is_shared(sharing_survey: Survey, tmp_path: Path) -> None:
    """An ordinary export holds them, a shareable one does not."""
    add_other_station(sharing_survey)
    mark(sharing_survey, "internal", "station", OTHER_STATION)
    assert rows_of(sharing_survey, tmp_path / "a.csv") == 2
    assert share(sharing_survey, tmp_path / "b.csv").rows == {"occurrences": 1}


def test_an_internal_survey_shares_nothing(survey: Survey, tmp_path: Path) -> None:
    """Somebody must first say that the survey may be shared."""
    fill_survey(survey)
    with pytest.raises(ExportRefused, match="this survey is internal"):
        share(survey, tmp_path / "a.csv")


def test_exact_places_are_never_shared(sharing_survey: Survey, tmp_path: Path) -> None:
    """Two persons' word opens records, not places."""
    with pytest.raises(ExportRefused, match="Exact places are not shared"):
        export_occurrences(
            sharing_survey,
            tmp_path / "a.csv",
            person="Tashi",
            exact=ExactRelease("Tashi", "archive"),
            sharing=Sharing("report", "NFGA"),
        )


@pytest.mark.parametrize(("purpose", "recipient"), [("", "NFGA"), ("report", "  ")])
def test_sharing_needs_a_purpose_and_a_recipient(purpose: str, recipient: str) -> None:
    """A second person cannot judge what goes nowhere for no reason."""
    with pytest.raises(SharingError, match="a purpose and a recipient"):
        Sharing(purpose, recipient)


def test_the_starter_grants_first_and_a_releaser_afterwards(sharing_survey: Survey) -> None:
    """Drolma began; from then on Norbu decides, until nobody holds the role any more."""
    with pytest.raises(RoleError, match="Drolma may not grant or withdraw roles here; Norbu may"):
        grant_role(sharing_survey, "Pema", Role.RELEASER, person="Drolma", reason="deputy")
    grant_role(sharing_survey, "Pema", Role.EXACT_VIEWER, person="norbu", reason="patrols")
    withdraw_role(sharing_survey, "Norbu", Role.RELEASER, person="Norbu", reason="retired")
    grant_role(sharing_survey, "Pema", Role.RELEASER, person="Drolma", reason="successor")
    with sharing_survey.reading() as session:
        assert holds_role(session, "pema", Role.RELEASER)
        assert not holds_role(session, "Norbu", Role.RELEASER)
    assert acts(sharing_survey)[-3:] == ["role_granted", "role_withdrawn", "role_granted"]


def test_an_exact_place_opens_for_the_role_only_and_in_the_log(sharing_survey: Survey) -> None:
    """Who looked at which place, and why, can be asked later."""
    with pytest.raises(RoleError, match="does not hold the role exact_viewer"):
        view_exact_place(sharing_survey, STATION, person="Pema", reason="patrol")
    assert "exact_viewed" not in acts(sharing_survey)
    grant_role(sharing_survey, "Pema", Role.EXACT_VIEWER, person="Norbu", reason="patrols")
    place = view_exact_place(sharing_survey, STATION, person="Pema", reason="patrol of 3 May")
    assert (place.latitude, place.longitude, place.elevation_m) == (LATITUDE, LONGITUDE, ELEVATION)
    with sharing_survey.reading() as session:
        entry = session.exec(select(Decision).order_by(col(Decision.sequence).desc())).first()
    assert entry is not None
    assert (entry.act, entry.subject, entry.person) == ("exact_viewed", STATION, "Pema")
    assert json.loads(entry.details)["reason"] == "patrol of 3 May"
    assert str(LATITUDE) not in entry.details


def test_an_exact_export_needs_the_role_once_roles_are_in_use(
    sharing_survey: Survey, tmp_path: Path
) -> None:
    """Before any role was granted a survey is one person's own, and the reason is enough."""
    exact = ExactRelease("Tashi", "county archive")
    with pytest.raises(RoleError, match="exact_viewer"):
        rows_of(sharing_survey, tmp_path / "a.csv", exact=exact)
    grant_role(sharing_survey, "Tashi", Role.EXACT_VIEWER, person="Norbu", reason="archive")
    assert rows_of(sharing_survey, tmp_path / "a.csv", exact=exact) == 1


def test_granting_and_looking_change_no_export(sharing_survey: Survey, tmp_path: Path) -> None:
    """A release stays good while roles come and go: the records are the same."""
    asked = share(sharing_survey, tmp_path / "a.csv")
    decide_release(sharing_survey, asked.request_id, is_granted=True, person="Norbu")
    grant_role(sharing_survey, "Pema", Role.EXACT_VIEWER, person="Norbu", reason="patrols")
    view_exact_place(sharing_survey, STATION, person="Pema", reason="patrol")
    assert not share(sharing_survey, tmp_path / "a.csv", asked.request_id).request_id


def test_the_whole_way_by_the_command_line(sharing_survey: Survey, tmp_path: Path) -> None:
    """Ask, list, grant, write: as three people would type it."""
    folder, out = str(sharing_survey.folder), tmp_path / "shared.csv"

    def run(*words: str, person: str = "Tashi") -> str:
        told = CliRunner().invoke(namcha.app, [*words, "--survey", folder, "--person", person])
        assert told.exit_code == 0, (told.output, told.exception)
        return told.output

    command = ("export", "occurrences", str(out), "--shareable")
    command += ("--purpose", "report", "--recipient", "NFGA")
    assert "Nothing was written yet" in run(*command)
    told = CliRunner().invoke(namcha.app, ["release", "list", "--survey", folder, "--json"])
    [request] = json.loads(told.output)
    assert (request["state"], request["asked_by"]) == ("asked", "Tashi")
    assert "0.01 degrees" in run("release", "grant", request["release_id"], person="Norbu")
    assert "Shareable" in run(*command, "--release", request["release_id"])
    assert out.exists()
    run("roles", "grant", "Pema", "exact_viewer", "--reason", "patrols", person="Norbu")
    listed = CliRunner().invoke(namcha.app, ["roles", "list", "--survey", folder]).output
    assert "Pema  exact_viewer  granted by Norbu: patrols" in listed
    run("secrecy", "mark", "station", "secret", "--id", STATION, "--reason", "den")
    listed = CliRunner().invoke(namcha.app, ["secrecy", "list", "--survey", folder]).output
    assert f"secret     station {STATION}" in listed
    assert DEPLOYMENT not in listed
