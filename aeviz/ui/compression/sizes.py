"""The same picture by every method at a size that a slider says: drawn in the browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aeviz.data.picture_shape import PictureShape
from aeviz.ui.compression.rate_pictures import RatePictures
from aeviz.ui.compression.rates import Rates, decoder_sentence, few, in_bytes, sentence
from aeviz.ui.shell.browser_values import count, number
from aeviz.ui.shell.component import declare

CHOSEN = "chosen"


@dataclass(frozen=True)
class Chosen:
    """What the visitor looks at. size: bytes a picture. pick: the place of the picture."""

    size: float
    pick: int = 0


def sizes(
    rates: Rates,
    pictures: RatePictures | None,
    names: Sequence[str],
    chosen: Chosen,
    *,
    key: str,
) -> Mapping[str, object]:
    """Draw the slider with its pictures, and return what the browser has sent, unchecked.

    Args:
        rates: the curves; the network has at least one point.
        pictures: None while they are made, or where there are none.
        names: what each picture shows.
        chosen: what is looked at first.
        key: the component's own.
    """
    shape = pictures.shape if pictures else PictureShape(0)
    methods = []
    for curve in rates.curves:
        drawn = pictures.drawn.get(curve.name) if pictures else None
        there = pictures.there.get(curve.name) if pictures else None
        methods.append(
            {
                "name": curve.name,
                "title": curve.title,
                "points": [
                    {
                        "bytes": one.bytes,
                        "words": in_bytes(one.bytes),
                        "mse": one.mse,
                        "psnr": one.psnr,
                        "there": bool(there is not None and there[i]),
                    }
                    for i, one in enumerate(curve.points)
                ],
                "from": few(curve.points[0].bytes) if curve.points else "",
                "pictures": drawn,
            }
        )
    at = range(len(rates.network.points))
    ends = [p.bytes for curve in rates.curves for p in curve.points]
    data = {
        "methods": methods,
        "values": shape.values,
        "count": 0 if pictures is None else len(names),
        "originals": pictures.originals if pictures else None,
        "names": list(names),
        "says": [sentence(rates, i) for i in at],
        "more": [decoder_sentence(rates, i) for i in at],
        "least": rates.network.points[0].bytes,
        "most": max(ends),
        "size": chosen.size,
        "pick": chosen.pick,
    }
    return _component(data, key=key)


def sent_choice(sent: Mapping[str, object], picks: int) -> tuple[int, Chosen] | None:
    """Return the number of what the browser has sent, and what it says; None for nothing, or junk.

    picks: how many pictures there are.
    """
    event = sent.get(CHOSEN)
    if not isinstance(event, Mapping):
        return None
    n, size, pick = count(event.get("n")), number(event.get("size")), count(event.get("pick"))
    if n is None or size is None or pick is None or size <= 0 or pick >= max(1, picks):
        return None
    return n, Chosen(size, pick)


_HTML = """
<section class="sizes live-panel" aria-label="The same picture at the same size, by every method">
  <p class="says" aria-live="polite"></p>
  <p class="more"></p>
  <label class="slide"><span>Bytes a picture</span>
    <input type="range" min="0" max="1000" step="1">
    <output></output></label>
  <div class="methods"></div>
  <div class="picks" role="group" aria-label="Another picture"></div>
</section>
"""

_component = declare(
    "aeviz_sizes",
    (
        "shell/component.js",
        "shell/colours.js",
        "live/forward.js",
        "live/told.js",
        "live/test_pictures.js",
        "live/paint.js",
        "compression/sizes.js",
    ),
    html=_HTML,
    styles=("shell/controls.css", "compression/sizes.css"),
    sends=(CHOSEN,),
)
