"""Names that a book does not have are told before anything runs, with line and nearest name."""

from __future__ import annotations

import pytest

from hotline.callers import reading
from hotline.callers.scenario import ScenarioError
from hotline.cli.vocabulary import check_names
from menus.loader import load

BOOK = load(None)

CASES = {
    "prompt": ("  - hear: {prompt: faul}", 3, "no prompt 'faul' (did you mean fault?)"),
    "language": ("  - hear: {language: en-UK}", 3, "did you mean en-US"),
    "watched": ("  - hang_up\nnever: [{hear: {prompt: eror}}]", 4, "did you mean error"),
    "before": ("  - hang_up\nnever: [{hear: music, before: {prompt: rooot}}]", 4, "root"),
    "failing": ("  - hang_up\ngiven: {failing: [balanse]}", 4, "did you mean balance"),
    "slow": ("  - hang_up\ngiven:\n  slow: {balanse: 3}", 5, "did you mean balance"),
    "skill": ("  - hang_up\ngiven: {agents: [{number: '1', skills: [bil]}]}", 4, "bill"),
    "transfer": ("  - hang_up\ngiven: {agents: [{number: '1', then: 'transfer:bil'}]}", 4, "bill"),
    "field": ("  - hang_up\nleft: {work_order: {knd: fault}}", 4, "did you mean kind"),
    "row": ("  - hang_up\ngiven:\n  customers:\n    - {acount: '1'}", 6, "did you mean account"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_unknown_name(case: str) -> None:
    text, line, told = CASES[case]
    scenarios = reading.parse(f"scenario: s\nstory:\n{text}\n", "s.yaml")
    with pytest.raises(ScenarioError) as caught:
        check_names(scenarios, BOOK)
    assert str(caught.value).startswith(f"s.yaml:{line}: ")
    assert told in str(caught.value)
    assert caught.value.in_language("zh") != str(caught.value)


def test_known_names_pass() -> None:
    text = """\
scenario: s
given:
  customers: [{account: "1", phone: "13900000000"}]
  agents: [{number: "1", skills: ["", "*", bill]}]
  failing: ["*"]
story: [{hear: {prompt: error}}, {hear: {prompt: root.short}}, {hear: {prompt: agent.greeting}}]
"""
    check_names(reading.parse(text, "s.yaml"), BOOK)
