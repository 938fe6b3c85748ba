"""`hotline staff` as a user runs it."""

import json

PLAN = """
queues:
  - {name: all, calls_per_day: 900, profile: {every: 60, shares: [1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 18, 16,
     12, 12, 15, 16, 16, 15, 15, 14, 12, 8, 4, 2]}, handle: {distribution: exponential, mean: 200},
     patience: {distribution: exponential, mean: 180}}
groups: [{name: a, agents: 1, skills: [all]}]
staff: {every: 60, shrinkage: 0.25}
"""


def test_a_day_is_staffed_and_its_roster_simulated(hotline, tmp_path):
    file, roster = tmp_path / "plan.yaml", tmp_path / "roster.yaml"
    file.write_text(PLAN, encoding="utf-8")
    done = hotline("staff", file, "--json", "--out", roster, "--csv", tmp_path / "steps.csv")
    assert done.code == 0, done.err
    data = json.loads(done.out)
    assert data["targets"] == {"service_level": 0.95}
    assert len(data["intervals"]) == 24
    assert all(step["met"] and step["at_work"] >= step["agents"] for step in data["intervals"])
    assert data["roster"]["queues"]["all"]["confidence"]["service_level"][1] >= 0.95
    again = hotline("simulate", roster, "--replications", "2", "--json")
    assert again.code == 0, again.err
    assert hotline("staff", file, "--target", "abandoned_fraction=0.05").code == 0


def test_unknown_targets_are_told_with_the_nearest(hotline, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text("queues: [{name: a, calls_per_hour: 9, handle: 100}]\n"
                    "groups: [{name: g, agents: 1, skills: [a]}]\n"
                    "staff: {targets: {service_levl: 0.9}}\n", encoding="utf-8")  # fmt: skip
    done = hotline("staff", file)
    assert done.code == 2
    assert (
        "plan.yaml:3: staff.targets: no figure 'service_levl': did you mean 'service_level'?"
        in done.err
    )
    done = hotline("staff", file, "--target", "service_level=95")
    assert done.code == 2


def test_a_week_is_staffed_with_a_row_for_each_person(hotline, tmp_path):
    file, people, roster = (tmp_path / name for name in ("plan.yaml", "people.csv", "roster.yaml"))
    starts = '["00:00", "07:00", "09:00", "13:00", "16:00"]'
    few = PLAN.replace("shrinkage: 0.25", f"shifts: [{{hours: 8, starts: {starts}}}]")
    file.write_text(few + "week: [1.1, 1, 1, 1, 1, 0.7, 0.6]\n", encoding="utf-8")
    done = hotline("staff", file, "--json", "--people", people, "--out", roster)
    assert done.code == 0, done.err
    data = json.loads(done.out)
    assert [day["day"] for day in data["days"]] == [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]  # fmt: skip
    assert len(data["intervals"]) == 7 * 24
    assert {step["day"] for step in data["intervals"]} == {day["day"] for day in data["days"]}
    assert len(people.read_text(encoding="utf-8-sig").splitlines()) == data["rostered"] + 1
    assert hotline("simulate", roster, "--replications", "2", "--json").code == 0
    refused = hotline("staff", file, "--days", "1", "--people", people)
    assert refused.code == 2
    assert "--people needs several days" in refused.err
