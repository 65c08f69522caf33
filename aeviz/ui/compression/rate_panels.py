"""The parts of the page "Compression" in bytes: the slider, the chart, the words about both."""

from collections.abc import Hashable, Sequence

import streamlit as st

from aeviz.data.class_names import class_names, thing
from aeviz.data.dataset import ImageDataset
from aeviz.drawing.rate_charts import rate_chart
from aeviz.errors import UserError
from aeviz.evaluation.rate_distortion import NETWORK, PCA, stored_curves
from aeviz.text.names import slug
from aeviz.ui.catalog import cache as catalog_cache
from aeviz.ui.catalog.training_pictures import fetch_offer, missing_words
from aeviz.ui.compression import choices, rate_pictures, rates, sizes
from aeviz.ui.compression.loss_cards import card_events, loss_cards
from aeviz.ui.compression.rate_pictures import RatePictures
from aeviz.ui.compression.rates import Rates
from aeviz.ui.compression.sizes import Chosen
from aeviz.ui.pictures.sheets import sheet
from aeviz.ui.pictures.watched import Compared
from aeviz.ui.shell import controls, state
from aeviz.ui.shell import theme as shell_theme
from aeviz.ui.shell.address import whole_number
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.controls import download
from aeviz.ui.shell.rooms import room

_CHART, _CARDS, _SIZES = "rate_chart", "rate_cards", "sizes"
# Pixels of a picture on a card, and how many beside each other.
_CARD_WIDTH, _CARD_ACROSS = 56, 5


def in_bytes(dataset: str, models: Sequence[Compared], pictures: ImageDataset | None) -> None:
    """Draw the view: chart and slider. models: those of the data set."""
    apart = _apart(dataset)
    curves = stored_curves(dataset)
    if curves is None and pictures is not None:
        curves = _made(
            ("codecs", dataset, apart, len(pictures.test_images)),
            lambda told: rates.measured_curves(pictures, told, apart=apart),
        )
    shown = rates.rates_of(dataset, models, curves, apart=apart)
    if not shown.network.points:
        st.info(
            "None of these models says yet what its codes take as bytes: those trained from now "
            "on do."
        )
        return
    by_name = {one.row.name: one for one in models}
    left, right = st.columns([1, 1.35], gap="medium")
    with right:
        slider = room("sizes")
    with left:
        chart_place = st.container()
        _notes(shown, curves is not None, pictures, dataset)
    key = ("rate pictures", dataset, apart, pictures is not None, *sorted(by_name))
    with right:
        seen = _made(key, lambda told: rate_pictures.rate_pictures(shown, by_name, pictures, told))
    with chart_place:
        _chart(shown, seen)
    with slider:
        _slider(shown, seen)


def _apart(dataset: str) -> bool:
    things = f"{thing(dataset)}s"
    ways = {"": f"many {things} in one file", "alone": f"each {thing(dataset)} a file of its own"}
    return Choice(choices.PAGE, "files").segmented("Files", ways, what="kind of file") == "alone"


def _made(key: Hashable, make):
    """Return what takes seconds to make; how far it is is shown."""
    place = st.empty()

    def told(share: float, what: str) -> None:
        place.progress(share, f"Writing the pictures as files: {what}")

    try:
        return catalog_cache.opened_models().get(key, lambda: make(told))
    finally:
        place.empty()


@st.fragment
def _slider(shown: Rates, seen: RatePictures | None) -> None:
    names = _names(shown.dataset, seen)
    sent = sizes.sent_choice(state.component(_SIZES), len(names))
    new = sent[1] if sent and state.is_new(_SIZES, sent[0]) else None
    chosen = Chosen(
        Choice(choices.PAGE, "size").draw(
            _usual_size(shown), _size_of_text, write="{:.4g}".format, start=new and new.size
        ),
        Choice(choices.PAGE, "pick").draw(
            0,
            whole_number(0, max(0, len(names) - 1), "picture"),
            start=new.pick if new else None,
        ),
    )
    sizes.sizes(shown, seen, names, chosen, key=_SIZES)


def _usual_size(shown: Rates) -> float:
    """The least at which three codecs draw something, so that there is something to compare."""
    begins = sorted(c.points[0].bytes for c in shown.others if c.name != PCA and not c.lossless)
    usual = begins[min(2, len(begins) - 1)] if begins else shown.network.points[-1].bytes
    return float(f"{1.005 * usual:.4g}")


