"""A caller whose call is being measured: what passes between him and the telephone is noted.

    telephone --events--> Observed --events--> caller (a walker, a persona, a scenario's player)
    telephone <-actions-- Observed <-actions-- caller

When an agent was asked for is decided as `heard_agent_within` decides it (`watchers.Asking`), or
known from a walker, who knows which key asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from hotline.callers import hearing as hear
from hotline.callers.hearing import Caller, Canon
from hotline.callers.player import Player
from hotline.callers.walker import Walker
from hotline.callers.watchers import Asking
from hotline.load.calls import LoadCall, Outcome, Planned
from hotline.switch import actions as do
from hotline.switch.actions import Action
from hotline.switch.events import Event, Party

ANSWER = "answer"
"""`agent_is`: whoever answers is an agent."""


class Observed:
    """One caller and what is known of the call. Instants here are the clock's; `result` counts
    them from `origin`. A `hearing.Caller`."""

    def __init__(
        self, caller: Caller, planned: Planned, canon: Canon, *, agent_is: str = ""
    ) -> None:
        """`agent_is`: what counts as an agent beside our own announcement, a prompt or `ANSWER`."""
        self.caller, self.planned, self._canon = caller, planned, canon
        self._agent_is = agent_is
        self.number, self.area = caller.number, caller.area
        self.listens_for_silence = caller.listens_for_silence
        self.listens_to_end = caller.listens_to_end
        self.hears_early = caller.hears_early
        self.started: float | None = None
        self.answered: float | None = None
        self.audio: float | None = None
        self.flowed = False
        """whether any audio came, if only silence"""
        self.agent: float | None = None
        self.ended: float | None = None
        self.code, self.why = 0, ""
        self.gaps, self.longest_gap = 0, 0.0
        self.mos: float | None = None
        self.lost = 0
        self.left = False
        self.cut = False
        self._asking, self._asked = Asking(), None
        self._closed_by: Party | None = None
        self._busy = False

    _asked: float | None

    @property
    def over(self) -> bool:
        """As the caller says."""
        return self.caller.over

    @property
    def deaf(self) -> bool:
        """Whether nothing more needs to be heard: a walker talks until he hangs up."""
        return isinstance(self.caller, Walker) and self.caller.served

    @property
    def waiting(self) -> bool:
        """Whether cutting the call now would lose what it is to show: the wait for an agent, or the
        rest of its scenario."""
        return self.agent is None or isinstance(self.caller, Player)

    @property
    def asked(self) -> float | None:
        """When an agent was first asked for."""
        if isinstance(self.caller, Walker):
            return self.caller.asked
        return self._asked if self._asked is not None else self._asking.asked

    def handle(self, event: Event) -> Sequence[Action]:
        """Note the event, hand it on, note what the caller does."""
        self._note(event)
        actions = list(self.caller.handle(event))
        if (agent := self._as_agent(event)) is not None:
            self._note(agent)
            actions += self.caller.handle(agent)
        for action in actions:
            match action:
                case do.Press():
                    self._asking.pressed(event.at)
                case do.LeaveCall() if self.ended is None:
                    self.left, self.ended = True, event.at
        return actions

    def _as_agent(self, event: Event) -> hear.HeardAgent | None:
        """The agent that this is to a caller of a hotline that is not ours."""
        match event:
            case hear.LineAnswered() if self._agent_is == ANSWER:
                return hear.HeardAgent(event.at, event.call, began=event.at)
            case hear.Heard(prompt=prompt) if self._agent_is and prompt == self._agent_is:
                return hear.HeardAgent(event.at, event.call, began=event.began)
        return None

    def _note(self, event: Event) -> None:
        if self.audio is None and isinstance(event, _SOUNDS):
            self.audio, self.flowed = event.began, True
        match event:
            case hear.LineAnswered():
                self.answered = event.at
            case hear.Heard(whole=False) | hear.Heard(values=()):
                self._asking.heard(self._canon.aliases(event.prompt), event.began)
            case hear.HeardMusic():
                self._asking.waiting(event.began)
            case hear.HeardAgent() if self.agent is None:
                waited = self._asking.agent(event.began)
                self.agent = event.began
                self._asked = None if waited is None else event.began - waited
            case hear.HeardTone(tone="busy") if self.agent is None and self.asked is None:
                self._busy = True  # where a line cannot say no before it answers
                self.answered, self.why = None, self.why or "busy tone"
            case hear.LineClosed() if self.ended is None:
                self.ended, self._closed_by = event.at, event.by
                self.why = self.why or event.reason

    # --- what came of it -----------------------------------------------------------------------

    def result(self, origin: float) -> LoadCall:
        """The call, with instants from `origin` on."""

        def since(instant: float | None) -> float | None:
            return None if instant is None else instant - origin

        outcome = self._outcome()
        return LoadCall(
            self.planned,
            outcome,
            since(self.started),
            since(self.answered),
            since(self.audio),
            since(self.asked),
            since(self.agent),
            since(self.ended),
            self.code,
            self.why if outcome in (Outcome.FAILED, Outcome.REFUSED) else "",
            self.gaps,
            self.longest_gap,
            self.mos,
            self.lost,
            self._passed(),
        )

    def _outcome(self) -> Outcome:
        if self.started is None:
            return Outcome.NOT_STARTED
        if self.answered is None:
            return self._not_answered()
        if self._closed_by is Party.NETWORK or not (self.flowed or self.cut):
            return Outcome.FAILED
        if self.agent is not None:
            return Outcome.SERVED
        if self.cut:
            return Outcome.CUT
        if self.asked is None:
            return Outcome.IN_MENUS
        return Outcome.ABANDONED if self.left else Outcome.NO_AGENT

    def _not_answered(self) -> Outcome:
        if self.cut:
            return Outcome.CUT
        return Outcome.REFUSED if self._busy or self.code in _REFUSALS else Outcome.FAILED

    def _passed(self) -> bool | None:
        verdict = self.caller.verdict if isinstance(self.caller, Player) else None
        return None if verdict is None or self.cut else verdict.passed


_SOUNDS = (hear.Heard, hear.HeardAgent, hear.HeardMusic, hear.HeardTone)
_REFUSALS = frozenset({*range(300, 700), 1000, 1001, 1008, 1012, 1013}) - {408}
"""SIP answers other than silence, and close codes with which a WebSocket server says no before any
audio."""
