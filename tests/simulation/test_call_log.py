"""Call logs: messy files explained line by line, and laws fitted to them that recover the truth."""

import numpy as np
import pytest
from openpyxl import Workbook

from hotline.simulation.call_log import CallLogError, read_log, write_bad
from hotline.simulation.censored import exponential_patience, kaplan_meier, weibull_patience
from hotline.simulation.fit import doubts, fit, plan_data, remarks
from hotline.simulation.fit_report import to_html
from hotline.simulation.fitting import durations_of
from hotline.simulation.reading import read_plan
from hotline.simulation.sample_log import write_sample
from hotline.simulation.writing import plan_text
from tests.simulation.plans import GONE, exponential, group, plan, queue

HEAD = "call,arrived,queue,queued_at,answered_at,abandoned_at,ended_at,after_call,agent,outcome\n"
GOOD = "1,2026-11-23 08:00:00,fault,2026-11-23 08:00:30,2026-11-23 08:00:40,,2026-11-23 08:03:00,20,1001,answered\n"


def log(tmp_path, text, encoding="utf-8", **options):
    file = tmp_path / "log.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_log(file, **options)


def complaint(tmp_path, row, head=HEAD, **options):
    """The one wrong row of a log."""
    found = log(tmp_path, head + GOOD + row + "\n", bad_rows="skip", **options)
    assert len(found.rows) == 1
    (bad,) = found.bad
    assert bad.line == 3
    return f"{bad.column}: {bad.what.en} {bad.hint.en}".strip()


