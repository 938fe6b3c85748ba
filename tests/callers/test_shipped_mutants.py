"""The shipped scenarios notice a fixed few of the mutants of the default book, one an operator.

All of them: `hotline test --mutate --kill-at-least 90` (docs/mutation.md has the result).
"""

from __future__ import annotations

import pytest

from hotline.callers.mutation import Bench
from hotline.callers.reading import load as load_scenarios
from hotline.cli.choosing import shipped
from hotline.cli.virtual import scenario_hotlines
from menus.loader import load
from menus.mutants import OPERATORS, mutants

BOOK = load()
MUTANTS = [mutant for mutant in mutants(BOOK) if mutant.equivalent is None]
EXPLAINED = {"menu english: does not switch language"} | {
    f"step {step}: outcome failed leads to agent:bill instead of agent"
    for step in ("balance_sms", "payment_sms", "last_sms", "usage_sms", "reading_sms")
}
"""The survivors that docs/mutation.md explains."""


@pytest.fixture(scope="module")
def bench() -> Bench:
    made = Bench(BOOK, scenario_hotlines(BOOK).serving)
    made.add(load_scenarios(shipped()))
    assert made.failing == []
    return made


@pytest.mark.parametrize("operator", OPERATORS)
def test_one_mutant_of_each_operator_is_killed(bench: Bench, operator: str) -> None:
    ours = [m for m in MUTANTS if m.operator == operator and m.what.en not in EXPLAINED]
    mutant = ours[len(ours) // 2]
    (result,) = bench.judge(mutant)
    assert result.killed, f"{mutant} was not noticed by {result.noticed_nothing[:5]}"


def test_every_mutant_is_reached_by_a_scenario(bench: Bench) -> None:
    unreached = [str(m) for m in MUTANTS if not bench.candidates(m, "hand-written")]
    assert unreached == []


def test_what_is_explained_is_still_there_to_explain() -> None:
    assert {mutant.what.en for mutant in MUTANTS} >= EXPLAINED
