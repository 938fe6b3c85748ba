"""Scenario files -> `Scenario`s: YAML with one scenario, several documents, or a list of them.

Every error names file, line and remedy, and all errors of a file are told at once. The same form
is described for editors by `schema.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hotline.callers import scenario as sc
from hotline.callers.defaults import DEFAULT_KEYS, with_defaults
from hotline.callers.fixtures import Fixtures
from hotline.callers.people import People
from hotline.callers.personas import Persona
from hotline.callers.scenario import Scenario, ScenarioError
from hotline.callers.steps import Steps
from hotline.callers.tables import Row, Tables, has_columns, part, row_name
from menus.model import Place
from menus.reader import SUFFIXES, Document, NodePath, read_text
from menus.wording import BookError, Both, Problem

SCENARIO_KEYS = (
    "scenario",
    "caller",
    "persona",
    "agent_is",
    "given",
    "story",
    "always",
    "never",
    "left",
    "rows",
    "tags",
    "seed",
    "limit",
)

_CHOSEN = re.compile(r"(.+?):(\d+)(?::(\d+))?")
_DOCUMENT = re.compile(r"^---(?=\s|$).*$", re.MULTILINE)


def load(path: str | Path) -> list[Scenario]:
    """The scenarios of a file, or of every YAML file below a folder, in order of path and line.

    `FILE:LINE` takes only the scenario in which that line is (of a table in another file, all its
    rows), `FILE:LINE:ROW` only that row's. Raises `ScenarioError` with every problem found.
    """
    chosen = _CHOSEN.fullmatch(str(path))
    if chosen is not None:
        file, line, row = chosen.groups()
        return _chosen(load(file), int(line), int(row or 0))
    path = Path(path)
    if path.is_dir():
        return _load_folder(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise ScenarioError(
            Problem(
                Place(str(path)),
                Both("场景文件无法读取", f"cannot be read: {why}"),
                Both("检查路径", "check the path"),
            )
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ScenarioError(
            Problem(
                Place(str(path), line),
                Both("不是 UTF-8 编码", "is not UTF-8"),
                Both("用 UTF-8 编码保存该文件", "save the file in UTF-8"),
            )
        ) from None
    return parse(text, str(path))


def _chosen(scenarios: list[Scenario], line: int, row: int) -> list[Scenario]:
    """The scenario that `line` belongs to."""
    starts = [s.place.line for s in scenarios if s.place.line <= line]
    start = starts[-1] if starts else scenarios[0].place.line
    return [s for s in scenarios if s.place.line == start and row in (0, s.row)]


def _load_folder(folder: Path) -> list[Scenario]:
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for file in sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES and p.is_file()):
        try:
            scenarios += load(file)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    if not scenarios:
        raise ScenarioError(
            Problem(
                Place(str(folder)),
                Both("文件夹里没有场景文件", "the folder has no scenario file"),
                Both("放入 .yaml 场景文件", "put .yaml scenario files in it"),
            )
        )
    return scenarios


def parse(text: str, file: str) -> list[Scenario]:
    """The scenarios of a text; `file` is what messages call it. Raises `ScenarioError`."""
    problems: list[Problem] = []
    scenarios: list[Scenario] = []
    shared: Document | None = None
    for chunk in _documents(text):
        try:
            document = read_text(chunk, file)
        except BookError as error:
            problems += error.problems
            continue
        reader = _Reader(document, shared)
        scenarios += reader.scenarios()
        problems += reader.problems
        shared = reader.shared
    if not problems and not scenarios:
        problems.append(
            Problem(
                Place(file, 1),
                Both("文件里没有场景", "there is no scenario in this file"),
                Both("至少写出 scenario 和 story", "write at least scenario and story"),
            )
        )
    seen: dict[str, Scenario] = {}
    for scenario in scenarios:
        same = seen.setdefault(scenario.name, scenario)
        if same is not scenario:
            first = same.where
            problems.append(
                Problem(
                    scenario.place,
                    Both(
                        f"场景“{scenario.name}”重名，首次出现在 {first}",
                        f"two scenarios are called {scenario.name!r}; the first is at {first}",
                    ),
                    Both("改名", "rename one of them"),
                )
            )
    if problems:
        raise ScenarioError(problems)
    return scenarios


def _documents(text: str) -> Iterator[str]:
    """Each YAML document of `text`, behind as many empty lines as keep its line numbers true."""
    starts = [0, *(match.end() for match in _DOCUMENT.finditer(text))]
    ends = [*(match.start() for match in _DOCUMENT.finditer(text)), len(text)]
    for start, end in zip(starts, ends, strict=True):
        chunk = text[start:end]
        if any(line.strip() and not line.lstrip().startswith("#") for line in chunk.splitlines()):
            yield "\n" * text.count("\n", 0, start) + chunk


class _Reader(Steps, Fixtures, People, Tables):
    """Reads one document's scenarios."""

    def __init__(self, document: Document, shared: Document | None = None) -> None:
        super().__init__(document)
        self.shared = shared
        """defaults from here on"""

    def scenarios(self) -> list[Scenario]:
        """All scenarios of the document that could be read."""
        data = self.document.data
        if isinstance(data, list):
            return [s for at, _ in enumerate(data) for s in self._item((at,))]
        return self._item(())

    def _item(self, path: NodePath) -> list[Scenario]:
        """The scenarios of one item: none of defaults, several of a table."""
        data = self.document.data[path[0]] if path else self.document.data
        if isinstance(data, dict) and "defaults" in data:
            self._try(self._defaults, data, path)
            return []
        own = self.shared is not None or (isinstance(data, dict) and "rows" in data)
        if isinstance(data, dict) and (own or has_columns(data)):
            return self._of_its_own(part(self.document, path))
        return self._try(self._scenario, data, *path)

    def _defaults(self, data: dict[str, Any], path: NodePath) -> None:
        self._fields(data, ("defaults",), path)
        shared = part(self.document, (*path, "defaults"))
        self._fields(shared.data, DEFAULT_KEYS, (*path, "defaults"))
        self.shared = shared

    def _of_its_own(self, document: Document) -> list[Scenario]:
        """The scenarios of a document that is one scenario, with defaults, or with rows."""
        if self.shared is not None:
            document = with_defaults(document, self.shared)
        inner = _Reader(document)
        if "rows" not in document.data:
            plain = [_Reader(found) for found in inner._try(inner.without_rows)]
            scenarios = [s for one in plain for s in one._try(one._scenario, one.document.data)]
            self.problems += [p for one in (inner, *plain) for p in one.problems]
            return scenarios
        rows = [row for found in inner._try(inner.rows_of) for row in found]
        scenarios = inner._by_rows(rows)
        self.problems += inner.problems
        return scenarios

    def _by_rows(self, rows: list[Row]) -> list[Scenario]:
        scenarios: list[Scenario] = []
        problems: dict[Problem, list[Row]] = {}
        for row in rows:
            inner = _Reader(self.filled(row))
            written = str(self.document.data.get("scenario", ""))
            for one in inner._try(inner._scenario, inner.document.data):
                place = one.place if row.number else row.place
                name = row_name(one.name, written, row)
                scenarios.append(replace(one, name=name, place=place, row=row.number))
            for problem in inner.problems:
                problems.setdefault(problem, []).append(row)
        for problem, where in problems.items():
            everywhere = len(where) == len(rows)
            self.problems.append(problem if everywhere else _in_row(problem, where[0]))
        return scenarios

    def _scenario(self, data: Any, *path: str | int) -> Scenario:
        fields = self._fields(data, SCENARIO_KEYS, path, needs=("scenario", "story"))
        who = self._person(fields.get("caller"), fields.get("persona"), path)
        story = self._story(fields["story"], who.pace, (*path, "story"))
        self._fits(story, who.persona)
        watches = [
            watch
            for when in ("always", "never")
            if fields.get(when) is not None
            for at, item in enumerate(self._list(fields[when], (*path, when)))
            for watch in self._try(self._watch, item, *path, when, at)
        ]
        agent = fields.get("agent_is")
        return Scenario(
            name=self._text(fields["scenario"], (*path, "scenario")),
            place=self.document.place(*path, "scenario"),
            story=tuple(story),
            number=who.number,
            area=who.area,
            reaction=who.reaction,
            pace=who.pace,
            persona=who.persona,
            agent_is=None if agent is None else self.agent_is(agent, (*path, "agent_is")),
            watches=tuple(watches),
            given=self._given(fields.get("given"), (*path, "given")),
            left=tuple(self._left(fields.get("left"), (*path, "left"))),
            tags=self._tags(fields.get("tags"), (*path, "tags")),
            seed=self._seed(fields.get("seed"), (*path, "seed")),
            limit=self._seconds(fields.get("limit", sc.CALL_LIMIT), (*path, "limit")),
        )

    def _tags(self, value: Any, path: NodePath) -> frozenset[str]:
        tags = self._list([] if value is None else value, path)
        return frozenset(self._text(tag, (*path, at)) for at, tag in enumerate(tags))

    def _seed(self, value: Any, path: NodePath) -> int | None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            self._wrong(path, "种子必须是整数", "seed must be a whole number")
        return value

    def _fits(self, story: list[sc.AnyStep], persona: Persona | None) -> None:
        """Whoever never presses a key has no step that does; only a persona gives up."""
        for step in story:
            silent = persona is not None and persona.silent
            if silent and isinstance(step, (sc.PressKey, sc.TypeKeys, sc.Say)):
                self._at(
                    step.place,
                    "沉默的客户不按键也不说话",
                    "a silent persona presses no key and says nothing",
                    "删去这一步，或换一个 persona",
                    "remove this step, or take another persona",
                )
            elif persona is None and isinstance(step, sc.GiveUp):
                self._at(
                    step.place,
                    "没有 persona 就没有耐心可言",
                    "give_up needs a persona: only a persona has patience",
                    "如 persona: hurried",
                    "for instance persona: hurried",
                )


def _in_row(problem: Problem, row: Row) -> Problem:
    message = Both(
        f"{problem.message.zh}（表格的行：{row.place}）",
        f"{problem.message.en}, with the row at {row.place}",
    )
    return Problem(problem.place, message, problem.hint)
