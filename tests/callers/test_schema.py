"""The schema for editors is as strict as the reader: on good documents, and on broken ones.

Each document below is broken in every place in every way that `broken` knows, and both must say
the same of it. What a schema cannot say is left out by name in `OURS_ALONE`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from hotline.callers import reading
from hotline.callers.scenario import ScenarioError

WHOLE = """\
scenario: all
caller: {number: "13800138000", area: "1001", reaction: [0.3, 0.6], pause: 0.5}
persona: {like: elderly, reaction: 3, patience: never, slips: 0.1, silent: false}
agent_is: {matches: "([0-9]+)号客服专员"}
tags: [fault]
seed: 7
limit: 90
given:
  customers: [{account: "1", balance: -5, times: 2}]
  agents: [{number: "1001", answer_after: never, skills: [""], talk: 12, then: survey}]
  time: saturday 09:30
  trunks: 2
  failing: [balance]
  slow: {balance: 3}
story:
  - hear: {contains: 您好, within: 9}
  - hear: {prompt: fault, to_end: true, values: {minutes: 三}}
    within: 8
  - hear: {similar: 请讲, at_least: 0.7}
  - hear: {silence: 3}
  - hear: {tone: busy}
  - hear: music
  - press: "1"
  - type: {digits: "12#", pause: [0.2, 0.4]}
  - type: "34"
    pause: {distribution: lognormal, mean: 1, cv: 0.5}
  - say: 你好
  - wait: [1, 2]
  - agent: answered
  - stay: {within: 5}
  - give_up:
    within: 60
  - call_again: {after: 3}
  - pick_up
  - hang_up:
always:
  - {heard_agent_within: 12}
  - {first: {prompt: greeting}}
  - {last: closing}
  - {max_menu_depth: 5}
  - {ends_within: 300}
  - {hear: {prompt: a}, before: agent, at_most: 2}
never: [{hear: {prompt: error}, after: music}, {silence_longer_than: 6}]
left:
  work_order: {kind: fault, count: 1}
  message: [{topic: bill}]
  urge: none
"""

TABLE = """\
scenario: 查 ${what}
rows: [{what: a, key: 1}, {what: b, key: 2}]
story:
  - hear: {contains: "${what}"}
  - press: ${key}
"""

DEFAULTS = "defaults: {persona: hurried, limit: 30, tags: [x]}\n"

VALUES: tuple[Any, ...] = (None, -1, 0, 1.5, True, "", "zzz", [], {}, [1], {"zzz": 1}, "none", "*")
"""What is put in the place of each value."""


@cache
def validator() -> jsonschema.Draft202012Validator:
    text = files("hotline.callers").joinpath("schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def refused_by_reader(document: Any) -> str:
    try:
        reading.parse(json.dumps(document, ensure_ascii=False), "s.yaml")  # JSON is YAML
    except ScenarioError as error:
        return str(error)
    return ""


def paths(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*path, key)
            yield from paths(value, (*path, key))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield (*path, at)
            yield from paths(value, (*path, at))


def broken(document: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, Any]]:
    """The document with the node at `path` gone, misspelt, or something else."""

    def changed() -> tuple[Any, Any]:
        whole = copy.deepcopy(document)
        inner = whole
        for step in path[:-1]:
            inner = inner[step]
        return whole, inner

    whole, inner = changed()
    del inner[path[-1]]
    yield f"{path} gone", whole
    if isinstance(path[-1], str):
        whole, inner = changed()
        inner[f"{path[-1]}x"] = inner.pop(path[-1])
        yield f"{path} misspelt", whole
    for value in VALUES:
        whole, inner = changed()
        inner[path[-1]] = value
        yield f"{path} = {value!r}", whole


BARE = {"scenario": "all", "persona": "hurried", "story": [{"hang_up": None}]}


def pieces(document: Any) -> Iterator[tuple[str, Any]]:
    """Every part of a scenario in one that has little else, which is quicker to judge."""
    for key, value in document.items():
        for each in ([one] for one in value) if isinstance(value, list) else (value,):
            yield key, BARE | {key: each}


OURS_ALONE = (
    "no column",  # a table: which columns there are, and which are used
    "is not used",
    "this row has no",
    "the scenario has no rows",
    "with the row at",  # what a cell is good for depends on where it is used
    "cannot be read",  # a file
    "is above",  # two numbers compared
    "regular expression",
    "silent persona",  # two parts compared
    "give_up needs",
)


def test_both_say_the_same_of_every_broken_scenario() -> None:
    whole = yaml.safe_load(WHOLE)
    assert not refused_by_reader(whole)
    assert validator().is_valid(whole)
    tried = [
        difference
        for key, piece in pieces(whole)
        for difference in differences(piece, [path for path in paths(piece) if path[0] == key])
    ]
    assert len(tried) > 1900
    assert not any(tried), "\n".join(filter(None, tried))


@pytest.mark.parametrize("text", [TABLE, DEFAULTS], ids=["table", "defaults"])
def test_both_say_the_same_of_every_other_broken_document(text: str) -> None:
    document = yaml.safe_load(text)
    assert validator().is_valid(document)
    tried = list(differences(document, list(paths(document))))
    assert len(tried) > 50
    assert not any(tried), "\n".join(filter(None, tried))


def differences(document: Any, where: list[tuple[str | int, ...]]) -> Iterator[str]:
    """For each way to break it what the two say differently, or nothing."""
    for path in where:
        for what, whole in broken(document, path):
            refused = refused_by_reader(whole)
            ours = any(words in refused for words in OURS_ALONE) or "no scenario" in refused
            if ours or bool(refused) != validator().is_valid(whole):
                yield ""
            else:
                yield f"{what}: the reader says {refused or 'nothing'}"


def test_shipped_scenarios_fit_the_schema() -> None:
    for file in sorted(Path(str(files("hotline.callers").joinpath("scenarios"))).glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text("utf-8")):
            error = next(validator().iter_errors(document), None)
            assert error is None, f"{file.name}: {error.message if error else ''}"
