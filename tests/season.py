"""A season of forty synthetic cards from Linzhi, with the faults that were planted in each.

Everything follows from the seed: true times from the animals, light from the sun over the station
(by `astral`, not by our own sun), file times from a simulated camera clock. The truth is known for
every file, so that what the survey proposes, and what it corrects, can be held against it.
"""

import math
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from itertools import pairwise
from pathlib import Path

from astral import Observer
from astral.sun import elevation
from scenes import Look, Scene, daylight, with_exif

BEIJING = timezone(timedelta(hours=8))
DAY = timedelta(days=1)
LINZHI = ((29.65, 94.36), (29.33, 95.33), (28.66, 97.47), (29.05, 93.07), (29.86, 95.77))
Clock = Callable[[datetime, int], datetime]  # true local time and number of the file -> shown


@dataclass(frozen=True)
class ClockFault:
    """A stretch of files whose camera time is wrong: what must be added, to the second.

    `cause` is the word a proposal would carry. A drift has another offset at its end. A fault
    `needs_anchor` when nothing but a person's board photo can show it.
    """

    cause: str
    first: int
    last: int
    offset: timedelta
    end_offset: timedelta | None = None
    needs_anchor: bool = False


@dataclass
class Shot:
    """One picture as it was really taken."""

    at: datetime  # true, local
    look: Look = Look.CLEAR
    altitude: float = 0.0
    is_grey: bool = False


@dataclass
class Card:
    """One card: what is on it, and what was planted there."""

    deployment_id: str
    kind: str
    seed: int
    latitude: float
    longitude: float
    start: datetime
    end: datetime
    shots: list[Shot] = field(default_factory=list)
    clock_faults: tuple[ClockFault, ...] = ()
    shown: list[datetime] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    states: dict[date, str] = field(default_factory=dict)  # of days that are not `working`
    unwiped: "Card | None" = None
    torn: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong with its clock or its camera."""
        return not self.clock_faults and not self.states

    @property
    def truth(self) -> dict[str, datetime]:
        """The true instant of every file, by its path on the card."""
        return {
            name: shot.at.astimezone(UTC) for name, shot in zip(self.names, self.shots, strict=True)
        }

    @property
    def boards(self) -> list[tuple[str, datetime]]:
        """The photos of the team's board, with the true time that it shows."""
        pairs = zip(self.names, self.shots, strict=True)
        return [(name, shot.at) for name, shot in pairs if shot.look is Look.BOARD]

    @property
    def days(self) -> list[date]:
        """Local dates from set-up to retrieval."""
        count = (self.end.date() - self.start.date()).days + 1
        return [self.start.date() + number * DAY for number in range(count)]


# --- The forty cards ----------------------------------------------------------------------------


def season(cards: int = 40) -> list[Card]:
    """Plan the season; a smaller one takes the first cards, which hold one of each great kind."""
    planned: list[Card] = []
    for number, (kind, plant, options) in enumerate(PLAN[:cards]):
        card = _card(number, kind, **options)
        plant(card)
        _set_by_hand(card)
        planned.append(card)
    for card in planned:
        if card.kind == "duplicates":
            card.unwiped = next(c for c in planned if c.kind == "clean: crosses New Year")
    return planned


def _card(
    number: int, kind: str, *, winter: bool = False, rate: float = 0.45, night: float = 0.4
) -> Card:
    chance = random.Random(1000 + number)
    latitude, longitude = LINZHI[number % len(LINZHI)]
    first = (
        datetime(2025, 10, 5, tzinfo=BEIJING) if winter else datetime(2026, 4, 8, tzinfo=BEIJING)
    )
    start = first + timedelta(days=chance.randrange(8), hours=chance.uniform(9.5, 16))
    start = start.replace(microsecond=0)
    end = start.replace(hour=chance.randrange(10, 17)) + timedelta(days=chance.randrange(160, 178))
    card = Card(
        f"MT-{number + 1:03d}-{start.year}",
        kind,
        1000 + number,
        round(latitude + chance.uniform(-0.15, 0.15), 5),
        round(longitude + chance.uniform(-0.15, 0.15), 5),
        start,
        end,
    )
    _live(card, chance, rate=rate, night=night)
    _number(card)
    return card


