"""Menus and steps: greeting first, barge-in, typing ahead, both counters, back, top, repeat."""

import pytest

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.record import Outcome
from ivr import phases
from tests.ivr.rig import LENGTH, Rig


def test_the_greeting_precedes_everything_then_notice_then_root_menu():
    rig = Rig().wait(60)
    assert rig.heard[:3] == ["greeting", "notice.recording", "main"]
    assert [at for at, _ in rig.line.heard[:3]] == [0, LENGTH, 2 * LENGTH]


class TestBargeIn:
    def test_a_key_stops_the_menu_at_once_and_enters_the_service(self):
        rig = Rig().to_root().wait(1)
        rig.press("1")
        assert rig.last.id == "fault"
        [stop] = [
            e.event for e in rig.entries if isinstance(getattr(e.event, "action", 0), do.StopPlay)
        ]
        assert stop.at == rig.clock.now()
        assert rig.facts(ev.Chosen)[-1].barged_in

    def test_a_key_in_the_greeting_is_kept_and_the_notice_is_heard_in_full(self):
        rig = Rig().wait(1).press("1")
        assert rig.heard == ["greeting", "notice.recording"]
        rig.wait(LENGTH)
        # the root menu is never heard: its key was typed ahead
        assert rig.heard == ["greeting", "notice.recording", "fault"]

    def test_a_key_in_a_notice_does_not_stop_it(self):
        rig = Rig().wait(LENGTH + 1).press("2")
        assert rig.facts(ev.Did)[-1].action == do.Play(2, rig.last)
        rig.wait(LENGTH)
        assert rig.heard == ["greeting", "notice.recording", "bill"]

    def test_a_late_end_of_an_interrupted_prompt_changes_nothing(self):
        rig = Rig().to_root().wait(1).press("1")
        play = rig.call.play_id
        rig.exchange.post(ev.PlaybackFinished(rig.clock.now(), "c1", play - 1))
        assert rig.call.playing is not None
        assert rig.heard.count("fault") == 1


class TestTypingAhead:
    def test_several_keys_are_obeyed_in_order_without_their_prompts(self):
        rig = Rig().wait(1).press("13").wait(LENGTH)
        assert rig.heard == ["greeting", "notice.recording", "safety"]
        assert [c.key for c in rig.facts(ev.Chosen)] == ["1", "3"]

    def test_typing_ahead_reaches_into_collected_input(self):
        rig = Rig(services={"outage_lookup": ("none", {})})
        rig.wait(1).press("111234567890#").wait(LENGTH)
        assert rig.services.asked[-1][1]["account"] == "1234567890"
        assert rig.last.id == "outage_none"

    def test_a_wrong_key_throws_away_what_was_typed_after_it(self):
        rig = Rig().wait(1).press("71").wait(LENGTH)
        assert rig.last.id == "error.wrong_key"
        rig.wait(LENGTH)
        assert rig.last.id.startswith("main")


class TestSilenceAndWrongKeys:
    def test_silence_prompts_twice_then_an_agent(self):
        rig = Rig().wait(120)
        assert rig.heard[3:9] == [
            "no_input",
            "main.short",
            "no_input",
            "main.short",
            "transfer",
            "music",
        ]
        assert [n.count for n in rig.facts(ev.NoInput)] == [1, 2, 3]
        assert rig.facts(ev.LastResort)[0].counter == "no_input"
        assert type(rig.acd.told[-1]) is ev.AgentRequested

    def test_wrong_keys_prompt_three_times_then_an_agent(self):
        rig = Rig().to_root()
        for _ in range(4):
            rig.press("7").wait(1)
        assert [w.count for w in rig.facts(ev.WrongKey)] == [1, 2, 3, 4]
        assert rig.facts(ev.LastResort)[0].counter == "wrong_key"
        assert rig.phase == phases.WAITING

    def test_neither_counter_shadows_the_other(self):
        rig = Rig().to_root()
        for _ in range(2):
            rig.press("7").wait(2 * LENGTH + 5.5)  # wrong key, re-prompt, then silence
        assert rig.call.failures == 2
        assert rig.call.silences == 2
        rig.wait(2 * LENGTH + 5)
        assert rig.facts(ev.LastResort)[0].counter == "no_input"

    def test_a_valid_choice_resets_both(self):
        rig = Rig().to_root().press("7").wait(LENGTH).press("1")
        assert (rig.call.failures, rig.call.silences) == (0, 0)

    def test_the_first_digit_time_counts_from_the_end_of_the_prompt(self):
        rig = Rig().to_root().wait(LENGTH + 4.9)
        assert not rig.facts(ev.NoInput)
        rig.wait(0.2)
        assert len(rig.facts(ev.NoInput)) == 1

    def test_a_key_stops_the_silence_timer(self):
        rig = Rig().to_root().wait(LENGTH + 4).press("1").wait(2)
        assert not rig.facts(ev.NoInput)


