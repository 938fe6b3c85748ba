"""Each rule on one call: kept by one journal, broken by another, silent about all others."""

import pytest

from hotline.standard.clauses import clauses, edition
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import OfferOutcome
from menus.loader import loads
from tests.standard.journal import Journal
from tests.standard.pairs import AGENTS, PAIRS, at_main, ended, j

IDS = [f"{clause}-{rule}" for clause, rule, *_ in PAIRS]
CALL_RULES_ELSEWHERE = {("5.2.7.3", "queue_ring")}
BOOK_AND_DAY = {
    ("5.2.4.2", "hours"), ("5.2.5.1", "offered"), ("5.2.5.2", "gate"), ("5.2.6.1", "text"),
    ("5.2.6.2", "layers"), ("5.2.6.2", "keys"), ("5.2.6.3", "menus"), ("5.2.6.5", "text"),
    ("5.2.6.6", "text"), ("5.2.7.1", "hours"), ("5.2.7.6", "noted"), ("6.2.5.2", "published"),
}  # fmt: skip


@pytest.mark.parametrize(("clause", "rule", "keeps", "breaks"), PAIRS, ids=IDS)
def test_a_rule_is_kept_by_one_call_and_broken_by_another(clause, rule, keeps, breaks):
    kept = keeps().verdicts(clause, rule, agents=AGENTS)
    broken = breaks().verdicts(clause, rule, agents=AGENTS)
    assert kept
    assert all(kept)
    assert broken.count(False) == 1


@pytest.mark.parametrize(("clause", "rule", "keeps", "breaks"), PAIRS, ids=IDS)
def test_a_planted_violation_is_the_only_one_found(clause, rule, keeps, breaks):
    assert [r for r in keeps().results(agents=AGENTS) if not r.ok] == []
    failed = {(r.clause, r.rule) for r in breaks().results(agents=AGENTS) if not r.ok}
    assert failed == {(clause, rule)}


def test_every_rule_on_calls_has_its_pair():
    paired = {(clause, rule) for clause, rule, *_ in PAIRS}
    on_calls = {
        (clause.number, rule)
        for clause in clauses().values()
        if "call" in clause.sees
        for rule in clause.rules
    }
    assert on_calls - BOOK_AND_DAY - CALL_RULES_ELSEWHERE == paired


def test_results_name_only_clauses_and_rules_that_exist():
    known = {(c.number, rule) for c in clauses().values() for rule in c.rules}
    for *_, keeps, breaks in PAIRS:
        for result in (*keeps().results(agents=AGENTS), *breaks().results(agents=AGENTS)):
            assert (result.clause, result.rule) in known
            assert result.measured.zh
            assert result.measured.en


def test_a_call_on_which_nothing_happened_passes_nothing():
    assert j().add("acd", ev.CallArrived).closed().results(agents=AGENTS) == []


# --- 5.2.6.1 greeting ----------------------------------------------------------------------------


def test_a_greeting_with_other_words_fails():
    assert j().arrive().say("greeting", "欢迎致电。").caller_leaves().verdicts(
        "5.2.6.1", "first"
    ) == [False]


def test_music_before_the_greeting_fails_and_a_ringing_tone_does_not():
    music = j().arrive().music().wait(1).say("greeting").caller_leaves()
    tone = j().arrive().did(do.Play(9, do.Tone())).say("greeting").caller_leaves()
    assert music.verdicts("5.2.6.1", "first") == [False]
    assert tone.verdicts("5.2.6.1", "first") == [True]


def test_a_caller_who_left_before_anything_was_said_shows_nothing():
    assert j().arrive().caller_leaves().verdicts("5.2.6.1", "first") == []


# --- 5.2.6.2 menus -------------------------------------------------------------------------------

NO_TRANSFER = """
version: 1
language: zh-CN
start: main
common_keys: {"0": agent, "*": back}
menus:
  main: {title: 主菜单, prompt: 账单请按1。, keys: {"1": "menu:bill"}}
  bill: {title: 账单, prompt: 返回请按星号键。, keys: {"0": null, "1": "agent:bill"}}
"""


