"""How a caller moves about the book: greeting, menus, steps that speak, collect or ask a service.

A key while something is being said, by phase and by what is said:

    phase        said may be interrupted              said is a legal notice
    greeting     stops; the key is for the root menu  kept until the notice is over
    menu         stops; obeyed at once                kept, obeyed after it
    speaking     stops; common keys (0 * 9) obeyed,   kept, then the same
                 others are for what follows (keys typed before it began do not stop it:
                 what a step says is an answer, not a question)
    collecting   stops; first digit                   kept, then first digits
    requesting   kept for what follows                -

Keys typed ahead are obeyed in order and without playing the prompts they answer. A wrong key or a
silence throws away what was typed ahead: the caller is evidently somewhere else than thought.
"""

from __future__ import annotations

from collections.abc import Iterable

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import Event
from ivr import handover, phases
from ivr.call import AFTER_SPEECH, REACTIONS, Call
from ivr.collector import TERMINATOR_WAIT, Collector, acceptable
from ivr.collector import Step as Got
from menus.model import Collect, Counter, Hours, Key, Menu, Target

NO_INPUT = "no_input"
SERVICE = "service"
MAX_HOPS = 30
"""targets followed in answer to one event; more is a loop in the book, and an agent helps"""


# --- greeting ----------------------------------------------------------------------------------


def arrived(call: Call, event: Event) -> None:
    """A call: pick up, or let it ring as often as the operator wants."""
    assert isinstance(event, ev.CallArrived)
    call.id, call.number, call.area = event.call, event.number, event.area
    if event.rings > 0:
        call.move("ring")
        call.say([(do.Tone("ringback"), False)] * event.rings)
    else:
        pick_up(call)


def pick_up(call: Call) -> None:
    """Answer and greet: the greeting precedes every other prompt (5.2.6.1)."""
    call.move("greet")
    call.out.append(do.Answer())
    book = call.book
    call.say([call.text(book.greeting), *(call.text(notice) for notice in book.notices)])
    if book.bulletin is not None:
        call.service_request += 1
        call.bulletin_due = call.service_request
        inputs = service_inputs(call)
        call.out.append(do.CallService(call.service_request, book.bulletin.service, inputs))


def bulletin_replied(call: Call, event: Event) -> None:
    """A regional outage is announced before the root menu; a late answer delays nobody."""
    assert isinstance(event, ev.ServiceReplied)
    bulletin = call.book.bulletin
    if bulletin is None or event.request != call.bulletin_due:
        return
    call.bulletin_due = None
    if event.outcome == "active" and not call.typed:
        call.values.update(event.values)
        call.playlist.append(call.text(bulletin.prompt))


def greeted(call: Call) -> None:
    """All of the greeting is over."""
    enter_menu(call, call.book.start, call.book.language)


def key_in_greeting(call: Call, event: Event) -> None:
    """A key stops the greeting and is kept for the root menu (notices are heard in full)."""
    assert isinstance(event, ev.KeyPressed)
    call.typed.append(event.key)
    if call.interrupt():
        greeted(call)


# --- menus -------------------------------------------------------------------------------------


def enter_menu(call: Call, menu_id: str, language: str | None = None) -> None:
    """Go to a menu; one already on the path is gone back to. `language`: as of now."""
    menu = call.book.menus[menu_id]
    if menu.hours is not None and menu.closed is not None and not is_open(call, menu.hours):
        follow(call, menu.closed)
        return
    on_path = [place for place, (name, _) in enumerate(call.path) if name == menu_id]
    if on_path:
        call.path = call.path[: on_path[0] + 1]
        spoken = language or call.path[-1][1]
        call.path = (*call.path[:-1], (menu_id, spoken))
    else:
        spoken = language or menu.language or call.language
        call.path = (*call.path, (menu_id, spoken))
    call.move("enter_menu")
    call.step = None
    call.speak_language(spoken)
    call.note(ev.MenuEntered(call.now, call.id, menu_id, len(call.path), spoken))
    call.silences = call.failures = 0
    short = menu_id in call.visited
    call.visited.add(menu_id)
    present(call, menu, short=short)


def is_open(call: Call, hours: Hours) -> bool:
    """Whether `hours` includes the present moment; hours may run over midnight."""
    weekday, second = call.calendar(call.now)
    if weekday not in hours.days:
        return False
    if hours.start <= hours.end:
        return hours.start <= second < hours.end
    return second >= hours.start or second < hours.end


