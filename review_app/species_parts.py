"""Tables and badges of the species page as markup; text is never read as markup."""

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from review_app.say import sign
from review_app.species_charts import index_words
from species_db.lists.words import basis_word, category_word, in_language, kind_word
from species_db.places import COUNTIES
from species_db.vocabulary import StatusKind
from species_db.wildlife.parts import (
    Evidence,
    FieldCount,
    Photo,
    Slice,
    StatusLine,
    TaxonPage,
    Threat,
)

PROTECTION = (StatusKind.PROTECTED_ANIMALS.value, StatusKind.PROTECTED_PLANTS.value)
TONES = {"I": "bad", "II": "doubt"}
LOOK = """<style>
.taxon { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 14px; }
.taxon b { font-size: 30px; font-weight: 600; letter-spacing: .02em; }
.taxon i { font-size: 18px; color: #c9c8c4; } .taxon span { font-size: 15px; color: #9a9fa6; }
.badges { display: flex; flex-wrap: wrap; gap: 6px; padding: 4px 0 2px; }
.tiles { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 8px 22px;
  padding: 8px 0 4px; border-top: 1px solid #2a2e33; border-bottom: 1px solid #2a2e33; }
.tiles div { font-variant-numeric: tabular-nums; line-height: 1.35; }
.tiles b { display: block; font-size: 20px; font-weight: 600; }
.tiles small { display: block; color: #9a9fa6; font-size: 12px; overflow-wrap: anywhere; }
.rows { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.rows th { text-align: left; font-weight: 500; font-size: 12.5px; color: #9a9fa6;
  padding: 4px 14px 4px 0; border-bottom: 1px solid #3c4147; vertical-align: bottom; }
.rows td { padding: 5px 14px 5px 0; border-bottom: 1px solid #262a2f; vertical-align: top;
  font-size: 13px; line-height: 1.4; }
.rows td i, .rows .whole { white-space: nowrap; } .rows td:first-child { min-width: 8em; }
.rows .number { text-align: right; white-space: nowrap; }
.rows small { display: block; color: #9a9fa6; font-size: 12px; }
.rows tr.past td { color: #9a9fa6; }
.proof { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
.proof figure { margin: 0; }
.proof figcaption { font-size: 12px; color: #9a9fa6; padding-top: 2px; }
.proof img { width: 100%; aspect-ratio: 4 / 3; object-fit: cover; border-radius: 3px;
  background: #0d0e10; display: block; }
.facts { margin: 0 !important; padding: 0 !important; display: grid;
  grid-template-columns: max-content 1fr; gap: 3px 16px; font-size: 13.5px; }
.facts dt { margin: 0; padding: 0; font-weight: 400; color: #9a9fa6; }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
</style>"""

Words = Mapping[str, str]


def said(text: object) -> str:
    """Text as text."""
    return html.escape(str(text))


def level_sign(level: str, words: Words, *, has_doubt: bool = False) -> str:
    """The badge of a protection level: shape, word and colour."""
    doubt = f" · ! {words['doubt']}" if has_doubt else ""
    return sign(words.get(level, level) + doubt, TONES.get(level, ""))


def county_name(code: str, words: Words, *, is_chinese: bool) -> str:
    """A county's name; a code nobody knows stays."""
    county = COUNTIES.get(code)
    if county is None:
        return code or words["unknown"]
    return county.name_zh if is_chinese else county.name_en


def header_html(page: TaxonPage, words: Words, *, alerts: int = 0, is_chinese: bool = True) -> str:
    """Names large and quiet, then every status in force with its date; doubts stand open."""
    names = page.identity.names
    here, there = (names.zh, names.en) if is_chinese else (names.en, names.zh)
    first, third = (here, there) if here else (there, "")
    second = names.la if first else ""
    told = f"<b>{said(first or names.la)}</b><i>{said(second)}</i><span>{said(third)}</span>"
    own = [one for one in page.legal.lines if one.taxon_id == page.identity.taxon_id]
    in_force = [one for one in own if one.is_in_force and one.kind != StatusKind.CHECKLIST.value]
    badges = [_badge(one, words) for one in in_force]
    if not any(one.kind in PROTECTION and not one.is_undecided for one in in_force):
        badges.insert(0, level_sign(page.legal.level, words))
    strictest = page.legal.strictest_member
    if strictest and strictest != page.legal.level:
        badges.append(sign(words["may_hold"].format(level=words[strictest]), "doubt"))
    if alerts:
        badges.append(sign(words["alert"].format(count=alerts), "bad"))
    return f"<div class='taxon'>{told}</div><div class='badges'>{''.join(badges)}</div>"


