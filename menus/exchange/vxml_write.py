"""A book as VoiceXML 2.1 (W3C Recommendation of 2007, on top of VoiceXML 2.0 of 2004).

    menu M          <menu id="menu.M">   <choice dtmf= next=|event=>, <noinput|nomatch count=>
    step S          <form id="step.S">   <block> say, <field type="digits?..."> collect,
                                         <subdialog> request, <if cond="reply.outcome == ..."> on
    agent:SKILL     <form id="agent.SKILL"> with <transfer>
    common_keys     <link dtmf=> at the document, which every dialog inherits (2.5)
    null key        <choice dtmf= event="nomatch"/>: the key counts as wrong (2.2)
    back, top, ...  events hotline.back, hotline.top ...: caught once at the document
    counter         handlers of count 1 and limit + 1 (5.2.3 chooses the highest that applies)
    short prompt    <prompt count="2"> (4.1.6)
    {name:kind}     <say-as interpret-as="kind"><value expr="known.name"/></say-as>

VoiceXML has no history of dialogs, so a script of a few lines keeps the menus on the path; each
menu's prompt begins with a <value> that tells it where the call is. What only our hotline knows
(skill, priority, title ...) stands in properties named `hotline95598.*`, which a platform ignores
(6.3.1), and settings of the whole book in <meta>.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from menus.exchange.document import Data, canonical, document, says
from menus.exchange.losses import Loss, clean, lines
from menus.exchange.xmltree import Node, element, write
from menus.loader import resolve
from menus.model import Book, Collect, Counter, Menu, PromptText, Step, Target, Texts
from menus.reader import Document
from menus.texts import parts
from menus.wording import Both

NAMESPACE = "http://www.w3.org/2001/vxml"
MARK = "hotline95598"
"""Head of the names of our properties, and the `generator` of our files."""
EVENT = "hotline"
INLINE = ("prompt", "choice", "script", "value", "say-as")

META = (
    "version",
    "edition",
    "functions",
    "limits",
    "agent_languages",
    "starts",
    "bulletin",
    "hours",
    "hang_up_after",
    "waiting",
    "announcement",
    "survey",
    "prompts",
    "services",
    "vocabulary",
)
"""Sections of a book that VoiceXML has no words for; they stand in <meta>."""
ALWAYS = ("waiting", "announcement", "survey")
"""Those that every book has, written or not."""
MENU_KEPT = ("title", "function", "skill", "priority", "hours", "closed")
STEP_KEPT = ("title", "function")
COLLECT_KEPT = ("kind", "masked")

_WHY: Mapping[str, Both] = {
    "edition": Both(
        "标准版本与 VoiceXML 无关", "editions of the standard are no matter of VoiceXML"
    ),
    "functions": Both("5.2.3 的检查与 VoiceXML 无关", "checks of 5.2.3 are no matter of VoiceXML"),
    "limits": Both("检查限值与 VoiceXML 无关", "limits of lint are no matter of VoiceXML"),
    "agent_languages": Both(
        "VoiceXML 没有坐席语种；language: 目标转到人工",
        "VoiceXML has no languages of agents; those targets lead to the transfer",
    ),
    "bulletin": Both(
        "VoiceXML 没有按区域的停电公告", "VoiceXML has no bulletin by the caller's region"
    ),
    "hours": Both("VoiceXML 没有人工服务时间", "VoiceXML has no hours of duty"),
    "hang_up_after": Both(
        "VoiceXML 播完结束语立即挂机", "VoiceXML hangs up directly after the closing phrase"
    ),
    "waiting": Both(
        "VoiceXML 不管排队：等待播报、排队菜单、拒绝语由排队平台负责",
        "VoiceXML does not queue: messages, waiting menu and refusals are the queue's",
    ),
    "announcement": Both("报工号由排队平台播报", "the agent's number is announced by the queue"),
    "survey": Both(
        "转接后 VoiceXML 会话可能已结束，满意度调查需另行触发",
        "after the transfer the session may be over: the survey must be started otherwise",
    ),
    "prompts": Both("这些提示音由本热线程序播放", "these prompts are played by our own hotline"),
    "services": Both(
        "VoiceXML 只写调用地址，服务说明须另行实现",
        "VoiceXML only names the address of a service; implement it behind `services/`",
    ),
    "vocabulary": Both("词语表供录音使用", "phrases are for the recordings"),
    "title": Both("VoiceXML 没有菜单名称", "VoiceXML has no titles"),
    "function": Both("VoiceXML 没有 5.2.3 服务功能", "VoiceXML has no functions of 5.2.3"),
    "skill": Both("VoiceXML 没有技能组", "VoiceXML has no skills of agents"),
    "priority": Both("VoiceXML 没有排队优先级", "VoiceXML has no priorities"),
    "closed": Both("VoiceXML 没有营业时间", "VoiceXML has no opening hours"),
    "masked": Both("VoiceXML 没有按键遮蔽", "VoiceXML does not mask typed digits"),
    "kind": Both(
        "VoiceXML 只有 digits，没有号码种类", "VoiceXML has digits only, not what they stand for"
    ),
}
_SHORT = Both(
    "重听提示的短句在 VoiceXML 中没有对应", "a re-prompt has no short form of its own in VoiceXML"
)
_ALONE = Both(
    "输入中单独一位 0、9 是否当作命令由平台决定",
    "whether a lone 0 or 9 is a command within an input is up to the platform",
)
_TRANSFER = Both(
    "转接地址是占位，改成贵方排队平台的地址",
    "the destination of <transfer> is a placeholder: put the address of your queue",
)


def reduce(data: Data) -> tuple[Data, list[Loss]]:
    """The document that VoiceXML can carry, and what is lost, changed or only kept."""
    losses: list[Loss] = []
    data = clean(data, losses)
    data = _without_short(data, losses, ())
    named = [name for name in META if name in data or name in ALWAYS]
    losses += (
        Loss("kept", (name,), _WHY[name])
        for name in named
        if name in _WHY and (name != "survey" or data.get(name, {}) is not None)
    )
    for name, menu in data["menus"].items():
        losses += (
            Loss("kept", ("menus", name, k), _WHY[k]) for k in MENU_KEPT if k in _WHY and k in menu
        )
    for name, step in data.get("steps", {}).items():
        losses += (Loss("kept", ("steps", name, k), _WHY[k]) for k in STEP_KEPT if k in step)
        losses += _collecting(name, step.get("collect"))
    losses.append(Loss("changed", ("agent",), _TRANSFER))
    return canonical(data), losses


def _collecting(name: str, collect: Data | str | None) -> Iterable[Loss]:
    if collect is None:
        return
    path = ("steps", name, "collect")
    yield Loss("kept", (*path, "kind"), _WHY["kind"])
    yield Loss("changed", path, _ALONE)
    if isinstance(collect, dict) and "masked" in collect:
        yield Loss("kept", (*path, "masked"), _WHY["masked"])


def _without_short(data: Any, losses: list[Loss], path: tuple[str | int, ...]) -> Any:
    """Counters' prompts with the long form only."""
    if not isinstance(data, dict):
        return data
    found = {key: _without_short(value, losses, (*path, key)) for key, value in data.items()}
    for counter in ("no_input", "wrong_key", "wrong_input", "wrong"):
        prompt = (
            found.get(counter, {}).get("prompt") if isinstance(found.get(counter), dict) else None
        )
        if isinstance(prompt, dict) and "short" in prompt and path[:1] != ("prompts",):
            losses.append(Loss("lost", (*path, counter, "prompt", "short"), _SHORT))
            kept = {key: value for key, value in prompt.items() if key != "short"}
            found[counter] = {**found[counter], "prompt": kept if len(kept) > 1 else kept["long"]}
    return found


