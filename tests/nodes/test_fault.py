"""What callers of the real menus hear when the ACD is lost. The standard's excerpt asks for an
apology where a system fails (5.1.8.8, at a counter); for the hotline it is our choice."""

from __future__ import annotations

import pytest

from hotline.callers.reading import parse
from hotline.callers.runner import run
from hotline.cli.virtual import ScenarioHotlines
from tests.nodes.cable import split
from tests.nodes.test_parity import WHOLE

APART = ScenarioHotlines(split(WHOLE._parts, 0.003))
BEGIN = """
caller: {number: "13800138000"}
"""
APOLOGY = """
  - hear: {prompt: error.failed}
  - hear: {prompt: closing}
  - hang_up:
never: [{hear: {prompt: survey}}]
"""
FROM_THE_START = f"""
scenario: 排队机不在{BEGIN}
story:
  - hear: {{prompt: greeting}}
  - press: "0"{APOLOGY}"""
NOBODY_ANSWERS = f"""
scenario: 振铃时排队机中断{BEGIN}
given: {{agents: [{{number: "1001", answer_after: null}}]}}
story:
  - press: "0"
  - hear: music{APOLOGY}"""
IN_LINE = f"""
scenario: 排队时排队机中断{BEGIN}
given: {{agents: [{{number: "1001", free_after: 900}}]}}
story:
  - press: "0"
  - hear: {{prompt: queue.wait}}{APOLOGY}"""


@pytest.mark.parametrize(
    ("text", "lost"), [(FROM_THE_START, 0.0), (NOBODY_ANSWERS, 30.0), (IN_LINE, 60.0)]
)
def test_who_asks_rings_or_waits_hears_the_apology_and_the_closing_phrase(text, lost):
    [scenario] = parse(text, "fault.yaml")
    verdict = run(scenario, with_an_outage(lost))
    assert verdict.passed, verdict.failures


TALK = f"""
scenario: 通话时排队机中断{BEGIN}
given: {{agents: [{{number: "1001", talk: 600}}]}}
story:
  - press: "0"
  - agent: answered
  - hear: {{prompt: survey}}
    within: 300
  - press: "1"
  - hear: {{prompt: survey.thanks}}
  - hang_up:
"""


def test_a_conversation_goes_on_and_ends_with_the_survey_when_the_acd_is_back():
    [scenario] = parse(TALK, "fault.yaml")
    verdict = run(scenario, with_an_outage(60.0, 100.0))
    assert verdict.passed, verdict.failures
    assert verdict.duration > 100


def with_an_outage(begin, end=None):
    """A hotline whose node and ACD are parted at `begin` and joined again at `end`."""

    def make(scenario, seed):
        hotline = APART(scenario, seed)
        exchange = hotline.exchange
        hotline.clock.call_at(begin, exchange.cable.cut)
        if end is not None:
            hotline.clock.call_at(end, exchange.join)
        return hotline

    return make