def present(
    call: Call,
    menu: Menu,
    *,
    short: bool = False,
    first: Iterable[tuple[do.Playable, bool]] = (),
) -> None:
    """Say the menu, unless a key typed ahead already answers it."""
    first = list(first)
    if call.typed and not first and menu.prompt.interruptible:
        menu_key(call, call.typed.popleft(), barged_in=False)
        return
    said = [*first, call.text(menu.prompt, short=short)]
    if call.book.common_prompt is not None and menu.common:
        said.append(call.text(call.book.common_prompt))
    call.say(said)


def here(call: Call) -> Menu:
    """The menu the caller is at."""
    return call.book.menus[call.path[-1][0]]


def menu_said(call: Call) -> None:
    """The choices are known: obey what was typed during a notice, else wait for a key."""
    if call.typed:
        menu_key(call, call.typed.popleft(), barged_in=False)
    else:
        call.timer(NO_INPUT, here(call).first_digit_timeout)


def key_in_menu(call: Call, event: Event) -> None:
    """A key stops the prompt at once and enters the service (5.2.6.3)."""
    assert isinstance(event, ev.KeyPressed)
    barged_in = call.playing is not None
    if not call.interrupt():
        call.typed.append(event.key)
        return
    if not barged_in:
        call.no_timer(NO_INPUT)
    menu_key(call, event.key, barged_in=barged_in)


def menu_key(call: Call, key: str, *, barged_in: bool) -> None:
    """Obey `key` at the present menu, or count it as wrong."""
    menu = here(call)
    bound = menu.keys.get(key)
    if bound is None:
        call.typed.clear()
        call.failures += 1
        call.note(ev.WrongKey(call.now, call.id, menu.id, call.failures))
        try_again(call, menu.wrong_key, call.failures, "wrong_key", menu.id)
        return
    choose(call, menu.id, bound, barged_in=barged_in)


def choose(call: Call, at_id: str, bound: Key, *, barged_in: bool) -> None:
    """Take a bound key."""
    call.note(ev.Chosen(call.now, call.id, at_id, bound.key, str(bound.target), barged_in))
    call.silences = call.failures = 0
    follow(call, bound.target)


def menu_silent(call: Call, event: Event) -> None:
    """Nobody chose: prompt again, then the last resort (5.2.6.3 is cut; our choice)."""
    if event.timer != NO_INPUT or call.playing is not None:  # type: ignore[attr-defined]
        return
    menu = here(call)
    call.silences += 1
    call.note(ev.NoInput(call.now, call.id, menu.id, call.silences))
    try_again(call, menu.no_input, call.silences, NO_INPUT, menu.id)


def try_again(call: Call, counter: Counter, count: int, name: str, at_id: str) -> None:
    """Re-prompt up to the counter's limit, then its last resort."""
    if count > counter.limit:
        call.note(ev.LastResort(call.now, call.id, at_id, name, str(counter.then)))
        call.silences = call.failures = 0
        follow(call, counter.then)
        return
    words = call.text(counter.prompt)
    if call.state == phases.COLLECTING:
        start_collecting(call, first=[words])
    else:
        present(call, here(call), short=True, first=[words])


# --- targets -----------------------------------------------------------------------------------


def follow(call: Call, target: Target) -> None:
    """Go where `target` leads. `back` from a step is its menu, from a menu the one above."""
    call.hops += 1
    if call.hops > MAX_HOPS:
        target = Target("agent")
    if call.state == phases.WAITING and target.kind not in ("wait", "callback"):
        handover.leave_queue(call, "chose")
    match target.kind:
        case "menu":
            enter_menu(call, target.arg)
        case "step":
            enter_step(call, target.arg)
        case "agent":
            handover.ask_agent(call, target.arg)
        case "language":
            change_language(call, target.arg)
        case "back":
            go_back(call)
        case "top":
            enter_menu(call, call.path[0][0] if call.path else call.book.start)
        case "repeat":
            repeat(call)
        case "end":
            handover.closing(call)
        case "wait":
            handover.keep_waiting(call)
        case "callback":
            handover.book_callback(call)


def go_back(call: Call) -> None:
    """One level up (返回上级, 5.2.6.2); at the start the menu is repeated."""
    if call.step is None and len(call.path) > 1:
        call.path = call.path[:-1]
    enter_menu(call, call.path[-1][0] if call.path else call.book.start)