def _live(card: Card, chance: random.Random, *, rate: float, night: float) -> None:
    """Let animals come by: visits by day and night, each a burst of three; boards at both ends."""
    moments = [card.start + timedelta(minutes=2), card.end - timedelta(minutes=3)]
    boards = list(moments)
    for day in card.days[1:-1]:
        for _ in range(_poisson(chance, rate)):
            moments.append(_visit(card, chance, day, night=night))
    moments += _fill(sorted(moments), card, chance, night=night)
    for moment in sorted(moments):
        look = Look.BOARD if moment in boards else Look.CLEAR
        for step in range(1 if moment in boards else 3):
            card.shots.append(_shot(card, moment + timedelta(seconds=step), look, chance))


def _visit(card: Card, chance: random.Random, day: date, *, night: float) -> datetime:
    """A moment of a day when an animal passes: at night, or by day, most around dusk and dawn."""
    wants_night = chance.random() < night
    midnight = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    while True:
        moment = midnight + timedelta(seconds=chance.randrange(86400))
        altitude = _altitude(card, moment)
        if (altitude < -3) == wants_night and chance.random() < 0.4 + 0.6 * math.exp(
            -((altitude / 20) ** 2)
        ):
            return moment


def _fill(
    moments: list[datetime], card: Card, chance: random.Random, *, night: float
) -> list[datetime]:
    """Break long silences, so that a silence is there only if it is planted."""
    added = []
    for sooner, later in pairwise(moments):
        day = sooner.date() + 10 * DAY
        while day < later.date() - DAY:
            added.append(_visit(card, chance, day, night=night))
            day += 10 * DAY
    return added


def _shot(card: Card, at: datetime, look: Look, chance: random.Random) -> Shot:
    """Infrared when the sensor is dark: surely below -6 degrees, surely not above +2."""
    altitude = _altitude(card, at)
    switch = random.Random(f"{card.seed} {at.date()}").uniform(-5, 1)  # one a day: bursts agree
    return Shot(at, look, altitude, is_grey=altitude < switch)


def _altitude(card: Card, at: datetime) -> float:
    return float(elevation(Observer(card.latitude, card.longitude), at, with_refraction=False))


def _poisson(chance: random.Random, rate: float) -> int:
    count, product = 0, chance.random()
    while product > math.exp(-rate):
        count, product = count + 1, product * chance.random()
    return count


def _set_by_hand(card: Card) -> None:
    """Let every clock be as clocks are: set to a minute and a half, and straying a little.

    A second a day is what quartz does in the cold. It is no fault: nobody is to be bothered.
    """
    if any(fault.cause == "drift" for fault in card.clock_faults):
        return
    chance = random.Random(f"{card.seed} clock")
    off, a_day = chance.uniform(-90, 90), chance.uniform(-1, 1)
    resets = [fault.first for fault in card.clock_faults if fault.cause == "reset"]
    since = card.start
    for number, shot in enumerate(card.shots):
        if number in resets:
            since, off = shot.at, 0.0
        card.shown[number] += timedelta(seconds=round(off + a_day * ((shot.at - since) / DAY)))


def _number(card: Card, *, first: int = 1, folder_files: int = 9999) -> None:
    """Name the files as the camera counts, and show its clock right, to the second."""
    card.names = []
    number, folder = first, 100
    for _ in card.shots:
        card.names.append(f"DCIM/{folder}MEDIA/IMG_{number:04d}.JPG")
        number += 1
        if number > folder_files:
            number, folder = 1, folder + 1
    card.shown = [shot.at.replace(tzinfo=None) for shot in card.shots]


# --- What is planted ------------------------------------------------------------------------------


def _nothing(card: Card) -> None:
    pass


def _look(card: Card, first: int, last: int, look: Look, *, state: str | None = None) -> None:
    """Let every picture from one day in the field to another look so."""
    days = card.days[first : last + 1]
    for shot in card.shots:
        if shot.at.date() in days and shot.look is not Look.BOARD:
            shot.look = look
    if state is not None:
        card.states |= dict.fromkeys(days, state)


