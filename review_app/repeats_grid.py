"""The pictures of a group: the whole frame once, then the same place through time, close up."""

import html
from collections.abc import Mapping

from species_db.repeats.groups import Preview, RepeatGroup

TILE_ASPECT = 4 / 3
AROUND = 2.4  # how much of the place is shown, by the box
LEAST_SIDE = 0.12  # of the frame's width: closer than this is a blur
LOOK = """<style>
.repeats { display: grid; grid-template-columns: 1.55fr 3fr; gap: 10px; align-items: start; }
.repeats .close { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 8px; }
.repeats figure { margin: 0; }
.repeats .pane { position: relative; overflow: hidden; border-radius: 3px; background: #0d0e10; }
.repeats .pane img { position: absolute; max-width: none; }
.repeats .pane i { position: absolute; border: 2px solid #e0a83e; border-radius: 2px; }
.repeats .pane span { position: absolute; inset: 0; display: grid; place-items: center;
  padding: 6px; text-align: center; font-size: 12px; color: #9a9fa6; }
.repeats figcaption { font-size: 12px; color: #c9c8c4; padding-top: 2px; line-height: 1.35;
  font-variant-numeric: tabular-nums; }
.doubts { display: flex; flex-wrap: wrap; gap: 6px; }
</style>"""

Words = Mapping[str, str]
Region = tuple[float, float, float, float]


def grid_html(group: RepeatGroup, words: Words) -> str:
    """Draw the previews; pictures of people are named, not sent for."""
    surest = max(group.previews, key=lambda one: (not one.is_restricted, one.score))
    close = "".join(_figure(one, _around(one), TILE_ASPECT, words) for one in group.previews)
    whole = _figure(surest, (0.0, 0.0, 1.0, 1.0), surest.aspect, words)
    return f"<div class='repeats'>{whole}<div class='close'>{close}</div></div>"


def _around(one: Preview) -> Region:
    """The part of the frame to show: the box with what is around it, in the shape of a tile.

    >>> from species_db.repeats.groups import Preview
    >>> shown = Preview("m", "e", None, 0.5, (0.9, 0.9, 0.1, 0.1), None, False, aspect=4 / 3)
    >>> [round(side, 2) for side in _around(shown)]
    [0.76, 0.76, 0.24, 0.24]
    """
    x, y, width, height = one.box
    shape = TILE_ASPECT / one.aspect  # of a tile, in shares of the frame
    wide = min(1.0, shape, max(AROUND * width, AROUND * height * shape, LEAST_SIDE))
    high = wide / shape
    left = min(max(x + width / 2 - wide / 2, 0.0), 1.0 - wide)
    top = min(max(y + height / 2 - high / 2, 0.0), 1.0 - high)
    return left, top, wide, high


def _figure(one: Preview, region: Region, aspect: float, words: Words) -> str:
    when = f"{one.local_time:%m-%d %H:%M}" if one.local_time else words["no_time"]
    caption = html.escape(f"{when} · {one.score:.2f}")
    inside = _picture(one, region, caption)
    if one.is_restricted:
        inside = f"<span>{html.escape(words['hidden'])}</span>"
    return (
        f"<figure><div class='pane' style='aspect-ratio:{aspect:.4f}'>{inside}</div>"
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _picture(one: Preview, region: Region, caption: str) -> str:
    left, top, wide, high = region
    x, y, width, height = one.box
    name = html.escape(one.media_id, quote=True)
    frame = _at(-left / wide, -top / high, 1 / wide, 1 / high)
    box = _at((x - left) / wide, (y - top) / high, width / wide, height / high)
    return (
        f"<img src='/picture/{name}/clear' alt='{caption}' loading='lazy' style='{frame}'>"
        f"<i style='{box}'></i>"
    )


def _at(left: float, top: float, width: float, height: float) -> str:
    sides = {"left": left, "top": top, "width": width, "height": height}
    return ";".join(f"{name}:{100 * share:.2f}%" for name, share in sides.items())
