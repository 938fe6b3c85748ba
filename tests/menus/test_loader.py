"""What a book means once inheritance and defaults are decided."""

import dataclasses
from pathlib import Path

import pytest

from menus.loader import load, loads, target
from menus.model import Hours, Target
from menus.schema import schema
from menus.wording import BookError
from tests.menus.books import CONTRACT, book

ONE = book('menus:\n  main: {prompt: 停电请按1。, keys: {"1": "agent:fault"}}\n')


class TestTarget:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("menu:a", Target("menu", "a")),
            ("step:b", Target("step", "b")),
            ("agent", Target("agent")),
            ("agent:fault", Target("agent", "fault")),
            ("language:en-US", Target("language", "en-US")),
            ("back", Target("back")),
            ("top", Target("top")),
            ("repeat", Target("repeat")),
            ("end", Target("end")),
            ("wait", Target("wait")),
            ("callback", Target("callback")),
        ],
    )
    def test_every_form(self, text, found):
        assert target(text) == found
        assert str(found) == text

    @pytest.mark.parametrize(
        "text", ["", "menu", "menu:", "step", "agent:", "back:x", "agnet", "language"]
    )
    def test_anything_else_is_refused_with_the_list(self, text):
        with pytest.raises(ValueError, match="menu:ID, step:ID, agent"):
            target(text)


class TestMinimalForm:
    found = loads(CONTRACT)

    def test_menus_inherit_the_common_keys(self):
        keys = self.found.menus["fault"].keys
        assert {key: str(bound.target) for key, bound in keys.items()} == {
            "0": "agent",
            "*": "back",
            "9": "repeat",
            "1": "step:outage",
            "2": "agent:fault",
            "3": "step:safety",
        }
        assert keys["0"].inherited
        assert not keys["1"].inherited
        assert (keys["0"].place.line, keys["1"].place.line) == (5, 12)

    def test_a_step_that_only_collects_asks_by_the_kind_of_input(self):
        step = self.found.steps["outage"]
        assert step.say is not None
        assert step.say.id == "ask.account"
        assert "户号" in step.say.long["zh-CN"]
        assert step.collect is not None
        assert (step.collect.name, step.collect.min_length, step.collect.max_length) == (
            "account",
            10,
            13,
        )
        assert {key: str(bound.target) for key, bound in step.collect.keys.items()} == {
            "0": "agent",
            "*": "back",
            "9": "repeat",
        }
        assert step.collect.check == "account"

    def test_the_rest_follows_clause_5_2(self):
        found = self.found
        assert found.greeting.long["zh-CN"] == "你用电，我用心，国家电网95598为您服务。"
        assert found.announcement.long["zh-CN"] == "您好！{agent:agent}号客服专员为您服务。"
        assert found.closing.long["zh-CN"] == "结束服务请挂机。"
        menu = found.menus["main"]
        assert (menu.no_input.limit, menu.no_input.then) == (2, Target("agent"))
        assert (menu.wrong_key.limit, menu.wrong_key.then) == (3, Target("agent"))
        assert menu.first_digit_timeout == 5
        assert found.steps["outage"].collect.inter_digit_timeout == 8
        assert found.hang_up_after == 10
        assert found.hours == Hours()
        assert found.survey is not None
        assert found.survey.scores == {"1": 1, "2": 2, "3": 3}
        assert found.starts == {"zh-CN": "main"}
        assert set(found.waiting.refused) == {"closed", "full", "no_agents"}

    def test_standing_texts_exist_in_both_languages(self):
        own = {*self.found.menus, *self.found.steps}
        for prompt in self.found.prompts():
            if prompt.id not in own:
                assert {"zh-CN", "en-US"} <= set(prompt.long), prompt.id


