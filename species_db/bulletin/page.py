"""The bulletin as one A4 page that needs no network and runs no script.

The page is in the reader's language throughout, with the headings in the other one as well, small:
two full texts side by side would halve the letters, and the page is read at arm's length.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from species_db.bulletin import words
from species_db.bulletin.parts import Bulletin
from species_db.bulletin.picture import county_map, effort_bars
from species_db.language import Language, speaking, tr
from species_db.version import VERSION
from species_db.vocabulary import Secrecy

PAGE = "page.html"
GENERATOR = "Namcha county bulletin"  # by which a file is known to be ours


@dataclass(frozen=True)
class Room:
    """How many lines of each table the page has room for; the rest is told in a line below it.

    Every line is one line high, whatever it holds, so that the page is always one page.
    """

    protected: int
    fronts: int
    warnings: int = 3
    pressure: int = 4
    noted: int = 3
    advice: int = 3


LINES = 9  # of both tables of species together
LEAST_FRONTS = 3


def room_of(bulletin: Bulletin) -> Room:
    """Share the lines: a short list of invaders leaves more of them to protected species."""
    protected, fronts = len(bulletin.protected.rows), len(bulletin.fronts.rows)
    lines = LINES - bool(bulletin.protected.lists_missing)
    told = min(fronts, max(LEAST_FRONTS, lines - protected))
    return Room(protected=lines - told, fronts=told)


def page_of(bulletin: Bulletin, *, language: Language = "zh") -> str:
    """Draw the page; the same bulletin gives the same bytes on every computer."""
    with speaking(language):
        return _template().render(
            b=bulletin,
            w=words,
            room=room_of(bulletin),
            language=language,
            t=tr,
            other=_other,
            version=VERSION,
            generator=GENERATOR,
            tiles=_tiles(bulletin),
            bars=effort_bars(bulletin.effort.months),
            map=county_map(bulletin.county.code, bulletin.squares),
            is_internal=bulletin.source.secrecy is Secrecy.INTERNAL,
        )


@dataclass(frozen=True)
class _Tile:
    """One large figure with what it is and what it rests on."""

    figure: str
    zh: str
    en: str
    below: str
    is_urgent: bool = False


def _tiles(b: Bulletin) -> tuple[_Tile, ...]:
    """The five figures to be read from afar."""
    return (_effort_tile(b), _protected_tile(b), _front_tile(b), _warning_tile(b), _camera_tile(b))


def _effort_tile(b: Bulletin) -> _Tile:
    now, before = b.effort.now, b.effort.before
    told = tr(f"a year ago {words.days_words(before.camera_days)}",
              f"去年同月 {words.days_words(before.camera_days)}")  # fmt: skip
    figure = words.unknown() if now.camera_days is None else f"{now.camera_days:,}"
    return _Tile(figure, "相机日（约）", "camera-days, about", told)


def _protected_tile(b: Bulletin) -> _Tile:
    now = b.protected.now
    first = sum(row.level == "I" for row in now)
    told = tr(f"class I {first}, class II {len(now) - first}",
              f"一级 {first}，二级 {len(now) - first}")  # fmt: skip
    none = tr("none that may be told", "无可公布的记录")
    figure = str(len(now)) if now else words.NOTHING
    return _Tile(figure, "重点保护物种", "protected species", told if now else none)


def _front_tile(b: Bulletin) -> _Tile:
    fronts = b.fronts
    is_known = bool(fronts.visits or fronts.new_places)
    told = tr(f"controls to revisit: {fronts.due}", f"待回访防控 {fronts.due} 次")
    if not is_known:
        told = tr("no search on foot", "本月无野外搜寻")
    figure = str(fronts.new_places) if is_known else words.unknown()
    return _Tile(figure, "入侵物种新地点", "new invader places", told, fronts.new_places > 0)


def _warning_tile(b: Bulletin) -> _Tile:
    told = tr(f"{b.warnings.overdue} overdue", f"其中逾期 {b.warnings.overdue}")
    return _Tile(str(b.warnings.open), "未结预警", "open warnings", told, b.warnings.overdue > 0)


def _camera_tile(b: Bulletin) -> _Tile:
    cameras = b.cameras
    told = tr(f"of {cameras.in_field} in the field", f"在野外 {cameras.in_field} 台")
    figure = str(cameras.to_service) if cameras.in_field else words.unknown()
    if not cameras.in_field:
        told = tr("no camera in the field", "本月无相机在野外")
    return _Tile(figure, "待检修相机", "cameras to service", told, cameras.to_service > 0)


def _other(english: str, chinese: str) -> str:
    """The same words in the language that the page is not in."""
    return tr(chinese, english)


@cache
def _template() -> Template:
    environment: Any = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("species_db.bulletin").joinpath(PAGE).read_text(encoding="utf-8")
    template: Template = environment.from_string(text)
    return template
