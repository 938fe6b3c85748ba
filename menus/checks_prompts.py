"""Checks of prompts and keys: what callers are told is what they can do (clause 5.2.6.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from menus.announce import announced_keys, names_key
from menus.graph import Node
from menus.model import Menu, Place, PromptText, Step
from menus.services import SYSTEM_VALUES
from menus.texts import elided, placeholders
from menus.view import Hit, View, forms
from menus.wording import Both


def announcements(view: View) -> Iterator[Hit]:
    """M013, M014, M030: the keys a menu announces are the keys it has."""
    for menu in view.book.menus.values():
        common = view.book.common_prompt if menu.common else None
        for language in view.languages(("menu", menu.id)):
            text = menu.prompt.long.get(language)
            if not text or elided(text):
                continue
            also = announced_keys(common.long.get(language, "")) if common else frozenset()
            yield from _announced(menu, language, announced_keys(text), also)
            short = (menu.prompt.short or {}).get(language)
            if short and not elided(short):
                yield from _short_form(menu, announced_keys(text), announced_keys(short))


def _announced(
    menu: Menu, language: str, own: frozenset[str], common: frozenset[str]
) -> Iterator[Hit]:
    for key in sorted(own | common):
        if key not in menu.keys:
            what = "common_prompt" if key not in own else "prompt"
            yield Hit(
                "M013",
                menu.prompt.place,
                Both(
                    f"菜单 {menu.id} 播报了按键 {key}（{what}，{language}），但没有绑定",
                    f"menu {menu.id!r} announces key {key} ({what}, {language}), "
                    "which is not bound",
                ),
                Both(
                    f'在 keys 中绑定 "{key}"，或从提示音中删去',
                    f'bind "{key}" in keys, or take it out of the prompt',
                ),
            )
    for bound in menu.keys.values():
        if bound.key not in own | common:
            place = menu.prompt.place if bound.inherited else bound.place
            hint = Both(
                f"在提示音中播报，例如“请按{_said(bound.key)}”",
                f'announce it, e.g. "press {_said_english(bound.key)}"',
            )
            if bound.inherited:
                hint = Both(
                    "在提示音中播报，或写一条全书的 common_prompt",
                    "announce it, or write one common_prompt for the book",
                )
            yield Hit(
                "M014",
                place,
                Both(
                    f"菜单 {menu.id} 没有播报按键 {bound.key}（{bound.target}，{language}）",
                    f"key {bound.key} ({bound.target}) of menu {menu.id!r} is not announced "
                    f"({language})",
                ),
                hint,
            )


def _short_form(menu: Menu, long: frozenset[str], short: frozenset[str]) -> Iterator[Hit]:
    differ = "".join(sorted(long ^ short))
    if differ:
        yield Hit(
            "M030",
            menu.prompt.place,
            Both(
                f"菜单 {menu.id} 的长、短提示音播报的按键不同：{differ}",
                f"long and short prompt of menu {menu.id!r} differ in keys: {differ}",
            ),
            Both("让两者播报同样的按键", "announce the same keys in both"),
        )


def _said(key: str) -> str:
    return {"*": "星号键", "#": "井号键"}.get(key, key)


def _said_english(key: str) -> str:
    return {"*": "star", "#": "pound"}.get(key, key)


def missing(view: View) -> Iterator[Hit]:
    """M015, M016: every prompt has words, in each language it is heard in."""
    for node, prompt, place, title in _node_prompts(view):
        yield from _texts(prompt, place, view.languages(node), title)
    spoken = sorted(view.graph.spoken)
    for prompt in view.book.prompts():
        if prompt.id in view.book.menus or prompt.id in view.book.steps:
            continue
        once = prompt.id in ("greeting", "bulletin") or prompt.id.startswith("notice.")
        languages = [view.book.language] if once else _languages_of(view, prompt, spoken)
        yield from _texts(prompt, prompt.place, languages, prompt.id)


def _languages_of(view: View, prompt: PromptText, spoken: list[str]) -> list[str]:
    """Where a prompt of a menu's or step's own (`fault.no_input`) is heard: as that is."""
    owner = prompt.id.rpartition(".")[0]
    for kind, of in (("menu", view.book.menus), ("step", view.book.steps)):
        if owner in of:
            return view.languages((kind, owner))
    return spoken


def _texts(prompt: PromptText, place: Place, languages: list[str], name: str) -> Iterator[Hit]:
    if not any(text.strip() for text in prompt.long.values()):
        yield Hit(
            "M015",
            place,
            Both(f"{name} 没有提示音文字", f"{name} has no prompt text"),
            Both("写 prompt: 文字", "write prompt: TEXT"),
        )
        return
    for prompt_id, texts in forms(prompt):
        for language in languages:
            if not texts.get(language, "").strip():
                yield Hit(
                    "M016",
                    prompt.place if prompt.place.line else place,
                    Both(
                        f"提示音 {prompt_id} 没有 {language} 文字，但会用该语言播报",
                        f"prompt {prompt_id!r} has no text in {language}, in which it is heard",
                    ),
                    Both(f"加上 {language}: 文字", f"add {language}: TEXT"),
                )


def same_text(view: View) -> Iterator[Hit]:
    """M017: two prompts with the same words cannot be told apart by ear."""
    first: dict[tuple[str, str], PromptText] = {}
    for prompt in view.book.prompts():
        for prompt_id, texts in forms(prompt):
            for language, text in texts.items():
                if elided(text) or not text.strip():
                    continue
                known = first.setdefault((language, text), prompt)
                if known.id != prompt.id or (
                    known is prompt and prompt_id != prompt.id and prompt.long.get(language) == text
                ):
                    yield Hit(
                        "M017",
                        prompt.place,
                        Both(
                            f"提示音 {prompt_id} 与 {known.id} 文字相同",
                            f"prompt {prompt_id!r} has the same words as {known.id!r}",
                        ),
                        Both(
                            "说出各自的事由，或共用一个步骤",
                            "say what each is about, or share one step",
                        ),
                    )


def placeholder_sources(view: View) -> Iterator[Hit]:
    """M018, M019, M039: something on each way gives the values that a prompt says."""
    for node, prompt, _, _ in _node_prompts(view):
        if node in view.graph.languages:
            known, sure = view.graph.known_at(node), view.graph.sure_at(node)
            yield from _placeholders(prompt, known)
            for name in sorted(_names(prompt) & known.keys() - sure):
                yield _unsure(prompt.place, f"{node[0]}:{node[1]}", name)
    for prompt in view.book.prompts():
        if prompt.id in view.book.menus or prompt.id in view.book.steps:
            continue
        yield from _placeholders(prompt, _system_values(view, prompt))


def _names(prompt: PromptText) -> set[str]:
    """The names of all placeholders of a prompt."""
    return {
        name
        for _, texts in forms(prompt)
        for text in texts.values()
        for name, _ in placeholders(text)
    }


def _unsure(place: Place, where: str, name: str) -> Hit:
    return Hit(
        "M039",
        place,
        Both(
            f"{where} 用到 {name}，但有的路径到这里还不知道它",
            f"{where} uses {name!r}, which some way here does not give",
        ),
        Both(f"让每条路径先得到 {name}", f"let every way here give {name} first"),
    )


def _system_values(view: View, prompt: PromptText) -> dict[str, set[str]]:
    given: Mapping[str, str] = SYSTEM_VALUES.get(prompt.id, {})
    bulletin = view.book.bulletin
    if bulletin is not None and prompt.id == "bulletin":
        service = view.book.services.get(bulletin.service)
        given = service.gives if service else {}
    return {name: {kind} for name, kind in given.items()}


def _placeholders(prompt: PromptText, known: Mapping[str, set[str]]) -> Iterator[Hit]:
    for prompt_id, texts in forms(prompt):
        for text in texts.values():
            for name, kind in placeholders(text):
                kinds = known.get(name)
                if kinds is None:
                    listed = ", ".join(sorted(known)) or "-"
                    yield Hit(
                        "M018",
                        prompt.place,
                        Both(
                            f"提示音 {prompt_id} 中的 {{{name}}} 没有来源",
                            f"nothing gives {{{name}}} of prompt {prompt_id!r}",
                        ),
                        Both(f"此处已知：{listed}", f"known here: {listed}"),
                    )
                elif kind not in kinds and not _close(kind, kinds):
                    wanted = sorted(kinds)[0]
                    yield Hit(
                        "M019",
                        prompt.place,
                        Both(
                            f"提示音 {prompt_id} 把 {name} 念作 {kind}，来源是 {wanted}",
                            f"prompt {prompt_id!r} says {name} as {kind}, it is given as {wanted}",
                        ),
                        Both(f"写成 {{{name}:{wanted}}}", f"write {{{name}:{wanted}}}"),
                    )


_NUMBERS = frozenset({"account", "phone", "digits", "order"})


def _close(kind: str, kinds: set[str]) -> bool:
    """Numbers read digit by digit may stand for one another; so may a date and time's date."""
    return (kind in _NUMBERS and bool(kinds & _NUMBERS)) or (
        kind in ("date", "time") and "datetime" in kinds
    )


