"""The page "Meaning", opened, and the model it opens with."""

import pytest

from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from tests.support.meaning_page import READY


@pytest.fixture(scope="module")
def model():
    return load_checkpoint(PRETRAINED / "sweep-10.safetensors")


@pytest.fixture
def meaning(open_page):
    """`meaning(query, **window)` -> (page, the component's element), its rows drawn."""

    def start(query="", **window):
        page = open_page(f"/meaning?{query}", **window)
        root = page.locator(READY)
        root.wait_for(timeout=60_000)
        return page, root

    return start
