"""A survey with an invader for tests: plots in a row, visits that measured it, actions on some."""

from datetime import UTC, date, datetime, time

from sqlmodel import Session

from species_db.identity import act_id
from species_db.invasive.control import ControlDraft, record_control
from species_db.survey import Survey
from species_db.tables import FieldRecord, Plot, Taxon, TaxonName
from species_db.vocabulary import ControlMethod, FieldProtocol, FieldState
from tests.factories import make_taxon

TODAY = date(2026, 11, 1)
WEED = "Ageratina adenophora"
DEGREES_A_KM = 1 / 111.195


def make_weed(session: Session, name: str = WEED, zh: str = "紫茎泽兰") -> Taxon:
    """An invasive plant."""
    taxon = make_taxon(session, name, zh, "Crofton weed" if name == WEED else "")
    taxon.kingdom, taxon.class_name = "Plantae", "Magnoliopsida"
    taxon.family = "Asteraceae"
    session.add(taxon)
    session.flush()
    return taxon


def make_plot(session: Session, number: int, *, km: float | None = None, **values: object) -> Plot:
    """A plot so many kilometres north of Bayi; its number when nothing else is said."""
    north = float(number) * 5 if km is None else km
    told = {"county": "540402", "ecosystem": "forest", "elevation_m": 2990.0} | values
    plot = Plot(
        plot_id=f"LZ-{number:03d}",
        latitude=29.2 + north * DEGREES_A_KM,
        longitude=94.3615,
        **told,
    )
    session.add(plot)
    session.flush()
    return plot


def make_visit(
    session: Session, taxon: Taxon, plot_id: str | None, on: date, **values: object
) -> FieldRecord:
    """An identified record of a quadrat, at ten in the morning."""
    told = {"protocol": FieldProtocol.QUADRAT.value, "observer": "Drolma"} | values
    record = FieldRecord(
        field_record_id=act_id(),
        plot_id=plot_id,
        state=FieldState.IDENTIFIED.value,
        event_start=datetime.combine(on, time(2), tzinfo=UTC),
        taxon_id=taxon.taxon_id,
        identified_by="Drolma",
        **told,
    )
    session.add(record)
    session.flush()
    return record


def name_taxon(session: Session, taxon: Taxon, language: str, name: str) -> None:
    """One name more."""
    session.add(TaxonName(taxon_id=taxon.taxon_id, language=language, name=name))


def draft(taxon_id: str, **values: object) -> ControlDraft:
    """A day of pulling weeds on plot LZ-001."""
    told = {
        "taxon_id": taxon_id,
        "method": ControlMethod.MANUAL.value,
        "started_on": date(2025, 6, 1),
        "led_by": "Tashi",
        "plot_id": "LZ-001",
    } | values
    return ControlDraft(**told)  # type: ignore[arg-type]


def treated_survey(
    survey: Survey, *, treated: int = 4, untreated: int = 4
) -> tuple[str, list[str]]:
    """Plots measured in 2024 and 2025; treated ones keep a fifth, the others grow by half.

    Gives the taxon's id and those of the actions.
    """
    with survey.writing() as session:
        taxon = make_weed(session)
        for number in range(1, treated + untreated + 1):
            plot = make_plot(session, number)
            was = 100.0 + 10 * number
            change = 1.5 * (1 + 0.05 * (number % 3)) * (0.2 if number <= treated else 1.0)
            before, after = date(2024, 9, 1), date(2025, 9, 1)
            make_visit(session, taxon, plot.plot_id, before, infestation_area_m2=was)
            make_visit(session, taxon, plot.plot_id, after, infestation_area_m2=was * change)
        taxon_id = taxon.taxon_id
    actions = [
        record_control(survey, draft(taxon_id, plot_id=f"LZ-{n:03d}"), person="Tashi", today=TODAY)
        for n in range(1, treated + 1)
    ]
    return taxon_id, actions
