"""Checks on moving about the menus: 5.2.6.2 layers, transfer and back; 5.2.6.3 keys and silence."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.standard.clauses import Text
from hotline.standard.results import Result
from hotline.standard.settings import Settings
from hotline.standard.trace import Pressed, Trace
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.record import CallRecord

Results = Iterator[Result]


def menu_depth(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.2: no menu deeper than the limit was entered. Counted per menu entered."""
    limit = int(settings.edition.number("max_menu_depth"))
    for visit in record.menus:
        ok = visit.depth <= limit
        what = Text(f"第 {visit.depth} 层，上限 {limit}", f"layer {visit.depth}, limit {limit}")
        yield Result("5.2.6.2", "depth", record.call, ok, what, visit.menu)


_NOT_AN_AGENT = (ev.MenuEntered, ev.StepEntered, ev.NoInput, ev.Chosen, ev.WrongKey)
_GONE = (ev.HungUp, ev.CallClosed)


def transfer_obeyed(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.2: choosing the transfer asks for an agent, in every menu."""
    for index in trace.each(ev.Chosen):
        chosen = trace.events[index]
        assert isinstance(chosen, ev.Chosen)
        if chosen.target.split(":")[0] != "agent":
            continue
        asked = _asks_agent(trace, index)
        if asked is not None:
            what = Text("已转人工", "asked for an agent")
            if not asked:
                what = Text("按转人工后未转人工", "the transfer key did not ask for an agent")
            yield Result("5.2.6.2", "transfer", record.call, asked, what, chosen.at_id)
    yield from _transfer_refused(trace, record, settings)


def _asks_agent(trace: Trace, index: int) -> bool | None:
    """Whether an agent is asked for after `index`; None if the caller left before."""
    for event in trace.after(index):
        if isinstance(event, ev.AgentRequested):
            return True
        if isinstance(event, _GONE):
            return None
        if isinstance(event, _NOT_AN_AGENT) or _did(event, do.HangUp):
            return False
    return None


def _did(event: ev.Event, kind: type[do.Action]) -> bool:
    return type(event) is ev.Did and type(event.action) is kind


def _transfer_refused(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """The book's transfer key was no key of a menu that has no other way to an agent."""
    for pressed in trace.keys:
        key = trace.events[pressed.index]
        assert isinstance(key, ev.KeyPressed)
        if key.key not in settings.transfer_keys or not pressed.menu:
            continue
        wrong = _first_fact(trace, pressed.index)
        if (
            isinstance(wrong, ev.WrongKey)
            and wrong.at_id == pressed.menu
            and wrong.at_id not in settings.agent_menus
        ):
            what = Text("本层没有转人工", "this menu has no transfer")
            yield Result("5.2.6.2", "transfer", record.call, False, what, pressed.menu)


_FACTS = (ev.Chosen, ev.WrongKey, ev.Collected, ev.NoInput, ev.HungUp, ev.CallClosed)


def _first_fact(trace: Trace, index: int) -> ev.Event | None:
    """What the call made of the key at `index`; None where another key came first."""
    for event in trace.after(index):
        if isinstance(event, _FACTS):
            return event
        if isinstance(event, ev.KeyPressed):
            return None
    return None


def back_obeyed(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.2: back leads one layer up; from a step to its menu; the start repeats itself."""
    queue = trace.waits
    for index in trace.each(ev.Chosen):
        chosen = trace.events[index]
        assert isinstance(chosen, ev.Chosen)
        if chosen.target != "back" or any(begin < index <= end for begin, end in queue):
            continue
        here = _menu_before(trace, index)
        if here is None:
            continue
        allowed = max(1, here.depth - 1) if here.menu == chosen.at_id else here.depth
        reached = _layer_after(trace, index)
        if reached is not None:
            what = Text(
                f"第 {here.depth} 层返回后在第 {reached} 层",
                f"back from layer {here.depth} led to layer {reached}",
            )
            ok = 0 < reached <= allowed
            yield Result("5.2.6.2", "back", record.call, ok, what, chosen.at_id)


def _menu_before(trace: Trace, index: int) -> ev.MenuEntered | None:
    before = [i for i in trace.each(ev.MenuEntered) if i < index]
    menu = trace.events[before[-1]] if before else None
    return menu if isinstance(menu, ev.MenuEntered) else None


def _layer_after(trace: Trace, index: int) -> int | None:
    """The layer reached after `index`; 0 for anything but a menu, None if the caller left."""
    for event in trace.after(index):
        if isinstance(event, ev.MenuEntered):
            return event.depth
        if isinstance(event, _GONE):
            return None
        if isinstance(event, (ev.StepEntered, ev.AgentRequested)) or _did(event, do.HangUp):
            return 0
    return None


# --- 5.2.6.3 -----------------------------------------------------------------------------------


def key_interrupts(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.3: a function key silences what is being said at once ("at once" is our number)."""
    limit = settings.edition.number("barge_in_seconds")
    for pressed in trace.keys:
        sound = pressed.sound
        if sound is None or sound.prompt is None or not settings.may_interrupt(sound.id):
            continue
        seconds = sound.ended - pressed.at
        ok = seconds <= limit + 1e-6
        if (sound.ending == "line" and ok) or _was_wrong(trace, pressed):
            continue
        what = Text(
            f"按键后 {seconds * 1000:.0f} 毫秒停播，上限 {limit * 1000:.0f}",
            f"silent {seconds * 1000:.0f} ms after the key, limit {limit * 1000:.0f}",
        )
        yield Result("5.2.6.3", "barge_in", record.call, ok, what, sound.id)


def _was_wrong(trace: Trace, pressed: Pressed) -> bool:
    """Whether the key meant nothing here; the clause speaks of function keys."""
    return isinstance(_first_fact(trace, pressed.index), ev.WrongKey)


def key_kept(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.3: a key pressed at a menu is obeyed or called wrong, never taken for silence."""
    for pressed in trace.keys:
        if not pressed.menu:
            continue
        fact = _first_fact(trace, pressed.index)
        if isinstance(fact, ev.Chosen):
            what = Text("按键已处理", "the key was obeyed")
            yield Result("5.2.6.3", "kept", record.call, True, what, pressed.menu)
        elif isinstance(fact, ev.NoInput) and fact.at_id == pressed.menu:
            what = Text("按键后仍判为无按键", "a key was pressed, yet silence was counted")
            yield Result("5.2.6.3", "kept", record.call, False, what, pressed.menu)


def silence_prompted(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.3 (its second half is cut; our choice): silence is answered by a prompt, soon."""
    limit = settings.edition.number("no_input_reaction_seconds")
    for index in trace.each(ev.NoInput):
        silence = trace.events[index]
        assert isinstance(silence, ev.NoInput)
        if silence.count > settings.re_prompts(silence.at_id):
            continue
        place = _reaction(trace, index)
        reaction = trace.events[place] if place else None
        if reaction is None or isinstance(reaction, ev.LastResort):
            continue
        seconds = reaction.at - silence.at
        ok = type(reaction) is ev.Did and seconds <= limit and not _did(reaction, do.HangUp)
        what = Text(f"{seconds:.1f} 秒后提示", f"prompted after {seconds:.1f} s")
        if not ok:
            what = Text("无按键后没有及时提示", "silence was not answered by a prompt in time")
        yield Result("5.2.6.3", "reprompt", record.call, ok, what, silence.at_id)


def _reaction(trace: Trace, index: int) -> int | None:
    """Where the answer to a silence is: a prompt played, a last resort, or something worse.

    None if the caller left first.
    """
    for place in range(index + 1, len(trace.events)):
        event = trace.events[place]
        if isinstance(event, ev.HungUp):
            return None
        if isinstance(event, (ev.LastResort, ev.NoInput, ev.CallClosed)):
            return place
        if _did(event, do.HangUp) or (_did(event, do.Play) and _speaks(event)):
            return place
    return None


def _speaks(event: ev.Event) -> bool:
    """Whether a `Did(Play)` plays a prompt."""
    return isinstance(event.action.what, do.Prompt)  # type: ignore[attr-defined]


def last_resort_taken(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.3 (our choice): after the last re-prompt silence leads to the book's last resort."""
    for index in trace.each(ev.NoInput):
        silence = trace.events[index]
        assert isinstance(silence, ev.NoInput)
        if silence.count <= settings.re_prompts(silence.at_id):
            continue
        place = _reaction(trace, index)
        if place is None:
            continue
        reaction = trace.events[place]
        ok = isinstance(reaction, ev.LastResort)
        if isinstance(reaction, ev.LastResort) and reaction.target.split(":")[0] == "agent":
            ok = _asks_agent(trace, place) is not False
        what = Text(f"第 {silence.count} 次无按键", f"silence number {silence.count}")
        yield Result("5.2.6.3", "last_resort", record.call, ok, what, silence.at_id)
