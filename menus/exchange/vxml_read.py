"""VoiceXML 2.x as a book: our own files exactly, other people's as far as they are menus.

    <menu>                       a menu; choices by `dtmf`, or 1 to 9 where dtmf="true"
    <form> with one <field> of <option dtmf=> and an <if> chain in <filled>     a menu too
    <form> otherwise             a chain of steps: <block>, <field>, <subdialog>|<data>|<submit>,
                                 <transfer>, one step for each say - collect - request
    <link dtmf=> of the document a common key

Everything that is skipped is named with its line: scripts, variables, grammars for speech, other
documents. Prompts that are recordings only become `...`, which lint reports as still to be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from menus import defaults
from menus.exchange.document import Data, braced, canonical, leaves
from menus.exchange.losses import Loss, Path
from menus.exchange.vxml_write import EVENT, MARK, NAMESPACE, kept
from menus.exchange.xmltree import XML_LANG, Node, read, trouble
from menus.model import Place
from menus.services import SERVICES
from menus.wording import Both

_EXPRESSION = re.compile(r"(?:\w+\.)*([A-Za-z_]\w*)")
_HERE = re.compile(r"here\('[^']*'(?:, '([^']*)')?\)")
_EQUALS = re.compile(r"""[\w.$]+\s*={2,3}\s*(?:'([^']*)'|"([^"]*)"|(\w+))""")
_VALID = re.compile(r"!valid\('(\w+)',.*")
_LANGUAGE = re.compile(r"""language\s*==\s*'([^']+)'""")
_STRING = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_COMMON = re.compile(r"^var commonTexts = (\{.*\});$", re.MULTILINE)
_REGIONS = {"zh": "zh-CN", "en": "en-US", "cmn": "zh-CN", "bo": "bo-CN", "ug": "ug-CN"}
_HANDLERS = ("noinput", "nomatch", "catch", "error", "help")
_LEAVING = ("goto", "throw", "exit", "disconnect", "submit", "return")
_QUIET = ("break", "mark", "metadata", "desc")
_SPOKEN = ("emphasis", "prosody", "voice", "p", "s", "phoneme", "lang", "foreach")


def read_book(content: bytes, file: str) -> tuple[Data, list[Loss]]:
    """The document that a VoiceXML file means, and what of the file is not in it.

    Raises `BookError` for what is no VoiceXML, or has no menu at all.
    """
    root = read(content, file)
    if root.tag != "vxml":
        raise trouble(
            file,
            root.line,
            f"根元素是 <{root.tag}>，不是 <vxml>",
            f"the root element is <{root.tag}>, not <vxml>",
            Both(
                "FreeSWITCH 文件请用 --from freeswitch",
                "for FreeSWITCH files say --from freeswitch",
            ),
        )
    reader = _Reader(root, file)
    data = reader.document()
    return canonical(data, file, reader.places()), reader.losses


@dataclass(slots=True)
class _Links:
    """What a handler or a <filled> leads to."""

    branches: list[tuple[str, str]] = field(default_factory=list)
    otherwise: str | None = None


