"""The form of a field record: the method first, then only what that method asks."""

from collections.abc import Mapping, Sequence

import streamlit as st

from review_app.field_form import name_of
from review_app.record_words import LABELS
from review_app.say import quiet
from species_db.field.records import is_alien
from species_db.field.records.columns import BY_NAME, INVASIVE
from species_db.field.records.efforts import effort_columns, has_effort
from species_db.field.records.terms import term_of, terms_of
from species_db.language import Language
from species_db.places import COUNTIES
from species_db.sensitivity import local_today
from species_db.survey import Survey
from species_db.taxa import search_taxa
from species_db.vocabulary import FieldProtocol

HITS = 6
PLACE = ("latitude", "longitude", "datum", "uncertainty_m", "elevation_m", "elevation_source")
MORE = (
    *("life_stage", "sex", "vitality", "reproductive_condition", "behavior"),
    *("identified_by", "verification"),
)
EVIDENCE = (FieldProtocol.EDNA, FieldProtocol.ACOUSTIC)
WIDE = 3  # fields in a row

Words = Mapping[str, str]
Cells = dict[str, str]


class RecordForm:
    """One drawing of the form; `key` names the record on the screen, `known` fills it in."""

    def __init__(self, words: Words, language: Language, *, key: str, known: Cells) -> None:
        self.words, self.language, self.key, self.known = words, language, key, known
        self.cells: Cells = {}

    def label(self, name: str) -> str:
        """A column's name in the language of the page, with its unit."""
        column = BY_NAME[name]
        text = column.zh if self.language == "zh" else LABELS[name]
        return f"{text} ({column.unit})" if column.unit else text

    def text(self, name: str, *, hint: str = "") -> None:
        """A cell that is typed."""
        known = self.known.get(name, "")
        told = st.text_input(self.label(name), known, key=self._key(name), placeholder=hint)
        self.cells[name] = told.strip()

    def choice(self, name: str) -> None:
        """A cell that holds one word of a list."""
        group = BY_NAME[name].terms
        offered = ["", *(term.value for term in terms_of(group))]
        known = self.known.get(name, "")
        offered += [known] if known not in offered else []  # a word of somebody's own
        self.cells[name] = st.selectbox(
            self.label(name),
            offered,
            index=offered.index(known),
            format_func=lambda one: self.word(group, one),
            key=self._key(name),
        )

    def row(self, names: Sequence[str]) -> None:
        """Some cells beside each other."""
        for start in range(0, len(names), WIDE):
            for column, name in zip(st.columns(WIDE), names[start : start + WIDE], strict=False):
                with column:
                    self.choice(name) if BY_NAME[name].terms else self.text(name)

    def word(self, group: str, value: str) -> str:
        """A stored value as people read it."""
        return term_of(group, value).word(self.language) if value else self.words["none"]

    def _key(self, name: str) -> str:
        return f"record_{name} {self.key} {self.language}"


def ask_record(
    survey: Survey,
    words: Words,
    language: Language,
    *,
    key: str,
    known: Cells,
    is_known: bool,
    plots: Sequence[str],
) -> Cells | None:
    """Ask for a field record; give its cells once it is to be saved, else None."""
    form = RecordForm(words, language, key=key, known=known)
    protocol = _ask_protocol(form)
    _ask_visit(form, protocol, plots)
    st.html(f"<h3>{words['seen']}</h3>")
    taxon_id = _ask_taxon(survey, form)
    _ask_seen(form, protocol)
    opens = any(known.get(name) for name in INVASIVE)
    if taxon_id and not opens:
        with survey.reading() as session:
            opens = is_alien(session, taxon_id, on=local_today(survey.settings))
    with st.expander(words["invasive"], expanded=opens):
        form.row(INVASIVE)
    label = words["save_again" if is_known else "save"]
    is_sent = st.button(label, type="primary", key=f"record_save {key}")
    return {name: text for name, text in form.cells.items() if text} if is_sent else None


