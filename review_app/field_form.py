"""The form of the field page: find a taxon, say how much of it, where and what else."""

from collections.abc import Mapping

import streamlit as st

from species_db.field import FieldFinding, FieldRecordView
from species_db.language import Language
from species_db.survey import Survey
from species_db.taxa import TaxonHit, search_taxa
from species_db.vocabulary import FieldState, QuantityType

HITS = 8
RECENT, MOST_RECENT = "field_recent", 6  # taxa chosen lately are offered before anything is typed

Words = Mapping[str, str]


def ask_finding(
    survey: Survey, record: FieldRecordView, words: Words, language: Language
) -> FieldFinding | None:
    """Ask what the record shows; None until the form is sent. Enter in any field sends it."""
    key = f"{record.field_record_id} {record.review_id}"  # as the record is shown
    taxon_id = _ask_taxon(survey, record, words, language, key)
    with st.form(f"field {key}", border=False):
        finding = _ask_rest(record, words, language, key, taxon_id or "")
        is_new = record.state == FieldState.DRAFT.value
        name = words["identify" if is_new else "identify_again"]
        is_sent = st.form_submit_button(name, type="primary", key=f"field_identify {key}")
    if not is_sent:
        return None
    if taxon_id:
        lately = [one for one in st.session_state.get(RECENT, []) if one != taxon_id]
        st.session_state[RECENT] = [taxon_id, *lately][:MOST_RECENT]
    return finding


def _ask_taxon(
    survey: Survey, record: FieldRecordView, words: Words, language: Language, key: str
) -> str | None:
    """Offer plants, fungi and animals for what is typed; the best is chosen at once."""
    text = st.text_input(
        words["taxon"],
        record.scientific_name,
        key=f"field_taxon {key}",
        placeholder=words["taxon_hint"],
    )
    with survey.reading() as session:
        recent = st.session_state.get(RECENT, [])
        hits = {hit.taxon_id: hit for hit in search_taxa(session, text, limit=HITS, recent=recent)}
    if not hits:
        if text.strip():
            st.caption(words["no_hit"])
        return None
    # Only what was typed is chosen beforehand: a taxon of another record is offered, not taken.
    chosen: str | None = st.radio(
        words["hits"],
        list(hits),
        index=0 if text.strip() else None,
        format_func=lambda one: name_of(hits[one], language),
        key=f"field_hit {key} {language} {text}",
        label_visibility="collapsed",
    )
    return chosen


def _ask_rest(
    record: FieldRecordView, words: Words, language: Language, key: str, taxon_id: str
) -> FieldFinding:
    count, amount, unit = st.columns((1, 1, 1.2))
    individuals = count.number_input(
        words["count"], 1, value=record.individual_count, key=f"field_count {key}", step=1
    )
    quantity = amount.text_input(
        words["quantity"], record.organism_quantity, key=f"field_quantity {key}"
    )
    kinds = [kind.value for kind in QuantityType]
    known = record.organism_quantity_type or QuantityType.AREA.value
    kind = unit.selectbox(
        words["unit"],
        kinds,
        index=kinds.index(known),
        format_func=words.__getitem__,
        key=f"field_unit {key} {language}",
    )
    habitat = st.text_input(words["habitat"], record.habitat, key=f"field_habitat {key}")
    remarks = st.text_input(words["remarks"], record.remarks, key=f"field_remarks {key}")
    return FieldFinding(
        taxon_id=taxon_id,
        individual_count=int(individuals) if individuals is not None else None,
        organism_quantity=quantity.strip(),
        organism_quantity_type=kind if quantity.strip() else "",
        habitat=habitat.strip(),
        remarks=remarks.strip(),
    )


def name_of(hit: TaxonHit, language: Language) -> str:
    """A taxon as the list offers it: the common names, the reader's own language first.

    >>> hit = TaxonHit("t", "Ageratina adenophora", "紫茎泽兰", "Crofton weed", "species", "")
    >>> name_of(hit, "zh")
    '紫茎泽兰 · Ageratina adenophora · Crofton weed'
    """
    common = (hit.zh, hit.en) if language == "zh" else (hit.en, hit.zh)
    return " · ".join(filter(None, (common[0], hit.scientific_name, common[1])))
