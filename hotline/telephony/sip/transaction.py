"""The four transaction machines of RFC 3261 section 17, with RFC 6026, as tables.

    INVITE client (17.1.1, 6026)                 INVITE server (17.2.1, 6026)

    CALLING --1xx--> PROCEEDING                  PROCEEDING --2xx--> ACCEPTED --L--> TERMINATED
       |  \\--2xx------> | --2xx--> ACCEPTED          |
       |                |             |M              `-----300-699-> COMPLETED --H--> TERMINATED
       `--300-699--> COMPLETED --D--> TERMINATED                       | ACK
                                                                   CONFIRMED --I--> TERMINATED

    other client (17.1.2)                        other server (17.2.2)

    TRYING --1xx--> PROCEEDING                   TRYING --1xx--> PROCEEDING
       `--200-699--> COMPLETED --K--> TERMINATED    `--200-699--> COMPLETED --J--> TERMINATED

Two laws. All that happens to a transaction is a row here: an input without a row is absorbed,
which is how repeated requests and responses come to nothing. A timer runs exactly while its
transaction is in one of the timer's states.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from hotline.switch.ports import Clock, TimerHandle
from hotline.telephony.sip.message import Hop, Message
from hotline.telephony.sip.timing import REPEATING, Timer, longer, seconds


class Kind(Enum):
    """Which of the four machines."""

    INVITE_CLIENT = auto()
    CLIENT = auto()
    INVITE_SERVER = auto()
    SERVER = auto()


class State(Enum):
    """States, named as in the RFC."""

    CALLING = auto()
    TRYING = auto()
    PROCEEDING = auto()
    ACCEPTED = auto()
    COMPLETED = auto()
    CONFIRMED = auto()
    TERMINATED = auto()


class On(Enum):
    """Inputs, beside the timers. `CAME` from the network, `SAY` from the transaction's user."""

    REQUEST_CAME = auto()
    ACK_CAME = auto()
    PROVISIONAL_CAME = auto()
    SUCCESS_CAME = auto()
    FAILURE_CAME = auto()
    SAY_PROVISIONAL = auto()
    SAY_SUCCESS = auto()
    SAY_FAILURE = auto()
    TRANSPORT_FAILED = auto()
    GIVEN_UP = auto()
    """a cancelled INVITE without a final response for 64 * T1 (9.1)"""


class Do(Enum):
    """What a row makes happen, in order."""

    SEND = auto()
    """send the request (client) or the latest response (server)"""
    ACK = auto()
    """send the ACK of a failure, which belongs to the transaction (17.1.1.3)"""
    TELL = auto()
    """hand the message to the user"""
    TIMEOUT = auto()
    """tell the user that nobody answers"""


S, C = State, On
Rows = dict[tuple[State, On | Timer], tuple[State, tuple[Do, ...]]]

INVITE_CLIENT: Rows = {
    (S.CALLING, Timer.A): (S.CALLING, (Do.SEND,)),
    (S.CALLING, Timer.B): (S.TERMINATED, (Do.TIMEOUT,)),
    (S.CALLING, C.TRANSPORT_FAILED): (S.TERMINATED, (Do.TIMEOUT,)),
    (S.CALLING, C.PROVISIONAL_CAME): (S.PROCEEDING, (Do.TELL,)),
    (S.CALLING, C.SUCCESS_CAME): (S.ACCEPTED, (Do.TELL,)),
    (S.CALLING, C.FAILURE_CAME): (S.COMPLETED, (Do.ACK, Do.TELL)),
    (S.PROCEEDING, C.PROVISIONAL_CAME): (S.PROCEEDING, (Do.TELL,)),
    (S.PROCEEDING, C.SUCCESS_CAME): (S.ACCEPTED, (Do.TELL,)),
    (S.PROCEEDING, C.FAILURE_CAME): (S.COMPLETED, (Do.ACK, Do.TELL)),
    (S.PROCEEDING, C.GIVEN_UP): (S.TERMINATED, ()),
    (S.COMPLETED, C.FAILURE_CAME): (S.COMPLETED, (Do.ACK,)),
    (S.COMPLETED, C.TRANSPORT_FAILED): (S.TERMINATED, ()),
    (S.COMPLETED, Timer.D): (S.TERMINATED, ()),
    (S.ACCEPTED, C.SUCCESS_CAME): (S.ACCEPTED, (Do.TELL,)),
    (S.ACCEPTED, Timer.M): (S.TERMINATED, ()),
}

