"""Who may answer: the profiles of the agents (客服专员), and who may sign in at all.

An agent's `skills` are business skills in the order of the agent's preference. `""` serves the
requests that name no business, `"*"` every request (last unless listed first).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from agents.callbacks import CallbackRule

GENERAL = ""
EVERY = "*"

LEVELS: tuple[str, ...] = (
    "一级甲等",
    "一级乙等",
    "二级甲等",
    "二级乙等",
    "三级甲等",
    "三级乙等",
)
"""Levels of the Putonghua certificate, best first."""

NUMBER = re.compile(r"\d{4,6}")
"""What a 工号 looks like: our choice, the standard shows only ××号."""

MANDARIN, ENGLISH = "zh-CN", "en-US"


@dataclass(frozen=True, slots=True)
class Shift:
    """One working day. `start`, `end` and `breaks` (pairs) in seconds after midnight; a night
    shift ends above 86,400.
    """

    start: float
    end: float
    breaks: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """One agent of the roster. `number` is the 工号 of the announcement (5.2.6.5)."""

    id: str
    number: str
    name: str = ""
    skills: tuple[str, ...] = (GENERAL,)
    languages: tuple[str, ...] = (MANDARIN,)
    centre: str = ""
    group: int = 0
    """place of the agent's group in the order of search (policy `groups`): 0 is looked at first"""
    grade: str = ""
    putonghua: str | None = "二级乙等"
    training_passed: bool = True
    minority_seat: bool = False
    shifts: tuple[Shift, ...] = ()
    sip: str = ""
    """user name of his SIP telephone; "": he has none"""
    place: str = ""
    """where the profile is written, `file:line`"""

    def serves(self, skill: str, language: str) -> bool:
        """Whether this agent may take a request for `skill` in `language` (5.2.5.1)."""
        return language in self.languages and (skill in self.skills or EVERY in self.skills)

    def rank(self, skill: str) -> int:
        """Place of `skill` in the agent's preference, 0 = first."""
        if skill in self.skills:
            return self.skills.index(skill)
        return self.skills.index(EVERY) if EVERY in self.skills else len(self.skills)


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """What clause 5.2.5.2 asks before an agent may sign in, with the edition it is from."""

    lowest_level: str = "三级乙等"
    minority_seats_exempt: bool = True
    training_required: bool = True
    edition: str = "Q/GDW 10403, excerpt"


STANDARD_LIMITS = SignInLimits()


def may_sign_in(profile: AgentProfile, limits: SignInLimits = STANDARD_LIMITS) -> str | None:
    """None when `profile` may sign in, else why clause 5.2.5.2 forbids it."""
    if limits.training_required and not profile.training_passed:
        return "5.2.5.2: training before duty is not passed"
    if profile.minority_seat and limits.minority_seats_exempt:
        return None
    if profile.putonghua is None:
        return f"5.2.5.2: no Putonghua certificate; {limits.lowest_level} or better is needed"
    if LEVELS.index(profile.putonghua) > LEVELS.index(limits.lowest_level):
        return (
            f"5.2.5.2: Putonghua certificate {profile.putonghua}; "
            f"{limits.lowest_level} or better is needed"
        )
    return None


@dataclass(frozen=True)
class Roster:
    """All agents, in the order of the file. `centres` in order of appearance."""

    agents: tuple[AgentProfile, ...] = field(default=())
    callback: CallbackRule | None = None
    """how call-backs are tried again, where the file says it"""
    callback_of: Mapping[str, CallbackRule] = field(default_factory=dict)
    """skill -> its own rule"""

    def __iter__(self) -> Iterator[AgentProfile]:
        return iter(self.agents)

    def __len__(self) -> int:
        return len(self.agents)

    def __getitem__(self, agent: str) -> AgentProfile:
        return self.by_id[agent]

    @cached_property
    def by_id(self) -> Mapping[str, AgentProfile]:
        """Profiles by id."""
        return {profile.id: profile for profile in self.agents}

    @property
    def centres(self) -> tuple[str, ...]:
        """Names of the centres, in order of appearance."""
        return tuple(dict.fromkeys(profile.centre for profile in self.agents))
