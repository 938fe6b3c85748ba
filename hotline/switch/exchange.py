"""The exchange: feeds events to machines one at a time and carries out what they answer.

    post(event) --> queue --> machine.handle(event) --> actions --> ports, timers, journal
                      ^                                    |
                      +------------- Tell -----------------+

Run to completion: an event that comes while another is being handled waits its turn, so no
machine ever sees the world between two of its own steps. `CallClosed` waits until the queue is
empty, which makes it the last entry of every call. An event for a call that is gone is dropped:
late keys, late playback ends and late service replies are normal in telephony.

The ACD and the agents may be in another process (`hotline.nodes`): then both processes have an
exchange, each with machines in the place of what is on the other side. `hand` is how the other side
speaks here, and `elsewhere` is told before a call closes, because what the ACD still has to say
about it belongs into its journal.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, AGENT, CALL, JOURNAL, Action
from hotline.switch.events import Event
from hotline.switch.ports import (
    Clock,
    Desks,
    Elsewhere,
    JournalSink,
    Machine,
    Media,
    Services,
    TimerHandle,
)

MakeCall = Callable[[Event], Machine]
"""Builds the call machine for the `CallArrived` or `CallbackDue` that begins it."""

_TO_CALL = frozenset(
    {ev.KeyPressed, ev.HungUp, ev.PlaybackFinished, ev.AnsweredOut, ev.ServiceReplied}
)
_TO_AGENT = frozenset(
    {
        ev.DeskOpened,
        ev.DeskClosed,
        ev.DeskAsked,
        ev.DeskAnswered,
        ev.DeskLeft,
        ev.DeskHeld,
        ev.DeskKey,
        ev.DeskTransfer,
    }
)


class Exchange:
    """One hotline at work. `agents` maps agent ids to their machines (simulated or desk).

    A machine that raises is a bug. Without `on_fault` the exception leaves `post`, as a test
    wants it; with it (live use) the fault is reported and only the call concerned ends, as lost.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        media: Media,
        services: Services,
        journal: JournalSink,
        acd: Machine,
        make_call: MakeCall,
        agents: Mapping[str, Machine] | None = None,
        elsewhere: Elsewhere | None = None,
        on_fault: Callable[[Exception, Event], None] | None = None,
    ) -> None:
        self.clock = clock
        self.media = media
        self.agents: dict[str, Machine] = dict(agents or {})
        self.calls: dict[str, Machine] = {}
        self.desks: Desks | None = None
        """to be set where agents have telephones of their own"""
        self._services, self._journal = services, journal
        self._acd, self._make_call, self._elsewhere = acd, make_call, elsewhere
        self._on_fault = on_fault
        self._queue: deque[tuple[str, Event]] = deque()
        self._closings: deque[tuple[str, ev.CallClosed]] = deque()
        self._timers: dict[str, dict[tuple[str, str], TimerHandle]] = {}
        self._running = False
        self._perform: dict[type[Action], Callable[[str, Event, Action], None]] = {
            do.Tell: self._tell,
            do.StartTimer: self._start_timer,
            do.CancelTimer: self._cancel_timer,
            do.Play: self._play,
            do.StopPlay: self._stop,
            do.CallService: self._call_service,
            do.Answer: self._answer,
            do.Reject: self._reject,
            do.Bridge: self._bridge,
            do.Unbridge: self._unbridge,
            do.HangUp: self._hang_up,
            do.DialOut: self._dial_out,
            do.Speak: self._speak,
            do.RingDesk: lambda owner, cause, action: self._desks().ring(_agent_of(owner)),
            do.ReleaseDesk: lambda owner, cause, action: self._desks().release(_agent_of(owner)),
        }

    # --- events in ---------------------------------------------------------------------------

    def post(self, event: Event) -> None:
        """Something happened outside: hand it to the machine it concerns, in its turn."""
        kind = type(event)
        if kind is ev.MediaReport:
            if event.call in self.calls:
                self._journal.append(JOURNAL, event)
            return
        if kind in _TO_CALL:
            self._queue.append((CALL, event))
        elif kind in _TO_AGENT:
            self._queue.append((AGENT, event))
        elif kind is ev.TimerFired:
            self._queue.append((event.owner, event))  # type: ignore[attr-defined]
        else:
            self._queue.append((ACD, event))
        if not self._running:
            self._drain()

    def hand(self, to: str, event: Event) -> None:
        """The exchange of another process says `event` to `to` (CALL, ACD, AGENT, JOURNAL): here
        it takes its turn as if a machine of ours had told it."""
        if type(event) is ev.CallClosed:
            self._closings.append((to, event))
        else:
            self._queue.append((to, event))
        if not self._running:
            self._drain()

    def perform(self, call: str, action: Action) -> None:
        """The exchange of another process wants `action` carried out on the line of `call`."""
        self._perform[type(action)](CALL, Event(self.clock.now(), call), action)

    def _drain(self) -> None:
        self._running = True
        queue, closings = self._queue, self._closings
        try:
            while queue or closings:
                if queue:
                    to, event = queue.popleft()
                    try:
                        self._deliver(to, event)
                    except Exception as error:
                        if self._on_fault is None:
                            raise
                        self._on_fault(error, event)
                        self._abandon(event.call)
                else:
                    self._close(*closings.popleft())
        finally:
            self._running = False

    def _deliver(self, to: str, event: Event) -> None:
        if to == CALL:
            machine = self.calls.get(event.call)
            if machine is None:
                if not isinstance(event, (ev.CallArrived, ev.CallbackDue)):
                    return
                machine = self.calls[event.call] = self._make_call(event)
            self._journal.append(CALL, event)
            self._carry_out(CALL, event, machine.handle(event))
        elif to == ACD:
            self._journal.append(ACD, event)
            self._carry_out(ACD, event, self._acd.handle(event))
        elif to == JOURNAL:
            self._journal.append(JOURNAL, event)
        else:
            name = _agent_of(to) if to != AGENT else event.agent  # type: ignore[attr-defined]
            agent = self.agents.get(name)
            if agent is None and self._elsewhere is not None:
                self._elsewhere.tell_agent(event)
            elif agent is not None:
                self._carry_out(f"agent:{name}", event, agent.handle(event))

    def _close(self, to: str, event: ev.CallClosed) -> None:
        for handle in self._timers.pop(event.call, {}).values():
            handle.cancel()
        if to == ACD and self._elsewhere is not None and self._elsewhere.leaving(event):
            return  # handed back when all has been heard
        self.calls.pop(event.call, None)
        self._journal.append(to, event)
        if to == ACD:
            self._carry_out(ACD, event, self._acd.handle(event))
        self._journal.closed(event)

    def _abandon(self, call: str) -> None:
        """A machine failed over this call: end it as lost, so that the others can go on."""
        if call in self.calls:
            del self.calls[call]
            self.media.hang_up(call, "internal error")
            now = self.clock.now()
            self._closings.append((ACD, ev.CallClosed(now, call, ev.Party.SYSTEM, "lost")))

    def _carry_out(self, owner: str, event: Event, actions: Sequence[Action]) -> None:
        for action in actions:
            self._perform[type(action)](owner, event, action)

    # --- actions out -------------------------------------------------------------------------

    def _tell(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.Tell)
        event = action.event
        if type(event) is ev.CallClosed:
            self._closings.append((action.to, event))
        elif action.to == JOURNAL:
            self._journal.append(JOURNAL, event)
        else:
            self._queue.append((action.to, event))

    def _start_timer(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.StartTimer)
        # Only a call's own timers die with it; the ACD's and the agents' outlive any one call.
        call = cause.call if owner == CALL else ""
        timers = self._timers.setdefault(call, {})
        key = (owner, action.timer)
        running = timers.get(key)
        if running is not None:
            running.cancel()
        instant = self.clock.now() + action.seconds

        def fire() -> None:
            timers.pop(key, None)
            self.post(ev.TimerFired(self.clock.now(), call, action.timer, owner))

        timers[key] = self.clock.call_at(instant, fire)

    def _cancel_timer(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.CancelTimer)
        timers = self._timers.get(cause.call if owner == CALL else "", {})
        handle = timers.pop((owner, action.timer), None)
        if handle is not None:
            handle.cancel()

    def _did(self, cause: Event, action: Action) -> None:
        self._journal.append(JOURNAL, ev.Did(self.clock.now(), cause.call, action))

    def _play(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.Play)
        self._did(cause, action)
        self.media.play(cause.call, action.play, action.what)

    def _stop(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.StopPlay)
        self.media.stop(cause.call, action.play)
        self._did(cause, action)

    def _speak(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.Speak)
        call = action.call or cause.call
        if call in self.calls:
            self._journal.append(JOURNAL, ev.Did(self.clock.now(), call, action))
            self.media.speak(call, action.what)

    def _call_service(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.CallService)
        self._did(cause, action)

        def reply(outcome: str, values: Mapping[str, str]) -> None:
            self.post(
                ev.ServiceReplied(self.clock.now(), cause.call, action.request, outcome, values)
            )

        self._services.call(cause.call, action.service, action.inputs, reply)

    def _answer(self, owner: str, cause: Event, action: Action) -> None:
        self._did(cause, action)
        self.media.answer(cause.call)

    def _reject(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.Reject)
        self._did(cause, action)
        self.media.reject(cause.call, action.reason)

    def _bridge(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.Bridge)
        self._did(cause, action)
        self.media.bridge(cause.call, action.agent)
        # The agent's telephone is now on the line: this is when a greeting is heard.
        now = self.clock.now()
        self._queue.append((AGENT, ev.AgentBridged(now, cause.call, action.agent)))

    def _unbridge(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.Unbridge)
        self._did(cause, action)
        self.media.unbridge(cause.call, action.agent)

    def _hang_up(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.HangUp)
        self._did(cause, action)
        self.media.hang_up(cause.call, action.reason)

    def _dial_out(self, owner: str, cause: Event, action: Action) -> None:
        assert isinstance(action, do.DialOut)
        self._did(cause, action)
        self.media.dial_out(cause.call, action.number)

    def _desks(self) -> Desks:
        assert self.desks is not None, "an agent rings his telephone, and no port `desks` is set"
        return self.desks


def _agent_of(address: str) -> str:
    return address.removeprefix("agent:")
