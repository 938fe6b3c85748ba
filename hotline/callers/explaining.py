"""Why something expected was not heard, in words that let its author mend scenario or hotline.

Pure comparison of what was heard (`Thing`) with what was wanted (`Expect`); Chinese and English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from hotline.callers import scenario as sc
from hotline.callers.matching import Thing, is_prompt, likeness, satisfies
from hotline.callers.scenario import Expect
from menus.wording import Both

SHOWN = 60
"""Characters of a text that a message shows."""
NEAR = 0.5
"""Likeness from which a text is worth naming as a near miss; our choice."""

Ids = Callable[[Thing], tuple[str, ...]]
"""All prompt ids that sound like a thing."""

_AGENT_WORDS = re.compile(r"专员|坐席|座席|工号|\bagent\b|\boperator\b", re.IGNORECASE)
_WAITING = re.compile(r"(refused|queue|waiting|transfer)\b")
"""Our own prompts that speak of agents and are none."""


# --- words for things, conditions and steps ---------------------------------------------------


def described(thing: Thing) -> Both:
    """One thing heard, as a person would name it."""
    match thing.kind:
        case "prompt":
            said = clipped(thing.text)
            name = f" {thing.what}" if thing.what else ""
            return Both(f"提示音{name}“{said}”", f'prompt{name} "{said}"')
        case "agent":
            return Both(f"客服专员 {thing.what}".rstrip(), f"agent {thing.what}".rstrip())
        case "music":
            return Both("等待音乐", "music")
        case "tone":
            return Both(f"信号音 {thing.what}", f"tone {thing.what}")
        case "hangup":
            return Both("对方挂机", "the hotline hung up")
    return Both("静音", "silence")


def clipped(text: str) -> str:
    """A text short enough for a message."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def step_words(step: sc.AnyStep | None) -> Both:
    """What a step wants, as `expected` of a failure."""
    match step:
        case sc.Hear(what=what):
            return Both(f"听到 {what.words}", f"to hear {what.words}")
        case sc.PressKey(key=key):
            return Both(f"按 {key}", f"to press {key}")
        case sc.TypeKeys():
            return Both("键入号码", "to type keys")
        case sc.Say():
            return Both("说话", "to say something")
        case sc.Wait():
            return Both("等待", "to wait")
        case sc.HangUp():
            return Both("挂机", "to hang up")
        case sc.CallAgain():
            return Both("再次拨打", "to call again")
        case sc.PickUp():
            return Both("电话铃响", "the telephone to ring")
        case sc.GiveUp():
            return Both("等得不耐烦而挂机", "to lose patience and hang up")
    return Both("情节结束", "the story to end")


def position(scenario: sc.Scenario, index: int) -> Both:
    """Where in the story a step stands, and what came before it."""
    total = len(scenario.story)
    if index >= total:
        return Both(f"{total} 步都已做完", f"all {total} steps were done")
    if index == 0:
        return Both(f"故事的第 1 步，共 {total} 步", f"step 1 of {total} of the story")
    before = scenario.story[index - 1]
    words = step_words(before)
    line = before.place.line
    return Both(
        f"故事的第 {index + 1} 步，共 {total} 步；上一步已完成：第 {line} 行，{words.zh}",
        f"step {index + 1} of {total} of the story; the last one done is line {line}, {words.en}",
    )


# --- what went wrong --------------------------------------------------------------------------


def not_answered(seconds: float) -> Both:
    """It rang and rang."""
    return Both(
        f"热线 {seconds:g} 秒内没有接听", f"the hotline did not answer within {seconds:g} s"
    )


def at_the_limit(seconds: float) -> Both:
    """The scenario's limit is reached."""
    return Both(
        f"满 {seconds:g} 秒（limit），中止", f"stopped after {seconds:g} s, the scenario's limit"
    )


def not_in_time(step: sc.AnyStep) -> Both | None:
    """What a step waited for did not come; None for a step that waits for nothing."""
    match step:
        case sc.Hear(within=within):
            return Both(f"{within:g} 秒内没有听到", f"not heard within {within:g} s")
        case sc.PickUp(within=within):
            return Both(
                f"{within:g} 秒内没有振铃", f"the telephone did not ring within {within:g} s"
            )
        case sc.GiveUp(within=within):
            return Both(
                f"{within:g} 秒后仍有耐心", f"the caller was still patient after {within:g} s"
            )
    return None


def line_closed(*, by_caller: bool, refusal: str = "") -> Both:
    """Nothing more can be done or heard; `refusal` is what a network said instead of an answer."""
    if refusal:
        return Both(f"来电未接通：{refusal}", f"the call was refused: {refusal}")
    if by_caller:
        return Both(
            "客户已经挂机；再打要写 call_again",
            "the line was closed by the caller; to go on write call_again first",
        )
    return Both("热线已经挂机", "the line was closed by the hotline")


