"""The page "Compression" without a browser: what it shows, what a link may ask for, its sweeps."""

import json
import threading
import time
from dataclasses import replace
from functools import partial

import pytest

from aeviz.checkpoints.store import save_checkpoint
from aeviz.sweeps import runs as sweeps_runs
from aeviz.ui.catalog import registries
from tests.pages.opened_page import address, labels, texts, widget
from tests.pages.opened_page import opened as opened_at
from tests.support.made_up_models import made_up_dataset, made_up_model
from tests.support.sweep_work import make_up, small_sweep

PAGE = "compression/page.py"
opened = partial(opened_at, PAGE)


def keep(shelf, name, *, latent_dim=2, loss=0.03, pca=0.05, dataset="mnist"):
    """A made-up model with made-up figures."""
    pictures = made_up_dataset(28 if dataset == "mnist" else 8, tests=20, name=dataset)
    model = made_up_model(name, pictures, latent_dim=latent_dim, codes=False, snapshots=True)
    figures = {
        "train_mse": loss / 2,
        "validation_mse": loss,
        "test_mse": loss,
        "pca_validation_mse": pca,
        "pca_test_mse": pca,
    }
    title = f"Network, {latent_dim} numbers"
    model = replace(model, figures=figures, preset=replace(model.preset, title=title))
    save_checkpoint(model, shelf)


def chart(at) -> dict:
    return json.loads(at.get("plotly_chart")[0].proto.spec)


def ringed(at) -> int:
    return len(chart(at)["data"][-1]["x"])


def on_chart(at) -> set[str]:
    return {key for trace in chart(at)["data"] for key in trace.get("customdata", [])}


def test_it_opens_on_the_gallery_with_words_to_repeat():
    at = opened()
    assert at.title[0].value == "What compression costs"
    assert "instead of 784:" in texts(at) and "PCA loses" in texts(at)
    assert {"stacked-100", "denoising-10", "source-5-500"} <= on_chart(at)
    assert not at.warning and not at.error
    assert len(at.dataframe) == 1 and ringed(at) == 2


def test_no_model_at_all(shelf):
    at = opened(published="none")
    assert "There is no model of MNIST yet" in texts(at)
    assert "New sweep" in labels(at.button)
    # What the sources printed is worth a chart of its own.
    at = opened()
    assert on_chart(at) and not at.exception


def test_a_link_reopens_what_the_sender_saw(shelf):
    keep(shelf, "ten", latent_dim=10, loss=0.011, pca=0.034)
    keep(shelf, "two", latent_dim=2, loss=0.032, pca=0.0557)
    at = opened(rows="ten,two", images="test", published="4", columns="title,test_rmse")
    assert "2 numbers instead of 784: 392 times smaller; PCA loses 1.7 times more." in texts(at)
    assert widget(at.selectbox, "Loss").value == "test"
    assert list(at.dataframe[0].value.columns) == ["title", "test_rmse"]
    assert any(key.startswith("source-4") for key in on_chart(at))
    assert not any(key.startswith("source-5") for key in on_chart(at))
    assert ringed(at) == 2 and not at.warning
    at.run()
    assert address(at, "rows") == "ten,two" and address(at, "published") == "4"
    assert address(at, "columns") == "title,test_rmse" and address(at, "images") == "test"


@pytest.mark.parametrize("query", [{"data": "cats"}, {"images": "all"}, {"rows": "nobody"}])
def test_a_link_that_makes_no_sense_is_one_sentence(shelf, query):
    keep(shelf, "two")
    at = opened(**query)
    assert len(at.warning) == 1 and at.warning[0].value.endswith(".")
    assert len(at.dataframe) == 1


@pytest.mark.parametrize(
    "query", [{"columns": "x"}, {"published": "9"}, {"without": "zz"}, {"sweep": "x"}]
)
def test_unknown_names_in_a_list_are_left_out(shelf, query):
    keep(shelf, "two")
    at = opened(**query)
    assert "two" in on_chart(at) and len(at.dataframe) == 1


