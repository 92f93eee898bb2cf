"""What a detection run tells: how far it is, and at its end what it found and how it looked."""

from dataclasses import dataclass

from ingest.look import Answer
from models.detector import Detector
from models.pixels import Decode
from species_db.language import tr


@dataclass(frozen=True)
class DetectProgress:
    """How far detection has come."""

    done: int
    total: int


@dataclass
class DetectReport:
    """What a run found, in media; a media with an animal and a person counts under both.

    How it looked (engine, precision, decoding, size of the network's input) changes weak boxes, so
    it goes into the log with the rest.
    """

    model: str
    engine: str
    precision: str = ""
    decode: str = ""
    image_size: int = 0
    media: int = 0
    films: int = 0
    animal: int = 0
    human: int = 0
    vehicle: int = 0
    blank: int = 0
    problems: int = 0
    seconds: float = 0.0
    undetected: int = 0

    def count(self, answer: Answer) -> None:
        """Add one answered media."""
        self.media += 1
        self.films += answer.is_film
        labels = {seen.detection.label for seen in answer.seen}
        self.animal += "animal" in labels
        self.human += "person" in labels
        self.vehicle += "vehicle" in labels
        self.blank += not labels

    def details(self) -> dict[str, str | int]:
        """What the log keeps of the run."""
        kept = (
            *("engine", "precision", "decode", "image_size"),
            *("media", "films", "animal", "human", "vehicle", "blank", "problems"),
        )
        return {name: getattr(self, name) for name in kept}

    def as_text(self) -> str:
        """The report for the person who ran it."""
        rate = self.media / self.seconds if self.seconds else 0.0
        photos = self.media - self.films
        return tr(
            f"{photos} photos and {self.films} films looked at by {self.model} ({self.engine}), "
            f"{rate:.1f} a second: "
            f"{self.animal} with animals, {self.human} with people (restricted), "
            f"{self.vehicle} with vehicles, {self.blank} blank; {self.problems} problems; "
            f"{self.undetected} still wait.",
            f"{self.model}（{self.engine}）检测了 {photos} 张照片、{self.films} 段视频，"
            f"每秒 {rate:.1f} 个："
            f"有动物 {self.animal}，有人 {self.human}（已限制查看），有车辆 {self.vehicle}，"
            f"空拍 {self.blank}；问题 {self.problems}；尚待检测 {self.undetected}。",
        )


def report_of(detector: Detector, decode: Decode) -> DetectReport:
    """Begin the report of a run by what looks, and how."""
    return DetectReport(
        model=f"{detector.name} {detector.version}",
        engine=f"{detector.engine}, {detector.image_size} px, {decode} decode",
        precision=detector.precision,
        decode=decode.value,
        image_size=detector.image_size,
    )
