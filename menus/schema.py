"""A book against `schema.json`, with errors that name the culprit, its line and the remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from menus.reader import Document, NodePath
from menus.wording import NOWHERE, Both, Problem, nearest

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

_TYPES = {
    "string": Both("文字", "a text"),
    "object": Both("键值表", "a mapping"),
    "array": Both("列表", "a list"),
    "integer": Both("整数", "a whole number"),
    "number": Both("数", "a number"),
    "boolean": Both("true 或 false", "true or false"),
    "null": Both("null", "null"),
}


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of menu books, for editors and for `check`."""
    text = files("menus").joinpath("schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # 0.1 s to import: only where a book is read

    return Draft202012Validator(schema())


def check(document: Document, form: Draft202012Validator | None = None) -> list[Problem]:
    """Every way in which the document is not of the book's form, or of another `form`."""
    problems: dict[Problem, None] = {}  # each once: a missing key is told with all that are missing
    for error in (form or _validator()).iter_errors(document.data):
        problems |= dict.fromkeys(_explain(error, document))
    return list(problems)


def _explain(error: ValidationError, document: Document) -> Iterator[Problem]:
    path: NodePath = tuple(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        yield _bad_name(error, document, path)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(error, document, path)
    elif error.validator == "required":
        yield from _missing(error, document, path)
    else:
        yield Problem(document.place(*path), *_mismatch(error, document, path))


def _where(path: NodePath) -> str:
    return ".".join(str(part) for part in path)


def _unknown_keys(error: Any, document: Document, path: NodePath) -> Iterator[Problem]:
    import re

    known = list(error.schema.get("properties", {}))
    patterns = list(error.schema.get("patternProperties", {}))
    for key in error.instance:
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        meant = nearest(key, known)
        inside = _where(path)
        if meant:
            hint = Both(f"是否要写 {meant}？", f"did you mean {meant!r}?")
        elif error.instance[key] is None:  # {prompt: For English, press 8.}
            hint = Both(
                "花括号里含有逗号的文字要加引号",
                "inside braces, quote a text that contains a comma",
            )
        else:
            hint = Both(f"可用：{'、'.join(known)}", f"known keys: {', '.join(known)}")
        yield Problem(
            document.place(*path, key),
            Both(
                f"{inside or '最上层'} 中没有名为 {key} 的键",
                f"unknown key {key!r}" + (f" in {inside}" if inside else ""),
            ),
            hint,
        )


def _missing(error: Any, document: Document, path: NodePath) -> Iterator[Problem]:
    for key in error.validator_value:
        if key not in error.instance:
            what = error.schema.get("properties", {}).get(key, {}).get("description", "")
            yield Problem(
                document.place(*path),
                Both(
                    f"{_where(path) or '最上层'} 缺少 {key}",
                    f"{key!r} is missing" + (f" in {_where(path)}" if path else ""),
                ),
                Both(f"加上 {key}: ...", f"add {key}: ... {what}".rstrip()),
            )


def _bad_name(error: Any, document: Document, path: NodePath) -> Problem:
    key = error.instance
    description = error.schema.get("description", "")
    chinese = error.schema.get("x-zh", description)
    return Problem(
        document.place(*path, key),
        Both(f"{_where(path)} 中的名称 {key!r} 不合规定", f"{key!r} is no name for {_where(path)}"),
        Both(
            f"规定：{chinese or error.validator_value}",
            description or f"must match {error.validator_value}",
        ),
    )


def _mismatch(error: Any, document: Document, path: NodePath) -> tuple[Both, Both]:
    """Message and hint of a value of the wrong type or shape."""
    where, value = _where(path) or "/", error.instance
    shown = document.raw.get(path, json.dumps(value, ensure_ascii=False, default=str))
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    if error.validator == "type":
        wanted = error.validator_value
        names = [_TYPES[t] for t in ([wanted] if isinstance(wanted, str) else wanted)]
        message = Both(
            f"{where} 应为{'或'.join(n.zh for n in names)}，实为 {shown}",
            f"{where} must be {' or '.join(n.en for n in names)}, not {shown}",
        )
        if isinstance(value, bool | int | float) and "string" in wanted:
            return message, Both(f'写成 "{shown}"', f'write "{shown}" in quotes')
        return message, _description(error)
    if error.validator in ("enum", "const"):
        allowed = [error.validator_value] if error.validator == "const" else error.validator_value
        listed = ", ".join(json.dumps(one, ensure_ascii=False) for one in allowed)
        meant = nearest(str(value), [str(one) for one in allowed])
        hint = Both(f"是否要写 {meant}？", f"did you mean {meant!r}?") if meant else NOWHERE
        return Both(
            f"{where} 不能是 {shown}，可用：{listed}",
            f"{where} cannot be {shown}; available: {listed}",
        ), hint
    if error.validator == "dependentRequired":
        return Both(f"{where} 中的键不完整：{error.message}", f"{where}: {error.message}"), NOWHERE
    return (
        Both(f"{where} 的值 {shown} 不合规定", f"{where}: {shown} is not allowed here"),
        _description(error),
    )


def _description(error: Any) -> Both:
    text = error.schema.get("description", "") or error.message
    return Both(f"规定：{error.schema.get('x-zh', text)}", text)
