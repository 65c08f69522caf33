"""What goes along from page to page, and what stays behind."""

from streamlit.testing.v1 import AppTest

from tests.pages.opened_page import address


def _app():
    import streamlit as st

    from aeviz.ui.shell import state

    st.write(f"kept: {state.lasting('kept')}")
    st.text_input("word", key=f"word.{state.generation()}")
    if st.button("over"):
        state.start_over()
        st.rerun()
    if st.button("away"):
        state.last("kept", None)


def _opened(**values):
    app = AppTest.from_function(_app, default_timeout=30)
    for name, value in values.items():
        app.query_params[name] = value
    return app.run()


def test_what_lasts_is_there_again_when_the_address_was_cleared():
    app = _opened(kept="yes")
    app.query_params.clear()
    app.run()
    assert app.markdown[0].value == "kept: yes"
    assert address(app, "kept") == "yes"


def test_what_lasts_stays_when_all_else_starts_over():
    app = _opened(kept="yes", other="1")
    app.text_input[0].input("typed").run()
    app.button[0].click().run()
    assert app.text_input[0].value == ""
    assert address(app, "kept") == "yes"
    assert address(app, "other") is None
    assert app.markdown[0].value == "kept: yes"


def test_what_is_taken_away_is_gone_from_address_and_memory():
    app = _opened(kept="yes")
    app.button[1].click().run()
    assert address(app, "kept") is None
    assert app.run().markdown[0].value == "kept: None"


def test_nothing_given_is_nothing():
    assert _opened().markdown[0].value == "kept: None"
