"""A book's menus as FreeSWITCH `ivr` XML (`autoload_configs/ivr.conf.xml`), and back.

    menu M                    <menu name="M" greet-long= greet-short= ...>
    prompt                    say:TEXT, spoken by the `tts-engine`; {balance:amount} is ${balance}
    first_digit_timeout       timeout, in ms
    wrong_key, no_input       max-failures, max-timeouts (one more than our re-prompts);
                              exec-on-max-failures, exec-on-max-timeouts are the last resorts
    menu:X | back | top | end menu-sub X | menu-back | menu-top | menu-exit
    repeat                    menu-exec-app "sleep 1": FreeSWITCH then plays the menu again
    step:X, agent:S ...       menu-exec-app "execute_extension|transfer step:X XML hotline": the
                              dial plan must have an extension of that name

FreeSWITCH has menus only. Whatever is not a menu (inputs, services, waiting, survey) is named as
lost, and common keys are written out in every menu.
"""

from __future__ import annotations

import re
from collections import Counter as Tally
from typing import Any

from menus import defaults
from menus.exchange.document import Data, braced, canonical, document
from menus.exchange.losses import Loss, Path, clean, lines
from menus.exchange.xmltree import Node, element, read, trouble, write
from menus.loader import resolve, target
from menus.model import Book, Counter, Menu, Place, Target, Texts
from menus.reader import Document
from menus.texts import parts
from menus.wording import Both

CONTEXT = "hotline"
REPEAT = "sleep 1"
_ACTIONS = {"back": "menu-back", "top": "menu-top", "end": "menu-exit"}
_TARGETS = {action: where for where, action in _ACTIONS.items()}

_LOST: dict[str, Both] = {
    "steps": Both(
        "FreeSWITCH 的 ivr 只有菜单：步骤要写成拨号方案中同名的分机",
        "ivr has menus only: write steps as extensions of that name in the dial plan",
    ),
    "waiting": Both("排队由 mod_callcenter 负责", "waiting is mod_callcenter's"),
    "survey": Both("ivr 没有满意度调查", "ivr has no survey"),
    "bulletin": Both("ivr 没有停电公告", "ivr has no outage bulletin"),
    "greeting": Both("引导语要在进入菜单前播放", "play the greeting before the first menu"),
    "notices": Both("告知语要在进入菜单前播放", "play notices before the first menu"),
    "announcement": Both("报工号由坐席平台播报", "the agent's number is announced elsewhere"),
    "closing": Both("结束语要在拨号方案里播放", "play the closing phrase in the dial plan"),
    "agent_languages": Both("ivr 没有坐席语种", "ivr has no languages of agents"),
    "starts": Both("ivr 没有语种入口", "ivr has no start menu by language"),
    "functions": Both("ivr 没有 5.2.3 服务功能", "ivr has no functions of 5.2.3"),
    "edition": Both("ivr 没有标准版本", "ivr has no edition of the standard"),
    "limits": Both("ivr 没有检查限值", "ivr has no limits of lint"),
    "hours": Both("ivr 没有服务时间", "ivr has no hours"),
    "hang_up_after": Both("ivr 没有挂机延时", "ivr has no delay before hanging up"),
    "prompts": Both("ivr 没有其他提示音", "ivr has no other prompts"),
    "services": Both("ivr 不调用服务", "ivr calls no services"),
    "vocabulary": Both("ivr 没有词语表", "ivr has no phrases"),
    "wrong_input": Both("ivr 不收号码", "ivr collects no numbers"),
    "terminator": Both("ivr 不收号码", "ivr collects no numbers"),
}
_ALWAYS = ("greeting", "waiting", "survey", "announcement", "closing")
_MENU_LOST = {
    "title": Both("ivr 没有菜单名称", "ivr has no titles"),
    "function": Both("ivr 没有 5.2.3 服务功能", "ivr has no functions of 5.2.3"),
    "skill": Both("ivr 没有技能组", "ivr has no skills"),
    "priority": Both("ivr 没有优先级", "ivr has no priorities"),
    "hours": Both("ivr 没有营业时间", "ivr has no opening hours"),
    "closed": Both("ivr 没有营业时间", "ivr has no opening hours"),
    "language": Both("ivr 不切换语种", "ivr does not switch languages"),
}
_OTHER_LANGUAGE = Both("一个 ivr 菜单只有一种语言", "a menu of ivr has one language")
_KIND = Both(
    "ivr 的变量没有读法（金额、日期等）",
    "a variable of ivr has no way of speaking (amount, date ...)",
)
_SILENCE = Both(
    "ivr 静默时重放菜单，没有单独的提示语",
    "ivr replays the menu on silence, with no text of its own",
)
_COMMON = Both(
    "ivr 没有公共提示：接在每个菜单的提示之后",
    "ivr has no common prompt: it follows each menu's own",
)
_KEYS = Both("ivr 没有公共按键：写进每个菜单", "ivr has no common keys: written in every menu")
_WAITING_MENU = Both("ivr 没有排队中的菜单", "ivr has no menu while waiting")
_LEGAL = Both("ivr 的提示音总能被按键打断", "a key always stops a prompt of ivr")
_DOLLAR = Both("${ 在 ivr 中是变量", "${ is a variable to ivr")


