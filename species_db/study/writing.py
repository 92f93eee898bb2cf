"""Writing an answer's tables where a person wants them: whole or not at all, and in the log."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from species_db.decisions import Detail, record_decision
from species_db.durable import write_durably
from species_db.export.offering import AsRead, ExportRefused, refuse_if_changed
from species_db.kept_lists import ListKind, Used, keep_used, settle_list
from species_db.language import tr
from species_db.projects.reading import read_project_file
from species_db.secrecy.roles import require_exact_viewer
from species_db.sensitivity import ExactRelease, open_gate, record_release
from species_db.study.answer import Answer, plain_figures
from species_db.study.answers import READS_MACHINE, answer_of
from species_db.study.labelled import labelled
from species_db.study.question import Question
from species_db.study.read import Study, read_study
from species_db.survey import Survey
from species_db.version import VERSION
from species_db.vocabulary import Act

FORMAT = "analysis"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the first that the format knows: archives are alike
ZIP_RIGHTS, ZIP_UNIX = 0o644, 3  # as every computer would write them


@dataclass(frozen=True)
class Written:
    """An answer, and the files that hold it with the SHA-256 of each."""

    answer: Answer
    folder: Path | None
    sha256s: Mapping[str, str]

    def as_text(self) -> str:
        """The answer for the person who asked, with what was written."""
        told = self.answer.as_text()
        if self.folder is None:
            return told
        names = ", ".join(sorted(self.sha256s))
        return (
            told + "\n" + tr(f"Written to {self.folder}: {names}", f"已写入 {self.folder}：{names}")
        )

    def as_json(self) -> str:
        """The answer for scripts."""
        return json.dumps(
            {
                "analysis": self.answer.name,
                "figures": plain_figures(self.answer.figures),
                "summary": list(self.answer.summary),
                "notes": list(self.answer.notes),
                "files": dict(sorted(self.sha256s.items())),
            },
            ensure_ascii=False,
            indent=2,
        )


def analyse(
    survey: Survey,
    name: str,
    question: Question,
    *,
    out: Path | None,
    person: str,
    exact: ExactRelease | None = None,
    **options: object,
) -> Written:
    """Answer a question, write its tables to a folder if one is named, and log that they left.

    Beside the tables stands `<name>.json`: the question, the notes, and what the gate did. Without
    a folder nothing leaves and nothing is logged. `options` are those of one analysis; a project
    may be named by its file.

    Raises:
        StudyError, UnknownTaxonError: the question cannot be answered.
        ExportRefused: a file in the folder is not ours, cannot be written, or the survey changed.
        RoleError: exact places were asked for by somebody without the role.
    """
    with survey.reading() as session:
        gate = open_gate(session, survey.settings, exact=exact)
        if isinstance(options.get("project"), Path):
            options["project"] = read_project_file(session, Path(str(options["project"])))
        study = read_study(session, survey.settings, question, gate=gate)
        if name in READS_MACHINE:
            study = labelled(session, study)
        answer = answer_of(name)(study, **options)
    if out is None:
        return Written(answer, None, {})
    return write_answer(survey, study, answer, out=out, person=person)


def write_answer(
    survey: Survey, study: Study, answer: Answer, *, out: Path, person: str
) -> Written:
    """Write an answer's tables to a folder and log it, or do neither; see `analyse`."""
    folder = out.resolve()
    contents = _files(study, answer)
    _refuse_foreign(folder, contents)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _logged(survey, study, answer, contents, name=folder.name, person=person):
            for name, told in contents.items():
                write_durably(folder / name, told)
    except OSError as error:
        raise ExportRefused(
            tr(
                f"{folder} could not be written: {error.strerror}. Close what has its files open, "
                "or name another folder.",
                f"无法写入 {folder}：{error.strerror}。请关闭正在使用其中文件的程序，"
                "或指定其他文件夹。",
            )
        ) from error
    return Written(answer, folder, _sha256s(contents))


def pack_answer(survey: Survey, study: Study, answer: Answer, *, person: str) -> bytes:
    """Give an answer's files as one zip archive, for a page to hand out, and log it alike.

    The archive is told in the log by the hashes of the files in it, which are those that `analyse`
    writes. Made again from the same survey it has the same bytes: names are in order and times
    fixed.

    Raises:
        ExportRefused: the survey is secret, or changed since it was read.
    """
    contents = _files(study, answer)
    packed = _zipped(contents)
    with _logged(survey, study, answer, contents, name=f"{answer.name}.zip", person=person):
        return packed


