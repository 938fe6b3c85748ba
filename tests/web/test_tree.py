from __future__ import annotations

import pytest

from hotline.web.tree import menu_tree
from menus.loader import load, loads

BOOK = """
version: 1
language: zh-CN
start: main
common_keys: {"0": agent, "*": back, "9": repeat}
menus:
  main: {title: 主菜单, prompt: 报修请按1，账单请按2。, keys: {"2": "menu:bill", "1": "menu:fault"}}
  fault: {title: 报修, prompt: 停电请按1，人工请按2，安全请按3。,
          keys: {"1": "step:outage", "2": "agent:fault", "3": "step:safety"}}
  bill: {title: 账单, prompt: 回主菜单请按1。, keys: {"1": "menu:main"}}
  found: {title: 停电详情, prompt: 结束请按1。, keys: {"1": end}}
steps:
  safety: {say: 远离断线。, next: back}
  outage:
    collect: account
    request: outage_lookup
    on: {found: "menu:found", none: "menu:fault", unknown: back, failed: "agent:fault"}
"""


@pytest.fixture(scope="module")
def tree():
    return menu_tree(loads(BOOK))


def node(tree, path):
    return next(n for n in tree.walk() if n.path == path)


def test_children_are_in_the_order_of_the_keypad(tree):
    assert [(child.key, child.id) for child in tree.children] == [("1", "fault"), ("2", "bill")]


def test_inherited_keys_are_no_branches(tree):
    assert {n.key for n in tree.walk()} <= {"", "1", "2", "3"}


def test_a_step_leads_on_to_the_menus_of_its_outcomes(tree):
    assert [c.id for c in node(tree, "main/fault/outage").children] == ["found", "fault"]


def test_a_menu_already_on_the_way_is_a_leaf(tree):
    again = node(tree, "main/bill/main")
    assert (again.kind, again.children) == ("again", ())
    assert node(tree, "main/fault/outage/fault").kind == "again"


def test_a_way_back_is_no_branch(tree):
    assert node(tree, "main/fault/safety").children == ()


def test_an_untitled_step_is_called_by_its_words(tree):
    assert node(tree, "main/fault/safety").zh == "远离断线。"


def test_agents_and_ends_are_leaves(tree):
    assert node(tree, "main/fault/agent:fault").kind == "agent"
    assert node(tree, "main/fault/outage/found/end").kind == "end"


def test_the_default_book_shows_every_menu_a_caller_can_reach():
    book = load()
    shown = {n.id for n in menu_tree(book).walk() if n.kind == "menu"}
    waiting = {book.waiting.menu} - {None}
    assert shown == set(book.menus) - waiting


def test_paths_are_unique_and_the_size_is_bounded():
    paths = [n.path for n in menu_tree(load(), limit=50).walk()]
    assert len(paths) == len(set(paths))
    assert len(paths) < 400
    assert any(n.kind == "more" for n in menu_tree(load(), limit=50).walk())
