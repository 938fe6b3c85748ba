"""A network in memory with a clock moved by hand, and a peer that writes SIP letter by letter."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from sipmessage import URI

from hotline.telephony.sip.agent import Settings, UserAgent
from hotline.telephony.sip.events import Invited, Output, Send
from hotline.telephony.sip.guard import Guard, networks
from hotline.telephony.sip.message import Hop

US = ("192.0.2.1", 5060)
PEER = Hop("UDP", "192.0.2.77", 5062)

OFFER = """v=0
o=alice 1 1 IN IP4 192.0.2.77
s=-
c=IN IP4 192.0.2.77
t=0 0
m=audio 6000 RTP/AVP 8 0 97
a=rtpmap:97 telephone-event/8000
""".replace("\n", "\r\n")


def entropy(seed: str) -> Callable[[int], bytes]:
    """Bytes that are always the same for a seed."""
    numbers = itertools.count()
    return lambda size: hashlib.shake_256(f"{seed}/{next(numbers)}".encode()).digest(size)


def message(
    start: str, headers: dict[str, str] | None = None, body: str = "", **more: str
) -> bytes:
    """A message of the peer, lines as given; `headers` with "" leaves one out."""
    lines = {
        "Via": "SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKone",
        "From": '"Alice" <sip:13800138000@192.0.2.77>;tag=alice',
        "To": "<sip:95598@192.0.2.1>",
        "Call-ID": "call-1@192.0.2.77",
        "CSeq": f"1 {start.split()[0]}",
        "Max-Forwards": "70",
        "Contact": "<sip:alice@192.0.2.77:5062>",
    }
    if body:
        lines["Content-Type"] = "application/sdp"
    lines |= headers or {}
    lines |= {name.replace("_", "-"): value for name, value in more.items()}
    lines.setdefault("Content-Length", str(len(body.encode())))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"{start} SIP/2.0\r\n{head}\r\n{body}".encode()


def invite(headers: dict[str, str] | None = None, body: str = OFFER, **more: str) -> bytes:
    return message("INVITE sip:95598@192.0.2.1", headers, body, **more)


@dataclass
class Said:
    """A message that the agent sent, read with nothing but regular expressions."""

    text: str
    to: Hop
    at: float

    @property
    def code(self) -> int:
        found = re.match(r"SIP/2\.0 (\d{3})", self.text)
        return int(found[1]) if found else 0

    @property
    def method(self) -> str:
        return self.text.split(" ", 1)[0] if not self.code else self.header("CSeq").split()[1]

    @property
    def body(self) -> str:
        return self.text.partition("\r\n\r\n")[2]

    def header(self, name: str) -> str:
        return (self.headers(name) or [""])[0]

    def headers(self, name: str) -> list[str]:
        head = self.text.partition("\r\n\r\n")[0]
        return re.findall(rf"^{name}: (.*?)\r?$", head, re.MULTILINE | re.IGNORECASE)

    @property
    def tag(self) -> str:
        found = re.search(r";tag=([^;\s]+)", self.header("To"))
        return found[1] if found else ""


@dataclass
class Bench:
    """One user agent under test. `say` hands it a message, `wait` lets time pass; `answer` may be
    given to act on each event as an endpoint's user would."""

    settings: Settings = field(default_factory=Settings)
    guard: Guard = field(default_factory=lambda: Guard(trusted=networks(["192.0.2.77"])))
    answer: Callable[[Bench, Output], None] = lambda bench, event: None
    source: Hop = PEER

    def __post_init__(self) -> None:
        self.now = 0.0
        self.sent: list[Said] = []
        self.events: list[Output] = []
        self.agent = UserAgent(lambda hop: US, entropy("bench"), self.settings, self.guard)

    def say(self, data: bytes, source: Hop | None = None) -> list[Said]:
        """The peer says this; what the agent sends at once."""
        before = len(self.sent)
        self.agent.receive(data, source or self.source, self.now)
        self.run()
        return self.sent[before:]

    def wait(self, seconds: float) -> list[Said]:
        """Time passes, timer by timer; what the agent sent meanwhile."""
        before, until = len(self.sent), self.now + seconds
        while (due := self.agent.next_timer()) is not None and due <= until:
            self.now = max(self.now, due)
            self.agent.timer(self.now)
            self.run()
        self.now = until
        self.agent.timer(until)
        self.run()
        return self.sent[before:]

    def do(self, what: Callable[[], object]) -> list[Said]:
        """Use the agent or a session; what it sends at once."""
        before = len(self.sent)
        self.agent.timer(self.now)
        what()
        self.run()
        return self.sent[before:]

    def run(self) -> None:
        while outputs := self.agent.take():
            for output in outputs:
                if isinstance(output, Send):
                    text = output.data.decode("utf-8", "surrogateescape")
                    self.sent.append(Said(text, output.to, self.now))
                else:
                    self.events.append(output)
                    self.answer(self, output)

    def told(self, kind: type) -> list:
        """The events of a kind."""
        return [event for event in self.events if type(event) is kind]

    def established(self) -> Said:
        """A confirmed incoming call; its 2xx."""
        said = self.say(invite())
        [invited] = self.told(Invited)
        [ok] = said or self.do(lambda: invited.session.accept(("192.0.2.1", 40000)))
        assert ok.code == 200
        self.say(within("ACK", ok, sequence=1, branch="ack"))
        self.session = invited.session
        return ok