def gave_up(persona: str, waited: float, *, talked: bool) -> Both:
    """A persona hung up by itself."""
    if talked:
        return Both(
            f"客户（{persona}）不想再谈，自己挂了机；persona 的 talk 可以改",
            f"the caller ({persona}) had talked enough and hung up; change `talk` of its persona",
        )
    return Both(
        f"客户（{persona}）等专员 {waited:.0f} 秒后失去耐心，自己挂了机；"
        "persona 的 patience 可以改，要的就是这样则写 - give_up:",
        f"the caller ({persona}) lost patience after {waited:.0f} s without an agent and hung up; "
        "change `patience` of its persona, or write - give_up: if that is the story",
    )


def slipped(persona: str, lines: Sequence[int]) -> Both:
    """A persona pressed something wrong on the way."""
    where = ", ".join(str(line) for line in lines)
    return Both(
        f"客户（{persona}）在第 {where} 行按错过键；slips: 0 则不会",
        f"the caller ({persona}) pressed a wrong key at line {where}; with slips: 0 it does not",
    )


STILL_ON_THE_LINE = Both(
    "客户还没有挂机，先写 hang_up", "the caller is still on the line: hang_up first"
)


def on_duty(agents: Sequence[sc.AgentFixture]) -> Both:
    """Who could have answered, by the scenario."""
    if not agents:
        return Both("本场景 given 里没有专员值班", "given of this scenario has nobody on duty")
    known = [(agent.number, ", ".join(filter(None, agent.skills)) or "-") for agent in agents]
    zh = "；".join(f"{number}（技能 {skills}）" for number, skills in known)
    en = "; ".join(f"{number} (skills: {skills})" for number, skills in known)
    return Both(f"本场景 given 里值班的是 {zh}", f"on duty by given of this scenario: {en}")


# --- what was heard instead -------------------------------------------------------------------


NAMED = 5
"""Sounds that a message names."""


def instead(things: Sequence[Thing]) -> Both:
    """What was heard since the last match or key."""
    heard = [described(thing) for thing in things if thing.kind != "silence"]
    if not heard:
        return Both("此后什么也没有听到", "since then nothing at all was heard")
    more = len(heard) - NAMED
    if more > 0:  # the first says where a key has led, the last where it ended
        heard[2 : 2 + more] = [Both(f"…… 还有 {more} 项 ……", f"... {more} more ...")]
    return Both(
        "此后听到的是：" + "；".join(one.zh for one in heard),
        "since then was heard " + "; ".join(one.en for one in heard),
    )


def notes(things: Sequence[Thing], cursor: int, want: Expect, ids: Ids) -> Iterator[Both]:
    """What was heard instead, the nearest miss of it, and what may mend the scenario."""
    since = things[cursor:]
    yield instead(since)
    miss = near_miss(since, want, ids)
    if miss is not None:
        yield miss
    earlier = _heard_before(things[:cursor], want, ids)
    if earlier is not None:
        yield earlier
    elif miss is None:
        near = near_miss(things[:cursor], want, ids)
        if near is not None:
            yield Both(f"此前：{near.zh}", f"earlier: {near.en}")
    if earlier is None:
        yield from _rewrite(since, want)


def _rewrite(since: Sequence[Thing], want: Expect) -> Iterator[Both]:
    """What the step, or the scenario, would say if the hotline is right."""
    prompts = [thing for thing in since if thing.kind == "prompt"]
    if want.kind == "agent":
        spoken = next(
            (t for t in prompts if _AGENT_WORDS.search(t.text) and not _WAITING.match(t.what)), None
        )
        if spoken is not None and not any(thing.kind == "agent" for thing in since):
            said = clipped(spoken.text)
            yield Both(
                f"若“{said}”就是客服专员应答，请在场景中写 agent_is: {{contains: …}}",
                f'if "{said}" is how your hotline announces an agent, '
                "write agent_is: {contains: ...} in the scenario",
            )
    elif want.prompt and prompts and prompts[0].what:
        step = f"- hear: {{prompt: {prompts[0].what}}}"
        yield Both(f"若热线是对的，这一步应写成 {step}", f"if the hotline is right, write {step}")


def _heard_before(things: Sequence[Thing], want: Expect, ids: Ids) -> Both | None:
    if not any(satisfies(thing, want, ids(thing)) for thing in things):
        return None
    return Both(
        "它在上一次按键或上一步之前已经听到过；若要的就是那一次，把这一步移到前面",
        "it was heard before the last key or match; if that was the one, move this step up",
    )


def near_miss(things: Iterable[Thing], want: Expect, ids: Ids) -> Both | None:
    """The thing that came nearest to what was wanted, and how it differs."""
    found = [miss for thing in things if (miss := _why_not(thing, want, ids(thing))) is not None]
    if not found:
        return None
    best = max(found, key=lambda miss: miss[0])
    return best[1]


