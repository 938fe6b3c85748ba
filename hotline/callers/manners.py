"""How a persona plays a story: what it presses by mistake, and how it mends that; what it misses.

    right keys due, a `hear` step next --slip--> presses a wrong key, owes the right ones
        in a number, noticed at once         --> presses * (clears the input), types it again
        hears `error`, or what asked before  --> presses the right ones
        after one wrong key, anything else   --> presses * once, the way back (5.2.6.3)
    a prompt that asks for keys --miss--> lets it go by, and answers when it comes again

One slip and one miss a step at most, so that a story comes to its end. Draws are named, so a seed
replays them. Our choice in all of it; there is no clause on callers.
"""

from __future__ import annotations

from collections.abc import Callable

from hotline.callers import scenario as sc
from hotline.callers.matching import Thing, is_prompt
from hotline.callers.personas import Persona

BACK = "*"
"""The key that a caller tries who has gone wrong."""
NOTICED = 0.5
"""Share of slips within a number that are noticed at the wrong digit."""
WRONG = ("error",)
"""Prompts (and those below them) that say that something was wrong."""

Draw = Callable[[str], float]
"""A uniform number for a purpose."""


class Manners:
    """One persona on one story."""

    __slots__ = ("_asked", "_draw", "_missed", "_single", "_turned", "owed", "persona", "slips")

    def __init__(self, persona: Persona, draw: Draw) -> None:
        self.persona = persona
        self.owed = ""
        """the right keys, as long as the wrong ones have not been mended"""
        self.slips: list[int] = []
        """lines of the steps at which it slipped"""
        self._draw = draw
        self._asked: tuple[str, ...] = ()
        self._single = self._turned = False
        self._missed = -1

    # --- slips ---------------------------------------------------------------------------------

    def keys(
        self, step: sc.PressKey | sc.TypeKeys, then: sc.AnyStep | None, asked: tuple[str, ...]
    ) -> str:
        """What is pressed for `step`, which the prompt `asked` wanted and `then` follows."""
        right = step.key if isinstance(step, sc.PressKey) else step.keys
        slips = self._draw("slip") < self.persona.slips
        if not slips or not isinstance(then, sc.Hear) or then.what.kind == "hangup":
            return right
        wrong = _wrong(right, self._draw("wrong"))
        if wrong == right:
            return right
        if len(right) > 1 and self._draw("notice") < NOTICED:
            at = next(i for i, key in enumerate(right) if key != wrong[i])
            return wrong[: at + 1] + BACK + right
        self.owed, self._asked = right, asked
        self._single, self._turned = len(right) == 1, False
        self.slips.append(step.place.line)
        return wrong

    def answer(self, thing: Thing, ids: tuple[str, ...]) -> str:
        """The keys that mend a slip, now that `thing` is heard; "" for none."""
        if not self.owed or thing.kind != "prompt":
            return ""
        if any(is_prompt(wrong, ids) for wrong in WRONG) or same_prompt(ids, self._asked):
            keys, self.owed = self.owed, ""
            return keys
        if self._single and not self._turned:
            self._turned = True
            return BACK
        return ""

    def satisfied(self) -> None:
        """What the story wants was heard all the same: nothing is owed."""
        self.owed = ""

    # --- misses --------------------------------------------------------------------------------

    def misses(self, index: int, then: sc.AnyStep | None) -> bool:
        """Whether it lets what step `index` waits for go by this time."""
        if self._missed == index or not isinstance(then, (sc.PressKey, sc.TypeKeys)):
            return False
        if self._draw("miss") >= self.persona.misses:
            return False
        self._missed = index
        return True


def same_prompt(ids: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether one prompt is the other, long or short."""
    long = {name.removesuffix(".short") for name in others}
    return any(name.removesuffix(".short") in long for name in ids)


def _wrong(right: str, uniform: float) -> str:
    """`right` with one digit that is not meant: the next one on the keypad, or another menu key."""
    if len(right) == 1:
        others = [key for key in "123456789" if key != right]
        return others[int(uniform * len(others))]
    digits = [at for at, key in enumerate(right) if key.isdigit()]
    if not digits:
        return right
    at = digits[int(uniform * len(digits))]
    return right[:at] + str((int(right[at]) + 1) % 10) + right[at + 1 :]