def within(
    method: str,
    ok: Said,
    *,
    sequence: int = 2,
    branch: str = "within",
    body: str = "",
    **headers: str,
) -> bytes:
    """A request of the caller within the dialog that `ok` made."""
    given = {
        "Via": f"SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bK{branch}{method}{sequence}",
        "To": ok.header("To"),
        "CSeq": f"{sequence} {method}",
    }
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    target = re.search(r"<(.*)>", ok.header("Contact"))
    return message(f"{method} {target[1] if target else 'sip:x'}", given, body)


class Network:
    """User agents that hear each other through `fate(number, data)`: the delays (seconds) after
    which copies of a datagram arrive, none if it is lost."""

    def __init__(self, fate: Callable[[int, bytes], list[float]] = lambda n, data: [0.01]) -> None:
        self.now, self._fate = 0.0, fate
        self._agents: dict[tuple[str, int], tuple[UserAgent, Callable[[Output], None]]] = {}
        self._flying: list[tuple[float, int, bytes, Hop, Hop]] = []
        self._number = itertools.count()
        self.datagrams = 0

    def join(
        self,
        host: str,
        handle: Callable[[Output], None],
        settings: Settings | None = None,
        port: int = 5060,
    ) -> UserAgent:
        agent = UserAgent(lambda hop: (host, port), entropy(host), settings, Guard())
        self._agents[host, port] = agent, handle
        return agent

    def flush(self) -> None:
        busy = True
        while busy:
            busy = False
            for (host, port), (agent, handle) in self._agents.items():
                for output in agent.take():
                    busy = True
                    if isinstance(output, Send):
                        self._fly(output.data, Hop("UDP", host, port), output.to)
                    else:
                        handle(output)

    def _fly(self, data: bytes, source: Hop, to: Hop) -> None:
        number = next(self._number)
        self.datagrams += 1
        for copy, delay in enumerate(self._fate(number, data)):
            heappush(self._flying, (self.now + delay, number * 10 + copy, data, source, to))

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        self.flush()
        while True:
            dues = [agent.next_timer() for agent, _ in self._agents.values()]
            dues.append(self._flying[0][0] if self._flying else None)
            due = min((d for d in dues if d is not None), default=None)
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            while self._flying and self._flying[0][0] <= self.now:
                _, _, data, source, to = heappop(self._flying)
                if found := self._agents.get((to.host, to.port)):
                    found[0].receive(data, source, self.now)
                self.flush()
            for agent, _ in self._agents.values():
                agent.timer(self.now)
            self.flush()
        self.now = until


def uri(text: str) -> URI:
    return URI.parse(text)
