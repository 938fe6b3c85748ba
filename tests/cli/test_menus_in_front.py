"""The IVR in front: what real menus do to calls is measured, and changes what staffing answers."""

import json

import pytest

from hotline.cli.menu_calls import WishError, run_calls
from hotline.cli.plans import measured
from hotline.simulation.exact import theory_of
from hotline.simulation.front import MenuCall, Menus, UnmappedError, with_menus
from hotline.simulation.reading import read_plan
from hotline.simulation.steps import steps_of

LONG = """
version: 1
language: zh-CN
start: main
common_keys: {"0": agent, "*": back, "9": repeat}
menus:
  main:
    prompt: 停电报修请按1，电量电费请按2，转人工服务请按0，返回上级请按星号键，重听请按9。
    keys: {"1": "menu:fault", "2": "agent:bill"}
  fault:
    prompt: 安全用电请按1，停电报修请按2，转人工服务请按0，返回上级请按星号键，重听请按9。
    keys: {"1": "step:safety", "2": "agent:fault"}
steps:
  safety: {say: "发现电线断落，请勿靠近。", next: end}
"""
SERVED = LONG.replace('"2": "agent:bill"', '"2": "step:bill"') + (
    '  bill: {say: "您的电费已结清。", next: end}\n'
)
"""A step of self-service more: whoever asks for the bill is served by it."""
SHORT = LONG.replace('"1": "menu:fault"', '"1": "agent:fault", "3": "step:safety"')
"""A shorter menu: the fault desk one level nearer."""
PLAN = """
queues: [{name: fault, handle: {distribution: exponential, mean: 170}, patience: {distribution: exponential, mean: 180}},
         {name: bill, handle: {distribution: exponential, mean: 170}, patience: {distribution: exponential, mean: 180}}]
groups: [{name: desk, agents: 20, skills: [fault, bill]}]
ivr: {calls_per_hour: 600, calls: 400, book: long.yaml, mix: {"1 2": 5, "2": 4, "1 1": 1}, queues: {"": fault}}
staff: {targets: {answered_within_of_offered: 0.9}}
variants:
  self-service: {ivr: {book: served.yaml}}
  shorter menu: {ivr: {book: short.yaml, mix: {"1": 5, "2": 4, "3": 1}}}
"""


@pytest.fixture
def folder(tmp_path):
    for name, text in {"long": LONG, "served": SERVED, "short": SHORT, "plan": PLAN}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_self_service_step_more_needs_fewer_agents(folder):
    plan = measured(read_plan(folder / "plan.yaml"))
    variants = dict(plan.variants)
    before = steps_of(plan).pools.max()
    after = steps_of(variants["self-service"]).pools.max()
    assert after < before * 0.75
    assert variants["self-service"].front.contained > plan.front.contained + 0.3
    assert variants["self-service"].queues[1].profile.per_day < plan.queues[1].profile.per_day / 5


def test_a_shorter_menu_holds_the_lines_for_less_time(folder):
    plan = measured(read_plan(folder / "plan.yaml"))
    short = dict(plan.variants)["shorter menu"]
    assert short.front.dwell < plan.front.dwell - 2
    assert short.queues[0].queue.ivr.mean < plan.queues[0].queue.ivr.mean - 3


def test_the_command_compares_the_menus(folder, hotline):
    done = hotline("simulate", folder / "plan.yaml", "--calls", "2000", "--replications", "3",
                   "--json", "--html", folder / "page.html")  # fmt: skip
    assert done.code == 0, done.err
    data = json.loads(done.out)
    assert 0 < data["ivr"]["contained"] < 0.3
    assert {row["wants"] for row in data["ivr"]["by_wish"]} == {"1 2", "2", "1 1"}
    difference = data["variants"]["self-service"]["difference"]["queues"]["all"]["offered"]
    assert difference[2] < 0
    assert "The menus in front" in (folder / "page.html").read_text(encoding="utf-8")


def test_the_same_callers_come_again_and_destinations_find_their_keys():
    menus = Menus(calls=60, mix=(("agent:fault", 1.0), ("menu:outage_found", 1.0)))
    calls = run_calls(menus)
    assert calls == run_calls(menus)
    by = {wants: [c for c in calls if c.wants == wants] for wants, _ in menus.mix}
    asked = [call.skill for call in by["agent:fault"]]
    assert asked.count("fault") > len(asked) * 0.7
    assert sum(call.skill is None for call in by["menu:outage_found"]) > 15
    with pytest.raises(WishError, match="did you mean 'menu:outage_found'"):
        run_calls(Menus(calls=60, mix=(("menu:outage_fuond", 1.0),)))
    with pytest.raises(WishError, match="unknown persona"):
        run_calls(Menus(calls=60, personas=(("plane", 1.0),)))


# --- what is made of measured calls ------------------------------------------------------------


def calls_of(menus):
    """A quarter contained after 30 s, the others ask after 10 s."""
    return [
        MenuCall("a", 30.0 if n % 4 == 0 else 10.0, None if n % 4 == 0 else "fault", True, 1)
        for n in range(menus.calls)
    ]


def test_rates_dwell_and_lines_follow_what_was_measured(folder):
    plan = with_menus(read_plan(folder / "plan.yaml"), calls_of)
    assert plan.queues[0].profile.per_day == pytest.approx(600 * 24 * 0.75)
    assert plan.queues[1].profile.per_day == 0
    assert plan.queues[0].queue.ivr.mean == 10.0
    assert plan.front.profile.per_day == pytest.approx(600 * 24 * 0.25)
    assert all(theory.exact for theory in theory_of(plan))


def test_callers_in_the_menus_hold_lines(folder):
    """Little's law: 600 calls/h, 15 s in the mean, hold 2.5 lines; with no agents needed 3 block."""
    from dataclasses import replace

    from hotline.simulation.experiment import Wish, experiment

    plan = with_menus(read_plan(folder / "plan.yaml"), lambda menus: [
        MenuCall("a", 15.0, None, True, 1) for _ in range(menus.calls)
    ])  # fmt: skip
    found = experiment(replace(plan, trunks=4), Wish(days=1, replications=4))
    blocked = found.everything()["blocked"].value / 4
    from hotline.simulation.erlang import erlang_b

    assert blocked / (600 * 24) == pytest.approx(erlang_b(4, 2.5), rel=0.1)


def test_a_skill_without_a_queue_is_told(folder, hotline):
    with pytest.raises(UnmappedError):
        with_menus(read_plan(folder / "plan.yaml"), lambda menus: [
            MenuCall("a", 1.0, "complaint", False, 1)
        ])  # fmt: skip
    text = PLAN.replace('{"": fault}', '{"": fualt}')
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    done = hotline("simulate", folder / "plan.yaml")
    assert "there is no queue 'fualt' (did you mean 'fault'?)" in done.err
    text = PLAN.replace("{name: fault,", "{name: fault, calls_per_hour: 3,")
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    assert (
        "with `ivr` the calls come through the menus" in hotline("staff", folder / "plan.yaml").err
    )


def test_a_sample_log_has_the_calls_that_never_asked(folder, hotline):
    log = folder / "log.csv"
    assert hotline("sample-log", folder / "plan.yaml", log, "--days", "1").code == 0
    done = hotline("fit", log)
    assert done.code == 0, done.err
    assert "ended in the menus" in done.out
