"""What the JSON API answers. Times of day are ISO 8601 with zone; durations are seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Health(BaseModel):
    """Whether the hotline takes calls."""

    status: str = Field(description="`ok`, or `draining` while it only finishes calls in progress")
    calls: int = Field(description="calls in progress")
    uptime: float = Field(description="seconds since the hotline was started")
    audio: dict[str, float] | None = Field(
        None,
        description="the media clock so far: frames sent, late and skipped; `stalls`, slots more "
        "than 60 ms late; `latest_ms`, how late the latest one was; spacing of frames in ms",
    )


class CallSummary(BaseModel):
    """One call, in progress or over."""

    call: str
    number: str = Field(description="the caller's number, masked in the middle")
    area: str
    medium: str
    began: datetime
    seconds: float = Field(description="from arrival to end, or to now")
    in_progress: bool
    outcome: str = Field(description="of `hotline.switch.record`, or `in_progress`")
    ended_by: str
    languages: list[str]
    menus: int = Field(description="menus entered")
    keys: int = Field(description="keys pressed")
    solved: bool = Field(description="a task was done in self-service (5.2.7.2)")
    agent: str = Field(description="number (工号) of the last agent, or empty")
    wait: float | None = Field(description="queue plus ring of the last request, seconds")
    survey: int | None = Field(description="1 satisfied, 2 so-so, 3 dissatisfied")


class OfferModel(BaseModel):
    """One agent's telephone ringing."""

    agent: str
    ring: float
    outcome: str


class RequestModel(BaseModel):
    """One request for an agent."""

    request: int
    skill: str
    language: str
    wait: float
    outcome: str
    agent_number: str
    ended_by: str | None
    offers: list[OfferModel]
    audio: dict[str, str | int | float] = Field(
        default={}, description="as that of the call, with the agent's own telephone; else empty"
    )


class Visit(BaseModel):
    """A menu or step the caller went through; `at` in seconds from the call's arrival."""

    id: str
    at: float
    depth: int | None = None
    outcome: str | None = None


class CallDetail(CallSummary):
    """One call with where it went."""

    visited: list[Visit]
    steps: list[Visit]
    requests: list[RequestModel]
    wrong_keys: int
    no_inputs: int
    reason: str
    audio: dict[str, str | int | float] = Field(
        default={},
        description="codec, packets, loss, jitter, round trip, estimated opinion (ITU-T G.107) as "
        "far as the medium tells; empty before the end",
    )


class CallEvent(BaseModel):
    """One event of a call; the fields besides `t` and `at` depend on `t`. Digits are masked."""

    model_config = ConfigDict(extra="allow")

    t: str = Field(description="what happened; see hotline/web/messages.py for all kinds")
    at: float = Field(description="seconds on the call clock")


class ClauseResult(BaseModel):
    """What one rule of one clause says about one call."""

    clause: str
    rule: str
    title: str
    checked: int = Field(description="times there was something to look at")
    passed: int
    status: str = Field(description="`pass`, or `fail` when any look failed")
    measured: str = Field(description="what was seen at the first failure, else at the first look")
    place: str


class AgentModel(BaseModel):
    """One agent now."""

    agent: str
    number: str
    name: str
    state: str
    seconds: float = Field(description="in this state")
    call: str
    skills: list[str]


class ShareModel(BaseModel):
    """`good` of `total`; `share` is null when there was nothing to count."""

    good: int
    total: int
    share: float | None


class Metrics(BaseModel):
    """Figures of all closed calls, and of this moment."""

    calls: int = Field(description="closed calls")
    in_progress: int
    waiting: int = Field(description="calls that wait for an agent now")
    agents: dict[str, int] = Field(description="agents by state")
    outcomes: dict[str, int]
    ring_within_12: ShareModel = Field(description="offers answered within 12 s (5.2.7.3)")
    queue_and_ring_within_12: ShareModel = Field(description="requests, queue plus ring")
    contained: ShareModel = Field(description="self-service done, no agent (5.2.7.2)")


class Finding(BaseModel):
    """One lint finding."""

    rule: str
    level: str
    clause: str
    file: str
    line: int
    message: str
    hint: str


class CommonKey(BaseModel):
    """A key that every menu inherits."""

    key: str
    target: str
    zh: str
    en: str


class BookTree(BaseModel):
    """The book as the tree a caller walks (`hotline.web.tree.Node`), and the common keys."""

    tree: dict[str, Any]
    common: list[CommonKey]


class BookModel(BaseModel):
    """The menu book in use."""

    edition: str
    language: str
    languages: list[str]
    menus: int
    steps: int
    diagram: str = Field(description="Mermaid source")
    findings: list[Finding]