def repeat(call: Call) -> None:
    """Say it again, in full (重听)."""
    step = call.step
    if step is not None:
        enter_step(call, step.id)
    else:
        menu = here(call)
        call.visited.discard(menu.id)
        enter_menu(call, menu.id)


def change_language(call: Call, language: str) -> None:
    """To the language's own start menu, or the same menus in that language, or its agents."""
    if language in call.book.agent_languages:
        handover.ask_agent(call, "", language)
        return
    start = call.book.starts.get(language)
    if start is not None and start != call.book.start:
        enter_menu(call, start, language)
        return
    call.path = tuple((menu, language) for menu, _ in call.path)
    enter_menu(call, call.path[-1][0] if call.path else call.book.start, language)


# --- steps -------------------------------------------------------------------------------------


def enter_step(call: Call, step_id: str) -> None:
    """Begin a step: speak, collect, or go straight to its request."""
    step = call.book.steps[step_id]
    call.step = step
    call.values.update(step.set)
    call.note(ev.StepEntered(call.now, call.id, step_id))
    call.silences = call.failures = 0
    if step.collect is not None:
        call.move("collect")
        start_collecting(call)
    elif step.say is not None:
        call.move("speak")
        call.say([call.text(step.say)])
    else:
        ask_service(call)


def said_step(call: Call) -> None:
    """The step has said its piece; keys kept during a notice come first."""
    if call.typed:
        key = call.typed.popleft()
        command = call.book.common_keys.get(key)
        if command is not None:
            assert call.step is not None
            choose(call, call.step.id, Key(key, command, inherited=True), barged_in=False)
            return
        call.typed.appendleft(key)
    ask_service(call)


def key_in_speech(call: Call, event: Event) -> None:
    """A key ends the speech at once; a common key is obeyed, another is for what follows."""
    assert isinstance(event, ev.KeyPressed)
    call.typed.append(event.key)
    if not call.interrupt():
        return
    then, call.then = call.then, None
    (then or said_step)(call)


def start_collecting(call: Call, first: Iterable[tuple[do.Playable, bool]] = ()) -> None:
    """Ask for the input, unless it has been typed ahead."""
    step = call.step
    assert step is not None
    assert step.collect is not None
    call.collector = Collector(step.collect)
    first = list(first)
    said = [*first, call.text(step.say)] if step.say is not None else first
    may_skip = not first and (step.say is None or step.say.interruptible)
    if (call.typed and may_skip) or not said:
        said_collect(call)
    else:
        call.say(said)


def said_collect(call: Call) -> None:
    """The request for input is over: take what was typed ahead, then wait for digits."""
    collector = call.collector
    assert collector is not None
    if not call.typed:
        call.timer(NO_INPUT, collector.spec.first_digit_timeout)
        return
    while call.typed and call.collector is collector and call.state == phases.COLLECTING:
        collected(call, collector.key(call.typed.popleft()))


def key_in_collect(call: Call, event: Event) -> None:
    """One digit of the input; the first one stops the prompt."""
    assert isinstance(event, ev.KeyPressed)
    if not call.interrupt():
        call.typed.append(event.key)
        return
    assert call.collector is not None
    collected(call, call.collector.key(event.key))


def collect_silent(call: Call, event: Event) -> None:
    """The first-digit or inter-digit time ran out."""
    if event.timer != NO_INPUT or call.playing is not None:  # type: ignore[attr-defined]
        return
    assert call.collector is not None
    collected(call, call.collector.silence())


def collected(call: Call, got: Got) -> None:
    """Act on what the collector made of a key or a silence."""
    collector, step = call.collector, call.step
    assert collector is not None
    assert step is not None
    spec = collector.spec
    match got:
        case Got.MORE:
            call.timer(NO_INPUT, collector.timeout)
        case Got.CLEARED:
            call.timer(NO_INPUT, spec.first_digit_timeout)
        case Got.COMMAND:
            call.no_timer(NO_INPUT)
            choose(call, step.id, spec.keys[collector.command], barged_in=False)
        case Got.SILENT:
            call.silences += 1
            call.note(ev.NoInput(call.now, call.id, step.id, call.silences))
            try_again(call, spec.no_input, call.silences, NO_INPUT, step.id)
        case Got.DONE if acceptable(spec, collector.digits):
            call.no_timer(NO_INPUT)
            call.note(ev.Collected(call.now, call.id, step.id, spec.kind, True))
            call.values[spec.name] = collector.digits
            call.collector = None
            if len(collector.digits) == spec.max_length:
                expect_terminator(call, spec)
            ask_service(call)
        case _:
            call.no_timer(NO_INPUT)
            call.typed.clear()
            call.note(ev.Collected(call.now, call.id, step.id, spec.kind, False))
            call.failures += 1
            call.note(ev.WrongKey(call.now, call.id, step.id, call.failures))
            try_again(call, spec.wrong, call.failures, "wrong_key", step.id)