def test_rows_can_be_filtered_by_data_set_kind_and_source(shelf):
    keep(shelf, "two")
    keep(shelf, "small", dataset="digits")
    at = opened()
    assert on_chart(at) & {"two", "small"} == {"two"}
    widget(at.multiselect, "As published").set_value([]).run()
    assert on_chart(at) == {"two"} and address(at, "published") == "none"
    widget(at.multiselect, "Kinds of network").set_value([]).run()
    assert "There is no model" in texts(at) and address(at, "without") == "Network"
    widget(at.multiselect, "Kinds of network").set_value(["Network"]).run()
    widget(at.selectbox, "Pictures").set_value("digits").run()
    assert on_chart(at) == {"small"} and address(at, "data") == "digits"
    widget(at.button, "Start over").click().run()
    assert "two" in on_chart(at) and address(at, "data") is None


def test_test_images_bring_their_own_columns(shelf):
    keep(shelf, "two")
    at = opened(published="4,5")
    assert "validation_mse" in at.dataframe[0].value.columns
    widget(at.selectbox, "Loss").set_value("test").run()
    columns = list(at.dataframe[0].value.columns)
    assert {"test_mse", "test_rmse"} <= set(columns) and "validation_mse" not in columns
    assert address(at, "columns") is None


def test_a_file_that_cannot_be_read_is_counted(shelf):
    keep(shelf, "two")
    (shelf / "bad.safetensors").write_bytes(b"nothing")
    assert "1 file cannot be read" in texts(opened())


def test_nothing_chosen_says_what_to_do(shelf):
    keep(shelf, "two")
    at = opened(rows="none")
    assert "Nothing is chosen" in texts(at) and ringed(at) == 0


# --- sweeps --------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    """Sweeps whose models are made up in no time."""
    monkeypatch.setattr(
        "aeviz.ui.catalog.registries.SweepRegistry",
        partial(sweeps_runs.SweepRegistry, work=make_up),
    )
    registries.sweep_registry.forget()
    yield
    registries.sweep_registry.forget()


def own_sweep(**fields):
    at = opened(sweep="own", data="digits")
    widget_of(at, "Sweep pictures").set_value("digits").run()
    for label, value in {"Code sizes": "2, 3", "Hidden layers": "none", **fields}.items():
        widget(at.text_input, label).set_value(value)
    return at.run()


def widget_of(at, what):
    return next(box for box in at.selectbox if box.key and box.key.startswith("sweep.data"))


def test_a_ready_made_sweep_says_what_it_costs(shelf):
    at = opened()
    widget(at.button, "New sweep").click().run()
    assert address(at, "sweep") == "source-5"
    assert "5 models take about" in texts(at)
    assert not widget(at.button, "Start").disabled
    widget(at.button, "Close sweep").click().run()
    assert address(at, "sweep") is None and "Start" not in labels(at.button)


BAD = [
    ({"Code sizes": ""}, "at least one"),
    ({"Code sizes": "65"}, "64 pixels"),
    ({"Code sizes": "0"}, "not possible"),
    ({"Code sizes": "2, 2"}, "twice"),
    ({"Code sizes": "many"}, "no code size"),
    ({"Hidden layers": "10-x"}, "no hidden width"),
    ({"Noise": "a lot"}, "no noise level"),
    ({"Noise": "2"}, "Noise"),
    ({"L2 penalty": "-1"}, "L2"),
    ({"Seeds": "-1"}, "seed"),
    ({"Seeds": "x" * 3000}, "no seed"),
]


@pytest.mark.parametrize("fields, words", BAD, ids=lambda value: str(value)[:30])
def test_a_bad_sweep_gets_a_sentence_and_nothing_is_lost(shelf, fields, words):
    at = own_sweep(**fields)
    assert len(at.error) == 1 and words in at.error[0].value and at.error[0].value.endswith(".")
    assert widget(at.button, "Start").disabled
    for label, value in fields.items():
        assert widget(at.text_input, label).value == value


def test_a_budget_of_days_is_refused(shelf):
    at = own_sweep(**{"Code sizes": "1, 2, 3, 4, 5, 6, 7, 8, 9"})
    widget(at.number_input, "Steps for each model").set_value(4_999_999)
    widget(at.text_input, "Hidden layers").set_value("5000").run()
    assert "within a day" in at.error[0].value


