"""What an agent's page asks for: JSON objects with `do`, read without any I/O (docs/desk.md).

    sign_in   number, password     first of all             sign_out
    ready | not_ready | break      what he wishes
    answer | decline               while it rings
    hold      on                   in a conversation
    transfer  skill                to an agent of this skill
    survey                         how a conversation ends in order (5.2.7.3)
    hang_up   reason               harassment | silent: the caller's line is released too

`read` never raises: what cannot be understood is `Bad`, with a reason that names the remedy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from hotline.switch.figures import LAWFUL_REASONS

MESSAGE_LIMIT = 4096
"""Characters in one message."""
TEXT_LIMIT = 128


@dataclass(frozen=True, slots=True)
class SignIn:
    """The agent with this 工号. `password` is empty where none is needed."""

    number: str
    password: str


@dataclass(frozen=True, slots=True)
class SignOut:
    """He goes; in a conversation the caller gets another agent."""


@dataclass(frozen=True, slots=True)
class Wish:
    """ready (in wrap-up: done) | not_ready | break."""

    wish: str


@dataclass(frozen=True, slots=True)
class Answer:
    """He takes the call that rings."""


@dataclass(frozen=True, slots=True)
class Decline:
    """He lets it pass."""


@dataclass(frozen=True, slots=True)
class Hold:
    """He holds the caller, or takes him back."""

    on: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """To an agent of `skill`, or to the `survey`."""

    skill: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """He hangs up. `reason`: a lawful exception of 5.2.7.3, or `""`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Bad:
    """It could not be understood. `fatal`: not even JSON; the connection must be closed."""

    reason: str
    fatal: bool = False


Asked = SignIn | SignOut | Wish | Answer | Decline | Hold | Transfer | HangUp | Bad


class _MessageError(Exception):
    pass


def read(message: str | bytes) -> Asked:
    """One message of the client."""
    if not isinstance(message, str):
        return Bad("binary message; this endpoint speaks JSON text", fatal=True)
    if len(message) > MESSAGE_LIMIT:
        return Bad(f"message longer than {MESSAGE_LIMIT} characters", fatal=True)
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        return Bad("message is not JSON", fatal=True)
    if not isinstance(content, dict):
        return Bad('message is not a JSON object; send {"do": ...}', fatal=True)
    try:
        return _read(content)
    except _MessageError as problem:
        return Bad(str(problem))


def _read(content: Mapping[str, Any]) -> Asked:
    name = content.get("do")
    known = _COMMANDS.get(name) if isinstance(name, str) else None
    if known is None:
        near = get_close_matches(str(name), _COMMANDS, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(_COMMANDS)}"
        raise _MessageError(f"unknown `do`{hint}")
    fields, make = known
    for field in content:
        if field != "do" and field not in fields:
            wanted = ", ".join(fields) or "no field"
            raise _MessageError(f"{name} takes {wanted}, and one more was given")
    return make(content)


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        raise _MessageError(f"{name} is not a short text")
    return value


def _on(content: Mapping[str, Any]) -> Hold:
    if not isinstance(content.get("on"), bool):
        raise _MessageError("hold needs `on`: true or false")
    return Hold(content["on"])


def _reason(content: Mapping[str, Any]) -> HangUp:
    reason = _text(content, "reason")
    if reason and reason not in LAWFUL_REASONS:
        lawful = ", ".join(sorted(LAWFUL_REASONS))
        raise _MessageError(f"reason is one of {lawful} (5.2.7.3), or left out")
    return HangUp(reason)


def _skill(content: Mapping[str, Any]) -> Transfer:
    if "skill" not in content:
        raise _MessageError('transfer needs `skill`; "" is the general one')
    return Transfer(_text(content, "skill"))


_COMMANDS: Mapping[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Asked]]] = {
    "sign_in": (
        ("number", "password"),
        lambda c: SignIn(_text(c, "number"), _text(c, "password")),
    ),
    "sign_out": ((), lambda c: SignOut()),
    "ready": ((), lambda c: Wish("ready")),
    "not_ready": ((), lambda c: Wish("not_ready")),
    "break": ((), lambda c: Wish("break")),
    "answer": ((), lambda c: Answer()),
    "decline": ((), lambda c: Decline()),
    "hold": (("on",), _on),
    "transfer": (("skill",), _skill),
    "survey": ((), lambda c: Transfer("survey")),
    "hang_up": (("reason",), _reason),
}