class TestMoving:
    def test_back_goes_up_one_level_and_repeats_the_menu_at_the_start(self):
        rig = Rig().to_root().press("1").wait(1).press("*").wait(1)
        assert [m.menu for m in rig.record.menus] == ["main", "fault", "main"]
        rig.press("*")
        assert rig.facts(ev.MenuEntered)[-1].depth == 1

    def test_the_second_visit_is_short_and_repeat_is_long(self):
        rig = Rig().to_root().press("1").wait(1).press("*").wait(1)
        assert rig.last.id == "main.short"
        rig.press("9")
        assert rig.last.id == "main"

    def test_a_menu_already_on_the_path_is_gone_back_to(self):
        rig = Rig().to_root().press("1").wait(1).press("4").wait(1).press("1")
        assert [m.depth for m in rig.record.menus] == [1, 2, 1, 2]

    def test_back_from_a_step_is_its_menu(self):
        rig = Rig().to_root().press("13").wait(LENGTH)
        assert [m.menu for m in rig.record.menus] == ["main", "fault", "fault"]

    def test_a_common_key_works_while_a_step_speaks(self):
        rig = Rig().to_root().press("13").wait(1)
        assert rig.phase == phases.SPEAKING
        rig.press("0")
        assert rig.phase == phases.WAITING

    def test_repeat_in_a_step_says_it_again(self):
        rig = Rig().to_root().press("13").wait(1).press("9")
        assert rig.heard[-2:] == ["safety", "safety"]

    def test_english_has_its_own_menu_and_back_returns_to_chinese(self):
        rig = Rig().to_root().press("8")
        assert (rig.last.id, rig.last.language) == ("english", "en-US")
        rig.wait(1).press("*")
        assert (rig.last.id, rig.last.language) == ("main.short", "zh-CN")
        assert rig.record.languages == ("zh-CN", "en-US", "zh-CN")

    def test_the_end_says_goodbye_and_waits_for_the_caller_to_hang_up(self):
        rig = Rig().to_root().press("15")
        assert rig.last.id == "closing"
        rig.wait(LENGTH + 9.9)
        assert rig.phase == phases.CLOSING
        rig.wait(0.2)
        assert ("hang_up", "c1", "finished") in rig.effects
        assert rig.record.ended_by == "system"


class TestServices:
    def test_an_outcome_leads_where_the_book_says_with_the_values_spoken(self):
        rig = Rig(services={"outage_lookup": ("found", {"cause": "线路检修"})})
        rig.to_root().press("11").wait(1).press("1234567890#")
        assert rig.last.values == (("cause", "线路检修"),)
        assert rig.facts(ev.StepFinished)[-1].outcome == "found"
        assert rig.record.outcome is Outcome.LOST  # not over yet

    def test_a_service_that_does_not_answer_counts_as_failed(self):
        rig = Rig().to_root().press("11").wait(1).press("1234567890#").wait(4.9)
        assert rig.phase == phases.REQUESTING
        rig.wait(0.2)
        assert rig.facts(ev.StepFinished)[-1].outcome == "failed"
        assert rig.phase == phases.WAITING

    def test_a_late_answer_to_a_request_given_up_is_ignored(self):
        rig = Rig().to_root().press("11").wait(1).press("1234567890#")
        late = rig.call.service_request
        rig.wait(5.1)
        rig.exchange.post(ev.ServiceReplied(rig.clock.now(), "c1", late, "found", {"cause": "x"}))
        assert "cause" not in rig.call.values

    def test_keys_while_a_service_is_asked_are_for_what_follows(self):
        rig = Rig().to_root().press("21").wait(LENGTH + 0.1)
        assert rig.phase == phases.REQUESTING
        rig.press("0")
        rig.exchange.post(
            ev.ServiceReplied(rig.clock.now(), "c1", rig.call.service_request, "credit", {})
        )
        assert rig.phase == phases.WAITING

    def test_the_regional_bulletin_comes_before_the_root(self):
        values = {"area_name": "城东", "cause": "台风", "etr": "18:00"}
        rig = Rig(services={"bulletin": ("active", values)}, area="3701").wait(10)
        assert rig.heard[:4] == ["greeting", "notice.recording", "bulletin", "main"]
        assert rig.services.asked[0][1]["area"] == "3701"

    def test_a_bulletin_is_not_forced_on_a_caller_in_a_hurry(self):
        values = {"area_name": "城东", "cause": "台风", "etr": "18:00"}
        rig = Rig(services={"bulletin": ("active", values)}).wait(1).press("1").wait(LENGTH)
        assert "bulletin" not in rig.heard


