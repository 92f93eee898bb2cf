"""Every figure of the peers' own samples, from our functions.

Two samples: that of camtrapR (three stations, one with a problem at its end), and the Cajambre
project of Wildlife Insights as wiutils counts it. Where a peer counts in another way the docstring
says how, and the test adapts what goes in, never what comes out.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from species_db.analysis.effort import EffortMethod, UnitDay, WorkingPeriod, daily_effort
from species_db.analysis.histories import (
    CountOf,
    FirstDay,
    count_history,
    detection_history,
)
from species_db.analysis.independence import IndependenceRule, mark_independent
from species_db.analysis.local_days import local_day
from species_db.analysis.richness import diversity_by_unit

MINUTE = 60
DAY_MINUTES = 1440
RANKS = ("class", "order", "family", "genus", "species")
KEPT_AS_WILD = ("Homo", "Canis")  # of this project; wiutils counts people among the domestic


def seconds(table: pd.DataFrame, column: str) -> np.ndarray:
    """The times of a table in whole seconds."""
    times = pd.to_datetime(table[column]).to_numpy()
    return np.asarray(times.astype("datetime64[s]").astype(np.int64))


def kept(
    table: pd.DataFrame, minutes: int, rule: IndependenceRule, *, by: str = "deployment_id"
) -> pd.DataFrame:
    """The records of a table that begin an independent event of their taxon."""
    groups, _ = pd.factorize(table[by].astype(str) + "\t" + table["taxon"])
    told = mark_independent(
        groups, seconds(table, "timestamp"), interval_seconds=minutes * MINUTE, rule=rule
    )
    return table[told]


# --- camtrapR's sample ---


def day(text: str) -> datetime:
    """A date as camtrapR's table writes it."""
    return datetime.strptime(text, "%d/%m/%Y")  # noqa: DTZ007  (a local date)


@pytest.fixture(scope="module")
def sample(shared: Path) -> Path:
    """The sample of camtrapR and what camtrapR makes of it."""
    return shared / "data" / "interop" / "camtrapR_sample"


