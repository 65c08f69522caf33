"""Addresses, names, notes and labels that want to be markup: no page draws any of it."""

from html.parser import HTMLParser

import pytest
from google.protobuf.message import Message

from aeviz.ui.shell import state
from tests.pages.opened_page import opened
from tests.support.hostile_names import hostile_names
from tests.support.hostile_text import ALL_HOSTILE, HOSTILE, drawn

PAGES = ("learn", "latent", "manifold", "meaning", "compression", "models", "tour")
# Fields that Streamlit draws as Markdown (its docs: "label", "help", the body of what is said).
MARKDOWN = {"label", "help", "body", "content", "caption", "text"}
# Panels that read more of the address once they are open.
OPEN = {"compression": {"sweep": "own"}, "learn": {"own": "open", "advanced": "open"}}


def said(at):
    """Every text that is drawn as Markdown, and all HTML."""
    markdown, html = [], []

    def read(block):
        for child in block.children.values():
            proto = child.proto
            if type(proto).__name__ == "Html":
                html.append(proto.body)
            elif isinstance(proto, Message):
                markdown.extend(_strings(proto))
            if hasattr(child, "children"):
                read(child)

    for block in at._tree.children.values():  # the page, the sidebar, what pops up
        read(block)
    return markdown, html


def _strings(message):
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from _strings(one)
            elif isinstance(one, str) and field.name in MARKDOWN:
                yield one


class Tags(HTMLParser):
    """What tags there are that a name could have brought: those with the name's own words."""

    def __init__(self):
        super().__init__()
        self.found, self.within = [], []

    def handle_starttag(self, tag, attrs):
        self.within.append(tag)
        self.found += [tag for name, value in attrs if name in ("src", "href", "onerror")
                       and "evil" in (value or "")]  # fmt: skip

    def handle_data(self, data):
        if data == "evil" and self.within[-1] in ("b", "strong", "i", "em", "a", "h1"):
            self.found.append(self.within[-1])


def assert_harmless(at):
    markdown, html = said(at)
    assert len(markdown) > 5
    assert {text: drawn(text) for text in markdown if drawn(text)} == {}
    tags = Tags()
    tags.feed("".join(html))
    assert tags.found == []


@pytest.fixture
def evil_shelf(shelf):
    """Two models, one file that does not open, and own pictures, all named to be markup."""
    return hostile_names(shelf)


@pytest.mark.parametrize("model", ["www.evil.tld", "another", "![x](www.evil.tld) _evil_ 1"])
@pytest.mark.parametrize("page", PAGES)
def test_names_notes_and_labels_are_never_markup(evil_shelf, page, model):
    assert_harmless(opened(f"{page}/page.py", model=model, data=evil_shelf, **OPEN.get(page, {})))


def test_nor_side_by_side_and_deleted(evil_shelf):
    pair = {"model": "www.evil.tld", "beside": "another"}
    for page in ("learn", "latent", "models"):
        assert_harmless(opened(f"{page}/page.py", **pair))
    assert_harmless(opened("learn/page.py", like="www.evil.tld"))
    at = opened("models/page.py", model="another")
    next(one for one in at.button if one.label == "Delete").click().run()
    assert_harmless(at)


def asked_for(page, monkeypatch, **query):
    """The query parameters that a page looks for."""
    names = set()
    with monkeypatch.context() as noted:
        for reader in ("linked_text", "lasting"):
            plain = getattr(state, reader)

            def read(name, plain=plain):
                names.add(name)
                return plain(name)

            noted.setattr(state, reader, read)
        opened(f"{page}/page.py", **query)
    return names


@pytest.mark.parametrize("page", PAGES)
def test_nothing_in_an_address_is_markup(evil_shelf, monkeypatch, page):
    usual = OPEN.get(page, {}) | {"data": evil_shelf}
    names = sorted(asked_for(page, monkeypatch, **usual))
    assert {"hide", "tour", "present"} <= {*names}
    assert_harmless(opened(f"{page}/page.py", **dict.fromkeys(names, ALL_HOSTILE)))
    for name in names:
        assert_harmless(opened(f"{page}/page.py", **usual | {name: ALL_HOSTILE}))


@pytest.mark.parametrize("field", ["seeds", "sizes", "stacks", "noise", "l2"])
def test_nor_in_the_address_of_a_sweep(shelf, field):
    for text in HOSTILE[::4]:  # all of them: tests/unit/sweeps/test_plan.py
        at = opened("compression/page.py", **{"sweep": "own", f"sweep.{field}": text})
        assert at.error
        assert_harmless(at)
