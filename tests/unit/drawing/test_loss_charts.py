"""Charts of losses: what lies where, what is named, what is shaded."""

import json

import numpy as np
import pytest

from aeviz.drawing.loss_charts import (
    Dot,
    Panel,
    curves_charts,
    named_apart,
    overfitting,
    ratio_chart,
    ticks_between,
)

OURS = [
    Dot("a", 784 / 100, 0.003, "100"),
    Dot("b", 784 / 10, 0.011, "10"),
    Dot("c", 784 / 10, 0.02, "10", best=False),
]
PRINTED = [("source 5, as published", [Dot("p", 7.84, 0.0069), Dot("q", 1.0, 0.00027)])]
FLOOR = [(7.84, 0.0057), (1.57, 0.00005), (78.4, 0.034)]


def traces(figure, mode):
    return [trace for trace in figure.data if trace.mode == mode]


def test_every_dot_carries_its_key_and_lies_at_ratio_and_loss():
    figure = ratio_chart(OURS, PRINTED, FLOOR)
    found = {}
    for trace in figure.data:
        for key, x, y in zip(trace.customdata or (), trace.x, trace.y, strict=False):
            found[key] = (x, y)
    wanted = {dot.key: (dot.ratio, dot.mse) for dot in (*OURS, *PRINTED[0][1])}
    assert found == wanted
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"


def test_the_line_joins_the_best_of_each_size_and_the_floor_is_dashed_in_order():
    floor, ours = traces(ratio_chart(OURS, PRINTED, FLOOR), "lines")
    assert list(ours.x) == [7.84, 78.4] and list(ours.y) == [0.003, 0.011]
    assert list(floor.x) == [1.57, 7.84, 78.4] and floor.line.dash != "solid"


def test_pca_and_the_published_are_named_directly_inside_the_view():
    figure = ratio_chart(OURS, PRINTED, FLOOR)
    names = {note.text: note for note in figure.layout.annotations}
    assert set(names) == {"PCA", "source 5, as published"}
    assert (10 ** names["PCA"].x, 10 ** names["PCA"].y) == pytest.approx((7.84, 0.0057))
    for axis, values in ((figure.layout.xaxis, "x"), (figure.layout.yaxis, "y")):
        low, high = axis.range
        for trace in figure.data:
            assert all(low < np.log10(v) < high for v in trace[values])


def test_only_what_is_chosen_is_ringed():
    figure = ratio_chart(OURS, PRINTED, FLOOR, chosen=("b", "p", "nobody"))
    assert sorted(figure.data[-1].x) == [7.84, 78.4]
    assert not ratio_chart(OURS).data[-1].x


def test_nothing_at_all_is_still_a_chart():
    figure = ratio_chart([])
    json.loads(figure.to_json())
    assert not figure.layout.annotations


def test_names_that_would_cover_each_other_are_left_out():
    sizes = (100, 98, 97, 50, 10)
    dots = [Dot(str(n), 784 / n, 0.1, str(n)) for n in sizes]
    assert named_apart(dots) == {"100", "50", "10"}


@pytest.mark.parametrize(
    "low, high, fewest, wanted",
    [
        (0.00009, 0.02, 3, [0.0001, 0.001, 0.01]),
        (0.02, 0.07, 3, [0.02, 0.05]),
        (1, 500, 7, [1, 2, 5, 10, 20, 50, 100, 200, 500]),
    ],
)
def test_numbers_along_a_side(low, high, fewest, wanted):
    found = ticks_between(low, high, fewest)
    assert set(wanted) <= set(found) and len(found) >= min(fewest, len(wanted))
    assert all(low <= tick <= high for tick in found) and found == sorted(found)


def panel(training, validation, best):
    x = np.arange(len(training), dtype=float)
    return Panel(x, np.array(training), np.array(validation), best)


def test_the_gap_is_shaded_from_the_best_place_on_and_only_where_there_is_one():
    x, top, bottom = overfitting(panel([5, 4, 3, 2, 1], [5, 4, 3.5, 3.8, 0.5], best=2))
    assert x.tolist() == [2, 3, 4]
    assert top.tolist() == [3.5, 3.8, 1] and bottom.tolist() == [3, 2, 1]


def test_charts_of_losses_have_the_same_axes_and_mark_the_best():
    nan = float("nan")
    first = panel([nan, 0.1, 0.01], [0.2, 0.1, 0.02], best=2)
    figures = curves_charts([first, panel([1, 0.5], [1, 0.5], best=1)], along="epochs", loss="loss")
    for axis in ("xaxis", "yaxis"):
        assert len({getattr(figure.layout, axis).range for figure in figures}) == 1
    low, high = figures[0].layout.yaxis.range
    assert low < np.log10(0.01) and high > 0 and figures[0].layout.xaxis.range == (0, 2)
    traces = {trace.name: trace for trace in figures[0].data}
    assert {"training", "validation", "best"} <= set(traces)
    assert (traces["best"].x, traces["best"].y) == ((2.0,), (0.02,))
    assert traces["training"].y == (0.1, 0.01)  # what was not measured is not drawn
