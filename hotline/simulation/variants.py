"""Variants of a plan: what would be if. Each is the plan with changes, written as far as they go.

variants:
  one more agent: {groups: {a: {agents: "+1"}}}     # lists of named things by their names
  call-back:      {callback: {probability: 0.5}}    # added
  shorter talk:   {queues: {bill: {handle: "*0.9"}}}    # + - * of a number, a law's mean, levels
  no redials:     {redial: null}                    # taken out
  heat:           {surges: [{name: heat}]}          # other lists are replaced as a whole
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hotline.simulation.parts import PlanError
from menus.model import Place
from menus.reader import Document, NodePath
from menus.wording import Both, Problem, nearest

_RELATIVE = re.compile(r"([+*-])(\d+(?:\.\d+)?)(%?)")
NEEDED = {"queues": "handle", "groups": "skills"}
"""What a new item of a list of named things must say; without it the name was misspelt."""


def variants_of(document: Document) -> Iterator[tuple[str, Document]]:
    """Name and document of each variant. Raises `PlanError`."""
    base = {name: value for name, value in document.data.items() if name != "variants"}
    for name, change in (document.data.get("variants") or {}).items():
        merge = _Merge(document)
        data = merge.mapping(base, change or {}, (), ("variants", name))
        yield name, Document(data, {**document.places, **merge.places}, document.raw)


class _Merge:
    """Puts a change over a plan and remembers where the changed parts are written."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.places: dict[NodePath, Place] = {}

    def value(self, base: Any, change: Any, at: NodePath, source: NodePath) -> Any:
        """`change` over `base`; both stand at `at` in the plan, the change at `source`."""
        self.places[at] = self.document.place(*source)
        if isinstance(change, Mapping):
            if isinstance(base, list):
                return self.named(base, change, at, source)
            if isinstance(base, Mapping) and "distribution" not in change:
                return self.mapping(base, change, at, source)
            return dict(change)
        relative = _RELATIVE.fullmatch(change) if isinstance(change, str) else None
        return self.relative(base, relative, source) if relative else change

    def mapping(
        self, base: Mapping[str, Any], change: Mapping[str, Any], at: NodePath, source: NodePath
    ) -> dict[str, Any]:
        """Field by field; null takes a field out."""
        found = dict(base)
        for one, other in (("agents", "shifts"), ("shifts", "agents")):
            if one in change and one not in base:
                found.pop(other, None)
        for name, value in change.items():
            if value is None:
                found.pop(name, None)
            else:
                found[name] = self.value(base.get(name), value, (*at, name), (*source, name))
        return found

    def named(
        self, base: list[Any], change: Mapping[str, Any], at: NodePath, source: NodePath
    ) -> list[Any]:
        """Items by their names; null takes an item out, a new one is added."""
        found: list[Any] = []
        names: list[str | None] = [
            str(item.get("name")) if isinstance(item, Mapping) else None for item in base
        ]
        for number, item in enumerate(base):
            name = names[number]
            if name is None or name not in change:
                found.append(item)
            elif change[name] is not None:
                own, written = (*at, len(found)), (*source, name)
                found.append(self.mapping(item, change[name], own, written))
        for name in change:
            if name not in names:
                self.new(name, change[name], names, at, source)
                found.append({"name": name, **change[name]})
        return found

    def new(self, name: str, change: Any, names: list[Any], at: NodePath, source: NodePath) -> None:
        """A name that the plan does not have must be a whole item."""
        needed = NEEDED.get(str(at[-1]), "name") if at else "name"
        if isinstance(change, Mapping) and needed in change:
            return
        known = [str(one) for one in names if one]
        near, listed = nearest(str(name), known), ", ".join(known)
        self.wrong(
            (*source, str(name)),
            Both(f"计划里没有 {name}", f"the plan has no {name!r}"),
            Both(f"是否要写 {near}？" if near else f"已有：{listed}",
                 f"did you mean {near!r}?" if near else f"there are: {listed}"),
        )  # fmt: skip

    def relative(self, base: Any, change: re.Match[str], source: NodePath) -> Any:
        """A number changed; of a law its mean, of levels each number."""
        if isinstance(base, bool) or base is None or isinstance(base, str):
            self.wrong(
                source,
                Both("计划里没有可改的数", "there is no number in the plan to change"),
                Both("写出数值", "write the number itself"),
            )
        if isinstance(base, int | float):
            return _changed(base, change)
        if isinstance(base, list):
            return [self.relative(item, change, source) for item in base]
        field = next((name for name in ("mean", "numbers", "calls", "calls_per_hour")
                      if name in base), None)  # fmt: skip
        if field is None:
            self.wrong(
                source,
                Both("这一项没有 mean 或 numbers", "this has no mean or numbers to change"),
                Both("完整写出", "write it in full"),
            )
        return {**base, field: self.relative(base[field], change, source)}

    def wrong(self, source: NodePath, what: Both, hint: Both) -> None:
        """Raise the problem with its place."""
        field = ".".join(map(str, source))
        said = Both(f"{field}：{what.zh}", f"{field}: {what.en}")
        raise PlanError([Problem(self.document.place(*source), said, hint)])


def _changed(base: float, change: re.Match[str]) -> float:
    sign, number, percent = change[1], float(change[2]), change[3]
    by = base * number / 100 if percent else number
    found = base * by if sign == "*" else base + by if sign == "+" else base - by
    if sign == "*" and percent:
        found = by
    whole = isinstance(base, int) and found == int(found)
    return int(found) if whole else found