class _Reader:
    """One pass over one file."""

    def __init__(self, root: Node, file: str) -> None:
        self.root = root
        self.file = file
        self.losses: list[Loss] = []
        self.ours = any(
            meta.get("name") == "generator" and meta.get("content") == MARK
            for meta in root.elements("meta")
        )
        self.language = self._code(root.get(XML_LANG)) or defaults.ZH
        self.menus: Data = {}
        self.steps: Data = {}
        self.services: Data = {}
        self.dialogs: dict[str, str] = {}
        """id of a dialog -> its target"""
        self.said: dict[str, Data | str] = {}
        """form that only speaks -> its prompt"""
        self.following: dict[str, str] = {}

    # --- the document --------------------------------------------------------------------------

    def document(self) -> Data:
        root = self.root
        dialogs = list(root.elements("menu", "form"))
        for at, dialog in enumerate(dialogs):
            self._name(dialog, at)
        if not any(where.startswith("menu:") for where in self.dialogs.values()):
            raise trouble(
                self.file,
                root.line,
                "文件里没有菜单",
                "there is no menu in this file",
                Both(
                    "需要 <menu> 或带 <option dtmf> 的 <form>",
                    "a <menu>, or a <form> with <option dtmf>, is needed",
                ),
            )
        data: Data = {"version": 1, "language": self.language} | self._metas()
        data |= self._settings()
        for dialog in dialogs:
            self._dialog(dialog)
        self._odd_children()
        data |= self._opening(dialogs)
        data["menus"] = self.menus
        if self.steps:
            data["steps"] = self.steps
        if self.services:
            data["services"] = {**self.services, **data.get("services", {})}
        return data

    def places(self) -> dict[Path, Place]:
        """Where each dialog is written, for messages about it."""
        lines = {self._id(node): node.line for node in self.root.elements("menu", "form")}
        kinds = {name: where.partition(":") for name, where in self.dialogs.items()}
        return {
            (f"{kind}s", arg): Place(self.file, lines[name])
            for name, (kind, _, arg) in kinds.items()
        }

    def _metas(self) -> Data:
        found: Data = {}
        for meta in self.root.elements("meta"):
            name = meta.get("name")
            if name.startswith(f"{MARK}."):
                found[name.removeprefix(f"{MARK}.")] = kept(meta.get("content"))
        return found

    def _settings(self) -> Data:
        """Timeouts, common keys and handlers of the whole document."""
        data: Data = {}
        timeouts = _given(
            first_digit=self._seconds(self.root, "timeout"),
            inter_digit=self._seconds(self.root, "interdigittimeout"),
        )
        if timeouts:
            data["timeouts"] = timeouts
        terminator = _property(self.root, "termchar")
        if terminator is not None:
            data["terminator"] = terminator if terminator in ("#", "*", "") else "#"
        keys: Data = {}
        for link in self.root.elements("link"):
            self._link(link, keys, ("common_keys",))
        if keys:
            data["common_keys"] = keys
        for tag, section in (("noinput", "no_input"), ("nomatch", "wrong_key")):
            if counter := self._counter(self.root, tag, (section,)):
                data[section] = counter
        for script in self.root.elements("script"):
            common = _COMMON.search(script.text()) if self.ours else None
            if common and kept(common.group(1)):
                data["common_prompt"] = kept(common.group(1))
        return data

    def _odd_children(self) -> None:
        """Names what stands at the top of the file and is no dialog, link or handler."""
        known = {"menu", "form", "link", "noinput", "nomatch", "meta", "metadata"}
        for child in self.root.elements():
            if self.ours or child.tag in known or child.namespace not in ("", NAMESPACE):
                continue
            if child.tag == "property" and child.get("name") in (
                "timeout",
                "interdigittimeout",
                "termchar",
            ):
                continue
            self._skipped(child, ())

    def _opening(self, dialogs: list[Node]) -> Data:
        """Greeting, notices and start: the forms that only speak before the first menu."""
        data: Data = {}
        first = self._id(dialogs[0])
        notices: list[Data] = []
        seen: set[str] = set()
        where = self.dialogs[first]
        at = first
        while where.startswith("step:") and at in self.said and at not in seen:
            seen.add(at)
            prompt = self.said[at]
            if at == "greeting" or ("greeting" not in data and not self.ours and prompt):
                data["greeting"] = prompt
            elif prompt or self.ours:
                notices.append(_notice(at, prompt))
            self._unstep(at)
            where = self.following.get(at, "")
            at = self._dialog_of(where)
        if notices:
            data["notices"] = notices
        if not where.startswith("menu:"):
            found = next(one for one in self.dialogs.values() if one.startswith("menu:"))
            self._lost(
                "changed",
                ("start",),
                dialogs[0],
                f"文件从 {first} 开始，它不是菜单；起始菜单取 {found}",
                f"the file starts with {first}, which is no menu; the book starts with {found}",
            )
            where = found
        data["start"] = where.removeprefix("menu:")
        if self.ours:
            data |= self._standing()
        return data

    def _standing(self) -> Data:
        """Closing phrase and transfer of our own files."""
        data: Data = {}
        for name in ("end", "agent"):
            prompt = self.said.get(name)
            if prompt and name == "end":
                data["closing"] = prompt
            elif prompt:
                metas = self._metas().get("waiting", {})
                data["waiting"] = {**metas, "transfer": prompt}
        return data

    def _dialog_of(self, where: str) -> str:
        return next((one for one, to in self.dialogs.items() if to == where), "")

    def _unstep(self, dialog: str) -> None:
        """Take away a form that became a greeting, unless something leads back to it."""
        where = self.dialogs[dialog]
        if not any(value == where for _, value in leaves([self.menus, self.steps])):
            self.steps.pop(where.partition(":")[2], None)

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

    # --- dialogs -------------------------------------------------------------------------------

    def _dialog(self, dialog: Node) -> None:
        where = self.dialogs[self._id(dialog)]
        kind, _, name = where.partition(":")
        if dialog.tag == "menu":
            self.menus[name] = self._menu(dialog, name)
        elif kind == "menu":
            self.menus[name] = self._menu_of_options(dialog, name)
        elif kind == "step":
            self._form(dialog, name)
        else:
            for block in dialog.elements("block"):
                self.said[where.replace(":", ".")] = self._prompt(block, ("closing",))

    def _menu(self, node: Node, name: str) -> Data:
        path: Path = ("menus", name)
        data = self._kept(node)
        keys: Data = {}
        labels: dict[str, str] = {}
        number = 0
        for choice in node.elements("choice"):
            key = choice.get("dtmf").replace(" ", "")
            if not key and node.get("dtmf") == "true" and number < 9:
                number += 1
                key = str(number)
            self._bind(choice, key, keys, (*path, "keys"))
            if key and choice.text().strip():
                labels[key] = _squeezed(choice.text())
        data["keys"] = keys
        self._common_parts(data, node, path, labels)
        language = self._switch(node)
        return data | ({"language": language} if language else {})

    def _common_parts(self, data: Data, node: Node, path: Path, labels: Mapping[str, str]) -> None:
        """Prompt, waiting time and handlers of anything that offers keys."""
        if prompt := self._prompt(node, (*path, "prompt"), labels):
            data["prompt"] = prompt
        first = self._seconds(node, "timeout")
        if first is not None:
            data["first_digit_timeout"] = first
        for tag, section in (("noinput", "no_input"), ("nomatch", "wrong_key")):
            if counter := self._counter(node, tag, (*path, section)):
                data[section] = counter

    def _chosen(self, form: Node) -> Node | None:
        """The field of a form that is a menu: options with keys and no other field."""
        fields = list(form.elements("field"))
        if len(fields) == 1 and any(option.get("dtmf") for option in fields[0].elements("option")):
            return fields[0]
        return None

    def _menu_of_options(self, form: Node, name: str) -> Data:
        path: Path = ("menus", name)
        found = self._chosen(form)
        assert found is not None
        filled = next((n for n in (*found.elements("filled"), *form.elements("filled"))), None)
        links = self._links(filled, path) if filled else _Links()
        by_value = dict(links.branches)
        keys: Data = {}
        labels: dict[str, str] = {}
        for option in found.elements("option"):
            key, value = option.get("dtmf"), option.get("value") or _squeezed(option.text())
            where = by_value.get(value, by_value.get(key, links.otherwise))
            labels[key] = _squeezed(option.text())
            if where and re.fullmatch(r"[0-9*#A-D]", key):
                keys[key] = where
            else:
                self._lost(
                    "lost",
                    (*path, "keys"),
                    option,
                    f"选项 {key or value} 没有去向",
                    f"option {key or value!r} leads nowhere",
                )
        data: Data = {"keys": keys}
        for block in form.elements("block"):
            if self._prompt(block, path):
                found.children[:0] = [
                    c for c in block.children if not isinstance(c, Node) or c.tag == "prompt"
                ]
        self._common_parts(data, found, path, labels)
        for child in form.elements():
            if child.tag not in ("field", "block", "filled", "property"):
                self._skipped(child, path)
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
        said = _squeezed(grammar.text()) if grammar and grammar.get("mode") == "dtmf" else ""
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
            elif child.tag not in ("prompt", "audio", "value", "reprompt", *_SPOKEN, *_QUIET):
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
        collect |= _given(min=_length(least), max=_length(most))
        collect |= _given(
            first_digit_timeout=self._seconds(node, "timeout"),
            inter_digit_timeout=self._seconds(node, "interdigittimeout"),
        )
        terminator = _property(node, "termchar")
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
        links = _Links()
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

    def _links(self, filled: Node, path: Path) -> _Links:
        """The branches of an <if> chain, and where it goes without one."""
        links = _Links()
        for child in filled.elements():
            if child.tag in _LEAVING:
                links.otherwise = links.otherwise or self._target(child, path)
            elif child.tag == "if":
                self._branches(child, links, path)
            elif child.tag in ("prompt", "audio"):
                self._lost("lost", path, child, "分支里的提示音", "a prompt inside a branch")
        return links

    def _branches(self, node: Node, links: _Links, path: Path) -> None:
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

    # --- prompts -------------------------------------------------------------------------------

    def _prompt(
        self, node: Node, path: Path, labels: Mapping[str, str] | None = None
    ) -> Data | str:
        """The prompts directly inside `node` as one text of a book; "" for none."""
        forms: dict[str, dict[str, str]] = {}
        interruptible = True
        for code, count, words, bargein in self._spoken(node, path, labels or {}):
            texts = forms.setdefault("long" if count == "1" else "short", {})
            texts[code] = f"{texts[code]}{words}" if code in texts else words
            interruptible = interruptible and bargein
        tidy = str.strip if self.ours else _squeezed
        forms = {
            form: {code: tidy(text) for code, text in texts.items() if text.strip()}
            for form, texts in forms.items()
        }
        forms = {form: texts for form, texts in forms.items() if texts}
        if not forms:
            return ""
        long: Data | str = _simple(forms.get("long") or forms["short"], self.language)
        data: Data = {"long": long}
        if "short" in forms and "long" in forms:
            data["short"] = _simple(forms["short"], self.language)
        if not interruptible:
            data["interruptible"] = False
        return data if len(data) > 1 else long

    def _spoken(
        self, node: Node, path: Path, labels: Mapping[str, str]
    ) -> Iterator[tuple[str, str, str, bool]]:
        """(language, count, words, bargein) of each prompt, bare words included."""
        for child in node.children:
            if isinstance(child, str):
                if child.strip():
                    yield self.language, "1", braced(child), True
            elif child.tag in ("audio", "value", "enumerate", "say-as", *_SPOKEN):
                yield self.language, "1", self._words([child], path, labels), True
            elif child.tag == "prompt":
                code = self._code(child.get(XML_LANG)) or self.language
                condition = child.get("cond")
                if condition and not _LANGUAGE.fullmatch(condition):
                    self._lost(
                        "lost", path, child, f"提示条件：{condition}", f"a condition: {condition}"
                    )
                words = self._words(child.children, path, labels)
                yield code, child.get("count", "1"), words, child.get("bargein") != "false"

    def _words(self, children: Iterable[Node | str], path: Path, labels: Mapping[str, str]) -> str:
        return "".join(
            braced(child) if isinstance(child, str) else self._spoken_words(child, path, labels)
            for child in children
        )

    def _spoken_words(self, node: Node, path: Path, labels: Mapping[str, str]) -> str:
        inner = self._words(node.children, path, labels)
        match node.tag:
            case "audio":
                return inner if inner.strip() else self._recording(node, path)
            case "value":
                return self._value(node, "word", path)
            case "say-as":
                value = next(node.elements("value"), None)
                kind = node.get("interpret-as")
                return self._value(value, kind, path) if value else inner
            case "enumerate":
                return _enumerated(labels, self.language)
            case "sub":
                return node.get("alias")
            case tag if tag in _SPOKEN:
                return inner
            case tag if tag not in _QUIET:
                self._skipped(node, path)
        return ""

    def _recording(self, node: Node, path: Path) -> str:
        source = node.get("src") or node.get("expr")
        self._lost(
            "changed",
            path,
            node,
            f"只有录音 {source}，没有文字：写成“...”，请补上文字",
            f"a recording only ({source}): written as '...', the words are yours to add",
        )
        return "..."

    def _value(self, node: Node, kind: str, path: Path) -> str:
        expression = node.get("expr")
        if self.ours and (_HERE.fullmatch(expression) or expression == "common()"):
            return ""
        name = _EXPRESSION.fullmatch(expression)
        if not name:
            self._lost(
                "lost", path, node, f"算式 {expression[:40]}", f"an expression: {expression[:40]}"
            )
            return ""
        known = {"telephone": "phone", "currency": "amount", "number": "count", "date": "date"}
        from menus.texts import KINDS

        spoken = (
            kind if kind in KINDS else known.get(kind, "digits" if kind == "digits" else "word")
        )
        return f"{{{name.group(1)}:{spoken}}}"

    def _switch(self, node: Node) -> str | None:
        """The language that a menu of ours switches to."""
        for value in node.walk():
            found = _HERE.fullmatch(value.get("expr")) if value.tag == "value" else None
            if found and found.group(1):
                return found.group(1)
        return None

    # --- counters, properties, losses ----------------------------------------------------------

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
                data |= {"limit": min(10, _count(handler) - 1), **_given(then=where)}
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

    def _kept(self, node: Node) -> Data:
        """Our own properties of a dialog."""
        return {
            child.get("name").removeprefix(f"{MARK}."): kept(child.get("value"))
            for child in node.elements("property")
            if child.get("name").startswith(f"{MARK}.")
        }

    def _seconds(self, node: Node, name: str) -> float | None:
        text = _property(node, name)
        if text is None:
            return None
        found = re.fullmatch(r"\s*\+?([0-9]*\.?[0-9]+)\s*(ms|s)?\s*", text)
        if not found or float(found.group(1)) <= 0:
            self._lost("lost", (name,), node, f"时间 {text} 看不懂", f"{text!r} is no time")
            return None
        value = float(found.group(1)) / (1000 if found.group(2) != "s" else 1)
        return int(value) if value == int(value) else value

    def _code(self, text: str) -> str:
        """A language code as books write it; "" for none."""
        language, _, region = text.strip().replace("_", "-").partition("-")
        if not language:
            return ""
        if not region:
            return _REGIONS.get(language.lower(), "")
        *script, country = region.split("-")
        return "-".join([language.lower(), *(s.title() for s in script), country.upper()])

    def _skipped(self, node: Node, path: Path) -> None:
        self._lost(
            "lost",
            path,
            node,
            f"菜单文件没有与 <{node.tag}> 对应的内容",
            f"a book has nothing for <{node.tag}>",
        )

    def _lost(self, kind: Any, path: Path, node: Node, zh: str, en: str) -> None:
        self.losses.append(Loss(kind, path, Both(zh, en), Place(self.file, node.line)))


