"""Coverage of a book by journals."""

from __future__ import annotations

import json

from hotline.callers.coverage import Coverage, Item
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import Event
from hotline.switch.record import Entry
from menus.loader import loads
from menus.model import Place

BOOK = """\
version: 1
language: zh-CN
start: main
common_keys: {"0": agent, "*": back, "9": repeat}
menus:
  main:
    title: 主菜单
    prompt: 报修请按1，余额请按2，转人工请按0，返回上级请按星号键，重听请按9。
    keys:
      "1": step:safety
      "2": step:balance
steps:
  safety: {say: 请注意安全。, next: back}
  balance:
    collect: account
    say: 请输入户号，以井号键结束。
    request: account_check
    on: {found: end, none: back, failed: agent}
"""


def entries(*events: Event) -> list[Entry]:
    return [Entry("journal", event) for event in events]


def test_what_can_be_reached() -> None:
    coverage = Coverage(loads(BOOK, "b.yaml"))
    assert coverage.fraction == 0.0
    assert Item("keys", "main", "0") in coverage.items  # inherited
    assert Item("outcomes", "safety", "done") in coverage.items
    assert Item("outcomes", "balance", "none") in coverage.items
    assert Item("branches", "balance", "wrong_key last resort") in coverage.items


def test_what_was_reached() -> None:
    coverage = Coverage(loads(BOOK, "b.yaml"))
    coverage.add(
        entries(
            ev.MenuEntered(0, "c", "main"),
            ev.Chosen(1, "c", "main", "0", "agent"),
            ev.NoInput(2, "c", "main", 1),
            ev.LastResort(3, "c", "main", "no_input", "agent"),
            ev.StepEntered(4, "c", "balance"),
            ev.StepFinished(5, "c", "balance", "none"),
            ev.SurveyAnswered(6, "c", 3, "manner"),
            ev.MenuEntered(7, "c", "elsewhere"),  # of another book: no matter
        )
    )
    reached = {str(item) for item in coverage.reached}
    assert {
        "main",
        "main 0",
        "main no_input",
        "main no_input last resort",
        "balance",
        "balance none",
    } <= reached
    assert "elsewhere" not in reached
    assert [(s.reached, s.total) for s in coverage.shares() if s.group == "menus"] == [(1, 1)]


def test_what_is_missing_has_file_and_line() -> None:
    coverage = Coverage(loads(BOOK, "b.yaml"))
    places = {item: str(place) for item, place in coverage.missing()}
    assert places[Item("keys", "main", "2")] == "b.yaml:11"
    assert places[Item("steps", "balance")] == "b.yaml:14"
    text = coverage.text()
    assert "not reached:" in text
    assert "b.yaml:11: keys: main 2" in text
    assert "没有到达" in coverage.text("zh")


def test_everything_reached_misses_nothing() -> None:
    coverage = Coverage(loads(BOOK, "b.yaml"))
    for item in coverage.items:
        coverage.reached[item] = 1
    assert coverage.missing() == []
    assert coverage.fraction == 1.0
    assert "not reached" not in coverage.text()


def test_workers_are_merged() -> None:
    one, two = (Coverage(loads(BOOK, "b.yaml")) for _ in range(2))
    one.add(entries(ev.MenuEntered(0, "c", "main")))
    two.add(entries(ev.StepEntered(0, "c", "safety"), ev.MenuEntered(0, "c", "main")))
    one.merge(two)
    assert one.reached == {Item("menus", "main"): 2, Item("steps", "safety"): 1}


def test_exits_are_back_and_transfer() -> None:
    coverage = Coverage(loads(BOOK, "b.yaml"))
    assert {str(i) for i in coverage.items if i.group == "exits" and i.where == "balance"} == {
        "balance transfer",
        "balance back",
    }
    coverage.add(
        entries(
            ev.Chosen(1, "c", "main", "0", "agent:fault"), ev.Chosen(2, "c", "main", "9", "repeat")
        )
    )
    assert [str(i) for i in coverage.reached if i.group == "exits"] == ["main transfer"]


