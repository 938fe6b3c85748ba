"""Settings of the ACD. Every limit is a setting; what is our own choice says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from agents.callbacks import USUAL, CallbackRule
from agents.errors import SettingsError
from agents.roster import STANDARD_LIMITS, SignInLimits

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class AcdSettings:
    """How the ACD works; times in seconds. Only `answer_within` is the standard's (5.2.7.3)."""

    trunks: int | None = None
    """lines for inbound calls; a call beyond them is blocked (5.2.7.1). None: no limit. Call-backs
    go out on lines of their own (our choice)"""
    waiting_room: int | None = None
    """callers who may wait at once; one more is refused as `full`. None: no limit"""
    answer_within: float = 12.0
    """5.2.7.3: within three rings (12 s). For figures only: the ACD never acts on it"""
    redirect_after: float = 20.0
    """ringing without an answer for so long goes to the next agent. A setting of its own, beyond
    `answer_within`, so that a late answer can happen and fail"""
    wrap_up: float | None = 60.0
    """longest after-call work; then the agent is ready by itself. None: until `WrapUpDone`"""
    ageing: float = 0.0
    """points of priority that a waiting request gains per second"""
    announce_every: float = 30.0
    """callers whose place has changed are told it so often; 0: never"""
    expected_handle: float = 240.0
    """talk plus wrap-up assumed before any was seen, for the expected wait"""
    queue_for: Literal["roster", "signed_in"] = "roster"
    """who must be able to serve a request before it may wait: anybody on the roster, or somebody
    signed in; otherwise `no_agents`"""
    hours: tuple[tuple[float, float], ...] = ()
    """seconds of the day when agents serve; () around the clock. Who already waits stays"""
    clock_midnight: float = 0.0
    """time of day at instant 0 of the call clock"""
    shifts: bool = False
    """whether the roster's shifts sign agents in and out (see `Acd.start`)"""
    break_approval: Literal["rule", "supervisor"] = "rule"
    break_share: float = 0.2
    """by rule, at most this share of those signed in is on a break; one always may be"""
    overflow_after: float = 30.0
    """with several centres: waiting so long in the home centre opens the others too"""
    home_of_area: Mapping[str, str] = field(default_factory=dict)
    """region code -> centre; a call without a home is served anywhere from the start"""
    callback: CallbackRule = USUAL
    """how call-backs that nobody answers are tried again"""
    callback_of: Mapping[str, CallbackRule] = field(default_factory=dict)
    """skill -> its own rule of call-backs"""
    sign_in: SignInLimits = STANDARD_LIMITS

    def __post_init__(self) -> None:
        for name in ("redirect_after", "expected_handle"):
            _positive(name, getattr(self, name), zero=False)
        for name in (
            "wrap_up",
            "ageing",
            "announce_every",
            "overflow_after",
            "trunks",
            "waiting_room",
        ):
            _positive(name, getattr(self, name), zero=True)
        if not 0.0 <= self.break_share <= 1.0:
            raise SettingsError(f"break_share is {self.break_share}; give a share from 0 to 1")
        if self.queue_for not in ("roster", "signed_in"):
            raise SettingsError(f"queue_for is {self.queue_for!r}; give roster or signed_in")
        if self.break_approval not in ("rule", "supervisor"):
            raise SettingsError(
                f"break_approval is {self.break_approval!r}; give rule or supervisor"
            )

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> AcdSettings:
        """Settings from a plan or settings file. Raises `SettingsError` for an unknown name."""
        known = {item.name for item in fields(cls)} - {"sign_in"}
        for name in data:
            if name not in known:
                raise SettingsError(f"unknown setting {name!r}; known: {', '.join(sorted(known))}")
        given = dict(data)
        if "callback" in given:
            given["callback"] = CallbackRule.from_mapping(given["callback"])
        rules = given.get("callback_of", {})
        given["callback_of"] = {name: CallbackRule.from_mapping(r) for name, r in rules.items()}
        return cls(**given)

    def callback_rule(self, skill: str) -> CallbackRule:
        """How a call-back of this skill is tried again."""
        return self.callback_of.get(skill, self.callback)

    def time_of_day(self, at: float) -> float:
        """Seconds after midnight at instant `at`."""
        return (self.clock_midnight + at) % DAY

    def open_at(self, at: float) -> bool:
        """Whether agents serve at instant `at`."""
        if not self.hours:
            return True
        now = self.time_of_day(at)
        return any(
            start <= now < end if start <= end else now >= start or now < end
            for start, end in self.hours
        )


def _positive(name: str, value: float | None, *, zero: bool) -> None:
    if value is not None and (value < 0 or (value == 0 and not zero)):
        raise SettingsError(f"{name} is {value}; give {'0 or more' if zero else 'more than 0'}")
