"""Routing policies: plain functions.

Default: higher priority is served first, then first come first served; agents by longest idle.

Three questions, three kinds of function:
- `order(priority, asked, ageing)`: the key of a request's place, smallest first. It is fixed when
  the request is made: with linear ageing the order of two requests never changes.
- `choose_agent(idle, skill, now)`: which of the idle agents gets the request. `idle` is never
  empty and lists the longest idle first, so that this choice costs nothing.
- `choose_request(agent, heads)`: which of the first places of the agent's lines he serves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agents.errors import SettingsError
from agents.floor import Agent, Key, Place

Order = Callable[[int, float, float], Key]
ChooseAgent = Callable[[Collection[Agent], str, float], Agent]
ChooseRequest = Callable[[Agent, Sequence[Place]], Place]


def priority_first(priority: int, asked: float, ageing: float) -> Key:
    """Higher priority first, then first come first served.

    After `w` seconds a request is worth `priority + ageing * w` points. `w` is `now - asked`, and
    `now` is the same for all who wait, so `priority - ageing * asked` orders them for good.
    """
    return (ageing * asked - priority, asked)


def first_come(priority: int, asked: float, ageing: float) -> Key:
    """First come first served, whatever the priority."""
    return (asked,)


def longest_idle(idle: Collection[Agent], skill: str, now: float) -> Agent:
    """Who has been ready for the longest time."""
    return next(iter(idle))


def most_idle(idle: Collection[Agent], skill: str, now: float) -> Agent:
    """Who has the largest share of idle time since sign-in; ties by longest idle."""
    return min(idle, key=lambda agent: (_busy_share(agent, now), agent.turn))


def _busy_share(agent: Agent, now: float) -> float:
    present = now - agent.signed_in
    return agent.busy / present if present > 0 else 0.0


def skill_rank(idle: Collection[Agent], skill: str, now: float) -> Agent:
    """Who prefers `skill` most; ties by longest idle."""
    return min(idle, key=lambda agent: (agent.profile.rank(skill), agent.turn))


def round_robin(idle: Collection[Agent], skill: str, now: float) -> Agent:
    """Whose last offer is the oldest, in turn; those without any first, by longest idle."""
    return min(idle, key=lambda agent: (agent.last_offer, agent.turn))


def first_group(idle: Collection[Agent], skill: str, now: float) -> Agent:
    """Who is of the first group in the order of search; within it the longest idle."""
    return min(idle, key=lambda agent: (agent.profile.group, agent.turn))


def first_place(agent: Agent, heads: Sequence[Place]) -> Place:
    """The place that comes first in the order of service."""
    return min(heads)


def preferred_skill(agent: Agent, heads: Sequence[Place]) -> Place:
    """At equal worth, the skill that the agent prefers; then first come first served."""
    return min(
        heads,
        key=lambda place: (place[0][0], agent.profile.rank(place[2].skill), place[0], place[1]),
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """One answer to each of the three questions."""

    order: Order = priority_first
    choose_agent: ChooseAgent = longest_idle
    choose_request: ChooseRequest = first_place


POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "longest_idle": Policy(),
        "most_idle": Policy(choose_agent=most_idle),
        "skill_rank": Policy(choose_agent=skill_rank, choose_request=preferred_skill),
        "round_robin": Policy(choose_agent=round_robin),
        "first_come": Policy(order=first_come),
        "preference": Policy(choose_request=preferred_skill),
        "groups": Policy(choose_agent=first_group, choose_request=preferred_skill),
    }
)
"""Policies by the names that plans and settings use. `groups` is the queue plan's: a call looks
through the groups in their order, an agent serves in the order of his group's skills."""


def policy(name: str) -> Policy:
    """The policy called `name`. Raises `SettingsError` naming the known ones."""
    if name not in POLICIES:
        raise SettingsError(f"unknown policy {name!r}; known: {', '.join(POLICIES)}")
    return POLICIES[name]