def export(book: Book, lang: str = "en") -> tuple[str, list[Loss]]:
    """The text of a VoiceXML file, and what it does not say; `lang` is that of the comments."""
    data, losses = reduce(document(book))
    reduced = resolve(Document(data), "book")
    remarks = [_HEAD.of(lang), *lines(losses, lang)]
    return write(_Writer(reduced, data).vxml(), INLINE, remarks), losses


_HEAD = Both("由 hotline book export 写出。", "Written by `hotline book export`.")

_SCRIPT = """
var path = [], stepping = false, language = %(language)s, known = {};
var commonTexts = %(common)s;
function here(menu, code) {
  var at = 0;
  while (at < path.length && path[at] != menu) at++;
  path = path.slice(0, at).concat([menu]);
  if (code) language = code;
  stepping = false;
  return '';
}
function again() { return '#menu.' + path[path.length - 1]; }
function back() {
  if (!stepping && path.length > 1) path.pop();
  return again();
}
function top() { path = path.slice(0, 1); return again(); }
function common() { return commonTexts[language] || ''; }
function learn(reply) { for (var name in reply) known[name] = reply[name]; return known; }
function valid(check, digits) {
  if (check == 'account') return digits.length == 10 || digits.length == 13;
  if (check == 'mobile') return /^1[3-9][0-9]{9}$/.test(digits);
  if (check != 'luhn') return true;
  for (var sum = 0, at = 0; at < digits.length; at++) {
    var digit = Number(digits.charAt(digits.length - 1 - at)) * (1 + at %% 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum %% 10 == 0;
}
"""


