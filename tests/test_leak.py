"""The leak test: no attack on everything public finds a sensitive place better than its cell.

A place's cell is 0.1 degrees wide. Who knows nothing more guesses its middle. An attack is a leak

- when its guesses lie on average nearer to the truth than nine tenths of what the middles give:
  over all sensitive places, with the middle wherever it has no guess, or over those it speaks of
  if these are three or more (luck stays above that: without knowledge the middle is the best guess,
  and any other point of a cell is worse on average), or
- when it finds any single place within a tenth of the cell's half diagonal (726 m) and twice as
  well as the middle does, or
- when it excludes part of a cell for certain and the place is in the rest.

Sensitive are the stations and walks where class I was ever recorded before the first export, and
what shares a plot with one: by the truth, not by what the gate believes. Each attack has a planted
leak that it must catch.

Three things are no part of the promise, because no gate can keep it: what was published of a place
before class I was found there; that cameras stand in valleys, which are on every map; and who
follows one herd or one dog from camera to camera by the minute of its pictures.
"""

import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from statistics import fmean
from typing import Any

import leak_attack
import pytest
from leak_attack import ATTACKS, CERTAIN, Guesses, Loot, metres, read_loot
from leak_outputs import (
    draw_map,
    write_analyses,
    write_bulletins,
    write_digest,
    write_list,
    write_pack,
    write_pages,
    write_recognitions,
)
from leak_survey import (
    PHOTO,
    RENAMED,
    TODAY,
    WITHHELD,
    Truth,
    add_later_record,
    banner_text,
    build,
    county_of,
    elevation_m,
    frame,
    is_valley,
    part_of_cell,
)
from sqlmodel import select

from species_db.evaluation import basis, contents, maps
from species_db.export import descriptor, occurrence_rows, outgoing_image, pictures
from species_db.export.camtrap_dp import export_camtrap_dp
from species_db.export.camtrap_rows import CamtrapRows
from species_db.export.megadetector import AtTheDesk, PathStyle
from species_db.export.occurrence_rows import OccurrenceRows
from species_db.export.occurrences import export_occurrences
from species_db.invasive import picture
from species_db.places import COUNTIES
from species_db.sensitivity import (
    ExactRelease,
    Gate,
    SensitivitySettings,
    generalise_place,
    open_gate,
    places,
)
from species_db.sensitivity import gate as gate_module
from species_db.survey import DATABASE_FILE, Survey, SurveySettings, create_survey, open_survey
from species_db.tables import CameraStation, Event, Media
from species_db.vocabulary import Sensitivity
from species_db.wildlife.gathered import read_shared
from species_db.wildlife.reach import reach_of
from species_db.wildlife.release import ReleasedPage

HALF_DIAGONAL_M = 7_260  # of a cell of 0.1 degrees at 29.5 north
BETTER_THAN_CELL = 0.9
PINNED_M = HALF_DIAGONAL_M / 10
FLOOR_REACH_M = 1570  # nearer than this, two places are one
ALONE = "GEDANG-06-2026"
EVERYTHING = frozenset(
    {"package", "photos", "tables", "alone", "map", "pages", "digest", "list", "analysis"}
    | {"bulletins", "pack", "recognitions"}
)
HASH = re.compile(rb"[0-9a-f]{64}")  # of a snapshot, which nobody outside has


@dataclass(frozen=True)
class Scene:
    """The survey, the truth, and what left it before and after the later record."""

    survey: Survey
    truth: Truth
    ids: dict[str, set[str]]
    """The ids under which each station may have left."""
    before: Loot
    now: Loot


@dataclass(frozen=True)
class Score:
    """How well an attack did."""

    mean_m: float
    middle_m: float
    pinned: tuple[str, ...]
    spoken_share: float
    """Mean error over the places spoken of, as a share of what the middles give; 1 below three."""
    is_certain_and_right: bool

    @property
    def is_leak(self) -> bool:
        """Tell whether any place was found better than its cell."""
        share = min(self.mean_m / self.middle_m, self.spoken_share)
        is_better = share < BETTER_THAN_CELL
        return is_better or bool(self.pinned) or self.is_certain_and_right


