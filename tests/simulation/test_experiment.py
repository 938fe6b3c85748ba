"""Experiments: intervals that keep their promise, common callers, enough replications, one truth."""

import secrets

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.figures import queue_figures
from hotline.simulation import estimates
from hotline.simulation.building import run_of
from hotline.simulation.engine.results import Fate
from hotline.simulation.engine.run import simulate
from hotline.simulation.estimates import Estimate
from hotline.simulation.experiment import Wish, experiment
from hotline.simulation.measures import queue_measures
from hotline.simulation.outcome import percentiles, rows, to_json, write_table
from hotline.simulation.report import to_html
from hotline.simulation.sample import sample_of
from hotline.simulation.sharing import by_threads
from hotline.simulation.tables import plus_minus, waits_told
from hotline.switch.events import OfferOutcome
from hotline.switch.record import Offer, RequestOutcome, RequestRecord
from tests.simulation.plans import GONE, exponential, group, plan, queue


def small(**changes):
    rules = {"queues": [queue(calls_per_hour=285)], "groups": [group(agents=20)], **changes}
    return plan(**rules)


def day(**changes):
    shape = {"every": 60, "calls": [20 + 10 * (n % 6) for n in range(24)]}
    return small(
        queues=[queue(calls_per_hour=GONE, profile=shape)], groups=[group(agents=4)], **changes
    )


def test_an_agents_ring_is_that_of_the_offers_he_answered():
    found = experiment(small(ring=3.0, answers=0.8), Wish(calls=2000, seed=1, agents=True))
    for figures in found.agents().values():
        assert figures["mean_ring"].value == pytest.approx(3.0)


def two_groups(routing):
    """Two groups that both serve one quiet queue."""
    groups = [group(name="a", agents=10), group(name="b", agents=10)]
    return plan(routing=routing, queues=[queue(calls_per_hour=60)], groups=groups)


def test_routing_by_groups_fills_the_first_and_by_idle_time_both_alike():
    def talking(routing):
        run = run_of(two_groups(routing), calls=4000)
        return simulate(run.model, seed=3).groups.talking.sum(axis=0)

    first, second = talking("groups")
    assert second < first / 3
    first, second = talking("longest_idle")
    assert second == pytest.approx(first, rel=0.1)


# --- statistics --------------------------------------------------------------------------------


def test_an_interval_of_95_percent_covers_in_95_percent_of_the_cases():
    """2,000 experiments of 8 units with a known ratio; the count is binomial."""
    chance = np.random.default_rng(secrets.randbits(64))
    covered = 0
    for _ in range(2_000):
        below = chance.poisson(400, 8).astype(float)
        above = chance.binomial(below.astype(int), 0.8).astype(float)
        covered += estimates.ratio(above, below, share=True).covers(0.8)
    assert 0.95 - 5 * 0.0049 < covered / 2_000 < 0.95 + 5 * 0.0049


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=2, max_size=20))
def test_a_share_stays_between_nothing_and_all(pairs):
    above = np.array([min(a, b) for a, b in pairs], float)
    found = estimates.ratio(above, np.array([b for _, b in pairs], float), share=True)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_nothing_seen_is_not_nothing_possible():
    found = estimates.ratio(np.zeros(4), np.full(4, 25.0), share=True)
    assert found.low == 0
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 100))


def test_one_unit_has_no_interval():
    assert estimates.ratio(np.ones(1), np.ones(1)).half is None


# --- experiments -------------------------------------------------------------------------------


def test_one_long_run_has_batches_and_many_have_replications():
    one = experiment(small(), Wish(calls=3_000, replications=1))
    assert one.method == "batches"
    assert one.queue(0)["service_level"].half > 0
    several = experiment(small(), Wish(calls=3_000, replications=4))
    assert several.method == "replications"
    lonely = experiment(day(), Wish(replications=1))
    assert lonely.method == "none"
    assert lonely.queue(0)["service_level"].half is None
    assert experiment(day(), Wish(days=5, replications=1)).method == "days"


def test_the_same_callers_call_whoever_answers():
    """Common random numbers: with another agent the same number of calls comes."""
    offered = [
        experiment(small(groups=[group(agents=n)]), Wish(calls=3_000, replications=2, seed=4))
        .queue(0)["offered"].value
        for n in (20, 21)
    ]  # fmt: skip
    assert offered[0] == offered[1]


