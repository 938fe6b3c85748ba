"""Agents with several kinds of desk: the exchange sees each at one place at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.switch import events as ev
from hotline.switch.events import DeskEnd
from hotline.telephony.places import Places
from tests.telephony.doubles import FakeExchange, HandClock


class Desks:
    """One kind: writes down who is rung and released."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def ring(self, agent: str) -> None:
        self.told.append(("ring", agent))

    def release(self, agent: str) -> None:
        self.told.append(("release", agent))


class Floor:
    def __init__(self) -> None:
        self.exchange = FakeExchange()
        self.places = Places(self.exchange, HandClock())
        self.kinds = [Desks(), Desks()]
        self.at = [self.places.place(name) for name in ("telephone", "browser")]
        for place, desks in zip(self.at, self.kinds, strict=True):
            place.desks = desks

    def post(self, place: int, kind: type[ev.DeskEvent], agent: str = "a") -> bool:
        """Whether the exchange hears of it."""
        before = len(self.exchange.posted)
        self.at[place].post(kind(0.0, "", agent))
        return len(self.exchange.posted) > before


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_he_is_rung_where_he_has_signed_in(floor):
    floor.post(1, ev.DeskOpened)
    floor.places.ring("a")
    floor.places.release("a")
    assert [desks.told for desks in floor.kinds] == [[], [("ring", "a"), ("release", "a")]]
    assert (floor.at[0].elsewhere("a"), floor.at[1].elsewhere("a")) == ("browser", "")


def test_who_sits_nowhere_has_declined(floor):
    floor.places.ring("a")
    assert floor.exchange.posted == [ev.DeskLeft(0.0, "", "a", DeskEnd.DECLINED)]


def test_a_conversation_ends_where_it_was_though_he_has_signed_out_there(floor):
    """A telephone whose registration expires in mid-call; meanwhile he signs in on a page."""
    floor.post(0, ev.DeskOpened)
    floor.places.ring("a")
    assert floor.post(0, ev.DeskClosed)
    assert floor.post(1, ev.DeskOpened)
    assert not floor.post(1, ev.DeskKey)
    assert floor.post(0, ev.DeskKey)
    assert floor.post(0, ev.DeskLeft)
    assert not floor.post(0, ev.DeskLeft)


def test_only_desks_are_looked_at(floor):
    floor.at[0].post(ev.HungUp(0.0, "x"))
    assert floor.exchange.posted == [ev.HungUp(0.0, "x")]


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.sampled_from(
            [ev.DeskOpened, ev.DeskClosed, ev.DeskAsked, ev.DeskKey, ev.DeskLeft, "ring", "release"]
        ),
        st.sampled_from("ab"),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_the_desks_do_he_is_at_one_place_at_most(steps):
    floor = Floor()
    there: dict[str, int] = {}
    rung: dict[str, int] = {}
    for place, what, agent in steps:
        match what:
            case "ring":
                floor.places.ring(agent)
                if agent in there:
                    rung[agent] = there[agent]
            case "release":
                floor.places.release(agent)
                rung.pop(agent, None)
            case ev.DeskOpened:
                assert floor.post(place, what, agent) == (there.get(agent, place) == place)
                there.setdefault(agent, place)
            case ev.DeskClosed:
                assert floor.post(place, what, agent) == (there.get(agent) == place)
                if there.get(agent) == place:
                    del there[agent]
            case ev.DeskAsked:
                assert floor.post(place, what, agent) == (there.get(agent) == place)
            case _:
                assert floor.post(place, what, agent) == (rung.get(agent) == place)
                if what is ev.DeskLeft and rung.get(agent) == place:
                    del rung[agent]
    for number, desks in enumerate(floor.kinds):
        released = [agent for what, agent in desks.told if what == "release"]
        assert len(released) <= sum(what == "ring" for what, _ in desks.told), number
