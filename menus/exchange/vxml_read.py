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
from collections.abc import Mapping

from menus.exchange.document import Data, canonical, leaves
from menus.exchange.losses import Loss, Path
from menus.exchange.vxml_forms import Forms, Links, given
from menus.exchange.vxml_words import property_of, squeezed
from menus.exchange.vxml_write import MARK, NAMESPACE, kept
from menus.exchange.xmltree import Node, read, trouble
from menus.model import Place
from menus.wording import Both

_COMMON = re.compile(r"^var commonTexts = (\{.*\});$", re.MULTILINE)


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


class _Reader(Forms):
    """One pass over one file."""

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
        timeouts = given(
            first_digit=self._seconds(self.root, "timeout"),
            inter_digit=self._seconds(self.root, "interdigittimeout"),
        )
        if timeouts:
            data["timeouts"] = timeouts
        terminator = property_of(self.root, "termchar")
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
                labels[key] = squeezed(choice.text())
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

    def _menu_of_options(self, form: Node, name: str) -> Data:
        path: Path = ("menus", name)
        found = self._chosen(form)
        assert found is not None
        filled = next((n for n in (*found.elements("filled"), *form.elements("filled"))), None)
        links = self._links(filled, path) if filled else Links()
        by_value = dict(links.branches)
        keys: Data = {}
        labels: dict[str, str] = {}
        for option in found.elements("option"):
            key, value = option.get("dtmf"), option.get("value") or squeezed(option.text())
            where = by_value.get(value, by_value.get(key, links.otherwise))
            labels[key] = squeezed(option.text())
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


def _notice(name: str, prompt: Data | str) -> Data:
    data: Data = {"id": name.removeprefix("notice.")}
    if isinstance(prompt, dict) and "long" in prompt:
        return data | {"text": prompt["long"], "interruptible": prompt.get("interruptible", True)}
    return data | {"text": prompt, "interruptible": True}
