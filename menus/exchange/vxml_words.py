"""Prompts of a VoiceXML file as texts of a book, with what cannot be said named by its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from menus import defaults
from menus.exchange.document import Data, braced
from menus.exchange.losses import Loss, Path
from menus.exchange.vxml_write import MARK, kept
from menus.exchange.xmltree import XML_LANG, Node
from menus.model import Place
from menus.texts import KINDS
from menus.wording import Both

_EXPRESSION = re.compile(r"(?:\w+\.)*([A-Za-z_]\w*)")
_HERE = re.compile(r"here\('[^']*'(?:, '([^']*)')?\)")
_LANGUAGE = re.compile(r"""language\s*==\s*'([^']+)'""")
_REGIONS = {"zh": "zh-CN", "en": "en-US", "cmn": "zh-CN", "bo": "bo-CN", "ug": "ug-CN"}
QUIET = ("break", "mark", "metadata", "desc")
SPOKEN = ("emphasis", "prosody", "voice", "p", "s", "phoneme", "lang", "foreach")


class Words:
    """The prompts of one file; knows whose file it is, its language, and what is lost."""

    def __init__(self, root: Node, file: str) -> None:
        self.root = root
        self.file = file
        self.losses: list[Loss] = []
        self.ours = any(
            meta.get("name") == "generator" and meta.get("content") == MARK
            for meta in root.elements("meta")
        )
        self.language = self._code(root.get(XML_LANG)) or defaults.ZH

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
        tidy = str.strip if self.ours else squeezed
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
            elif child.tag in ("audio", "value", "enumerate", "say-as", *SPOKEN):
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
            case tag if tag in SPOKEN:
                return inner
            case tag if tag not in QUIET:
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

    # --- properties and losses

    def _kept(self, node: Node) -> Data:
        """Our own properties of a dialog."""
        return {
            child.get("name").removeprefix(f"{MARK}."): kept(child.get("value"))
            for child in node.elements("property")
            if child.get("name").startswith(f"{MARK}.")
        }

    def _seconds(self, node: Node, name: str) -> float | None:
        text = property_of(node, name)
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


def property_of(node: Node, name: str) -> str | None:
    """The value of a <property> directly inside."""
    return next((p.get("value") for p in node.elements("property") if p.get("name") == name), None)


def squeezed(text: str) -> str:
    """On one line, with single spaces."""
    return " ".join(text.split())


def _simple(texts: dict[str, str], language: str) -> Data | str:
    return texts[language] if list(texts) == [language] else dict(texts)


def _enumerated(labels: Mapping[str, str], language: str) -> str:
    """What <enumerate/> says: every choice with its key."""
    if language.startswith("zh"):
        return "，".join(f"{label}请按{key}" for key, label in labels.items()) + "。"
    return " ".join(f"For {label}, press {key}." for key, label in labels.items())
