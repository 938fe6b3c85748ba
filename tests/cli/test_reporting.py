"""States of several runs of a hotline on one clock."""

from hotline.cli.reporting import on_one_clock
from hotline.switch.events import AgentState, AgentStateChanged
from hotline.switch.record import Entry


def state(at, agent, to):
    return Entry("journal", AgentStateChanged(at, "", agent, to))


def test_a_clock_that_goes_back_is_a_new_run_and_nobody_is_on_duty_between():
    ready, talking, off = AgentState.READY, AgentState.TALKING, AgentState.OFFLINE
    told = on_one_clock(
        [state(0, "a", ready), state(50, "a", talking), state(0, "a", ready), state(30, "b", ready)]
    )
    assert [(e.at, e.agent, e.state) for e in told] == [
        (0, "a", ready),
        (50, "a", talking),
        (50, "a", off),
        (50, "a", ready),
        (80, "b", ready),
    ]


def test_one_run_is_left_as_it_is():
    entries = [state(at, "a", AgentState.READY) for at in (0, 5, 5, 9)]
    assert on_one_clock(entries) == [entry.event for entry in entries]
