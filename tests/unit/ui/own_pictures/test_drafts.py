"""Uploads that went with the tab they were made in are told once, to whom made them."""

import pytest

from aeviz.ui.own_pictures import drafts as module
from aeviz.ui.own_pictures.drafts import Drafts


@pytest.fixture
def connected(monkeypatch):
    """The tabs that are open."""
    open_ones = {"tab"}
    monkeypatch.setattr(module, "is_connected", open_ones.__contains__)
    return open_ones


def test_what_went_with_its_tab_is_told_once(connected):
    drafts = Drafts()
    drafts.begin("me", "tab", "cats.zip")
    assert drafts.lost("me") == ""
    connected.clear()
    assert drafts.lost("you") == ""
    assert [drafts.lost("me"), drafts.lost("me")] == ["cats.zip", ""]


def test_what_was_taken_back_is_not_lost_and_another_tab_takes_nothing_back(connected):
    drafts = Drafts()
    drafts.begin("me", "tab", "cats.zip")
    drafts.begin("me", "another", "")
    connected.clear()
    assert drafts.lost("me") == "cats.zip"
    drafts.begin("me", "tab", "dogs.zip")
    drafts.begin("me", "tab", "")
    assert drafts.lost("me") == ""
