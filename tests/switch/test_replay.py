"""A journal replayed by the machine that wrote it: the same; by another one: where it differs."""

from dataclasses import replace as changed

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.store.codec import dump_entries, load_entries
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, CALL, JOURNAL
from hotline.switch.events import Party
from hotline.switch.record import Entry
from hotline.switch.replay import replay
from ivr import Call
from menus.loader import load, loads
from tests.ivr.rig import BOOK, LENGTH, Rig

OUTAGE = {"outage_lookup": ("found", {"cause": "检修"}), "balance": ("credit", {})}


def make(event):
    return Call(load(BOOK))


def replayed(entries):
    return replay(entries, make)


def whole_call():
    """Self-service, an agent, the survey, goodbye."""
    rig = Rig(services=OUTAGE).to_root().press("1").wait(1).press("1").wait()
    rig.press("13800138000#").wait().press("0").wait(2 * LENGTH).connect("1027").wait()
    rig.tell(ev.AgentLeft, agent="a1", to="survey").wait(1).press("1").wait()
    rig.exchange.post(ev.HungUp(rig.clock.now(), "c1"))
    return rig.wait()


def test_a_whole_call_does_the_same_again():
    entries = whole_call().entries
    result = replayed(entries)
    assert result.same
    deeds = [e for e in entries if isinstance(e.event, ev.Did)]
    assert result.actions > len(deeds) > 8
    assert isinstance(entries[-1].event, ev.CallClosed)


def test_a_journal_from_the_database_does_too():
    entries = whole_call().entries
    assert replayed(load_entries(dump_entries(entries))) == replayed(entries)


MOVES = st.one_of(
    st.tuples(st.just("press"), st.text("0123456789*#", min_size=1, max_size=4)),
    st.tuples(st.just("wait"), st.sampled_from([0.5, 1.0, LENGTH, 2 * LENGTH, 6.0, 30.0])),
    st.tuples(st.just("connect"), st.just("1001")),
    st.tuples(st.just("queued"), st.integers(1, 9)),
    st.tuples(st.just("left"), st.sampled_from(["survey", "hang_up", "transfer:bill"])),
    st.tuples(st.just("hang_up"), st.sampled_from([Party.CALLER, Party.NETWORK])),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MOVES, max_size=15))
def test_any_call_does_the_same_again(moves):
    rig = Rig(services=OUTAGE)
    for move, value in moves:
        if rig.rows:
            break
        request = rig.call.request
        if move == "press":
            rig.press(value)
        elif move == "wait":
            rig.wait(value)
        elif move == "connect":
            rig.connect(value)
        elif move == "queued":
            rig.tell(ev.Queued, request=request, position=value, expected_wait=60.0)
        elif move == "left":
            rig.tell(ev.AgentLeft, agent="a1", to=value)
        else:
            rig.exchange.post(ev.HungUp(rig.clock.now(), "c1", value))
    assert replayed(rig.entries).divergence is None


class TestDivergence:
    def test_a_book_with_another_target_differs_at_the_key(self):
        entries = Rig().to_root().press("2").wait().entries
        book = BOOK.read_text("utf-8").replace('"2": "menu:bill"', '"2": "menu:fault"')
        result = replay(entries, lambda event: Call(loads(book)))
        assert not result.same
        divergence = result.divergence
        assert isinstance(divergence.heard, ev.KeyPressed)
        assert isinstance(divergence.recorded, ev.Chosen)
        assert (divergence.recorded.target, divergence.replayed.target) == (
            "menu:bill",
            "menu:fault",
        )

    @pytest.mark.parametrize("kind", [do.Answer, do.Play, do.StopPlay, do.Bridge])
    def test_a_deed_missing_from_the_journal_is_found(self, kind):
        entries = whole_call().entries
        mine = [
            at
            for at, entry in enumerate(entries)
            if isinstance(entry.event, ev.Did) and isinstance(entry.event.action, kind)
        ]
        at = mine[-1]
        assert not replayed([*entries[:at], *entries[at + 1 :]]).same

    def test_a_deed_that_the_call_never_did_is_found(self):
        entries = whole_call().entries
        extra = Entry(JOURNAL, ev.Did(9.0, "c1", do.HangUp("weary")))
        divergence = replayed([*entries[:5], extra, *entries[5:]]).divergence
        assert divergence.index == 5
        assert divergence.recorded == do.HangUp("weary")

    def test_a_request_for_another_skill_is_found(self):
        entries = list(whole_call().entries)
        at = next(i for i, e in enumerate(entries) if isinstance(e.event, ev.AgentRequested))
        entries[at] = Entry(ACD, changed(entries[at].event, skill="complaint"))
        divergence = replayed(entries).divergence
        assert (divergence.index, divergence.recorded.skill) == (at, "complaint")

    def test_a_call_that_is_never_closed_lacks_its_end(self):
        divergence = replayed(whole_call().entries[:-1]).divergence
        assert divergence.recorded is None
        assert isinstance(divergence.replayed, ev.CallClosed)


class TestOthers:
    def test_a_call_lost_in_a_crash_may_owe_something(self):
        entries = list(Rig().to_root().press("0").entries)
        while not isinstance(entries[-1].event, ev.KeyPressed):
            entries.pop()
        assert not replayed(entries).same
        lost = Entry(JOURNAL, ev.CallClosed(99.0, "c1", Party.SYSTEM, "lost"))
        assert replayed([*entries, lost]).same

    def test_a_blocked_call_did_nothing(self):
        arrived = ev.CallArrived(0.0, "c1", "13800138000")
        entries = [
            Entry(ACD, arrived),
            Entry(JOURNAL, ev.Did(0.0, "c1", do.Reject("trunks"))),
            Entry(JOURNAL, ev.CallBlocked(0.0, "c1")),
            Entry(JOURNAL, ev.CallClosed(0.0, "c1", Party.SYSTEM, "trunks")),
        ]
        assert replayed(entries).actions == 0
        assert replayed(entries).same

    def test_what_agents_say_and_the_acd_notes_is_not_the_calls(self):
        entries = list(whole_call().entries)
        greeting = do.Speak(do.Prompt("agent.greeting", "您好"), "c1")
        for at in (3, 8):
            entries.insert(at, Entry(JOURNAL, ev.Did(1.0, "c1", greeting)))
            entries.insert(at, Entry(JOURNAL, ev.OfferEnded(1.0, "c1", 1, 1, "a1")))
        assert replayed(entries).same
        assert entries[0].to in (ACD, CALL)