def _badge(one: StatusLine, words: Words) -> str:
    kind = StatusKind(one.kind)
    is_protection = one.kind in PROTECTION
    word = words.get(one.category, one.category) if is_protection else ""
    word = word or f"{kind_word(kind)} {category_word(kind, one.category)}"
    word += f" · {words['since'].format(since=one.effective_from)}"
    if one.is_undecided:
        word += f" · ? {words['undecided']}"
    elif one.doubt:
        word += f" · ! {words['doubt']}"
    tone = TONES.get(one.category, "") if is_protection else ""
    told = " · ".join(filter(None, (one.source, in_language(one.doubt), one.population)))
    return sign(word, tone).replace("<span ", f"<span title='{html.escape(told, quote=True)}' ", 1)


def tiles_html(page: TaxonPage, words: Words, *, is_chinese: bool) -> str:
    """The figures one asks for first, each with what it stands on."""
    camera, review = page.counts.total.camera, page.review
    if camera.index is None:
        index, below = "–", words["no_effort"]
    else:
        index = f"{camera.index:.2f}"
        has = camera.low is not None and camera.high is not None
        span = {"low": f"{camera.low or 0:.2f}", "high": f"{camera.high or 0:.2f}"}
        below = words["interval"].format(**span) if has else words["no_interval"]
    days = f"{camera.camera_days:,.0f}" if camera.camera_days is not None else words["unknown"]
    extra = camera.events_without_effort
    lost = words["without_effort"].format(count=extra) if extra else ""
    waits = words["awaiting"].format(count=review.awaiting)
    undated = words["undated"].format(count=page.undated) if page.undated else ""
    tiles = (
        (words["index"], index, words["index_of"], below),
        (words["independent"], camera.events, words["over_days"].format(days=days), lost),
        (
            words["seen_at"],
            camera.stations_with,
            words["seen_at_of"].format(count=camera.stations),
            "",
        ),
        (words["first"], *_when(page.first, words, is_chinese=is_chinese)),
        (words["last"], *_when(page.last, words, is_chinese=is_chinese)),
        (
            words["review"],
            review.confirmed,
            waits if review.awaiting else words["all_reviewed"],
            undated,
        ),
    )
    told = "".join(
        f"<div><small>{said(head)}</small><b>{said(value)}</b>"
        f"<small>{said(one)}</small><small>{said(two)}</small></div>"
        for head, value, one, two in tiles
    )
    return f"<div class='tiles'>{told}</div>"


def _when(one: Evidence | None, words: Words, *, is_chinese: bool) -> tuple[str, str, str]:
    if one is None:
        return words["never"], "", ""
    county = county_name(one.county, words, is_chinese=is_chinese)
    place = " · ".join(filter(None, (county, one.plot_id)))
    return str(one.on), place, words["record_id"].format(name=one.record_id[:8])


def span(first: date | None, last: date | None) -> str:
    """Two days, or the one they are.

    >>> span(date(2021, 1, 21), date(2021, 1, 21)), span(date(2021, 1, 21), date(2021, 2, 3))
    ('2021-01-21', '2021-01-21 – 2021-02-03')
    """
    return str(first) if first == last else f"{first} – {last}"


def slices_html(
    slices: Sequence[Slice], head: str, words: Words, *, label: Callable[[str], str]
) -> str:
    """Counts beside their effort, those with records first when there are many."""
    heads = (head, words["events"], words["camera_days"], words["index"], words["field"])
    told = "".join(
        f"<th{' class=number' if 0 < n < 4 else ''}>{said(one)}</th>" for n, one in enumerate(heads)
    )
    order = slices
    if len(slices) > 12:
        order = sorted(slices, key=lambda one: (not _has_records(one), one.key))
    body = "".join(_slice_row(one, words, label) for one in order)
    return f"<table class='rows'><tr>{told}</tr>{body}</table>"


def _has_records(one: Slice) -> bool:
    return bool(one.camera.events or any(field.records for field in one.field))


