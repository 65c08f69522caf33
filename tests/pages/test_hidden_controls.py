"""What a link for a class leaves out, on the pages themselves."""

import re

import pytest
import streamlit as st

from aeviz.ui.class_link import class_link
from aeviz.ui.shell.hidden_controls import CONTROLS, PAGE_TITLES, nearest, style_sheet
from aeviz.ui.shell.pages import PAGES
from tests.pages.opened_page import address, keep, opened, texts

# By page: the groups to be seen there, and what the key of one of their widgets begins with; None
# for what only a browser can tell, such as the parts of a component.
WHERE = {
    "learn": {
        "train": "train",
        "own": "own.",
        "recipe": "recipe.",
        "data": "data.",
        "advanced": None,
        "model": "model.",
        "compare": "beside.",
        "downloads": "csv",
    },
    "latent": {
        "compare": "comparing.",
        "model": "model.",
        "look": "show.latent.",
        "walk": None,
        "draw": None,
        "noise": None,
        "sliders": None,
    },
    "manifold": {"model": "model.", "look": "over.", "downloads": "png."},
    "meaning": {"model": "model.", "downloads": "png."},
    "compression": {"sweep": "sweep.", "data": "data.", "downloads": "csv."},
    "models": {"edit": "upload_popover.", "train": "go_on.", "present": "present"},
}


def page(name, **query):
    return opened(f"{name}/page.py", **query)


def style_sheet_of(at) -> str:
    """What the link takes out of sight."""
    return "".join(html.proto.body for html in at.get("html") if "<style>" in html.proto.body)


def in_sight(at) -> set[str]:
    """Keys of what is drawn and neither itself nor with what it lies in taken out of sight."""
    out = re.findall(r'class\*="st-key-([^"]+)"', style_sheet_of(at))
    return set(_keys(at.main, tuple(out)))


def _keys(block, out):
    for child in block.children.values():
        key = getattr(child, "key", None) or getattr(child.proto, "id", "").partition("-")[2][33:]
        if key and key.replace(".", "-").startswith(out):
            continue
        if key:
            yield key
        if hasattr(child, "children"):
            yield from _keys(child, out)


def test_every_name_is_looked_for_somewhere():
    assert {name for there in WHERE.values() for name in there} == {*CONTROLS}


@pytest.mark.parametrize("where", WHERE)
def test_every_name_takes_away_what_it_says(where):
    names = WHERE[where]
    all_of_it, without = in_sight(page(where)), page(where, hide=",".join(names))
    left = in_sight(without)
    for name, begin in names.items():
        if begin is None:
            one, sheet = CONTROLS[name], style_sheet_of(without)
            assert one.keys or one.parts
            assert all(f"{part}: none;" in sheet for part in one.parts)
            assert all(f"st-key-{key.replace('.', '-')}" in sheet for key in one.keys)
        else:
            assert any(key.startswith(begin) for key in all_of_it), name
            assert not any(key.startswith(begin) for key in left), name
    assert left < all_of_it


def test_what_is_out_of_sight_still_says_what_is_shown(shelf):
    keep(shelf, "mine")
    at = page("manifold", model="mine", n="12", hide="model,look")
    assert (at.selectbox[0].value, at.slider[0].value) == ("mine", 12)
    assert address(at, "hide") == "model,look"


def test_a_page_that_is_left_out_leads_to_the_nearest_with_a_sentence():
    at = page("models", hide="models")
    assert at.title[0].value == "What compression costs"
    assert "leaves out the page Models" in texts(at)
    at.switch_page("compression/page.py").run()
    assert "leaves out the page" not in texts(at)


def test_the_navigation_offers_only_the_others(monkeypatch):
    offered, navigation = [], st.navigation

    def noted(pages, **settings):
        offered.append([page.title for page in pages if page.visibility == "visible"])
        return navigation(pages, **settings)

    monkeypatch.setattr(st, "navigation", noted)
    page("models", hide="manifold,meaning,compression,tour")
    assert offered == [["Watch it learn", "Latent space", "Models"]]


def test_leaving_out_all_pages_leaves_out_none():
    at = page("models", hide=",".join(PAGES))
    assert at.title[0].value == "Models"


def test_unknown_names_are_ignored_with_one_sentence():
    at = page("models", hide="Edit, trian,nonsense")
    assert "leave out nonsense, trian, which is not known here" in at.warning[0].value
    assert all(name in at.warning[0].value for name in (*PAGE_TITLES, *CONTROLS))
    assert not any(key.startswith("upload") for key in in_sight(at))


def test_the_nearest_page_is_the_later_one_of_two():
    assert nearest("latent", frozenset({"latent"})) == "manifold"
    assert nearest("models", frozenset({"models", "compression"})) == "meaning"
    assert nearest("learn", frozenset({"learn", "latent"})) == "manifold"


def test_a_link_says_what_the_page_shows_and_what_is_left_out():
    now = {"model": "vae-2d", "pins": "1,2;3,4", "present": "1", "hide": "own"}
    link = class_link("http://localhost:8501/", "latent", now, ["models", "train"])
    assert link == ("http://localhost:8501/latent?model=vae-2d&pins=1,2;3,4&hide=models,train")
    assert class_link("http://here", "", {}, []) == "http://here/"


def test_nothing_left_out_needs_no_style():
    assert style_sheet(frozenset(), frozenset()) == ""


@pytest.mark.parametrize("text", ["![x](http://evil.example/a.png)", "[win](http://evil.example)"])
def test_what_a_link_wants_to_leave_out_is_never_markup(text):
    said = page("learn", hide=f"{text},https://evil.example,trian").warning[0].value
    assert "leave out trian, which" in said
    assert "evil" not in said
