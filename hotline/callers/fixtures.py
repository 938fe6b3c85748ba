"""Reading the world before the call (`given`) and the records after it (`left`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hotline.callers import scenario as sc
from hotline.callers.form import Form, is_count, plain_text
from hotline.callers.traces import TRACES
from menus.model import Place
from menus.reader import NodePath

MOST_ROWS = 10_000
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
LEFT_KINDS = (*(name.removesuffix("s") for name in GIVEN_TABLES), *TRACES)
"""Kinds of `left`: business records, and what the calls themselves leave."""
GIVEN_KEYS = (
    *GIVEN_TABLES,
    "agents",
    "time",
    "trunks",
    "waiting_room",
    "rings",
    "failing",
    "slow",
    "answers",
)
AGENT_KEYS = ("number", "skills", "languages", "answer_after", "talk", "then", "free_after")
ANSWER_KEYS = ("service", "outcome", "values", "after")


_DAY = "|".join(f"[{day[0].upper()}{day[0]}]{day[1:]}" for day in sc.WEEKDAYS)
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_TIME = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}}|{_DAY})([ T]{_CLOCK})?|{_CLOCK}")
_SOME_DAY = datetime(2026, 11, 23, 9, 0)


def _is_time(text: str) -> bool:
    """Whether it is of the form, and such a day exists."""
    try:
        sc.moment(text, _SOME_DAY)
    except ValueError:
        return False
    return _TIME.fullmatch(text) is not None


class Fixtures(Form):
    """Reads `given` and `left` of one document's scenarios."""

    def _given(self, data: Any, path: NodePath) -> sc.Given:
        fields = self._fields({} if data is None else data, GIVEN_KEYS, path)
        tables: dict[str, tuple[dict[str, Any], ...]] = {}
        places: dict[str, tuple[Place, ...]] = {}
        for name in GIVEN_TABLES:
            if name in fields:
                found = list(self._table(fields[name], (*path, name)))
                tables[name] = tuple(row for _, row in found)
                places[name] = tuple(place for place, _ in found)
        for name in ("trunks", "waiting_room", "rings"):
            if fields.get(name) is not None:
                self._count(fields[name], (*path, name))
        services = self._list_or_none(fields.get("failing"), (*path, "failing"))
        slow = self._mapping_or_none(fields.get("slow"), (*path, "slow"))
        places["failing"] = tuple(
            self.document.place(*path, "failing", at) for at in range(len(services))
        )
        places["slow"] = tuple(self.document.place(*path, "slow", name) for name in slow)
        answers = [
            answer
            for at, item in enumerate(self._list_or_none(fields.get("answers"), (*path, "answers")))
            for answer in self._try(self._answer, item, *path, "answers", at)
        ]
        places["answers"] = tuple(
            self.document.place(*path, "answers", at) for at in range(len(answers))
        )
        places["agents"] = (self.document.place(*path, "agents"),)
        return sc.Given(
            tables=tables,
            agents=self._agents(fields, path),
            time=self._time(fields["time"], (*path, "time")) if "time" in fields else "",
            trunks=fields.get("trunks"),
            waiting_room=fields.get("waiting_room"),
            rings=fields.get("rings"),
            failing=tuple(
                self._text(name, (*path, "failing", at)) for at, name in enumerate(services)
            ),
            slow={
                name: self._seconds(seconds, (*path, "slow", name))
                for name, seconds in slow.items()
            },
            answers=tuple(answers),
            places=places,
        )

    def _answer(self, data: Any, *path: str | int) -> sc.AnswerFixture:
        fields = self._fields(data, ANSWER_KEYS, path, needs=("service", "outcome"))
        values = self._mapping_or_none(fields.get("values"), (*path, "values"))
        return sc.AnswerFixture(
            service=self._text(fields["service"], (*path, "service")),
            outcome=self._text(fields["outcome"], (*path, "outcome")),
            values=tuple(
                (name, self._plain(value, (*path, "values", name)))
                for name, value in values.items()
            ),
            after=self._seconds(fields.get("after", 0.0), (*path, "after")),
        )

    def _table(self, data: Any, path: NodePath) -> Iterator[tuple[Place, dict[str, Any]]]:
        """The rows of one table with their places."""
        for at, row in enumerate(self._list(data, path)):
            here = (*path, at)
            for copy in self._rows(self._mapping(row, here), here):
                yield self.document.place(*here), copy

    def _agents(
        self, fields: Mapping[str, Any], path: NodePath
    ) -> tuple[sc.AgentFixture, ...] | None:
        """The agents on duty; None: the hotline's own roster."""
        if "agents" not in fields:
            return None
        at = (*path, "agents")
        return tuple(
            agent
            for number, item in enumerate(self._list_or_none(fields["agents"], at))
            for agent in self._try(self._agent, item, *at, number)
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
        fields = self._fields(data, AGENT_KEYS, path, needs=("number",))
        plain = sc.AgentFixture(self._text(fields["number"], (*path, "number")))
        answer = fields.get("answer_after", plain.answer_after)
        then = str(fields.get("then", plain.then))
        if then not in sc.ENDINGS and not then.startswith("transfer:"):
            self._unknown(then, sc.ENDINGS, (*path, "then"))
        return sc.AgentFixture(
            number=plain.number,
            skills=self._words(fields, "skills", plain.skills, path),
            languages=self._words(fields, "languages", plain.languages, path),
            answer_after=(
                None
                if answer in (None, "never")
                else self._seconds(answer, (*path, "answer_after"))
            ),
            talk=self._seconds(fields.get("talk", plain.talk), (*path, "talk")),
            then=then,
            free_after=self._seconds(fields.get("free_after", 0.0), (*path, "free_after")),
        )

    def _words(
        self, fields: Mapping[str, Any], name: str, plain: tuple[str, ...], path: NodePath
    ) -> tuple[str, ...]:
        """A list of words; of skills one may be empty."""
        if name not in fields:
            return plain
        at = (*path, name)
        return tuple(
            "" if word == "" and name == "skills" else self._text(word, (*at, number))
            for number, word in enumerate(self._list(fields[name], at))
        )

    def _time(self, value: Any, path: NodePath) -> str:
        text = self._text(value, path)
        if not _is_time(text):
            self._wrong(
                path,
                f"不是时间：{text}",
                f"not a time: {text}",
                '写成 "09:30"、"2026-10-01"、"2026-10-01 19:00" 或 "saturday 19:00"',
                'write "09:30", "2026-10-01", "2026-10-01 19:00" or "saturday 19:00" in quotes',
            )
        return text

    def _left(self, data: Any, path: NodePath) -> Iterator[sc.Left]:
        for kind, wanted in self._fields({} if data is None else data, LEFT_KINDS, path).items():
            at = (*path, kind)
            if wanted in (None, "none"):
                yield sc.Left(self.document.place(*at), kind, (), 0)
                continue
            rows = wanted if isinstance(wanted, list) else [wanted]
            for number, row in enumerate(rows):
                here = (*at, number) if isinstance(wanted, list) else at
                fields = dict(self._mapping(row, here))
                count = fields.pop("count", None)
                if count is not None:
                    self._count(count, (*here, "count"))
                pairs = tuple(
                    (name, self._plain(value, (*here, name))) for name, value in fields.items()
                )
                yield sc.Left(self.document.place(*here), kind, pairs, count)

    def _plain(self, value: Any, path: NodePath) -> str:
        """A field's value as it is written."""
        if isinstance(value, (dict, list)):
            self._wrong(path, "这里需要一个值", "a single value is needed here")
        return self.document.raw.get(path, "") or plain_text(value)
