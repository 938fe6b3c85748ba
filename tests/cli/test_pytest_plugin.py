"""The pytest plugin, as somebody uses it who has only scenario files and tests of his own."""

import re
from xml.etree import ElementTree as Xml

import pytest

import hotline.cli.leading
import hotline.standard.call_checks  # noqa: F401 (pytester forgets what is first imported inside)
from hotline.cli.runs import Run
from tests.cli.conftest import ROOT

pytest_plugins = ["pytester"]

TWO = """\
scenario: 主菜单
tags: [smoke]
story:
  - hear: {prompt: root}
  - hang_up:
---
scenario: 走错了
tags: [fault, odd-one]
story:
  - hear: {prompt: root}
  - press: "1"
  - hear: {prompt: bill, within: 5}
  - hang_up:
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """`run("-m", "fault")`: pytest in a folder with `s.yaml`, in English."""
    monkeypatch.setenv("HOTLINE_LANG", "en")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.path.joinpath("s.yaml").write_text(TWO, "utf-8")

    def run(*options):
        return pytester.runpytest("-p", "hotline.cli.pytest_plugin", *options)

    return run


def collected(result):
    return [line.rpartition("::")[2] for line in result.outlines if "::" in line]


class TestScenarioFiles:
    def test_each_scenario_is_a_test(self, run):
        result = run("-v")
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["s.yaml::主菜单 PASSED*", "s.yaml::走错了 FAILED*"])

    def test_a_failure_is_the_readable_block_and_no_traceback(self, run):
        result = run()
        result.stdout.fnmatch_lines(
            [
                "to hear {prompt: bill}: not heard within 5 s",
                "  s.yaml:12  (*",
                "*transcript:",
                "    pressed 1",
                "  replay: hotline test s.yaml:7 --seed 0",
                "FAILED s.yaml::走错了 - to hear*",
            ]
        )
        result.stdout.no_fnmatch_line("*hotline/cli*")

    def test_tags_are_markers_strict_or_not(self, run):
        run("-m", "smoke", "--strict-markers").assert_outcomes(passed=1, deselected=1)
        run("-m", "odd-one and fault").assert_outcomes(failed=1, deselected=1)
        run("-m", "hotline").assert_outcomes(passed=1, failed=1)
        run("-k", "主菜单").assert_outcomes(passed=1, deselected=1)

    def test_each_row_of_a_table_is_a_test(self, run, pytester):
        rows = 'rows:\n  - {key: "1", menu: fault}\n  - {key: "2", menu: outage}\n'
        story = "story:\n  - hear: {prompt: root}\n  - press: '${key}'\n  - hear: {prompt: '${menu}', within: 5}\n"
        pytester.path.joinpath("s.yaml").write_text(f"scenario: 选菜单\n{rows}{story}", "utf-8")
        result = run("-v")
        result.assert_outcomes(passed=1, failed=1)
        assert "  replay: hotline test s.yaml:4 --seed 0" in result.outlines  # the row's line

    def test_foreign_yaml_is_left_alone(self, run, pytester):
        pytester.path.joinpath("ci.yaml").write_text("on: push\njobs: {}\n")
        pytester.path.joinpath("molecule.yml").write_text("scenario:\n  name: default\n")
        pytester.path.joinpath("compose.yml").write_text("services: {story: {image: x}}\n")
        assert collected(run("--collect-only", "-q")) == ["主菜单", "走错了"]

    def test_the_setting_names_the_files_instead(self, run, pytester):
        pytester.makeini("[pytest]\nhotline_files = calls/*.yaml\n")
        calls = pytester.mkdir("calls")
        calls.joinpath("a.yaml").write_text(TWO.replace("主菜单", "别的"), "utf-8")
        calls.joinpath("b.yaml").write_text("scenaro: a typing mistake\n", "utf-8")
        result = run("--collect-only", "-q")
        assert collected(result) == ["别的", "走错了"]
        result.stdout.fnmatch_lines(["calls/b.yaml:1: *did you mean scenario?*"])

    def test_a_prompt_that_the_book_does_not_have_is_told_before_anything_runs(self, run, pytester):
        told = "scenario: s\nstory:\n  - hear: {prompt: rooot}\n"
        pytester.path.joinpath("s.yaml").write_text(told, "utf-8")
        run().stdout.fnmatch_lines(["*s.yaml:3: *rooot*did you mean root?*"])

    def test_a_broken_file_is_told_with_its_line(self, run, pytester):
        pytester.path.joinpath("s.yaml").write_text(TWO.replace("hear", "hera"), "utf-8")
        result = run()
        result.stdout.fnmatch_lines(["s.yaml:4: unknown 'hera' (did you mean hear?)"])
        result.stdout.no_fnmatch_line("*Traceback*")

    def test_the_book_and_the_seed_are_options(self, run, pytester):
        book = pytester.path / "book.yaml"
        book.write_text("version: 1\nstart: nowhere\n", "utf-8")
        result = run("--hotline-book", str(book))
        result.stdout.fnmatch_lines([f"{book}:*"])
        result.stdout.no_fnmatch_line("*Traceback*")
        run("--hotline-seed", "7").stdout.fnmatch_lines(["*--seed 7"])

    def test_junit_is_pytests_own(self, run, pytester):
        run("--junitxml", "j.xml")
        cases = list(Xml.parse(pytester.path / "j.xml").getroot().iter("testcase"))
        assert [case.get("name") for case in cases] == ["主菜单", "走错了"]
        assert "not heard within 5 s" in cases[1].find("failure").text


class TestCoverage:
    def test_it_is_shown_and_written(self, run, pytester):
        result = run("--hotline-coverage", "--hotline-coverage-xml", "c.xml")
        result.stdout.re_match_lines([r"menus +\d+/\d+ .*", r"total +\d+\.\d%"])
        assert Xml.parse(pytester.path / "c.xml").getroot().get("lines-valid")

    def test_a_threshold_fails_the_run(self, run):
        assert run("-m", "smoke", "--hotline-fail-under", "0.1").ret == 0
        result = run("-m", "smoke", "--hotline-fail-under", "99")
        assert result.ret == 1
        result.stdout.fnmatch_lines(["coverage * is below --hotline-fail-under 99 %"])

    def test_workers_are_merged(self, run, pytester):
        alone = run("--hotline-coverage")
        many = run("-p", "xdist", "-n", "2", "--hotline-coverage")
        many.assert_outcomes(passed=1, failed=1)

        def shown(result):
            lines = result.outlines
            return lines[lines.index(next(s for s in lines if s.startswith("menus"))) :][:10]

        assert shown(many) == shown(alone)


class TestPage:
    LED = 'def test_led(hotline_caller):\n    hotline_caller().hear(prompt="bill", within=3)\n'

    def test_it_holds_scenarios_and_led_callers(self, run, pytester):
        pytester.makepyfile(self.LED)
        run("--hotline-html", "run.html", "--hotline-json", "run.json")
        page = (pytester.path / "run.html").read_text("utf-8")
        assert page.count('<details class="case is-fail"') == 2
        assert page.count('<svg class="timeline"') == 2
        assert page.count('<pre class="command">') == 1  # a program is not replayed by the command
        assert [case.name for case in Run.read(pytester.path / "run.json").cases] == [
            "主菜单",
            "走错了",
            "test_led",
        ]

    def test_workers_tell_the_same(self, run, pytester):
        run("--hotline-json", "alone.json")
        run("-p", "xdist", "-n", "2", "--hotline-json", "many.json", "--hotline-html", "run.html")
        alone, many = (Run.read(pytester.path / f"{name}.json") for name in ("alone", "many"))
        assert many.cases == alone.cases
        assert '<svg class="timeline"' in (pytester.path / "run.html").read_text("utf-8")


class TestLedCaller:
    def passes(self, run, pytester, text):
        pytester.makepyfile(text)
        return run("-k", "test_")

    def test_a_call_is_led_step_by_step(self, run, pytester):
        self.passes(
            run,
            pytester,
            """
            def test_an_agent_answers(hotline_caller):
                agents = [{"number": "1001", "answer_after": 6, "talk": 20}]
                caller = hotline_caller(number="13800138000", given={"agents": agents})
                assert "95598" in caller.hear(contains="国家电网")
                caller.hear(prompt="root")
                before = caller.now
                caller.press("0")
                assert caller.now - before < 2   # time passes only as a step needs it
                caller.hear("music")
                assert "幺零零幺" in caller.agent_answers()
                caller.hear(prompt="survey")
                caller.press("1")
                verdict = caller.hang_up()
                assert verdict.passed
                assert [r.outcome for r in caller.record.requests] == ["answered"]
                assert caller.left("work_order") == []
            """,
        ).assert_outcomes(passed=1, deselected=2)

    def test_it_fails_at_the_step_with_the_block(self, run, pytester):
        result = self.passes(
            run,
            pytester,
            """
            def test_wrong(hotline_caller):
                caller = hotline_caller()
                caller.hear(prompt="root")
                caller.press("1")
                caller.hear(prompt="bill", within=5)
                caller.press("2")
            """,
        )
        result.assert_outcomes(failed=1, deselected=2)
        result.stdout.fnmatch_lines(
            [
                '>*caller.hear(prompt="bill", within=5)',
                "E*to hear {prompt: bill}: not heard within 5 s",
                "E*test_it_fails*.py:5*",
                "E*transcript:",
            ]
        )
        result.stdout.no_fnmatch_line("*hotline test*")

    def test_a_step_that_is_none_names_the_line(self, run, pytester):
        result = self.passes(
            run,
            pytester,
            """
            def test_wrong(hotline_caller):
                hotline_caller().hear(promt="root")
            """,
        )
        result.stdout.fnmatch_lines(["E*.py:2: unknown 'promt' (did you mean prompt?)"])

    def test_a_call_left_open_is_hung_up_and_judged(self, run, pytester):
        result = self.passes(
            run,
            pytester,
            """
            def test_fine(hotline_caller):
                hotline_caller().hear(prompt="root")

            def test_no_order(hotline_caller):
                caller = hotline_caller(left={"work_order": {"kind": "fault", "count": 1}})
                caller.hear(prompt="root")
            """,
        )
        result.assert_outcomes(passed=1, failed=1, deselected=2)
        result.stdout.fnmatch_lines(["*record work_order*: there are 0"])

    def test_it_counts_as_coverage(self, run, pytester):
        pytester.makepyfile(
            'def test_menu(hotline_caller):\n    hotline_caller().hear(prompt="root")\n'
        )
        result = run("-k", "test_menu", "--hotline-coverage")
        result.stdout.re_match_lines([r"menus +1/\d+ .*"])


def test_the_example_of_the_documentation_passes(run, pytester):
    page = (ROOT / "docs" / "running-scenarios.md").read_text("utf-8")
    [example] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    pytester.makepyfile(example)
    run("-k", "test_an_agent").assert_outcomes(passed=1, deselected=2)


def test_the_documentation_names_every_option_there_is(run):
    page = (ROOT / "docs" / "running-scenarios.md").read_text("utf-8")
    told = set(re.findall(r"--hotline-[a-z-]+", page))
    helped = set(re.findall(r"--hotline-[a-z-]+", "\n".join(run("--help").outlines)))
    assert told == helped
