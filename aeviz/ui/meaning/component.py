"""The picture in hand, its sliders and the rows of traversals: all drawn in the browser."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from aeviz.latent.traversals import REACH, STEPS, CodeNumbers
from aeviz.ui.live.component import hand_over
from aeviz.ui.live.decoder import Decoder
from aeviz.ui.live.events import Pin
from aeviz.ui.meaning.held import FURTHEST, Held
from aeviz.ui.meaning.measured import Named
from aeviz.ui.shell.component import declare

# So many rows fit beside the picture, the first by how much they change it; the rest is folded.
OPEN_ROWS = 12
# Names of what comes back: the picture in hand after a change, directions taken away.
HELD, DROPPED = "held", "dropped"


def meaning_component(
    decoder: Decoder,
    numbers: CodeNumbers,
    directions: Sequence[tuple[Named, str, bool]],
    *,
    start: Held,
    pins: Sequence[Pin],
    key: str,
    made: str = "",
) -> Mapping[str, object]:
    """Draw the component, and return what the browser has sent, unchecked.

    Args:
        decoder: The model.
        numbers: What each number of its code does.
        directions: Each with the words on how far to trust it, and whether it can be.
        start: The picture in hand at first.
        pins: Those of the model's maps.
        key: The component's own.
        made: The name of the direction that has just been made: the picture in hand is pulled as
            far along it as its groups are apart.
    """
    data = {
        "made": made,
        "model": decoder.key,
        "numbers": {
            "mean": numbers.mean,
            "spread": numbers.spread,
            "kl": numbers.kl,
            "order": numbers.order,
            "given_up": numbers.given_up,
        },
        "steps": STEPS,
        "reach": REACH,
        "furthest": FURTHEST,
        "open": OPEN_ROWS,
        "directions": [_told(*one) for one in directions],
        "pins": [{"code": list(pin.code), "row": pin.row} for pin in pins],
        "start": {
            "row": start.row,
            "code": None if start.code is None else list(start.code),
            "pulls": dict(start.pulls),
            "moves": {str(k): move for k, move in start.moves.items()},
            "kind": start.kind,
        },
    }
    with st.container(gap=None):
        state = _component(data, key=key)
        hand_over(decoder, key)
    return state


def _told(named: Named, words: str, works: bool) -> dict[str, object]:
    direction = named.direction
    return {
        "name": named.name,
        "title": named.title,
        "less": named.less,
        "more": named.more,
        "words": words,
        "works": works,
        "own": named.trust is None,
        "apart": named.apart,
        "vector": direction.vector,
        "low": direction.low,
        "high": direction.high,
        "curve": None if named.trust is None else named.trust.curve.astype(np.float32),
    }


_HTML = """
<section class="meaning" aria-label="What the numbers of a code mean">
  <div class="hand live-panel">
    <div class="now">
      <div class="shown">
        <canvas class="picture" role="img" aria-label="The decoder is on its way"></canvas>
        <div class="before">
          <figure class="real"><canvas class="original"></canvas>
            <figcaption>original</figcaption></figure>
          <figure><canvas class="unpulled"></canvas><figcaption>before</figcaption></figure>
        </div>
      </div>
      <p class="caption" aria-live="polite">The decoder is on its way.</p>
      <div class="told" role="group" aria-label="The same code, as each kind" hidden></div>
      <div class="line begins"></div>
      <div class="pad-place" hidden></div>
    </div>
    <div class="pulling">
      <div class="pulls good"></div>
      <p class="blue">Blue is where codes of real pictures lie.</p>
      <div class="line done">
        <button type="button" class="back" disabled>Undo</button>
        <button type="button" class="reset" disabled>Reset all</button>
      </div>
      <details class="doubtful" hidden>
        <summary></summary><p class="why"></p><div class="pulls"></div>
      </details>
    </div>
  </div>
  <div class="rows"></div>
</section>
"""

_component = declare(
    "aeviz_meaning",
    (
        "shell/component.js",
        "shell/colours.js",
        "live/forward.js",
        "live/told.js",
        "live/test_pictures.js",
        "live/paint.js",
        "live/ink.js",
        "live/light.js",
        "live/draw.js",
        "meaning/rows.js",
        "meaning/pulls.js",
        "meaning/stage.js",
    ),
    html=_HTML,
    styles=("shell/controls.css", "live/panels.css", "live/told.css", "meaning/stage.css"),
    sends=(HELD, DROPPED),
)
