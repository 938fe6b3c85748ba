"""Coverage of a book by journals."""

from __future__ import annotations

from hotline.callers.coverage import Coverage, Item
from hotline.switch import events as ev
from hotline.switch.events import Event
from hotline.switch.record import Entry
from menus.loader import loads

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
    places = {str(item): str(place) for item, place in coverage.missing()}
    assert places["main 2"] == "b.yaml:11"
    assert places["balance"] == "b.yaml:14"
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
