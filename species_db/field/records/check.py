"""One validator for field records: the cells of a sheet's line, or of the form; mistakes out.

Pure: what the survey knows and the clock are arguments. Every mistake is found, not the first.
"""

import json
import re
from pathlib import Path

from species_db.cells import read_number
from species_db.field.records.columns import INVASIVE
from species_db.field.records.draft import Checked, RecordDraft
from species_db.field.records.efforts import Effort, has_effort, read_effort
from species_db.field.records.known import Known
from species_db.field.records.moments import Moments, read_moments
from species_db.field.records.places import Place, read_where
from species_db.field.records.terms import find_term, terms_of
from species_db.field_sheet import Mistakes, SheetRow
from species_db.language import did_you_mean, tr
from species_db.vocabulary import FieldProtocol, QuantityType

MOST_INDIVIDUALS = 1_000_000  # more is a typing slip
MOST_M2 = 10_000_000.0  # ten square kilometres: no stand that a person walks around is larger
ALL_COVER = 100.0
SEPARATORS = re.compile(r"[|｜;；、,，\n]")
PRESENT, ABSENT = "present", "absent"
STAYS_OUT = (FieldProtocol.ACOUSTIC, FieldProtocol.NETTING)  # the gear does, not the people
HAVE_EVIDENCE = (FieldProtocol.EDNA, FieldProtocol.ACOUSTIC)
OF_THE_ORGANISM = ("count", "quantity", "life_stage", "sex", "vitality", *INVASIVE[3:5])
FREE_TERMS = ("behavior",)  # a word of the list, or one's own


def check_record(row: SheetRow, known: Known) -> Checked:
    """Check one field record; give the draft that can be stored, or every mistake in it.

    Absence is only told with effort, and an effort belongs to its protocol (DOMAIN.md 8).
    """
    mistakes, notes = Mistakes(Path()), list[str]()
    protocol = _protocol(row, mistakes)
    stays_out = protocol in STAYS_OUT
    moments = read_moments(row, known, mistakes, stays_out=stays_out)
    place = read_where(row, known, mistakes, notes)
    effort = Effort()
    if protocol is not None:
        minutes = moments.minutes if moments else None
        effort = read_effort(
            row, protocol, mistakes, minutes_between=minutes, are_times_read=moments is not None
        )
    what = _what(row, known, protocol, mistakes)
    observers = " | ".join(_parts(row.text("observers")))
    if not observers:
        mistakes.add(row, "observers", tr("who observed?", "须填写观察人。"))
    if mistakes.cells or protocol is None or moments is None:
        return Checked(None, tuple(mistakes.cells), tuple(notes))
    draft = _draft(row, protocol, observers, moments, place, effort, what)
    return Checked(draft, (), tuple(notes))


def _protocol(row: SheetRow, mistakes: Mistakes) -> FieldProtocol | None:
    found = _term(row, "protocol", "protocol", mistakes)
    if not row.text("protocol"):
        why = tr("say how the record was made.", "须填写调查方法。")
        mistakes.add(row, "protocol", why)
    return FieldProtocol(found) if found else None


def _draft(
    row: SheetRow,
    protocol: FieldProtocol,
    observers: str,
    moments: Moments,
    place: Place,
    effort: Effort,
    what: dict[str, object],
) -> RecordDraft:
    is_named = what["taxon_id"] is not None
    named_by = " | ".join(_parts(row.text("identified_by"))) or observers
    told: dict[str, object] = {
        "protocol": protocol.value,
        "observer": observers,
        "event_start": moments.start,
        "event_end": moments.end,
        "utc_offset_seconds": moments.offset_seconds,
        "plot_id": place.plot_id,
        "county": place.county,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "coordinate_uncertainty_m": place.uncertainty_m,
        "position_source": place.position_source,
        "elevation_m": place.elevation_m,
        "elevation_source": place.elevation_source,
        "habitat": row.text("habitat"),
        "remarks": row.text("remarks"),
        "identified_by": named_by if is_named else "",
        "effort_value": effort.value,
        "effort_unit": effort.unit,
        "sampling_effort": effort.text,
        "sample_id": row.text("sample_id") or None,
        "record_code": row.text("record_id"),
    }
    return RecordDraft(**(told | what))  # type: ignore[arg-type]


def _what(
    row: SheetRow, known: Known, protocol: FieldProtocol | None, mistakes: Mistakes
) -> dict[str, object]:
    """What was seen, or not: taxon, numbers, terms."""
    told: dict[str, object] = {
        name: _term(row, name, name, mistakes)
        for name in (
            *("life_stage", "sex", "behavior", "reproductive_condition", "vitality"),
            *("establishment_means", "degree_of_establishment", "pathway", "abundance_class"),
        )
    }
    told["identification_verification_status"] = _term(
        row, "verification", "verification", mistakes
    )
    told["occurrence_status"] = _term(row, "status", "status", mistakes) or PRESENT
    told["threats"] = _threats(row, mistakes)
    told["taxon_id"] = _taxon(row, known, protocol, mistakes)
    told |= _numbers(row, mistakes)
    told["evidence_probability"] = _evidence(row, protocol, mistakes)
    told["control_id"], told["control_effect"] = _control(row, known, told["taxon_id"], mistakes)
    if told["occurrence_status"] == ABSENT:
        _check_absence(row, protocol, mistakes)
        told["individual_count"] = None
    elif told["individual_count"] == 0:
        why = tr("0 means absent; say so under status.", "0 表示没有；请在“有无”中选择“无”。")
        mistakes.add(row, "count", why)
    return told


