"""The clauses of the standard as data: what each asks in our words, how far to trust it, limits.

`clauses.yaml` holds the clauses, `limits.yaml` every number and phrase that a check compares with,
`editions.yaml` what older or sister texts ask instead. Data only: nothing of the project is
imported here. Use `edition()`; a user's own limits come as a YAML file:

    edition: our-province        # the name printed in reports
    base: sgcc                   # optional: the edition to start from
    limits: {ring_answer_seconds: 15}
    pass_share: {"5.2.7.3": 0.99}   # optional: share of checks that must pass, 1 by default

Errors: `StandardError` with file, line and remedy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DEFAULT = "sgcc"
"""The edition of the excerpt: 3 rings, 12 s."""

Depth = Literal["book", "call", "many"]
Value = float | str | tuple[str, ...] | Mapping[str, float]


class StandardError(Exception):
    """An edition or limits file that cannot be used: `file`, `line` (0: none), what and remedy."""

    def __init__(self, message: str, remedy: str, file: str = "", line: int = 0) -> None:
        self.file, self.line, self.message, self.remedy = file, line, message, remedy
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(f"{place}{message} ({remedy})")


class Text(NamedTuple):
    """One sentence in Chinese and in English."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The sentence in `language`; English for any but Chinese."""
        return self.zh if language.lower().startswith("zh") else self.en


NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is counted under a clause; `name` is unique within the clause."""

    name: str
    title: Text


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. `need` is the requirement in our words; only spoken prompts are quoted.

    `trust`: STD (read in the excerpt) | READ | RECALL | INFER, with a confidence `-H|M|L`.
    `cut`: the excerpt breaks off inside it; `choice` says what we do instead. `sees`: the depths
    at which software can check it; `unseen`: what it cannot see, and why.
    """

    number: str
    title: Text
    need: Text
    trust: str
    cut: bool = False
    choice: Text = NOTHING
    sees: tuple[Depth, ...] = ()
    unseen: Text = NOTHING
    rules: Mapping[str, Rule] = field(default_factory=dict)

    @property
    def visible(self) -> bool:
        """Whether software can check it at any depth."""
        return bool(self.sees)


@dataclass(frozen=True, slots=True)
class Limit:
    """One number, text, list or table that a check compares with. `choice`: it is ours."""

    name: str
    value: Value
    unit: str
    clause: str
    trust: str
    title: Text
    choice: bool = False
    edition: str = DEFAULT


@dataclass(frozen=True, slots=True)
class Edition:
    """The clauses with one edition's limits. Getters raise KeyError for a name that is none."""

    name: str
    title: Text
    trust: str
    note: Text
    clauses: Mapping[str, Clause]
    limits: Mapping[str, Limit]
    pass_shares: Mapping[str, float] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """A limit that is a number, in the limit's unit."""
        value = self.limits[name].value
        assert isinstance(value, (int, float)), name
        return float(value)

    def text(self, name: str) -> str:
        """A limit that is a text or a pattern."""
        value = self.limits[name].value
        assert isinstance(value, str), name
        return value

    def names(self, name: str) -> tuple[str, ...]:
        """A limit that is a list."""
        value = self.limits[name].value
        assert isinstance(value, tuple), name
        return value

    def table(self, name: str) -> Mapping[str, float]:
        """A limit that is a table."""
        value = self.limits[name].value
        assert isinstance(value, Mapping), name
        return value

    def pass_share(self, number: str) -> float:
        """The share of the checks of clause `number` that must pass (1 unless set)."""
        return self.pass_shares.get(number, 1.0)


# --- the built-in data -------------------------------------------------------------------------


def _read(name: str) -> dict[str, Any]:
    text = files("hotline.standard").joinpath(name).read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=_Loader)
    return data


def _text(data: Any) -> Text:
    return Text(data["zh"], data["en"]) if data else NOTHING


def _value(raw: Any) -> Value:
    """A YAML value as a limit's value; raises TypeError for what no limit can be."""
    match raw:
        case bool():
            return float(raw)
        case int() | float():
            return float(raw)
        case str():
            return raw
        case list():
            return tuple(str(item) for item in raw)
        case dict() if all(type(v) in (int, float) for v in raw.values()):
            return {str(key): float(value) for key, value in raw.items()}
    raise TypeError("neither a number, a text, a list, nor a table of numbers")


@cache
def clauses() -> Mapping[str, Clause]:
    """Every clause by number, in the order of the standard."""
    return {number: _clause(number, data) for number, data in _read("clauses.yaml").items()}


def _clause(number: str, data: dict[str, Any]) -> Clause:
    rules = {name: Rule(name, _text(title)) for name, title in data.get("rules", {}).items()}
    return Clause(
        number=number,
        title=_text(data["title"]),
        need=_text(data["need"]),
        trust=data["trust"],
        cut=data.get("cut", False),
        choice=_text(data.get("choice")),
        sees=tuple(data["sees"]),
        unseen=_text(data.get("unseen")),
        rules=rules,
    )


@cache
def _limits() -> Mapping[str, Limit]:
    return {
        name: Limit(
            name=name,
            value=_value(data["value"]),
            unit=data["unit"],
            clause=data["clause"],
            trust=data["trust"],
            title=Text(data["zh"], data["en"]),
            choice=data.get("choice", False),
        )
        for name, data in _read("limits.yaml").items()
    }


@cache
def editions() -> tuple[str, ...]:
    """Names of the built-in editions; the first is the default."""
    return tuple(_read("editions.yaml"))