def loot(survey: Survey, truth: Truth, folder: Path, parts: frozenset[str] = EVERYTHING) -> Loot:
    """Write public outputs and read them as an outsider."""
    if "package" in parts:
        photos = "photos" in parts
        export_camtrap_dp(
            survey, folder / "package", person="Tashi", with_media=photos, today=TODAY
        )
    if "alone" in parts:
        others = {f"{one}-2026" for one in truth.names} - {ALONE}
        export_camtrap_dp(survey, folder / "alone", person="Tashi", exclude=others, today=TODAY)
    if "tables" in parts:
        write = export_occurrences
        write(survey, folder / "occurrences.csv", person="Tashi", today=TODAY)
        write(survey, folder / "occurrences_zh.csv", person="Tashi", headers="zh", today=TODAY)
    if "map" in parts:
        draw_map(survey, truth, folder)
    if "pages" in parts:
        write_pages(survey, truth, folder / "pages")
    if "digest" in parts:
        write_digest(survey, folder / "digest")
    if "list" in parts:
        write_list(survey, folder / "list")
    if "pack" in parts:
        write_pack(survey, truth, folder)
    if "analysis" in parts:
        write_analyses(survey, folder / "analysis")
    if "recognitions" in parts:
        write_recognitions(survey, folder)
    if "bulletins" in parts:
        write_bulletins(survey, folder / "bulletins")
    gazetteer = {name: truth.points[one] for one, name in truth.names.items()} | truth.points
    gazetteer |= {plot: truth.points[one] for one, plot in truth.plots.items()}
    files = read_loot(folder)
    return Loot(files, gazetteer, elevation_m, is_valley, part_of_cell, frame, banner_text, PHOTO)


def score(scene: Scene, guesses: Guesses, *, is_certain: bool = False) -> Score:
    """Compare guesses with the truth."""
    errors, middles, pinned, spoken = [], [], [], []
    for one in scene.truth.sensitive():
        at = scene.truth.points[one]
        middle = round(at[0], 1), round(at[1], 1)
        guess = next((guesses[key] for key in scene.ids[one] if key in guesses), None)
        usual = metres(middle, at)
        error = usual if guess is None else metres(guess, at)
        errors.append(error)
        middles.append(usual)
        if guess is not None:
            spoken.append((error, usual))
        if error < min(PINNED_M, usual / 2):
            pinned.append(one)
    over_spoken = fmean(e for e, _ in spoken) / fmean(u for _, u in spoken) if spoken else 1.0
    return Score(
        mean_m=fmean(errors),
        middle_m=fmean(middles),
        pinned=tuple(pinned),
        spoken_share=over_spoken if len(spoken) >= 3 else 1.0,
        is_certain_and_right=is_certain
        and any(error < BETTER_THAN_CELL * usual for error, usual in spoken),
    )