class TestCollecting:
    def collecting(self, **services):
        return Rig(services=services).to_root().press("11")

    def test_the_first_digit_stops_the_prompt(self):
        rig = self.collecting().wait(1).press("1")
        assert rig.call.playing is None

    @pytest.mark.parametrize("end", ["#", ""])
    def test_input_ends_by_terminator_or_by_silence(self, end):
        rig = self.collecting(outage_lookup=("none", {})).wait(1).press("1234567890" + end)
        if not end:
            assert not rig.facts(ev.Collected)
            rig.wait(8.1)
        assert [c.ok for c in rig.facts(ev.Collected)] == [True]

    def test_input_ends_at_its_greatest_length(self):
        rig = self.collecting(outage_lookup=("none", {})).wait(1).press("1234567890123")
        assert rig.services.asked[-1][1]["account"] == "1234567890123"

    @pytest.mark.parametrize("ahead", [True, False])
    def test_a_terminator_after_the_greatest_length_is_not_for_the_next_menu(self, ahead):
        if ahead:
            rig = Rig(services={"outage_lookup": ("none", {})}).wait(1)
            rig.press("111234567890123#").wait(LENGTH)
        else:
            rig = self.collecting(outage_lookup=("none", {})).wait(1).press("1234567890123")
            rig.wait(1).press("#")
        assert rig.last.id == "outage_none"
        assert not rig.facts(ev.WrongKey)
        rig.press("#")  # a second one is
        assert rig.facts(ev.WrongKey)

    def test_what_a_step_sets_is_known_from_then_on(self):
        rig = Rig().to_root()
        rig.press("13")
        assert rig.call.values["topic"] == "safety"

    def test_too_short_is_wrong_and_asked_again(self):
        rig = self.collecting().wait(1).press("123#")
        assert rig.last.id.startswith("error")
        assert [c.ok for c in rig.facts(ev.Collected)] == [False]
        rig.wait(LENGTH)
        assert rig.last.id == "ask.account"

    def test_star_after_digits_clears_them(self):
        rig = self.collecting(outage_lookup=("none", {})).wait(1).press("999*1234567890#")
        assert rig.services.asked[-1][1]["account"] == "1234567890"

    def test_star_first_is_back(self):
        rig = self.collecting().wait(1).press("*")
        assert rig.last.id == "fault"

    def test_a_lone_zero_is_transfer_after_a_moment(self):
        rig = self.collecting().wait(1).press("0").wait(1.9)
        assert rig.phase == phases.COLLECTING
        rig.wait(0.2)
        assert rig.phase == phases.WAITING

    def test_zero_then_pound_is_transfer_at_once(self):
        assert self.collecting().wait(1).press("0#").phase == phases.WAITING

    def test_zero_followed_by_digits_is_input(self):
        rig = self.collecting(outage_lookup=("none", {})).wait(1).press("0").wait(1.5)
        rig.press("123456789#")
        assert rig.services.asked[-1][1]["account"] == "0123456789"

    def test_silence_prompts_again_then_an_agent(self):
        rig = self.collecting().wait(60)
        assert rig.heard.count("ask.account") == 3
        assert rig.phase == phases.WAITING

    def test_no_digit_reaches_a_fact(self):
        rig = self.collecting(outage_lookup=("none", {})).wait(1).press("1234567890#")
        for kind in (ev.Collected, ev.StepFinished, ev.StepEntered, ev.MenuEntered):
            assert all("1234567890" not in repr(fact) for fact in rig.facts(kind))
        assert "1234567890" not in repr(rig.record)


class TestRinging:
    """Early media: the call is not answered while the ring-back tone is heard."""

    def rig(self, rings):
        rig = Rig(start=False)
        rig.exchange.post(ev.CallArrived(0.0, "c1", "13800138000", rings=rings))
        return rig

    @pytest.mark.parametrize("rings", [0, 1, 3])
    def test_it_rings_so_often_and_is_answered(self, rings):
        rig = self.rig(rings).wait(60)
        assert rig.heard[: rings + 1] == ["ringback"] * rings + ["greeting"]
        [answered] = [e.at for e in rig.facts(ev.Did) if isinstance(e.action, do.Answer)]
        assert answered == rings * LENGTH

    def test_a_key_changes_nothing_and_a_caller_who_leaves_was_not_answered(self):
        rig = self.rig(2).wait(1).press("1").wait(1)
        assert rig.phase == phases.RINGING
        rig.exchange.post(ev.HungUp(rig.clock.now(), "c1"))
        assert rig.record.answered is None
        assert rig.heard == ["ringback"]
