"""A scenario as plain data -> its YAML, as people write it: a line a step, answer and agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from hotline.callers.form import KEYS


def as_yaml(data: Mapping[str, Any]) -> str:
    """The text of a scenario file with this one scenario."""
    lines = []
    for key, value in data.items():
        if key == "given":
            lines.append("given:")
            lines += [f"  {line}" for name, part in value.items() for line in _part(name, part)]
        else:
            lines += _part(key, value)
    return "\n".join(lines) + "\n"


def _part(name: str, value: Any) -> list[str]:
    if isinstance(value, list) and value:
        return [f"{name}:", *(f"  - {_step(item)}" for item in value)]
    return [f"{name}: {_flow(value)}"]


def _step(item: Mapping[str, Any]) -> str:
    """One step: `press: "1"`, not `{press: "1"}`."""
    first, *others = item.items()
    if others:
        return _flow(item)
    name, value = first
    return f"{name}:" if value is None else f"{name}: {_flow(value)}"


class _Dumper(yaml.SafeDumper):
    """Keys and numbers in quotes, whatever YAML would make of them; every value written out."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, value: str) -> yaml.ScalarNode:
        style = '"' if set(value) <= KEYS else None
        return self.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _Dumper.text)


def _flow(value: Any) -> str:
    text = yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=10_000,
    )
    return str(text).removesuffix("\n").removesuffix("\n...")
