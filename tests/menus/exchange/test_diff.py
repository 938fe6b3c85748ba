"""Two books compared, in the words of the people who edit them."""

import re

from menus.exchange.diff import diff, mark
from menus.loader import default_book, load, loads
from menus.model import Book
from tests.menus.books import CONTRACT
from tests.menus.exchange.books import RICH

DEFAULT = default_book().read_text("utf-8")


def changed(*pairs: tuple[str, str], text: str = DEFAULT) -> Book:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return loads(text, "new.yaml")


def said(old: Book, new: Book, lang: str = "zh") -> list[str]:
    return [change.message.of(lang) for change in diff(old, new)]


def test_a_book_does_not_differ_from_itself() -> None:
    for book in (load(), loads(CONTRACT), loads(RICH)):
        assert diff(book, book) == []


def test_a_key_that_leads_elsewhere_is_told_with_both_titles() -> None:
    new = changed(
        ('"3": menu:business', '"3": menu:complaint'), ('"4": menu:complaint', '"4": menu:business')
    )
    assert said(load(), new) == [
        "菜单“主菜单”的按键 3 现在通往“投诉举报与意见建议”（menu:complaint）（原来通往“业务办理”（menu:business））",
        "菜单“主菜单”的按键 4 现在通往“业务办理”（menu:business）（原来通往“投诉举报与意见建议”（menu:complaint））",
    ]
    first = diff(load(), new)[0]
    assert first.place.file == "new.yaml"
    assert DEFAULT.splitlines()[first.place.line - 1].strip() == '"3": menu:business'


def test_changed_words_are_marked() -> None:
    assert mark("一户停电请按1", "一户断电请按1") == "一户[-停-]{+断+}电请按1"
    assert mark("press 1 now", "press 2 now") == "press [-1-]{+2+} now"
    assert mark("余额{a:amount}。", "余额{a:count}。") == "余额[-{a:amount}-]{+{a:count}+}。"


def test_a_renamed_menu_is_not_a_removed_and_an_added_one() -> None:
    new = loads(re.sub(r"\boutage_none\b", "no_outage", DEFAULT), "new.yaml")
    assert said(load(), new, "en") == ["menu outage_none is now called no_outage"]


def test_a_menu_below_another_one_has_moved() -> None:
    new = changed(('"5": step:notice_number', '"5": step:notice_number\n      "6": menu:payment'),
                  ('      "5": menu:payment\n', ""))  # fmt: skip
    assert "菜单“交费渠道”移到了 主菜单 > 停电报修 之下（原在 主菜单 > 电量电费 之下）" in said(
        load(), new
    )


def test_outcomes_settings_and_skills() -> None:
    new = changed(('none: "step:hall_none"', "none: agent"), ("first_digit: 5", "first_digit: 6"),
                  ("skill: bill", "skill: money"))  # fmt: skip
    words = said(load(), new, "en")
    assert (
        "step hall_area: outcome none now leads to an agent (before: leads to step:hall_none)"
        in words
    )
    assert "menu bill: the skill changed from bill to money" in words
    assert "the book: timeouts, first_digit was added: 6" in words


def test_what_lint_says_about_the_change_is_told() -> None:
    new = changed(('common_keys: {"0": agent, ', "common_keys: {"))
    rules = {change.path for change in diff(load(), new) if change.kind == "finding"}
    assert {"M002", "M013"} <= rules
    back = {change.path for change in diff(new, load()) if change.kind == "resolved"}
    assert back == rules


def test_a_deeper_tree_is_told() -> None:
    old = loads(CONTRACT)
    deeper = CONTRACT.replace(
        "menus:\n", 'menus:\n  extra: {prompt: 额外请按1。, keys: {"1": agent}}\n'
    ).replace('"1": "step:outage"', '"1": "step:outage", "7": "menu:extra"')
    changes = diff(old, loads(deeper))
    assert "added" in {change.kind for change in changes}
    assert all(change.as_json("zh")["message"] for change in changes)
