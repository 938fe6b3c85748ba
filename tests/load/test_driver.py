"""Open arrivals: each call at its own instant, whatever became of those before."""

from hypothesis import given
from hypothesis import strategies as st

from hotline.load.calls import Planned
from hotline.load.driver import Driver
from hotline.switch.clock import VirtualClock


def drive(instants, lasts, concurrent=1000):
    """(planned, started) of each call, in order of their starts."""
    clock, seen = VirtualClock(), []

    def start(planned):
        seen.append((planned, clock.now()))
        clock.call_at(clock.now() + lasts, driver.ended)

    plan = [Planned(n, at, 0, 0) for n, at in enumerate(instants)]
    driver = Driver(plan, clock, start, concurrent=concurrent)
    driver.begin()
    clock.run()
    return seen, driver


def test_calls_that_last_for_ever_put_no_other_off():
    seen, driver = drive([1.0, 2.0, 2.0, 7.5], lasts=10_000.0)
    assert [at for _, at in seen] == [1.0, 2.0, 2.0, 7.5]
    assert driver.done


def test_without_room_a_call_is_started_late_and_in_its_turn():
    seen, _ = drive([0.0, 1.0, 2.0], lasts=10.0, concurrent=1)
    assert [(planned.number, at) for planned, at in seen] == [(0, 0.0), (1, 10.0), (2, 20.0)]


def test_a_clock_that_comes_late_starts_all_that_is_due():
    class Late(VirtualClock):
        def call_at(self, instant, callback):
            return super().call_at(instant + 5.0, callback)

    clock, seen = Late(), []
    plan = [Planned(n, float(n), 0, 0) for n in range(4)]
    driver = Driver(plan, clock, lambda planned: seen.append(clock.now()), concurrent=9)
    driver.begin()
    clock.run()
    assert seen == [5.0] * 4  # calls 1 to 3 had come due meanwhile


def test_who_is_stopped_names_the_calls_that_had_no_room():
    clock = VirtualClock()
    plan = [Planned(n, float(n), 0, 0) for n in range(5)]
    driver = Driver(plan, clock, lambda planned: None, concurrent=1)
    driver.begin()
    clock.run(until=2.5)
    assert [planned.number for planned in driver.stop()] == [1, 2]
    clock.run()
    assert driver.started == 1
    assert driver.done


@given(
    st.lists(st.floats(0, 100), max_size=40).map(sorted),
    st.floats(0.1, 50),
    st.integers(1, 8),
)
def test_every_call_is_started_once_never_early_never_beyond_the_room(instants, lasts, room):
    seen, _ = drive(instants, lasts, room)
    assert [planned.number for planned, _ in seen] == list(range(len(instants)))
    assert all(at >= planned.intended for planned, at in seen)
    for _, now in seen:
        assert sum(at <= now < at + lasts for _, at in seen) <= room