def test_the_transfer_key_that_a_menu_lacks_is_a_violation_unless_it_has_another():
    journal = at_main().menu("bill", 2).say("bill").key("0")
    journal.add("journal", ev.WrongKey, at_id="bill", count=1).caller_leaves()
    with_another = loads(NO_TRANSFER)
    without = loads(NO_TRANSFER.replace('"agent:bill"', '"menu:main"'))
    assert journal.verdicts("5.2.6.2", "transfer", book=without) == [False]
    assert journal.verdicts("5.2.6.2", "transfer", book=with_another) == []
    assert journal.verdicts("5.2.6.2", "transfer") == []


def test_a_caller_who_leaves_right_after_the_transfer_key_shows_nothing():
    assert at_main().chosen("agent").caller_leaves().verdicts("5.2.6.2", "transfer") == []


def test_back_at_the_start_repeats_it_and_from_a_step_leads_to_its_menu():
    start = at_main().chosen("back", key="*").menu().caller_leaves()
    step = at_main().menu("bill", 2).step().chosen("back", "look", "*").menu("bill", 2)
    assert start.verdicts("5.2.6.2", "back") == [True]
    assert step.caller_leaves().verdicts("5.2.6.2", "back") == [True]


def test_the_depth_limit_is_the_edition_s(tmp_path):
    from hotline.standard.clauses import load_edition

    (tmp_path / "mine.yaml").write_text("limits: {max_menu_depth: 3}", "utf-8")
    journal = at_main().menu("four", 4).caller_leaves()
    assert journal.verdicts("5.2.6.2", "depth") == [True, True]
    assert journal.verdicts("5.2.6.2", "depth", load_edition(tmp_path / "mine.yaml")) == [
        True, False,
    ]  # fmt: skip


# --- 5.2.6.3 keys and silence --------------------------------------------------------------------


def test_a_prompt_that_plays_on_to_its_end_after_a_key_fails():
    journal = at_main().play("main").wait(1).key().heard(2).chosen("menu:bill").menu("bill", 2)
    assert journal.caller_leaves().verdicts("5.2.6.3", "barge_in") == [False]


def test_a_new_prompt_silences_the_old_one():
    journal = at_main().play("main").wait(1).key().chosen("menu:bill").menu("bill", 2)
    assert journal.play("bill").wait(1).caller_leaves().verdicts("5.2.6.3", "barge_in") == [True]


NOTICE = """
version: 1
language: zh-CN
start: main
common_keys: {"0": agent, "*": back}
notices: [{id: recording, text: 通话将被录音。, interruptible: false}]
menus:
  main: {title: 主菜单, prompt: 账单请按1。, keys: {"1": "menu:bill"}}
  bill: {title: 账单, prompt: 重听请按1。, keys: {"1": repeat}}
"""


def test_keys_during_prompts_that_are_no_menus_are_not_judged_without_a_book():
    notice = j().greeted().play("notice.recording").wait(1).key().heard(2).menu().chosen("menu:b")
    notice.menu("b", 2).caller_leaves()
    announced = j().greeted().waiting().connect().play("agent.announcement", agent="1001")
    announced.wait(1).key().heard(1.5).bridge().caller_ends_talk()
    assert notice.verdicts("5.2.6.3", "barge_in") == []
    assert announced.verdicts("5.2.6.3", "barge_in") == []


def test_the_book_says_which_prompts_a_key_may_interrupt():
    book = loads(NOTICE)
    notice = j().greeted().play(book.notices[0].id).wait(1).key().heard(2).menu()
    greeting = j().arrive().play("greeting").wait(1).key().heard(2).menu()
    assert notice.chosen("menu:b").caller_leaves().verdicts("5.2.6.3", "barge_in", book=book) == []
    assert greeting.chosen("menu:b").caller_leaves().verdicts("5.2.6.3", "barge_in", book=book) == [
        False
    ]


def test_a_key_without_meaning_need_not_stop_the_prompt():
    journal = at_main().play("main").wait(1).key("7").heard(2)
    journal.add("journal", ev.WrongKey, at_id="main", count=1).say("error.wrong_key")
    assert journal.caller_leaves().verdicts("5.2.6.3", "barge_in") == []


def test_keys_in_the_queue_are_not_navigation():
    journal = j().greeted().ask().queued().play("transfer").wait(1).key().heard(3).music()
    assert journal.wait(5).caller_leaves().verdicts("5.2.6.3", "barge_in") == []


