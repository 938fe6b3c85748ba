"""What the caller heard and did, as the steps of a story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, floor
from typing import Any

from hotline.callers.listening import Perceived
from hotline.callers.scenario import DEFAULT_WITHIN

LONG_PAUSE = 2.0
"""Seconds between two keys above which they are written as separate steps: our choice."""


def story(
    perceived: Sequence[Perceived], keys: Sequence[str], *, exact: bool
) -> Iterator[dict[str, Any]]:
    """The steps: each waits as long as the caller did."""
    left = iter(keys)
    now, at = 0.0, 0
    while at < len(perceived):
        item = perceived[at]
        at += 1
        match item.kind:
            case "pressed":
                yield from _wait(item.at - now)
                more = 0 if exact else _row(perceived[at:], item.at)
                pressed = next(left) + "".join(next(left) for _ in range(more))
                yield _keys(pressed, [item, *perceived[at : at + more]])
                at += more
                now = perceived[at - 1].at
            case "left":
                yield from _wait(item.at - now)
                yield {"hang_up": None}
                return
            case _ if not item.more:
                yield _hear(item, item.at - now)
                now = item.at
    if not perceived or perceived[-1].kind != "closed":
        yield {"hang_up": None}


def _wait(seconds: float) -> Iterator[dict[str, Any]]:
    if seconds >= 0.001:
        yield {"wait": round(seconds, 3)}


def _row(rest: Sequence[Perceived], since: float) -> int:
    """How many keys follow in one go."""
    count = 0
    for item in rest:
        if item.kind != "pressed" or item.at - since > LONG_PAUSE:
            break
        since = item.at
        count += 1
    return count


def _keys(pressed: str, items: Sequence[Perceived]) -> dict[str, Any]:
    if len(pressed) == 1:
        return {"press": pressed}
    pauses = [after.at - before.at for before, after in pairwise(items)]
    span = [floor(100 * min(pauses)) / 100, ceil(100 * max(pauses)) / 100]
    return {"type": {"digits": pressed, "pause": span}}


def _hear(item: Perceived, waited: float) -> dict[str, Any]:
    what: Any = {"heard": {"prompt": item.what}, "tone": {"tone": item.what}}.get(item.kind)
    if what is None:
        what = {"closed": "hangup"}.get(item.kind, item.kind)
    long = {"within": ceil(2 * waited)} if waited > DEFAULT_WITHIN / 2 else {}
    return {"hear": what} | long