@pytest.fixture(scope="module")
def stations(sample: Path) -> pd.DataFrame:
    """The table of camera stations as it is."""
    return pd.read_csv(sample / "camtraps.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def periods(stations: pd.DataFrame) -> list[WorkingPeriod]:
    """The three stations at work; days of a problem are lost, the first and the last among them."""
    return [
        WorkingPeriod(
            row["Station"],
            day(row["Setup_date"]),
            day(row["Retrieval_date"]),
            frozenset(
                found.date()
                for found in pd.date_range(day(row["Problem1_from"]), day(row["Problem1_to"]))
            )
            if row["Problem1_from"]
            else frozenset(),
        )
        for row in stations.to_dict("records")
    ]


@pytest.fixture(scope="module")
def half_days(periods: list[WorkingPeriod]) -> list[UnitDay]:
    """Effort as camtrapR counts it from dates alone: set-up and retrieval are half a day each."""
    return daily_effort(periods, method=EffortMethod.HALF_DAYS)


@pytest.fixture(scope="module")
def records(sample: Path) -> pd.DataFrame:
    """The 39 records of the sample."""
    table = pd.read_csv(sample / "recordTableSample.csv")
    return table.rename(columns={"Species": "taxon", "DateTimeOriginal": "timestamp"})


def test_the_sample_has_its_trap_nights_cell_by_cell(
    sample: Path, half_days: list[UnitDay]
) -> None:
    """Half days at set-up and retrieval, none on problem days: 42, 43 and 37.5, in all 122.5."""
    expected = pd.read_csv(sample / "expected" / "cam_op_sample.csv", index_col=0)
    wanted = {
        (unit, column): value
        for unit, row in expected.iterrows()
        for column, value in row.items()
        if pd.notna(value)
    }
    assert {(one.unit, one.day.isoformat()): one.effort for one in half_days} == wanted
    assert sum(one.effort for one in half_days) == 122.5


def test_the_sample_has_its_survey_dates(
    sample: Path, periods: list[WorkingPeriod], half_days: list[UnitDay], records: pd.DataFrame
) -> None:
    """Set-up, retrieval, first and last record, and days in all, active, inactive and effort.

    camtrapR's active calendar days are days with any effort, its trap nights their sum.
    """
    expected = pd.read_csv(sample / "expected" / "sr_survey_dates.csv").set_index("Station")
    for period in periods:
        days = [one for one in half_days if one.unit == period.unit]
        seen = [
            local_day(datetime.fromisoformat(moment))
            for moment in records.loc[records["Station"] == period.unit, "timestamp"]
        ]
        active = sum(one.effort > 0 for one in days)
        assert [str(value) for value in expected.loc[period.unit]] == [
            *(str(moment.date()) for moment in (period.start, period.end)),
            *(str(moment) for moment in (min(seen), max(seen))),
            "1",  # cameras
            *(str(count) for count in (len(days), active, len(days) - active)),
            str(sum(one.effort for one in days)),
        ]


def test_the_sample_has_its_events_and_species(sample: Path, records: pd.DataFrame) -> None:
    """Events by species with the stations that have it, and species by station.

    The sample's records are independent ones already, an hour from the last: all 39 are kept.
    """
    events = kept(records, 60, IndependenceRule.LAST_INDEPENDENT, by="Station")
    assert len(events) == 39
    counts = {
        taxon: mine.groupby("Station").size().to_dict() for taxon, mine in events.groupby("taxon")
    }
    told = diversity_by_unit(counts, orders=(0,))[:-1]
    expected = pd.read_csv(sample / "expected" / "sr_events_by_species.csv")
    assert [(one.unit, one.total, one.values[0]) for one in told] == [
        tuple(row) for row in expected.itertuples(index=False)
    ]
    counts = {
        unit: mine.groupby("taxon").size().to_dict() for unit, mine in events.groupby("Station")
    }
    expected = pd.read_csv(sample / "expected" / "sr_species_by_station.csv")
    assert [(one.unit, one.values[0]) for one in diversity_by_unit(counts, orders=(0,))[:-1]] == [
        tuple(row) for row in expected.itertuples(index=False)
    ]


def same_cells(told: Iterable[Iterable[float | None]], expected: pd.DataFrame) -> bool:
    """Whether a matrix is the peer's, cell by cell, not known where the peer has NA."""
    mine = np.array([[np.nan if c is None else c for c in row] for row in told], dtype=float)
    return np.array_equal(mine, expected.to_numpy(dtype=float), equal_nan=True)


@pytest.mark.parametrize("taxon", ["PBE", "TRA", "VTA"])
@pytest.mark.parametrize(("length", "first"), [(7, FirstDay.STATION), (1, FirstDay.SURVEY)])
def test_the_sample_has_its_detection_histories_cell_by_cell(
    sample: Path,
    half_days: list[UnitDay],
    records: pd.DataFrame,
    taxon: str,
    length: int,
    first: FirstDay,
) -> None:
    """Zero, one and not known stand where camtrapR puts them, and so does the effort."""
    mine = records[records["taxon"] == taxon]
    detected = {(row["Station"], date.fromisoformat(row["Date"])) for _, row in mine.iterrows()}
    told = detection_history(half_days, detected, occasion_days=length, first_day=first)
    name = f"dh_{taxon}_occ{length}_{first}"
    expected = pd.read_csv(sample / "expected" / f"{name}.csv", index_col=0)
    assert list(told.units) == list(expected.index)
    assert same_cells(told.cells, expected)
    if first is FirstDay.STATION:
        expected = pd.read_csv(sample / "expected" / f"{name}_effort.csv", index_col=0)
        assert same_cells(told.effort, expected)


# --- Cajambre, as wiutils and camtrapR count it ---


@pytest.fixture(scope="module")
def cajambre(shared: Path) -> Path:
    """The project and what the peers make of it."""
    return shared / "data" / "interop" / "wildlife_insights_cajambre"


@pytest.fixture(scope="module")
def deployments(cajambre: Path) -> pd.DataFrame:
    """The nineteen deployments; two were at one place, CTCAJ14."""
    return pd.read_csv(cajambre / "deployments.csv")


@pytest.fixture(scope="module")
def images(cajambre: Path, deployments: pd.DataFrame) -> pd.DataFrame:
    """All images with their place and the lowest taxon told; a species is told with its genus."""
    table = pd.read_csv(cajambre / "images.csv", low_memory=False)
    lowest = table["genus"] + " " + table["species"]
    for rank in ("genus", "family", "order", "class"):
        lowest = lowest.fillna(table[rank])
    table["taxon"] = lowest
    return table.merge(deployments[["deployment_id", "placename"]], how="left")


@pytest.fixture(scope="module")
def to_genus(images: pd.DataFrame) -> pd.DataFrame:
    """Images told to genus or species."""
    return images[images["genus"].notna()]


@pytest.mark.parametrize(
    ("minutes", "rule", "count"),
    [
        (30, IndependenceRule.LAST_RECORD, 492),
        (60, IndependenceRule.LAST_RECORD, 487),
        (DAY_MINUTES, IndependenceRule.LAST_RECORD, 412),
        (30, IndependenceRule.LAST_INDEPENDENT, 495),
        (60, IndependenceRule.LAST_INDEPENDENT, 489),
        (DAY_MINUTES, IndependenceRule.LAST_INDEPENDENT, 421),
    ],
)
def test_the_cajambre_counts(
    to_genus: pd.DataFrame, minutes: int, rule: IndependenceRule, count: int
) -> None:
    """Genus or better, by deployment and taxon: the counts that wiutils and camtrapR give."""
    assert len(kept(to_genus, minutes, rule)) == count


def test_the_records_at_half_an_hour_row_by_row(cajambre: Path, to_genus: pd.DataFrame) -> None:
    """The same images are kept as by wiutils, in the same order; of one second the first counts."""
    expected = pd.read_csv(cajambre / "expected" / "records_30min_genus.csv")
    told = kept(to_genus, 30, IndependenceRule.LAST_RECORD)[list(expected.columns)]
    pd.testing.assert_frame_equal(told.reset_index(drop=True), expected)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("lastRecord", IndependenceRule.LAST_RECORD),
        ("lastIndependentRecord", IndependenceRule.LAST_INDEPENDENT),
    ],
)
def test_the_records_at_an_hour_row_by_row(
    cajambre: Path, to_genus: pd.DataFrame, name: str, rule: IndependenceRule
) -> None:
    """The same images are kept as by camtrapR under either rule; it sorts by station and taxon."""
    expected = pd.read_csv(cajambre / "expected" / f"camtrapR_records_60min_{name}.csv")
    columns = {"deployment_id": "Station", "taxon": "Species"}
    columns |= {"timestamp": "DateTimeOriginal", "image_id": "FileName"}
    told = kept(to_genus, 60, rule).rename(columns=columns)[list(expected.columns)]
    order = list(expected.columns)
    pd.testing.assert_frame_equal(
        told.sort_values(order).reset_index(drop=True),
        expected.sort_values(order).reset_index(drop=True),
    )