# ------------------------------------------------------------------------------------ out


def reduce(data: Data) -> tuple[Data, list[Loss]]:
    """The document that `ivr` can carry: menus, keys, texts in one language, timeouts, counters."""
    losses: list[Loss] = []
    cleaned = clean(data, losses)
    book = resolve(Document(cleaned), "book")
    losses += (
        Loss("lost", (name,), why)
        for name, why in _LOST.items()
        if name in cleaned or name in _ALWAYS
    )
    if book.common_keys:
        losses.append(Loss("changed", ("common_keys",), _KEYS))
    if book.common_prompt:
        losses.append(Loss("changed", ("common_prompt",), _COMMON))
    language = _language_of(book.menus[book.start].prompt.long, book.language)
    if language != book.language:
        losses.append(Loss("changed", ("language",), _OTHER_LANGUAGE))
    menus: Data = {}
    for name, menu in book.menus.items():
        if name == book.waiting.menu and name != book.start:
            losses.append(Loss("lost", ("menus", name), _WAITING_MENU))
            continue
        menus[name] = _Reducer(book, menu, cleaned["menus"][name], losses).reduced()
    reduced = {"version": 1, "language": language, "start": book.start, "menus": menus}
    if "no_input" in cleaned and "prompt" in cleaned["no_input"]:
        losses.append(Loss("lost", ("no_input", "prompt"), _SILENCE))
    return canonical(factored(reduced)), losses


def _language_of(texts: Texts, wanted: str) -> str:
    return wanted if wanted in texts or not texts else next(iter(texts))


