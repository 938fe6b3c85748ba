"""Plots: scales whose steps a reader can count in, and no more room than the values need."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.standard import plots


def written(svg):
    """The numbers of the scale, from the base line up."""
    return re.findall(r'class="scale">([^<]*)<', svg)


@pytest.mark.parametrize(
    ("most", "numbers"),
    [
        (260_000, ["0", "100k", "200k", "300k"]),
        (12_400, ["0", "2.5k", "5k", "7.5k", "10k", "12.5k"]),
        (7, ["0", "2", "4", "6", "8"]),
        (1, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0, ["0", "0.5"]),
    ],
)
def test_the_scale_of_a_histogram(most, numbers):
    assert written(plots.histogram([most, 0], 12, "waits", "s")) == numbers


@given(st.floats(1e-4, 1e9))
def test_a_scale_holds_the_values_and_wastes_little(value):
    svg = plots.course([("a", [value])], "a", ["00:00"])
    y = float(re.search(r'cy="([\d.]+)"', svg).group(1))
    assert (
        plots.TOP - 0.1
        <= y
        <= plots.HEIGHT - plots.BOTTOM - 0.66 * (plots.HEIGHT - plots.BOTTOM - plots.TOP)
    )
    assert 2 <= len(written(svg)) <= 6


def test_small_shares_keep_their_places():
    assert written(plots.course([("a", [0.004])], "a", ["00:00"], percent=True))[:3] == [
        "0%", "0.1%", "0.2%",
    ]  # fmt: skip


def test_stairs_hold_for_the_whole_interval():
    svg = plots.course([("a", [1.0, 2.0])], "agents", ["00:00", "00:30"], stairs=True)
    points = re.search(r'points="([^"]*)"', svg).group(1).split()
    heights = [point.split(",")[1] for point in points]
    assert len(points) == 4
    assert heights[0] == heights[1] != heights[2] == heights[3]


def test_what_is_wished_for_is_a_line_across():
    svg = plots.course([("a", [0.9])], "level", ["00:00"], percent=True, top=1.0, mark=0.95)
    assert 'class="limit"' in svg
    assert ">95%<" in svg


def test_the_interval_of_a_curve_is_a_band_around_it():
    line, low, high = (("a", [0.0, 10.0], [1.0, y]) for y in (0.5, 0.4, 0.6))
    svg = plots.curves([line], "a", "s", 10.0, (low, high))
    assert svg.count("<polygon") == 1
    points = re.search(r'<polygon points="([^"]*)"', svg).group(1).split()
    assert len(points) == 4