def _size_of_text(text: str) -> float:
    try:
        size = float(text)
    except ValueError:
        size = float("nan")
    if not 0 < size < 1e6:
        raise UserError("The link's size should be a number of bytes, such as 12.")
    return size


def _names(dataset: str, seen: RatePictures | None) -> list[str]:
    if seen is None:
        return []
    one, called = thing(dataset), class_names(dataset)
    if seen.labels is None:
        some = seen.drawn[NETWORK][0] if seen.originals is None else seen.originals
        return [f"{one} {i + 1}" for i in range(len(some))]
    return [f"the {called[i] if i < len(called) else i}" for i in seen.labels.tolist()]


def _chart(shown: Rates, seen: RatePictures | None) -> None:
    theme = shell_theme.page_theme()
    figure = rate_chart(
        rates.lines_of(shown), thing=thing(shown.dataset), revision=f"{shown.dataset}.bytes"
    )
    controls.chart(figure, _CHART, alt=rates.chart_in_words(shown), zooms=False)
    cards = {
        f"{curve.name}:{i}": _card(curve.title, one, seen, curve.name, i, theme)
        for curve in shown.curves
        for i, one in enumerate(curve.points)
    }
    happened = loss_cards(cards, chart=_CHART, key=_CARDS, theme=theme)
    if happened.theme and happened.theme != theme:
        shell_theme.see_theme(happened.theme)
        st.rerun()
    clicked = card_events(state.component(_CARDS)).clicked
    if clicked and state.is_new("rate_dot", clicked[0]):
        _look_at(shown, clicked[1])


def _card(title: str, one, seen: RatePictures | None, name: str, i: int, theme: str) -> dict:
    lines = [rates.in_bytes(one.bytes), f"error {rates.rounded(one.mse)}"]
    if one.psnr is not None:
        lines.append(f"{one.psnr:.1f} dB, similarity {one.ssim:.3f}")
    picture = ""
    if seen and name in seen.drawn and seen.there[name][i]:
        drawn = seen.drawn[name][i]
        picture = sheet(drawn, seen.shape, theme, across=_CARD_ACROSS, width=_CARD_WIDTH)
    return {"title": title, "lines": lines, "picture": picture}


def _look_at(shown: Rates, key: str) -> None:
    """Have the slider at a dot's size."""
    name, _, place = key.partition(":")
    points = next((curve.points for curve in shown.curves if curve.name == name), ())
    if place.isdecimal() and int(place) < len(points):
        Choice(choices.PAGE, "size").choose(f"{points[int(place)].bytes:.4g}")
        st.rerun()


def _notes(shown: Rates, compared: bool, pictures: ImageDataset | None, dataset: str) -> None:
    words = [rates.crossing_sentence(shown)]
    one = thing(dataset)
    if shown.pictures > 1:
        words.append(
            f"Bytes of the first {shown.pictures:,} test {one}s in one file, shared out: headers "
            "then cost next to nothing."
        )
    else:
        words.append(f"Each test {one} as a file of its own, most of which is header.")
    words.append(
        "PCA's numbers are rounded and packed as a network's are. Codecs need no decoder of their "
        "own: every browser has one."
    )
    if dataset == "cifar10_jpeg":
        words.append("These photos were JPEG files before, which makes it easy for JPEG.")
    st.caption(" ".join(filter(None, words)))
    if not compared or pictures is None:
        st.caption(f"{missing_words(dataset)}.")
        fetch_offer(dataset)


def csv_button(dataset: str, models: Sequence[Compared]) -> None:
    """Draw the download of every point of every curve."""
    curves = stored_curves(dataset)
    some = next((one.shape for one in models if one.shape.side), None)

    def made() -> str:
        apart = Choice(choices.PAGE, "files").kept == "alone"
        shown = rates.rates_of(dataset, models, curves, apart=apart)
        return rates.to_csv(shown, some) if some else ""

    file = f"bytes-{slug(dataset, longest=60, empty='aeviz')}.csv"
    about = "Every point of every curve: bytes, errors, PSNR, SSIM."
    download("CSV", file, made, "csv_bytes", about, disabled=some is None)