class _Reducer:
    """One menu as `ivr` has it."""

    def __init__(self, book: Book, menu: Menu, written: Data, losses: list[Loss]) -> None:
        self.book, self.menu, self.losses = book, menu, losses
        self.path: Path = ("menus", menu.id)
        self.language = _language_of(menu.prompt.long, book.language)
        for name, why in _MENU_LOST.items():
            if name in written:
                losses.append(Loss("lost", (*self.path, name), why))

    def reduced(self) -> Data:
        """The menu's document."""
        menu = self.menu
        common = menu.common and self.book.common_prompt
        after = (
            self._text(self.book.common_prompt.long, ("common_prompt",))
            if common and self.book.common_prompt
            else ""
        )
        path = (*self.path, "prompt")
        data: Data = {}
        long = self._text(menu.prompt.long, path) + after
        if menu.prompt.short is not None:
            short = self._text(menu.prompt.short, (*path, "short")) + after
            data["prompt"] = {"long": {self.language: long}, "short": {self.language: short}}
        elif long:
            data["prompt"] = {self.language: long}
        if not menu.prompt.interruptible:
            self.losses.append(Loss("lost", (*path, "interruptible"), _LEGAL))
        data["keys"] = {key: str(one.target) for key, one in menu.keys.items()}
        data["first_digit_timeout"] = max(0.001, round(menu.first_digit_timeout, 3))
        data["no_input"] = {"limit": menu.no_input.limit, "then": str(menu.no_input.then)}
        data["wrong_key"] = self._wrong_key(menu.wrong_key)
        if menu.no_input.prompt.id != "no_input":
            self.losses.append(Loss("lost", (*self.path, "no_input", "prompt"), _SILENCE))
        return data

    def _wrong_key(self, counter: Counter) -> Data:
        own = counter.prompt.id == f"{self.menu.id}.wrong_key"
        path = (*self.path, "wrong_key", "prompt") if own else ("wrong_key", "prompt")
        text = self._text(counter.prompt.long, path)
        data: Data = {"limit": counter.limit, "then": str(counter.then)}
        return data | ({"prompt": {self.language: text}} if text else {})

    def _text(self, texts: Texts, path: Path) -> str:
        """The one text that is spoken, its values without their kind."""
        if set(texts) - {self.language}:
            self.losses.append(Loss("lost", path, _OTHER_LANGUAGE))
        said = ""
        for part in parts(texts.get(self.language, "")):
            if isinstance(part, str):
                if "${" in part:
                    self.losses.append(Loss("changed", path, _DOLLAR))
                said += braced(part.replace("${", "$ {"))
                continue
            if part[1] != "word":
                self.losses.append(Loss("changed", path, _KIND))
            said += f"{{{part[0]}}}"
        return said


def factored(data: Data) -> Data:
    """Keys and counters that most menus share, said once at the top of the book."""
    menus: Data = {name: dict(menu) for name, menu in data["menus"].items()}
    half = len(menus) / 2
    shared = Tally((key, where) for menu in menus.values() for key, where in menu["keys"].items())
    common = {key: where for (key, where), count in shared.items() if count > max(1.0, half)}
    common = {key: where for key, where in common.items() if where not in ("wait", "callback")}
    for menu in menus.values():
        own = {key: where for key, where in menu["keys"].items() if common.get(key) != where}
        menu["keys"] = own | {key: None for key in common if key not in menu["keys"]}
    head = {name: value for name, value in data.items() if name != "menus"}
    for section in ("no_input", "wrong_key"):
        usual = Tally(repr(menu.get(section)) for menu in menus.values()).most_common(1)[0][0]
        of_usual = [menu for menu in menus.values() if repr(menu.get(section)) == usual]
        if len(of_usual) > max(1.0, half):
            head[section] = of_usual[0][section]
            for menu in of_usual:
                del menu[section]
    return head | ({"common_keys": common} if common else {}) | {"menus": menus}


def export(book: Book, lang: str = "en") -> tuple[str, list[Loss]]:
    """The text of an ivr configuration, and what it does not say."""
    data, losses = reduce(document(book))
    reduced = resolve(Document(data), "book")
    root = element("configuration", name="ivr.conf", description=_HEAD.of(lang))
    menus = root.add("menus")
    for name in sorted(reduced.menus, key=lambda one: one != reduced.start):
        menus.children.append(_written(reduced, reduced.menus[name]))
    return write(root, ("entry",), [_HEAD.of(lang), *lines(losses, lang)]), losses


_HEAD = Both("由 hotline book export 写出", "Written by hotline book export")


def _written(book: Book, menu: Menu) -> Node:
    language = _language_of(menu.prompt.long, book.language)
    node = element(
        "menu",
        name=menu.id,
        greet_long=_say(menu.prompt.long, language),
        greet_short=None if menu.prompt.short is None else _say(menu.prompt.short, language),
        invalid_sound=_say(menu.wrong_key.prompt.long, language),
        tts_engine="tts_commandline",
        tts_voice=language,
        timeout=_milliseconds(menu.first_digit_timeout),
        inter_digit_timeout="2000",
        max_failures=str(menu.wrong_key.limit + 1),
        max_timeouts=str(menu.no_input.limit + 1),
        digit_len="1",
        exec_on_max_failures=_application(menu.wrong_key.then),
        exec_on_max_timeouts=_application(menu.no_input.then),
    )
    for key, one in menu.keys.items():
        node.add("entry", **_entry(key, one.target))
    return node


