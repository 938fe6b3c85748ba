"""Reading the story: steps, each with its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hotline.callers import scenario as sc
from hotline.callers.conditions import Conditions
from hotline.callers.scenario import Duration, Expect
from menus.model import Place
from menus.reader import NodePath

BESIDE: Mapping[str, tuple[str, ...]] = {
    "hear": ("within",),
    "press": (),
    "type": ("pause",),
    "say": (),
    "wait": (),
    "silent": (),
    "agent": ("within",),
    "hang_up": (),
    "stay": ("within",),
    "give_up": ("within",),
    "call_again": ("after",),
    "pick_up": ("within",),
}
"""action -> what may stand beside it in its step"""
ACTIONS = tuple(BESIDE)


class Steps(Conditions):
    """Reads the steps of one document's stories."""

    def _story(self, data: Any, pace: Duration, path: NodePath) -> list[sc.AnyStep]:
        steps = self._list(data, path)
        if not steps:
            self._wrong(
                path,
                "story 是空的",
                "the story is empty",
                "至少写一步，如 - hang_up:",
                "write at least one step, such as - hang_up:",
            )
        return [
            step
            for at, item in enumerate(steps)
            for step in self._try(self._step, item, pace, *path, at)
        ]

    def _step(self, data: Any, pace: Duration, *path: str | int) -> sc.AnyStep:
        if isinstance(data, str):
            data = {data: None}
        fields = self._mapping(data, path)
        named = [key for key in fields if key in ACTIONS]
        if len(named) != 1:
            beside = {key for keys in BESIDE.values() for key in keys}
            unknown = [key for key in fields if key not in beside and key not in BESIDE]
            if unknown:
                self._unknown(unknown[0], ACTIONS, (*path, unknown[0]))
            self._wrong(
                path,
                "一步只能有一个动作",
                "a step is one action",
                f"可用：{'、'.join(ACTIONS)}",
                f"one of: {', '.join(ACTIONS)}",
            )
        action = named[0]
        self._fields(fields, (action, *BESIDE[action]), path)
        place = self.document.place(*path, action)
        if place.line == 0:
            place = self.document.place(*path)
        make: Callable[[Place, Mapping[str, Any], Duration, NodePath], sc.AnyStep]
        make = getattr(self, f"_do_{action}")
        return make(place, fields, pace, path)

    def _within(self, fields: Mapping[str, Any], action: str, path: NodePath) -> float:
        """`within` beside the action, or inside its braces."""
        inner = fields[action]
        if action in ("stay", "pick_up", "give_up") and not isinstance(inner, dict):
            self._no_value(action, inner, (*path, action))
        if isinstance(inner, dict) and (action != "hear" or "within" in inner):
            if action != "hear":
                self._fields(inner, ("within",), (*path, action))
            if "within" in inner:
                return self._seconds(inner["within"], (*path, action, "within"))
        return self._seconds(fields.get("within", sc.DEFAULT_WITHIN), (*path, "within"))

    def _do_hear(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        value = fields["hear"]
        within = self._within(fields, "hear", path)
        if isinstance(value, dict):
            value = {key: inner for key, inner in value.items() if key != "within"}
        return sc.Hear(place, self.expect(value, (*path, "hear")), within)

    def _do_agent(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        value = fields["agent"]
        if value not in (None, "answered"):
            self._wrong(
                (*path, "agent"),
                "agent 只能是 answered",
                "agent can only be answered",
                "写成 agent: answered",
                "write agent: answered",
            )
        what = Expect("agent", "agent: answered", to_end=True)
        return sc.Hear(place, what, self._within(fields, "agent", path))

    def _do_stay(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        return sc.Hear(
            place, Expect("hangup", "the hotline hangs up"), self._within(fields, "stay", path)
        )

    def _do_press(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        key = self._keys(fields["press"], (*path, "press"))
        if len(key) != 1:
            self._wrong(
                (*path, "press"),
                "press 只按一个键",
                "press takes one key",
                f'多个键写成 type: "{key}"',
                f'for several keys write type: "{key}"',
            )
        return sc.PressKey(place, key)

    def _do_type(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        value, at = fields["type"], (*path, "type")
        pause = fields.get("pause")
        if isinstance(value, dict):
            inner = self._fields(value, ("digits", "pause"), at, needs=("digits",))
            value, at, pause = inner["digits"], (*at, "digits"), inner.get("pause", pause)
        span = pace if pause is None else self._duration(pause, (*path, "pause"))
        return sc.TypeKeys(place, self._keys(value, at), span)

    def _do_say(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        return sc.Say(place, self._text(fields["say"], (*path, "say")))

    def _do_wait(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        return sc.Wait(place, self._duration(fields["wait"], (*path, "wait")))

    def _do_silent(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        return sc.Wait(place, self._duration(fields["silent"], (*path, "silent")))

    def _do_hang_up(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        self._no_value("hang_up", fields["hang_up"], (*path, "hang_up"))
        return sc.HangUp(place)

    def _do_call_again(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        value = fields["call_again"]
        if isinstance(value, dict):
            value = self._fields(value, ("after",), (*path, "call_again")).get("after")
        after = fields.get("after") if value is None else value
        return sc.CallAgain(place, self._duration(2.0 if after is None else after, path))

    def _do_pick_up(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        return sc.PickUp(place, self._within(fields, "pick_up", path))

    def _do_give_up(
        self, place: Place, fields: Mapping[str, Any], pace: Duration, path: NodePath
    ) -> sc.AnyStep:
        return sc.GiveUp(place, self._within(fields, "give_up", path))
