"""Reading who calls: `caller`, and the `persona` whose distributions a scenario uses or changes.

caller.reaction, caller.pause     win over the persona's
persona: elderly                  its reaction, pause, patience, slips, misses ...
persona: {like: elderly, slips: 0}  the same with changes
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from hotline.callers import scenario as sc
from hotline.callers.form import Form
from hotline.callers.personas import PERSONAS, Persona
from hotline.callers.scenario import Duration, Span
from hotline.switch.distributions import Distribution, deterministic, uniform
from menus.reader import NodePath

CALLER_KEYS = ("number", "area", "reaction", "pause")
TIMES = ("reaction", "pause", "patience", "talk")
SHARES = ("slips", "misses")
PERSONA_KEYS = ("like", *TIMES, *SHARES, "silent")
"""Keys of a changed persona."""
ENDLESS = ("patience", "talk")
"""Times that may be `never`."""
NEVER = Distribution("never", float("inf"), lambda u: float("inf"))


@dataclass(frozen=True, slots=True)
class Person:
    """Who calls, and how."""

    number: str
    area: str
    reaction: Duration
    pace: Duration
    persona: Persona | None


class People(Form):
    """Reads `caller` and `persona` of one document's scenarios."""

    def _person(self, caller: Any, persona: Any, path: NodePath) -> Person:
        who = None if persona is None else self._persona(persona, (*path, "persona"))
        at = (*path, "caller")
        fields = self._fields({} if caller is None else caller, CALLER_KEYS, at)
        number = "13800138000"
        if "number" in fields:
            number = self._number(fields["number"], (*at, "number"))
        area = fields.get("area")
        reaction: Duration = Span(sc.DEFAULT_REACTION, sc.DEFAULT_REACTION)
        pace: Duration = sc.PACE
        if who is not None:
            reaction, pace = who.reaction, who.pause
        if fields.get("reaction") is not None:
            reaction = self._duration(fields["reaction"], (*at, "reaction"))
        if fields.get("pause") is not None:
            pace = self._duration(fields["pause"], (*at, "pause"))
        return Person(
            number,
            "" if area in (None, "") else self._text(area, (*at, "area")),
            reaction,
            pace,
            who,
        )

    def _number(self, value: Any, path: NodePath) -> str:
        number = "" if value in (None, "") else self._text(value, path)
        if not re.fullmatch(r"\+?\d*", number):
            self._wrong(
                path,
                "号码只能有数字",
                "a number has digits only",
                '写成 "13800138000"',
                'write "13800138000"',
            )
        return number

    def _persona(self, value: Any, path: NodePath) -> Persona:
        if isinstance(value, str):
            return self._named(value, path)
        fields = self._fields(value, PERSONA_KEYS, path)
        if "like" in fields:
            plain = self._named(self._text(fields["like"], (*path, "like")), (*path, "like"))
        else:
            plain = PERSONAS["plain"]
        changed: dict[str, Any] = {
            name: self._time_of(name, fields[name], (*path, name))
            for name in TIMES
            if name in fields
        }
        changed |= {
            name: self._share(fields[name], (*path, name)) for name in SHARES if name in fields
        }
        if "silent" in fields:
            changed["silent"] = self._flag(fields["silent"], (*path, "silent"))
        return replace(plain, **changed)

    def _named(self, name: str, path: NodePath) -> Persona:
        if name not in PERSONAS:
            self._unknown(name, PERSONAS, path)
        return PERSONAS[name]

    def _time_of(self, name: str, value: Any, path: NodePath) -> Distribution:
        if value == "never" and name in ENDLESS:
            return NEVER
        time = self._duration(value, path)
        if isinstance(time, Distribution):
            return time
        return deterministic(time.low) if time.low == time.high else uniform(time.low, time.high)