def _keep(card: Card, wanted: Callable[[Shot], bool]) -> None:
    card.shots = [shot for shot in card.shots if wanted(shot)]
    _number(card)


def _silence(card: Card, first: int, days: int) -> None:
    silent = card.days[first : first + days]
    _keep(card, lambda shot: shot.at.date() not in silent)


def _snowy_day(card: Card) -> None:
    midnight = datetime.combine(card.days[60], datetime.min.time(), tzinfo=BEIJING)
    for hour in (9, 11, 14, 17):
        for step in range(3):
            at = midnight + timedelta(hours=hour, seconds=step)
            card.shots.append(_shot(card, at, Look.CLEAR, random.Random(hour)))
    card.shots.sort(key=lambda shot: shot.at)
    _number(card)
    _look(card, 60, 60, Look.SNOW, state="blocked")


def _twilight(card: Card) -> None:
    """Under a canopy the camera goes to infrared while the sun is still 10 degrees up."""
    for shot in card.shots:
        dark = random.Random(f"{card.seed} canopy {shot.at.date()}").uniform(0, 10)
        shot.is_grey = shot.altitude < dark


def _all_colour(card: Card) -> None:
    """A white flash: the camera takes colour pictures in the deepest night."""
    for shot in card.shots:
        shot.is_grey = False


def _all_grey(card: Card) -> None:
    """The infrared filter sticks: every picture is grey, under the highest sun."""
    for shot in card.shots:
        shot.is_grey = True


def _tested_before(card: Card) -> None:
    """The team tried the camera in the township on the evening before."""
    evening = card.start.replace(hour=20, minute=10) - DAY
    for step in range(4):
        at = evening + timedelta(seconds=20 * step)
        card.shots.insert(step, _shot(card, at, Look.CLEAR, random.Random(step)))
    _number(card)


def _foggy(card: Card) -> None:
    days = {day for day in card.days if random.Random(f"{card.seed} {day}").random() < 0.3}
    for shot in card.shots:
        if shot.at.date() in days and shot.look is Look.CLEAR:
            shot.look = Look.FOG


def _shift(card: Card, cause: str, error: timedelta) -> None:
    """A clock that was set wrong and stayed so: `error` is what it shows too much."""
    card.shown = [shown + error for shown in card.shown]
    last = len(card.shots) - 1
    card.clock_faults += (ClockFault(cause, 0, last, -error),)


def _wrong_year(card: Card, years: int) -> None:
    card.shown = [_in_year(shown, shown.year + years) for shown in card.shown]
    offset = card.shots[0].at.replace(tzinfo=None) - card.shown[0]
    card.clock_faults += (ClockFault("wrong_year", 0, len(card.shots) - 1, offset),)


def _in_year(shown: datetime, year: int) -> datetime:
    return shown.replace(year=year)


def _reset(card: Card, day: int, factory: datetime, *, is_visited: bool) -> None:
    """From a day on the clock counts from its factory time; at a visit the team is in the photo."""
    at = datetime.combine(card.days[day], datetime.min.time(), tzinfo=BEIJING)
    at += timedelta(hours=11, minutes=17)
    if is_visited:
        card.shots.append(_shot(card, at + timedelta(minutes=4), Look.BOARD, random.Random(day)))
        card.shots.sort(key=lambda shot: shot.at)
        _number(card)
    first = next(number for number, shot in enumerate(card.shots) if shot.at >= at)
    for number in range(first, len(card.shots)):
        card.shown[number] = factory + (card.shots[number].at - at)
    offset = at.replace(tzinfo=None) - factory
    card.clock_faults += (ClockFault("reset", first, len(card.shots) - 1, offset),)


def _drift(card: Card, seconds_a_day: float) -> None:
    start = card.shots[0].at
    errors = [
        timedelta(seconds=round(seconds_a_day * ((shot.at - start) / DAY))) for shot in card.shots
    ]
    card.shown = [shown + error for shown, error in zip(card.shown, errors, strict=True)]
    fault = ClockFault("drift", 0, len(card.shots) - 1, -errors[0], -errors[-1], needs_anchor=True)
    card.clock_faults += (fault,)


