"""A folder of models and own pictures in which everything that has words wants to be markup."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from aeviz.checkpoints.store import save_checkpoint
from aeviz.data.own.pictures import OwnPictures
from aeviz.data.own.store import save_pictures
from tests.support.folder_troubles import home_is
from tests.support.hostile_text import ALL_HOSTILE, HOSTILE
from tests.support.made_up_models import made_up_dataset, made_up_model

_KINDS = 20
# Of the models, and of a file that is none.
MODELS = ("www.evil.tld", "another")
NO_MODEL = "![x](www.evil.tld) _evil_ 1"


def hostile_names(folder: Path) -> str:
    """Fill a folder that stands in for AEVIZ_HOME; return the name of its own pictures."""
    images = np.random.default_rng(2).integers(0, 256, (60, 8, 8), dtype=np.uint8)
    pictures = OwnPictures(
        images=images,
        labels=(np.arange(60) % _KINDS).astype(np.uint8),
        class_names=HOSTILE[:_KINDS],
        n_test=20,
        n_validation=20,
        readings=("as it is",),
        reading=0,
        inverted=False,
        light_ground=False,
        line_drawings=False,
        said=ALL_HOSTILE,
        left_out=0,
    )
    with home_is(folder):
        kept = save_pictures(pictures, " ".join(HOSTILE[:5])).name
    data = replace(made_up_dataset(8, name=kept), title="Made up")
    for name, words in zip(MODELS, (HOSTILE[1:], HOSTILE[20:]), strict=True):
        model = made_up_model(name, data, snapshots=True)
        recipe = replace(
            model.preset,
            name=MODELS[0],
            title=" ".join(words[:6]),
            summary=ALL_HOSTILE[:250],
            not_given=((words[0], words[1]),),
            source=2,
        )
        said = {"note": ALL_HOSTILE, "notice": ALL_HOSTILE}
        if name == MODELS[1]:
            said["given_title"] = " ".join(words[6:9])
        save_checkpoint(replace(model, preset=recipe, **said), folder)
    (folder / f"{NO_MODEL}.safetensors").write_bytes(b"nothing")
    return kept
