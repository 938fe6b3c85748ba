"""Each rule fires on the book that breaks it, and on nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from menus.lint import failed, lint
from menus.loader import load, loads
from menus.rules import RULES
from tests.menus.books import CONTRACT, book

BROKEN = Path(__file__).parent / "broken"
BOOKS = sorted(BROKEN.glob("*.yaml"))


def rules(text: str, **options) -> list[str]:
    return [finding.rule for finding in lint(loads(text), **options)]


def expected(file: Path) -> set[str]:
    """The rule of the file's name, and those of its `# also:` line."""
    also = [line for line in file.read_text("utf-8").splitlines() if line.startswith("# also:")]
    return {file.stem, *(also[0].removeprefix("# also:").split() if also else [])}


def test_there_is_a_broken_book_for_every_rule():
    assert {file.stem for file in BOOKS} == set(RULES)


@pytest.mark.parametrize("file", BOOKS, ids=lambda file: file.stem)
def test_exactly_the_broken_rule_fires(file):
    findings = lint(load(file))
    assert {finding.rule for finding in findings} == expected(file)
    assert len([finding for finding in findings if finding.rule == file.stem]) == 1
    for finding in findings:
        rule = RULES[finding.rule]
        assert (finding.level, finding.clause) == (rule.level, rule.clause)
        assert finding.file == str(file)
        assert 1 <= finding.line <= len(file.read_text("utf-8").splitlines())
        assert finding.message
        assert finding.hint


@pytest.mark.parametrize("file", BOOKS, ids=lambda file: file.stem)
def test_messages_in_both_languages(file):
    book_ = load(file)
    chinese, english = lint(book_, lang="zh-CN"), lint(book_, lang="en")
    assert [f.rule for f in chinese] == [f.rule for f in english]
    assert all(f.message != g.message for f, g in zip(chinese, english, strict=True))


def test_the_default_book_lints_clean():
    assert lint(load()) == []


def test_the_minimal_form_lints_clean():
    assert lint(loads(CONTRACT)) == []


def test_only_advice_does_not_fail():
    assert not failed(lint(load(BROKEN / "M027.yaml")))
    assert failed(lint(load(BROKEN / "M014.yaml")))
    assert failed(lint(load(BROKEN / "M001.yaml")))
    assert not failed([])


class TestDepth:
    def chain(self, length: int, last: str = "agent") -> str:
        menus = "".join(
            f'  m{n}: {{prompt: 第{n}层请按1。, keys: {{"1": "menu:m{n + 1}"}}}}\n'
            for n in range(2, length)
        )
        return book(
            f'menus:\n  main: {{prompt: 请按1。, keys: {{"1": "menu:m2"}}}}\n{menus}'
            f'  m{length}: {{prompt: 最后请按1。, keys: {{"1": "{last}"}}}}\n'
        )

    def test_five_are_allowed_and_six_are_not(self):
        assert rules(self.chain(5)) == []
        assert rules(self.chain(6)) == ["M001"]

    def test_a_menu_on_the_path_pops_back_to_it(self):
        assert rules(self.chain(5, last="menu:m2")) == []

    def test_steps_are_no_menus(self):
        text = self.chain(5, last="step:a") + (
            'steps:\n  a: {say: 须知。, next: "step:b"}\n  b: {say: 又一条。, next: back}\n'
        )
        assert rules(text) == []

    def test_a_menu_behind_a_step_counts(self):
        text = self.chain(5, last="step:a").replace(
            "  m5:", '  m9: {prompt: 更深请按1。, keys: {"1": agent}}\n  m5:'
        ) + ('steps:\n  a: {say: 须知。, next: "menu:m9"}\n')
        assert rules(text) == ["M001"]

    def test_the_clause_and_the_path_are_named(self):
        finding = lint(loads(self.chain(6)))[0]
        assert finding.clause == "5.2.6.2"
        assert "main > m2 > m3 > m4 > m5 > m6" in finding.message


class TestTransferAndBack:
    def test_removed_everywhere(self):
        text = 'version: 1\nstart: main\nmenus:\n  main: {prompt: 请按1。, keys: {"1": end}}\n'
        assert rules(text) == ["M002", "M003"]

    def test_a_transfer_behind_a_spoken_notice_is_one(self):
        text = book(
            'menus:\n  main: {prompt: x, keys: {"0": "step:a"}}\n'
            "steps:\n  a: {say: 正在转接。, next: agent}\n"
        )
        assert rules(text) == []

    def test_in_the_start_menu_to_repeat_is_enough(self):
        text = (
            'version: 1\nstart: main\nmenus:\n  main: {prompt: "重听请按9，转人工请按0。", '
            'keys: {"9": repeat, "0": agent}}\n'
        )
        assert rules(text) == []

    def test_the_waiting_menu_is_no_navigation(self):
        text = book(
            "waiting: {menu: queue}\nmenus:\n  main: {prompt: x}\n"
            '  queue: {prompt: 等待请按1。, keys: {"1": wait}}\n'
        )
        assert rules(text) == []