class TestInheritance:
    def test_null_removes_a_common_key(self):
        found = loads(book('menus:\n  main: {prompt: x, keys: {"0": null, "1": "agent:a"}}\n'))
        assert set(found.menus["main"].keys) == {"*", "9", "1"}

    def test_an_own_key_replaces_the_common_one(self):
        found = loads(book('menus:\n  main: {prompt: x, keys: {"0": "agent:a"}}\n'))
        key = found.menus["main"].keys["0"]
        assert (key.target, key.inherited) == (Target("agent", "a"), False)

    def test_the_common_prompt_follows_menus_that_inherit_a_key(self):
        found = loads(
            book(
                "menus:\n  main: {prompt: x, keys: {}}\n"
                '  bare: {prompt: y, keys: {"0": null, "*": null, "9": null, "1": agent}}\n'
            )
        )
        assert found.menus["main"].common
        assert not found.menus["bare"].common

    def test_the_waiting_menu_inherits_nothing(self):
        found = loads(
            book(
                "waiting: {menu: queue}\nmenus:\n  main: {prompt: x}\n"
                '  queue: {prompt: 等待请按1。, keys: {"1": wait}}\n'
            )
        )
        assert set(found.menus["queue"].keys) == {"1"}
        assert not found.menus["queue"].common

    def test_an_input_keeps_no_common_key_that_ends_it(self):
        found = loads(
            book(
                'menus:\n  main: {prompt: x, keys: {"1": "step:a"}}\n'
                'steps:\n  a: {collect: {kind: digits, terminator: "*"}, next: back}\n'
            )
        )
        assert set(found.steps["a"].collect.keys) == {"0", "9"}

    def test_counters_take_what_they_do_not_say_from_the_book(self):
        found = loads(
            book(
                "no_input: {limit: 1, prompt: 请按键。}\n"
                "menus:\n  main: {prompt: x, no_input: {then: end}}\n  other: {prompt: y}\n"
            )
        )
        main, other = found.menus["main"].no_input, found.menus["other"].no_input
        assert (main.limit, main.prompt.id, main.then) == (1, "no_input", Target("end"))
        assert other.then == Target("agent")
        assert other.prompt.long["zh-CN"] == "请按键。"

    def test_the_two_counters_are_separate(self):
        found = loads(book("wrong_key: {limit: 0}\nmenus:\n  main: {prompt: x}\n")).menus["main"]
        assert (found.no_input.limit, found.wrong_key.limit) == (2, 0)

    def test_a_counter_prompt_of_a_menu_has_the_menus_id(self):
        found = loads(book("menus:\n  main: {prompt: x, wrong_key: {prompt: 没有这项。}}\n"))
        assert found.menus["main"].wrong_key.prompt.id == "main.wrong_key"

    def test_a_chinese_text_of_ones_own_keeps_the_english_standing_one(self):
        found = loads(book("closing: 结束服务请挂机，再见。\nmenus:\n  main: {prompt: x}\n"))
        assert found.closing.long["zh-CN"] == "结束服务请挂机，再见。"
        assert "hang up" in found.closing.long["en-US"]


class TestExtendedForm:
    def test_texts_per_language_with_long_and_short(self):
        found = (
            loads(
                book(
                    "menus:\n  main:\n    prompt:\n      long: {zh-CN: 长。, en-US: Long.}\n"
                    "      short: 短。\n      interruptible: false\n"
                )
            )
            .menus["main"]
            .prompt
        )
        assert dict(found.long) == {"zh-CN": "长。", "en-US": "Long."}
        assert dict(found.short) == {"zh-CN": "短。"}
        assert not found.interruptible

    def test_plain_texts_are_in_the_books_language(self):
        found = loads("version: 1\nlanguage: en-US\nstart: m\nmenus:\n  m: {prompt: Hello.}\n")
        assert dict(found.menus["m"].prompt.long) == {"en-US": "Hello."}

    @pytest.mark.parametrize(
        ("written", "hours"),
        [
            ('"08:30-17:30"', Hours(30600, 63000)),
            ('"20:00-08:00"', Hours(72000, 28800)),
            (
                '{from: "9:00", until: "24:00", days: [1, 5]}',
                Hours(32400, 86400, frozenset({1, 5})),
            ),
        ],
    )
    def test_hours(self, written, hours):
        found = loads(book(f"menus:\n  main: {{prompt: x, hours: {written}, closed: end}}\n"))
        assert found.menus["main"].hours == hours
        assert found.menus["main"].closed == Target("end")

    def test_notices_are_heard_to_their_end_unless_said_otherwise(self):
        found = loads(
            book(
                "notices:\n  - {id: a, text: 录音。}\n"
                "  - {id: b, text: 提示。, interruptible: true}\n"
                "menus:\n  main: {prompt: x}\n"
            )
        ).notices
        assert [(n.id, n.interruptible) for n in found] == [("notice.a", False), ("notice.b", True)]

    def test_settings_of_an_input(self):
        collect = (
            loads(
                book(
                    'menus:\n  main: {prompt: x, keys: {"1": "step:a"}}\n'
                    "timeouts: {first_digit: 4, inter_digit: 6}\n"
                    'steps:\n  a: {collect: {kind: area, name: place, min: 4, max: 4, terminator: "", '
                    'check: luhn, keys: {"#": "step:a"}}, next: back}\n'
                )
            )
            .steps["a"]
            .collect
        )
        assert (collect.name, collect.min_length, collect.max_length, collect.terminator) == (
            "place",
            4,
            4,
            "",
        )
        assert (collect.first_digit_timeout, collect.inter_digit_timeout) == (4, 6)
        assert (collect.check, collect.masked) == ("luhn", False)
        assert collect.keys["#"].target == Target("step", "a")

    def test_no_survey(self):
        assert loads(book("survey: null\nmenus:\n  main: {prompt: x}\n")).survey is None

    def test_services_of_ones_own_beside_the_built_in_ones(self):
        found = loads(
            book(
                "services:\n  weather: {outcomes: [fine, failed], gives: {sky: word}}\n"
                "menus:\n  main: {prompt: x}\n"
            )
        ).services
        assert found["weather"].outcomes == ("fine",)
        assert "fault_report" in found

    def test_every_prompt_has_a_line(self):
        for prompt in load().prompts():
            assert prompt.place.line > 0, prompt.id