@cache
def edition(name: str = DEFAULT) -> Edition:
    """A built-in edition; `""` and `default` are the default one."""
    name = DEFAULT if name in ("", "default") else name
    known = _read("editions.yaml")
    if name not in known:
        raise StandardError(f"unknown edition {name!r}", f"available: {', '.join(known)}")
    data = known[name]
    limits = dict(_limits())
    for key, raw in data.get("limits", {}).items():
        limits[key] = _replaced(limits[key], raw, name, data["trust"])
    return Edition(name, _text(data), data["trust"], _text(data.get("note")), clauses(), limits)


def _replaced(limit: Limit, raw: Any, edition: str, trust: str) -> Limit:
    """`limit` with another edition's value; tables are merged. Raises TypeError for a misfit."""
    value = _value(raw)
    kind = _kind(limit.value)
    if _kind(value) != kind:
        raise TypeError(f"must be {kind}")
    _check(limit.unit, value)
    if isinstance(value, Mapping) and isinstance(limit.value, Mapping):
        value = {**limit.value, **value}
    return replace(limit, value=value, edition=edition, trust=trust)


def _check(unit: str, value: Value) -> None:
    """Raises TypeError for a value that makes no sense in its unit."""
    numbers = value.values() if isinstance(value, Mapping) else (value,)
    if any(isinstance(number, float) and not 0 <= number < 1e9 for number in numbers):
        raise TypeError("must not be negative or endless")
    if unit == "regex":
        try:
            re.compile(str(value))
        except re.error as error:
            raise TypeError(f"is no regular expression: {error}") from None
    if isinstance(value, str) and "|" in unit and value not in unit.split("|"):
        raise TypeError("must be one of " + ", ".join(unit.split("|")))


def _kind(value: Value) -> str:
    match value:
        case str():
            return "a text"
        case tuple():
            return "a list"
        case Mapping():
            return "a table of numbers"
        case _:
            return "a number"


# --- a user's own limits -----------------------------------------------------------------------


def load_edition(path: Path | str) -> Edition:
    """The edition that the YAML file at `path` describes. Raises `StandardError`."""
    file = str(path)
    try:
        text = Path(path).read_text("utf-8")
        node = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)
    except OSError as error:
        raise StandardError(f"cannot be read: {error.strerror}", "check the path", file) from None
    except UnicodeDecodeError:
        raise StandardError("is not UTF-8 text", "save the file as UTF-8", file) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        problem = getattr(error, "problem", None) or "is not YAML"
        raise StandardError(f"not YAML: {problem}", "check the syntax", file, line) from None
    if not isinstance(data, dict):
        remedy = "write `limits: {ring_answer_seconds: 15}`"
        raise StandardError("holds no settings", remedy, file, 1)
    lines = _lines(node, file)
    return _UserFile(file, data, lines).edition()


def _lines(node: Any, file: str, prefix: str = "") -> dict[str, int]:
    """`a/b` -> line of that key. Raises `StandardError` for a key written twice."""
    found: dict[str, int] = {}
    if not isinstance(node, yaml.MappingNode):
        return found
    for key, value in node.value:
        name, line = f"{prefix}{key.value}", key.start_mark.line + 1
        if name in found:
            message = f"{key.value!r} is written twice, first on line {found[name]}"
            raise StandardError(message, "keep one of them", file, line)
        found[name] = line
        if not prefix:
            found |= _lines(value, file, f"{name}/")
    return found


@dataclass(frozen=True, slots=True)
class _UserFile:
    """A limits file being turned into an edition."""

    file: str
    data: dict[Any, Any]
    lines: dict[str, int]

    def edition(self) -> Edition:
        for key in self.data:
            if key not in ("edition", "base", "limits", "pass_share"):
                self._fail(
                    str(key), f"unknown setting {key!r}", "known: edition, base, limits, pass_share"
                )
        base = self._base()
        name = str(self.data.get("edition", Path(self.file).stem))
        limits = dict(base.limits)
        for key, raw in self._table("limits").items():
            limits[str(key)] = self._limit(base, name, str(key), raw)
        shares = {**base.pass_shares, **self._shares()}
        return replace(base, name=name, title=Text(name, name), limits=limits, pass_shares=shares)

    def _base(self) -> Edition:
        try:
            return edition(str(self.data.get("base", DEFAULT)))
        except StandardError as error:
            self._fail("base", error.message, error.remedy)
            raise

    def _table(self, name: str) -> dict[Any, Any]:
        table = self.data.get(name) or {}
        if not isinstance(table, dict):
            self._fail(name, f"{name} must be a table", f"write `{name}: {{name: value}}`")
        return table

    def _limit(self, base: Edition, name: str, key: str, raw: Any) -> Limit:
        if key not in base.limits:
            near = get_close_matches(key, base.limits, n=1)
            remedy = f"did you mean {near[0]}?" if near else "names are in limits.yaml"
            self._fail(f"limits/{key}", f"unknown limit {key!r}", remedy)
        try:
            return _replaced(base.limits[key], raw, name, "USER")
        except TypeError as error:
            unit = base.limits[key].unit
            self._fail(f"limits/{key}", f"limit {key}: {error}", f"its unit is {unit}")
            raise

    def _shares(self) -> dict[str, float]:
        shares: dict[str, float] = {}
        for number, share in self._table("pass_share").items():
            place = f"pass_share/{number}"
            if str(number) not in clauses():
                self._fail(place, f"unknown clause {number!r}", 'quote the number, like "5.2.7.3"')
            if type(share) not in (int, float) or not 0 <= share <= 1:
                self._fail(
                    place, f"pass_share of {number} is no share", "write a number from 0 to 1"
                )
            shares[str(number)] = float(share)
        return shares

    def _fail(self, place: str, message: str, remedy: str) -> None:
        raise StandardError(message, remedy, self.file, self.lines.get(place, 0))
