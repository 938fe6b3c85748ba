"""The hours of a book are the agents' hours: outside them a request is refused and explained."""

import pytest

from hotline.cli.main import main

BOOK = """
version: 1
language: zh-CN
start: main
hours: "08:00-20:00"
menus:
  main: {prompt: "转人工请按0，返回请按星号。", keys: {"0": agent, "*": back}}
"""
SCENARIO = """
scenario: 人工时段
given: {time: "%s"}
story:
  - hear: {prompt: main}
  - press: "0"
  - hear: %s
  - hang_up:
"""


@pytest.mark.parametrize(
    ("time", "heard"),
    [
        ("07:59", "{prompt: refused.closed}"),
        ("08:00", "agent"),
        ("19:55", "agent"),
        ("20:00", "{prompt: refused.closed}"),
    ],
)
def test_agents_are_on_duty_in_the_hours_of_the_book(tmp_path, time, heard):
    book, scenario = tmp_path / "book.yaml", tmp_path / "scenario.yaml"
    book.write_text(BOOK, encoding="utf-8")
    scenario.write_text(SCENARIO % (time, heard), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["test", str(scenario), "--book", str(book)])
    assert ended.value.code == 0
