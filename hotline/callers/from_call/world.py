"""The world that a call met: what services answered, who was on duty and how they behaved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hotline.callers.fixtures import AGENT_KEYS
from hotline.callers.from_call.numbers import Names
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import OfferOutcome, Party
from hotline.switch.record import Entry
from menus.services import SERVICES

MANDARIN = "zh-CN"
NEVER = 86_400
"""Seconds: later than the end of any call."""
STAYS = 600
"""Seconds that an agent would have gone on talking whom the caller left: our choice."""
FIRST_RUNGS = ("agent.warning.1", "agent.silent.1")
"""What an agent says first to a harassing, or a silent, caller."""


def given(entries: Sequence[Entry], names: Names) -> dict[str, Any]:
    """What services answered, why the ACD would not queue the call, how often it rang."""
    given: dict[str, Any] = {}
    answers = list(_answers(entries, names))
    if answers:
        given["answers"] = answers
    for entry in entries:
        match entry.event:
            case ev.RequestRefused(reason="full"):
                given["waiting_room"] = 0
            case ev.CallBlocked():
                given["trunks"] = 0
            case ev.CallArrived(rings=rings) if rings:
                given["rings"] = rings
    return given


def _answers(entries: Sequence[Entry], names: Names) -> Iterator[dict[str, Any]]:
    replies = {e.event.request: e.event for e in entries if isinstance(e.event, ev.ServiceReplied)}
    for entry in entries:
        event = entry.event
        if not (isinstance(event, ev.Did) and isinstance(event.action, do.CallService)):
            continue
        asked = event.action
        reply = replies.get(asked.request)
        if reply is None:  # the caller was gone before it came
            yield {"service": asked.service, "outcome": "failed", "after": NEVER}
            continue
        row: dict[str, Any] = {"service": asked.service, "outcome": reply.outcome}
        kinds = SERVICES[asked.service].gives if asked.service in SERVICES else {}
        values = {n: names.value(text, kinds.get(n, "")) for n, text in reply.values.items()}
        if values:
            row["values"] = values
        if reply.at - event.at >= 0.001:
            row["after"] = round(reply.at - event.at, 3)
        yield row


@dataclass(slots=True)
class _Seen:
    """What the journal shows of one agent."""

    fixture: dict[str, Any]
    offers: int = 0
    rang: float = 0.0
    bridged: float | None = None


class Agents:
    """The agents who met the call, in the order in which their telephones rang."""

    def __init__(self, arrived: float) -> None:
        self.seen: dict[str, _Seen] = {}
        self.notes: list[tuple[str, str]] = []
        self.asked = False
        self.nobody = False
        self._arrived = arrived
        self._idle = 0.0  # since when the request has waited with no telephone ringing

    def take(self, event: ev.Event) -> None:
        """One event that the call, or the ACD about it, was told."""
        match event:
            case ev.AgentRequested():
                self.asked, self._idle = True, event.at
            case ev.RequestRefused(reason="no_agents"):
                self.nobody = True
            case ev.OfferMade():
                self._offered(event)
            case ev.OfferEnded():
                self._ended(event)
            case ev.AgentConnected(agent=agent, number=number) if agent in self.seen:
                self.seen[agent].fixture["number"] = number
            case ev.Did(action=do.Bridge(agent)) if agent in self.seen:
                self.seen[agent].bridged = event.at
            case ev.Did(action=do.Speak(what)) if what.id in FIRST_RUNGS:
                self._talked(event.at)
            case ev.AgentLeft(agent=agent, to=to, reason=reason) if agent in self.seen:
                self._talked(event.at)
                self.seen[agent].fixture["then"] = reason or to
            case ev.TalkEnded(agent=agent, by=Party.CALLER) if agent in self.seen:
                self._talked(event.at + STAYS)
                self.seen[agent].fixture["then"] = "wait"

    def _talked(self, until: float) -> None:
        """The conversation under way lasted until then, if nothing has ended it before."""
        for seen in self.seen.values():
            if seen.bridged is not None and "talk" not in seen.fixture:
                seen.fixture["talk"] = round(until - seen.bridged, 3)

    def _offered(self, event: ev.OfferMade) -> None:
        seen = self.seen.setdefault(event.agent, _Seen({"number": _digits(event.agent)}))
        seen.offers += 1
        seen.rang = event.at
        if seen.offers == 2:
            self.notes.append(
                (f"客服专员{event.agent}振铃不止一次", f"agent {event.agent} was rung twice")
            )
        seen.fixture["skills"] = sorted({*seen.fixture.get("skills", ()), event.skill})
        spoken = {*seen.fixture.get("languages", ()), event.language}
        if spoken != {MANDARIN}:
            seen.fixture["languages"] = sorted(spoken)
        if event.at - self._idle > 0.01 and seen.offers == 1:
            seen.fixture["free_after"] = round(event.at - self._arrived, 3)

    def _ended(self, event: ev.OfferEnded) -> None:
        self._idle = event.at
        fixture = self.seen[event.agent].fixture
        answered = event.outcome is OfferOutcome.ANSWERED
        if answered or "answer_after" not in fixture:
            fixture["answer_after"] = "never"
        if answered:
            fixture["answer_after"] = round(event.at - self.seen[event.agent].rang, 3)
        elif event.outcome not in (OfferOutcome.NO_ANSWER, OfferOutcome.CALLER_LEFT):
            self.notes.append(
                (f"客服专员{event.agent}未接：{event.outcome}", f"an offer ended: {event.outcome}")
            )

    def fixtures(self) -> list[dict[str, Any]] | None:
        """The agents to have on duty; None when the call asked for none."""
        if not self.asked:
            return None
        if self.seen:
            return [_ordered(seen.fixture) for seen in self.seen.values()]
        # queued and never served: somebody must be on duty who is never free
        return [] if self.nobody else [{"number": "1001", "free_after": NEVER}]


def _ordered(fixture: dict[str, Any]) -> dict[str, Any]:
    return {key: fixture[key] for key in AGENT_KEYS if key in fixture}


def _digits(agent: str) -> str:
    """A number for an agent of whom the journal has only the id."""
    return "".join(letter for letter in agent if letter.isdigit()) or "1001"