def _ask_protocol(form: RecordForm) -> FieldProtocol:
    methods = [one.value for one in FieldProtocol]
    chosen = st.pills(
        form.label("protocol"),
        methods,
        default=form.known.get("protocol", FieldProtocol.TRANSECT.value),
        required=True,
        format_func=lambda one: form.word("protocol", one),
        key=f"record_protocol {form.key} {form.language}",
        wrap=True,
    )
    form.cells["protocol"] = chosen or FieldProtocol.TRANSECT.value
    return FieldProtocol(form.cells["protocol"])


def _ask_taxon(survey: Survey, form: RecordForm) -> str | None:
    """Offer taxa for what is typed; the best is chosen at once. A name of no taxon is kept."""
    known = form.known.get("taxon", "")
    text = st.text_input(
        form.words["taxon"],
        known,
        key=f"record_taxon {form.key} {form.language}",
        placeholder=form.words["taxon_hint"],
    ).strip()
    form.cells["taxon"] = text
    if not text:
        return None
    with survey.reading() as session:
        hits = {hit.scientific_name: hit for hit in search_taxa(session, text, limit=HITS)}
    if not hits:
        st.caption(form.words["no_hit"])
        return None
    form.cells["taxon"] = st.radio(
        form.words["seen"],
        list(hits),
        format_func=lambda one: name_of(hits[one], form.language),
        key=f"record_hit {form.key} {form.language} {text}",
        label_visibility="collapsed",
    )
    return hits[form.cells["taxon"]].taxon_id


def _ask_seen(form: RecordForm, protocol: FieldProtocol) -> None:
    """What was seen of the taxon, and which threats."""
    narrow = st.columns(4)
    for column, name in zip(narrow, ("status", "count", "quantity", "quantity_type"), strict=True):
        with column:
            form.choice(name) if BY_NAME[name].terms else form.text(name)
    offered = [term.value for term in terms_of("threats")]
    known = [one for one in form.known.get("threats", "").split(" | ") if one in offered]
    threats = st.pills(
        form.label("threats"),
        offered,
        selection_mode="multi",
        default=known,
        format_func=lambda one: form.word("threats", one),
        key=f"record_threats {form.key} {form.language}",
        wrap=True,
    )
    form.cells["threats"] = " | ".join(threats)
    form.row(("habitat", "remarks"))
    with st.expander(form.words["more"], expanded=any(form.known.get(one) for one in MORE)):
        form.row((*MORE, "evidence_probability") if protocol in EVIDENCE else MORE)


def _ask_visit(form: RecordForm, protocol: FieldProtocol, plots: Sequence[str]) -> None:
    """When, who and where, and the effort of this method and of no other."""
    when = st.columns(WIDE)
    with when[0]:
        form.text("start", hint="2026-07-14 08:30")
    with when[1]:
        form.text("end", hint="10:05")
    with when[2]:
        form.text("observers", hint="扎西 | 卓玛")
    asked = [name for name in effort_columns(protocol) if name != "sample_id"]
    if has_effort(protocol):
        form.row((*asked, "sample_id"))
    else:
        quiet(form.words["no_effort"])
    where = st.columns(WIDE)
    with where[0]:
        _ask_plot(form, plots)
    with where[1]:
        _ask_county(form)
    with where[2]:
        form.text("utc_offset", hint="+08:00")
    with st.expander(form.words["place_more"], expanded=bool(form.known.get("latitude"))):
        quiet(form.words["place_hint"])
        form.row(PLACE)


def _ask_plot(form: RecordForm, plots: Sequence[str]) -> None:
    offered = ["", *plots]
    known = form.known.get("plot", "")
    form.cells["plot"] = st.selectbox(
        form.label("plot"),
        offered,
        index=offered.index(known) if known in offered else 0,
        format_func=lambda one: one or form.words["no_plot"],
        key=f"record_plot {form.key} {form.language}",
    )


def _ask_county(form: RecordForm) -> None:
    offered = ["", *COUNTIES]
    known = form.known.get("county", "")
    is_zh = form.language == "zh"
    names = {one.code: one.name_zh if is_zh else one.name_en for one in COUNTIES.values()}
    form.cells["county"] = st.selectbox(
        form.label("county"),
        offered,
        index=offered.index(known) if known in offered else 0,
        format_func=lambda one: names.get(one, form.words["none"]),
        key=f"record_county {form.key} {form.language}",
    )