def test_a_dask_address_nobody_answers_is_said(shelf, monkeypatch):
    monkeypatch.setenv("AEVIZ_DASK_SCHEDULER", "tcp://127.0.0.1:1")
    at = own_sweep()
    at.session_state  # noqa: B018  the page must still be there afterwards
    widget(at.button, "Start").click().run(timeout=60)
    assert len(at.error) == 1 and "Dask" in at.error[0].value
    assert widget(at.text_input, "Code sizes").value == "2, 3"


def test_rows_appear_as_a_sweep_goes_and_a_rerun_finds_them_there(shelf, quick):
    at = own_sweep()
    assert "2 models take about" in texts(at)
    widget(at.button, "Start").click().run()
    deadline = time.monotonic() + 30
    while "Another sweep" not in labels(at.button) and time.monotonic() < deadline:
        time.sleep(0.1)
        at.run()
    assert "2 of 2 models are there" in " ".join(bar.proto.text for bar in at.get("progress"))
    assert len(at.dataframe[0].value) == 2 and address(at, "data") == "digits"
    # What it brought is chosen, and marked until the sweep is closed.
    assert set(address(at, "rows").split(",")) == {
        file.stem for file in shelf.glob("*.safetensors")
    }
    assert all(title.startswith("new: ") for title in at.dataframe[0].value["title"])
    widget(at.button, "Another sweep").click().run()
    assert not any(title.startswith("new: ") for title in at.dataframe[0].value["title"])
    again = own_sweep(**{"Code sizes": "2, 3, 4"})
    assert "2 of 3 models are there already" in texts(again)
    all_there = own_sweep()
    assert "All 2 models are there already" in texts(all_there)


def test_beside_somebody_elses_sweep_ones_own_waits_in_line(shelf, monkeypatch):
    gate = threading.Event()

    def work(model, **_):
        gate.wait(30)
        return make_up(model)

    monkeypatch.setattr(
        "aeviz.ui.catalog.registries.SweepRegistry", partial(sweeps_runs.SweepRegistry, work=work)
    )
    registries.sweep_registry.forget()
    other = registries.sweep_registry()
    try:
        theirs = other.get(other.start(small_sweep(5), owner="somebody else"))
        at = own_sweep_beside(opened(data="digits"))
        assert "the two take turns" in texts(at)
        widget(at.button, "Start").click().run()
        words = " ".join(bar.proto.text for bar in at.get("progress"))
        assert "0 of 2 models are there · waiting its turn: number 1 in line" in words
        widget(at.button, "Cancel").click().run()
        words = " ".join(bar.proto.text for bar in at.get("progress"))
        assert "2 cancelled" in words and theirs.status().state == "running"
    finally:
        gate.set()
        # What is saved after this test would go where the next ones look.
        deadline = time.monotonic() + 30
        while other.current() and time.monotonic() < deadline:
            time.sleep(0.05)


def own_sweep_beside(at):
    assert widget(at.button, "Cancel").disabled
    widget(at.button, "New sweep").click().run()
    widget(at.selectbox, "Sweep").set_value("own").run()
    widget_of(at, "Sweep pictures").set_value("digits").run()
    widget(at.text_input, "Code sizes").set_value("2, 3")
    widget(at.text_input, "Hidden layers").set_value("none")
    return at.run()


def test_small_pictures_begin_with_a_sweep_that_fits_them():
    at = opened(data="digits", sweep="own")
    assert widget(at.text_input, "Code sizes").value == "32, 10, 2" and not at.error
    widget(at.selectbox, "Sweep").set_value("source-5").run()
    assert at.error[0].value.endswith("Or choose one of your own under Sweep.")
    widget(at.text_input, "Seeds").set_value("x").run()
    assert len(at.error) == 1
    # What fits is not led away from.
    widget(at.selectbox, "Sweep").set_value("code-size").run()
    assert "under Sweep" not in " ".join(error.value for error in at.error)