def _files(study: Study, answer: Answer) -> dict[str, bytes]:
    """The files of an answer by name.

    Raises:
        ExportRefused: the survey is secret.
    """
    if study.is_secret:
        raise ExportRefused(
            tr(
                "Nothing was written: this survey is secret. Its class is set with 'namcha secrecy "
                "mark survey'.",
                "未写出：本调查为涉密。密级用“namcha secrecy mark survey”设置。",
            )
        )
    contents = {f"{one.name}.csv": one.as_csv().encode("utf-8-sig") for one in answer.tables}
    contents |= {name: text.encode() for name, text in answer.texts.items()}
    contents[f"{answer.name}.json"] = _about(study, answer, contents)
    return contents


def _sha256s(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(told).hexdigest() for name, told in contents.items()}


@contextmanager
def _logged(
    survey: Survey,
    study: Study,
    answer: Answer,
    contents: Mapping[str, bytes],
    *,
    name: str,
    person: str,
) -> Iterator[None]:
    """Log that files leave, in one transaction with whatever lets them out."""
    used_ids = keep_used(survey.folder, _used(answer))
    details: dict[str, Detail] = {
        "format": FORMAT,
        "analysis": answer.name,
        "question": [f"{key}={value}" for key, value in study.question.as_plain().items()],
        "name": name,
        "exact": study.gate.exact is not None,
        "rows": {one.name: len(one.rows) for one in answer.tables},
        "sha256": [f"{digest}  {file}" for file, digest in sorted(_sha256s(contents).items())],
        "used_ids": used_ids,
    }
    with survey.writing() as session:
        refuse_if_changed(session, AsRead(study.last_change))
        if study.gate.exact:
            require_exact_viewer(session, study.gate.exact.person)
            record_release(session, study.gate.exact, subject=FORMAT)
        record_decision(session, Act.EXPORTED, subject=FORMAT, person=person, details=details)
        yield
    settle_list(survey.folder, ListKind.USED, used_ids)


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = ZIP_RIGHTS << 16
            entry.create_system = ZIP_UNIX
            archive.writestr(entry, contents[name])
    return packed.getvalue()


def _about(study: Study, answer: Answer, contents: Mapping[str, bytes]) -> bytes:
    """What stands beside the tables, so that each can be traced and made again."""
    told = {
        "analysis": answer.name,
        "madeBy": f"namcha {VERSION}",
        "question": study.question.as_plain(),
        "rules": study.question.in_words(),
        "asOf": study.gate.today.isoformat(),
        "summary": list(answer.summary),
        "notes": list(answer.notes),
        "figures": plain_figures(answer.figures),
        "dataGeneralizations": study.gate.data_generalizations,
        "informationWithheld": study.gate.information_withheld,
        "sha256": {name: hashlib.sha256(text).hexdigest() for name, text in contents.items()},
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def _used(answer: Answer) -> Used:
    told = {("event", one) for one in answer.event_ids}
    return frozenset(told | {("deployment", one) for one in answer.deployment_ids})


def _refuse_foreign(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Overwrite nothing but earlier files of ours: those that begin as the new ones do.

    Raises:
        ExportRefused: the folder is a file, or holds another file under a name of ours.
    """
    if folder.exists() and not folder.is_dir():
        raise ExportRefused(
            tr(f"{folder} is a file; name a folder.", f"{folder} 是文件；请指定文件夹。")
        )
    for name, told in contents.items():
        path = folder / name
        if path.is_file() and not _begins_alike(path.read_bytes(), told):
            raise ExportRefused(
                tr(
                    f"{path} is no earlier file of ours and stays as it is. Name another folder.",
                    f"{path} 不是此前导出的文件，未作改动。请指定其他文件夹。",
                )
            )


def _begins_alike(there: bytes, told: bytes) -> bool:
    """Whether two files have the same beginning: a first heading, a first key, a first word."""
    begin = re.split(rb"[,:\r\n]", told.lstrip(b"{ \r\n\xef\xbb\xbf"), maxsplit=1)[0]
    return not there or there.lstrip(b"{ \r\n\xef\xbb\xbf").startswith(begin)
