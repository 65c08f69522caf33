"""One network for every size: the first numbers of a code, as many as a slider says, redrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from aeviz.coding.rates import BeginningPoint
from aeviz.data.class_names import thing
from aeviz.errors import UserError
from aeviz.ui.catalog import cache as catalog_cache
from aeviz.ui.compression import choices
from aeviz.ui.compression.rates import picks_of
from aeviz.ui.live import cache as live_cache
from aeviz.ui.live.component import hand_over
from aeviz.ui.live.decoder import Decoder
from aeviz.ui.live.opened import opened, originals_offer
from aeviz.ui.pictures.watched import Compared
from aeviz.ui.shell import state
from aeviz.ui.shell.address import whole_number
from aeviz.ui.shell.browser_values import count
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.component import declare
from aeviz.ui.shell.rooms import room

CHOSEN, _KEY = "chosen", "any_size"


@dataclass(frozen=True)
class Arrived:
    """How much of a code has arrived. numbers: of it. pick: the place of the picture."""

    numbers: int
    pick: int = 0


def ordered_model(models: Sequence[Compared]) -> Compared | None:
    """Return the model whose numbers come in order, the visitor's own before the gallery's."""
    found = [one for one in models if one.row.beginnings and one.row.weights and one.path]
    return max(found, key=lambda one: (one.row.own, one.row.created), default=None)


def no_model(dataset: str) -> None:
    """Say what to do where there is no such model."""
    st.info(
        f"No model of these {thing(dataset)}s has its numbers in order yet. On Watch it learn, the "
        "recipe “Autoencoder for every size” trains one."
    )


@st.fragment
def slider(one: Compared) -> None:
    """Draw the slider of a model and what becomes of a picture; one: as `ordered_model` has it."""
    place = room("any_size")
    try:
        model = opened(catalog_cache.checkpoint(one.path)) if one.path else None
    except UserError as error:
        st.error(str(error))
        return
    if model is None or model.codes.codes is None:
        return
    size = model.latent_dim
    picks = picks_of(model.codes.labels, len(model.codes.codes))
    event, new = state.component(_KEY).get(CHOSEN), None
    sent = sent_choice(event, size, len(picks))
    if sent and state.is_new(_KEY, sent[0]):
        new = sent[1]
    arrived = Arrived(
        Choice(choices.PAGE, "numbers").draw(
            max(1, size // 8), whole_number(1, size, "numbers"), start=new and new.numbers
        ),
        Choice(choices.PAGE, "pick").draw(
            0, whole_number(0, len(picks) - 1, "picture"), start=None if new is None else new.pick
        ),
    )
    with place:
        any_size(live_cache.decoder(model, None), one.row.beginnings, picks, arrived, key=_KEY)
    originals_offer(model)


def any_size(
    decoder: Decoder,
    beginnings: Sequence[BeginningPoint],
    picks: np.ndarray,
    arrived: Arrived,
    *,
    key: str,
) -> None:
    """Draw the component.

    Args:
        decoder: the model.
        beginnings: what its first numbers are worth.
        picks: rows of the test pictures to choose from.
        arrived: what is seen at first.
        key: the component's own.
    """
    size = decoder.autoencoder.latent_dim
    bytes_of, error_of = between(beginnings, size)
    data = {
        "model": decoder.key,
        "rows": picks.tolist(),
        "numbers": size,
        "bytes": bytes_of,
        "errors": error_of,
        "arrived": arrived.numbers,
        "pick": arrived.pick,
    }
    with st.container(gap=None):
        _component(data, key=key)
        hand_over(decoder, key)


def between(beginnings: Sequence[BeginningPoint], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return bytes and test errors for 1 to `size` numbers, (size,) float32 each.

    Between two that were measured, bytes on a line and errors on one in a logarithmic chart.
    """
    known = [one.numbers for one in beginnings]
    every = np.arange(1, size + 1)
    taken = np.interp(every, known, [one.bytes for one in beginnings])
    errors = np.log([max(one.test_mse, 1e-9) for one in beginnings])
    lost = np.exp(np.interp(np.log(every), np.log(known), errors))
    return taken.astype(np.float32), lost.astype(np.float32)


def sent_choice(event: object, size: int, picks: int) -> tuple[int, Arrived] | None:
    """Return the number of what the browser has sent, and what it says; None for nothing, or junk.

    size: numbers of a code. picks: how many pictures there are.
    """
    if not isinstance(event, Mapping):
        return None
    n, numbers, pick = (count(event.get(name)) for name in ("n", "numbers", "pick"))
    if n is None or numbers is None or pick is None:
        return None
    return (n, Arrived(numbers, pick)) if 1 <= numbers <= size and pick < picks else None


_HTML = """
<section class="any-size live-panel" aria-label="A picture from the first numbers of its code">
  <p class="says" aria-live="polite"></p>
  <div class="slide"><button type="button" class="play">Let it arrive</button>
    <input type="range" min="1" step="1" aria-label="Numbers of the code that have arrived">
    <output></output></div>
  <div class="seen">
    <figure><canvas class="drawn"></canvas><figcaption></figcaption></figure>
    <figure class="real"><canvas class="original"></canvas>
      <figcaption>original</figcaption></figure>
    <figure><canvas class="whole"></canvas><figcaption>all numbers</figcaption></figure>
  </div>
  <div class="code" aria-hidden="true"></div>
  <div class="picks" role="group" aria-label="Another picture"></div>
</section>
"""

_component = declare(
    "aeviz_any_size",
    (
        "shell/component.js",
        "shell/colours.js",
        "live/forward.js",
        "live/told.js",
        "live/test_pictures.js",
        "live/paint.js",
        "compression/any_size.js",
    ),
    html=_HTML,
    styles=("shell/controls.css", "compression/sizes.css"),
    sends=(CHOSEN,),
)