@pytest.mark.parametrize(
    ("name", "rank", "minutes", "by"),
    [
        ("default_30min_genus", "class", 30, "deployment_id"),
        ("60min_genus", "class", 60, "deployment_id"),
        ("5days_family", "family", 5 * DAY_MINUTES, "deployment_id"),
        ("by_location", "class", 30, "placename"),
    ],
)
def test_the_count_summaries(
    cajambre: Path, images: pd.DataFrame, name: str, rank: str, minutes: int, by: str
) -> None:
    """Images, images told, records and taxa of each deployment or place.

    wiutils 1.1.0 sums the objects on kept images and calls them records; its default is told to
    class or better, though these files are named after the genus.
    """
    expected = pd.read_csv(cajambre / "expected" / f"count_summary_{name}.csv", index_col=by)
    told = images[images[rank].notna()]
    events = kept(told, minutes, IndependenceRule.LAST_RECORD, by=by)
    mine = pd.DataFrame(
        {
            "total_images": images.groupby(by).size(),
            "identified_images": told.groupby(by).size(),
            "records": events.groupby(by)["number_of_objects"].sum(),
            "taxa": events.groupby(by)["taxon"].nunique(),
        }
    )
    pd.testing.assert_frame_equal(mine, expected)


def test_the_general_count(cajambre: Path, images: pd.DataFrame) -> None:
    """Each taxon with its objects and its deployments.

    wiutils sums objects over all images, so the deployments' sums stand here for a taxon's counts:
    their total is its first figure, how many there are (order 0) the second.
    """
    expected = pd.read_csv(cajambre / "expected" / "general_count.csv")
    counts = {
        taxon: mine.groupby("deployment_id")["number_of_objects"].sum().to_dict()
        for taxon, mine in images.groupby("taxon")
    }
    told = diversity_by_unit(counts, orders=(0,))[:-1]
    assert [(one.unit, one.total, one.values[0]) for one in told] == [
        tuple(row) for row in expected.itertuples(index=False)
    ]


def test_the_filter_counts(
    cajambre: Path, images: pd.DataFrame, to_genus: pd.DataFrame, deployments: pd.DataFrame
) -> None:
    """What is left after each of the filters of wiutils; people count as domestic there.

    Images outside their deployment's dates are what our histories call unwatched: none.
    """
    expected = pd.read_csv(cajambre / "expected" / "filter_counts.csv", index_col="step")["rows"]
    told = {"images": len(images)}
    told |= {f"identified_{r}": int(images[r].notna().sum()) for r in ("class", "genus", "species")}
    for name, minutes in (("30min", 30), ("60min", 60), ("1day", DAY_MINUTES)):
        told[f"records_{name}"] = len(kept(to_genus, minutes, IndependenceRule.LAST_RECORD))
    events = [(row.deployment_id, day_of(row.timestamp), 1) for row in images.itertuples()]
    outside = count_history(inclusive_days(deployments), events).unwatched
    told["inconsistent_dates_removed"] = len(images) - outside
    told["domestic_removed"] = int((~images["genus"].isin(KEPT_AS_WILD)).sum())
    assert told == expected.to_dict()


