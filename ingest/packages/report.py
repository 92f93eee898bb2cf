"""What became of a package: counts, names, and what a person should know."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from species_db.language import tr


@dataclass
class PackageReport:
    """What was taken from a package, or would be."""

    file: str
    format: str
    format_version: str
    title: str
    package_id: str
    is_dry_run: bool = False
    is_known: bool = False
    """It was taken before, and nothing was added."""
    deployments: int = 0
    stations: int = 0
    media: int = 0
    events: int = 0
    reviewed_events: int = 0
    observations: int = 0
    human: int = 0
    machine: int = 0
    derived: int = 0
    camera_days: int = 0
    taxa: int = 0
    taxa_added: list[str] = field(default_factory=list)
    names_not_scientific: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same for scripts."""
        return asdict(self)

    def as_text(self) -> str:
        """The same for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        name = f"{self.file} ({' '.join(filter(None, (self.format, self.format_version)))})"
        if self.is_known:
            yield tr(
                f"{name} was imported before: nothing was added.",
                f"{name} 此前已导入：未新增内容。",
            )
            return
        if self.is_dry_run:
            yield tr(f"{name}: would be imported", f"{name}：将导入")
        else:
            yield tr(f"{name}: imported", f"{name}：已导入")
        yield tr(
            f"  {self.deployments} deployments at {self.stations} stations, "
            f"{self.camera_days} camera-days stated",
            f"  {self.stations} 个点位的 {self.deployments} 个布设，"
            f"记为工作的相机日 {self.camera_days} 天",
        )
        yield tr(
            f"  {self.media} media, none of them held here",
            f"  {self.media} 个媒体文件（文件本身不在此处）",
        )
        yield tr(
            f"  {self.observations} observations: {self.human} by people, {self.machine} by models",
            f"  {self.observations} 条观测：人工 {self.human} 条，模型 {self.machine} 条",
        )
        yield tr(
            f"  {self.events} events, {self.reviewed_events} of them reviewed by the people named "
            "in the package",
            f"  {self.events} 个事件，其中 {self.reviewed_events} 个由数据包中署名的人员审核",
        )
        if self.derived:
            yield tr(
                f"  {self.derived} statements on events were summed up from what is said of media",
                f"  {self.derived} 条事件级记录由媒体级记录汇总而来",
            )
        yield from self._names()
        yield from (f"  {note}" for note in self.notes)

    def _names(self) -> Iterator[str]:
        added, odd = self.taxa_added, self.names_not_scientific
        if added:
            shown = ", ".join(added[:8]) + (", ..." if len(added) > 8 else "")
            yield tr(
                f"  {self.taxa} taxa; {len(added)} are new to the survey: {shown}",
                f"  {self.taxa} 个分类单元；其中 {len(added)} 个为本调查新增：{shown}",
            )
        if odd:
            shown = ", ".join(odd[:8]) + (", ..." if len(odd) > 8 else "")
            yield tr(
                f"  {len(odd)} names are no scientific names and were taken as they are: {shown}",
                f"  {len(odd)} 个名称不是学名，已原样保留：{shown}",
            )