def attack(scene: Scene, name: str, now: Loot, before: Loot | None = None) -> Score:
    """Run one attack."""
    found = ATTACKS[name](now, before or now)
    return score(scene, found, is_certain=name in CERTAIN)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One survey for all attacks; nothing in this file changes it afterwards."""
    folder = tmp_path_factory.mktemp("leak")
    survey = create_survey(folder / "survey", SurveySettings(title="Survey"))
    truth = build(survey)
    before = loot(survey, truth, folder / "before", EVERYTHING - {"photos"})
    add_later_record(survey, truth)
    now = loot(survey, truth, folder / "now")
    with survey.reading() as session:
        gate = open_gate(session, survey.settings, today=TODAY)
    ids = {
        one: {
            one,
            f"{one}-2026",
            gate.key("station", one),
            gate.key("deployment", f"{one}-2026"),
            gate.key("record", one),
        }
        for one in truth.points
    }
    yield Scene(survey, truth, ids, before, now)
    survey.close()


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_finds_a_place_better_than_its_cell(scene: Scene, name: str) -> None:
    """All public files of two exports together tell no sensitive place better than its cell."""
    found = attack(scene, name, scene.now, scene.before)
    print(name, found)
    assert not found.is_leak, f"{name}: {found}"


def test_the_scene_is_worth_attacking(scene: Scene) -> None:
    """Class I is on every trail, most other stations are told well, and pictures leave."""
    places_told = scene.now.coarse
    assert len(scene.truth.sensitive()) >= 10
    assert all(scene.ids[one] & set(places_told) for one in scene.truth.sensitive())
    assert len(scene.now.fine) >= 25
    assert len(scene.now.photos) >= 30
    assert len(scene.now.occurrences) == len(scene.now.chinese) >= 100
    assert RENAMED in scene.truth.sensitive()
    bulletins = [told for name, told in scene.now.files.items() if name.startswith("bulletins/")]
    assert sum(told.count(b'"has_cameras": true') for told in bulletins) >= 10


# --- planted leaks: each attack must catch one ----------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch, Scene], None]


def _station_of(rows: OccurrenceRows, event: Event) -> CameraStation:
    return rows.records.stations[rows.records.deployments[event.deployment_id].location_id]


def _remark_with_degrees(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    where = OccurrenceRows._where

    def telling(self: OccurrenceRows, event: Event, place: Any) -> dict[str, str]:
        at = _station_of(self, event)
        told = where(self, event, place)
        return told | {"habitat": f"forest, {at.latitude:.5f} N {at.longitude:.5f} E"}

    patch.setattr(OccurrenceRows, "_where", telling)


def _open_notes(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(Gate, "notes", lambda self, text: text)


def _open_words(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(Gate, "words", lambda self, text: text)


def _finer_table(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    """Only the table is written with it: the package stays as coarse as it was."""

    def finer(self: Gate, station: CameraStation) -> Any:
        return generalise_place(
            station.latitude,
            station.longitude,
            uncertainty_m=30,
            elevation_m=None,
            settings=self.settings,
        )

    patch.setattr(Gate, "place", finer)


def _finer_map(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    def finer(self: Gate, seen: Any) -> Any:
        return generalise_place(
            seen.latitude,
            seen.longitude,
            uncertainty_m=30,
            elevation_m=None,
            settings=self.settings,
        )

    patch.setattr(Gate, "map_point", finer)


def _names_in_force_only(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    strictest_by_node = places._strictest_by_node

    def forgetful(*read: Any) -> dict[Any, Sensitivity]:
        found = strictest_by_node(*read)
        return {node: one for node, one in found.items() if node[1] != RENAMED}

    patch.setattr(places, "_strictest_by_node", forgetful)


def _new_ids_only(patch: pytest.MonkeyPatch, scene: Scene) -> None:
    _finer_table(patch, scene)
    key = Gate.key
    patch.setattr(
        Gate, "key", lambda self, kind, own: key(self, kind, own if kind == "event" else own + "2")
    )


def _jitter(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    released, dice = Gate._released, random.Random(1)

    def jittered(self: Gate, point: Any, **how: Any) -> Any:
        place = released(self, point, **how)
        if place.coordinate_precision != Decimal("0.1"):
            return place
        moved = [Decimal(f"{value + dice.uniform(-0.05, 0.05):.1f}") for value in point]
        return replace(place, latitude=moved[0], longitude=moved[1])

    patch.setattr(Gate, "_released", jittered)


def _exact_dates(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(Gate, "period", lambda self, place, start, end, *, offset_seconds: (start, end))


def _effort_of_coarse_stations(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr("species_db.study.facts.is_by_month", lambda category: False)


def _team_and_patrols(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr("species_db.export.withholding._passing", lambda *read: set())


def _desk_times(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(Gate, "desk_time", lambda self, instant, *, offset_seconds: instant)


def _own_observation_ids(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    key = Gate.key
    patch.setattr(
        Gate,
        "key",
        lambda self, kind, own: own if kind == "observation" else key(self, kind, own),
    )


def _rows_by_own_ids(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    def unsorted(self: CamtrapRows) -> list[Any]:
        known = sorted(self.records.deployments.items())
        return [self._deployment(deployment) for _, deployment in known]

    patch.setattr(CamtrapRows, "deployments", unsorted)


def _card_file_names(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(Gate, "notes", lambda self, text: text if text.startswith("IMG_") else "")


def _named_anew(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    def anew(self: Gate, text: str) -> str:
        common = re.sub(r"^plot:[^|]*\| |\d", "", text)
        return self.pseudonym("word", common) if text else ""

    patch.setattr(Gate, "notes", anew)


def _camera_ids(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(Gate, "about", lambda self, place, text: text)


def _true_box(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    rows: list[CameraStation] = []
    deployment = CamtrapRows._deployment

    def watched(self: CamtrapRows, one: Any) -> Any:
        rows.append(self.records.stations[one.location_id])
        return deployment(self, one)

    def box(_package: Any, _gate: Any) -> dict[str, Any]:
        south, north = (pick(one.latitude for one in rows) for pick in (min, max))
        west, east = (pick(one.longitude for one in rows) for pick in (min, max))
        rows.clear()
        return {"type": "Polygon", "coordinates": [[[west, south], [east, north], [west, south]]]}

    patch.setattr(CamtrapRows, "_deployment", watched)
    patch.setattr(descriptor, "_spatial", box)


def _true_side_of_30(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    def sided(latitude: float, longitude: float, **how: Any) -> Any:
        place = generalise_place(latitude, longitude, **how)
        if place.coordinate_precision != Decimal("0.1"):
            return place
        return replace(place, coordinate_uncertainty_m=30 + (15_691 if latitude < 30 else 14_697))

    patch.setattr(gate_module, "generalise_place", sided)


def _original_files(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(pictures, "outgoing_image", lambda data, **how: data)


def _printed_bar(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(outgoing_image, "_mask", lambda picture, banner: None)


def _fine_cellmates(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(places, "share_cells", lambda by_node, points, *, settings: by_node)


def _own_names(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(Gate, "place_name", lambda self, kind, own_id: own_id)


def _points_in_a_page(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    as_json = ReleasedPage.as_json

    def telling(self: ReleasedPage) -> dict[str, object]:
        stations = _scene.truth.points
        return as_json(self) | {"points": [list(stations[one]) for one in sorted(stations)]}

    patch.setattr(ReleasedPage, "as_json", telling)


def _ungated_map(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    exact = ExactRelease("Tashi", "a map of our own")
    patch.setattr(picture, "open_gate", lambda s, how: open_gate(s, how, exact=exact))
    patch.setattr(picture, "_middle", lambda degrees: degrees)


def _points_in_a_pack(patch: pytest.MonkeyPatch, scene: Scene) -> None:
    about = contents._about

    def telling(report: Any) -> dict[str, str]:
        told = {one: f"{at[0]:.5f}, {at[1]:.5f}" for one, at in scene.truth.points.items()}
        return about(report) | {"stations": "; ".join(sorted(told.values()))}

    patch.setattr(contents, "_about", telling)


def _ungated_pack(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    exact = ExactRelease("Tashi", "a pack of our own")
    patch.setattr(
        basis, "open_gate", lambda s, how, **day: open_gate(s, how, **day | {"exact": exact})
    )
    patch.setattr(maps, "round_to_cell", lambda degrees, side: Decimal(repr(degrees)))


def _county_of_sheet(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    patch.setattr(Gate, "county", lambda self, place, code: code)


def _named_anew_beside_fine_ones(patch: pytest.MonkeyPatch, scene: Scene) -> None:
    """Groups betray a place where its neighbours are told well; cells alone hide them here."""
    _named_anew(patch, scene)
    _fine_cellmates(patch, scene)


def _camera_ids_beside_fine_ones(patch: pytest.MonkeyPatch, scene: Scene) -> None:
    _camera_ids(patch, scene)
    _fine_cellmates(patch, scene)


def _ungated_bulletin(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    """The little map of a bulletin drawn around true points."""
    exact = ExactRelease("Tashi", "a bulletin of our own")
    ground, squares = "species_db.bulletin.ground", "species_db.bulletin.squares"
    patch.setattr(f"{ground}.open_gate", lambda s, how, today: open_gate(s, how, exact=exact))
    patch.setattr(f"{squares}.round_to_cell", lambda degrees, _: Decimal(repr(degrees)))


def _points_in_a_bulletin(patch: pytest.MonkeyPatch, scene: Scene) -> None:
    """The JSON of a bulletin with where its cameras stand."""
    points = [list(scene.truth.points[one]) for one in sorted(scene.truth.points)]
    patch.setattr("leak_outputs.as_json", lambda told: {"points": points})


def _answers_for_the_desk(patch: pytest.MonkeyPatch, _scene: Scene) -> None:
    """The file that names cards and stations as they are, given to others."""
    desk = AtTheDesk(paths=PathStyle.CARD)
    patch.setattr("leak_outputs.ForOthers", lambda today: desk)


PACKAGE, TABLES = frozenset({"package"}), frozenset({"package", "tables"})
PHOTOS = frozenset({"package", "photos"})
PLANTED: list[tuple[str, Plant, frozenset[str]]] = [
    ("written_degrees", _remark_with_degrees, frozenset({"tables"})),
    ("names", _open_notes, PACKAGE),
    ("names", _open_words, PACKAGE),
    ("finest_anywhere", _finer_table, frozenset({"tables"})),
    ("finest_anywhere", _finer_map, frozenset({"map"})),
    ("finest_anywhere", _names_in_force_only, PACKAGE),
    ("finest_by_time", _new_ids_only, frozenset({"tables"})),
    ("averages", _jitter, frozenset({"package", "tables", "map"})),
    ("set_up_walk", _exact_dates, PACKAGE),
    ("effort_by_day", _effort_of_coarse_stations, frozenset({"package", "analysis"})),
    ("take_down_walk", _exact_dates, TABLES),
    ("first_pictures", _team_and_patrols, PACKAGE),
    ("passers_by", _team_and_patrols, PACKAGE),
    ("desk_order", _desk_times, PACKAGE),
    ("running_ids", _own_observation_ids, PACKAGE),
    ("row_order", _rows_by_own_ids, PACKAGE),
    ("file_names", _card_file_names, PACKAGE),
    ("shared_groups", _named_anew_beside_fine_ones, PACKAGE),
    ("shared_cameras", _camera_ids_beside_fine_ones, PACKAGE),
    ("shared_ground", _named_anew_beside_fine_ones, PACKAGE),
    ("bounding_box", _true_box, frozenset({"package", "alone"})),
    ("uncertainty", _true_side_of_30, PACKAGE),
    ("metadata", _original_files, PHOTOS),
    ("banners", _printed_bar, PHOTOS),
    ("gap_in_a_line", _fine_cellmates, PACKAGE),
    ("loose_words", _own_names, frozenset({"package", "digest"})),
    ("loose_words", _own_names, frozenset({"package", "pages"})),
    ("loose_words", _points_in_a_page, frozenset({"package", "pages"})),
    ("loose_words", _answers_for_the_desk, frozenset({"package", "recognitions"})),
    ("drawn_map", _ungated_map, frozenset({"package", "map"})),
    ("drawn_map", _ungated_pack, frozenset({"package", "pack"})),
    ("loose_words", _points_in_a_pack, frozenset({"package", "pack"})),
    ("loose_words", _points_in_a_bulletin, frozenset({"package", "bulletins"})),
    ("drawn_map", _ungated_bulletin, frozenset({"package", "bulletins"})),
    ("county_border", _county_of_sheet, TABLES),
]


@pytest.mark.parametrize(
    ("name", "plant", "parts"),
    PLANTED,
    ids=[f"{name}{plant.__name__}-{len(parts)}" for name, plant, parts in PLANTED],
)
def test_a_planted_leak_is_caught(
    scene: Scene,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    plant: Plant,
    parts: frozenset[str],
) -> None:
    """Open the gate in one way, and the attack that goes that way finds a place."""
    plant(monkeypatch, scene)
    leaking = loot(scene.survey, scene.truth, tmp_path, parts)
    if name == "finest_by_time":  # an earlier export under other ids
        found = attack(scene, name, scene.now, leaking)
    else:
        found = attack(scene, name, leaking)
    assert found.is_leak, f"{name}: {found}"


def test_every_attack_has_a_planted_leak() -> None:
    """An attack that never caught anything proves nothing."""
    assert {name for name, _, _ in PLANTED} == set(ATTACKS)


# --- elevation, and places withheld altogether ----------------------------------------------------


def valley_left(scene: Scene, now: Loot) -> float:
    """What share of the valley in their cells the altitude band leaves, over sensitive places."""
    left = leak_attack.terrain_left(now)
    shares = []
    for one in scene.truth.sensitive():
        key = next((key for key in scene.ids[one] if key in left), None)
        if key is None:  # made on foot: tells no altitude
            continue
        shares.append(len(left[key]) / len(leak_attack.valley_points(now, now.coarse[key])))
    return fmean(shares)


def test_the_altitude_band_leaves_the_valley(scene: Scene) -> None:
    """A band of 1000 m is not free: what it costs here is known, and may not grow.

    Where walls rise 400 m a kilometre aside and the river 45 m a kilometre along, a quarter of a
    cell fits its band (26 %; of 200 m: 6 %), and nine tenths of the cell's valley floor (92 %; of
    200 m: 35 %); where the band's edge crosses the floor, 39 %. Who knows the valley from the map
    comes nearer by an eighth with the band (2242 m for 2573 m). Only no elevation would be free.
    """
    assert valley_left(scene, scene.now) > 0.85
    guesses = leak_attack.terrain(scene.now, scene.now)
    by_map = score(scene, leak_attack.valley(scene.now))
    assert score(scene, guesses).mean_m > 0.8 * by_map.mean_m


def test_a_narrow_altitude_band_is_caught(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A band of 200 m at a coarse place leaves a third of its valley: that is too little."""
    at = SensitivitySettings.at
    monkeypatch.setattr(
        SensitivitySettings,
        "at",
        lambda self, category: replace(at(self, category), elevation_band_m=200),
    )
    leaking = loot(scene.survey, scene.truth, tmp_path, PACKAGE)
    assert valley_left(scene, leaking) < 0.5