def day_of(timestamp: str) -> date:
    """The local day of a time as the export writes it."""
    return local_day(datetime.fromisoformat(timestamp))


def inclusive_days(deployments: pd.DataFrame) -> list[UnitDay]:
    """Effort by dates with both ends whole, since the export has no times of day."""
    periods = [
        WorkingPeriod(
            row.deployment_id,
            datetime.fromisoformat(row.start_date),
            datetime.fromisoformat(row.end_date),
        )
        for row in deployments.itertuples()
    ]
    return daily_effort(periods, method=EffortMethod.INCLUSIVE)


def test_the_diversity_of_the_stations(cajambre: Path, to_genus: pd.DataFrame) -> None:
    """Orders 0, 1 and 2 of every deployment; wiutils takes objects on images as counts."""
    expected = pd.read_csv(cajambre / "expected" / "hill_numbers_genus.csv")
    counts = {
        unit: mine.groupby("taxon")["number_of_objects"].sum().to_dict()
        for unit, mine in to_genus.groupby("deployment_id")
    }
    told = diversity_by_unit(counts)[:-1]
    assert [one.unit for one in told] == list(expected["deployment_id"])
    assert np.array([one.values for one in told], dtype=float) == pytest.approx(
        expected[["0", "1", "2"]].to_numpy(), rel=1e-12
    )


def test_the_date_ranges(cajambre: Path, images: pd.DataFrame, deployments: pd.DataFrame) -> None:
    """First and last day of each deployment, by its images and by its own dates."""
    expected = pd.read_csv(cajambre / "expected" / "date_ranges.csv")
    days = images["timestamp"].map(day_of).groupby(images["deployment_id"])
    told = {(unit, "images"): (seen.min(), seen.max()) for unit, seen in days}
    worked: dict[str, list[date]] = {}
    for one in inclusive_days(deployments):
        worked.setdefault(one.unit, []).append(one.day)
    told |= {(unit, "deployments"): (min(found), max(found)) for unit, found in worked.items()}
    assert told == {
        (row.deployment_id, row.source): tuple(
            date.fromisoformat(text) for text in (row.start_date, row.end_date)
        )
        for row in expected.itertuples()
    }


@pytest.mark.parametrize("name", ["abundance", "presence"])
def test_the_cajambre_detection_histories_cell_by_cell(
    cajambre: Path, to_genus: pd.DataFrame, deployments: pd.DataFrame, name: str
) -> None:
    """All 24 taxa at 19 deployments on 8 occasions of a week, from the project's first day.

    wiutils has dates only and counts both ends whole; an occasion is known when the deployment
    touches it. Its abundance is the sum of objects on images, so each object is given as an event.
    """
    expected = pd.read_csv(cajambre / "expected" / f"detection_history_7day_{name}.csv")
    days = inclusive_days(deployments)
    starts_on = min(one.day for one in days)
    columns = [str(starts_on + timedelta(days=7 * n)) for n in range(8)]
    assert list(expected.columns[2:]) == columns
    assert expected["taxon"].nunique() == 24
    for taxon, wanted in expected.groupby("taxon"):
        mine = to_genus[to_genus["taxon"] == taxon]
        seen = [
            (row.deployment_id, day_of(row.timestamp), 1)
            for row in mine.itertuples()
            for _ in range(int(row.number_of_objects))
        ]
        if name == "abundance":
            told = count_history(days, seen, of=CountOf.EVENTS, first_day=FirstDay.SURVEY)
        else:
            told = detection_history(
                days, {(unit, on) for unit, on, _ in seen}, first_day=FirstDay.SURVEY
            )
        assert list(told.units) == list(wanted["deployment_id"])
        assert same_cells(told.cells, wanted[columns]), taxon


def test_no_expected_file_is_left_out(sample: Path, cajambre: Path) -> None:
    """Each file of figures that the peers gave is read by a test here."""
    text = Path(__file__).read_text(encoding="utf-8")
    for path in (*(sample / "expected").iterdir(), *(cajambre / "expected").iterdir()):
        made = ("dh_", "count_summary_", "camtrapR_records_60min_", "detection_history_7day_")
        stem = next((start for start in made if path.stem.startswith(start)), path.stem)
        assert stem in text, path.name