def _why_not(thing: Thing, want: Expect, ids: tuple[str, ...]) -> tuple[float, Both] | None:
    """How near the thing came (0 to 1), and what of it is not as wanted."""
    if want.kind == "prompt" and thing.kind in ("prompt", "agent"):
        return _prompt_differs(thing, want, ids)
    if thing.kind != want.kind:
        return None
    name = described(thing)
    if want.kind == "agent" and want.number not in ("", thing.what):
        return 0.8, Both(
            f"应答的是{name.zh}，而不是 {want.number}", f"it was {name.en}, not {want.number}"
        )
    if want.kind == "agent":
        return 0.9, Both("报工号没有听完", "the announcement was not heard to its end")
    if want.kind == "tone":
        return 0.8, Both(f"听到的是{name.zh}", f"it was {name.en}")
    return None


def _prompt_differs(thing: Thing, want: Expect, ids: tuple[str, ...]) -> tuple[float, Both] | None:
    differences = list(_differences(thing, want, ids))
    if not differences:
        return None
    nearness = min(near for near, _ in differences)
    conditions = sum(
        map(bool, (want.prompt, want.contains, want.exact, want.matches, want.similar, want.values))
    )
    if nearness < NEAR and len(differences) >= max(conditions, 1):
        return None
    name = described(thing)
    return nearness + (conditions - len(differences)), Both(
        f"最接近的是{name.zh}：" + "；".join(why.zh for _, why in differences),
        f"nearest is {name.en}: " + "; ".join(why.en for _, why in differences),
    )


def _differences(thing: Thing, want: Expect, ids: tuple[str, ...]) -> Iterator[tuple[float, Both]]:
    text = thing.text
    if want.prompt and not is_prompt(want.prompt, ids):
        near = max((_alike(want.prompt, one) for one in ids), default=0.0)
        yield near, Both(f"编号不是 {want.prompt}", f"its id is not {want.prompt}")
    if want.language and thing.language != want.language:
        yield 0.6, Both(f"语言是 {thing.language}", f"it is in {thing.language}")
    if want.to_end and not thing.whole:
        yield 0.9, Both("没有听完", "it was not heard to its end")
    if want.contains and want.contains not in text:
        yield _passage(want.contains, text)
    if want.exact and want.exact != text.strip():
        yield _passage(want.exact, text.strip(), whole=True)
    if want.similar and (near := likeness(want.similar, text)) < want.at_least:
        yield (
            near,
            Both(
                f"相似度 {near:.2f}，要求 {want.at_least:g}",
                f"likeness {near:.2f}, wanted {want.at_least:g}",
            ),
        )
    if want.matches is not None and want.matches.search(text) is None:
        yield 0.0, Both("不合正则表达式", "it does not match the pattern")
    yield from _values_differ(thing, want)


def _values_differ(thing: Thing, want: Expect) -> Iterator[tuple[float, Both]]:
    said = dict(thing.values)
    for slot, wanted in want.values:
        got = said.get(slot)
        if got is None:
            there = ", ".join(said) or "-"
            yield (
                0.3,
                Both(
                    f"没有听到数值 {slot}（听到：{there}）",
                    f"no value {slot} was heard (heard: {there})",
                ),
            )
        elif got != wanted:
            yield 0.9, Both(f"{slot} 说的是“{got}”", f'{slot} was said as "{got}"')


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


_MARKS = re.compile(r"[\W_]+")


def _passage(wanted: str, text: str, *, whole: bool = False) -> tuple[float, Both]:
    """The passage of `text` that is most like `wanted`, and the characters that differ."""
    spoken = _MARKS.sub("", wanted)
    if spoken and spoken in _MARKS.sub("", text):
        # as it stands there: the same characters, with whatever marks lie between them
        found = re.search(r"[\W_]*".join(map(re.escape, spoken)), text)
        said = found.group() if found else text
        return 0.95, Both(
            f"只有空格或标点不同，应写 {said}",
            f"only spaces or marks differ; write {said}",
        )
    block = SequenceMatcher(None, wanted, text, autojunk=False).find_longest_match()
    start = max(0, block.b - block.a)
    there = text if whole else text[start : start + len(wanted)]
    matcher = SequenceMatcher(None, there, wanted, autojunk=False)
    changes = [
        (_wider(there, i, j), _wider(wanted, k, m))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]
    near = matcher.ratio()
    if near < NEAR or len(changes) > 3:
        return near, Both("文字不同", "its text differs")
    return near, Both(
        "，".join(f"说的是“{has}”而不是“{wants}”" for has, wants in changes),
        ", ".join(f'it says "{has}" where "{wants}" is wanted' for has, wants in changes),
    )


def _wider(text: str, start: int, end: int) -> str:
    """A changed passage with the rest of its number or word, or its neighbours."""
    left = start
    while left > 0 and text[left - 1].isascii() and text[left - 1].isalnum():
        left -= 1
    right = end
    while right < len(text) and text[right].isascii() and text[right].isalnum():
        right += 1
    if left < start or right > end:
        return text[left:right]
    return text[max(0, start - 1) : end + 1]
