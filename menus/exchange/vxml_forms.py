"""Targets, counters and forms of a VoiceXML file as keys and steps of a book."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from menus.exchange.document import Data
from menus.exchange.losses import Path
from menus.exchange.vxml_words import QUIET, SPOKEN, Words, property_of, squeezed
from menus.exchange.vxml_write import EVENT, MARK
from menus.exchange.xmltree import Node, trouble
from menus.services import SERVICES
from menus.wording import Both

_EQUALS = re.compile(r"""[\w.$]+\s*={2,3}\s*(?:'([^']*)'|"([^"]*)"|(\w+))""")
_VALID = re.compile(r"!valid\('(\w+)',.*")
_STRING = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_HANDLERS = ("noinput", "nomatch", "catch", "error", "help")
_LEAVING = ("goto", "throw", "exit", "disconnect", "submit", "return")


@dataclass(slots=True)
class Links:
    """What a handler or a <filled> leads to."""

    branches: list[tuple[str, str]] = field(default_factory=list)
    otherwise: str | None = None


class Forms(Words):
    """Targets, counters and forms of one file."""

    def __init__(self, root: Node, file: str) -> None:
        super().__init__(root, file)
        self.menus: Data = {}
        self.steps: Data = {}
        self.services: Data = {}
        self.dialogs: dict[str, str] = {}
        """id of a dialog -> its target"""
        self.said: dict[str, Data | str] = {}
        """form that only speaks -> its prompt"""
        self.following: dict[str, str] = {}

    # --- names and targets ---------------------------------------------------------------------

    def _id(self, dialog: Node) -> str:
        return dialog.get("id") or f"{dialog.tag}_{dialog.line}"

    def _name(self, dialog: Node, at: int) -> None:
        name = self._id(dialog)
        if name in self.dialogs:
            raise trouble(
                self.file,
                dialog.line,
                f"id {name} 重复",
                f"the id {name!r} is used twice",
                Both("改名", "rename one of them"),
            )
        kind, _, rest = name.partition(".")
        if self.ours and kind in ("menu", "step") and rest:
            self.dialogs[name] = f"{kind}:{rest}"
        elif self.ours and (name == "end" or kind == "agent"):
            self.dialogs[name] = name.replace(".", ":", 1)
        else:
            is_menu = dialog.tag == "menu" or self._chosen(dialog) is not None
            self.dialogs[name] = f"{'menu' if is_menu else 'step'}:{_plain(name)}"

    def _chosen(self, form: Node) -> Node | None:
        """The field of a form that is a menu: options with keys and no other field."""
        fields = list(form.elements("field"))
        if len(fields) == 1 and any(option.get("dtmf") for option in fields[0].elements("option")):
            return fields[0]
        return None

    def _target(self, node: Node, path: Path) -> str | None:
        """Where an element with next, event or expr leads; None where it stays."""
        if node.tag in ("exit", "disconnect"):
            return "end"
        if node.tag == "return":
            return "back"
        event = node.get("event")
        if event:
            return self._event(node, event, path)
        address = node.get("next") or node.get("nextitem")
        if not address:
            self._lost(
                "lost",
                path,
                node,
                f"<{node.tag}> 的去向是计算出来的：{node.get('expr')[:40]}",
                f"where <{node.tag}> leads is computed: {node.get('expr')[:40]}",
            )
            return None
        document, _, fragment = address.partition("#")
        if not document and fragment in self.dialogs:
            return self.dialogs[fragment]
        name = _plain(fragment or PurePosixPath(document.split("?")[0]).stem or address)
        self._lost(
            "changed",
            path,
            node,
            f"{address} 不在这个文件里；写成 step:{name}，请补上",
            f"{address} is not in this file; written as step:{name}, which is yours to add",
        )
        return f"step:{name}"

    def _event(self, node: Node, event: str, path: Path) -> str | None:
        if self.ours and event.startswith(f"{EVENT}."):
            return event.removeprefix(f"{EVENT}.").replace(".", ":", 1)
        known = {
            "exit": "end",
            "cancel": "back",
            "connection.disconnect.hangup": "end",
            "repeat": "repeat",
            "com.hotline.back": "back",
        }
        if event in known:
            return known[event]
        for catch in self.root.elements("catch"):
            if event in catch.get("event").split():
                for child in catch.elements(*_LEAVING):
                    return self._target(child, path)
        self._lost(
            "lost",
            path,
            node,
            f"事件 {event} 没有对应的去向",
            f"the event {event!r} leads nowhere we know",
        )
        return None

    def _counter(self, node: Node, tag: str, path: Path) -> Data:
        """The handlers of one event as a counter."""
        handlers = [h for h in node.elements(*_HANDLERS) if tag in (h.tag, *h.get("event").split())]
        data: Data = {}
        said: list[Data | str] = []
        for handler in sorted(handlers, key=lambda h: _count(h)):
            prompt = self._prompt(handler, (*path, "prompt"))
            if prompt and prompt not in said:
                said.append(prompt)
            leaving = next(handler.elements(*_LEAVING), None)
            if leaving is not None and "then" not in data:
                where = self._target(leaving, (*path, "then"))
                data |= {"limit": min(10, _count(handler) - 1), **given(then=where)}
        if said:
            data["prompt"] = said[0]
        for _ in said[1:]:
            self._lost(
                "lost",
                (*path, "prompt"),
                handlers[-1],
                "菜单文件的每种提示只有一句",
                "a book has one text for each kind of re-prompt",
            )
        return data

    def _bind(self, node: Node, key: str, keys: Data, path: Path) -> None:
        """One choice or link under its key."""
        if not re.fullmatch(r"[0-9*#A-D]", key):
            self._lost(
                "lost",
                path,
                node,
                f"不是单个按键：{key or node.text().strip()[:30]!r}",
                f"not a single key: {key or node.text().strip()[:30]!r}",
            )
        elif node.get("event") == "nomatch":
            keys[key] = None
        elif (where := self._target(node, (*path, key))) is not None:
            keys[key] = where

    def _link(self, link: Node, keys: Data, path: Path) -> None:
        grammar = next(link.elements("grammar"), None)
        said = squeezed(grammar.text()) if grammar and grammar.get("mode") == "dtmf" else ""
        self._bind(link, link.get("dtmf") or said, keys, path)

    # --- forms ---------------------------------------------------------------------------------

    def _form(self, form: Node, name: str) -> None:
        """The steps of one form, chained by `next`."""
        chain: list[tuple[str, Data]] = [(name, self._kept(form))]
        items = [c for c in form.elements() if c.tag not in ("property", *_HANDLERS)]
        for item in items:
            step = chain[-1][1]
            if item.tag == "block":
                self._block(item, chain, name)
            elif item.tag == "field":
                step = self._fresh(chain, name, "collect", "request", "next")
                self._field(item, step, chain[-1][0])
            elif item.tag in ("subdialog", "data"):
                step = self._fresh(chain, name, "request", "next")
                self._request(item, step, chain[-1][0])
            elif item.tag == "transfer":
                step = self._fresh(chain, name, "request", "collect", "next")
                self._transfer(item, step, chain[-1][0])
            elif item.tag == "filled":
                self._after(item, step, chain[-1][0])
            elif item.tag == "link":
                self._lost("lost", ("steps", name), item, "表单级链接", "a link of a form")
            elif not (self.ours and item.tag == "script"):
                self._skipped(item, ("steps", name))
        for (_, step), (following, _) in pairwise(chain):
            step.setdefault("next", f"step:{following}")
        if (
            len(chain) == 1
            and "next" in chain[0][1]
            and set(chain[0][1]) <= {"say", "next", "title"}
        ):
            dialog = self._id(form)
            self.said[dialog] = chain[0][1].get("say", "")
            self.following[dialog] = chain[0][1].get("next", "")
        if self.ours and form.get("id").startswith("notice."):
            return
        self.steps |= dict(chain)

    def _fresh(self, chain: list[tuple[str, Data]], name: str, *taken: str) -> Data:
        """The step to write into: another one where the last has one of `taken` already."""
        if any(part in chain[-1][1] for part in taken):
            following = f"{name}_{len(chain) + 1}"
            while f"step:{following}" in self.dialogs.values():
                following += "_"
            chain.append((following, {}))
        return chain[-1][1]

    def _block(self, block: Node, chain: list[tuple[str, Data]], name: str) -> None:
        path: Path = ("steps", name)
        said = self._prompt(block, (*path, "say"))
        if said:
            step = self._fresh(chain, name, "say", "collect", "request", "next")
            step["say"] = said
        step = chain[-1][1]
        for child in block.elements():
            if child.tag == "assign":
                self._assign(child, step, path)
            elif child.tag == "submit":
                step = self._fresh(chain, name, "request", "next")
                self._request(child, step, chain[-1][0])
            elif child.tag in _LEAVING:
                where = self._target(child, (*path, "next"))
                if where and "next" not in step:
                    step["next"] = where
            elif child.tag not in ("prompt", "audio", "value", "reprompt", *SPOKEN, *QUIET):
                self._skipped(child, path)

    def _assign(self, node: Node, step: Data, path: Path) -> None:
        name = node.get("name").rpartition(".")[2]
        literal = _STRING.fullmatch(node.get("expr"))
        if self.ours and node.get("name") in ("stepping", "known"):
            return
        if literal and re.fullmatch(r"[A-Za-z_]\w*", name):
            text = literal.group(1) if literal.group(1) is not None else literal.group(2)
            step.setdefault("set", {})[name] = _unescaped(text)
        else:
            self._skipped(node, path)

    def _field(self, node: Node, step: Data, name: str) -> None:
        path: Path = ("steps", name, "collect")
        kind, _, wanted = node.get("type").partition("?")
        if kind not in ("digits", "phone", "number", ""):
            self._lost(
                "changed", path, node, f"类型 {kind} 改为 digits", f"type {kind} is read as digits"
            )
        collect: Data = {"kind": "phone" if kind == "phone" else "digits"}
        collect |= {key.removeprefix(f"{MARK}."): value for key, value in self._kept(node).items()}
        lengths = dict(part.split("=", 1) for part in wanted.split(";") if "=" in part)
        least = lengths.get("minlength", lengths.get("length"))
        most = lengths.get("maxlength", lengths.get("length"))
        own = re.fullmatch(r"[A-Za-z_]\w*", node.get("name"))
        collect["name"] = own.group() if own else collect["kind"]
        collect |= given(min=_length(least), max=_length(most))
        collect |= given(
            first_digit_timeout=self._seconds(node, "timeout"),
            inter_digit_timeout=self._seconds(node, "interdigittimeout"),
        )
        terminator = property_of(node, "termchar")
        if terminator in ("#", "*", ""):
            collect["terminator"] = terminator
        keys: Data = {}
        for link in node.elements("link"):
            self._link(link, keys, (*path, "keys"))
        if keys:
            collect["keys"] = keys
        for tag, section in (("noinput", "no_input"), ("nomatch", "wrong")):
            if counter := self._counter(node, tag, (*path, section)):
                collect[section] = counter
        say = self._prompt(node, ("steps", name, "say"))
        if say:
            before = step.get("say")
            step["say"] = _joined(before, say) if before else say
        for child in node.elements("grammar"):
            self._skipped(child, path)
        for filled in node.elements("filled"):
            self._after(filled, step, name, collect)
        step["collect"] = collect

    def _after(self, filled: Node, step: Data, name: str, collect: Data | None = None) -> None:
        """What follows an input: a check of ours, or where the call goes."""
        path: Path = ("steps", name)
        for condition in filled.elements("if"):
            check = _VALID.fullmatch(condition.get("cond"))
            if check and collect is not None:
                collect["check"] = check.group(1)
                filled.children.remove(condition)
        for submit in filled.elements("submit"):
            self._request(submit, step, name)
            return
        links = self._links(filled, path)
        if links.branches:
            self._lost(
                "lost",
                path,
                filled,
                "按输入内容分支在菜单文件中要写成服务的结果",
                "branches by what was typed: a book needs a service with outcomes for that",
            )
        where = links.otherwise or (links.branches[0][1] if links.branches else None)
        if where:
            step["next"] = where

    def _request(self, node: Node, step: Data, name: str) -> None:
        address = node.get("src") or node.get("next") or node.get("srcexpr") or "service"
        service = _plain(
            PurePosixPath(address.split("?")[0].rstrip("/")).name.partition(".")[0] or "service"
        )
        step["request"] = service
        path: Path = ("steps", name)
        links = Links()
        for filled in node.elements("filled"):
            for child in filled.elements("assign"):
                if not self.ours:
                    self._skipped(child, path)
            links = self._links(filled, path)
        outcomes = dict(links.branches)
        for handler in node.elements("error", "catch"):
            for child in handler.elements(*_LEAVING):
                if (where := self._target(child, path)) is not None:
                    outcomes["failed"] = where
        if outcomes:
            step["on"] = outcomes
        if links.otherwise:
            step["next"] = links.otherwise
        if service not in SERVICES:
            self._declare(node, service, [one for one in outcomes if one != "failed"])

    def _declare(self, node: Node, service: str, outcomes: list[str]) -> None:
        """A service of the file that is none of the built-in ones."""
        given = [param.get("name") for param in node.elements("param")] or node.get(
            "namelist"
        ).split()
        needs = [
            name for one in given if re.fullmatch(r"[A-Za-z_]\w*", name := one.rpartition(".")[2])
        ]
        known = self.services.setdefault(service, {"outcomes": []})
        known["outcomes"] = list(dict.fromkeys([*known["outcomes"], *(outcomes or ["done"])]))
        if needs:
            known["needs"] = list(dict.fromkeys([*known.get("needs", []), *needs]))
        if not self.ours:
            self._lost(
                "changed",
                ("services", service),
                node,
                f"写成服务 {service}，须另行实现",
                f"written as the service {service!r}, which needs a program",
            )

    def _transfer(self, node: Node, step: Data, name: str) -> None:
        if said := self._prompt(node, ("steps", name, "say")):
            step["say"] = _joined(step["say"], said) if step.get("say") else said
        step["next"] = "agent"
        self._lost(
            "changed",
            ("steps", name),
            node,
            f"转接到 {node.get('dest') or node.get('destexpr')} 写成 agent",
            f"the transfer to {node.get('dest') or node.get('destexpr')} is written as agent",
        )

    def _links(self, filled: Node, path: Path) -> Links:
        """The branches of an <if> chain, and where it goes without one."""
        links = Links()
        for child in filled.elements():
            if child.tag in _LEAVING:
                links.otherwise = links.otherwise or self._target(child, path)
            elif child.tag == "if":
                self._branches(child, links, path)
            elif child.tag in ("prompt", "audio"):
                self._lost("lost", path, child, "分支里的提示音", "a prompt inside a branch")
        return links

    def _branches(self, node: Node, links: Links, path: Path) -> None:
        condition = node.get("cond")
        for child in node.elements():
            if child.tag in ("elseif", "else"):
                condition = child.get("cond") if child.tag == "elseif" else ""
                continue
            if child.tag not in _LEAVING:
                if child.tag not in ("assign", "reprompt", "clear"):
                    self._skipped(child, path)
                continue
            where = self._target(child, path)
            value = _EQUALS.fullmatch(condition.strip())
            if where is None:
                continue
            if value:
                links.branches.append((next(v for v in value.groups() if v is not None), where))
            elif not condition:
                links.otherwise = where
            else:
                self._lost(
                    "lost",
                    path,
                    child,
                    f"条件太复杂：{condition[:40]}",
                    f"a condition we cannot say: {condition[:40]}",
                )


def _count(handler: Node) -> int:
    text = handler.get("count", "1")
    return max(1, int(text)) if text.isdigit() else 1


def _length(text: str | None) -> int | None:
    return min(40, max(1, int(text))) if text and text.strip().isdigit() else None


def given(**values: Any) -> Data:
    """Those that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def _plain(name: str) -> str:
    """An id as books allow it."""
    return re.sub(r"[\s:.*#\"'/]+", "_", name).strip("_") or "_"


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found.group(1), found.group(1)), text)


def _joined(before: Data | str, after: Data | str) -> Data | str:
    if isinstance(before, str) and isinstance(after, str):
        return f"{before} {after}"
    return after