def _dead_flash(card: Card, day: int, *, is_black: bool) -> None:
    """Night pictures are black from a day on, or the camera does not wake at night at all."""
    dark = set(card.days[day:])
    card.states |= dict.fromkeys(dark, "day_only")
    if not is_black:
        return _keep(card, lambda shot: not (shot.is_grey and shot.at.date() in dark))
    for shot in card.shots:
        if shot.is_grey and shot.at.date() in dark:
            shot.look = Look.UNLIT
    return None


def _dead(card: Card, day: int, state: str = "dead") -> None:
    ended = set(card.days[day:])
    _keep(card, lambda shot: shot.at.date() not in ended)
    card.states |= dict.fromkeys(ended, state)


def _full(card: Card, day: int) -> None:
    """Grass waves before the sensor for two days, until the card is full."""
    _dead(card, day, "full_card")
    storm = datetime.combine(card.days[day - 2], datetime.min.time(), tzinfo=BEIJING)
    storm += timedelta(hours=8)
    for number in range(150):
        shot = _shot(
            card, storm + timedelta(seconds=150 * number), Look.CLEAR, random.Random(number)
        )
        card.shots.append(shot)
    last = datetime.combine(card.days[day - 1], datetime.min.time(), tzinfo=BEIJING)
    for number in range(400):
        at = last + timedelta(hours=8, seconds=60 * number)
        card.shots.append(_shot(card, at, Look.CLEAR, random.Random(number)))
    card.shots.sort(key=lambda shot: shot.at)
    _number(card)


def _torn(card: Card) -> None:
    card.torn = 3


def _roll_over(card: Card, *, first: int, folder_files: int) -> None:
    _number(card, first=first, folder_files=folder_files)


def _both(*plants: Callable[[Card], None]) -> Callable[[Card], None]:
    def plant(card: Card) -> None:
        for one in plants:
            one(card)

    return plant


_snow_days = partial(_look, first=70, last=80, look=Look.SNOW, state="blocked")
_leaf_days = partial(_look, first=90, last=112, look=Look.LEAF, state="blocked")
_turned = partial(_look, first=100, last=400, look=Look.TURNED, state="moved")
_am_pm = partial(_shift, cause="am_pm", error=timedelta(hours=12))
_utc = partial(_shift, cause="zone", error=timedelta(hours=-8))
FACTORY = datetime(2015, 1, 1)
PLAN: list[tuple[str, Callable[[Card], None], dict[str, float | bool]]] = [
    ("clean", _nothing, {}),
    ("clean: crosses New Year", _nothing, {"winter": True, "rate": 0.3}),
    ("clean: no animal at night", _nothing, {"night": 0.0}),
    ("UTC", _utc, {}),
    ("AM/PM", _am_pm, {}),
    ("wrong year", partial(_wrong_year, years=-1), {}),
    ("reset, battery changed", partial(_reset, day=96, factory=FACTORY, is_visited=True), {}),
    ("drift", partial(_drift, seconds_a_day=3.1), {}),
    ("snow", _snow_days, {"rate": 0.7}),
    ("duplicates", _nothing, {}),
    ("clean: 18 days of silence", partial(_silence, first=50, days=18), {}),
    ("clean: one day of snow", _snowy_day, {"winter": True}),
    ("clean: infrared at dawn", _twilight, {}),
    ("clean: fog", _foggy, {}),
    ("clean: few pictures", _nothing, {"rate": 0.05}),
    ("clean: tried the evening before", _tested_before, {"rate": 0.7}),
    ("clean: most at night", _nothing, {"night": 0.9}),
    ("clean: crosses New Year, few", _nothing, {"winter": True, "rate": 0.12}),
    ("clean: filter sticks, all grey", _all_grey, {}),
    ("clean: winter", _foggy, {"winter": True}),
    ("clean: white flash, all colour", _all_colour, {}),
    ("UTC", _utc, {"winter": True}),
    ("AM/PM", partial(_shift, cause="am_pm", error=timedelta(hours=-12)), {"rate": 0.3}),
    ("US pacific zone", partial(_shift, cause="zone", error=timedelta(hours=-16)), {}),
    ("moved, now sees sky", partial(_look, first=85, last=400, look=Look.SKY, state="moved"), {}),
    ("wrong year", partial(_wrong_year, years=1), {}),
    ("reset part-way", partial(_reset, day=120, factory=FACTORY, is_visited=False), {}),
    ("reset part-way", partial(_reset, day=61, factory=datetime(2012, 1, 1), is_visited=False), {}),
    ("reset, battery changed", partial(_reset, day=33, factory=FACTORY, is_visited=True), {}),
    ("drift", partial(_drift, seconds_a_day=-4.4), {"winter": True}),
    ("dead flash, black", partial(_dead_flash, day=80, is_black=True), {"rate": 0.7}),
    ("dead flash, no night", partial(_dead_flash, day=95, is_black=False), {"rate": 0.7}),
    ("leaf", _leaf_days, {"rate": 0.7}),
    ("moved", _turned, {"rate": 0.6}),
    ("dead early", partial(_dead, day=88), {"rate": 0.6}),
    ("full card", partial(_full, day=75), {"rate": 0.2}),
    ("roll-over", partial(_roll_over, first=9950, folder_files=9999), {}),
    ("truncated files", _torn, {}),
    ("mixed: UTC, dead early", _both(partial(_dead, day=130), _utc), {}),
    ("mixed: names again, AM/PM, leaf", _both(
        partial(_roll_over, first=1, folder_files=50), _am_pm, _leaf_days), {"rate": 0.6}),
]  # fmt: skip