def _say(texts: Texts, language: str) -> str:
    said = "".join(
        part if isinstance(part, str) else f"${{{part[0]}}}"
        for part in parts(texts.get(language, ""))
    )
    return f"say:{said}"


def _entry(key: str, where: Target) -> dict[str, str]:
    if where.kind == "menu":
        return {"action": "menu-sub", "digits": key, "param": where.arg}
    if where.kind in _ACTIONS:
        return {"action": _ACTIONS[where.kind], "digits": key}
    return {"action": "menu-exec-app", "digits": key, "param": _application(where)}


def _application(where: Target) -> str:
    if where.kind == "repeat":
        return REPEAT
    verb = "execute_extension" if where.kind == "step" else "transfer"
    return f"{verb} {where} XML {CONTEXT}"


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))


# ------------------------------------------------------------------------------------ in


def read_book(content: bytes, file: str) -> tuple[Data, list[Loss]]:
    """The document that an ivr configuration means, and what of the file is not in it."""
    root = read(content, file)
    nodes = [node for node in root.walk() if node.tag == "menu" and node.get("name")]
    if not nodes:
        raise trouble(
            file,
            root.line,
            "文件里没有 <menu name=...>",
            "there is no <menu name=...> in this file",
            Both("VoiceXML 文件请用 --from vxml", "for VoiceXML files say --from vxml"),
        )
    reader = _Reader(file, {_plain(node.get("name")) for node in nodes})
    menus: Data = {}
    for node in nodes:
        name = _plain(node.get("name"))
        if name in menus:
            raise trouble(
                file, node.line, f"菜单 {name} 重复", f"the menu {name!r} is written twice"
            )
        menus[name] = reader.menu(node, name)
    first = _plain(nodes[0].get("name"))
    data = {"version": 1, "language": _voice(nodes[0]), "start": first, "menus": menus}
    if reader.steps:
        data["steps"] = reader.steps
    return canonical(factored(data), file), reader.losses


def _voice(node: Node) -> str:
    voice = node.get("tts-voice")
    return voice if re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}", voice) else defaults.ZH