def expect_terminator(call: Call, spec: Collect) -> None:
    """People press `#` after the last digit even where the length has ended the input: that key
    is not for what follows."""
    if call.typed and call.typed[0] == spec.terminator:
        call.typed.popleft()
    else:
        call.swallow = (spec.terminator, call.now + TERMINATOR_WAIT)


# --- services ----------------------------------------------------------------------------------


def service_inputs(call: Call) -> dict[str, str]:
    """What a service is told: the call's values, and who calls, from where, in which language.

    An area the caller typed wins over the one the network told.
    """
    return {
        "area": call.area,
        **call.values,
        "number": call.number,
        "language": call.language,
        "call": call.id,
    }


def ask_service(call: Call) -> None:
    """Make the step's request, or finish a step that has none."""
    step = call.step
    assert step is not None
    if step.request is None:
        finish_step(call, "done")
        return
    call.move("request")
    call.service_request += 1
    inputs = service_inputs(call)
    call.out.append(do.CallService(call.service_request, step.request, inputs))
    call.timer(SERVICE, call.settings.service_timeout)


def service_replied(call: Call, event: Event) -> None:
    """The answer to the present request; late answers to older ones are ignored."""
    assert isinstance(event, ev.ServiceReplied)
    if event.request != call.service_request:
        return
    call.no_timer(SERVICE)
    call.values.update(event.values)
    finish_step(call, event.outcome)


def service_silent(call: Call, event: Event) -> None:
    """No answer in time counts as `failed`."""
    if event.timer == SERVICE:  # type: ignore[attr-defined]
        call.service_request += 1  # a late answer is for a request that is over
        finish_step(call, "failed")


def finish_step(call: Call, outcome: str) -> None:
    """Leave the step by its outcome. An outcome without target apologises and asks an agent."""
    step = call.step
    assert step is not None
    if step.request is None:
        solved = step.say is not None and step.collect is None and bool(step.functions)
    else:
        spec = call.book.services.get(step.request)
        solved = spec is not None and outcome in spec.solves
    call.note(ev.StepFinished(call.now, call.id, step.id, outcome, step.request or "", solved))
    target = step.on.get(outcome, step.next if outcome != "failed" else None)
    if target is not None:
        follow(call, target)
        return
    apology = call.book.system.get("error.failed")
    if apology is None:
        handover.ask_agent(call, "")
        return
    if call.state == phases.REQUESTING:
        call.move("speak")
    call.then = lambda call: handover.ask_agent(call, "")
    call.say([call.text(apology)])


REACTIONS.update(
    {
        (phases.ARRIVED, ev.CallArrived): arrived,
        (phases.GREETING, ev.KeyPressed): key_in_greeting,
        (phases.GREETING, ev.ServiceReplied): bulletin_replied,
        (phases.MENU, ev.KeyPressed): key_in_menu,
        (phases.MENU, ev.TimerFired): menu_silent,
        (phases.SPEAKING, ev.KeyPressed): key_in_speech,
        (phases.COLLECTING, ev.KeyPressed): key_in_collect,
        (phases.COLLECTING, ev.TimerFired): collect_silent,
        (phases.REQUESTING, ev.KeyPressed): lambda call, event: call.typed.append(event.key),  # type: ignore[attr-defined]
        (phases.REQUESTING, ev.ServiceReplied): service_replied,
        (phases.REQUESTING, ev.TimerFired): service_silent,
    }
)
AFTER_SPEECH.update(
    {
        phases.RINGING: pick_up,
        phases.GREETING: greeted,
        phases.MENU: menu_said,
        phases.SPEAKING: said_step,
        phases.COLLECTING: said_collect,
    }
)
