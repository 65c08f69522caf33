"""A browser keeps its name and another has another: against Streamlit's own cookies."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from aeviz.training.runs import NAMELESS
from aeviz.ui.shell.visitor import _secret


def test_one_browsers_cookies_hide_one_secret_under_many_masks():
    secret = bytes(range(16))
    cookies = {generate_xsrf_token_string(secret) for _ in range(5)}
    assert len(cookies) == 5
    assert {_secret(cookie) for cookie in cookies} == {secret.hex()}
    assert _secret(f'"{cookies.pop()}"') == secret.hex()


def test_two_browsers_differ():
    assert _secret(generate_xsrf_token_string()) != _secret(generate_xsrf_token_string())


@pytest.mark.parametrize("cookie", ["", "2|", "1|abc", "2|zz|zz|1", "x" * 10_000])
def test_anything_else_has_no_secret(cookie):
    assert _secret(cookie) == ""


def test_without_a_cookie_one_is_known_by_ones_page_and_counted_among_such():
    script = (
        "import streamlit as st\nfrom aeviz.ui.shell.visitor import visitor\nst.text(visitor())"
    )
    assert AppTest.from_string(script).run().text[0].value.startswith(NAMELESS)
