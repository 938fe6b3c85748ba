"""What the standard says about books at rest: the built-in one, and one that breaks each rule."""

from dataclasses import replace

import pytest

from hotline.standard.book_checks import check_book
from hotline.standard.clauses import edition
from menus.loader import load, loads
from menus.model import Hours

BOOK_RULES = {
    ("5.2.3", "offered"), ("5.2.4.1", "ways"), ("5.2.4.2", "hours"), ("5.2.5.1", "offered"),
    ("5.2.6.1", "text"), ("5.2.6.2", "layers"), ("5.2.6.2", "keys"), ("5.2.6.3", "menus"),
    ("5.2.6.5", "text"), ("5.2.6.6", "text"),
}  # fmt: skip


@pytest.fixture(scope="module")
def built_in():
    return load()


@pytest.fixture(scope="module")
def results(built_in):
    return check_book(built_in, edition())


def test_the_built_in_book_keeps_every_rule_that_a_book_can_show(results):
    assert {(r.clause, r.rule) for r in results} == BOOK_RULES
    assert [r for r in results if not r.ok] == []


def test_each_function_comes_with_keys_steps_and_seconds(results, built_in):
    offered = [r for r in results if (r.clause, r.rule) == ("5.2.3", "offered")]
    assert len(offered) == len(edition().names("functions"))
    for result in offered:
        assert "keys" in result.measured.en
        file, line = result.place.rsplit(":", 1)
        assert file.endswith(".yaml")
        assert int(line) > 0


DEEP = """
version: 1
language: zh-CN
start: a
hours: "09:00-17:00"
greeting: 欢迎致电。
announcement: 您好。
closing: 再见。
common_keys: {"*": back}
menus:
  a: {title: 一, prompt: 下一层请按1。, keys: {"1": "menu:b"}}
  b: {title: 二, prompt: 下一层请按1。, keys: {"1": "menu:c"}}
  c: {title: 三, prompt: 下一层请按1。, keys: {"1": "menu:d"}}
  d: {title: 四, prompt: 下一层请按1。, keys: {"1": "menu:e"}}
  e: {title: 五, prompt: 下一层请按1。, keys: {"1": "menu:f"}}
  f: {title: 六, prompt: 重听请按1，其他请按2。, keys: {"1": repeat}}
"""


def test_a_book_that_breaks_every_rule_fails_every_rule():
    found = check_book(loads(DEEP, "deep.yaml"), edition())
    failed = {(r.clause, r.rule) for r in found if not r.ok}
    assert failed == BOOK_RULES
    for result in found:
        assert result.call is None
        assert result.place.startswith("deep.yaml:")
    assert sum(r.rule == "keys" and not r.ok for r in found) == 6


def test_the_layers_that_are_allowed_are_the_edition_s(built_in, tmp_path):
    from hotline.standard.clauses import load_edition

    path = tmp_path / "strict.yaml"
    path.write_text("limits: {max_menu_depth: 4}", "utf-8")
    found = check_book(built_in, load_edition(path))
    assert [r.ok for r in found if r.rule == "layers"] == [False]


def test_a_language_that_agents_speak_must_be_reachable(built_in):
    with_korean = replace(built_in, agent_languages=(*built_in.agent_languages, "ko-KR"))
    failed = [r for r in check_book(with_korean, edition()) if not r.ok and r.rule == "offered"]
    assert ["ko-KR" in r.measured.en for r in failed] == [True]


def test_six_days_a_week_are_not_round_the_clock(built_in):
    short = replace(built_in, hours=Hours(days=frozenset(range(1, 7))))
    assert [r.ok for r in check_book(short, edition()) if r.rule == "hours"] == [False]
