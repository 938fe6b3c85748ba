"""A stored call -> the scenario of it: `hotline scenario-from-call`.

    heard at 4.2 s, pressed at 6.5 s     - hear: {prompt: root}
                                         - wait: 2.3
                                         - press: "1"
    digits typed into a step             - type: {digits: "1000000001", pause: [0.3, 0.5]}

What services answered goes into `given: answers`, how agents behaved into `given: agents`. Unless
revealed, numbers that belong to somebody are replaced by invented ones of the same length, the same
one everywhere, which pass or fail the book's checks as the true ones did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hotline.callers.from_call.numbers import Names, keys
from hotline.callers.from_call.story import story
from hotline.callers.from_call.world import Agents, given
from hotline.callers.listening import Perceived
from hotline.callers.scenario import CALL_LIMIT
from hotline.switch import events as ev
from hotline.switch.record import Entry


class NotOneCallError(ValueError):
    """The journal is not that of one inbound call."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A scenario as plain data, in the order in which it is written; `notes` say what it cannot
    repeat (Chinese, English)."""

    data: dict[str, Any]
    notes: tuple[tuple[str, str], ...] = ()


def draft(
    entries: Sequence[Entry],
    perceived: Sequence[Perceived],
    *,
    name: str,
    time: str = "",
    reveal: bool = False,
    exact: bool = False,
) -> Draft:
    """The scenario of one call; `perceived` as `listening.listen` gives it.

    `time`: the local time of the call. `exact`: every pause as it was, even within a number.
    Raises `NotOneCallError` for a leg that the hotline dialled.
    """
    arrived = next((e.event for e in entries if isinstance(e.event, ev.CallArrived)), None)
    if arrived is None:
        raise NotOneCallError(
            "the hotline dialled this leg: name the call in which the call-back was booked"
        )
    names = Names(entries, arrived.number, reveal=reveal)
    agents = Agents(arrived.at)
    for entry in entries:
        agents.take(entry.event)
    caller: dict[str, Any] = {"number": names.of(arrived.number), "reaction": 0}
    if arrived.area:
        caller["area"] = arrived.area
    world = ({"time": time} if time else {}) | given(entries, names)
    on_duty = agents.fixtures()
    if on_duty is not None:
        world["agents"] = on_duty
    data: dict[str, Any] = {"scenario": name, "caller": caller}
    if world:
        data["given"] = world
    if perceived and perceived[-1].at > CALL_LIMIT / 2:
        data["limit"] = round(2 * perceived[-1].at)
    data["story"] = list(story(perceived, keys(entries, names), exact=exact))
    return Draft(data, tuple(agents.notes))


__all__ = ["Draft", "NotOneCallError", "draft"]
