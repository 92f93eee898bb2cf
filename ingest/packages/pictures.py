"""Tables with a line for each thing seen on a picture: each picture is an event of its own.

Such tables come of camtrapR, Timelapse and Camelot. Nobody grouped the pictures when they were
classified, so nothing is grouped here: figures count independent events from them as from any.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ingest.packages.facts import PackageMedia, PackageObservation, Where
from ingest.packages.lines import Moment
from species_db.vocabulary import ObservationLevel, ObservationType

MEDIATYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
MEDIATYPES |= {".mp4": "video/mp4", ".avi": "video/x-msvideo", ".mov": "video/quicktime"}
BLANK = frozenset({"blank", "empty", "none", "nothing", "no animal", "false trigger", "ghost",
                   "空拍", "空"})  # fmt: skip
PEOPLE = frozenset({"human", "humans", "person", "people", "homo sapiens", "人", "人员"})
VEHICLES = frozenset({"vehicle", "vehicles", "car", "truck", "motorcycle", "车辆", "车"})
UNKNOWN = frozenset({"unknown", "unidentified", "unidentifiable", "no_id", "noid", "?", "未知"})
ANIMAL = frozenset({"animal", "unknown animal", "unidentified animal", "动物"})
TEAM = frozenset({"setup", "set-up", "set up", "retrieval", "调试"})


def type_of_word(word: str) -> tuple[ObservationType, str, str]:
    """What a word in a species column stands for: the type, the taxon's name, and a set-up shot.

    >>> type_of_word("Empty")[0].value, type_of_word("Muntiacus vaginalis")[1]
    ('blank', 'Muntiacus vaginalis')
    """
    plain = " ".join(word.casefold().split())
    for words, type_ in (
        (BLANK, ObservationType.BLANK),
        (PEOPLE, ObservationType.HUMAN),
        (VEHICLES, ObservationType.VEHICLE),
        (UNKNOWN, ObservationType.UNKNOWN),
        (ANIMAL, ObservationType.ANIMAL),
    ):
        if plain in words:
            return type_, "", ""
    if plain in TEAM:
        return ObservationType.UNKNOWN, "", "setup"
    return ObservationType.ANIMAL, " ".join(word.split()), ""


@dataclass
class Pictures:
    """Collects the pictures of a table and what is said of them."""

    offset_seconds: int
    media: dict[str, PackageMedia] = field(default_factory=dict)
    observations: list[PackageObservation] = field(default_factory=list)

    def picture(
        self,
        *,
        media_id: str,
        deployment_id: str,
        at: Moment | None,
        path: str,
        where: Where,
        other: Mapping[str, str] | None = None,
    ) -> None:
        """Note a picture; a table names it again for each animal on it."""
        name = PurePosixPath(path.replace("\\", "/")).name or media_id
        self.media.setdefault(
            media_id,
            PackageMedia(
                media_id=media_id,
                deployment_id=deployment_id,
                timestamp=at.at if at else None,
                offset_seconds=at.offset_seconds if at else self.offset_seconds,
                is_offset_told=bool(at and at.is_told),
                path=path,
                file_name=name,
                mediatype=MEDIATYPES.get(PurePosixPath(name).suffix.lower(), "image/jpeg"),
                where=where,
                event_id=media_id,
                other=other or {},
            ),
        )

    def say(
        self,
        media_id: str,
        word: str,
        *,
        where: Where,
        observation_id: str = "",
        count: int | None = None,
        sex: str = "",
        life_stage: str = "",
        individual_id: str = "",
        behavior: str = "",
        classified_by: str = "",
        comments: str = "",
        other: Mapping[str, str] | None = None,
    ) -> None:
        """Note what a person says is on a picture."""
        media = self.media[media_id]
        type_, taxon, setup = type_of_word(word)
        parts = (media_id, word, individual_id, sex, life_stage)
        counted = (ObservationType.ANIMAL, ObservationType.HUMAN, ObservationType.VEHICLE)
        self.observations.append(
            PackageObservation(
                observation_id=observation_id or " ".join(filter(None, parts)),
                deployment_id=media.deployment_id,
                level=ObservationLevel.EVENT,
                type=type_.value,
                where=where,
                event_id=media_id,
                start=media.timestamp,
                end=media.timestamp,
                taxon=taxon,
                count=count if type_ in counted else None,
                setup=setup,
                life_stage=LIFE_STAGES.get(life_stage.casefold(), ""),
                sex=SEXES.get(sex.casefold(), ""),
                behavior=behavior,
                individual_id=individual_id,
                classified_by=classified_by,
                comments=comments,
                other=other or {},
            )
        )


LIFE_STAGES = {"adult": "adult", "subadult": "subadult", "sub-adult": "subadult"}
LIFE_STAGES |= {"juvenile": "juvenile", "young": "juvenile", "成体": "adult", "幼体": "juvenile"}
SEXES = {"female": "female", "f": "female", "male": "male", "m": "male", "雌": "female"}
SEXES |= {"雄": "male"}
