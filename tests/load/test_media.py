"""How the audio went, tick by tick."""

from hotline.callers.hearing import Canon, Heard, HeardTone, LineAnswered, LineClosed
from hotline.callers.walker import Walk, Walker
from hotline.load.calls import Outcome, Planned
from hotline.load.media import AT_ONCE, Gaps, LoadEar
from hotline.load.observed import ANSWER, Observed
from hotline.switch.events import Party
from hotline.telephony.leg import SILENCE


def observed(**options):
    walker = Walker(Walk(("0",)), 60.0, 5.0, number="10000000000")
    found = Observed(walker, Planned(0, 0.0, 0, 0), Canon(), **options)
    found.started = 0.0
    return found


def gaps(*came):
    one = observed()
    counter = Gaps(one)
    for number in came:
        counter.tick(number)
    return one.gaps, round(one.longest_gap, 3)


def test_five_ticks_without_audio_are_a_gap_once_it_goes_on():
    assert gaps(1, 2, 2, 2, 2, 2, 2, 3) == (1, 0.1)
    assert gaps(1, 2, 2, 2, 2, 2, 3) == (0, 0.0)


def test_silence_before_the_first_audio_and_after_the_last_is_none():
    assert gaps(*[0] * 50, 1, 2, *[2] * 50) == (0, 0.0)


class Recorder:
    def __init__(self):
        self.heard = []

    def hear(self, ulaw, now):
        self.heard.append((len(ulaw), now))
        return []

    def finish(self, now):
        return []


def test_the_ear_hears_in_blocks_and_sleeps_in_a_conversation():
    one, recorder = observed(), Recorder()
    ear = LoadEar(recorder, one)
    for tick in range(25):
        ear.hear(SILENCE, tick * 0.02)
    assert [size for size, _ in recorder.heard] == [AT_ONCE, AT_ONCE]
    assert one.audio is None
    ear.hear(b"\x10\x90" * 80, 0.52)
    assert one.audio == 0.52
    one.caller.served = True
    for tick in range(50):
        ear.hear(SILENCE, 1 + tick * 0.02)
    assert len(recorder.heard) == 2


def test_a_busy_tone_is_a_refusal_although_the_line_was_answered():
    one = observed()
    one.handle(LineAnswered(0.1, "c"))
    one.handle(HeardTone(0.6, "c", "busy", 0.1))
    one.handle(LineClosed(3.0, "c", Party.SYSTEM))
    call = one.result(0.0)
    assert (call.outcome, call.why, call.setup) == (Outcome.REFUSED, "busy tone", None)


def test_who_answers_may_be_the_agent_and_so_may_a_prompt():
    direct = observed(agent_is=ANSWER)
    direct.handle(LineAnswered(2.0, "c"))
    assert direct.agent == 2.0
    other = observed(agent_is="welcome")
    other.handle(LineAnswered(1.0, "c"))
    other.handle(Heard(9.0, "c", "welcome", began=8.0))
    assert other.agent == 8.0
    assert other.caller.served


def test_a_line_that_breaks_is_a_failed_call():
    one = observed()
    one.handle(LineAnswered(0.1, "c"))
    one.handle(Heard(1.2, "c", "greeting", began=0.2))
    one.handle(LineClosed(3.0, "c", Party.NETWORK, "connection lost"))
    assert one.result(0.0).outcome is Outcome.FAILED