def test_the_difference_of_plans_is_clearer_with_the_same_callers():
    def levels(agents, seed):
        found = experiment(
            small(groups=[group(agents=agents)]), Wish(2_000, replications=30, seed=seed)
        )
        units = found._units[0]
        return (units["within"] / units["offered"])[:, 0]

    seed = secrets.randbelow(2**31)
    same = levels(21, seed) - levels(20, seed)
    other = levels(21, seed) - levels(20, seed + 1)
    assert np.var(same) < np.var(other) / 2, seed


def test_replications_go_on_until_precise_enough():
    rough = experiment(small(), Wish(calls=2_000, replications=3))
    fine = experiment(small(), Wish(calls=2_000, replications=3, precision=0.01))
    assert fine.queue(0)["service_level"].half <= 0.01
    assert len(fine.samples) > len(rough.samples)
    # and the first replications are the same ones
    assert fine.samples[0].units["offered"].tolist() == rough.samples[0].units["offered"].tolist()


def test_workers_change_nothing():
    alone = experiment(small(), Wish(calls=2_000, replications=5, seed=3))
    threads = experiment(small(), Wish(calls=2_000, replications=5, seed=3), by_threads(3))
    assert to_json(alone)["queues"] == to_json(threads)["queues"]


def test_a_warm_up_is_left_out_of_a_long_run_and_not_of_a_day():
    long = experiment(small(), Wish(calls=3_000, replications=1))
    assert long.samples[0].calls > long.queue(0)["offered"].value
    short = experiment(day(), Wish(replications=1))
    assert short.samples[0].calls == short.queue(0)["offered"].value


def test_each_day_is_busy_in_its_own_way():
    """Ten days of one run vary as ten runs of one day do, not all together."""
    busy = plan(queues=[queue(calls_per_hour=GONE, profile={"every": 60, "calls": [400] * 24})],
                groups=[group(agents=60)], busyness={"cv": 0.3})  # fmt: skip
    found = experiment(busy, Wish(days=20, replications=3))
    for sample in found.samples:
        calls = sample.units["offered"][:, 0]
        # far more than Poisson's 1 %; a cv of 0.3 over 20 days is between these in all but 1 in 10^5
        assert 0.1 < np.std(calls) / np.mean(calls) < 0.6


# --- one truth ---------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_records():
    """The engine's rows, made into the records of a call, have the figures that its sums have."""
    read = small(ring={"distribution": "uniform", "low": 4, "high": 14}, after_call=20,
                 queues=[queue(calls_per_hour=600)], waiting_room=8)  # fmt: skip
    run = run_of(read, days=1)
    result = simulate(run.model, secrets.randbelow(2**31), rows=True)
    slots = sample_of(run, result).slots
    sums = {name: float(table.sum()) for name, table in slots.items()}
    mine = queue_measures(sums, read.limits)
    theirs = queue_figures([Call(requests(result.rows))], read.limits)
    for name in ("offered", "answered", "abandoned", "short_abandon", "service_level",
                 "answered_within_of_offered", "answered_within_of_answered", "mean_wait",
                 "answered_within_of_finished", "answered_within_less_quick", "handled_within",
                 "mean_wait_answered", "abandoned_fraction"):  # fmt: skip
        assert mine[name].value == pytest.approx(theirs[name].value, rel=1e-9), name
    assert mine["blocked"].value == theirs["refused"].value > 0


class Call:
    """What `queue_figures` reads of a call's record."""

    def __init__(self, requests):
        self.requests = requests


OUTCOMES = {
    Fate.ANSWERED: RequestOutcome.ANSWERED,
    Fate.ABANDONED: RequestOutcome.ABANDONED,
    Fate.REFUSED: RequestOutcome.REFUSED,
}


def requests(table):
    for number in range(len(table.asked)):
        fate, asked = Fate(int(table.fate[number])), float(table.asked[number])
        answered = fate is Fate.ANSWERED
        ended = float(table.answered[number] if answered else table.ended[number])
        agent = "a" if answered else ""
        offers = (Offer(1, agent, asked, ended, OfferOutcome.ANSWERED),) if answered else ()
        yield RequestRecord(1, "q", "zh-CN", 0, asked, ended, OUTCOMES[fate], offers, agent,
                            "", "", None, None, None, None, "", "", 0.0)  # fmt: skip


# --- what is given out -------------------------------------------------------------------------


def test_every_figure_has_its_interval_and_formula():
    data = to_json(experiment(day(), Wish(replications=3)))
    found = data["queues"]["mandarin"]
    figures = set(found) - {"confidence", "wait_percentiles"}
    assert set(found["confidence"]) == figures
    assert set(data["formulas"]) == figures - {"mean_queue"}
    assert len(data["intervals"]) == 48
    assert sum(at["queues"]["mandarin"]["offered"] for at in data["intervals"]) == pytest.approx(found["offered"] / 3)  # fmt: skip
    assert data["intervals"][17]["start"] == "08:30"


