"""Records written by hand in scenarios: rows of `given`, completed with plain defaults.

    given:
      customers: [{account: "1000000099", phone: "13900000000", area: "1001", balance: -5000}]
      outages: [{area: "1001", cause: storm, etr: "2026-11-23T18:00"}]

A customer's `phone` binds that telephone to the account. An outage's `cause` and `status` are codes
of `menus.services.WORDS` (`cause.*`, `outage.*`), with or without the part before the dot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_type_hints

from hotline.services.model import INDEXES, Binding, Outage, Record
from menus.services import WORDS

KINDS: Mapping[str, type[Record]] = {
    "".join("_" + c.lower() if c.isupper() else c for c in kind.__name__).lstrip("_"): kind
    for kind in INDEXES
}
"""name in scenarios, singular -> kind of record"""

_CODES: Mapping[tuple[type[Record], str], tuple[str, str]] = {
    (Outage, "cause"): ("cause", "line"),
    (Outage, "status"): ("outage", "dispatched"),
}
"""(kind, field) -> the part of the vocabulary its codes come from, and the default"""


class FixtureError(ValueError):
    """A row that cannot be a record: names the kind and the field."""


def kind_of(name: str) -> type[Record]:
    """The kind named `name`, singular or plural. Raises `FixtureError` with the names there are."""
    kind = KINDS.get(name) or KINDS.get(name.removesuffix("s"))
    if kind is None:
        raise FixtureError(f"no records {name!r}; there are {', '.join(sorted(KINDS))}")
    return kind


def records(name: str, row: Mapping[str, object], serial: int, now: datetime) -> Iterator[Record]:
    """The record that `row` of table `name` describes, and a customer's binding. `serial` keeps
    keys apart that the row does not give; `now` is the default of instants."""
    kind = kind_of(name)
    given = dict(row)
    phone = given.pop("phone", None) if name.startswith("customer") else None
    hints = get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}
    for field_name in given:
        if field_name not in known:
            raise FixtureError(
                f"{name}: no field {field_name!r}; there are {', '.join(sorted(known))}"
            )
    values: dict[str, Any] = {}
    for field_name, field in known.items():
        if field_name in given:
            value = _converted(name, field_name, hints[field_name], given[field_name])
            values[field_name] = _code(name, kind, field_name, value)
        elif field.default is MISSING and field.default_factory is MISSING:
            values[field_name] = _default(kind, field_name, hints[field_name], serial, now)
    record = kind(**values)
    yield record
    if phone is not None:
        yield Binding(f"{phone}-{record.key}", str(phone), record.key)


def _plain(hint: Any) -> Any:
    """`X` of `X | None`."""
    if isinstance(hint, UnionType):
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def _converted(name: str, field_name: str, hint: Any, value: object) -> Any:
    hint = _plain(hint)
    if value is None:
        return None
    try:
        if hint is bool:
            if isinstance(value, bool):
                return value
            return {"true": True, "false": False}[str(value).lower()]
        if hint in (datetime, date):
            return value if type(value) is hint else hint.fromisoformat(str(value))
        return hint(value) if not isinstance(value, hint) else value
    except (ValueError, KeyError, TypeError) as error:
        raise FixtureError(f"{name}: {field_name} cannot be {value!r}") from error


def _code(name: str, kind: type[Record], field_name: str, value: Any) -> Any:
    """`value`, or, where the field holds a code of the vocabulary, the code it names."""
    if (kind, field_name) not in _CODES:
        return value
    prefix, _ = _CODES[kind, field_name]
    code = str(value).removeprefix(f"{prefix}.")
    if f"{prefix}.{code}" not in WORDS:
        codes = sorted(word.split(".")[1] for word in WORDS if word.startswith(f"{prefix}."))
        raise FixtureError(f"{name}: no {field_name} {code!r}; there are {', '.join(codes)}")
    return code


def _default(kind: type[Record], field_name: str, hint: Any, serial: int, now: datetime) -> Any:
    if field_name == kind.KEY:
        return f"given-{serial}"
    if (kind, field_name) in _CODES:
        return _CODES[kind, field_name][1]
    hint = _plain(hint)
    if hint is datetime:
        return now + timedelta(hours=2) if field_name in ("etr", "due") else now
    if hint is date:
        return now.date()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    return hint()
