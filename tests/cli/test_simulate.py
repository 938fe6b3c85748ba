"""`hotline simulate` and `hotline erlang` as a user runs them."""

import json

import pytest

PLAN = """
answer_within: 12
short_abandon: 5
queues:
  - {name: mandarin, calls_per_hour: 285, priority: 0,
     handle: {distribution: exponential, mean: 240}, patience: {distribution: exponential, mean: 180}}
groups:
  - {name: a, agents: 20, skills: [mandarin]}
load: {length: 60}
"""
KEYS = {
    "offered", "answered", "abandoned", "blocked", "waited_fraction", "abandoned_fraction",
    "mean_wait", "mean_wait_answered", "answered_within_of_offered",
    "answered_within_of_answered", "service_level", "ring_within",
}  # fmt: skip


@pytest.fixture
def plan(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN, encoding="utf-8")
    return file


def simulated(hotline, plan, *options):
    done = hotline("simulate", plan, "--json", "--calls", "2000", "--replications", "3", *options)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_the_json_of_the_contract(hotline, plan):
    data = simulated(hotline, plan, "--seed", "7")
    found = data["queues"]["mandarin"]
    assert set(found) >= KEYS
    assert found["offered"] == found["answered"] + found["abandoned"] + found["blocked"]
    for key in KEYS:
        low, high = found["confidence"][key]
        assert low <= found[key] <= high, key
    assert 0 < data["groups"]["a"]["occupancy"] < 1
    assert data["seed"] == 7
    assert data["calls_per_second"] > 0
    assert "warm up" in data["warm_up"]["treatment"]


def test_the_same_seed_gives_the_same_figures_with_any_workers(hotline, plan):
    one = simulated(hotline, plan, "--seed", "7")
    two = simulated(hotline, plan, "--seed", "7", "--workers", "2")
    other = simulated(hotline, plan, "--seed", "8")
    assert one["queues"] == two["queues"]
    assert one["queues"] != other["queues"]


def test_figures_of_each_agent(hotline, plan):
    data = simulated(hotline, plan, "--agents")
    agents = data["agents"]
    assert len(agents) == 20
    one = agents["a-001"]
    assert {"offers", "answered_within", "unanswered", "occupancy", "adherence"} <= set(one)
    assert sum(a["answered"] for a in agents.values()) >= data["queues"]["mandarin"]["answered"]
    assert set(one["confidence"]) >= {"occupancy", "offers"}


def test_a_table_a_page_and_rows(hotline, plan, tmp_path):
    page, rows = tmp_path / "page.html", tmp_path / "rows.csv"
    done = hotline("simulate", plan, "--calls", "2000", "--replications", "2",
                   "--html", page, "--csv", rows)  # fmt: skip
    assert done.code == 0, done.err
    assert "service level = answered within 12 s of queue + ring" in done.out
    assert "warm up and are not counted" in done.out
    html = page.read_text(encoding="utf-8")
    assert "<svg" in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    head = rows.read_text(encoding="utf-8-sig").splitlines()[0]
    assert head == "scope,name,interval,figure,value,low,high"


def test_erlang_beside_it(hotline, plan):
    done = hotline("erlang", plan, "--json")
    exact = json.loads(done.out)["queues"]["mandarin"]
    assert set(exact) >= KEYS
    assert exact["model"] == "M/M/s+M (Erlang A)"
    found = simulated(hotline, plan)["queues"]["mandarin"]
    assert abs(found["service_level"] - exact["service_level"]) < 0.1


@pytest.mark.parametrize("command", ["simulate", "erlang"])
@pytest.mark.parametrize(
    ("line", "changed", "said"),
    [
        ("agents: 20", "agents: 0", "plan.yaml:8: queue 'mandarin' has no agents"),
        ("mean: 240", "mean: -240", "plan.yaml:6: queues.0.handle.mean: -240"),
        ("answer_within", "answer_withn", "did you mean 'answer_within'?"),
        ("queues:", "queues: [", "plan.yaml"),
    ],
)
def test_a_plan_that_cannot_be_is_one_line_and_exit_2(hotline, plan, command, line, changed, said):
    plan.write_text(PLAN.replace(line, changed), encoding="utf-8")
    done = hotline(command, plan)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err
    assert "Traceback" not in done.err


def test_no_such_plan(hotline, tmp_path):
    done = hotline("simulate", tmp_path / "none.yaml")
    assert done.code == 2
    assert "no such file" in done.err


def test_calls_and_days_exclude_each_other(hotline, plan):
    assert hotline("simulate", plan, "--calls", "5", "--days", "2").code == 2