class TestErrors:
    @pytest.mark.parametrize(
        ("body", "line", "words"),
        [
            ("mneus: {}\nmenus: {main: {}}\n", 5, "did you mean 'menus'"),
            ("menus:\n  main:\n    titel: x\n", 7, "did you mean 'title'"),
            ('menus:\n  main: {keys: {"1": agnt}}\n', 6, "menu:ID, step:ID, agent"),
            ('menus:\n  main: {keys: {"12": agent}}\n', 6, "One key of a telephone"),
            ("menus:\n  main:\n    prompt: 5\n", 7, 'write "5" in quotes'),
            ("menus:\n  main: {priority: high}\n", 6, "a whole number"),
            ("menus:\n  main: {hours: 8-9, closed: end}\n", 6, "08:30-17:30"),
            ("menus:\n  main: {prompt: For English, press 8.}\n", 6, "comma"),
            ("menus: {}\n", 5, "menus"),
            ("menus:\n  a b: {}\n", 6, "without spaces"),
            ("steps:\n  a: {collect: acount}\nmenus: {main: {}}\n", 6, "acount"),
            ("menus:\n  main: {prompt: '{a:money}'}\n", 6, "unknown kind 'money'"),
            ("menus:\n  main: {prompt: '余额{balance'}\n", 6, "single brace"),
            ("menus:\n  main: {prompt: '{余额 元}'}\n", 6, "is not a placeholder"),
            ("menus:\n  main:\n    prompt: {long: x, en-US: y}\n", 7, "cannot stand beside long"),
            (
                "steps:\n  a: {collect: {kind: digits, min: 5, max: 2}}\nmenus: {main: {}}\n",
                6,
                "min 5 is more than max 2",
            ),
            ("edition: nosuch\nmenus: {main: {}}\n", 5, "nosuch"),
            ("- a\n", 5, ""),
        ],
    )
    def test_name_place_and_remedy(self, body, line, words):
        with pytest.raises(BookError) as caught:
            loads(book(body), "b.yaml")
        assert caught.value.file == "b.yaml"
        assert line in [problem.place.line for problem in caught.value.problems]
        assert words in str(caught.value)

    def test_a_list_is_no_book(self):
        with pytest.raises(BookError, match="must be a mapping"):
            loads("- a\n- b\n")

    def test_missing_sections_are_named(self):
        with pytest.raises(BookError) as caught:
            loads("version: 1\n", "b.yaml")
        assert str(caught.value).count("'start' is missing") == 1
        assert "'menus' is missing" in str(caught.value)

    def test_several_problems_at_once_in_chinese(self):
        with pytest.raises(BookError) as caught:
            loads(book("mneus: 1\nmenus:\n  main: {titel: x}\n"), "b.yaml")
        lines = caught.value.in_language("zh").splitlines()
        assert lines == [
            "b.yaml:5: 最上层 中没有名为 mneus 的键 (是否要写 menus？)",
            "b.yaml:7: menus.main 中没有名为 titel 的键 (是否要写 title？)",
        ]


def test_remedies_in_chinese():
    with pytest.raises(BookError) as caught:
        loads(book('menus:\n  main: {keys: {"12": agent, "1": agnt}}\n'), "b.yaml")
    said = caught.value.in_language("zh-CN")
    assert "一个电话按键" in said
    assert "agent:技能" in said


def test_the_schema_is_a_valid_one():
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())


def test_a_folder_is_one_book(tmp_path: Path):
    main = 'menus:\n  main: {prompt: 电费请按1。, keys: {"1": "menu:bill"}}\n'
    (tmp_path / "a.yaml").write_text(book(main))
    (tmp_path / "b.yaml").write_text("menus:\n  bill: {prompt: x}\n")
    found = load(tmp_path)
    assert set(found.menus) == {"main", "bill"}
    assert found.menus["bill"].place.file.endswith("b.yaml")


def test_books_are_values():
    assert dataclasses.replace(loads(ONE), hang_up_after=1.0).menus == loads(ONE).menus