def _slice_row(one: Slice, words: Words, label: Callable[[str], str]) -> str:
    camera = one.camera
    days = f"{camera.camera_days:,.1f}" if camera.camera_days is not None else words["unknown"]
    machine = words["machine_of"].format(count=camera.machine_events)
    extra = f"<small>{said(machine)}</small>" if camera.machine_events else ""
    field = "<br>".join(said(field_words(each, words)) for each in one.field)
    return (
        f"<tr><td>{said(label(one.key))}</td><td class='number'>{camera.events}{extra}</td>"
        f"<td class='number'>{said(days)}</td>"
        f"<td class='number'>{said(index_words(one, words))}</td><td>{field or '–'}</td></tr>"
    )


def field_words(one: FieldCount, words: Words) -> str:
    """One protocol's records beside its visits and their effort."""
    what = words.get(one.protocol, one.protocol)
    parts = [words["visits_of"].format(what=what, records=one.records, visits=one.visits)]
    parts += [f"{each.value:g} {each.unit}" for each in one.efforts]
    if one.absences:
        parts.append(words["absences_of"].format(count=one.absences))
    if one.visits_without_effort:
        parts.append(words["effort_missing"].format(count=one.visits_without_effort))
    return " · ".join(parts)


def threats_html(threats: Sequence[Threat], words: Words) -> str:
    """What was met, how near, and over how many of the taxon's places."""
    heads = ("what", "seen_by", "near", "at_places", "last")
    told = "".join(f"<th>{said(words[name])}</th>" for name in heads)
    body = ""
    for one in threats:
        places = words["places_of"].format(places=one.places, of=one.of_places)
        machine = words["by_machine"].format(count=one.machine_only) if one.machine_only else ""
        body += (
            f"<tr><td>{said(words.get(one.what, one.what))}</td>"
            f"<td>{said(words[one.source])}<small>{said(_threat_effort(one, words))}</small></td>"
            f"<td>{one.near}</td>"
            f"<td>{one.at_its_places}<small>{said(places)} {said(machine)}</small></td>"
            f"<td>{said(one.last_on or '–')}</td></tr>"
        )
    return f"<table class='rows'><tr>{told}</tr>{body}</table>"


def _threat_effort(one: Threat, words: Words) -> str:
    """The effort with which it was met at the places of the taxon."""
    if one.visits is not None:
        return words["over_visits"].format(visits=one.visits)
    if one.camera_days is None:
        return words["no_effort"]
    return words["over_days"].format(days=f"{one.camera_days:,.0f}")


def history_html(lines: Sequence[StatusLine], words: Words) -> str:
    """Every list's word with its days; what no longer holds is quiet."""
    heads = ("list", "category", "days", "entry", "source")
    told = "".join(f"<th>{said(words[name])}</th>" for name in heads)
    return (
        f"<table class='rows'><tr>{told}</tr>{''.join(_history(o, words) for o in lines)}</table>"
    )


def _history(one: StatusLine, words: Words) -> str:
    kind = StatusKind(one.kind)
    days = words["since"].format(since=one.effective_from)
    if one.effective_to:
        days = words["until"].format(begins=one.effective_from, ends=one.effective_to)
    doubt = in_language(one.doubt)
    mark = f"<small>! {said(doubt)}</small>" if doubt else ""
    source = words.get(one.source, one.source)
    remark = f"<small>{said(in_language(one.population or one.remarks))}</small>"
    return (
        f"<tr class='{'' if one.is_in_force else 'past'}'><td>{said(kind_word(kind))}</td>"
        f"<td class='whole'>{said(category_word(kind, one.category))}</td>"
        f"<td class='whole'>{said(days)}</td>"
        f"<td>{said(basis_word(one.basis))}<small><i>{said(one.listed_as)}</i></small>{remark}</td>"
        f"<td>{said(source)}<small>{said(one.authority)}</small>{mark}</td></tr>"
    )


def photos_html(photos: Sequence[Photo], words: Words, *, is_chinese: bool) -> str:
    """The best photos, with day and county; they come without EXIF from the picture route."""
    shown = []
    for one in photos:
        county = county_name(one.county, words, is_chinese=is_chinese)
        name = html.escape(one.media_id, quote=True)
        told = said(f"{one.taken_on or words['unknown']} · {county}")
        shown.append(
            f"<figure><img src='/picture/{name}/clear' alt='{told}'>"
            f"<figcaption>{told}</figcaption></figure>"
        )
    return f"<div class='proof'>{''.join(shown)}</div>"


def facts_html(facts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Named facts, each with lines below it."""
    told = "".join(
        f"<dt>{said(name)}</dt><dd>{'<br>'.join(said(one) for one in lines if one)}</dd>"
        for name, lines in facts
    )
    return f"<dl class='facts'>{told}</dl>"
