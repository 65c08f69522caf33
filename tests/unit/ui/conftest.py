"""Made-up models as the pages explore them, of pictures of 6 by 6 pixels."""

import pytest

from aeviz.ui.live.explored import explored
from tests.support.made_up_models import made_up_dataset, made_up_model

DATA = made_up_dataset(side=6)


@pytest.fixture(scope="session")
def flat():
    return explored(made_up_model("flat", DATA), DATA)


@pytest.fixture(scope="session")
def deep():
    return explored(made_up_model("deep", DATA, latent_dim=5), DATA)
