"""What an agent sees of a caller, from the default book's own calls."""

from __future__ import annotations

import pytest

from agents.roster import AgentProfile
from hotline.switch import events as ev
from hotline.switch.events import OfferOutcome
from hotline.switch.record import Entry, fold
from hotline.web.desk_facts import Titles, caller_of, figures_of, way
from menus.loader import load
from tests.web.rig import Hotline

BOOK = load()
TITLES = Titles(BOOK, ["fault", "*", "solar"])
ME = AgentProfile("a1", "1001")


def entered(*menus):
    """Menus and their depths, one after the other."""
    return [ev.MenuEntered(0.0, "x", menu, depth) for menu, depth in menus]


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        ([("root", 1), ("bill", 2)], ["root", "bill"]),
        ([("root", 1), ("bill", 2), ("root", 1)], ["root"]),
        ([("root", 1), ("bill", 2), ("root", 1), ("fault", 2), ("repair", 3)], ["root", "fault", "repair"]),
        ([], []),
    ],
)  # fmt: skip
def test_the_way_is_without_the_ways_back(gone, left):
    assert way(entered(*gone)) == left


def test_of_the_steps_the_last_one_is_on_the_way():
    steps = [ev.StepEntered(0.0, "x", step) for step in ("balance_phone", "balance")]
    assert way([*entered(("root", 1), ("bill", 2)), *steps]) == ["root", "bill", "balance"]
    assert way([*steps, *entered(("root", 1))]) == ["root"]


def test_the_queues_own_menu_is_on_nobodys_way():
    assert TITLES.besides == BOOK.waiting.menu
    assert way(entered(("root", 1), ("bill", 2), (BOOK.waiting.menu, 1)), TITLES.besides) == [
        "root",
        "bill",
    ]


def test_queues_have_the_names_of_the_menus_that_lead_there():
    assert (TITLES.skill("fault").zh, TITLES.skill("fault").en) == (
        "停电报修",
        "Outages and faults",
    )
    assert (TITLES.skill("").zh, TITLES.skill("").en) == ("综合", "General")
    assert TITLES.skill("solar").zh == "solar"
    assert "*" not in TITLES.skills


def test_of_the_account_that_was_found_the_agent_sees_the_end():
    hotline, entries = Hotline(), []
    hotline.observe(entries.append)
    hotline.start()
    hotline.arrive("x")
    hotline.clock.run(60.0)
    hotline.press("x", ["2", "1", "1"], every=3.0)  # 电量电费, 余额, 本机绑定户号
    hotline.press("x", ["0"], every=1.0)
    of_call = [entry for entry in entries if entry.event.call == "x"]
    seen = caller_of(of_call, TITLES, hotline.clock.now())
    assert seen["account"] == "••••••0001"
    assert (seen["number"], seen["skill"]) == ("138****8000", "bill")
    assert [place["zh"] for place in seen["path"]][:2] == ["主菜单", "电量电费"]
    shown = str(seen)
    assert "1000000001" not in shown
    assert "13800138000" not in shown


def test_a_caller_of_whom_nothing_is_known():
    seen = caller_of([], TITLES, 7.0)
    assert (seen["number"], seen["account"], seen["path"], seen["waited"]) == ("", "", [], 0.0)


def row(*offers):
    """A call with offers of (agent, seconds of ringing, how it ended)."""
    entries = [
        Entry("call", ev.CallArrived(0.0, "x")),
        Entry("acd", ev.AgentRequested(1.0, "x", 1)),
    ]
    for number, (agent, seconds, outcome) in enumerate(offers, 1):
        begin = 100.0 * number
        entries += [
            Entry("call", ev.OfferMade(begin, "x", 1, number, agent)),
            Entry("call", ev.OfferEnded(begin + seconds, "x", 1, number, agent, outcome)),
        ]
    return fold(entries)


def test_his_own_figures_are_those_of_the_report():
    nothing = figures_of(ME, [], 12.0)
    assert (nothing["offers"], nothing["ring_within"]) == (0, None)
    rows = [
        row(("a1", 11.9, OfferOutcome.ANSWERED)),
        row(("a1", 12.1, OfferOutcome.ANSWERED)),
        row(("a1", 20.0, OfferOutcome.NO_ANSWER), ("a2", 3.0, OfferOutcome.ANSWERED)),
        row(("a1", 3.0, OfferOutcome.CALLER_LEFT)),
    ]
    assert figures_of(ME, rows, 12.0) == {
        "offers": 4,
        "answered": 2,
        "answered_within": 1,
        "ring_within": pytest.approx(1 / 3),
        "unanswered": 1,
    }