def test_hanging_up_on_silence_without_a_prompt_fails():
    journal = at_main().say("main").wait(5).silence().hang_up("silent")
    assert journal.verdicts("5.2.6.3", "reprompt") == [False]


def test_a_prompt_that_comes_late_is_no_answer_to_silence():
    journal = at_main().say("main").wait(5).silence().wait(2.5).say("no_input").caller_leaves()
    assert journal.verdicts("5.2.6.3", "reprompt") == [False]


def test_the_last_resort_must_really_ask_for_the_agent_it_names():
    journal = at_main().silence(3).last_resort("agent:fault").menu().caller_leaves()
    assert journal.verdicts("5.2.6.3", "last_resort") == [False]


# --- 5.2.6.4 to 5.2.6.6 --------------------------------------------------------------------------


def test_tones_are_not_music():
    journal = j().greeted().ask().did(do.Play(50, do.Tone("ringback"))).wait(10).caller_leaves()
    assert journal.verdicts("5.2.6.4", "music") == [False]


def test_a_wait_too_short_to_be_silent_is_not_judged():
    assert j().greeted().ask().wait(1.5).caller_leaves().verdicts("5.2.6.4", "music") == []


def test_messages_over_the_music_are_no_gap():
    journal = j().greeted().ask().say("transfer").music().wait(15).say("queue.position").music()
    assert journal.wait(30).caller_leaves().verdicts("5.2.6.4", "music") == [True]


@pytest.mark.parametrize(
    ("journal", "why"),
    [
        (lambda: j().greeted().waiting().connect(number="1001").announce("1002").bridge(), "1002"),
        (lambda: j().greeted().waiting().connect(number="2001").announce("2001").bridge(), "2001"),
        (lambda: j().greeted().waiting().connect().wait(2.1).announce().bridge(), "2.1"),
        (lambda: j().greeted().waiting().connect().bridge().announce(), "before"),
        (
            lambda: j().greeted().waiting().connect().play("agent.announcement", agent="1001")
            .wait(1).bridge().heard(1.5),
            "before",
        ),
        (lambda: j().greeted().waiting().connect().announce(text="您好。").bridge(), "worded"),
    ],
)  # fmt: skip
def test_what_can_be_wrong_with_an_announcement(journal, why):
    found = [
        r
        for r in journal().wait(20).caller_ends_talk().results(agents=AGENTS)
        if r.rule == "announced"
    ]
    assert [r.ok for r in found] == [False]
    assert why in found[0].measured.en


def test_on_a_call_back_the_hotline_says_who_calls_before_the_number():
    """5.2.7.4: that is no delay of the announcement."""
    journal = j().add("call", ev.CallbackDue, number="13800138000", agent="a1", request=1)
    journal.add("call", ev.AnsweredOut).connect().say("callback.greeting", seconds=4.6)
    assert journal.announce().bridge().verdicts("5.2.6.5", "announced") == [True]


def test_a_caller_who_leaves_at_once_shows_no_missing_announcement():
    journal = j().greeted().waiting().connect().wait(0.5).caller_ends_talk()
    assert journal.verdicts("5.2.6.5", "announced") == []


def test_a_closing_phrase_cut_off_by_the_hang_up_was_not_heard():
    assert ended().play("closing").wait(0.5).hang_up().verdicts("5.2.6.6", "closing") == [False]


def test_other_words_than_the_closing_phrase_fail():
    assert ended().say("closing", "再见。").hang_up().verdicts("5.2.6.6", "closing") == [False]


@pytest.mark.parametrize("reason", ["agent", "silent", "lost", "shutdown"])
def test_an_abnormal_end_needs_no_closing_phrase(reason):
    assert ended().hang_up(reason).verdicts("5.2.6.6", "closing") == []


def test_a_caller_who_hangs_up_first_shows_nothing_about_the_closing_phrase():
    assert ended().say("closing").caller_leaves().verdicts("5.2.6.6", "closing") == []


# --- 5.2.7.3 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ring", "outcome", "verdict"),
    [
        (11.9, OfferOutcome.ANSWERED, [True]),
        (13.0, OfferOutcome.ANSWERED, [False]),
        (5.0, OfferOutcome.DECLINED, [False]),
        (20.0, OfferOutcome.NO_ANSWER, [False]),
        (11.9, OfferOutcome.CALLER_LEFT, []),
        (12.1, OfferOutcome.CALLER_LEFT, [False]),
        (4.0, OfferOutcome.LOST, []),
    ],
)
def test_an_unanswered_offer_is_the_agent_s_unless_the_caller_left_in_time(ring, outcome, verdict):
    journal = j().greeted().ask().queued().music().offer(ring, outcome)
    assert journal.caller_leaves().verdicts("5.2.7.3", "ring") == verdict