def test_adherence_counts_breaks_that_begin_late():
    shift = [{"start": "08:00", "end": "16:00", "agents": 4, "breaks": ["12:00-12:30"]}]
    busy = small(
        queues=[queue(calls_per_hour=60, handle=exponential(900))],
        groups=[group(agents=GONE, shifts=shift)],
    )  # fmt: skip
    found = experiment(busy, Wish(days=1, replications=3, agents=True)).agents()
    assert len(found) == 4
    for figures in found.values():
        assert 0.9 < figures["adherence"].value < 1
        assert figures["signed_in"].value > 0


def test_percentiles_of_the_wait():
    found = experiment(small(), Wish(calls=5_000, replications=2))
    waits = percentiles(found, 0)
    assert waits["p50"] <= waits["p90"] <= waits["p99"]


def test_who_does_not_wait_is_not_told_to_wait_a_second():
    """And a queue in which nobody is answered has no waits, rather than long ones."""
    items = [queue(name="a", calls_per_hour=60), queue(name="b", patience=1)]
    serving = [group(name="a", agents=20, skills=["a"]), group(name="b", skills=["b"], ring=50)]
    found = experiment(plan(queues=items, groups=serving), Wish(calls=2_000, replications=2))
    assert waits_told(found, 0)["p50"] == "<1"
    assert waits_told(found, 1) == {"p50": "-", "p90": "-", "p99": "-"}
    assert '<td class="n">&lt;1</td>' in to_html(found)


def test_rows_for_other_programs(tmp_path):
    import pyarrow.parquet

    found = experiment(day(), Wish(replications=2))
    write_table(found, str(tmp_path / "rows.parquet"))
    table = pyarrow.parquet.read_table(tmp_path / "rows.parquet").to_pylist()
    assert table == rows(found)
    assert {"queue", "group"} == {line["scope"] for line in table}


def test_the_warm_up_is_in_no_histogram():
    """Everything counted is in the histograms, and nothing else is."""
    items = [queue(name="a", calls_per_hour=2000), queue(name="b", calls_per_hour=800, priority=2)]
    found = experiment(
        plan(queues=items, groups=[group(agents=190, skills=["a", "b"])]),
        Wish(calls=20_000, replications=2, seed=4),
    )
    for number in range(2):
        answered, abandoned = found.waits(number)
        figures = found.queue(number)
        assert answered.sum() == pytest.approx(figures["answered"].value, abs=3)
        assert abandoned.sum() == pytest.approx(figures["abandoned"].value, abs=3)


def test_an_interval_cut_off_at_the_edge_shows_both_ends():
    assert plus_minus(Estimate(0.4, 0.3, 0.5), "share") == "40.00% ±10.00%"
    assert plus_minus(Estimate(0.4, 0.0, 1.0), "share") == "40.00% [0.00%, 100.00%]"
    assert plus_minus(Estimate(1.0, 0.9996, 1.0), "share") == "100.00% ±0.02%"
    assert plus_minus(Estimate(3.0, 0.0, 9.0), "count") == "3 [0, 9]"


def test_days_that_differ_are_told_apart_and_others_folded():
    """A week with a surge on its third day: that day alone feels it."""
    rules = {"groups": [group(agents=25)], "queues": [queue(calls_per_hour=285)]}
    week = plan(**rules, week=[1, 1, 1, 1, 1, 0.5, 0.5], weekday="saturday", days=7,
                surges=[{"name": "heat", "day": 3}])  # fmt: skip
    found = experiment(week, Wish(replications=2))
    assert found.days == 7
    data = to_json(found)
    assert [day["day"] for day in data["days"]][:3] == ["saturday", "sunday", "monday"]
    offered = [day["offered"] for day in data["days"]]
    assert offered[2] == max(offered)
    assert offered[0] < 0.6 * offered[3]
    assert sum(offered) == data["queues"]["mandarin"]["offered"]
    assert len(data["intervals"]) == 7 * 48
    assert data["intervals"][48]["day"] == "sunday"
    html = to_html(found, "en")
    assert "By day" in html
    assert ">Sat<" in html
    alike = experiment(day(), Wish(days=3, replications=2))
    assert alike.days == 1
    assert "days" not in to_json(alike)
    assert experiment(week, Wish(calls=3000, replications=2)).days == 1