def _js(value: Any) -> str:
    """A value as an ECMAScript literal in single quotes where it is a text."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
        return f"'{escaped}'"
    return json.dumps(value, ensure_ascii=False)


def keep(value: Any) -> str:
    """A value as the text of a property; `kept` reads it back."""
    if isinstance(value, str) and kept(value) != value:  # it would be read as something else
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def kept(text: str) -> Any:
    """The value that `keep` wrote."""
    try:
        return json.loads(text)
    except ValueError:
        return text


class _Writer:
    """Writes one reduced book; `data` is its document."""

    def __init__(self, book: Book, data: Data) -> None:
        self.book = book
        self.data = data
        self.timeouts = data.get("timeouts", {})
        self.languages = sorted({code for p in book.prompts() for code in p.long})

    def vxml(self) -> Node:
        """The whole document."""
        book = self.book
        root = element("vxml", version="2.1", xmlns=NAMESPACE, lang=book.language)
        root.add("meta", name="generator", content=MARK)
        for name in META:
            if name in self.data:
                root.add("meta", name=f"{MARK}.{name}", content=keep(self.data[name]))
        self._properties(root)
        common = dict(book.common_prompt.long) if book.common_prompt else {}
        root.add("script", _SCRIPT % {"language": _js(book.language), "common": _js(common)})
        for key, where in book.common_keys.items():
            root.add("link", dtmf=key, **address(where))
        self._catches(root)
        self._opening(root)
        for menu in book.menus.values():
            root.children.append(self._menu(menu))
        for step in book.steps.values():
            root.children.append(self._step(step))
        self._agents(root)
        ending = root.add("form", id="end").add("block")
        ending.children += self._prompts(book.closing)
        ending.add("disconnect")
        return root

    def _properties(self, root: Node) -> None:
        from menus import defaults

        first = self.timeouts.get("first_digit", defaults.FIRST_DIGIT)
        inter = self.timeouts.get("inter_digit", defaults.INTER_DIGIT)
        terminator = self.data.get("terminator", defaults.TERMINATOR)
        root.add("property", name="inputmodes", value="dtmf")
        root.add("property", name="timeout", value=_seconds(first))
        root.add("property", name="interdigittimeout", value=_seconds(inter))
        root.add("property", name="termchar", value=terminator)

    def _catches(self, root: Node) -> None:
        for event in ("back", "top", "repeat"):
            expression = "again()" if event == "repeat" else f"{event}()"
            root.add("catch", event=f"{EVENT}.{event}").add("goto", expr=expression)
        for code in sorted({*self.book.starts, *self.book.agent_languages}):
            catch = root.add("catch", event=f"{EVENT}.language.{code}")
            start = self.book.starts.get(code)
            catch.add("goto", next=f"#menu.{start}" if start else "#agent")
        for event in ("wait", "callback"):
            root.add("catch", event=f"{EVENT}.{event}").add("reprompt")

    def _opening(self, root: Node) -> None:
        """Greeting and notices, each a form that goes on to the next."""
        said = [("greeting", self.book.greeting)]
        said += [(notice.id, notice) for notice in self.book.notices]
        following = [*(name for name, _ in said[1:]), f"menu.{self.book.start}"]
        for (name, prompt), after in zip(said, following, strict=True):
            block = root.add("form", id=name).add("block")
            block.children += self._prompts(prompt)
            block.add("goto", next=f"#{after}")

    # --- menus ---------------------------------------------------------------------------------

    def _menu(self, menu: Menu) -> Node:
        node = element("menu", id=f"menu.{menu.id}")
        written = self.data["menus"][menu.id]
        self._kept(node, written, MENU_KEPT)
        if "first_digit_timeout" in written:
            node.add("property", name="timeout", value=_seconds(menu.first_digit_timeout))
        language = f", {_js(menu.language)}" if menu.language else ""
        node.children += self._prompts(menu.prompt, f"here({_js(menu.id)}{language})")
        if menu.common and self.book.common_prompt:
            for count in ("1", "2") if menu.prompt.short is not None else ("1",):
                node.add("prompt", element("value", expr="common()"), count=count)
        for key, where in written["keys"].items():
            goes = {"event": "nomatch"} if where is None else address(menu.keys[key].target)
            node.add("choice", self._label(menu, key), dtmf=key, **goes)
        self._counter(node, "noinput", menu.no_input)
        self._counter(node, "nomatch", menu.wrong_key)
        return node

    def _label(self, menu: Menu, key: str) -> str:
        """What a choice leads to, in words."""
        where = menu.keys[key].target if key in menu.keys else Target("repeat")
        return says(self.book, where)

    def _counter(self, node: Node, tag: str, counter: Counter) -> None:
        if counter.limit:
            handler = node.add(tag, count="1")
            handler.children += self._prompts(counter.prompt)
            handler.add("reprompt")
        last = node.add(tag, count=str(counter.limit + 1))
        if not counter.limit:  # never heard, but the book has it
            last.children += self._prompts(counter.prompt)
        last.children.append(go(counter.then))

    # --- steps ---------------------------------------------------------------------------------

    def _step(self, step: Step) -> Node:
        node = element("form", id=f"step.{step.id}")
        self._kept(node, self.data["steps"][step.id], STEP_KEPT)
        begin = node.add("block")
        begin.add("assign", name="stepping", expr="true")
        for name, value in step.set.items():
            begin.add("assign", name=f"known.{name}", expr=_js(value))
        if step.say and not step.collect:
            begin.children += self._prompts(step.say)
        if step.collect:
            node.children.append(self._field(step.collect, step.say, self._collected(step)))
        if step.request:
            node.children.append(self._subdialog(step, step.request))
        elif step.next:
            node.add("block", go(step.next))
        return node

    def _collected(self, step: Step) -> Data:
        written = self.data["steps"][step.id]["collect"]
        return written if isinstance(written, dict) else {"kind": written}

    def _field(self, collect: Collect, say: PromptText | None, written: Data) -> Node:
        name = collect.name
        field = element(
            "field",
            name=name,
            type=f"digits?minlength={collect.min_length};maxlength={collect.max_length}",
        )
        self._kept(field, written, COLLECT_KEPT)
        for setting, value in (
            ("timeout", written.get("first_digit_timeout")),
            ("interdigittimeout", written.get("inter_digit_timeout")),
        ):
            if value is not None:
                field.add("property", name=setting, value=_seconds(value))
        if "terminator" in written:
            field.add("property", name="termchar", value=collect.terminator)
        if say:
            field.children += self._prompts(say)
        for key, where in written.get("keys", {}).items():
            goes = {"event": "nomatch"} if where is None else address(collect.keys[key].target)
            field.add("link", dtmf=key, **goes)
        self._counter(field, "noinput", collect.no_input)
        self._counter(field, "nomatch", collect.wrong)
        filled = field.add("filled")
        check = filled.add("if", cond=f"!valid({_js(collect.check)}, {name})")
        check.add("clear", namelist=name)
        check.add("throw", event="nomatch")
        filled.add("assign", name=f"known.{name}", expr=name)
        return field

    def _subdialog(self, step: Step, service: str) -> Node:
        node = element("subdialog", name="reply", src=f"services/{service}")
        spec = self.book.services.get(service)
        for need in (*spec.needs, *spec.uses) if spec else ():
            node.add("param", name=need, expr=f"known.{need}")
        filled = node.add("filled")
        filled.add("assign", name="known", expr="learn(reply)")
        branches = [(o, w) for o, w in step.on.items() if o != "failed"]
        if branches:
            choice = filled.add("if", cond=f"reply.outcome == {_js(branches[0][0])}")
            choice.children.append(go(branches[0][1]))
            for outcome, where in branches[1:]:
                choice.add("elseif", cond=f"reply.outcome == {_js(outcome)}")
                choice.children.append(go(where))
            if step.next:
                choice.children += [element("else"), go(step.next)]
        elif step.next:
            filled.children.append(go(step.next))
        if "failed" in step.on:
            node.add("error", go(step.on["failed"]))
        return node

    def _agents(self, root: Node) -> None:
        """One form with a <transfer> for each skill that is asked for."""
        skills = {node.get("next")[1:] for node in root.walk() if node.get("next")[:6] == "#agent"}
        for name in sorted({"agent", *skills}):
            form = root.add("form", id=name)
            form.add("block").children += self._prompts(self.book.waiting.transfer)
            dest = f"sip:{name.partition('.')[2] or 'agent'}@hotline.example"
            transfer = form.add("transfer", name="agent", dest=dest, bridge="true")
            transfer.add("filled").add("goto", next="#end")

    # --- prompts -------------------------------------------------------------------------------

    def _prompts(self, prompt: PromptText, first: str = "") -> list[Node]:
        """The prompt elements of a prompt; `first` is an expression evaluated when it is heard."""
        found = [*self._form(prompt, prompt.long, "1", first)]
        if prompt.short is not None:
            found += self._form(prompt, prompt.short, "2", first)
        if not found and first:
            found = [element("prompt", element("value", expr=first))]
        return found

    def _form(self, prompt: PromptText, texts: Texts, count: str, first: str) -> Iterable[Node]:
        several = len(texts) > 1
        for code, text in texts.items():
            node = element(
                "prompt",
                lang=code if several or code != self.book.language else None,
                cond=f"language == {_js(code)}" if several else None,
                count=count if count != "1" or prompt.short is not None else None,
                bargein=None if prompt.interruptible else "false",
            )
            if first:
                node.add("value", expr=first)
            node.children += _words(text)
            yield node

    def _kept(self, node: Node, written: Data, names: Sequence[str]) -> None:
        for name in names:
            if name in written:
                node.add("property", name=f"{MARK}.{name}", value=keep(written[name]))


def _words(text: str) -> Iterable[Node | str]:
    for part in parts(text):
        if isinstance(part, str):
            yield part
        else:
            name, kind = part
            value = element("value", expr=f"known.{name}")
            yield element("say-as", value, interpret_as=kind)


def address(target: Target) -> dict[str, str]:
    """The attribute that leads to a target: `next` for a dialog, `event` for a command."""
    match target.kind:
        case "menu" | "step":
            return {"next": f"#{target.kind}.{target.arg}"}
        case "agent":
            return {"next": f"#agent.{target.arg}" if target.arg else "#agent"}
        case "end":
            return {"next": "#end"}
        case "language":
            return {"event": f"{EVENT}.language.{target.arg}"}
        case command:
            return {"event": f"{EVENT}.{command}"}


def go(target: Target) -> Node:
    """<goto> or <throw>."""
    where = address(target)
    return element("goto", **where) if "next" in where else element("throw", **where)


def _seconds(value: float) -> str:
    return f"{int(value) if value == int(value) else value}s"
