"""Mutation: a scenario kills a mutant that it notices, and only those that reach it are played."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hotline.callers.mutation import Bench, Result, scores, total
from hotline.callers.reading import parse
from hotline.cli.mutate import Plan, Report, mutate
from hotline.cli.virtual import scenario_hotlines
from menus.loader import loads
from menus.model import Book
from menus.mutants import Mutant, mutants

BOOK_TEXT = """\
version: 1
start: main
common_keys: {"0": agent, "*": back}
common_prompt: 转人工请按0，返回上级请按星号键。
menus:
  main: {title: 主菜单, prompt: 报修请按1，电费请按2。, keys: {"1": "menu:fault", "2": "menu:bill"}}
  fault: {title: 报修, prompt: 人工报修请按1。, keys: {"1": "agent"}}
  bill: {title: 电费, prompt: 结束请按1。, keys: {"1": end}}
"""
BOOK = loads(BOOK_TEXT)

TO_FAULT = """\
scenario: 报修
story:
  - hear: {prompt: main}
  - press: "1"
  - hear: {prompt: fault}
"""
TO_BILL = """\
scenario: 电费
tags: [generated]
story:
  - hear: {prompt: main}
  - press: "2"
  - hear: {prompt: bill}
"""


def bench(*scenarios: str, book: Book = BOOK) -> Bench:
    made = Bench(book, scenario_hotlines(book).serving)
    for text in scenarios:
        made.add(parse(text, "s.yaml"))
    return made


def mutant(words: str, book: Book = BOOK) -> Mutant:
    return next(one for one in mutants(book) if words in one.what.en)


def judged(made: Bench, words: str) -> Result:
    (result,) = made.judge(mutant(words))
    return result


def test_a_scenario_that_follows_a_swapped_key_notices():
    result = judged(bench(TO_FAULT), "menu main: 1 leads where 2 led")
    assert result.killed_by == "报修"


def test_what_nobody_asserts_survives_and_names_who_came_by():
    result = judged(bench(TO_FAULT), "menu fault: no key *")
    assert not result.killed
    assert result.noticed_nothing == ("报修",)


def test_a_scenario_that_does_not_reach_the_place_is_not_played():
    result = judged(bench(TO_FAULT), "menu bill: no key *")
    assert not result.killed
    assert result.noticed_nothing == ()


def test_the_scenario_that_took_the_very_key_is_played_first():
    made = bench(TO_FAULT.replace("scenario: 报修", "scenario: 只听") .replace(
        '  - press: "1"\n  - hear: {prompt: fault}\n', ""), TO_FAULT)  # fmt: skip
    candidates = made.candidates(mutant("menu main: no key 1"), "hand-written")
    assert [scenario.name for scenario in candidates] == ["报修", "只听"]


def test_generated_scenarios_are_judged_apart():
    made = bench(TO_FAULT, TO_BILL)
    first, second = made.judge(mutant("menu main: no key 2"))
    assert (first.suite, first.killed) == ("hand-written", False)
    assert (second.suite, second.killed_by) == ("generated", "电费")


def test_a_scenario_that_fails_on_the_book_itself_kills_nothing():
    wrong = TO_FAULT.replace("{prompt: fault}", "{prompt: bill, within: 5}")
    made = bench(wrong)
    assert made.failing == ["报修"]
    assert made.suites == []


def test_a_hotline_that_breaks_down_has_been_noticed():
    made = bench(TO_FAULT)
    broken = Mutant("words", BOOK.place, mutant("no key 1").what, (("menus", "main", ""),),
                    lambda book: None)  # type: ignore[arg-type, return-value]  # fmt: skip
    made.factories = lambda book: lambda scenario, seed: 1 / 0  # type: ignore[assignment, return-value]
    (result,) = made.judge(broken)
    assert result.killed


def test_scores_add_up_over_the_operators():
    made = bench(TO_FAULT)
    results = [r for m in mutants(BOOK) if m.equivalent is None for r in made.judge(m)]
    by_operator = scores(results, "hand-written")
    assert sum(score.total for score in by_operator.values()) == len(results)
    assert (
        sum(score.killed for score in by_operator.values()) == total(results, "hand-written").killed
    )
    assert 0 < total(results, "hand-written").killed < len(results)


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    book, scenarios = tmp_path / "book.yaml", tmp_path / "scenarios.yaml"
    book.write_text(BOOK_TEXT, encoding="utf-8")
    scenarios.write_text(f"{TO_FAULT}---\n{TO_BILL}", encoding="utf-8")
    return str(scenarios), str(book)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_several_processes_find_what_one_finds(files, capsys):
    plan = Plan((files[0],), files[1], 0)
    mutate(plan, "en", as_json=True)
    one = told(capsys)
    mutate(plan, "en", as_json=True, workers=2)
    assert told(capsys) == one


def test_too_few_kills_are_findings(files, capsys):
    plan = Plan((files[0],), files[1], 0)
    assert mutate(plan, "en", kill_at_least=99) == 1
    assert "less than the 99% asked for" in capsys.readouterr().err
    assert mutate(plan, "en", kill_at_least=1) == 0


def test_the_report_lists_survivors_with_their_place(files, capsys):
    mutate(Plan((files[0],), files[1], 0), "zh")
    text = capsys.readouterr().out
    assert f"{files[1]}:7: 删去返回: 菜单 fault 没有 *（back）" in text
    assert "到过此处而未察觉：报修" in text
    assert "没有场景到过此处" in text


def test_a_report_names_what_could_not_be_used():
    made = bench(TO_FAULT, TO_BILL.replace("{prompt: bill}", "{prompt: fault, within: 5}"))
    text = Report(made, [], []).text("en")
    assert "1 scenarios fail on the book itself and were not used: 电费" in text


def test_only_the_scenarios_that_are_chosen_are_used(files):
    assert Plan((files[0],), files[1], 0, "报修").bench().suites == ["hand-written"]
    assert Plan((files[0],), files[1], 0, tags=("generated",)).bench().suites == ["generated"]
