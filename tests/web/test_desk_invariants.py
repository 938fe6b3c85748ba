"""Whatever agents in browsers and callers do, nobody is left ringing, reserved or off hook."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.switch import events as ev
from hotline.switch.events import AgentState
from hotline.switch.record import RequestOutcome, fold
from tests.web.desk_kit import AGENTS, World

BUSY = {AgentState.RINGING, AgentState.TALKING, AgentState.HOLD}
NUMBERS = ("1001", "1002")
WISHES = (
    ("ready", {}),
    ("not_ready", {}),
    ("break", {}),
    ("answer", {}),
    ("decline", {}),
    ("transfer", {"skill": ""}),
    ("transfer", {"skill": "bill"}),
    ("survey", {}),
    ("hang_up", {}),
    ("hang_up", {"reason": "silent"}),
    ("sign_out", {}),
)
DO = st.tuples(st.just("do"), st.sampled_from(NUMBERS), st.sampled_from(WISHES))
TALK = st.tuples(st.just("talk"), st.sampled_from([0.1, 2.0]))
OTHERS = (
    st.tuples(st.sampled_from(["sign_in", "page_lost", "audio_lost"]), st.sampled_from(NUMBERS)),
    st.tuples(st.sampled_from(["arrive", "hang_up"]), st.sampled_from("xyz")),
    st.tuples(st.just("hold"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([0.02, 0.5, 3.0, 8.0])),
)
STEPS = st.lists(st.one_of(DO, DO, DO, DO, TALK, TALK, *OTHERS), min_size=5, max_size=30)


class Crowd:
    """Steps on a world; what makes no sense just then is left out."""

    def __init__(self) -> None:
        self.world = World()
        self.desks = {}
        self.calls: dict[str, str] = {}
        self.made = 0

    def desk(self, number):
        desk = self.desks.get(number)
        return desk if desk is not None and not desk.wire.ended else None

    def do(self, number, wish):
        if desk := self.desk(number):
            desk.do(wish[0], **wish[1])

    def sign_in(self, number):
        if not self.desk(number):
            password = "secret" if number == "1001" else ""
            self.desks[number] = self.world.desk(number=number, password=password)

    def page_lost(self, number):
        if desk := self.desks.pop(number, None):
            desk.control.gone(None, clean=False)

    def audio_lost(self, number):
        desk = self.desk(number)
        if desk and desk.media is not None:
            desk.media.gone(None, clean=False)
            desk.connect(desk.last("signed_in")["token"])

    def arrive(self, who):
        if who not in self.calls:
            self.made += 1
            self.calls[who] = f"{who}{self.made}"
            self.world.arrive(self.calls[who], keys="0")

    def talk(self, seconds):
        """Somebody calls if nobody does, and whoever hears it ring answers."""
        for number in NUMBERS:
            self.sign_in(number)
            self.do(number, ("ready", {}))
        self.arrive("x")
        for number in NUMBERS:
            self.do(number, ("answer", {}))
        self.wait(seconds)

    def hold(self, on):
        for number in NUMBERS:
            self.do(number, ("hold", {"on": on}))

    def hang_up(self, who):
        if call := self.calls.pop(who, None):
            self.world.hang_up(call)

    def wait(self, seconds):
        self.world.run(seconds)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_nobody_is_left_behind(steps):
    crowd = Crowd()
    world = crowd.world
    for step, *how in steps:
        getattr(crowd, step)(*how)
        for profile in AGENTS:
            # an agent off hook is one whom the ACD has in a call, and the other way round
            seat = world.desks._seats.get(profile.id)
            if seat is not None and seat.hook.value != "on":
                assert world.state(profile.id) in BUSY
    for who in list(crowd.calls):
        crowd.hang_up(who)
    world.run(1.0)
    assert not {world.state(profile.id) for profile in AGENTS} & BUSY
    assert world.media._desks == {}
    assert world.places.rung == {}
    assert world.exchange.calls == {}
    for number in NUMBERS:
        crowd.page_lost(number)
    assert world.places.sits == {}
    calls = {event.call for event in world.events(ev.CallArrived)}
    for call in calls:
        row = fold(entry for entry in world.entries if entry.event.call == call)
        assert all(request.outcome is not RequestOutcome.LOST for request in row.requests)
