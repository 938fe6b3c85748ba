"""Plans are read whole, or refused with file, line, field and remedy before any run."""

import pytest

from hotline.simulation.checks import refuse, warnings
from hotline.simulation.reading import PlanError, read_plan
from menus.wording import BookError
from tests.simulation.plans import GONE, MINIMAL, exponential, group, plan, queue


def refused(text, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BookError) as error:
        refuse(read_plan(file))
    return str(error.value).replace(str(file), "plan.yaml")


CONTRACT = """
answer_within: 12
short_abandon: 5
queues:
  - {name: mandarin, calls_per_hour: 2850, priority: 0,
     handle: {distribution: exponential, mean: 240}, patience: {distribution: exponential, mean: 180}}
groups:
  - {name: a, agents: 200, skills: [mandarin]}
"""


def test_the_minimal_plan_of_the_contract(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(CONTRACT, encoding="utf-8")
    read = read_plan(file)
    refuse(read)
    assert warnings(read) == []
    assert read.stationary
    [item] = read.queues
    assert (item.queue.handle.mean, item.queue.patience.mean) == (240, 180)
    assert item.profile.rates == (2850 / 3600,)
    assert read.groups[0].on_duty(3600) == 200


def test_a_load_section():
    rules = plan(
        load={
            "length": 60,
            "at": "08:30",
            "scale": 0.1,
            "skills": {"mandarin": "bill"},
            "callers": [{"queue": "mandarin", "keys": "2 0"}, {"queue": "mandarin", "weight": 2}],
            "fail_on": {"heard_agent_within": 0.9, "setup_p99": 2, "failed": 0},
        }
    ).load
    assert (rules.length, rules.at, rules.scale) == (60.0, 30_600.0, 0.1)
    assert [one.keys for one in rules.callers] == [("2", "0"), None]
    assert [one.text() for one in rules.fail_on] == [
        "heard_agent_within >= 0.9",
        "setup_p99 <= 2 s",
        "failed <= 0",
    ]


@pytest.mark.parametrize(
    ("load", "said"),
    [
        ({"lenght": 60}, "unknown key 'lenght' in load (did you mean 'length'?)"),
        ({"length": 0}, "load.length: 0 is not allowed here"),
        ({"scale": 2}, "load.scale: 2 is not allowed here (Share of the plan's calls and agents"),
        (
            {"skills": {"mandrin": "bill"}},
            "load.skills: there is no queue 'mandrin' (did you mean 'mandarin'?)",
        ),
        (
            {"callers": [{"queue": "mandrin"}]},
            "load.callers.0.queue: there is no queue 'mandrin' (did you mean",
        ),
        (
            {"callers": [{"queue": "mandarin", "keys": "1", "scenario": "x.yaml"}]},
            "a scenario says all that its caller does; keys cannot be given too",
        ),
        (
            {"fail_on": {"setup_p9": 1}},
            "load.fail_on.setup_p9: no figure 'setup_p9': did you mean 'setup_p99'?",
        ),
        ({"fail_on": {"failed": 2}}, "load.fail_on.failed: failed: 2 is not a share from 0 to 1"),
        ({"fail_on": {"ring_within": 0.9}}, "no figure 'ring_within'"),
    ],
)
def test_bad_load_sections(load, said):
    with pytest.raises(PlanError) as refused:
        plan(load=load)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("line", "changed", "said"),
    [
        ("answer_within: 12", "answer_withn: 12", "plan.yaml:2: unknown key 'answer_withn' (did you mean 'answer_within'?)"),
        ("mean: 240", "mean: -240", "plan.yaml:6: queues.0.handle.mean: -240 is not allowed here (Seconds, 0 or more.)"),
        ("calls_per_hour: 2850", "calls_per_hour: -1", "plan.yaml:5: queues.0.calls_per_hour: -1"),
        ("skills: [mandarin]", "skills: [mandarn]", "plan.yaml:8: groups.0.skills.0: there is no queue 'mandarn' (did you mean 'mandarin'?)"),
        ("agents: 200", "agents: 0", "plan.yaml:8: queue 'mandarin' has no agents: its groups (a) are empty (give at least one agent)"),
        ("agents: 200", "agents: 2.5", "plan.yaml:8: groups.0.agents must be a whole number or a mapping, not 2.5"),
        ("distribution: exponential, mean: 240", "distribution: exponental, mean: 240", "did you mean 'exponential'?"),
        ("distribution: exponential, mean: 240", "distribution: lognormal, mean: 240", "lognormal takes mean and cv; got mean"),
        ("calls_per_hour: 2850, ", "", "queue 'mandarin' must say its calls in one way; it has none of them"),
        (", patience: {distribution: exponential, mean: 180}", "", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_line_and_remedy(line, changed, said, tmp_path):
    if not said:
        text = CONTRACT.replace(line, changed).replace("agents: 200", "agents: 190")
        said = (
            "plan.yaml:5: mandarin: 190.0 erlangs for 190 agents and nobody gives up: the queue "
            "would grow for ever (add patience, waiting_room or trunks, or give at least 191 agents)"
        )
    else:
        text = CONTRACT.replace(line, changed)
    assert text != CONTRACT
    assert said in refused(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "plan.yaml: the file is empty (write at least queues and groups)"),
        ("hello", "must be a mapping"),
        ("queues: [1, 2", "not valid YAML"),
    ],
)
def test_what_is_no_plan_at_all(text, said, tmp_path):
    assert said in refused(text, tmp_path)


def test_a_folder_is_no_plan(tmp_path):
    with pytest.raises(PlanError, match="is a folder"):
        read_plan(tmp_path)


def test_all_errors_are_told_at_once(tmp_path):
    text = CONTRACT.replace("skills: [mandarin]", "skills: [x]").replace("mean: 180", "cv: 1")
    assert len(refused(text, tmp_path).splitlines()) == 2


def test_a_queue_that_no_group_serves(tmp_path):
    text = CONTRACT + "  - {name: b, agents: 3, skills: [mandarin]}\n"
    text = text.replace("queues:\n", "queues:\n  - {name: fault, calls_per_hour: 1, handle: 60}\n")
    assert "plan.yaml:5: queue 'fault' has no agents (name it in the skills" in refused(
        text, tmp_path
    )


def test_an_empirical_file_with_a_wrong_line(tmp_path):
    (tmp_path / "talk.txt").write_text("# talk\n120\n\n240\nlong\n", encoding="utf-8")
    text = CONTRACT.replace(
        "distribution: exponential, mean: 240", "distribution: empirical, file: talk.txt"
    )
    said = refused(text, tmp_path)
    assert "talk.txt:5: 'long' is not a number of seconds (one number of 0 or more a line)" in said
    (tmp_path / "talk.txt").write_text("120\n240\n", encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    assert read_plan(tmp_path / "plan.yaml").queues[0].queue.handle.mean == 180


def test_an_empirical_file_that_is_not_there(tmp_path):
    text = CONTRACT.replace(
        "distribution: exponential, mean: 240", "distribution: empirical, file: no.txt"
    )
    assert "cannot be read" in refused(text, tmp_path)


@pytest.mark.parametrize(
    "bad",
    [
        {"queues": [queue(profile={"every": 30, "calls": [1, 2, 3]}, calls_per_hour=GONE)]},
        {"queues": [queue(profile="monday", calls_per_hour=GONE)]},
        {"queues": [queue(profile={"every": 30, "shares": [1] * 48}, calls_per_hour=GONE)]},
        {"groups": [group(agents=GONE)]},
        {"groups": [group(shifts=[{"start": "08:00", "end": "16:00", "agents": 3}])]},
        {"groups": [group(), group()]},
        {"groups": [group(centre="north"), group(name="b")]},
        {"surges": [{"name": "tyfoon"}]},
        {"surges": [{"name": "centre_lost"}]},
        {"groups": [group(agents=GONE, shifts=[{"start": "08:00", "end": "16:00", "agents": 3, "breaks": ["17:00-17:30"]}])]},
        {"redial": {"probability": 1.5, "delay": 60}},
    ],
)  # fmt: skip
def test_plans_that_cannot_be(bad):
    with pytest.raises(PlanError) as error:
        plan(**bad)
    for line in str(error.value).splitlines():
        assert line.startswith("plan.yaml:")


@pytest.mark.parametrize("answers", [{"answers": 0}, {"ring": 25}])
def test_agents_who_never_answer(answers):
    with pytest.raises(PlanError, match="never answers"):
        refuse(plan(**answers))


def test_shared_agents_must_carry_all_queues_without_an_end_of_patience():
    """Each queue alone would fit; both together do not."""
    busy = [
        queue(patience=GONE, calls_per_hour=1500),
        queue(name="b", patience=GONE, calls_per_hour=1500),
    ]
    refuse(plan(queues=busy, groups=[group(agents=201, skills=["mandarin", "b"])]))
    with pytest.raises(PlanError, match="grow for ever"):
        refuse(plan(queues=busy, groups=[group(agents=200, skills=["mandarin", "b"])]))


def test_an_overload_that_ends_is_a_warning():
    shape = {"every": 60, "calls": [100] * 12 + [4000] + [100] * 11}
    day = plan(queues=[queue(patience=GONE, calls_per_hour=GONE, profile=shape)])
    refuse(day)
    [warning] = warnings(day)
    assert "from 12:00 on more work than agents" in warning.message.en


def test_nobody_on_duty_at_night_is_a_warning():
    office = [{"start": "08:00", "end": "18:00", "agents": 300}]
    [warning] = warnings(plan(groups=[group(agents=GONE, shifts=office)]))
    assert "nobody on duty, first at 00:00 (5.2.7.1" in warning.message.en


def test_a_number_of_seconds_is_the_same_each_time_but_a_redial_is_not_by_the_clock():
    read = plan(ring=3, redial={"probability": 0.6, "delay": 300})
    assert read.groups[0].group.ring.name == "deterministic"
    assert read.queues[0].queue.redial.delay.name == "exponential"


def test_a_night_shift_ends_the_next_day():
    night = [{"start": "22:00", "end": "06:00", "agents": 5, "breaks": ["01:00-01:30"]}]
    [one] = plan(groups=[group(agents=GONE, shifts=night)]).groups
    on_duty = [one.on_duty(hour * 3600.0) for hour in (0, 1, 2, 5.99, 6, 21, 22)]
    assert on_duty == [5, 0, 5, 5, 0, 0, 5]


def test_agents_by_interval():
    numbers = [10] * 16 + [50] * 32
    [one] = plan(groups=[group(agents={"every": 30, "numbers": numbers})]).groups
    assert [one.on_duty(h * 3600.0) for h in (0, 7.99, 8, 23.9, 24)] == [10, 10, 50, 50, 10]
    assert one.group.agents == 50


def test_the_minimal_plan_is_what_the_helpers_of_the_tests_make():
    assert plan() == plan(**MINIMAL)
    assert queue(patience=exponential(180)) == MINIMAL["queues"][0]


def test_a_queue_says_what_is_different_about_its_call_backs(tmp_path):
    own = plan(
        queues=[queue(name="a", callback={"tries": 5, "retry_after": 60}), queue(name="b")],
        groups=[group(skills=["a", "b"])],
        callback={"probability": 0.5, "after": 30},
    )
    a, b = (item.queue.callback for item in own.queues)
    assert (a.tries, a.retry_after, a.after, a.accept) == (5, 60, 30, 0.5)
    assert (b.tries, b.retry_after, b.after, b.accept) == (3, 600, 30, 0.5)
    alone = plan(queues=[queue(name="a", callback={"probability": 1}), queue(name="b")],
                 groups=[group(skills=["a", "b"])])  # fmt: skip
    assert alone.queues[1].queue.callback is None
    text = CONTRACT.replace("priority: 0,", "priority: 0, callback: {tries: 5},")
    assert "queues.0.callback: probability is missing" in refused(text, tmp_path)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"queues": [queue(handle=4)]}, "are these minutes?"),
        ({"queues": [queue(calls_per_hour=0)]}, "nobody calls"),
        ({"week": [0] * 7}, "nobody calls"),
        ({"short_abandon": 20}, "short_abandon 20 s is above answer_within 12 s"),
        ({"ring": 15}, "always rings longer than 12 s"),
        ({"queues": [queue(calls_per_hour=50_000)]}, "most callers give up"),
        ({"surges": [{"name": "typhoon", "day": 3}]}, "surge 'typhoon' comes after day 1"),
    ],
)
def test_what_is_hardly_meant_is_warned_of(changes, told):
    assert told in " ".join(problem.line("en") for problem in warnings(plan(**changes)))


def test_a_surge_nearly_named_is_suggested(tmp_path):
    assert "did you mean 'typhoon'?" in refused(CONTRACT + "surges: [{name: typhon}]", tmp_path)
