"""Calls for tests of the store: what an exchange would append."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, CALL, JOURNAL
from hotline.switch.ports import JournalSink
from hotline.switch.record import Entry

NUMBER = "13800138000"
TYPED = "7340912856"


def entries(call: str, begin: float = 0.0) -> Iterator[Entry]:
    """A call that hears a menu, types an account and asks for an agent, up to now unfinished."""
    arrived = ev.CallArrived(begin, call, NUMBER, area="1001", medium="memory")
    yield Entry(ACD, arrived)
    yield Entry(CALL, arrived)
    yield Entry(JOURNAL, ev.Did(begin, call, do.Answer()))
    greeting = do.Prompt("greeting", "国家电网95598为您服务", values=(("fen", 12856),))
    yield Entry(JOURNAL, ev.Did(begin, call, do.Play(1, greeting)))
    for index, key in enumerate(TYPED):
        yield Entry(CALL, ev.KeyPressed(begin + 1 + index, call, key))
    yield Entry(JOURNAL, ev.Did(begin + 12, call, do.CallService(1, "balance", {"account": TYPED})))
    yield Entry(CALL, ev.ServiceReplied(begin + 12, call, 1, "credit", {"balance": "12856"}))
    yield Entry(ACD, ev.AgentRequested(begin + 13, call, 1, "fault"))
    yield Entry(CALL, ev.OfferMade(begin + 14, call, 1, 7, "a1"))


def closing(call: str, begin: float = 0.0) -> ev.CallClosed:
    return ev.CallClosed(begin + 20, call, ev.Party.CALLER, "hung_up")


def whole(call: str, begin: float = 0.0) -> list[Entry]:
    return [*entries(call, begin), Entry(ACD, closing(call, begin))]


def play(sink: JournalSink, call: str, begin: float = 0.0, *, finish: bool = True) -> None:
    """Give the entries of `call` to `sink`."""
    for entry in whole(call, begin) if finish else entries(call, begin):
        sink.append(entry.to, entry.event)
    if finish:
        sink.closed(closing(call, begin))
