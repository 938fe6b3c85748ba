"""How simulated agents behave, as named data. Times in seconds, drawn from named distributions.

The figures are our defaults (talk 180 s with a coefficient of variation near 1, wrap-up 30 s);
`late` and `just_in_time` sit on either side of the 12 s of clause 5.2.7.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from agents.errors import SettingsError
from hotline.switch.distributions import (
    Distribution,
    DistributionError,
    deterministic,
    from_mapping,
    lognormal,
    uniform,
)

ENDINGS = ("survey", "wait", "hang_up", "harassment", "silent")
"""How a conversation can end from the agent's side, besides `transfer:SKILL`:

- survey: sends the caller to the satisfaction survey
- wait: lets the caller hang up first, as 5.2.7.3 wants it
- hang_up: hangs up first without a reason: the violation of 5.2.7.3
- harassment: three warnings, then hangs up lawfully (5.2.7.6)
- silent: asks three times, says that nothing can be heard, then hangs up lawfully
"""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to work. `endings` are pairs (ending, weight)."""

    ring: Distribution = deterministic(3.0)  # noqa: RUF009 - immutable
    talk: Distribution = lognormal(180.0, 1.0)  # noqa: RUF009
    wrap_up: Distribution = lognormal(30.0, 0.5)  # noqa: RUF009
    endings: tuple[tuple[str, float], ...] = (("survey", 1.0),)
    answers: float = 1.0
    """share of the offers that are answered at all"""
    back_after: float | None = 10.0
    """ready again so long after an offer was not answered; None: stays not ready"""
    greets_after: float = 6.0
    """greets so long after connecting where nobody reports that the line is bridged"""
    waits_at_most: float = 120.0
    """an agent who waits for the caller to hang up sends him to the survey after so long"""
    pause: float = 5.0
    """between the warnings to a harassing caller, or the questions to a silent one"""


def _behaviours() -> dict[str, Behaviour]:
    normal = Behaviour(ring=uniform(5.0, 10.0), endings=(("survey", 0.7), ("wait", 0.3)))
    prompt = Behaviour(
        ring=deterministic(2.0), talk=deterministic(20.0), wrap_up=deterministic(5.0)
    )
    return {
        "normal": normal,
        "steady": prompt,
        "just_in_time": replace(prompt, ring=deterministic(11.9)),
        "late": replace(prompt, ring=deterministic(13.0)),
        "absent": replace(prompt, answers=0.0),
        "waits": replace(prompt, endings=(("wait", 1.0),)),
        "hangs_up": replace(prompt, endings=(("hang_up", 1.0),)),
        "harassed": replace(prompt, endings=(("harassment", 1.0),)),
        "silent_line": replace(prompt, endings=(("silent", 1.0),)),
        "transfers_bill": replace(prompt, endings=(("transfer:bill", 1.0),)),
    }


BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType(_behaviours())
"""The behaviours that plans may name."""


def behaviour(given: str | Mapping[str, Any]) -> Behaviour:
    """A behaviour by name, or `{like: NAME, ring: {distribution: ...}, endings: {...}, ...}`.

    Raises `SettingsError` naming what is wrong and what is known.
    """
    if isinstance(given, str):
        if given not in BEHAVIOURS:
            known = ", ".join(sorted(BEHAVIOURS))
            raise SettingsError(f"unknown behaviour {given!r}; known: {known}")
        return BEHAVIOURS[given]
    fields = dict(given)
    base = behaviour(str(fields.pop("like", "normal")))
    return replace(base, **{name: _field(name, value) for name, value in fields.items()})


def _field(name: str, value: Any) -> Any:
    if name in ("ring", "talk", "wrap_up"):
        try:
            return from_mapping(value)
        except DistributionError as error:
            raise SettingsError(f"behaviour: {name}: {error}") from error
    if name == "endings":
        return _endings(value)
    if name == "back_after" and value is None:
        return None
    if name in ("answers", "back_after", "greets_after", "waits_at_most", "pause"):
        return _number(name, value)
    raise SettingsError(
        f"behaviour: unknown field {name!r}; known: like, ring, talk, wrap_up, endings, answers, "
        "back_after, greets_after, waits_at_most, pause"
    )


def _number(name: str, value: Any) -> float:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    if not good or (name == "answers" and value > 1):
        limit = "from 0 to 1" if name == "answers" else "of 0 or more"
        raise SettingsError(f"behaviour: {name} is {value!r}; give a number {limit}")
    return float(value)


def _endings(value: Any) -> tuple[tuple[str, float], ...]:
    pairs = {value: 1.0} if isinstance(value, str) else dict(value)
    for ending in pairs:
        if ending not in ENDINGS and not ending.startswith("transfer:"):
            raise SettingsError(
                f"behaviour: unknown ending {ending!r}; known: {', '.join(ENDINGS)}, transfer:SKILL"
            )
    if not pairs or min(pairs.values()) < 0 or sum(pairs.values()) <= 0:
        raise SettingsError("behaviour: endings need weights of which one is above 0")
    return tuple(pairs.items())
