"""Plans written as YAML that a person can go on with: times of day quoted, numbers on one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

_TIME = re.compile(r"\d?\d:\d\d(-\d?\d:\d\d)?$")
_SHORT = 6
"""A mapping of at most so many plain values stands on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes as a person would."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = '"' if _TIME.match(text) or text.isdigit() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=quoted)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    plain = all(not isinstance(item, (dict, list)) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=plain)


def _mapping(dumper: yaml.SafeDumper, data: dict[str, Any]) -> yaml.MappingNode:
    plain = len(data) <= _SHORT and all(_plain(value) for value in data.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=plain)


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= _SHORT and all(_plain(item) for item in value)
    return not isinstance(value, dict)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(dict, _mapping)


def plan_text(data: Mapping[str, Any], remarks: str = "") -> str:
    """`data` as YAML; `remarks` become comment lines in front."""
    lead = "".join(f"# {line}\n" for line in remarks.splitlines())
    text: str = yaml.dump(dict(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=96)
    return lead + text