def _property(node: Node, name: str) -> str | None:
    return next((p.get("value") for p in node.elements("property") if p.get("name") == name), None)


def _count(handler: Node) -> int:
    text = handler.get("count", "1")
    return max(1, int(text)) if text.isdigit() else 1


def _length(text: str | None) -> int | None:
    return min(40, max(1, int(text))) if text and text.strip().isdigit() else None


def _given(**values: Any) -> Data:
    return {name: value for name, value in values.items() if value is not None}


def _plain(name: str) -> str:
    """An id as books allow it."""
    return re.sub(r"[\s:.*#\"'/]+", "_", name).strip("_") or "_"


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found.group(1), found.group(1)), text)


def _simple(texts: dict[str, str], language: str) -> Data | str:
    return texts[language] if list(texts) == [language] else dict(texts)


def _joined(before: Data | str, after: Data | str) -> Data | str:
    if isinstance(before, str) and isinstance(after, str):
        return f"{before} {after}"
    return after


def _notice(name: str, prompt: Data | str) -> Data:
    data: Data = {"id": name.removeprefix("notice.")}
    if isinstance(prompt, dict) and "long" in prompt:
        return data | {"text": prompt["long"], "interruptible": prompt.get("interruptible", True)}
    return data | {"text": prompt, "interruptible": True}


def _enumerated(labels: Mapping[str, str], language: str) -> str:
    """What <enumerate/> says: every choice with its key."""
    if language.startswith("zh"):
        return "，".join(f"{label}请按{key}" for key, label in labels.items()) + "。"
    return " ".join(f"For {label}, press {key}." for key, label in labels.items())
