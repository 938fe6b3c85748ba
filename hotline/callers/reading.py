"""Scenario files -> `Scenario`s: YAML with one scenario, several documents, or a list of them.

Every error names file, line and remedy, and all errors of a file are told at once. The same form
is described for editors by `schema.json`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from hotline.callers import scenario as sc
from hotline.callers.form import Form, is_count, plain_text, words_of
from hotline.callers.scenario import Expect, Scenario, ScenarioError, Span
from menus.model import Place
from menus.reader import SUFFIXES, NodePath, read_text
from menus.wording import BookError, Both, Problem

MOST_ROWS = 10_000
TONES = ("ringback", "busy", "beep", "error")
GIVEN_TABLES = (
    "customers",
    "bindings",
    "bills",
    "meter_readings",
    "outages",
    "work_orders",
    "urges",
    "callback_bookings",
    "messages",
    "subscriptions",
)
"""Tables of `given`: one for each kind of business record."""
LEFT_KINDS = tuple(name.removesuffix("s") for name in GIVEN_TABLES)
SCENARIO_KEYS = (
    "scenario",
    "caller",
    "given",
    "story",
    "always",
    "never",
    "left",
    "tags",
    "seed",
    "limit",
)
EXPECT_KEYS = (
    "prompt",
    "language",
    "contains",
    "exact",
    "matches",
    "values",
    "to_end",
    "tone",
    "music",
    "agent",
    "silence",
    "closing",
    "hangup",
)
ACTIONS = (
    "hear",
    "press",
    "type",
    "say",
    "wait",
    "silent",
    "agent",
    "hang_up",
    "stay",
    "call_again",
    "pick_up",
)

_DOCUMENT = re.compile(r"^---(?=\s|$).*$", re.MULTILINE)


def load(path: str | Path) -> list[Scenario]:
    """The scenarios of a file, or of every YAML file below a folder, in order of path and line.

    `FILE:LINE` takes only the scenario in which that line is. Raises `ScenarioError` with every
    problem found.
    """
    file, _, chosen = str(path).rpartition(":")
    if file and chosen.isdigit():
        scenarios = load(file)
        return [s for s in scenarios if s.place.line <= int(chosen)][-1:] or scenarios[:1]
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
    for chunk in _documents(text):
        try:
            document = read_text(chunk, file)
        except BookError as error:
            problems += error.problems
            continue
        reader = _Reader(document)
        scenarios += reader.scenarios()
        problems += reader.problems
    if not problems and not scenarios:
        problems.append(
            Problem(
                Place(file, 1),
                Both("文件里没有场景", "there is no scenario in this file"),
                Both("至少写出 scenario 和 story", "write at least scenario and story"),
            )
        )
    seen: dict[str, Place] = {}
    for scenario in scenarios:
        first = seen.setdefault(scenario.name, scenario.place)
        if first is not scenario.place:
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


class _Reader(Form):
    """Reads one document's scenarios."""

    # --- scenarios -----------------------------------------------------------------------------

    def scenarios(self) -> list[Scenario]:
        """All scenarios of the document that could be read."""
        data = self.document.data
        if isinstance(data, list):
            return [s for at, item in enumerate(data) for s in self._try(self._scenario, item, at)]
        return self._try(self._scenario, data)

    def _scenario(self, data: Any, *path: str | int) -> Scenario:
        fields = self._fields(data, SCENARIO_KEYS, path, needs=("scenario", "story"))
        number, area, reaction, pace = self._caller(fields.get("caller"), (*path, "caller"))
        story = self._story(fields["story"], pace, (*path, "story"))
        watches = [
            watch
            for when in ("always", "never")
            if fields.get(when) is not None
            for at, item in enumerate(self._list(fields[when], (*path, when)))
            for watch in self._try(self._watch, item, *path, when, at)
        ]
        tags = fields.get("tags") or []
        seed = fields.get("seed")
        if seed is not None and not isinstance(seed, int):
            self._wrong((*path, "seed"), "种子必须是整数", "seed must be a whole number")
        return Scenario(
            name=self._text(fields["scenario"], (*path, "scenario")),
            place=self.document.place(*path, "scenario"),
            story=tuple(story),
            number=number,
            area=area,
            reaction=reaction,
            watches=tuple(watches),
            given=self._given(fields.get("given"), (*path, "given")),
            left=tuple(self._left(fields.get("left"), (*path, "left"))),
            tags=frozenset(
                self._text(t, (*path, "tags")) for t in self._list(tags, (*path, "tags"))
            ),
            seed=seed,
            limit=self._seconds(fields.get("limit", sc.CALL_LIMIT), (*path, "limit")),
        )

    def _caller(self, data: Any, path: NodePath) -> tuple[str, str, Span, Span]:
        fields = self._fields(data or {}, ("number", "area", "reaction", "pause"), path)
        number = str(fields.get("number", "13800138000"))
        if not re.fullmatch(r"\+?\d*", number):
            self._wrong(
                (*path, "number"),
                "号码只能有数字",
                "a number has digits only",
                '写成 "13800138000"',
                'write "13800138000"',
            )
        reaction = self._span(fields.get("reaction", sc.DEFAULT_REACTION), (*path, "reaction"))
        pause = fields.get("pause")
        pace = sc.PACE if pause is None else self._span(pause, (*path, "pause"))
        return number, str(fields.get("area", "")), reaction, pace

    # --- the story -----------------------------------------------------------------------------

    def _story(self, data: Any, pace: Span, path: NodePath) -> list[sc.AnyStep]:
        steps = self._list(data, path)
        if not steps:
            self._wrong(
                path,
                "story 是空的",
                "the story is empty",
                "至少写一步，如 - hang_up:",
                "write at least one step, such as - hang_up:",
            )
        return [
            step
            for at, item in enumerate(steps)
            for step in self._try(self._step, item, pace, *path, at)
        ]

    def _step(self, data: Any, pace: Span, *path: str | int) -> sc.AnyStep:
        if isinstance(data, str):
            data = {data: None}
        fields = self._mapping(data, path)
        named = [key for key in fields if key in ACTIONS]
        if len(named) != 1:
            unknown = [key for key in fields if key not in (*ACTIONS, "within", "pause", "after")]
            if unknown:
                self._unknown(unknown[0], ACTIONS, (*path, unknown[0]))
            self._wrong(
                path,
                "一步只能有一个动作",
                "a step is one action",
                f"可用：{'、'.join(ACTIONS)}",
                f"one of: {', '.join(ACTIONS)}",
            )
        action = named[0]
        allowed = {
            "hear": ("within",),
            "agent": ("within",),
            "stay": ("within",),
            "pick_up": ("within",),
            "type": ("pause",),
            "call_again": ("after",),
        }
        self._fields(fields, (action, *allowed.get(action, ())), path)
        place = self.document.place(*path, action)
        if place.line == 0:
            place = self.document.place(*path)
        make: Callable[[Place, Mapping[str, Any], Span, NodePath], sc.AnyStep]
        make = getattr(self, f"_do_{action}")
        return make(place, fields, pace, path)

    def _within(self, fields: Mapping[str, Any], action: str, path: NodePath) -> float:
        """`within` beside the action, or inside its braces."""
        inner = fields[action]
        if isinstance(inner, dict) and "within" in inner:
            if action in ("stay", "pick_up"):
                self._fields(inner, ("within",), (*path, action))
            return self._seconds(inner["within"], (*path, action, "within"))
        return self._seconds(fields.get("within", sc.DEFAULT_WITHIN), (*path, "within"))

    def _do_hear(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        value = fields["hear"]
        within = self._within(fields, "hear", path)
        if isinstance(value, dict):
            value = {key: inner for key, inner in value.items() if key != "within"}
        return sc.Hear(place, self.expect(value, (*path, "hear")), within)

    def _do_agent(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        value = fields["agent"]
        if value not in (None, "answered"):
            self._wrong(
                (*path, "agent"),
                "agent 只能是 answered",
                "agent can only be answered",
                "写成 agent: answered",
                "write agent: answered",
            )
        what = Expect("agent", "agent: answered", to_end=True)
        return sc.Hear(place, what, self._within(fields, "agent", path))

    def _do_stay(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        return sc.Hear(
            place, Expect("hangup", "the hotline hangs up"), self._within(fields, "stay", path)
        )

    def _do_press(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        key = self._keys(fields["press"], (*path, "press"))
        if len(key) != 1:
            self._wrong(
                (*path, "press"),
                "press 只按一个键",
                "press takes one key",
                f'多个键写成 type: "{key}"',
                f'for several keys write type: "{key}"',
            )
        return sc.PressKey(place, key)

    def _do_type(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        value, at = fields["type"], (*path, "type")
        pause = fields.get("pause")
        if isinstance(value, dict):
            inner = self._fields(value, ("digits", "pause"), at, needs=("digits",))
            value, at, pause = inner["digits"], (*at, "digits"), inner.get("pause", pause)
        span = pace if pause is None else self._span(pause, (*path, "pause"))
        return sc.TypeKeys(place, self._keys(value, at), span)

    def _do_say(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        return sc.Say(place, self._text(fields["say"], (*path, "say")))

    def _do_wait(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        return sc.Wait(place, self._span(fields["wait"], (*path, "wait")))

    def _do_silent(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        return sc.Wait(place, self._span(fields["silent"], (*path, "silent")))

    def _do_hang_up(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        if fields["hang_up"] is not None:
            self._wrong(
                (*path, "hang_up"),
                "hang_up 不带值",
                "hang_up takes no value",
                "写成 hang_up:",
                "write hang_up:",
            )
        return sc.HangUp(place)

    def _do_call_again(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        value = fields["call_again"]
        if isinstance(value, dict):
            value = self._fields(value, ("after",), (*path, "call_again")).get("after")
        after = fields.get("after", value)
        return sc.CallAgain(place, self._span(2.0 if after is None else after, path))

    def _do_pick_up(
        self, place: Place, fields: Mapping[str, Any], pace: Span, path: NodePath
    ) -> sc.AnyStep:
        return sc.PickUp(place, self._within(fields, "pick_up", path))

    # --- what is heard -------------------------------------------------------------------------

    def expect(self, value: Any, path: NodePath) -> Expect:
        """A condition of `hear`: a word such as `music`, or a mapping."""
        words = words_of(value)
        if isinstance(value, str):
            return self._sound(value, None, words, path)
        fields = self._fields(value, EXPECT_KEYS, path)
        if not fields:
            self._wrong(
                path,
                "hear 没有条件",
                "hear has no condition",
                "如 hear: {prompt: main}",
                "for instance hear: {prompt: main}",
            )
        special = [
            key
            for key in ("music", "agent", "tone", "silence", "closing", "hangup")
            if key in fields
        ]
        if special:
            if len(fields) > 1:
                self._wrong(
                    path,
                    f"{special[0]} 不能和其他条件合用",
                    f"{special[0]} cannot be combined with other conditions",
                )
            return self._sound(special[0], fields[special[0]], words, (*path, special[0]))
        return self._prompt(fields, words, path)

    def _prompt(self, fields: Mapping[str, Any], words: str, path: NodePath) -> Expect:
        texts = {
            key: self._text(fields[key], (*path, key))
            for key in ("prompt", "language", "contains", "exact", "matches")
            if key in fields
        }
        pattern = None
        if "matches" in texts:
            try:
                pattern = re.compile(texts["matches"])
            except re.error as error:
                self._wrong(
                    (*path, "matches"),
                    f"不是合法的正则表达式：{error}",
                    f"not a regular expression: {error}",
                )
        values = self._mapping(fields.get("values", {}), (*path, "values"))
        to_end = fields.get("to_end", False)
        if not isinstance(to_end, bool):
            self._wrong((*path, "to_end"), "to_end 是 true 或 false", "to_end is true or false")
        return Expect(
            "prompt",
            words,
            prompt=texts.get("prompt", ""),
            language=texts.get("language", ""),
            contains=texts.get("contains", ""),
            exact=texts.get("exact", "").strip(),
            matches=pattern,
            values=tuple((name, str(said)) for name, said in values.items()),
            to_end=to_end,
        )

    def _sound(self, kind: str, value: Any, words: str, path: NodePath) -> Expect:
        match kind:
            case "music":
                return Expect("music", words)
            case "agent":
                number = "" if value is None else str(value)
                return Expect("agent", words, number=number)
            case "tone":
                tone = "" if value is None else self._text(value, path)
                if tone and tone not in TONES:
                    self._unknown(tone, TONES, path)
                return Expect("tone", words, tone=tone)
            case "silence":
                seconds = sc.DEFAULT_SILENCE if value is None else self._seconds(value, path)
                return Expect("silence", words, seconds=seconds)
            case "closing":
                return Expect("prompt", words, prompt="closing")
            case "hangup":
                return Expect("hangup", words)
        self._unknown(kind, ("music", "agent", "tone", "silence", "closing", "hangup"), path)

    # --- watchers, fixtures, records left behind -----------------------------------------------

    def _watch(self, data: Any, *path: str | int) -> sc.Watch:
        when: Literal["always", "never"] = "never" if "never" in path else "always"
        fields = self._mapping(data, path)
        known = (
            ("hear", "first", "heard_agent_within", "max_menu_depth")
            if when == "always"
            else ("hear", "silence_longer_than")
        )
        self._fields(fields, known, path)
        if len(fields) != 1:
            self._wrong(
                path,
                "一项只能有一个条件",
                "an entry is one condition",
                f"可用：{'、'.join(known)}",
                f"one of: {', '.join(known)}",
            )
        kind, value = next(iter(fields.items()))
        place, words = self.document.place(*path, kind), f"{when} {kind}: {words_of(value)}"
        if kind in ("hear", "first"):
            what = self.expect(value, (*path, kind))
            if what.kind == "silence":
                if when == "always":
                    self._wrong(
                        (*path, kind),
                        "always 不能要求静音",
                        "silence cannot be required",
                        "写成 never: [{silence_longer_than: 秒}]",
                        "write never: [{silence_longer_than: seconds}]",
                    )
                return sc.Watch(place, when, "silence_longer_than", words, None, what.seconds)
            return sc.Watch(place, when, kind, words, what)  # type: ignore[arg-type]
        limit = self._seconds(value, (*path, kind))
        return sc.Watch(place, when, kind, words, None, limit)  # type: ignore[arg-type]

    def _given(self, data: Any, path: NodePath) -> sc.Given:
        fields = self._fields(
            data or {},
            (*GIVEN_TABLES, "agents", "time", "trunks", "waiting_room", "failing", "slow"),
            path,
        )
        tables = {
            name: tuple(
                copy
                for at, row in enumerate(self._list(fields[name], (*path, name)))
                for copy in self._rows(self._mapping(row, (*path, name, at)), (*path, name, at))
            )
            for name in GIVEN_TABLES
            if name in fields
        }
        agents = None
        if "agents" in fields:
            agents = tuple(
                agent
                for at, item in enumerate(self._list(fields["agents"] or [], (*path, "agents")))
                for agent in self._try(self._agent, item, *path, "agents", at)
            )
        time = self._time(fields["time"], (*path, "time")) if "time" in fields else ""
        for name in ("trunks", "waiting_room"):
            if fields.get(name) is not None and not is_count(fields[name]):
                self._wrong(
                    (*path, name),
                    f"{name} 是不小于 0 的整数",
                    f"{name} is a whole number, 0 or more",
                )
        failing = tuple(
            self._text(name, (*path, "failing"))
            for name in self._list(fields.get("failing") or [], (*path, "failing"))
        )
        slow = {
            name: self._seconds(seconds, (*path, "slow", name))
            for name, seconds in self._mapping(fields.get("slow") or {}, (*path, "slow")).items()
        }
        return sc.Given(
            tables, agents, time, fields.get("trunks"), fields.get("waiting_room"), failing, slow
        )

    def _rows(self, row: dict[str, Any], path: NodePath) -> Iterator[dict[str, Any]]:
        """The row, or with `times: N` N of them with `{n}` counting from 1 in their texts."""
        times = row.pop("times", None)
        if times is None:
            yield row
            return
        if not is_count(times) or times > MOST_ROWS:
            self._wrong(
                (*path, "times"),
                f"times 是 0 到 {MOST_ROWS} 的整数",
                f"times is a whole number up to {MOST_ROWS}",
            )
        for number in range(1, times + 1):
            yield {
                name: value.replace("{n}", str(number)) if isinstance(value, str) else value
                for name, value in row.items()
            }

    def _agent(self, data: Any, *path: str | int) -> sc.AgentFixture:
        fields = self._fields(
            data,
            ("number", "skills", "languages", "answer_after", "talk", "then"),
            path,
            needs=("number",),
        )
        plain = sc.AgentFixture(str(fields["number"]))
        answer = fields.get("answer_after", plain.answer_after)
        then = str(fields.get("then", plain.then))
        if then not in sc.ENDINGS and not then.startswith("transfer:"):
            self._unknown(then, sc.ENDINGS, (*path, "then"))
        return sc.AgentFixture(
            number=plain.number,
            skills=tuple(
                str(s)
                for s in self._list(fields.get("skills", list(plain.skills)), (*path, "skills"))
            ),
            languages=tuple(
                str(s)
                for s in self._list(
                    fields.get("languages", list(plain.languages)), (*path, "languages")
                )
            ),
            answer_after=(
                None
                if answer in (None, "never")
                else self._seconds(answer, (*path, "answer_after"))
            ),
            talk=self._seconds(fields.get("talk", plain.talk), (*path, "talk")),
            then=then,
        )

    def _time(self, value: Any, path: NodePath) -> str:
        text = self._text(value, path)
        if not re.fullmatch(r"(\d{4}-\d{2}-\d{2}[ T])?([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", text):
            self._wrong(
                path,
                "时间写法不对",
                "not a time",
                '写成 "09:30" 或 "2024-07-25 19:00"',
                'write "09:30" or "2024-07-25 19:00" in quotes',
            )
        return text

    def _left(self, data: Any, path: NodePath) -> Iterator[sc.Left]:
        for kind, wanted in self._fields(data or {}, LEFT_KINDS, path).items():
            at = (*path, kind)
            if wanted in (None, "none"):
                yield sc.Left(self.document.place(*at), kind, (), 0)
                continue
            rows = wanted if isinstance(wanted, list) else [wanted]
            for number, row in enumerate(rows):
                here = (*at, number) if isinstance(wanted, list) else at
                fields = dict(self._mapping(row, here))
                count = fields.pop("count", None)
                if count is not None and not is_count(count):
                    self._wrong(
                        (*here, "count"),
                        "count 是不小于 0 的整数",
                        "count is a whole number, 0 or more",
                    )
                pairs = tuple((name, plain_text(value)) for name, value in fields.items())
                yield sc.Left(self.document.place(*here), kind, pairs, count)
