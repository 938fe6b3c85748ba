"""Mutants: each is a valid book with one thing changed, told in words with its place."""

from __future__ import annotations

import pytest

from menus.loader import default_book, load, loads
from menus.model import Book, Target
from menus.mutants import OPERATORS, Mutant, mutants
from menus.mutants_words import cut_short
from tests.menus.books import CONTRACT

BOOK = loads(CONTRACT)
DEFAULT = load()
MUTANTS = list(mutants(DEFAULT))


def of(book: Book, operator: str, where: str) -> list[Mutant]:
    return [
        mutant
        for mutant in mutants(book)
        if mutant.operator == operator and any(spot[1] == where for spot in mutant.spots)
    ]


def test_every_operator_finds_something_to_change_in_the_default_book():
    assert {mutant.operator for mutant in MUTANTS} == set(OPERATORS)


def test_each_mutant_is_another_book_and_says_where_and_what():
    for mutant in MUTANTS:
        assert mutant.change(DEFAULT) != DEFAULT, str(mutant)
        assert mutant.place.file == str(default_book())
        assert mutant.place.line > 0
        assert mutant.what.zh
        assert mutant.what.en
        assert mutant.spots


def test_no_two_mutants_are_the_same_change():
    told = [str(mutant) for mutant in MUTANTS]
    assert len(set(told)) == len(told)


def test_the_book_itself_stays_as_it_was():
    before = load()
    for mutant in MUTANTS:
        mutant.change(DEFAULT)
    assert before == DEFAULT


def test_two_keys_are_swapped():
    (mutant, *_) = of(BOOK, "swap keys", "main")
    keys = mutant.change(BOOK).menus["main"].keys
    was = BOOK.menus["main"].keys
    assert (keys["1"].target, keys["2"].target) == (was["2"].target, was["1"].target)


def test_a_menu_loses_its_way_back_and_keeps_the_other_common_keys():
    (mutant,) = of(BOOK, "drop back", "main")
    changed = mutant.change(BOOK)
    assert "*" not in changed.menus["main"].keys
    assert {"0", "9"} <= changed.menus["main"].keys.keys()
    assert "*" in changed.menus["fault"].keys


def test_silence_leads_elsewhere_in_one_menu_only():
    (mutant, _) = of(BOOK, "last resort", "main")
    changed = mutant.change(BOOK)
    assert changed.menus["main"].no_input.then == Target("end")
    assert changed.menus["fault"].no_input.then == Target("agent")


def test_an_outcome_leads_elsewhere():
    found = {m.what.en: m for m in of(BOOK, "retarget outcome", "outage")}
    mutant = found["step outage: outcome failed leads to end instead of agent:fault"]
    assert mutant.change(BOOK).steps["outage"].on["failed"] == Target("end")
    assert "failed:" in CONTRACT.splitlines()[mutant.place.line - 1]


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("查询请按1，报修请按2。", "zh-CN", "查询请按1。"),
        ("感谢您的评价。", "zh-CN", "请稍候。"),
        ("For your bill, press 1. For an agent, press 0.", "en-US", "For your bill, press 1. For an agent."),
        ("Thank you.", "en-US", "One moment, please."),
    ],
)  # fmt: skip
def test_a_recording_is_cut_short(text: str, language: str, said: str):
    assert cut_short(text, language) == said


def test_what_nobody_can_notice_says_why():
    told = {str(mutant).split(": ", 2)[2]: mutant.equivalent for mutant in MUTANTS}
    apology = next(why for what, why in told.items() if what.startswith("error.failed says"))
    assert apology is not None
    assert "every outcome" in apology.en


def test_a_book_with_an_outcome_left_open_may_apologise():
    open_ended = loads(CONTRACT.replace(', failed: "agent:fault"', ""))
    apology = [m for m in mutants(open_ended) if "error.failed（zh-CN）" in m.what.zh]
    assert apology
    assert all(mutant.equivalent is None for mutant in apology)
