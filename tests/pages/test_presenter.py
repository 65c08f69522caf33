"""Presenter mode without a browser: what the address says of it, and what may come from one."""

import pytest
import streamlit as st

from aeviz.ui.presenter import asked_page, shown_text_scale
from aeviz.ui.shell.pages import script
from tests.pages.opened_page import address, labels, opened

MODELS = "models/page.py"


def test_the_button_begins_it_and_the_address_keeps_it():
    at = opened(MODELS)
    assert address(at, "present") is None
    next(button for button in at.button if button.label == "Present").click().run()
    assert address(at, "present") == "1"
    assert "Present" not in labels(at.button)
    assert any("aeviz-presenter" in sheet.proto.body for sheet in at.get("html"))


def test_there_is_no_navigation_while_it_is_on(monkeypatch):
    positions, navigation = [], st.navigation

    def noted(pages, *, position):
        positions.append(position)
        return navigation(pages, position=position)

    monkeypatch.setattr(st, "navigation", noted)
    opened(MODELS)
    opened(MODELS, present="1")
    assert positions == ["top", "hidden"]


def test_a_public_showing_can_be_presented(monkeypatch):
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    at = opened(MODELS, present="1", hide="edit,train")
    assert address(at, "present") == "1"
    assert at.title[0].value == "Models"


@pytest.mark.parametrize(("given", "on"), [("1", True), ("yes", True), ("0", False), ("No", False)])
def test_any_link_that_asks_for_it_gets_it(given, on):
    at = opened(MODELS, present=given)
    assert address(at, "present") == ("1" if on else None)
    assert ("Present" in labels(at.button)) is not on


@pytest.mark.parametrize(
    ("sent", "page"),
    [
        (1, script("learn")),
        (6, script("models")),
        (0, None),
        (7, None),
        (-1, None),
        (True, None),
        ("2", None),
        (2.5, None),
        ([1], None),
        (None, None),
    ],
)
def test_only_the_number_of_a_page_opens_one(sent, page):
    assert asked_page({"page": sent}) == page


@pytest.mark.parametrize(
    ("sent", "scale"),
    [
        (1, 1),
        (1.48, 1.48),
        (2, 2),
        (0.5, None),
        (99, None),
        ("2", None),
        (True, None),
        (None, None),
    ],
)
def test_only_a_sensible_size_of_text_is_taken(sent, scale):
    assert shown_text_scale({"text": sent}) == scale


def test_a_page_that_is_left_out_has_no_key_and_the_others_keep_theirs():
    out = frozenset({"manifold"})
    assert asked_page({"page": 3}, out) is None
    assert asked_page({"page": 5}, out) == script("compression")
