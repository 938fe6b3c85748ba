"""Frozen dataclasses <-> JSON text: journal entries, and call records.

    KeyPressed(at=1.5, call="c1", key="5")  <->  {"$":"KeyPressed","at":1.5,"call":"c1","key":"5"}

`"$"` names the class. Every field is written, also those at their default, so that a journal keeps
its meaning when a default changes. Loading is strict: an unknown class or field, a missing field
without default, or a value of another type is a `CodecError`. A field that a newer version added
takes its default, so that old journals stay readable.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from hotline.store.errors import CodecError
from hotline.switch import actions, events, record
from hotline.switch.record import CallRecord, Entry

CLASS = "$"

Build = Callable[[Any], Any]


class Codec:
    """Writes and reads objects of `classes` (frozen dataclasses, told apart by name)."""

    def __init__(self, classes: Iterable[type]) -> None:
        self._classes = {cls.__name__: cls for cls in classes}
        self._names = {
            cls: tuple(field.name for field in fields(cls)) for cls in self._classes.values()
        }
        self._builders: dict[str, Callable[[dict[str, Any]], Any]] = {}

    @property
    def classes(self) -> Mapping[str, type]:
        """The known classes by name."""
        return self._classes

    def dumps(self, value: object) -> str:
        """JSON text of `value`. Raises CodecError for an object of an unknown class."""
        return json.dumps(value, default=self._plain, separators=(",", ":"))

    def _plain(self, value: object) -> dict[str, Any]:
        names = self._names.get(type(value))
        if names is not None:
            plain: dict[str, Any] = {CLASS: type(value).__name__}
            for name in names:
                plain[name] = getattr(value, name)
            return plain
        if isinstance(value, Mapping):
            return dict(value)
        raise CodecError(f"{type(value).__name__} is not a class the journal knows")

    def loads(self, text: str) -> Any:
        """The object that `dumps` wrote. Raises CodecError."""
        try:
            plain = json.loads(text)
        except ValueError as error:
            raise CodecError(f"stored text is not JSON ({error})") from None
        return self.build(plain)

    def build(self, plain: Any, *expected: type) -> Any:
        """The object of `plain`, of one of the `expected` classes if there are any."""
        name = plain.get(CLASS) if isinstance(plain, dict) else None
        if not isinstance(name, str) or name not in self._classes:
            raise CodecError(f"stored object has the unknown class {name!r}")
        if expected and not issubclass(self._classes[name], expected):
            names = " or ".join(cls.__name__ for cls in expected)
            raise CodecError(f"stored object is {name} where {names} belongs")
        builder = self._builders.get(name)
        if builder is None:
            builder = self._builders[name] = self._builder(self._classes[name])
        return builder(plain)

    # --- one builder per class, made of one checker per field -----------------------------------

    def _builder(self, cls: type) -> Callable[[dict[str, Any]], Any]:
        hints = get_type_hints(cls)
        checks = {field.name: self._check(hints[field.name]) for field in fields(cls)}
        required = {
            field.name
            for field in fields(cls)
            if field.default is MISSING and field.default_factory is MISSING
        }

        def build(plain: dict[str, Any]) -> Any:
            values = {}
            for name, value in plain.items():
                if name == CLASS:
                    continue
                check = checks.get(name)
                if check is None:
                    raise CodecError(f"{cls.__name__} has no field {name!r}")
                try:
                    values[name] = check(value)
                except (TypeError, ValueError):
                    raise CodecError(f"{cls.__name__}.{name} has a value of another type") from None
            missing = required - values.keys()
            if missing:
                raise CodecError(f"{cls.__name__} lacks {', '.join(sorted(missing))}")
            return cls(**values)

        return build

    def _check(self, hint: Any) -> Build:
        """A function that turns JSON into a value of type `hint`, or raises TypeError."""
        origin, args = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            return self._check_union(args)
        if origin is tuple:
            return self._check_tuple(args)
        if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
            return self._check_mapping(args)
        if hint is object:
            return self.build
        if hint is type(None):
            return _exactly(type(None))
        if isinstance(hint, type) and issubclass(hint, Enum):
            return hint
        if is_dataclass(hint):
            return lambda plain: self.build(plain, hint)  # type: ignore[arg-type]
        if hint is float:
            return _exactly(float, int)
        if hint in (str, int, bool):
            return _exactly(hint)
        raise TypeError(f"no JSON form for {hint}")

    def _check_union(self, args: tuple[Any, ...]) -> Build:
        if all(is_dataclass(arg) for arg in args):
            return lambda plain: self.build(plain, *args)
        # an absent dataclass is null: ask the plain types first
        checks = [self._check(arg) for arg in sorted(args, key=is_dataclass)]

        def check(plain: Any) -> Any:
            for one in checks:
                try:
                    return one(plain)
                except (TypeError, ValueError):
                    continue
            raise TypeError

        return check

    def _check_tuple(self, args: tuple[Any, ...]) -> Build:
        if len(args) == 2 and args[1] is ...:
            item = self._check(args[0])
            return lambda plain: tuple([item(one) for one in _list(plain)])
        items = [self._check(arg) for arg in args]

        def check(plain: Any) -> Any:
            if len(_list(plain)) != len(items):
                raise TypeError
            return tuple(item(one) for item, one in zip(items, plain, strict=True))

        return check

    def _check_mapping(self, args: tuple[Any, ...]) -> Build:
        value = self._check(args[1])

        def check(plain: Any) -> Any:
            if not isinstance(plain, dict):
                raise TypeError
            return {key: value(one) for key, one in plain.items()}

        return check


def _exactly(*kinds: type) -> Build:
    def check(plain: Any) -> Any:
        if type(plain) not in kinds:
            raise TypeError
        return plain

    return check


def _list(plain: Any) -> list[Any]:
    if not isinstance(plain, list):
        raise TypeError
    return plain


def _dataclasses_of(module: types.ModuleType, base: type) -> list[type]:
    classes = [value for value in vars(module).values() if isinstance(value, type)]
    return [cls for cls in classes if issubclass(cls, base) and cls.__module__ == module.__name__]


EVENTS = Codec(
    [
        *_dataclasses_of(events, events.Event),
        *_dataclasses_of(actions, actions.Action),
        actions.Prompt,
        actions.Music,
        actions.Tone,
        events.MediaQuality,
    ]
)
"""Every event and action, and what can be played."""

RECORDS = Codec([
    events.MediaQuality,
    *(
        value
        for value in vars(record).values()
        if isinstance(value, type) and is_dataclass(value) and value.__module__ == record.__name__
        and value is not Entry
    ),
])  # fmt: skip
"""Call records and all inside them."""


def dump_entries(entries: Iterable[Entry]) -> str:
    """Journal entries as JSON text."""
    return EVENTS.dumps([[entry.to, entry.event] for entry in entries])


def load_entries(text: str) -> list[Entry]:
    """The entries that `dump_entries` wrote. Raises CodecError."""
    try:
        plain = json.loads(text)
        return [Entry(_exactly(str)(to), EVENTS.build(event, events.Event)) for to, event in plain]
    except (TypeError, ValueError):
        raise CodecError("stored journal is not a list of entries") from None


def dump_record(record: CallRecord) -> str:
    """A call record as JSON text."""
    return RECORDS.dumps(record)


def load_record(text: str) -> CallRecord:
    """The record that `dump_record` wrote. Raises CodecError."""
    loaded = RECORDS.loads(text)
    if not isinstance(loaded, CallRecord):
        raise CodecError(f"stored object is {type(loaded).__name__} where CallRecord belongs")
    return loaded