def test_a_row_in_seconds_after_midnight(tmp_path):
    (row,) = log(tmp_path, HEAD + GOOD).rows
    assert (row.arrived, row.queued, row.answered, row.ended) == (28800, 28830, 28840, 28980)
    assert (row.queue, row.wait, row.after_call, row.agent) == ("fault", 10.0, 20.0, "1001")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2,2026-02-30 08:00:00,fault,,,,,,,", "arrived: there is no such time: 2026-02-30 08:00:00"),
        ("2,1026-11-23 08:00:00,fault,,,,,,,", "the year cannot be"),
        ("2,yesterday,fault,,,,,,,", "arrived: 'yesterday' is no time write it as 2026-11-23 08:30:05"),
        ("2,,fault,2026-11-23 08:00:30,2026-11-23 08:00:10,,,,,", "answered_at: is 20 s before queued_at (a negative wait or talk)"),
        ("2,,fault,2026-11-23 08:00:30,2026-11-23 08:00:40,2026-11-23 08:00:41,,,,", "both answered and abandoned"),
        ("2,,fault,2026-11-23 08:00:30,,,,,,", "neither answered nor abandoned"),
        ("2,,fault,2026-11-23 08:00:30,,,,,,answered", "the outcome is answered, but this time is missing"),
        ("2,,fault,2026-11-23 08:00:30,,,,,,abandonned", "did you mean 'abandoned'?"),
        ("2,,,2026-11-23 08:00:30,,2026-11-23 08:00:40,,,,", "queue: is empty"),
        ("2,,fault,2026-11-23 08:00:30,2026-11-23 08:00:40,,2026-11-23 08:02:00,-5,,", "after_call: -5 s is negative"),
        ("2,,fault,2026-11-23 08:00:30,2026-11-23 08:00:40,,2026-11-23 08:02:00,long,,", "'long' is not a number of seconds"),
        ("2,,fault,2026-11-23 08:00:30,2026-11-23 08:00:40,,2026-11-29 08:02:00,,,", "ended_at: is 144.0 h after answered_at"),
        ("1,,fault,2026-11-23 09:00:30,,2026-11-23 09:00:40,,,,", "call: the same as line 2"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_told_with_line_and_reason(tmp_path, row, told):
    assert told in complaint(tmp_path, row)


def test_an_unknown_queue_is_told_with_the_nearest(tmp_path):
    row = "2,,fualt,2026-11-23 08:00:30,,2026-11-23 08:00:40,,,,"
    assert "unknown queue 'fualt' did you mean 'fault'?" in complaint(
        tmp_path, row, queues=["fault"]
    )


def test_the_same_row_twice_is_found_without_numbers(tmp_path):
    head, row = "queue,queued_at,abandoned_at\n", "a,2026-11-23 08:00:30,2026-11-23 08:00:40\n"
    found = log(tmp_path, head + row + row, bad_rows="skip")
    assert [bad.what.en for bad in found.bad] == ["the same as line 2"]


def test_it_stops_with_all_lines_unless_told_to_go_on(tmp_path):
    wrong = "2,x,fault,,,,,,,\n3,y,fault,,,,,,,\n"
    with pytest.raises(CallLogError) as told:
        log(tmp_path, HEAD + GOOD + wrong)
    assert [p.place.line for p in told.value.problems[:2]] == [3, 4]
    assert "--bad-rows skip" in str(told.value)
    found = log(tmp_path, HEAD + GOOD + wrong, bad_rows="skip")
    write_bad(found.bad, str(tmp_path / "bad.csv"), "en")
    lines = (tmp_path / "bad.csv").read_text("utf-8-sig").splitlines()
    assert lines[1].startswith("3,arrived,x,'x' is no time")
    with pytest.raises(CallLogError, match="no row can be used"):
        log(tmp_path, HEAD + wrong, bad_rows="skip")


def test_a_heading_without_the_columns_needed(tmp_path):
    with pytest.raises(CallLogError, match="the heading has no column queue, queued_at"):
        log(tmp_path, "a,b\n1,2\n")
    with pytest.raises(CallLogError):
        log(tmp_path, "")


def test_chinese_headings_and_lines_of_mixed_encodings(tmp_path):
    head = "技能组;排队时间;应答时间;放弃时间;挂机时间;结果\n".encode("gbk")
    one = "停电报修;2026年11月23日 08:00:00;2026/11/23 8:00:10;;2026-11-23T08:02:00;应答\n"
    two = "停电报修;2026-11-23 08:05:00.500;;2026-11-23 08:05:30;;放弃\n"
    found = log(tmp_path, head + one.encode("utf-8") + two.encode("gbk"))
    assert found.queues == ["停电报修"]
    assert [row.wait for row in found.rows] == [10.0, 29.5]
    again = log(tmp_path, head.decode("gbk") + one + two, encoding="utf-16")
    assert [row.wait for row in again.rows] == [10.0, 29.5]


def test_an_excel_file_with_dates_and_numbers_of_days(tmp_path):
    from datetime import datetime

    book = Workbook()
    book.active.append(["queue", "queued_at", "answered_at", "abandoned_at", "ended_at"])
    book.active.append(["a", datetime(2026, 11, 23, 12), datetime(2026, 11, 23, 12, 0, 5), None,
                        datetime(2026, 11, 23, 12, 3)])  # fmt: skip
    book.active.append(["a", 46349.5, None, 46349.5 + 30 / 86400, None])
    book.active.append(["a", 5, None, 6, None])
    book.save(tmp_path / "log.xlsx")
    found = read_log(tmp_path / "log.xlsx", bad_rows="skip")
    assert [row.wait for row in found.rows] == [5.0, 30.0]
    assert found.bad[0].what.en == "5 is no time"
    (tmp_path / "no.xlsx").write_text("a,b")
    with pytest.raises(CallLogError, match="no Excel workbook"):
        read_log(tmp_path / "no.xlsx")


# --- estimators --------------------------------------------------------------------------------


def censored(draw, seed, count=4000, mean=60.0):
    """Patience drawn by `draw`, of which only what the offered wait lets through is seen."""
    random = np.random.default_rng(seed)
    patience, offered = draw(random, count), random.exponential(mean, count)
    return np.minimum(patience, offered), patience <= offered


def test_patience_is_recovered_within_its_interval_though_most_is_censored():
    """Of 40 logs nearly all 95 % intervals cover the truth; fewer than 32 is one in a million."""
    covered = {"exponential": 0, "mean": 0, "shape": 0}
    for seed in range(40):
        waits, gone = censored(lambda r, n: r.exponential(180, n), seed)
        covered["exponential"] += exponential_patience(waits, gone).parameters["mean"].covers(180)
        waits, gone = censored(lambda r, n: 180 * r.weibull(1.4, n), seed)
        found = weibull_patience(waits, gone).parameters
        covered["mean"] += found["mean"].covers(180 * 0.9114233)  # Gamma(1 + 1/1.4)
        covered["shape"] += found["shape"].covers(1.4)
    assert min(covered.values()) >= 32


def test_the_mean_of_those_who_gave_up_would_be_far_off():
    waits, gone = censored(lambda r, n: r.exponential(180, n), 1)
    assert waits[gone].mean() < 60
    assert exponential_patience(waits, gone).law.mean == pytest.approx(180, rel=0.1)


def test_kaplan_meier_by_hand():
    """Five callers: gave up at 2, 5; answered at 3, 5, 9. S(2) = 4/5, S(5) = 4/5 x 2/3."""
    waits = np.array([2.0, 3.0, 5.0, 5.0, 9.0])
    curve = kaplan_meier(waits, np.array([True, False, True, False, False]))
    assert curve.times.tolist() == [2.0, 5.0]
    assert curve.share == pytest.approx([0.8, 0.8 * 2 / 3])
    assert curve.at(1.9) == 1.0
    assert curve.at(4.0) == pytest.approx(0.8)
    assert np.all((curve.low < curve.share) & (curve.share < curve.high))


def test_kaplan_meier_covers_the_true_curve():
    inside = []
    for seed in range(30):
        waits, gone = censored(lambda r, n: r.exponential(180, n), seed, 1500)
        curve = kaplan_meier(waits, gone)
        at = np.searchsorted(curve.times, 100.0) - 1
        inside.append(curve.low[at] <= np.exp(-100 / 180) <= curve.high[at])
    assert sum(inside) >= 23


@pytest.mark.parametrize(
    ("law", "draw"),
    [
        ("lognormal", lambda r: r.lognormal(4.8, 0.8, 3000)),
        ("exponential", lambda r: r.exponential(200, 3000)),
        ("erlang", lambda r: r.gamma(4, 50, 3000)),
        ("weibull", lambda r: 200 * r.weibull(3, 3000)),
        ("deterministic", lambda r: np.full(9, 30.0)),
    ],
)
def test_the_law_of_a_time_is_chosen_by_aic(law, draw):
    data = draw(np.random.default_rng(5))
    best = durations_of(data)[0]
    assert best.law.name == law
    assert best.law.mean == pytest.approx(data.mean(), rel=0.03)


# --- a whole log -------------------------------------------------------------------------------


def test_a_generated_log_gives_back_the_plan_it_came_from(tmp_path):
    truth = plan(
        queues=[queue(calls_per_hour=60, handle={"distribution": "lognormal", "mean": 180, "cv": 1},
                      patience=exponential(120)),
                queue(name="bill", calls_per_hour=30, handle=exponential(200), patience=GONE)],
        groups=[group(agents=5), group(name="b", agents=3, skills=["bill"])],
    )  # fmt: skip
    file = tmp_path / "log.csv"
    assert write_sample(truth, 3, 7, file) > 5000
    found = fit(read_log(file))
    by_name = {one.name: one for one in found.queues}
    one, other = by_name["mandarin"], by_name["bill"]
    assert one.patience[0].parameters["mean"].covers(120) or one.patience[0].law.name == "weibull"
    assert one.handle[0].law.name == "lognormal"
    assert one.handle[0].law.mean == pytest.approx(180, rel=0.1)
    assert other.patience == ()
    assert one.per_interval.sum() * 2 / 48 == pytest.approx(60, rel=0.1)
    assert found.groups == ((("bill",), 3), (("mandarin",), 5))
    text = plan_text(plan_data(found), remarks(found))
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    read = read_plan(tmp_path / "plan.yaml")
    assert {item.name for item in read.queues} == {"mandarin", "bill"}
    html = to_html(found, "zh")
    assert "Kaplan-Meier" in html
    assert "http" not in html.replace("http://www.w3.org", "")


def test_a_plan_plays_a_log_again(tmp_path):
    log(tmp_path, HEAD + GOOD + GOOD.replace("1,", "2,", 1).replace("08:00:30", "08:00:31"))
    text = ("queues: [{name: a, handle: 100, arrivals: {log: log.csv, queue: fault}}]\n"
            "groups: [{name: g, agents: 1, skills: [a]}]\n")  # fmt: skip
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    assert read_plan(tmp_path / "plan.yaml").queues[0].arrivals == (28830.0, 28831.0)
    (tmp_path / "plan.yaml").write_text(
        text.replace("queue: fault", "queue: flaut"), encoding="utf-8"
    )
    with pytest.raises(Exception, match=r"queue of the log 'flaut' \(did you mean 'fault'\?\)"):
        read_plan(tmp_path / "plan.yaml")


def test_days_that_are_missing_and_queues_of_a_few_calls_are_doubted(tmp_path):
    far = "2,,fault,2026-12-23 08:00:30,2026-12-23 08:00:40,,2026-12-23 08:02:00,,,\n"
    said = [doubt.en for doubt in doubts(fit(log(tmp_path, HEAD + GOOD + far)))]
    assert said[0].startswith("29 of 31 days have no call")
    assert said[1] == ("queue 'fault' has only 2 answered calls: what is fitted to them is a guess")
