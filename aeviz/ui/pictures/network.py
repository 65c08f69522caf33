"""The drawing of a network: one bar a layer, its height by the layer's size."""

import math
from collections.abc import Sequence

from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.map_charts import ONE_COLOUR
from aeviz.networks.preset import Preset
from aeviz.text.numbers import count, times
from aeviz.ui.pictures.sheets import data_uri

# Pixels. The shortest bar is still seen beside the tallest.
_TALLEST, _SHORTEST = 64, 8
# Of the small drawing, as in a line of a table.
_ICON_WIDTH, _ICON_HEIGHT = 56, 28
# On white and on near-black 3 to 1: the small drawing is not made anew for another theme.
_ICON_INK = "#848d9b"


def network_html(preset: Preset, shape: PictureShape) -> str:
    """Return the layers of a recipe for pictures of this shape, with a sentence beside them.

    Styled by network.css; numbers and fixed words only.
    """
    sizes = preset.layer_sizes(shape)
    # Height grows with the square root, so that 2 is seen beside 784 and 784 beside 10,000.
    scale = _TALLEST / math.sqrt(max(sizes))
    code = len(preset.convolutions) + len(preset.encoder) + 1
    bars = []
    for i, (size, name) in enumerate(zip(sizes, preset.layer_names(shape), strict=True)):
        height = max(_SHORTEST, round(scale * math.sqrt(size)))
        kind = "code" if i == code else "layer"
        words, style = f"{size:,}", f"height: {height}px"
        if "x" in name:
            # A stack of pictures, as large as they are beside the network's own.
            kind, words = "maps", name.replace("x", " x ")
            edge = max(_SHORTEST, round(_TALLEST * int(name.split("x")[0]) / shape.side))
            style = f"height: {edge}px; width: {edge}px"
        bars.append(f'<li><b class="{kind}" style="{style}"></b>{words}</li>')
    return (
        '<div class="network"><ol aria-label="Layers of the network and their sizes">'
        f"{''.join(bars)}</ol><p>{caption(preset, shape)}</p></div>"
    )


def caption(preset: Preset, shape: PictureShape) -> str:
    """Return what the drawing shows, in one sentence."""
    numbers, ratio = count(preset.latent_dim), shape.values / preset.latent_dim
    picture = shape.size_words
    if ratio < 1:
        return (
            f"The code has {numbers} for {picture}: more than the picture itself. "
            "This is called overcomplete."
        )
    if ratio == 1:
        return f"The code has {numbers} for {picture}: nothing has to be left out."
    told = f" Both are told which of {preset.labels} kinds it is." if preset.labels else ""
    return (
        f"The encoder narrows {picture} to {numbers}, {times(ratio)} times fewer; "
        f"the decoder widens them again.{told}"
    )


def shape_uri(sizes: Sequence[int], latent_dim: int) -> str:
    """Return the address of a small drawing of a network: a bar a layer, the code in colour."""
    middle = (len(sizes) - 1) / 2
    codes = [i for i, size in enumerate(sizes) if size == latent_dim]
    code = min(codes, key=lambda i: abs(i - middle), default=-1)
    pitch = _ICON_WIDTH / max(len(sizes), 1)
    scale = _ICON_HEIGHT / max(sizes, default=1) ** 0.5
    bars = []
    for i, size in enumerate(sizes):
        height = max(4.0, scale * size**0.5)
        bars.append(
            f'<rect x="{i * pitch + 0.15 * pitch:.1f}" y="{(_ICON_HEIGHT - height) / 2:.1f}" '
            f'width="{0.7 * pitch:.1f}" height="{height:.1f}" rx="1" '
            f'fill="{ONE_COLOUR if i == code else _ICON_INK}"/>'
        )
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_ICON_WIDTH}" height="{_ICON_HEIGHT}">'
        f"{''.join(bars)}</svg>"
    )
    return data_uri(drawing.encode(), "svg+xml")
