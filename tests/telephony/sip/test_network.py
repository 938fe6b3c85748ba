"""Two user agents and a bad network: packets are lost, doubled and overtaken, calls are not."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.telephony.sip.events import Answered, Ended, Invited, MediaAgreed
from tests.telephony.sip.kit import Network, uri

HOTLINE, CALLER = "192.0.2.1", "192.0.2.77"


class Calls:
    """A hotline that answers at once and callers who hang up after a while."""

    def __init__(self, fate):
        self.network = Network(fate)
        self.told = {HOTLINE: [], CALLER: []}
        self.hotline = self.network.join(HOTLINE, self.serve)
        self.caller = self.network.join(CALLER, self.told[CALLER].append)

    def serve(self, event):
        self.told[HOTLINE].append(event)
        if isinstance(event, Invited):
            event.session.accept((HOTLINE, 40000))

    def dial(self):
        target = uri(f"sip:95598@{HOTLINE}")
        return self.caller.call(target, (CALLER, 6000), self.network.now)

    def hang_up(self, session):
        self.caller.timer(self.network.now)
        session.hang_up()

    def count(self, host):
        return Counter(type(event) for event in self.told[host])


def test_a_good_network():
    calls = Calls(lambda number, data: [0.01])
    session = calls.dial()
    calls.network.run(1)
    calls.hang_up(session)
    calls.network.run(100)
    assert calls.count(CALLER) == {MediaAgreed: 1, Answered: 1, Ended: 1}
    assert calls.count(HOTLINE) == {Invited: 1, MediaAgreed: 1, Answered: 1, Ended: 1}
    assert calls.network.datagrams == 5
    assert not calls.hotline.sessions
    assert not calls.caller.sessions


@pytest.mark.parametrize("kind", [b"INVITE ", b"ACK ", b"BYE ", b"SIP/2.0 200"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_first_of_a_kind_are_lost(kind, times):
    """Whatever is lost a few times is repeated: by the transaction, or by the user of a 2xx."""
    lost = Counter()

    def fate(number, data):
        if data.startswith(kind) and lost[kind] < times:
            lost[kind] += 1
            return []
        return [0.02]

    calls = Calls(fate)
    session = calls.dial()
    calls.network.run(20)
    assert calls.count(CALLER)[Answered] == 1
    calls.hang_up(session)
    calls.network.run(100)
    for host in (HOTLINE, CALLER):
        assert calls.count(host)[Ended] == 1
    assert calls.count(HOTLINE)[Invited] == 1
    assert not calls.hotline.sessions | calls.caller.sessions


FATES = st.lists(
    st.one_of(
        st.just([]),
        st.lists(st.floats(0.0, 3.0), min_size=1, max_size=3),
    ),
    min_size=5,
    max_size=60,
)


@given(FATES)
@settings(max_examples=60, deadline=None)
def test_no_call_is_made_twice_or_left_behind(fates):
    """Any loss, doubling and reordering of the first datagrams: what one side connects the other
    knows as one call, and in the end nothing is left of it on either side."""
    calls = Calls(lambda number, data: fates[number] if number < len(fates) else [0.02])
    session = calls.dial()
    calls.network.run(40)
    calls.hang_up(session)
    calls.network.run(300)
    hotline, caller = calls.count(HOTLINE), calls.count(CALLER)
    assert hotline[Invited] <= 1
    assert hotline[Invited] == hotline[Ended]
    assert caller[Ended] == 1
    assert caller[Answered] <= 1
    assert not calls.hotline.sessions | calls.caller.sessions
    assert not calls.hotline._dialogs
    assert not calls.caller._dialogs
    assert not calls.hotline._servers
    assert not calls.caller._clients


def test_a_dead_hotline():
    calls = Calls(lambda number, data: [])
    calls.dial()
    calls.network.run(31)
    assert calls.count(CALLER) == {}
    calls.network.run(5)
    [ended] = calls.told[CALLER]
    assert ended.code == 408


def test_a_hundred_calls_on_a_bad_line():
    """A tenth lost, some doubled, delays that overtake each other."""

    def fate(number, data):
        if number % 10 == 3:
            return []
        return [0.01 + number * 7 % 50 / 100] * (1 + (number % 6 == 0))

    calls = Calls(fate)
    sessions = []
    for _ in range(100):
        sessions.append(calls.dial())
        calls.network.run(0.05)
    calls.network.run(40)
    assert calls.count(CALLER)[Answered] == 100
    for session in sessions:
        calls.hang_up(session)
    calls.network.run(200)
    for host in (HOTLINE, CALLER):
        assert calls.count(host)[Ended] == 100
    assert calls.count(HOTLINE)[Invited] == 100