def traces(scene: Scene, now: Loot) -> list[str]:
    """Files in which any id of the withheld station, its deployment, events or media stands."""
    with scene.survey.reading() as session:
        gate = open_gate(session, scene.survey.settings, today=TODAY)
        deployment_id = f"{WITHHELD}-2026"
        events = session.exec(select(Event).where(Event.deployment_id == deployment_id)).all()
        media = session.exec(select(Media).where(Media.deployment_id == deployment_id)).all()
    own = [*scene.ids[WITHHELD], *(item.media_id for item in media)]
    own += [item.sha256 for item in media] + [gate.key("event", e.event_id) for e in events]
    own.append(gate.key("plot", scene.truth.plots[WITHHELD])[:8])  # by which pages call a plot
    tied = {own_id for own_id in own if own_id}
    found = []
    for name, content in now.files.items():
        events_may_stand = name.startswith(("occurrences", "pages/"))
        keys = tied - {gate.key("event", e.event_id) for e in events} if events_may_stand else tied
        if any(key.encode() in content or key in name for key in keys):
            found.append(name)
    return found


def test_a_withheld_place_leaves_nothing_to_join(scene: Scene) -> None:
    """Not in the package at all; in table and page its county and month, tied to nothing."""
    assert traces(scene, scene.now) == []