def not_interruptible(view: View) -> Iterator[Hit]:
    """M031: a key ends a menu's prompt at once (5.2.6.3); only notices are heard to their end."""
    for menu in view.book.menus.values():
        if not menu.prompt.interruptible:
            yield Hit(
                "M031",
                menu.prompt.place,
                Both(
                    f"菜单 {menu.id} 的提示音不可打断",
                    f"keys cannot stop the prompt of menu {menu.id!r}",
                ),
                Both(
                    "去掉 interruptible: false，法定告知写入 notices",
                    "remove interruptible: false; legal notices go to notices",
                ),
            )


def inputs(view: View) -> Iterator[Hit]:
    """M013, M033: the caller is told how an input ends, and of no key that does not work."""
    for step in view.book.steps.values():
        collect, say = step.collect, step.say
        if collect is None or say is None:
            continue
        for language in view.languages(("step", step.id)):
            text = say.long.get(language, "")
            if not text or elided(text):
                continue
            end = collect.terminator
            if end and collect.min_length < collect.max_length and not names_key(text, end):
                yield Hit(
                    "M033",
                    say.place,
                    Both(
                        f"步骤 {step.id} 没有说明以 {end} 结束输入",
                        f"step {step.id!r} does not say that {end} ends the input",
                    ),
                    Both(f"加上“以{_said(end)}结束”", f'add "then press {_said_english(end)}"'),
                )
            for key in sorted(announced_keys(text) - {end}):
                if key not in collect.keys:
                    yield Hit(
                        "M013",
                        say.place,
                        Both(
                            f"步骤 {step.id} 播报了按键 {key}，但没有绑定",
                            f"step {step.id!r} announces key {key}, which is not bound",
                        ),
                        Both(
                            f'在 collect 的 keys 中绑定 "{key}"',
                            f'bind "{key}" in the keys of its collect',
                        ),
                    )