class TestAnnouncements:
    def test_an_inherited_key_needs_announcing_once(self):
        keys = 'keys: {"1": "agent:bill"}'
        text = CONTRACT.replace(f"，重听请按9。, {keys}", f"。, {keys}")
        findings = lint(loads(text))
        assert [f.rule for f in findings] == ["M014"]
        assert "'bill'" in findings[0].message

    def test_a_removed_key_that_the_common_prompt_announces(self):
        text = book('menus:\n  main: {prompt: x, keys: {"9": null}}\n')
        assert rules(text) == ["M013"]

    def test_each_language_is_checked(self):
        text = book(
            "menus:\n  main: {prompt: {zh-CN: 电费请按1。, en-US: For bills press 2.}, "
            'keys: {"1": agent}}\n'
        )
        assert rules(text) == []  # nobody hears the English text
        spoken = text.replace('"1": agent', '"1": "language:en-US"')
        assert {"M013", "M014"} <= set(rules(spoken))

    def test_words_still_to_be_written_are_not_judged(self):
        assert rules(book('menus:\n  main: {prompt: "...", keys: {"1": agent}}\n')) == []

    def test_a_step_that_announces_a_key_it_does_not_have(self):
        text = book(
            'menus:\n  main: {prompt: 请按1。, keys: {"1": "step:a"}}\n'
            "steps:\n  a: {say: 请输入户号，以井号键结束，取消请按5。, collect: account, "
            "next: back}\n"
        )
        assert rules(text) == ["M013"]


class TestValues:
    ASK = (
        "steps:\n  a: {collect: account, request: balance, "
        'on: {credit: "menu:b", arrears: "menu:b", failed: agent}}\n'
    )

    def menus(self, text: str) -> str:
        return book(
            f'menus:\n  main: {{prompt: 请按1。, keys: {{"1": "step:a"}}}}\n'
            f'  b: {{prompt: "{text}结束请按1。", keys: {{"1": end}}}}\n{self.ASK}'
        )

    def test_what_a_service_gives_can_be_said(self):
        said = "余额{balance:amount}，户号{account:account}，来电{number:phone}。"
        assert rules(self.menus(said)) == []

    def test_what_nothing_gives(self):
        assert rules(self.menus("工单{order:order}。")) == ["M018"]

    def test_what_a_later_step_gives_is_not_known_at_first(self):
        text = book(
            'menus:\n  main: {prompt: "{balance:amount}请按1。", keys: {"1": "step:a"}}\n'
            '  b: {prompt: 结束请按1。, keys: {"1": end}}\n' + self.ASK
        )
        assert rules(text) == ["M039"]

    def test_what_only_going_back_makes_known_is_doubtful(self):
        text = book(
            "menus:\n  main: {prompt: 录入请按1，查询请按2。, "
            'keys: {"1": "step:type", "2": "step:look"}}\n'
            "steps:\n  type: {collect: account, next: back}\n"
            "  look: {request: outage_lookup, "
            "on: {found: end, none: end, failed: agent}}\n"
        )
        assert rules(text) == ["M039"]

    def test_the_hotlines_own_values(self):
        text = book("waiting: {message: '前面{position:count}位。'}\nmenus:\n  main: {prompt: x}\n")
        assert rules(text) == []
        assert rules(text.replace("position", "place")) == ["M018"]


class TestFunctions:
    def test_only_where_they_are_required(self):
        text = book("menus:\n  main: {prompt: x}\n")
        assert rules(text) == []
        found = rules(text, functions_required=True)
        assert found.count("M011") == 9
        assert found.count("M024") == 1

    def test_a_function_that_no_path_reaches_does_not_count(self):
        text = (BROKEN / "M011.yaml").read_text("utf-8") + (
            '  lost: {title: 孤岛, function: 故障报修, prompt: 报修请按1。, keys: {"1": agent}}\n'
        )
        lost = text.replace("agent_languages: [en-US]\n", "") + "agent_languages: [en-US]\n"
        assert set(rules(lost)) == {"M005", "M011"}


def test_limits_may_be_the_books_own():
    seven = (BROKEN / "M027.yaml").read_text("utf-8")
    assert rules(seven + "limits: {max_options: 8}\n") == []
    assert rules(seven) == ["M027"]


def test_recorded_lengths_come_before_guesses():
    found = loads(book('menus:\n  main: {prompt: 停电请按1。, keys: {"1": agent}}\n'))
    assert [f.rule for f in lint(found, duration=lambda prompt: 20.0)] == ["M028"]


def test_outcome_may_fall_through_to_next_but_a_failure_may_not():
    text = book(
        'menus:\n  main: {prompt: 请按1。, keys: {"1": "step:a"}}\n'
        "steps:\n  a: {request: leave_message, on: {failed: agent}, next: end}\n"
    )
    assert rules(text) == []
    assert rules(text.replace("on: {failed: agent}, ", "")) == ["M008"]


def test_findings_come_in_the_order_of_lines():
    found = lint(
        replace(
            loads(
                book(
                    'menus:\n  main: {keys: {"1": "menu:x", "2": "step:y"}}\n'
                    '  lost: {prompt: 请按1。, keys: {"2": agent}}\n'
                )
            )
        )
    )
    assert [f.line for f in found] == sorted(f.line for f in found)
    assert {"M004", "M005", "M013", "M014", "M015"} <= {f.rule for f in found}