CLIENT: Rows = {
    (S.TRYING, Timer.E): (S.TRYING, (Do.SEND,)),
    (S.TRYING, Timer.F): (S.TERMINATED, (Do.TIMEOUT,)),
    (S.TRYING, C.TRANSPORT_FAILED): (S.TERMINATED, (Do.TIMEOUT,)),
    (S.TRYING, C.PROVISIONAL_CAME): (S.PROCEEDING, (Do.TELL,)),
    (S.TRYING, C.SUCCESS_CAME): (S.COMPLETED, (Do.TELL,)),
    (S.TRYING, C.FAILURE_CAME): (S.COMPLETED, (Do.TELL,)),
    (S.PROCEEDING, Timer.E): (S.PROCEEDING, (Do.SEND,)),
    (S.PROCEEDING, Timer.F): (S.TERMINATED, (Do.TIMEOUT,)),
    (S.PROCEEDING, C.TRANSPORT_FAILED): (S.TERMINATED, (Do.TIMEOUT,)),
    (S.PROCEEDING, C.PROVISIONAL_CAME): (S.PROCEEDING, (Do.TELL,)),
    (S.PROCEEDING, C.SUCCESS_CAME): (S.COMPLETED, (Do.TELL,)),
    (S.PROCEEDING, C.FAILURE_CAME): (S.COMPLETED, (Do.TELL,)),
    (S.COMPLETED, Timer.K): (S.TERMINATED, ()),
}

INVITE_SERVER: Rows = {
    (S.PROCEEDING, C.REQUEST_CAME): (S.PROCEEDING, (Do.SEND,)),
    (S.PROCEEDING, C.SAY_PROVISIONAL): (S.PROCEEDING, (Do.SEND,)),
    (S.PROCEEDING, C.SAY_SUCCESS): (S.ACCEPTED, (Do.SEND,)),
    (S.PROCEEDING, C.SAY_FAILURE): (S.COMPLETED, (Do.SEND,)),
    # 6026 7.1: the user repeats the 2xx, the transaction only carries it
    (S.ACCEPTED, C.SAY_SUCCESS): (S.ACCEPTED, (Do.SEND,)),
    (S.ACCEPTED, C.ACK_CAME): (S.ACCEPTED, (Do.TELL,)),
    (S.ACCEPTED, Timer.L): (S.TERMINATED, ()),
    (S.COMPLETED, C.REQUEST_CAME): (S.COMPLETED, (Do.SEND,)),
    (S.COMPLETED, Timer.G): (S.COMPLETED, (Do.SEND,)),
    (S.COMPLETED, C.ACK_CAME): (S.CONFIRMED, ()),
    (S.COMPLETED, Timer.H): (S.TERMINATED, (Do.TIMEOUT,)),
    (S.COMPLETED, C.TRANSPORT_FAILED): (S.TERMINATED, (Do.TIMEOUT,)),
    (S.CONFIRMED, Timer.I): (S.TERMINATED, ()),
}

SERVER: Rows = {
    (S.TRYING, C.SAY_PROVISIONAL): (S.PROCEEDING, (Do.SEND,)),
    (S.TRYING, C.SAY_SUCCESS): (S.COMPLETED, (Do.SEND,)),
    (S.TRYING, C.SAY_FAILURE): (S.COMPLETED, (Do.SEND,)),
    (S.PROCEEDING, C.REQUEST_CAME): (S.PROCEEDING, (Do.SEND,)),
    (S.PROCEEDING, C.SAY_PROVISIONAL): (S.PROCEEDING, (Do.SEND,)),
    (S.PROCEEDING, C.SAY_SUCCESS): (S.COMPLETED, (Do.SEND,)),
    (S.PROCEEDING, C.SAY_FAILURE): (S.COMPLETED, (Do.SEND,)),
    (S.COMPLETED, C.REQUEST_CAME): (S.COMPLETED, (Do.SEND,)),
    (S.COMPLETED, C.TRANSPORT_FAILED): (S.TERMINATED, ()),
    (S.COMPLETED, Timer.J): (S.TERMINATED, ()),
}

