"""What tests of pages share: a machine with nothing on it."""

import pytest
import streamlit as st


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A user's folder with no models, on a machine with no pictures and no gallery."""
    for name in ("models", "user", "no-data", "no-gallery"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "models"))
    monkeypatch.setenv("AEVIZ_DATA_DIR", str(tmp_path / "no-data"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr("aeviz.checkpoints.store.PRETRAINED", tmp_path / "no-gallery")
    # Made-up models of one name and one time differ from test to test.
    st.cache_resource.clear()
    return tmp_path / "models"
