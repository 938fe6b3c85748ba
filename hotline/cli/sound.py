"""What scripted callers know of how a hotline sounds, and what scenarios may then ask for.

our own book       the built-in pack under the user's recordings; prompts by id and by text
--pack FOLDER      somebody else's prompts: recognised from the user's recordings of them
--hear speech      nobody's prompts: speech recognition, texts only
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from audio.pack import Pack
from audio.voice import LONGEST
from hotline.callers.checking import Vocabulary, check, wants
from hotline.callers.hearing import Canon
from hotline.callers.scenario import Scenario, ScenarioError
from hotline.cli.hearing_options import LANGUAGES
from hotline.cli.vocabulary import prompt_table, vocabulary
from hotline.telephony.ear import Ear, PromptTable
from hotline.telephony.handset import MakeEar
from hotline.telephony.speech import Recognise, SpeechEar
from menus.targets import playable
from menus.wording import Both, Problem

RECOGNISED_WITHIN = 10.0
"""seconds that speech recognition is given for an utterance; about 2 on a quiet core"""
SIDE_BY_SIDE = 8
"""calls in progress at once; each takes some per cent of a core to listen to"""


@dataclass(frozen=True, slots=True)
class Sound:
    """How a hotline sounds. `ear` is None for the one that recognises `pack`."""

    pack: Pack
    table: PromptTable
    canon: Canon
    ear: MakeEar | None = None
    side_by_side: int = SIDE_BY_SIDE
    late: float = 0.0
    """seconds by which the ear may tell of a sound later than it could be noticed"""
    check: Callable[[Sequence[Scenario]], None] = field(default=lambda scenarios: None)
    """Raises `ScenarioError` for what cannot be heard so; to be called before any call."""

    def warm_up(self) -> None:
        """Make what the first ear makes for all (a second), so that no call waits for it."""
        if self.ear is None:
            Ear(self.pack, self.table, canon=self.canon)


def of_book(book: str | None, recordings: Sequence[str] = ()) -> Sound:
    """Our own hotline, or another one with this book."""
    loaded = playable(book)
    known = vocabulary(loaded)
    if book is None:  # what it knows beside our words is its own affair
        known = replace(known, services=None, skills=None, records={})
    return Sound(
        Pack.load(*recordings),
        prompt_table(loaded),
        Canon.of_book(loaded),
        check=lambda scenarios: check(scenarios, known),
    )


def of_pack(folder: str) -> Sound:
    """Somebody else's hotline, known by a prompt pack. Raises `PackError`."""
    from audio import prompt_pack

    found = prompt_pack.load(Path(folder))
    known = Vocabulary(
        prompts=frozenset(prompt for prompt, _ in found.table),
        languages=frozenset(language for _, language in found.table),
    )

    def refuse(scenarios: Sequence[Scenario]) -> None:
        check(scenarios, known)
        _refuse(scenarios, *((_needs_agent,) if found.music else (_needs_agent, _needs_music)))

    return Sound(found.pack, found.table, Canon(found.table), check=refuse)


def of_speech(language: str, recognise: Recognise | None = None) -> Sound:
    """Somebody else's hotline, by speech recognition. Raises `SpeechError` without the extra."""
    recognise = recognise or whisper()

    def refuse(scenarios: Sequence[Scenario]) -> None:
        _refuse(scenarios, _needs_pack, _needs_agent)

    return Sound(
        Pack.load(),
        {},
        Canon(),
        ear=lambda desk, call: SpeechEar(
            recognise, language, call=call, listens_for_silence=desk.caller.listens_for_silence
        ),
        side_by_side=1,  # a recogniser that falls behind hears nothing in time
        late=LONGEST + RECOGNISED_WITHIN,
        check=refuse,
    )


def whisper() -> Recognise:
    """The recogniser in a thread of its own, so that the call goes on beside it."""
    from audio.whisper import Whisper

    model, thread = Whisper(), ThreadPoolExecutor(1, "hearing")
    return lambda alaw, language: thread.submit(model.credible, alaw, language)


# --- what cannot be heard ------------------------------------------------------------------------

Rule = Callable[[Scenario], Iterator[Problem]]


def _refuse(scenarios: Iterable[Scenario], *rules: Rule) -> None:
    problems = dict.fromkeys(
        problem for scenario in scenarios for rule in rules for problem in rule(scenario)
    )
    if problems:
        raise ScenarioError(problems)


def _needs_pack(scenario: Scenario) -> Iterator[Problem]:
    for place, want in wants(scenario):
        word = want.prompt or (want.kind if want.kind == "music" else "") or dict(want.values)
        if word:
            yield Problem(
                place,
                Both(f"语音识别听不出 {want.words}", f"{want.words} cannot be heard by speech"),
                Both(
                    "改用 contains、matches 或 similar，或用 --pack 给出提示音包",
                    "use contains, matches or similar, or give a prompt pack with --pack",
                ),
            )


def _needs_music(scenario: Scenario) -> Iterator[Problem]:
    for place, want in wants(scenario):
        if want.kind == "music":
            yield Problem(
                place,
                Both("提示音包里没有等待音乐", "the prompt pack has no waiting music"),
                Both("加一行，id 写 music", "add a row with the id music"),
            )


def _needs_agent(scenario: Scenario) -> Iterator[Problem]:
    if scenario.agent_is is not None:
        return
    asks = [place for place, want in wants(scenario) if want.kind == "agent"]
    asks += [w.place for w in scenario.watches if w.kind == "heard_agent_within"]
    for place in asks:
        yield Problem(
            place,
            Both("不知道这条热线的专员怎么说话", "nothing says what an agent is on this hotline"),
            Both(
                "在场景里写 agent_is，如 agent_is: {contains: 为您服务}",
                "write agent_is in the scenario, such as agent_is: {contains: at your service}",
            ),
        )


# --- what the options ask for -------------------------------------------------------------------


def chosen(book: str | None, pack: str | None, hear: str, recordings: Sequence[str] = ()) -> Sound:
    """The sound that the options ask for; raises `UsageError` when they contradict each other."""
    if pack and hear != "pack":
        raise click.UsageError(f"--pack and --hear {hear} exclude each other: choose one")
    if book and (pack or hear != "pack"):
        other = "--pack" if pack else f"--hear {hear}"
        raise click.UsageError(f"--book is for a hotline of ours; leave it out with {other}")
    if pack:
        return of_pack(pack)
    return of_book(book, recordings) if hear == "pack" else of_speech(LANGUAGES[hear])


def options(book: str | None, pack: str | None, hear: str) -> str:
    """The options that choose this sound, for a command that plays it again."""
    if pack:
        return f"--pack {pack}"
    if hear != "pack":
        return f"--hear {hear}"
    return f"--book {book}" if book else ""
