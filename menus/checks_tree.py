"""Checks of the tree: where keys and outcomes lead (clauses 5.2.6.2, 5.2.3, 5.2.5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from menus import targets
from menus.graph import Node, asks_agent, exits, leads_to_agent
from menus.model import Menu, Step, Target
from menus.paths import deepest
from menus.view import Hit, View
from menus.wording import Both, nearest


def navigation_menus(view: View) -> Iterator[Menu]:
    """The menus of the navigation (自动语音导航); the waiting menu is offered in the queue."""
    for menu in view.book.menus.values():
        if menu.id != view.book.waiting.menu:
            yield menu


def too_deep(view: View) -> Iterator[Hit]:
    """M001: at most 5 menus on a path (5.2.6.2)."""
    limit = view.limits.max_depth
    path = deepest(view.book, stop_at=limit + 1)
    if len(path) > limit:
        way = " > ".join(path)
        yield Hit(
            "M001",
            view.book.menus[path[limit]].place,
            Both(
                f"路径 {way} 有 {len(path)} 层菜单，上限是 {limit} 层",
                f"path {way} has {len(path)} menus, at most {limit} are allowed",
            ),
            Both(
                "合并菜单，或把它移到更靠近主菜单的地方",
                "merge menus, or move this one nearer to the start",
            ),
        )


def no_transfer(view: View) -> Iterator[Hit]:
    """M002: each menu offers 转人工 (5.2.6.2)."""
    for menu in navigation_menus(view):
        if not any(leads_to_agent(view.book, key.target) for key in menu.keys.values()):
            yield Hit(
                "M002",
                menu.place,
                Both(f"菜单 {menu.id} 没有转人工", f"menu {menu.id!r} offers no agent"),
                Both(
                    '在 common_keys 中写 "0": agent，或在该菜单的 keys 中写',
                    'write "0": agent in common_keys or in the keys of this menu',
                ),
            )


def no_way_back(view: View) -> Iterator[Hit]:
    """M003: each menu offers 返回上级 (5.2.6.2); in the start menu it repeats the menu."""
    for menu in navigation_menus(view):
        ways = {key.target.kind for key in menu.keys.values()}
        enough = {"back", "top", "repeat"} if menu.id == view.book.start else {"back"}
        if not ways & enough:
            yield Hit(
                "M003",
                menu.place,
                Both(f"菜单 {menu.id} 没有返回上级", f"menu {menu.id!r} offers no way back"),
                Both(
                    '在 common_keys 中写 "*": back，或在该菜单的 keys 中写',
                    'write "*": back in common_keys or in the keys of this menu',
                ),
            )


def dangling(view: View) -> Iterator[Hit]:
    """M004: every target exists."""
    for problem in targets.dangling(view.book):
        yield Hit("M004", problem.place, problem.message, problem.hint)


def unreachable(view: View) -> Iterator[Hit]:
    """M005, M006: every menu and step can be reached from the start."""
    if view.book.start not in view.book.menus:
        return
    for node in _nodes(view):
        if node in view.graph.languages or node == ("menu", view.book.waiting.menu):
            continue
        kind, name = node
        place = _placed(view, node).place
        yield Hit(
            "M005" if kind == "menu" else "M006",
            place,
            Both(
                f"没有任何路径到达{'菜单' if kind == 'menu' else '步骤'} {name}",
                f"no path leads to {kind} {name!r}",
            ),
            Both(
                f"让某个按键或结果指向 {kind}:{name}，或删除它",
                f"let a key or outcome lead to {kind}:{name}, or remove it",
            ),
        )


def dead_end(view: View) -> Iterator[Hit]:
    """M007: a menu without a key that leads on, a step without a way out."""
    for menu in view.book.menus.values():
        stays = {"repeat"} | ({"back", "top"} if menu.id == view.book.start else set())
        if all(key.target.kind in stays for key in menu.keys.values()):
            yield Hit(
                "M007",
                menu.place,
                Both(
                    f"菜单 {menu.id} 没有通往别处的按键",
                    f"menu {menu.id!r} has no key that leads anywhere",
                ),
                Both("绑定按键，或改为步骤", "bind keys, or make it a step"),
            )
    for step in view.book.steps.values():
        if step.request is None and step.next is None:
            yield Hit(
                "M007",
                step.place,
                Both(f"步骤 {step.id} 之后没有去向", f"step {step.id!r} leads nowhere"),
                Both("写 next: back、next: end 等", "write next: back, next: end, ..."),
            )


def outcomes(view: View) -> Iterator[Hit]:
    """M008, M009, M010: every outcome of a known service has a target."""
    for step in view.book.steps.values():
        if step.request is None:
            continue
        service = view.book.services.get(step.request)
        if service is None:
            meant = nearest(step.request, view.book.services)
            yield Hit(
                "M009",
                step.place,
                Both(
                    f"步骤 {step.id} 请求的服务 {step.request} 不存在",
                    f"step {step.id!r} requests the unknown service {step.request!r}",
                ),
                Both(f"是否要写 {meant}？", f"did you mean {meant!r}?")
                if meant
                else Both("在 services 中定义它", "define it in services"),
            )
            continue
        yield from _outcomes_of(step, (*service.outcomes, "failed"))


def _outcomes_of(step: Step, known: tuple[str, ...]) -> Iterator[Hit]:
    for outcome in known:
        # `next` stands for the outcomes that `on` leaves out, but a failure is no success.
        if outcome not in step.on and (step.next is None or outcome == "failed"):
            yield Hit(
                "M008",
                step.place,
                Both(
                    f"步骤 {step.id}：服务 {step.request} 的结果 {outcome} 没有去向",
                    f"step {step.id!r}: outcome {outcome!r} of {step.request} has no target",
                ),
                Both(f"在 on 中写 {outcome}: 目标", f"write {outcome}: TARGET in on"),
            )
    for outcome in step.on:
        if outcome not in known:
            meant = nearest(outcome, known)
            yield Hit(
                "M010",
                step.on_places.get(outcome, step.place),
                Both(
                    f"服务 {step.request} 没有结果 {outcome}",
                    f"service {step.request} has no outcome {outcome!r}",
                ),
                Both(f"是否要写 {meant}？", f"did you mean {meant!r}?")
                if meant
                else Both(f"可用：{'、'.join(known)}", f"available: {', '.join(known)}"),
            )


def waiting_targets(view: View) -> Iterator[Hit]:
    """M032: `wait` and `callback` mean something in the waiting menu only."""
    for node in _nodes(view):
        if node == ("menu", view.book.waiting.menu):
            continue
        for way in exits(view.book, node):
            if way.target.kind in ("wait", "callback"):
                yield Hit(
                    "M032",
                    way.place,
                    Both(
                        f"{_name(node)} 用了 {way.target}，它只在排队菜单中有意义",
                        f"{_name(node)} uses {way.target}, which belongs in the waiting menu",
                    ),
                    Both(
                        "移到 waiting.menu 所指的菜单",
                        "move it to the menu that waiting.menu names",
                    ),
                )


def round_and_round(view: View) -> Iterator[Hit]:
    """M036: steps that lead to each other without asking the caller for anything."""
    book = view.book
    onward = {
        name: [
            w.target.arg
            for w in exits(book, ("step", name))
            if w.target.kind == "step"
            and w.kind in ("outcome", "next")
            and w.target.arg in book.steps
        ]
        for name, step in book.steps.items()
        if step.collect is None
    }
    told: set[str] = set()
    for name in onward:
        seen: set[str] = set()
        waiting = list(onward[name])
        while waiting:
            found = waiting.pop()
            if found not in seen and found in onward:
                seen.add(found)
                waiting += onward[found]
        if name in seen and name not in told:
            told |= seen
            yield Hit(
                "M036",
                book.steps[name].place,
                Both(
                    f"步骤 {name} 会绕回自身，来电人无法介入",
                    f"step {name!r} leads back to itself without the caller",
                ),
                Both(
                    "让其中一步通向菜单、转人工或结束",
                    "let one of the steps lead to a menu, an agent or the end",
                ),
            )


def closed_to_itself(view: View) -> Iterator[Hit]:
    """M037: outside its hours a menu leads elsewhere."""
    for menu in view.book.menus.values():
        if menu.closed == Target("menu", menu.id):
            yield Hit(
                "M037",
                menu.place,
                Both(
                    f"菜单 {menu.id} 在非营业时间指向自身",
                    f"menu {menu.id!r} leads to itself outside its hours",
                ),
                Both("让 closed 指向说明的步骤", "let closed lead to a step that explains"),
            )


def functions(view: View) -> Iterator[Hit]:
    """M011, M012: the functions of clause 5.2.3."""
    required, known = view.limits.functions, view.limits.known_functions
    offered: set[str] = set()
    for node in _nodes(view):
        item = _placed(view, node)
        for function in item.functions:
            if function not in known:
                meant = nearest(function, known)
                yield Hit(
                    "M012",
                    item.place,
                    Both(f"没有名为 {function} 的服务功能", f"unknown function {function}"),
                    Both(f"可用：{'、'.join(known)}", f"available: {', '.join(known)}")
                    if meant is None
                    else Both(f"是否要写 {meant}？", f"did you mean {meant}?"),
                )
            if node in view.graph.languages:
                offered.add(function)
    if not view.functions_required:
        return
    for function in required:
        if function not in offered:
            yield Hit(
                "M011",
                view.place("functions"),
                Both(f"没有路径提供服务功能 {function}", f"no path offers the function {function}"),
                Both(
                    "在提供它的菜单或步骤写 function",
                    "name it in function: of the menu or step that offers it",
                ),
            )


def required_languages(view: View) -> Iterator[Hit]:
    """M024: the languages that clause 5.2.5.1 asks for can be chosen."""
    if not view.functions_required:
        return
    spoken = view.graph.spoken | {
        way.target.arg
        for node in view.graph.languages
        for way in exits(view.book, node)
        if way.target.kind == "language" and asks_agent(view.book, way.target)
    }
    for language in view.limits.standard.names("required_languages"):
        if not any(code == language or code.startswith(f"{language}-") for code in spoken):
            yield Hit(
                "M024",
                view.place("starts"),
                Both(f"没有按键通往 {language} 服务", f"no key leads to service in {language}"),
                Both(f"绑定 language:{language}", f"bind a key to language:{language}"),
            )


def _nodes(view: View) -> Iterator[Node]:
    for name in view.book.menus:
        yield "menu", name
    for name in view.book.steps:
        yield "step", name


def _placed(view: View, node: Node) -> Menu | Step:
    return view.book.menus[node[1]] if node[0] == "menu" else view.book.steps[node[1]]


def _name(node: Node) -> str:
    return f"{node[0]}:{node[1]}"


CHECKS: tuple[Callable[[View], Iterator[Hit]], ...] = (
    too_deep,
    no_transfer,
    no_way_back,
    dangling,
    unreachable,
    dead_end,
    outcomes,
    waiting_targets,
    round_and_round,
    closed_to_itself,
    functions,
    required_languages,
)
