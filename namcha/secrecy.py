"""Commands on who may let what out: secrecy classes, releases and roles."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import release_app, roles_app, secrecy_app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import tr
from species_db.vocabulary import Role, Secrecy

if TYPE_CHECKING:
    from species_db.tables import PersonRole, Release

WhyOption = Annotated[str, typer.Option("--reason", help=tr("Why.", "理由。"))]
IdArgument = Annotated[str, typer.Argument(help=tr("Id of the request.", "申请编号。"))]
NameArgument = Annotated[str, typer.Argument(help=tr("Whose role.", "角色持有者。"))]


@secrecy_app.command("mark", help=tr("Mark what may leave.", "设置密级。"))
def secrecy_mark(
    kind: Annotated[str, typer.Argument(help="survey | plot | station | event | field_record")],
    secrecy: Annotated[Secrecy, typer.Argument(help=tr("The class.", "密级。"))],
    subject: Annotated[
        str,
        typer.Option("--id", help=tr("Of the plot, station or record.", "样地、点位或记录编号。")),
    ] = "",
    reason: WhyOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.secrecy.marks import SubjectKind, mark_secrecy

    if kind not in set(SubjectKind):
        known = ", ".join(SubjectKind)
        raise typer.BadParameter(
            tr(f"'{kind}' cannot be marked; choose {known}.", f"“{kind}”不能设密级;可选 {known}。")
        )
    mark = mark_secrecy(
        open_survey_of(survey),
        SubjectKind(kind),
        subject,
        secrecy,
        person=person_of(person),
        reason=reason,
    )
    name = " ".join(dict.fromkeys((mark.subject_kind, mark.subject_id)))
    typer.echo(tr(f"{name}: {mark.secrecy}.", f"{name}:{mark.secrecy}。"))


@secrecy_app.command("list", help=tr("Every mark in force.", "列出现行密级。"))
def secrecy_list(survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from species_db.secrecy.marks import read_secrecy

    with open_survey_of(survey).reading() as session:
        index = read_secrecy(session)
    told = {"survey": index.survey.value}
    told |= {f"{kind} {own_id}": one.value for (kind, own_id), one in index.marks.items()}
    told.pop("survey survey", None)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for name, secrecy in told.items():
            typer.echo(f"{secrecy:10} {name}")


@release_app.command("list", help=tr("What was asked and decided.", "列出放行申请。"))
def release_list(survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from species_db.secrecy.release import read_releases

    with open_survey_of(survey).reading() as session:
        releases = read_releases(session)
    if as_json:
        columns = ("release_id", "state", "asked_by", "decided_by", "purpose", "recipient")
        told = [
            {name: getattr(one, name) for name in (*columns, "fingerprint", "reason")}
            | {"request": json.loads(one.request)}
            for one in releases
        ]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif not releases:
        typer.echo(tr("Nobody asked for a release.", "尚无放行申请。"))
    else:
        for release in releases:
            typer.echo(_told(release))


@release_app.command("grant", help=tr("Let an export leave.", "批准放行。"))
def release_grant(
    release_id: IdArgument,
    reason: WhyOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.secrecy.release import decide_release

    release = decide_release(
        open_survey_of(survey),
        release_id,
        is_granted=True,
        person=person_of(person),
        reason=reason,
    )
    typer.echo(_told(release))


@release_app.command("refuse", help=tr("Keep an export back.", "拒绝放行。"))
def release_refuse(
    release_id: IdArgument,
    reason: WhyOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.secrecy.release import decide_release

    release = decide_release(
        open_survey_of(survey),
        release_id,
        is_granted=False,
        person=person_of(person),
        reason=reason,
    )
    typer.echo(_told(release))


@roles_app.command("grant", help=tr("Give a person a role.", "授予角色。"))
def roles_grant(
    name: NameArgument,
    role: Role,
    reason: WhyOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.secrecy.roles import grant_role

    who = person_of(person)
    typer.echo(_held(grant_role(open_survey_of(survey), name, role, person=who, reason=reason)))


@roles_app.command("withdraw", help=tr("Take a role from a person.", "撤销角色。"))
def roles_withdraw(
    name: NameArgument,
    role: Role,
    reason: WhyOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.secrecy.roles import withdraw_role

    who = person_of(person)
    typer.echo(_held(withdraw_role(open_survey_of(survey), name, role, person=who, reason=reason)))


@roles_app.command(
    "list",
    help=tr(
        "Who holds and held which role. Names are as typed, there are no passwords: the log says "
        "who answered for what.",
        "列出角色。姓名以输入为准,没有密码验证;日志记录由谁负责。",
    ),
)
def roles_list(survey: SurveyOption = None) -> None:
    from species_db.secrecy.roles import read_roles

    with open_survey_of(survey).reading() as session:
        roles = read_roles(session)
    for one in roles:
        typer.echo(_held(one))
    if not roles:
        typer.echo(
            tr(
                "No role was granted yet; the person who started the survey grants the first.",
                "尚未授予任何角色;首个角色由建立本调查的人授予。",
            )
        )


@roles_app.command("look", help=tr("Open one exact place, logged.", "查看一个精确位置(记入日志)。"))
def roles_look(
    station: str,
    reason: WhyOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.secrecy.roles import view_exact_place

    who = person_of(person)
    place = view_exact_place(open_survey_of(survey), station, person=who, reason=reason)
    height = "" if place.elevation_m is None else f", {place.elevation_m:g} m"
    typer.echo(
        f"{place.location_id}: {place.latitude} N, {place.longitude} E "
        f"± {place.coordinate_uncertainty_m} m{height}"
    )


def _told(release: "Release") -> str:
    """What a second person must see to decide: what, how coarse, for whom, why."""
    request = json.loads(release.request)
    rows = ", ".join(f"{name} {count:,}" for name, count in request["rows"].items())
    places = ", ".join(f"{count} x {how}" for how, count in request.get("places", {}).items())
    lines = (
        f"{release.release_id}  {release.state}  {request.get('format', '')}",
        tr(
            f"  asked by {release.asked_by}, for {release.recipient}: {release.purpose}",
            f"  申请人 {release.asked_by},接收方 {release.recipient},用途:{release.purpose}",
        ),
        tr(f"  rows: {rows}; places: {places}", f"  行数:{rows};地点:{places}"),
        tr(f"  fingerprint {release.fingerprint}", f"  指纹 {release.fingerprint}"),
    )
    decided = tr(
        f"  decided by {release.decided_by}. {release.reason}",
        f"  处理人 {release.decided_by}。{release.reason}",
    )
    return "\n".join((*lines, decided) if release.decided_by else lines)


def _held(one: "PersonRole") -> str:
    told = f"{one.person}  {one.role}  " + tr(
        f"granted by {one.granted_by}: {one.reason}", f"授予人 {one.granted_by}:{one.reason}"
    )
    if one.withdrawn_at is None:
        return told
    return told + tr(f"; withdrawn by {one.withdrawn_by}", f";撤销人 {one.withdrawn_by}")
