"""What a scenario names of a book: are there such prompts, services, skills, languages, records?

Told before anything runs, with line and nearest name, because a step that waits for a prompt which
no book has would only time out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hotline.callers import scenario as sc
from hotline.callers.matching import is_prompt
from hotline.callers.scenario import Scenario, ScenarioError
from menus.model import Place
from menus.wording import Both, Problem, nearest

EVERY = "*"
"""`failing: ["*"]`: every service."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that scenarios for a book may use.

    `prompts` are ids; `records` the fields of each kind, by its name in `left`; `given_fields` what
    a row of `given` may have beyond those. What is None is not known, and not checked.
    """

    prompts: frozenset[str]
    languages: frozenset[str]
    services: frozenset[str] | None = None
    skills: frozenset[str] | None = None
    records: Mapping[str, frozenset[str]] = field(default_factory=dict)
    given_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)


def check(scenarios: Iterable[Scenario], known: Vocabulary) -> None:
    """Raise `ScenarioError` with every name that is not known, each place once."""
    problems = dict.fromkeys(
        problem for scenario in scenarios for problem in _problems(scenario, known)
    )
    if problems:
        raise ScenarioError(problems)


def _problems(scenario: Scenario, known: Vocabulary) -> Iterator[Problem]:
    for place, want in wants(scenario):
        if want.prompt and not is_prompt(want.prompt, tuple(known.prompts)):
            yield _unknown(place, want.prompt, _with_groups(known.prompts), _PROMPT)
        if want.language and want.language not in known.languages:
            yield _unknown(place, want.language, known.languages, _LANGUAGE)
    yield from _of_given(scenario, known)
    for left in scenario.left:
        fields = known.records.get(left.kind)
        for name, _ in left.fields:
            if fields is not None and name not in fields:
                yield _unknown(left.place, name, fields, _field(left.kind))


def wants(scenario: Scenario) -> Iterator[tuple[Place, sc.Expect]]:
    """Every condition with the place where it is written."""
    for step in scenario.story:
        if isinstance(step, sc.Hear):
            yield step.place, step.what
    for watch in scenario.watches:
        for want in (watch.what, watch.before, watch.after):
            if want is not None:
                yield watch.place, want


def _of_given(scenario: Scenario, known: Vocabulary) -> Iterator[Problem]:
    given = scenario.given

    def place(part: str, at: int) -> Place:
        found = given.places.get(part, ())
        return found[min(at, len(found) - 1)] if found else scenario.place

    told = tuple(answer.service for answer in given.answers)
    for part, names in (
        ("failing", given.failing),
        ("slow", tuple(given.slow)),
        ("answers", told),
    ):
        for at, name in enumerate(names):
            if known.services is not None and name not in (EVERY, *known.services):
                yield _unknown(place(part, at), name, known.services, _SERVICE)
    for agent in given.agents or ():
        for skill in _skills(agent):
            if known.skills is not None and skill not in known.skills:
                yield _unknown(place("agents", 0), skill, known.skills, _SKILL)
    for table, rows in given.tables.items():
        kind = table.removesuffix("s")
        fields = known.records.get(kind)
        if fields is None:
            continue
        fields = fields | known.given_fields.get(kind, frozenset())
        for at, row in enumerate(rows):
            for name in row:
                if name not in fields:
                    yield _unknown(place(table, at), name, fields, _field(kind))


def _skills(agent: sc.AgentFixture) -> Iterator[str]:
    yield from (skill for skill in agent.skills if skill not in ("", EVERY))
    if agent.then.startswith("transfer:"):
        skill = agent.then.partition(":")[2]
        if skill:
            yield skill


def _with_groups(prompts: Iterable[str]) -> set[str]:
    """Prompt ids, and what stands above several (`error` of `error.wrong_key`)."""
    return {
        ".".join(parts[:length])
        for parts in (prompt.split(".") for prompt in prompts)
        for length in range(1, len(parts) + 1)
    }


_PROMPT = Both("菜单册没有提示音", "the book has no prompt")
_LANGUAGE = Both("菜单册没有语言", "the book has no language")
_SERVICE = Both("菜单册没有服务", "the book has no service")
_SKILL = Both("菜单册没有技能组", "the book has no skill")


def _field(kind: str) -> Both:
    return Both(f"{kind} 没有字段", f"{kind} has no field")


def _unknown(place: Place, name: str, known: Iterable[str], what: Both) -> Problem:
    names = sorted(known)
    near = nearest(name, names)
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    hint = (
        Both(f"是否想写 {near}？", f"did you mean {near}?")
        if near
        else Both(f"可用：{listed}", f"available: {listed}")
    )
    return Problem(place, Both(f"{what.zh}“{name}”", f"{what.en} {name!r}"), hint)