def played(at: float, prompt: str, play: int = 1) -> Event:
    return ev.Did(at, "c", do.Play(play, do.Prompt(prompt, "...")))


def prompts(*events: Event) -> set[str]:
    coverage = Coverage(loads(BOOK, "b.yaml"))
    coverage.add(entries(*events))
    return {item.where for item in coverage.reached if item.group == "prompts"}


def test_a_prompt_is_reached_when_it_can_be_noticed() -> None:
    assert prompts(played(0, "main"), ev.Did(2, "c", do.StopPlay(1))) == {"main"}
    assert prompts(played(0, "main"), ev.HungUp(5, "c")) == {"main"}
    assert prompts(played(0, "main"), played(3, "safety", 2), ev.PlaybackFinished(3.2, "c", 2)) == {
        "main",
        "safety",
    }


def test_a_prompt_cut_off_at_once_is_not() -> None:
    assert prompts(played(0, "main"), ev.Did(0.2, "c", do.StopPlay(1))) == set()
    assert prompts(played(0, "main"), ev.HungUp(0.5, "c")) == set()


def test_the_common_prompt_is_part_of_others() -> None:
    common = BOOK.replace("menus:\n", "common_prompt: 重听请按9。\nmenus:\n", 1)
    book = loads(common, "b.yaml")
    assert book.common_prompt is not None
    assert Item("prompts", book.common_prompt.id) not in Coverage(book).items


def test_what_only_failing_scenarios_reached_is_told_apart() -> None:
    coverage = Coverage(loads(BOOK, "b.yaml"))
    coverage.add(entries(ev.MenuEntered(0, "c", "main"), ev.StepEntered(1, "c", "safety")))
    coverage.add(
        entries(ev.MenuEntered(0, "c", "main"), ev.StepEntered(1, "c", "balance")), passed=False
    )
    assert coverage.only_failing(Item("steps", "balance"))
    assert not coverage.only_failing(Item("steps", "safety"))
    assert not coverage.only_failing(Item("menus", "main"))
    shares = {share.group: share for share in coverage.shares()}
    assert (shares["steps"].reached, shares["steps"].only_failing) == (2, 1)
    assert "reached by failing scenarios only:\n  b.yaml:14: steps: balance" in coverage.text()


def test_clauses_are_counted_only_when_they_are_named() -> None:
    assert all(share.group != "clauses" for share in Coverage(loads(BOOK, "b.yaml")).shares())
    coverage = Coverage(loads(BOOK, "b.yaml"), {"5.2.6.4": Place("c.yaml", 7)})
    assert "c.yaml:7: clauses: 5.2.6.4" in coverage.text()
    coverage.exercised(["5.2.6.4", "9.9"])
    assert "clauses: 5.2.6.4" not in coverage.text()


def test_a_group_is_settled_when_passing_scenarios_reached_all_of_it() -> None:
    coverage = Coverage(loads(BOOK, "b.yaml"))
    coverage.add(entries(ev.StepEntered(0, "c", "safety"), ev.StepEntered(0, "c", "balance")))
    assert coverage.settled("steps")
    assert not coverage.settled("menus")
    coverage.add(entries(ev.MenuEntered(0, "c", "main")), passed=False)
    assert not coverage.settled("menus")
    coverage.add(entries(ev.MenuEntered(0, "c", "main")))
    assert coverage.settled("menus")


def test_what_another_process_tells_is_counted_as_ones_own() -> None:
    one, two = (Coverage(loads(BOOK, "b.yaml")) for _ in range(2))
    one.add(entries(ev.MenuEntered(0, "c", "main")), passed=False)
    two.absorb(json.loads(json.dumps(one.to_json())))
    assert (two.reached, two.failing) == (one.reached, one.failing)
    two.absorb({"reached": [["menus", "of another book", "", 1, 0]]})
    assert two.reached == one.reached
