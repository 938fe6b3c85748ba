"""What the terminal and CI servers show of verdicts."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as Xml

from hotline.callers import console
from tests.callers.rig import StubHotline, play, story

GOOD = play(story("hear: {prompt: main}"), StubHotline())
BAD = play(
    story("hear: {prompt: main}", 'press: "1"', "hear: {contains: 没有的话, within: 3}"),
    StubHotline(),
)


def test_one_line_a_scenario() -> None:
    assert console.line(GOOD).startswith("✓ s ")
    assert console.line(BAD).startswith("✗ s ")
    assert "test.yaml:1" in console.line(BAD)


def test_the_block_says_what_where_and_how_to_replay() -> None:
    block = console.block(BAD, "en", "--book my.yaml")
    assert "test.yaml:5" in block
    assert "expected to hear {contains: 没有的话}" in block
    assert "not heard within 3 s" in block
    assert "    heard   main\n    pressed 1\n" in block
    assert "hotline test test.yaml:1 --seed 0 --book my.yaml" in block
    assert "期望" in console.block(BAD, "zh-CN")


def test_summary() -> None:
    assert "2 scenarios: 1 passed, 1 failed" in console.summary([GOOD, BAD], 0.5)
    assert "2 个场景" in console.summary([GOOD, BAD], 0.5, "zh")


def test_junit() -> None:
    root = Xml.fromstring(console.junit([GOOD, BAD]))
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failures = root.findall("testsuite/testcase/failure")
    assert len(failures) == 1
    assert "没有的话" in (failures[0].get("message") or "")
    assert "heard   main" in (failures[0].text or "")


def test_junit_survives_control_characters() -> None:
    odd = play(story('hear: {contains: "\\x01", within: 2}'), StubHotline())
    assert Xml.fromstring(console.junit([odd])).find("testsuite") is not None


def test_what_only_the_inside_can_show_is_named_as_not_judged() -> None:
    asked = story("hang_up:", extra="left: {work_order: none}\nalways: [{max_menu_depth: 5}]")
    assert asked.inside == ("always max_menu_depth: 5", "left work_order")
    verdict = replace(play(asked, StubHotline()), unjudged=asked.inside)
    assert "left work_order" in console.summary([verdict], 1.0)
    assert "没有判断" in console.summary([verdict], 1.0, "zh")