def test_a_tie_to_a_withheld_place_is_caught(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that keeps its station's id lets all rows of the place be joined."""
    monkeypatch.setattr(occurrence_rows, "_untied", lambda row: {})
    leaking = loot(scene.survey, scene.truth, tmp_path, frozenset({"tables"}))
    assert set(traces(scene, leaking)) == {"occurrences.csv", "occurrences_zh.csv"}


# --- whatever is written: another place in the same cell gives the same bytes ---------------------

TOLD = frozenset({"package", "tables", "alone", "map", "pages", "digest", "bulletins"})
TOLD |= {"recognitions"}
PACK = frozenset({"pack"})


def moved_copy(scene: Scene, folder: Path) -> tuple[Survey, Truth]:
    """The same survey with each sensitive place elsewhere in its cell, in another county if cut."""
    shutil.copytree(scene.survey.folder, folder)
    survey, points = open_survey(folder), dict(scene.truth.points)
    database = sqlite3.connect(folder / DATABASE_FILE)
    for one in (*scene.truth.sensitive(), WITHHELD):
        plot = scene.truth.plots[one]
        others = [at for other, at in points.items() if scene.truth.plots[other] != plot]
        cell = round(points[one][0], 1), round(points[one][1], 1)
        free = [
            at
            for at in leak_attack.cell_points(cell)
            if min(metres(at, other) for other in others) > 2 * FLOOR_REACH_M
        ]
        points[one] = max(free, key=lambda at: metres(at, scene.truth.points[one]))
        values = (*points[one], one)
        for table, key in (("camerastation", "location_id"), ("fieldrecord", "field_record_id")):
            database.execute(
                f"UPDATE {table} SET latitude = ?, longitude = ? WHERE {key} = ?", values
            )
        database.execute(
            "UPDATE plot SET county = ? WHERE plot_id = ?", (county_of(points[one]), plot)
        )
    database.commit()
    database.close()
    return survey, replace(scene.truth, points=points)


def differing(
    scene: Scene, survey: Survey, truth: Truth, folder: Path, parts: frozenset[str] = TOLD
) -> list[str]:
    """The files that tell the two surveys apart.

    A pack names its snapshot by hashes over all rows, which nobody can try places against without
    having the snapshot; so these are taken out. What is packed is looked at part by part.
    """
    true = unhashed(loot(scene.survey, scene.truth, folder / "true", parts).files)
    moved = unhashed(loot(survey, truth, folder / "moved", parts).files)
    return sorted(name for name in true.keys() | moved.keys() if true.get(name) != moved.get(name))


def unhashed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files without the hashes that a pack tells, and without its packed files as a whole."""
    return {
        name: HASH.sub(b"#", told) if name.startswith("pack/") else told
        for name, told in files.items()
        if name not in ("pack/report.docx", "pack/tables.xlsx")
    }


@pytest.fixture(scope="module")
def moved(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Survey, Truth]]:
    """The survey with its sensitive places moved; written to by exports alone."""
    survey, truth = moved_copy(scene, tmp_path_factory.mktemp("moved") / "survey")
    yield survey, truth
    survey.close()


def test_no_byte_depends_on_where_in_its_cell_a_place_is(
    scene: Scene, moved: tuple[Survey, Truth], tmp_path: Path
) -> None:
    """Tables, package, maps, pages and digest are the same wherever in its cell class I lives.

    What does not change with the place cannot tell it, whatever attack is thought of later.
    """
    survey, truth = moved
    here, there = categories(scene.survey), categories(survey)
    assert here == there, "the move joined or parted places: no fair comparison"
    assert sum(metres(truth.points[one], at) > 3000 for one, at in scene.truth.points.items()) >= 10
    assert differing(scene, survey, truth, tmp_path) == []


def test_no_byte_of_a_pack_depends_on_where_in_its_cell_a_place_is(
    scene: Scene, moved: tuple[Survey, Truth], tmp_path: Path
) -> None:
    """Page, document, workbook, tables and maps of an evaluation are the same as well."""
    assert differing(scene, *moved, tmp_path, PACK) == []


def test_a_pack_that_tells_the_true_county_is_caught(
    scene: Scene, moved: tuple[Survey, Truth], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A county beside a cell that its border cuts would move with the place."""
    _true_county(monkeypatch)
    assert differing(scene, *moved, tmp_path, PACK)


def categories(survey: Survey) -> dict[Any, Sensitivity]:
    """Of every station, plot and record."""
    with survey.reading() as session:
        return dict(open_gate(session, survey.settings, today=TODAY).places.by_node)


def _true_extent(patch: pytest.MonkeyPatch) -> None:
    """An extent of occurrence between the true points, as the page inside has it."""

    def telling(session: Any, gathered: Any) -> Any:
        effort = replace(gathered.effort, stations=read_shared(session).effort.stations)
        return reach_of(session, replace(gathered, effort=effort))

    patch.setattr("species_db.wildlife.release.reach_of", telling)


def _true_county(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Gate, "county", lambda self, place, code: code)


@pytest.mark.parametrize("plant", [_true_extent, _true_county])
def test_a_byte_that_depends_on_the_place_is_caught(
    scene: Scene,
    moved: tuple[Survey, Truth],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """One figure worked out from a true point, rounded or not, and the files differ."""
    plant(monkeypatch)
    assert differing(scene, *moved, tmp_path)


def test_a_published_list_carries_no_place(scene: Scene) -> None:
    """Species, categories and changes, in all three files; no county, plot, station or key."""
    with scene.survey.reading() as session:
        gate = open_gate(session, scene.survey.settings, today=TODAY)
    places = {*scene.truth.points, *scene.truth.names.values(), *scene.truth.plots.values()}
    places |= {county.name_en for county in COUNTIES.values()}
    places |= {county.name_zh for county in COUNTIES.values()}
    places |= {key for keys in scene.ids.values() for key in keys}
    places |= {gate.key("plot", plot)[:8] for plot in scene.truth.plots.values()}
    files = {name: told for name, told in scene.now.files.items() if name.startswith("list/")}
    assert len([name for name in files if name.count("/") == 1]) == 3
    assert any(b"Muntiacus" in told for told in files.values())
    found = {
        (name, place) for name, told in files.items() for place in places if place.encode() in told
    }
    assert found == set()
