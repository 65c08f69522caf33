"""Measures codecs and PCA for the chart of bytes.

`python -m aeviz.gallery.codec_curves [NAME ...]`; a data set takes some minutes. What comes out is
figures; no picture is kept.
"""

import json
import sys
import time

from aeviz.coding.rates import PICTURES
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import ImageDataset
from aeviz.errors import UserError
from aeviz.evaluation.codecs import codec_points, codec_points_alone, codecs
from aeviz.evaluation.rate_distortion import (
    CURVES,
    PCA,
    Curve,
    alone,
    pca_points,
    plain_curves,
)

# Those that the gallery has models of.
DATASETS = ("mnist", "fashion_mnist", "cifar10_jpeg", "shapes", "digits")


def measured(dataset: ImageDataset) -> dict:
    """Return the curves of a data set, as plain values."""
    images, shape = dataset.test_images[:PICTURES], dataset.shape
    tiled = [Curve(PCA, "PCA", tuple(pca_points(dataset)))]
    apart = [alone(tiled[0])]
    for codec in codecs().values():
        begun = time.monotonic()
        for curves, points in ((tiled, codec_points), (apart, codec_points_alone)):
            curves.append(Curve(codec.name, codec.title, tuple(points(codec, images, shape))))
        print(f"  {codec.title}: {time.monotonic() - begun:.0f} s", flush=True)
    told = {"tiled": plain_curves(tiled), "alone": plain_curves(apart)}
    return {"pictures": len(images)} | told


def main(names: list[str]) -> int:
    """Measure the named data sets, all of DATASETS if none is named; 0 if all went well."""
    known = json.loads(CURVES.read_text()) if CURVES.exists() else {}
    went_well = True
    for name in names or DATASETS:
        print(f"{name} ...", flush=True)
        try:
            known[name] = measured(load_dataset(name))
        except UserError as error:
            print(f"  {error}", flush=True)
            went_well = False
            continue
        CURVES.write_text(json.dumps(known, separators=(",", ":")) + "\n")
    return 0 if went_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
