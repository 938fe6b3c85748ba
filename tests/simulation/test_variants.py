"""What-if: variants as changes of a plan, and differences with intervals from the same callers."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hotline.simulation.compare import Compared, compared, same_kind
from hotline.simulation.experiment import Wish, experiment
from hotline.simulation.parts import PlanError
from tests.simulation.plans import group, plan, queue

SMALL = {"queues": [queue(calls_per_hour=285)], "groups": [group(agents=20)]}
WISH = Wish(calls=4000, replications=8, seed=2)


def small(**variants):
    return plan(**SMALL, variants={name.replace("_", " "): v for name, v in variants.items()})


def level(one):
    return one.queues()["mandarin"]["service_level"]


def test_common_random_numbers_narrow_the_interval_of_the_difference():
    base, (one,) = compared(small(more={"groups": {"a": {"agents": "+1"}}}), WISH)
    apart = Compared("apart", base, experiment(one.found.plan, replace(WISH, seed=99)))
    assert level(one).low > 0
    assert level(one).half < level(apart).half / 2


def test_a_variant_that_changes_nothing_differs_by_nothing():
    _, (none, other_words) = compared(
        small(none={}, other_words={"queues": {"mandarin": {"handle": "*100%"}}}), WISH
    )
    assert (level(none).low, level(none).high) == (0, 0)
    assert level(other_words).value == 0


def test_the_interval_of_a_null_variant_contains_0_about_95_times_in_100():
    inside = []
    for seed in range(20):
        base = experiment(small(), replace(WISH, seed=seed))
        again = experiment(small(), replace(WISH, seed=1000 + seed))
        inside.append(level(Compared("null", base, again)).covers(0.0))
    assert sum(inside) >= 16  # fewer: 0.3 % by chance


def test_the_difference_is_that_of_the_figures():
    base, (one,) = compared(small(shorter={"queues": {"mandarin": {"handle": "*0.9"}}}), WISH)
    for figure in ("service_level", "mean_wait", "abandoned_fraction"):
        ours = one.queues()["mandarin"][figure].value
        assert ours == pytest.approx(one.found.queue(0)[figure].value - base.queue(0)[figure].value)
    assert one.groups()["a"].value < 0
    assert np.isclose(one.queues()[""]["offered"].value, 0)


def test_changes_go_as_far_as_they_are_written():
    found = dict(small(
        more={"groups": {"a": {"agents": "+10%"}}},
        bill={"queues": {"bill": queue(name="bill")}, "groups": {"a": {"skills": ["mandarin", "bill"]}}},
        surge={"surges": [{"name": "heat"}]},
        patient={"queues": {"mandarin": {"patience": None}}, "waiting_room": 5},
        shifts={"groups": {"a": {"shifts": [{"start": "08:00", "end": "20:00", "agents": 30}]}}},
    ).variants)  # fmt: skip
    assert found["more"].groups[0].group.agents == 22
    assert [item.name for item in found["bill"].queues] == ["mandarin", "bill"]
    assert found["surge"].surges
    assert found["patient"].queues[0].queue.patience.name == "never"
    assert found["patient"].waiting_room == 5
    assert found["shifts"].groups[0].shifts
    assert all(one.title == "" for one in found.values())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"groups": {"b": {"agents": 3}}}, "variants.x.groups.b: the plan has no 'b'"),
        ({"queues": {"mandarim": {"handle": 3}}}, "'handle'|mandarim"),
        ({"trunks": "+3"}, "there is no number in the plan to change"),
        ({"groups": {"a": {"agents": -1}}}, "variants.x: groups.0.agents"),
        ({"callbacks": {}}, "variants.x: .*callback"),
    ],
)
def test_a_change_that_cannot_be_is_told_with_its_variant(change, told):
    with pytest.raises(PlanError, match=told):
        small(x=change)


def test_a_surge_makes_all_of_them_run_for_days():
    one = small(heat={"surges": [{"name": "heat"}]})
    assert same_kind(one, Wish(calls=1000)).days == 1
    assert same_kind(small(none={}), Wish(calls=1000)).calls == 1000


def test_the_page_on_variants_is_run(hotline_command, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "what-if.md").read_text(encoding="utf-8")
    [text] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    html = tmp_path / "what-if.html"
    done = hotline_command("simulate", tmp_path / "plan.yaml", "--calls", "2000", "--html", html)
    assert "Differences to the plan" in done
    assert "one more agent" in html.read_text(encoding="utf-8")
    data = json.loads(hotline_command("simulate", tmp_path / "plan.yaml", "--calls", "2000",
                                      "--replications", "3", "--json"))  # fmt: skip
    value, low, high = data["variants"]["one more agent"]["difference"]["queues"]["all"][
        "service_level"
    ]
    assert low <= value <= high
