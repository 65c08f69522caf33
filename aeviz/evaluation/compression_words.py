"""What compression costs, in words: one sentence for each row of the table."""

import math

from aeviz.evaluation.baselines import EQUAL_WITHIN
from aeviz.evaluation.compression import BYTES_FLOAT32, LOSSLESS_MSE, Row
from aeviz.text.numbers import count, rounded, short, times


def row_sentence(row: Row) -> str:
    """Say what a model's compression costs, as "100 numbers instead of 784: 7.8 times smaller"."""
    start = f"{count(row.code_size).capitalize()} instead of {row.values:,}: {size(row.ratio)}"
    against = _against_pca(row)
    return f"{start}; {against}." if against else f"{start}."


def size(ratio: float) -> str:
    """Return "7.8 times smaller", "no smaller" or "1.3 times larger"."""
    if ratio == 1:
        return "no smaller"
    word, factor = ("smaller", ratio) if ratio > 1 else ("larger", 1 / ratio)
    return f"hardly {word}" if factor < 1.005 else f"{times(factor)} times {word}"


def _against_pca(row: Row) -> str:
    mse, pca = row.mse, row.pca_mse
    if mse is None:
        return ""
    if pca is None:
        return f"an error of {rounded(mse)} a pixel"
    if pca < LOSSLESS_MSE:
        if mse < LOSSLESS_MSE:
            return "like PCA, it loses nothing that shows"
        greys = times(math.sqrt(mse) * 255)
        return f"PCA loses nothing at this size, this network {greys} of 255 greys a pixel"
    if mse * EQUAL_WITHIN < pca:
        return f"PCA loses {times(pca / mse) if mse else 'infinitely many'} times more"
    if mse > pca * EQUAL_WITHIN:
        return f"PCA does better: this network loses {times(mse / pca)} times more"
    return "PCA loses as much"


def sentence_in_bytes(row: Row) -> str:
    """Say what the code takes as bytes, and what rounding it costs."""
    if row.coded is None:
        return f"With 32 bits a number it takes {BYTES_FLOAT32 * row.code_size:,} bytes."
    share = row.values / row.coded.bytes
    fewer = f"{times(share)} times fewer" if share > 1 else "no fewer"
    start = (
        f"Rounded and packed, the code takes {short(row.coded.bytes)} bytes of the picture's "
        f"{row.values:,}: {fewer}"
    )
    cost = row.cost_of_bytes
    if cost is None or cost < EQUAL_WITHIN:
        return f"{start}, which costs nothing worth mentioning."
    return f"{start}, which makes the error on test images {times(cost)} times as large."


def versus_pca(row: Row) -> str:
    """Return "3.1 times better than PCA", "as good as PCA", or "" where that is not known."""
    ratio = row.times_better_than_pca
    if ratio is None:
        return ""
    words = better_or_worse(ratio)
    return "as good as PCA" if words == "as good" else f"{words.replace('×', ' times')} than PCA"


def better_or_worse(ratio: float) -> str:
    """Return "as good", "3.1× better" or "1.2× worse"."""
    if 1 / EQUAL_WITHIN < ratio < EQUAL_WITHIN:
        return "as good"
    return f"{times(ratio)}× better" if ratio > 1 else f"{times(1 / ratio)}× worse"