def service_inputs(view: View) -> Iterator[Hit]:
    """M034, M039: what a service needs has been collected, set or given before."""
    for step in view.book.steps.values():
        node: Node = ("step", step.id)
        service = view.book.services.get(step.request or "")
        if service is None or node not in view.graph.languages:
            continue
        known = view.graph.known_at(node, acting=True)
        sure = view.graph.sure_at(node, acting=True)
        for name in service.needs:
            if name in known and name not in sure:
                yield _unsure(step.place, f"step:{step.id}", name)
            if name not in known:
                yield Hit(
                    "M034",
                    step.place,
                    Both(
                        f"步骤 {step.id}：服务 {service.name} 需要 {name}，之前没有得到",
                        f"step {step.id!r}: {service.name} needs {name!r}, "
                        "which nothing before gives",
                    ),
                    Both(f"先 collect 或 set {name}", f"collect or set {name} before"),
                )


def survey(view: View) -> Iterator[Hit]:
    """M035: the survey announces its keys."""
    asked = view.book.survey
    if asked is None:
        return
    pairs = [(asked.prompt, set(asked.scores))]
    if asked.reason_prompt is not None:
        pairs.append((asked.reason_prompt, set(asked.reasons)))
    for prompt, keys in pairs:
        for language, text in prompt.long.items():
            differ = "".join(sorted(announced_keys(text) ^ keys))
            if differ and not elided(text):
                yield Hit(
                    "M035",
                    prompt.place,
                    Both(
                        f"提示音 {prompt.id}（{language}）与按键不符：{differ}",
                        f"prompt {prompt.id!r} ({language}) and keys differ: {differ}",
                    ),
                    Both(
                        "让提示音与 scores、reasons 一致",
                        "let the prompt agree with scores and reasons",
                    ),
                )


def _node_prompts(view: View) -> Iterator[tuple[Node, PromptText, Place, str]]:
    """Each menu's and each speaking step's own prompt, with its node, place and name."""
    for menu in view.book.menus.values():
        yield ("menu", menu.id), menu.prompt, menu.place, f"menu:{menu.id}"
    for step in view.book.steps.values():
        if isinstance(step, Step) and step.say is not None:
            yield ("step", step.id), step.say, step.place, f"step:{step.id}"


CHECKS: tuple[Callable[[View], Iterator[Hit]], ...] = (
    announcements,
    missing,
    same_text,
    placeholder_sources,
    not_interruptible,
    inputs,
    service_inputs,
    survey,
)
