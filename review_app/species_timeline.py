"""What a species' status was when: a bar for each list's word, beside its dates in figures."""

from collections.abc import Mapping, Sequence
from datetime import date

from review_app.species_parts import said
from species_db.lists.words import category_word, kind_word
from species_db.vocabulary import StatusKind
from species_db.wildlife.parts import StatusLine, TaxonPage

Words = Mapping[str, str]


def timeline_html(lines: Sequence[StatusLine], on: date, words: Words) -> str:
    """One bar a line from its first to its last day; what is over is hollow, not only paler."""
    shown = [one for one in lines if one.kind != StatusKind.CHECKLIST.value]
    if not shown:
        return ""
    first = min(one.effective_from for one in shown).toordinal()
    last = max(on.toordinal(), first + 1)
    bars = "".join(_bar(one, (first, last), words) for one in shown)
    begins = date.fromordinal(first)
    ends = f"<small>{said(begins)}</small><small>{said(on)}</small>"
    axis = f"<div></div><div style='display:flex;justify-content:space-between'>{ends}</div>"
    return (
        "<div style='display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;"
        f"align-items:center;max-width:960px;font-size:12.5px'>{bars}{axis}</div>"
    )


def _bar(one: StatusLine, span: tuple[int, int], words: Words) -> str:
    first, last = span
    ends = min((one.effective_to or date.max).toordinal(), last)
    begins = min(one.effective_from.toordinal(), last)
    left = 99 * (begins - first) / (last - first)
    width = max(1.0, 100 * (ends - first) / (last - first) - left)
    kind = StatusKind(one.kind)
    name = f"{kind_word(kind)} · {category_word(kind, one.category)}"
    fill = "#e0a83e" if one.is_in_force else "none"
    days = words["since"].format(since=one.effective_from)
    if one.effective_to:
        days = f"{one.effective_from} – {one.effective_to}"
    return (
        f"<div>{said(name)} <small>{said(days)}</small></div>"
        f"<div style='margin-left:{left:.1f}%;width:{width:.1f}%;height:11px;box-sizing:border-box;"
        f"border:1.5px solid #e0a83e;background:{fill}'></div>"
    )


def members_html(page: TaxonPage, words: Words) -> str:
    """The taxa below the one of the page that have records or a level of their own."""
    below = [one for one in page.members[1:] if one.records or one.level in ("I", "II")]
    if not below:
        return ""
    rows = "".join(
        f"<tr><td>{said(one.zh)} <i>{said(one.scientific_name)}</i></td>"
        f"<td>{said(words.get(one.level, one.level))}</td>"
        f"<td class='number'>{one.records}</td></tr>"
        for one in below
    )
    heads = "".join(f"<th>{said(words[name])}</th>" for name in ("members", "level", "records"))
    return f"<table class='rows'><tr>{heads}</tr>{rows}</table>"


def years_html(page: TaxonPage, words: Words) -> str:
    """Extent and area of each year's own records, beside that year's effort."""
    names = ("by_year", "eoo", "aoo", "camera_days")
    units = {"eoo": " km²", "aoo": " km²"}
    heads = "".join(f"<th>{said(words[name] + units.get(name, ''))}</th>" for name in names)
    rows = ""
    for one in page.reach.by_year:
        told = one.distribution
        cells = (told.eoo_km2, told.aoo_km2, one.camera_days)
        shown = (words["unknown"] if each is None else f"{each:,.0f}" for each in cells)
        figures = "".join(f"<td>{said(each)}</td>" for each in shown)
        rows += f"<tr><td>{said(one.key)}</td>{figures}</tr>"
    return f"<table class='rows'><tr>{heads}</tr>{rows}</table>" if rows else ""
