"""What all scenarios of a file share: a document, or list item, that is nothing but `defaults:`.

    defaults: {caller: {area: "1001"}, tags: [smoke], never: [{hear: {prompt: error}}]}
    ---
    scenario: ...

It holds from there to the end of the file. A scenario's own word wins; `caller` and `given` are
joined entry by entry, `tags`, `always` and `never` are added to.
"""

from __future__ import annotations

from typing import Any

from menus.reader import Document, NodePath

DEFAULT_KEYS = (
    "caller",
    "persona",
    "agent_is",
    "given",
    "always",
    "never",
    "tags",
    "seed",
    "limit",
)
"""What a file may set for all its scenarios."""
_JOINED = ("caller", "given")
_ADDED = ("always", "never", "tags")


def with_defaults(scenario: Document, shared: Document) -> Document:
    """The document of a scenario with what it does not say itself from `shared`."""
    merged = _Merger(scenario, shared)
    data: dict[str, Any] = dict(scenario.data)
    for key, value in shared.data.items():
        own = data.get(key)
        if own is None:
            data[key] = value
            merged.take((key,))
        elif key in _JOINED and isinstance(own, dict) and isinstance(value, dict):
            data[key] = value | own
            for name in value.keys() - own.keys():
                merged.take((key, name))
        elif key in _ADDED and isinstance(own, list) and isinstance(value, list):
            data[key] = own + value
            for at in range(len(value)):
                merged.take((key, at), (key, at + len(own)))
    return Document(data, merged.places, merged.raw)


class _Merger:
    """Brings places and written forms along."""

    def __init__(self, scenario: Document, shared: Document) -> None:
        self._shared = shared
        self.places = dict(scenario.places)
        self.raw = dict(scenario.raw)

    def take(self, path: NodePath, to: NodePath | None = None) -> None:
        """Everything at and below `path` of the shared part, put at `to`."""
        to = path if to is None else to
        depth = len(path)
        for at, place in self._shared.places.items():
            if at[:depth] == path:
                self.places[(*to, *at[depth:])] = place
        for at, text in self._shared.raw.items():
            if at[:depth] == path:
                self.raw[(*to, *at[depth:])] = text