# --- Onto disk ------------------------------------------------------------------------------------


def write_card(card: Card, root: Path) -> Path:
    """Write a card's files as its camera did, with their modification times by its clock."""
    folder = root / card.deployment_id
    for name, data, shown in files_of_card(card):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        stamp = shown.replace(tzinfo=BEIJING).timestamp()
        os.utime(path, (stamp, stamp))
    return folder


def files_of_card(card: Card) -> Iterator[tuple[str, bytes, datetime]]:
    """Every file with its bytes and the camera's time; last season's, when it was not wiped."""
    if card.unwiped is not None:
        for name, data, shown in files_of_card(card.unwiped):
            yield name.replace("100MEDIA", "099MEDIA"), data, shown
    scene = Scene(card.seed)
    for number, (name, shot, shown) in enumerate(
        zip(card.names, card.shots, card.shown, strict=True)
    ):
        chance = random.Random(f"{card.seed} {number}")
        light = daylight(shot.altitude)
        data = scene.picture(chance, shot.look, is_grey=shot.is_grey, light=light)
        yield name, with_exif(data, shown, serial=f"SN{card.seed}"), shown
    for number in range(card.torn):
        data = with_exif(data, shown + timedelta(seconds=number + 1), serial="torn")
        yield f"DCIM/100MEDIA/IMG_9{number:03d}.JPG", data[: len(data) // 2], shown
    if card.torn:
        yield "DCIM/100MEDIA/IMG_9900.AVI", b"", shown


def sheet_of(cards: list[Card]) -> str:
    """The field sheet of the season as the team writes it: to ten minutes, up to twenty off."""
    lines = ["deploymentID,locationID,latitude,longitude,deploymentStart,deploymentEnd"]
    for card in cards:
        start, end = _as_written(card, card.start), _as_written(card, card.end)
        place = f"{card.latitude},{card.longitude}"
        lines.append(f"{card.deployment_id},{card.deployment_id[:6]},{place},{start},{end}")
    return "\n".join(lines) + "\n"


def _as_written(card: Card, moment: datetime) -> str:
    off = random.Random(f"{card.seed} {moment}").uniform(-20, 20)
    written = moment + timedelta(minutes=off)
    return written.replace(minute=written.minute // 10 * 10, second=0).isoformat()