TABLES: dict[Kind, Rows] = {
    Kind.INVITE_CLIENT: INVITE_CLIENT,
    Kind.CLIENT: CLIENT,
    Kind.INVITE_SERVER: INVITE_SERVER,
    Kind.SERVER: SERVER,
}
FIRST = {
    Kind.INVITE_CLIENT: S.CALLING,
    Kind.CLIENT: S.TRYING,
    Kind.INVITE_SERVER: S.PROCEEDING,
    Kind.SERVER: S.TRYING,
}
"""The state in which each machine begins; clients send at once."""


def _states(rows: Rows) -> dict[Timer, frozenset[State]]:
    timers = {on for _, on in rows if isinstance(on, Timer)}
    return {timer: frozenset(s for s, on in rows if on is timer) for timer in timers}


RUNS_IN = {kind: _states(rows) for kind, rows in TABLES.items()}
"""Kind -> timer -> the states in which it runs: those that have a row for it."""


class Transaction:
    """One transaction. `perform(transaction, do, message)` carries out what a row says, `ended`
    is told when nothing more can come of it.

    A client is given its request's bytes (and those of the ACK, when a failure came); a server the
    latest response's.
    """

    def __init__(
        self,
        kind: Kind,
        hop: Hop,
        clock: Clock,
        perform: Callable[[Transaction, Do, Message | None], None],
        ended: Callable[[Transaction], object],
        data: bytes = b"",
    ) -> None:
        self.kind, self.hop, self.data = kind, hop, data
        self.state = FIRST[kind]
        self._clock, self._perform, self._ended = clock, perform, ended
        self._running: dict[Timer, TimerHandle] = {}
        self._intervals: dict[Timer, float] = {}

    @property
    def over(self) -> bool:
        """Whether it has ended; nothing more comes of it."""
        return self.state is State.TERMINATED

    def begin(self) -> None:
        """Start the timers of the first state; a client sends its request."""
        self._arm()
        if self.kind in (Kind.INVITE_CLIENT, Kind.CLIENT):
            self._perform(self, Do.SEND, None)

    def came(self, message: Message) -> None:
        """A message of this transaction came from the network."""
        if message.code:
            on = (C.PROVISIONAL_CAME, C.SUCCESS_CAME)[message.code >= 200]
            self.handle(C.FAILURE_CAME if message.code >= 300 else on, message)
        else:
            self.handle(C.ACK_CAME if message.method == "ACK" else C.REQUEST_CAME, message)

    def say(self, code: int, data: bytes) -> None:
        """The user of a server transaction answers; repeated for a 2xx that needs repeating."""
        on = (C.SAY_PROVISIONAL, C.SAY_SUCCESS)[code >= 200]
        on = C.SAY_FAILURE if code >= 300 else on
        if (self.state, on) in TABLES[self.kind]:
            self.data = data
        self.handle(on)

    def handle(self, on: On | Timer, message: Message | None = None) -> None:
        """Take one input: at most one row."""
        row = TABLES[self.kind].get((self.state, on))
        if row is None:
            return
        self.state, doings = row
        self._arm()
        for do in doings:
            if do is not Do.SEND or self.data:
                self._perform(self, do, message)
        if self.state is State.TERMINATED:
            self._ended(self)

    def _arm(self) -> None:
        """Let exactly the timers of the present state run."""
        runs = RUNS_IN[self.kind]
        for timer in [timer for timer in self._running if self.state not in runs[timer]]:
            self._running.pop(timer).cancel()
        for timer, states in runs.items():
            wanted = self.state in states and timer not in self._running
            if wanted and not (timer in REPEATING and self.hop.reliable):
                self._start(timer, seconds(timer, self.hop.reliable))

    def _start(self, timer: Timer, interval: float) -> None:
        self._intervals[timer] = interval
        self._running[timer] = self._clock.call_at(
            self._clock.now() + interval, lambda: self._fire(timer)
        )

    def _fire(self, timer: Timer) -> None:
        self._running.pop(timer, None)
        if timer in REPEATING:
            # 17.1.2.2: once a provisional came, a request is repeated every T2 only
            once = self.kind is Kind.CLIENT and self.state is State.PROCEEDING
            self._start(timer, longer(timer, 4.0 if once else self._intervals[timer]))
        self.handle(timer)