class _Reader:
    def __init__(self, file: str, menus: set[str]) -> None:
        self.file, self.menus = file, menus
        self.losses: list[Loss] = []
        self.steps: Data = {}

    def menu(self, node: Node, name: str) -> Data:
        path: Path = ("menus", name)
        language = _voice(node)
        data: Data = {}
        long = self._text(node, "greet-long", (*path, "prompt"))
        if "greet-short" in node.attributes:
            short = self._text(node, "greet-short", (*path, "prompt", "short"))
            data["prompt"] = {"long": {language: long}, "short": {language: short}}
        elif long:
            data["prompt"] = {language: long}
        keys: Data = {}
        for entry in node.elements("entry"):
            self._entry(entry, keys, name)
        data["keys"] = keys
        timeout = self._whole(node, "timeout", 5000) / 1000
        data["first_digit_timeout"] = max(0.001, timeout)
        data["no_input"] = self._counter(node, "timeouts", path)
        wrong = self._text(node, "invalid-sound", (*path, "wrong_key", "prompt"))
        data["wrong_key"] = self._counter(node, "failures", path)
        if wrong:
            data["wrong_key"]["prompt"] = {language: wrong}
        for unread in ("exit-sound", "confirm-macro", "pin"):
            if node.get(unread):
                self._lost("lost", path, node, f"属性 {unread}", f"the attribute {unread}")
        for child in node.elements():
            if child.tag != "entry":
                self._lost("lost", path, child, f"<{child.tag}>", f"<{child.tag}>")
        return data

    def _counter(self, node: Node, what: str, path: Path) -> Data:
        limit = min(10, max(0, self._whole(node, f"max-{what}", 3) - 1))
        application = node.get(f"exec-on-max-{what}")
        where = self._application(application, node, path) if application else None
        return {"limit": limit, "then": where or "agent"}

    def _whole(self, node: Node, name: str, standing: int) -> int:
        text = node.get(name, str(standing))
        if re.fullmatch(r"[0-9]+", text):
            return int(text)
        self._lost(
            "changed",
            (),
            node,
            f"{name}={text} 不是整数，取 {standing}",
            f"{name}={text} is no whole number; {standing} is taken",
        )
        return standing

    def _text(self, node: Node, name: str, path: Path) -> str:
        """A sound as the text of a prompt."""
        sound = node.get(name)
        if sound.startswith("say:"):
            plain = sound.removeprefix("say:")
            return "".join(
                f"{{{part}}}" if at % 2 else braced(part)
                for at, part in enumerate(re.split(r"\$\{([A-Za-z_]\w*)\}", plain))
            ).strip()
        if not sound:
            return ""
        self._lost(
            "changed",
            path,
            node,
            f"只有录音 {sound}，没有文字：写成“...”",
            f"a recording only ({sound}): written as '...', the words are yours to add",
        )
        return "..."

    def _entry(self, entry: Node, keys: Data, menu: str) -> None:
        key, action, parameter = entry.get("digits"), entry.get("action"), entry.get("param")
        path: Path = ("menus", menu, "keys", key)
        if not re.fullmatch(r"[0-9*#A-D]", key):
            self._lost("lost", path, entry, f"{key} 不是单个按键", f"{key!r} is not a single key")
        elif action == "menu-sub":
            keys[key] = f"menu:{_plain(parameter)}"
            if _plain(parameter) not in self.menus:
                self._lost(
                    "changed",
                    path,
                    entry,
                    f"菜单 {parameter} 不在这个文件里",
                    f"the menu {parameter!r} is not in this file",
                )
        elif action in _TARGETS:
            keys[key] = _TARGETS[action]
        elif action == "menu-exec-app" and (where := self._application(parameter, entry, path)):
            keys[key] = where
        elif action == "menu-play-sound":
            keys[key] = self._played(parameter, entry, f"{menu}_{key}", path)
        elif action != "menu-exec-app":
            self._lost("lost", path, entry, f"动作 {action}", f"the action {action!r}")

    def _application(self, command: str, node: Node, path: Path) -> str | None:
        """What a dial plan application means to a caller; None for what a book cannot say."""
        verb, _, rest = command.partition(" ")
        wanted = rest.split(" ")[0]
        if command == REPEAT:
            return "repeat"
        if verb in ("execute_extension", "transfer") and rest.endswith(f" XML {CONTEXT}"):
            try:
                return str(target(wanted))
            except ValueError:
                pass
        if verb == "hangup":
            return "end"
        if verb == "ivr":
            return f"menu:{_plain(rest)}"
        if verb in ("transfer", "bridge", "callcenter", "fifo", "queue"):
            self._lost(
                "changed", path, node, f"“{command}”写成 agent", f"{command!r} is written as agent"
            )
            return "agent"
        self._lost("lost", path, node, f"应用 {command}", f"the application {command!r}")
        return None

    def _played(self, sound: str, node: Node, name: str, path: Path) -> str:
        step = _plain(name).replace("#", "pound") or "said"
        self._lost(
            "changed",
            path,
            node,
            f"录音 {sound} 写成步骤 {step}，文字待补",
            f"the recording {sound} is the step {step!r}, its words are yours to add",
        )
        self.steps[step] = {"say": "...", "next": "back"}
        return f"step:{step}"

    def _lost(self, kind: Any, path: Path, node: Node, zh: str, en: str) -> None:
        self.losses.append(Loss(kind, path, Both(zh, en), Place(self.file, node.line)))


def _plain(name: str) -> str:
    return re.sub(r"[\s:.*#\"'/]+", "_", name).strip("_") or "_"
