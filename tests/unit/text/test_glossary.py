"""The words that explain themselves: found where they stand, once, and never in another word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeviz.text.glossary import TERMS, pieces
from aeviz.ui.shell.terms import explained_html


def terms(text):
    return [(words, name) for words, name in pieces(text) if name]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the decoder draws it", [("decoder", "decoder")]),
        ("Codes of two numbers", [("Codes", "code")]),
        ("latent space", [("latent space", "latent")]),
        ("the KL term of a VAE", [("KL term", "KL"), ("VAE", "variational")]),
        ("plain PCA", [("PCA", "PCA")]),
        ("an autoencoder", [("autoencoder", "autoencoder")]),
    ],
)
def test_a_term_is_found_as_it_is_written(text, found):
    assert terms(text) == found


@pytest.mark.parametrize("text", ["postcode", "footsteps", "pca", "mini-step", "seedling"])
def test_no_term_in_the_midst_of_another_word(text):
    assert terms(text) == []


def test_each_is_explained_once_where_it_comes_first():
    text = "A code is a code; codes are short."
    assert pieces(text) == [("A ", None), ("code", "code"), (" is a code; codes are short.", None)]


@given(st.text() | st.lists(st.sampled_from(["decoder", " ", "KL", ".", "x"])).map("".join))
def test_the_pieces_are_the_text_again(text):
    assert "".join(words for words, _ in pieces(text)) == text


@pytest.mark.parametrize("name", TERMS)
def test_each_meaning_is_one_plain_sentence(name):
    meaning = TERMS[name].meaning
    assert meaning[0].isupper() and meaning.endswith(".") and meaning.count(". ") == 0
    assert len(meaning) < 130
    assert bool(TERMS[name].formula) >= bool(TERMS[name].where)


def test_no_meaning_leans_on_a_term_that_comes_later():
    names = list(TERMS)
    for name in names:
        for _, other in terms(TERMS[name].meaning):
            assert names.index(other) <= names.index(name), (name, other)


def test_what_strangers_wrote_stays_text():
    assert "<b>" not in explained_html("<b>code</b>")
    assert "&lt;b&gt;" in explained_html("<b>code</b>")
