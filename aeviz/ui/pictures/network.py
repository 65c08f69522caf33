"""The drawing of a network: one bar a layer, its height by the layer's size."""

from __future__ import annotations

import math

from aeviz.networks.recipes import Preset, compression_ratio
from aeviz.text.numbers import count, times

# Pixels. The shortest bar is still seen beside the tallest.
_TALLEST, _SHORTEST = 64, 8


def network_html(preset: Preset, pixels: int) -> str:
    """Return the layers of a recipe for pictures of so many pixels, with a sentence beside them.

    Styled by network.css; numbers and fixed words only.
    """
    sizes = preset.layer_sizes(pixels)
    # Height grows with the square root, so that 2 is seen beside 784 and 784 beside 10,000.
    scale = _TALLEST / math.sqrt(max(sizes))
    bars = []
    for i, size in enumerate(sizes):
        height = max(_SHORTEST, round(scale * math.sqrt(size)))
        kind = "code" if i == len(preset.encoder) + 1 else "layer"
        bars.append(f'<li><b class="{kind}" style="height: {height}px"></b>{size:,}</li>')
    return (
        '<div class="network"><ol aria-label="Layers of the network and their sizes">'
        f"{''.join(bars)}</ol><p>{caption(preset, pixels)}</p></div>"
    )


def caption(preset: Preset, pixels: int) -> str:
    """Return what the drawing shows, in one sentence."""
    numbers, ratio = count(preset.latent_dim), compression_ratio(pixels, preset.latent_dim)
    if ratio < 1:
        return (
            f"The code has {numbers} for {pixels:,} pixels: more than the picture itself. "
            "This is called overcomplete."
        )
    if ratio == 1:
        return f"The code has {numbers} for {pixels:,} pixels: nothing has to be left out."
    return (
        f"The encoder narrows {pixels:,} pixels to {numbers}, {times(ratio)} times fewer; "
        "the decoder widens them again."
    )
