"""`fold(entries) -> CallRecord`: one immutable row per call, from which every figure is computed.

A call's journal is the only truth; a record can be folded again at any time. ACD figures count
requests or offers, never calls: a transfer asks twice, a redirected call is offered twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import OfferOutcome, Party


class Outcome(StrEnum):
    """How a call ended, seen from the hotline."""

    BLOCKED = "blocked"  # no trunk: busy
    AGENT = "agent"  # talked to an agent
    ABANDONED = "abandoned"  # left while asking for an agent and spoke to none
    SELF_SERVICE = "self_service"  # ended in the IVR with a task done
    IVR = "ivr"  # ended in the IVR with nothing done
    CALLBACK = "callback"  # booked a call-back instead of waiting
    LOST = "lost"  # was in progress when the hotline stopped


class RequestOutcome(StrEnum):
    """How one request for an agent ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"  # hung up while waiting or ringing
    WITHDRAWN = "withdrawn"  # chose something else
    REFUSED = "refused"
    CALLBACK = "callback"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Offer:
    """One agent's telephone ringing for one request. Instants in seconds on the call clock."""

    offer: int
    agent: str
    offered: float
    ended: float
    outcome: OfferOutcome

    @property
    def ring(self) -> float:
        """Seconds of ringing."""
        return self.ended - self.offered


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request for an agent. `ended`: answered, left or refused. `heard_agent`: the agent
    announcement (5.2.6.5) began. `talk_ended` and `ended_by`: who left the conversation."""

    request: int
    skill: str
    language: str
    priority: int
    asked: float
    ended: float
    outcome: RequestOutcome
    offers: tuple[Offer, ...] = ()
    agent: str = ""
    agent_number: str = ""
    announced_number: str = ""
    heard_agent: float | None = None
    bridged: float | None = None
    talk_ended: float | None = None
    ended_by: Party | None = None
    end_reason: str = ""
    """of an agent who hung up: harassment | silent | "" (clause 5.2.7.3's lawful exceptions)"""
    left_to: str = ""
    """survey | hang_up | transfer:SKILL, or "" when the caller left first"""
    music_gap: float = 0.0
    """longest stretch without music or a message while waiting, s (5.2.6.4)"""
    media: ev.MediaQuality | None = None
    """how the audio with the agent's own telephone went; None where he has none"""

    @property
    def wait(self) -> float:
        """Queue plus ring, seconds."""
        return self.ended - self.asked


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step the caller went through, its service and outcome."""

    step: str
    at: float
    outcome: str
    service: str = ""
    solved: bool = False


@dataclass(frozen=True, slots=True)
class MenuVisit:
    """One visit to a menu; `depth` counts menus from the start."""

    menu: str
    at: float
    depth: int


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """One prompt: when it began, when it ended or was cut off; values are left out (privacy)."""

    prompt: str
    at: float
    ended: float
    cut: bool
    language: str


@dataclass(frozen=True, slots=True)
class BargeIn:
    """A key during a prompt that may be interrupted: seconds from key to silence (5.2.6.3)."""

    prompt: str
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, whole. No digits typed, no account numbers; `number` is the caller's."""

    call: str
    number: str
    medium: str
    area: str
    centre: str
    arrived: float
    answered: float | None
    ended: float
    outcome: Outcome
    ended_by: Party
    reason: str
    languages: tuple[str, ...]
    menus: tuple[MenuVisit, ...]
    steps: tuple[StepRecord, ...]
    prompts: tuple[PromptRecord, ...]
    barge_ins: tuple[BargeIn, ...]
    keys: int
    wrong_keys: int
    no_inputs: int
    last_resorts: int
    requests: tuple[RequestRecord, ...]
    survey: int | None
    survey_reason: str
    clock_start: float = 0.0
    """epoch seconds of instant 0 of the call clock; 0 in pure virtual time"""
    media: ev.MediaQuality | None = None
    """how the audio went; None where there was none to measure (virtual time)"""

    @property
    def duration(self) -> float:
        """Seconds from arrival to end."""
        return self.ended - self.arrived


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal line: `event`, addressed `to` call | acd | journal."""

    to: str
    event: ev.Event


class _Request:
    """A request while its call is being folded: the fields of `RequestRecord`, still open."""

    __slots__ = (
        "agent",
        "agent_number",
        "announced_number",
        "asked",
        "bridged",
        "end_reason",
        "ended",
        "ended_by",
        "heard_agent",
        "language",
        "left_to",
        "media",
        "music_gap",
        "offers",
        "outcome",
        "priority",
        "request",
        "skill",
        "talk_ended",
    )

    def __init__(self, request: int, skill: str, language: str, priority: int, asked: float):
        self.request, self.skill, self.language, self.priority = request, skill, language, priority
        self.asked = self.ended = asked
        self.outcome = RequestOutcome.LOST
        self.offers: list[Offer] = []
        self.agent = self.agent_number = self.announced_number = ""
        self.heard_agent: float | None = None
        self.bridged: float | None = None
        self.talk_ended: float | None = None
        self.ended_by: Party | None = None
        self.end_reason = self.left_to = ""
        self.music_gap = 0.0
        self.media: ev.MediaQuality | None = None

    def record(self) -> RequestRecord:
        return RequestRecord(
            self.request,
            self.skill,
            self.language,
            self.priority,
            self.asked,
            self.ended,
            self.outcome,
            tuple(self.offers),
            self.agent,
            self.agent_number,
            self.announced_number,
            self.heard_agent,
            self.bridged,
            self.talk_ended,
            self.ended_by,
            self.end_reason,
            self.left_to,
            self.music_gap,
            self.media,
        )


class _Fold:
    """The accumulator of one call's fold; `_HANDLERS` says which event feeds which method."""

    def __init__(self) -> None:
        self.arrival: ev.CallArrived | None = None
        self.call = ""
        self.first: float | None = None
        self.last = 0.0
        self.answered: float | None = None
        self.closed: ev.CallClosed | None = None
        self.blocked = False
        self.callback = False
        self.languages: list[str] = []
        self.menus: list[MenuVisit] = []
        self.steps: list[StepRecord] = []
        self.prompts: list[PromptRecord] = []
        self.barge_ins: list[BargeIn] = []
        self.keys = self.wrong_keys = self.no_inputs = self.last_resorts = 0
        self.key_at: float | None = None
        self.requests: dict[int, _Request] = {}
        self.waiting: _Request | None = None
        self.talking: _Request | None = None
        self.offers: dict[int, tuple[int, str, float]] = {}
        self.survey: int | None = None
        self.survey_reason = ""
        self.play: tuple[int, do.Playable, float] | None = None
        self.silent_since: float | None = None
        self.media: ev.MediaQuality | None = None

    # --- the call ----------------------------------------------------------------------------

    def arrived(self, event: ev.CallArrived) -> None:
        self.arrival = event

    def key(self, event: ev.KeyPressed) -> None:
        self.keys += 1
        self.key_at = event.at

    def entered(self, event: ev.MenuEntered) -> None:
        self.menus.append(MenuVisit(event.menu, event.at, event.depth))
        self.language(event.language)

    def language(self, language: str) -> None:
        if not self.languages or self.languages[-1] != language:
            self.languages.append(language)

    def step(self, event: ev.StepFinished) -> None:
        self.steps.append(
            StepRecord(event.step, event.at, event.outcome, event.service, event.solved)
        )

    def wrong(self, event: ev.WrongKey) -> None:
        self.wrong_keys += 1

    def silent(self, event: ev.NoInput) -> None:
        self.no_inputs += 1

    def last_resort(self, event: ev.LastResort) -> None:
        self.last_resorts += 1

    def surveyed(self, event: ev.SurveyAnswered) -> None:
        self.survey, self.survey_reason = event.score, event.reason

    def booked(self, event: ev.CallbackBooked) -> None:
        self.callback = True
        self._end(event.request, event.at, RequestOutcome.CALLBACK)

    # --- what was heard ----------------------------------------------------------------------

    def did(self, event: ev.Did) -> None:
        action = event.action
        if type(action) is do.Play:
            self._play_ended(event.at, cut=True)
            self._sound(event.at)
            self.play = (action.play, action.what, event.at)
            what = action.what
            if type(what) is do.Prompt and what.id == "agent.announcement":
                self._announced(event.at, what)
        elif type(action) is do.StopPlay:
            if self.play and self.play[0] == action.play:
                _, what, began = self.play
                self._play_ended(event.at, cut=True)
                key_at = self.key_at
                if key_at is not None and key_at >= began and type(what) is do.Prompt:
                    self.barge_ins.append(BargeIn(what.id, key_at, event.at - key_at))
        elif type(action) is do.Answer:
            self.answered = event.at
        elif type(action) is do.Bridge and self.talking is not None:
            self.talking.bridged = event.at

    def finished(self, event: ev.PlaybackFinished) -> None:
        if self.play and self.play[0] == event.play:
            self._play_ended(event.at, cut=False)

    def _play_ended(self, at: float, *, cut: bool) -> None:
        if self.play is None:
            return
        _, what, began = self.play
        if type(what) is do.Prompt:
            self.prompts.append(PromptRecord(what.id, began, at, cut, what.language))
        self.play = None
        self.silent_since = at

    def _sound(self, at: float) -> None:
        """Something is audible from `at` on: close a stretch of silence in the queue."""
        if self.waiting is not None and self.silent_since is not None:
            gap = at - max(self.silent_since, self.waiting.asked)
            self.waiting.music_gap = max(gap, self.waiting.music_gap)
        self.silent_since = None

    def _announced(self, at: float, what: do.Prompt) -> None:
        number = str(dict(what.values).get("agent", ""))
        if self.talking is not None:
            self.talking.heard_agent, self.talking.announced_number = at, number

    # --- agents ------------------------------------------------------------------------------

    def asked(self, event: ev.AgentRequested) -> None:
        self._open(event.request, event.skill, event.language, event.priority, event.at)

    def callback_due(self, event: ev.CallbackDue) -> None:
        self._open(event.request, event.skill, event.language, 0, event.at)

    def _open(self, request: int, skill: str, language: str, priority: int, asked: float) -> None:
        self.waiting = self.requests[request] = _Request(request, skill, language, priority, asked)
        if self.play is None and self.silent_since is None:
            self.silent_since = asked

    def offered(self, event: ev.OfferMade) -> None:
        self.offers[event.offer] = (event.request, event.agent, event.at)

    def offer_ended(self, event: ev.OfferEnded) -> None:
        made = self.offers.pop(event.offer, None)
        if made is None:
            return
        request, agent, offered = made
        offer = Offer(event.offer, agent, offered, event.at, event.outcome)
        if request in self.requests:
            self.requests[request].offers.append(offer)

    def connected(self, event: ev.AgentConnected) -> None:
        request = self.requests.get(event.request)
        if request is None or request is not self.waiting:
            return  # the caller left in the very moment in which the agent answered
        self._sound(event.at)
        self._end(event.request, event.at, RequestOutcome.ANSWERED)
        request.agent, request.agent_number = event.agent, event.number
        self.talking = request

    def refused(self, event: ev.RequestRefused) -> None:
        self._end(event.request, event.at, RequestOutcome.REFUSED)

    def withdrawn(self, event: ev.RequestWithdrawn) -> None:
        gone = event.reason in ("hung_up", "abandoned")
        outcome = RequestOutcome.ABANDONED if gone else RequestOutcome.WITHDRAWN
        self._end(event.request, event.at, outcome)

    def talk_ended(self, event: ev.TalkEnded) -> None:
        self._talk_over(event.at, event.by)

    def agent_left(self, event: ev.AgentLeft) -> None:
        if self.talking is not None:
            self.talking.left_to, self.talking.end_reason = event.to, event.reason
        self._talk_over(event.at, Party.AGENT)

    def _talk_over(self, at: float, by: Party) -> None:
        if self.talking is not None:
            self.talking.talk_ended, self.talking.ended_by = at, by
            self.talking = None

    def _end(self, request: int, at: float, outcome: RequestOutcome) -> None:
        waiting = self.waiting
        if waiting is not None and waiting.request == request:
            waiting.ended, waiting.outcome = at, outcome
            self.waiting = None

    def measured(self, event: ev.MediaReport) -> None:
        if not event.agent:
            self.media = event.quality
            return
        for request in reversed(self.requests.values()):
            if request.agent == event.agent:
                request.media = event.quality
                return

    # --- the row -----------------------------------------------------------------------------

    def record(self) -> CallRecord:
        end = self.closed.at if self.closed else self.last
        self._play_ended(end, cut=True)
        if self.waiting is not None:
            self.waiting.ended = end
        if self.talking is not None:
            self._talk_over(end, Party.NETWORK)
        for offer, (request, agent, offered) in self.offers.items():
            if request in self.requests:
                left = Offer(offer, agent, offered, end, OfferOutcome.LOST)
                self.requests[request].offers.append(left)
        arrival = self.arrival
        return CallRecord(
            call=self.call,
            number=arrival.number if arrival else "",
            medium=arrival.medium if arrival else "",
            area=arrival.area if arrival else "",
            centre=arrival.centre if arrival else "",
            arrived=arrival.at if arrival else (self.first or 0.0),
            answered=self.answered,
            ended=end,
            outcome=self.outcome(),
            ended_by=self.closed.by if self.closed else Party.NETWORK,
            reason=self.closed.reason if self.closed else "lost",
            languages=tuple(self.languages),
            menus=tuple(self.menus),
            steps=tuple(self.steps),
            prompts=tuple(self.prompts),
            barge_ins=tuple(self.barge_ins),
            keys=self.keys,
            wrong_keys=self.wrong_keys,
            no_inputs=self.no_inputs,
            last_resorts=self.last_resorts,
            requests=tuple(request.record() for request in self.requests.values()),
            survey=self.survey,
            survey_reason=self.survey_reason,
            media=self.media,
        )

    def outcome(self) -> Outcome:
        if self.blocked:
            return Outcome.BLOCKED
        if self.closed is None or self.closed.reason == "lost":
            return Outcome.LOST
        outcomes = [request.outcome for request in self.requests.values()]
        if RequestOutcome.ANSWERED in outcomes:
            return Outcome.AGENT
        if self.callback:
            return Outcome.CALLBACK
        if outcomes and outcomes[-1] is RequestOutcome.ABANDONED:
            return Outcome.ABANDONED
        if any(step.solved for step in self.steps):
            return Outcome.SELF_SERVICE
        return Outcome.IVR


_HANDLERS = {
    ev.CallArrived: _Fold.arrived,
    ev.KeyPressed: _Fold.key,
    ev.MenuEntered: _Fold.entered,
    ev.LanguageChanged: lambda fold, event: fold.language(event.language),
    ev.StepFinished: _Fold.step,
    ev.WrongKey: _Fold.wrong,
    ev.NoInput: _Fold.silent,
    ev.LastResort: _Fold.last_resort,
    ev.SurveyAnswered: _Fold.surveyed,
    ev.CallbackBooked: _Fold.booked,
    ev.Did: _Fold.did,
    ev.PlaybackFinished: _Fold.finished,
    ev.AgentRequested: _Fold.asked,
    ev.CallbackDue: _Fold.callback_due,
    ev.OfferMade: _Fold.offered,
    ev.OfferEnded: _Fold.offer_ended,
    ev.AgentConnected: _Fold.connected,
    ev.RequestRefused: _Fold.refused,
    ev.RequestWithdrawn: _Fold.withdrawn,
    ev.TalkEnded: _Fold.talk_ended,
    ev.AgentLeft: _Fold.agent_left,
    ev.MediaReport: _Fold.measured,
    ev.CallBlocked: lambda fold, event: setattr(fold, "blocked", True),
    ev.CallClosed: lambda fold, event: setattr(fold, "closed", event),
}


def fold(entries: Iterable[Entry]) -> CallRecord:
    """Fold one call's journal entries, in order, into its row. Pure; costs tens of microseconds.

    A journal without `CallClosed` gives a row with outcome `lost` that ends at its last entry.
    """
    state = _Fold()
    handlers = _HANDLERS
    for entry in entries:
        event = entry.event
        if state.first is None:
            state.first, state.call = event.at, event.call
        state.last = event.at
        handler = handlers.get(type(event))
        if handler is not None:
            handler(state, event)  # type: ignore[operator]
    return state.record()