def _taxon(
    row: SheetRow, known: Known, protocol: FieldProtocol | None, mistakes: Mistakes
) -> str | None:
    text = row.text("taxon")
    if text:
        taxon_id, why = known.find_taxon(text)
        if why:
            mistakes.add(row, "taxon", why)
        return taxon_id
    if protocol is not None and not has_effort(protocol) and not row.text("threats"):
        why = tr(
            "name a taxon or a threat; only a visit with effort may find nothing.",
            "须填写物种或威胁；只有记录了调查强度的调查可以一无所获。",
        )
        mistakes.add(row, "taxon", why)
    for name in ("status", *OF_THE_ORGANISM):
        if row.text(name):
            mistakes.add(row, name, tr("of which taxon?", "缺少对应的物种。"))
    return None


def _check_absence(row: SheetRow, protocol: FieldProtocol | None, mistakes: Mistakes) -> None:
    if protocol is not None and not has_effort(protocol):
        why = tr(
            f"'absent' says something only with effort, and a record by {protocol.value} has "
            "none; choose another method or leave the line out.",
            f"“无”须有调查强度，而方法“{protocol.value}”没有；请改选方法或删去该行。",
        )
        mistakes.add(row, "status", why)
    for name in OF_THE_ORGANISM:
        if row.text(name) and row.text(name) != "0":
            why = tr("an absent taxon has none; leave it empty.", "物种未出现，请留空。")
            mistakes.add(row, name, why)


def _numbers(row: SheetRow, mistakes: Mistakes) -> dict[str, object]:
    count = read_number(row, "count", 0, MOST_INDIVIDUALS, mistakes)
    if count is not None and count != int(count):
        why = tr("individuals are whole; use quantity.", "个体数须为整数；否则请填“数量”。")
        mistakes.add(row, "count", why)
    area = read_number(row, "infestation_area_m2", 0.01, MOST_M2, mistakes)
    kind = _term(row, "quantity_type", "quantity_type", mistakes)
    most = ALL_COVER if kind == QuantityType.COVER.value else MOST_M2
    amount = read_number(row, "quantity", 0.001, most, mistakes)
    for one, other in (("quantity", "quantity_type"), ("quantity_type", "quantity")):
        if row.text(one) and not row.text(other):
            why = tr(f"{one} needs it too.", f"填写了 {one} 时必填。")
            mistakes.add(row, other, why)
    return {
        "individual_count": int(count) if count is not None else None,
        "infestation_area_m2": area,
        "organism_quantity": f"{amount:.10g}" if amount is not None else "",
        "organism_quantity_type": kind or "" if amount is not None else "",
    }


def _evidence(row: SheetRow, protocol: FieldProtocol | None, mistakes: Mistakes) -> float | None:
    if row.text("evidence_probability") and protocol and protocol not in HAVE_EVIDENCE:
        why = tr("only eDNA and acoustic records have one.", "仅环境 DNA 和声学记录填写。")
        mistakes.add(row, "evidence_probability", why)
        return None
    return _share(row, "evidence_probability", mistakes)


def _control(
    row: SheetRow, known: Known, taxon_id: object, mistakes: Mistakes
) -> tuple[str | None, str | None]:
    control_id, effect = row.text("control_id"), _share(row, "control_effect", mistakes)
    if not control_id:
        if row.text("control_effect"):
            why = tr("of which control action?", "缺少对应的防治行动。")
            mistakes.add(row, "control_id", why)
        return None, None
    if control_id not in known.controls:
        hint = did_you_mean(control_id, known.controls.keys())
        why = tr(f"no such control action.{hint}", f"没有该防治行动。{hint}")
        mistakes.add(row, "control_id", why)
    elif taxon_id is not None and known.controls[control_id] != taxon_id:
        name = known.scientific.get(known.controls[control_id], "")
        why = tr(f"that action fought {name}.", f"该行动防治的是 {name}。")
        mistakes.add(row, "control_id", why)
    return control_id, f"{effect:.10g}" if effect is not None else None


def _share(row: SheetRow, column: str, mistakes: Mistakes) -> float | None:
    """A share, written as 0.3 or 30 %."""
    text = row.text(column)
    if text.endswith(("%", "％")):
        told = SheetRow(row.number, {column: text[:-1].strip()}, tab=row.tab)
        value = read_number(told, column, 0, 100, mistakes)
        return value / 100 if value is not None else None
    return read_number(row, column, 0, 1, mistakes)


def _threats(row: SheetRow, mistakes: Mistakes) -> str | None:
    found = []
    for text in _parts(row.text("threats")):
        term = find_term("threats", text)
        if term is None:
            mistakes.add(row, "threats", _no_term("threats", text))
        elif term.value not in found:
            found.append(term.value)
    return json.dumps(found) if found else None


def _term(row: SheetRow, column: str, group: str, mistakes: Mistakes) -> str | None:
    text = row.text(column)
    if not text:
        return None
    term = find_term(group, text)
    if term is None and group in FREE_TERMS:
        return text
    if term is None:
        mistakes.add(row, column, _no_term(group, text))
    return term.value if term else None


def _no_term(group: str, text: str) -> str:
    if group == "establishment_means" and find_term("degree_of_establishment", text):
        return tr(
            f"'{text}' tells how far a taxon has got, not how it came: write it under "
            "degree_of_establishment, and here introduced.",
            f"“{text}”说明扩散程度，不是来源：请填在“建群程度”，此处填“引入”。",
        )
    words = (word for term in terms_of(group) for word in (term.value, term.en, term.zh))
    hint = did_you_mean(text, list(dict.fromkeys(words)))
    some = ", ".join(f"{term.value} {term.zh}" for term in terms_of(group)[:12])
    return tr(
        f"'{text}' is no word of the list.{hint or f' Use one of: {some}.'}",
        f"“{text}”不在可选词中。{hint or f'可选：{some}。'}",
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in SEPARATORS.split(text) if part.strip()]