def test_each_offer_of_a_redirected_call_counts():
    journal = j().greeted().ask().queued().music().offer(20.0, OfferOutcome.NO_ANSWER)
    journal.offer(3.0, agent="english").connect("english", "1002").announce("1002")
    journal.bridge("english").caller_ends_talk("english")
    assert journal.verdicts("5.2.7.3", "ring") == [False, True]


def test_an_edition_may_judge_by_queue_and_ring():
    late = j().greeted().ask().queued().music().wait(13).offer(3.0).connect().announce().bridge()
    late.caller_ends_talk()
    government = edition("gbt-33358-2016")
    assert late.verdicts("5.2.7.3", "queue_ring", government) == [False]
    assert late.verdicts("5.2.7.3", "ring", government) == []
    assert late.verdicts("5.2.7.3", "queue_ring") == []


def test_an_older_text_allows_a_late_answer_with_an_apology():
    old = edition("conduct-article-14")

    def late(words):
        talk = j().talking(ring=17.0).speak("agent.greeting", words)
        return talk.caller_ends_talk().verdicts("5.2.7.3", "ring", old)

    assert late("您好，让您久等了。") == [True]
    assert late("您好。") == [False]


@pytest.mark.parametrize("reason", ["harassment", "silent"])
def test_a_lawful_hang_up_is_neither_kept_nor_broken(reason):
    journal = j().talking().agent_leaves("hang_up", reason).hang_up("agent")
    assert journal.verdicts("5.2.7.3", "not_first") == []


def test_a_transfer_is_no_hang_up():
    journal = j().talking().agent_leaves("transfer:bill").waiting(agent="english")
    journal.connect("english", "1002").announce("1002").bridge("english")
    journal.caller_ends_talk("english")
    assert journal.verdicts("5.2.7.3", "not_first") == [True, True]


# --- people --------------------------------------------------------------------------------------


def test_without_a_roster_languages_and_certificates_are_not_seen():
    journal = j().talking().caller_ends_talk()
    assert journal.verdicts("5.2.5.1", "language") == []
    assert journal.verdicts("5.2.5.2", "certified") == []


def test_a_minority_seat_needs_no_certificate_and_another_does():
    seat = j().talking(agent="tibetan", number="1005").caller_ends_talk("tibetan")
    other = j().talking(agent="level4", number="1004").caller_ends_talk("level4")
    assert seat.verdicts("5.2.5.2", "certified", agents=AGENTS) == [True]
    assert other.verdicts("5.2.5.2", "certified", agents=AGENTS) == [False]


def test_agents_whose_speech_is_not_in_the_journal_are_not_judged_by_it():
    journal = j().talking().agent_leaves("hang_up", "harassment").hang_up("agent")
    for clause, rule in (("5.2.7.6", "warned"), ("7.1.2", "words"), ("5.2.7.4", "greeted")):
        assert journal.verdicts(clause, rule) == []


def test_a_full_account_number_may_be_read_to_the_caller_who_typed_one():
    journal = at_main().add("journal", ev.Collected, step="s", kind="account", ok=True)
    journal.say("found", "户号{account:account}。", account="3100000012").caller_leaves()
    assert journal.verdicts("7.1.3", "account") == [True]


def test_a_caller_who_presses_on_shows_nothing_about_the_expected_restoration():
    journal = at_main().step(etr="2026-11-23T18:00").menu("found", 2).play("found").wait(0.5)
    journal.key("0").stop().chosen("agent").ask().queued().caller_leaves()
    assert journal.verdicts("6.2.5.2", "told") == []


def test_no_measured_text_holds_the_caller_s_number_or_digits():
    journal = Journal().arrive("13912345678").say("greeting").menu().say("main").key("7")
    journal.add("journal", ev.WrongKey, at_id="main", count=1).say("error.wrong_key")
    journal.caller_leaves()
    for result in journal.results():
        assert "13912345678" not in "".join((*result.measured, result.place))
