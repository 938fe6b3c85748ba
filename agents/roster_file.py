"""Roster files (YAML), and generated rosters for what no file should list.

    version: 1
    agents:
      - id: a001              # unique
        number: "1001"        # 工号, four to six digits
        name: 王敏
        skills: [fault, ""]   # in order of preference; "" general, "*" everything
        languages: [zh-CN, en-US]
        centre: north
        putonghua: 二级甲等     # or null
        shifts: [{start: "08:00", end: "16:00", breaks: ["12:00-12:30"]}]
        sip: wangmin          # optional: user name of his SIP telephone
    generate:                 # optional: so many more, invented with a seed
      count: 100
      seed: 1
    callback: {tries: 3, retry_after: 600}                    # optional: call-backs tried again
    queues:                   # optional: skills with rules of their own, as in queue plans
      - {name: fault, callback: {tries: 5, retry_after: 300}}

YAML is read as nodes, so that `0123` stays a number of four digits and `08:00` a time, and each
error names its line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from agents.callbacks import USUAL, CallbackRule
from agents.errors import RosterError
from agents.generated import Mix, generate
from agents.roster import LEVELS, MANDARIN, NUMBER, AgentProfile, Roster, Shift

DEMO = Path(__file__).with_name("rosters") / "demo.yaml"
"""The roster that the hotline uses when it is given none; its people are invented."""

_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_FIELDS = (
    "id", "number", "name", "skills", "languages", "centre", "grade", "putonghua",
    "training_passed", "minority_seat", "shifts", "sip",
)  # fmt: skip


def load_roster(path: str | Path = DEMO) -> Roster:
    """The roster in file `path`. Raises `RosterError` with file, line and remedy."""
    file = str(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise RosterError(file, 0, error.strerror or str(error), "give a readable file") from error
    except UnicodeDecodeError as error:
        raise RosterError(file, 0, "not UTF-8 text", "save it as UTF-8") from error
    return parse_roster(text, file)


def parse_roster(text: str, file: str = "<roster>") -> Roster:
    """The roster in `text`; `file` is its name in messages."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        problem = error.problem or "not YAML"
        raise RosterError(file, line, problem, "correct the YAML there") from error
    except yaml.YAMLError as error:
        raise RosterError(file, 0, "not YAML text", "remove control characters") from error
    if root is None:
        raise RosterError(file, 1, "the roster is empty", "list the agents under `agents:`")
    return _Reader(file).roster(root)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads nodes; every error names the node's line."""

    file: str

    def error(self, node: yaml.Node, problem: str, remedy: str) -> RosterError:
        return RosterError(self.file, node.start_mark.line + 1, problem, remedy)

    # --- nodes ---------------------------------------------------------------------------------

    def mapping(self, node: yaml.Node, known: tuple[str, ...], what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, f"{what} is not a mapping", f"give {', '.join(known)}")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name not in known:
                raise self.error(key, f"unknown field {name!r} of {what}",
                                 f"known: {', '.join(known)}")  # fmt: skip
            if name in found:
                raise self.error(key, f"{name!r} is given twice", "remove one of them")
            found[name] = value
        return found

    def items(self, node: yaml.Node | None, what: str) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(node, f"{what} is not a list", "write [one, two]")
        return list(node.value)

    def text(self, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, f"{what} is not a text", "give one value")
        return str(node.value)

    def flag(self, node: yaml.Node, what: str) -> bool:
        word = self.text(node, what).lower()
        if word not in _FLAGS:
            raise self.error(node, f"{what} is {word!r}", "give true or false")
        return _FLAGS[word]

    def whole(self, node: yaml.Node, what: str, low: int) -> int:
        word = self.text(node, what)
        if not word.isdecimal() or int(word) < low:
            raise self.error(node, f"{what} is {word!r}", f"give a whole number from {low}")
        return int(word)

    # --- the roster ----------------------------------------------------------------------------

    def roster(self, root: yaml.Node) -> Roster:
        known = ("version", "agents", "generate", "callback", "queues")
        fields = self.mapping(root, known, "the roster")
        if "version" in fields and self.text(fields["version"], "version") != "1":
            raise self.error(fields["version"], "unknown version of a roster", "write version: 1")
        seen: dict[tuple[str, str], str] = {}
        agents = [self.agent(n, seen) for n in self.items(fields.get("agents"), "agents")]
        if "generate" in fields:
            agents += self.generated(fields["generate"], agents)
        callback = self.callback(fields["callback"]) if "callback" in fields else None
        queues = self.queues(fields.get("queues"), callback or USUAL)
        if not agents:
            raise self.error(root, "the roster has no agents", "list them under `agents:`")
        return Roster(tuple(agents), callback, queues)

    # --- call-backs ----------------------------------------------------------------------------

    def callback(self, node: yaml.Node, usual: CallbackRule = USUAL) -> CallbackRule:
        """A rule of call-backs; what it does not say is `usual`."""
        fields = self.mapping(node, ("tries", "retry_after"), "callback")
        tries, rest = usual.tries, usual.retry_after
        if "tries" in fields:
            tries = self.whole(fields["tries"], "tries", 1)
        if "retry_after" in fields:
            rest = self.seconds(fields["retry_after"], "retry_after")
        return CallbackRule(tries, rest)

    def queues(self, node: yaml.Node | None, usual: CallbackRule) -> dict[str, CallbackRule]:
        """Skills with call-backs of their own."""
        found: dict[str, CallbackRule] = {}
        seen: set[str] = set()
        for item in self.items(node, "queues"):
            fields = self.mapping(item, ("name", "callback"), "a queue")
            if "name" not in fields:
                raise self.error(item, "a queue without name", "add name, a skill of the book")
            name = self.text(fields["name"], "name")
            if name in seen:
                raise self.error(item, f"queue {name!r} is given twice", "remove one of them")
            seen.add(name)
            if "callback" in fields:
                found[name] = self.callback(fields["callback"], usual)
        return found

    def seconds(self, node: yaml.Node, what: str) -> float:
        word = self.text(node, what)
        try:
            found = float(word)
        except ValueError:
            found = -1.0
        if not 0 <= found < math.inf:
            raise self.error(node, f"{what} is {word!r}", "give seconds, 0 or more")
        return found

    def agent(self, node: yaml.Node, seen: dict[tuple[str, str], str]) -> AgentProfile:
        fields = self.mapping(node, _FIELDS, "an agent")
        for name in ("id", "number"):
            if name not in fields:
                raise self.error(node, f"an agent without {name}", f"add {name}")
        values = {name: self.field(name, value) for name, value in fields.items()}
        self.check_number(fields["number"])
        for name in ("id", "number", "sip"):
            if name not in fields:
                continue
            key = (name, str(values[name]))
            if key in seen:
                raise self.error(fields[name], f"{name} {key[1]!r} is taken by {seen[key]}",
                                 "give each agent his own")  # fmt: skip
            seen[key] = f"the agent of line {node.start_mark.line + 1}"
        place = f"{self.file}:{node.start_mark.line + 1}"
        return AgentProfile(**values, place=place)  # type: ignore[arg-type]

    def field(self, name: str, node: yaml.Node) -> object:
        match name:
            case "skills" | "languages":
                return self.names(name, node)
            case "training_passed" | "minority_seat":
                return self.flag(node, name)
            case "putonghua":
                return self.level(node)
            case "shifts":
                return tuple(self.shift(item) for item in self.items(node, name))
            case _:
                return self.text(node, name)

    def names(self, name: str, node: yaml.Node) -> tuple[str, ...]:
        found = tuple(self.text(item, name) for item in self.items(node, name))
        if not found:
            remedy = f"write [{MANDARIN}]" if name == "languages" else 'write [""] for general'
            raise self.error(node, f"{name} is empty", remedy)
        return found

    def check_number(self, node: yaml.Node) -> None:
        if not NUMBER.fullmatch(self.text(node, "number")):
            raise self.error(node, "the number (工号) is not four to six digits",
                             'give it as "1001"')  # fmt: skip

    def level(self, node: yaml.Node) -> str | None:
        if node.tag == "tag:yaml.org,2002:null":
            return None
        level = self.text(node, "putonghua")
        if level not in LEVELS:
            raise self.error(node, f"unknown Putonghua level {level!r}",
                             f"give null or one of {'、'.join(LEVELS)}")  # fmt: skip
        return level

    # --- shifts --------------------------------------------------------------------------------

    def shift(self, node: yaml.Node) -> Shift:
        fields = self.mapping(node, ("start", "end", "breaks"), "a shift")
        if not {"start", "end"} <= set(fields):
            raise self.error(node, "a shift without start or end", 'give "08:00" and "16:00"')
        start = self.time(fields["start"])
        end = self.later(self.time(fields["end"]), start)
        breaks = tuple(self.span(n, start, end) for n in self.items(fields.get("breaks"), "breaks"))
        return Shift(start, end, breaks)

    def span(self, node: yaml.Node, start: float, end: float) -> tuple[float, float]:
        first, dash, last = self.text(node, "break").partition("-")
        if not dash:
            raise self.error(node, f"not a break: {first!r}", 'write "12:00-12:30"')
        begin = self.parse_time(node, first)
        begin = begin if begin >= start else self.later(begin, start)
        over = self.later(self.parse_time(node, last), begin)
        if over > end:
            raise self.error(node, "the break is outside its shift", "move it into the shift")
        return begin, over

    @staticmethod
    def later(instant: float, than: float) -> float:
        """`instant`, on the next day where it would not be later."""
        return instant if instant > than else instant + 86_400.0

    def time(self, node: yaml.Node) -> float:
        return self.parse_time(node, self.text(node, "time"))

    def parse_time(self, node: yaml.Node, word: str) -> float:
        found = _TIME.fullmatch(word.strip())
        if found is None:
            raise self.error(node, f"not a time of day: {word!r}", 'write "08:00"')
        return int(found[1]) * 3600.0 + int(found[2]) * 60.0

    # --- generated -----------------------------------------------------------------------------

    def generated(self, node: yaml.Node, given: list[AgentProfile]) -> tuple[AgentProfile, ...]:
        known = ("count", "seed", "first_number", "centres", "skills", "english", "languages")
        fields = self.mapping(node, known, "generate")
        if "count" not in fields:
            raise self.error(node, "generate without count", "say how many agents")
        whole = {
            name: self.whole(fields[name], name, low)
            for name, low in (("count", 1), ("seed", 0), ("first_number", 1000))
            if name in fields
        }
        made = generate(**whole, mix=self.mix(fields))
        taken = {(p.id, p.number) for p in given}
        clash = {i for i, _ in taken} & {p.id for p in made} or (
            {n for _, n in taken} & {p.number for p in made}
        )
        if clash:
            raise self.error(node, f"generated agents clash with {min(clash)!r}",
                             "choose another first_number")  # fmt: skip
        if len(made[-1].number) > 6:
            raise self.error(node, "generated numbers have more than six digits",
                             "lower count or first_number")  # fmt: skip
        return made

    def mix(self, fields: Mapping[str, yaml.Node]) -> Mix:
        chosen: dict[str, object] = {}
        if "centres" in fields:
            chosen["centres"] = self.names("centres", fields["centres"])
        for name in ("skills", "languages"):
            if name in fields:
                chosen[name] = self.shares(name, fields[name])
        if "english" in fields:
            chosen["english"] = self.share(fields["english"], "english")
        return Mix(**chosen)  # type: ignore[arg-type]

    def shares(self, name: str, node: yaml.Node) -> tuple[tuple[str, float], ...]:
        if not isinstance(node, yaml.MappingNode) or not node.value:
            raise self.error(node, f"{name} of generate is not a mapping", "write {fault: 0.4}")
        return tuple((self.text(k, name), self.share(v, name)) for k, v in node.value)

    def share(self, node: yaml.Node, what: str) -> float:
        try:
            share = float(self.text(node, what))
        except ValueError:
            share = -1.0
        if not 0.0 <= share <= 1.0:
            raise self.error(node, f"a share of {what} is not from 0 to 1", "write e.g. 0.4")
        return share
