"""Take values out of foreign JSON, each with its place, or refuse the file precisely."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.other_results.facts import Box, refusal

Json = Mapping[str, Any]


def an_object(value: object, where: str) -> Json:
    """A JSON object."""
    if not isinstance(value, dict):
        raise refusal(where, f"expected an object, found {_kind(value)}.", "应为对象。")
    return value


def a_list(value: object, where: str) -> Sequence[Any]:
    """A JSON list."""
    if not isinstance(value, list):
        raise refusal(where, f"expected a list, found {_kind(value)}.", "应为列表。")
    return value


def a_text(value: object, where: str) -> str:
    """Words that are not blank."""
    if not isinstance(value, str) or not value.strip():
        raise refusal(where, f"expected words, found {_kind(value)}.", "应为非空文本。")
    return value


def a_number(value: object, where: str) -> float:
    """A finite number; `true` is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refusal(where, f"expected a number, found {_kind(value)}.", "应为数字。")
    return value


def a_score(value: object, where: str) -> float:
    """A score from 0 to 1."""
    score = float(a_number(value, where))
    if not 0 <= score <= 1:
        raise refusal(
            where,
            f"a score lies in 0..1, found {score:g}.",
            f"分值应在 0 至 1 之间，实为 {score:g}。",
        )
    return score


def a_frame_number(value: object, where: str) -> int:
    """The number of a frame, from 0."""
    number = a_number(value, where)
    if number < 0 or number != int(number):
        raise refusal(
            where, f"a frame has a whole number from 0, found {number:g}.", "帧号应为非负整数。"
        )
    return int(number)


def a_box(value: object, where: str) -> Box:
    """Four numbers, with sides that are not negative; where they lie is not judged here."""
    numbers = a_list(value, where)
    if len(numbers) != 4:
        raise refusal(
            where,
            f"a box has 4 numbers (x, y, width, height), found {len(numbers)}.",
            f"边框应有 4 个数字（x、y、宽、高），实为 {len(numbers)} 个。",
        )
    x, y, width, height = (float(a_number(n, f"{where}[{i}]")) for i, n in enumerate(numbers))
    if width < 0 or height < 0:
        raise refusal(
            where,
            f"the sides of a box are not negative, found {width:g} x {height:g}.",
            "边框的宽和高不能为负数。",
        )
    if max(abs(x), abs(y), width, height) > MOST_FRAMES_AWAY:
        raise refusal(
            where,
            "these are pixels; shares of the picture (0..1) are needed, as MegaDetector writes "
            "them, not COCO's boxes.",
            "此处为像素值；应为相对画面的比例（0 至 1），而非 COCO 格式的像素边框。",
        )
    return x, y, width, height


MOST_FRAMES_AWAY = 2.0
"""A box a whole frame beside the picture is no rounding; only pixels give such numbers."""


def other_fields(value: Json, known: frozenset[str]) -> str:
    """What an object says besides the fields that are read, as JSON in the file's order.

    A field that is read and says nothing (`"failure": null`) belongs to it: it is kept as it is.
    """
    rest = {name: told for name, told in value.items() if name not in known or told is None}
    return json.dumps(rest, ensure_ascii=False) if rest else "{}"


def _kind(value: object) -> str:
    """Say what stands there instead, shortly: a file's content may be private or endless.

    >>> _kind(None), _kind(""), _kind([1, 2]), _kind(float("nan"))
    ('nothing', "''", 'a list', 'nan')
    """
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return repr(value)[:40]
