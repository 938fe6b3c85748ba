"""The three clocks: order, ties, cancelling, pace, pause, single step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.switch.clock import ClockError, PacedClock, VirtualClock, WallClock


@given(st.lists(st.floats(0, 1000), max_size=30))
def test_callbacks_run_in_order_of_instant_then_of_asking(instants):
    clock, ran = VirtualClock(), []
    for number, instant in enumerate(instants):
        clock.call_at(instant, lambda number=number: ran.append((clock.now(), number)))
    clock.run()
    assert ran == sorted((instant, number) for number, instant in enumerate(instants))


def test_a_cancelled_callback_never_runs():
    clock, ran = VirtualClock(), []
    clock.call_at(1, lambda: ran.append("kept"))
    clock.call_at(1, lambda: ran.append("cancelled")).cancel()
    clock.run()
    assert ran == ["kept"]
    assert clock.next_instant() is None


def test_run_until_stands_at_that_instant_and_leaves_later_callbacks():
    clock, ran = VirtualClock(), []
    clock.call_at(5, lambda: ran.append(5))
    clock.call_at(15, lambda: ran.append(15))
    clock.run(10)
    assert (clock.now(), ran) == (10, [5])
    with pytest.raises(ClockError, match="cannot run to 3"):
        clock.run(3)


def test_a_callback_asked_for_in_the_past_runs_now():
    clock = VirtualClock(start=100)
    clock.call_at(1, lambda: None)
    clock.step()
    assert clock.now() == 100


class RealTime:
    """Real time that passes only by sleeping."""

    def __init__(self):
        self.now, self.slept = 50.0, []

    def time(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def paced(factor, **options):
    real = RealTime()
    return real, PacedClock(factor, real.time, real.sleep, **options)


def test_a_paced_clock_waits_for_absolute_instants():
    real, clock = paced(0.5)
    clock.call_at(2, lambda: real.sleep(0.4))  # slow work does not push later steps back
    clock.call_at(4, lambda: None)
    clock.run()
    assert real.slept == pytest.approx([1.0, 0.4, 0.6])
    assert real.now == pytest.approx(52.0)


def test_paused_time_stands_still_and_single_step_moves_it():
    real, clock = paced(1.0)
    ran = []
    for instant in (1, 2, 3):
        clock.call_at(instant, lambda instant=instant: ran.append(instant))
    clock.pause()
    real.now += 1000
    assert clock.step() is False
    assert clock.delay() is None
    assert clock.single_step() is True
    assert ran == [1]
    clock.resume()
    assert clock.delay() == pytest.approx(1.0)
    clock.run()
    assert ran == [1, 2, 3]


def test_a_strict_clock_that_falls_behind_says_so():
    real, clock = paced(1.0, strict=True, tolerance=0.1)
    clock.call_at(1, lambda: real.sleep(3))
    clock.call_at(2, lambda: None)
    with pytest.raises(ClockError, match="late at instant 2"):
        clock.run()


def test_the_wall_clock_asks_the_loop_for_relative_delays():
    asked, now = [], [10.0]
    clock = WallClock(lambda: now[0], lambda delay, callback: asked.append(delay))
    now[0] = 12.0
    assert clock.now() == 2.0
    clock.call_at(5.0, lambda: None)
    clock.call_at(1.0, lambda: None)
    assert asked == [3.0, 0.0]
