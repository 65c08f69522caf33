"""One call for a choice: it reads the address, draws the widget and writes the address."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.opened_page import address, widget


def page():
    import streamlit as st

    from aeviz.ui.shell import state
    from aeviz.ui.shell.choice import Choice

    state.set_notes(st.container())
    model = Choice("page", "model").select("Model", {"a": "A", "b": "B"}, what="model")
    colours = {"one": "One colour", "kind": "By kind"}
    colour = Choice("page", "colour", model).select("Colour", colours, what="colour")
    layers = Choice("page", "layers").several("Layers", colours, ("one",), what="x", none="none")
    count = Choice("page", "count").number("Count", 1, 9, 3, what="count", place=st)
    wish = Choice("page", "wish", linked=False).select("Wish", colours, what="wish")
    step = Choice("page", "step").draw(None, int, write=lambda n: "" if n is None else str(n))
    st.button("Show b", on_click=Choice("page", "model").show, args=("b",))
    st.button("Wish anew", on_click=Choice("page", "wish", linked=False).show, args=("",))
    st.text(f"{model} {colour} {layers} {count} {wish} {step}")


def opened(**query):
    at = AppTest.from_function(page, default_timeout=30)
    at.query_params.update(query)
    return at.run()


def chosen(at):
    assert not at.exception, [error.message for error in at.exception]
    return at.text[0].value


def test_what_is_usual_stays_out_of_the_address():
    at = opened()
    assert chosen(at) == "a one ('one',) 3 one None" and not dict(at.query_params)


def test_a_link_is_read_and_every_choice_written():
    query = {"model": "b", "colour": "kind", "layers": "none", "count": "9", "step": "7"}
    at = opened(**query, wish="kind")
    assert chosen(at) == "b kind () 9 one 7" and not at.warning
    assert {name: address(at, name) for name in query} == query
    widget(at.selectbox, "Colour").set_value("one").run()
    assert chosen(at).startswith("b one") and address(at, "colour") is None


@pytest.mark.parametrize(
    ("query", "words", "then"),
    [
        ({"model": "c"}, "does not have. The page shows its usual choice", "a one ('one',) 3"),
        ({"layers": "kind,x"}, "does not have.", "a one ('kind',) 3"),
        ({"count": "10"}, "from 1 to 9; 9 is taken.", "a one ('one',) 9"),
        ({"model": "a" * 2_001}, "too long", "a one ('one',) 3"),
    ],
)
def test_a_wrong_link_is_one_sentence_and_the_nearest_choice(query, words, then):
    at = opened(**query)
    assert chosen(at).startswith(then) and len(at.warning) == 1 and words in at.warning[0].value
    assert not at.run().warning


def test_a_choice_is_remembered_for_what_it_was_chosen_for():
    at = opened()
    widget(at.selectbox, "Colour").set_value("kind").run()
    widget(at.selectbox, "Model").set_value("b").run()
    assert chosen(at).startswith("b one") and address(at, "colour") is None
    widget(at.selectbox, "Model").set_value("a").run()
    assert chosen(at).startswith("a kind") and address(at, "colour") == "kind"


def test_the_page_itself_chooses():
    at = opened()
    widget(at.selectbox, "Wish").set_value("kind").run()
    widget(at.button, "Show b").click().run()
    assert chosen(at).startswith("b one") and "kind" in chosen(at)
    assert widget(at.selectbox, "Model").value == "b"
    widget(at.button, "Wish anew").click().run()
    assert widget(at.selectbox, "Wish").value == "one" and "wish" not in at.query_params
