"""Names from strangers: what is left of them, and that it is short and harmless."""

import time
import unicodedata

import pytest

from aeviz.text.names import file_name, plain_cell, plain_name, plain_text, slug
from tests.support.hostile_text import HOSTILE, drawn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cats & dogs: take_2 (new)!", "Cats & dogs: take_2 (new)!"),
        ("  two\n\nlines\t", "two lines"),
        ("Gru\u0308n", "Gr\u00fcn"),
        ("a\u202egnp.exe\u0000b\u2028c\u00a0d", "a gnp.exe b c d"),
        ("![x](http://a.b) $x$ :red[y] `z` **w** <b>|", "!x(http: //a.b) x : redy z w b"),
        ("http://a.b www.a.b WWW.a.b me@a.b", "http: //a.b www .a.b WWW .a.b me @a.b"),
        (":smile: :material/home: :small a::b", ": smile: : material/home: : small a: : b"),
        ("12:30:45 2026-01-02T03:04:05Z 1:2", "12:30:45 2026-01-02T03:04:05Z 1:2"),
        ("_x_ __init__ take_2_", "x init take_2"),
        ("&#58;x &lt;b&gt; R&D", "& #58;x & lt;b& gt; R&D"),
        ("# x", "#\u00a0x"),
        ("- x", "-\u00a0x"),
        ("1. x", "1.\u00a0x"),
        ("---", "---\u00a0"),
        ("-1", "-1"),
        ("\ud800", ""),
        ("", ""),
    ],
)
def test_plain_name(text, expected):
    assert plain_name(text) == expected


def test_long_names_are_cut_at_once():
    assert plain_name("x" * 60) == "x" * 60
    assert plain_name("x" * 61) == "x" * 59 + "\u2026"
    assert len(plain_name("abc def", longest=5)) <= 5
    start = time.perf_counter()
    assert len(plain_name("a\u0301" * 10_000_000)) == 60
    assert time.perf_counter() - start < 1


def test_nothing_that_draws_or_turns_is_left():
    everything = "".join(map(chr, range(0x3000)))
    for start in range(0, len(everything), 50):
        name = plain_name(everything[start : start + 50])
        assert not set("\\`*[]<>$|~{}") & set(name)
        assert all(unicodedata.category(c)[0] not in "C" for c in name)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b/c.png", "c.png"),
        ("C:\\pictures\\c.png", "c.png"),
        ("../../etc/passwd", "passwd"),
        ("folder/", "folder"),
        ("", "a file without a name"),
        ("a/\n", "a file without a name"),
    ],
)
def test_file_name(path, expected):
    assert file_name(path) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two\r\nlines", "two\nlines"),
        ("  3 < 5 & *bold* ", "3 < 5 & *bold*"),
        ("a\u202eb\u0000c\x1b[31m\ud800\td", "abc[31md"),
        ("Gru\u0308n", "Gr\u00fcn"),
        ("\n \n", ""),
    ],
)
def test_plain_text(text, expected):
    assert plain_text(text, longest=100) == expected


def test_long_text_is_cut_at_once():
    assert plain_text("x" * 60, longest=60) == "x" * 60
    assert plain_text("x" * 58 + " \n" + "y", longest=60) == "x" * 58
    start = time.perf_counter()
    assert len(plain_text("a\u0301" * 10_000_000, longest=2_000)) == 2_000
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_is_markup_wherever_it_stands(text):
    for name in (text, f"{text} and more", f"a {text}", f"({text})", text * 3):
        made = plain_name(name)
        assert drawn(made) == drawn(f"{made}  \n:gray[{made}]") == set(), made
        assert plain_name(made) == made
    assert drawn(text), "the test's own eyes"


@pytest.mark.parametrize("start", [*"=+-@\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n"])
def test_no_cell_is_taken_for_a_formula(start):
    assert plain_cell(f'{start}HYPERLINK("x")') == f'\'{start}HYPERLINK("x")'
    assert plain_cell(f"a {start} b") == f"a {start} b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cats & Dogs", "cats-dogs"),
        ("../../etc/passwd", "etc-passwd"),
        ("\u00c4pfel, 2 St\u00fcck", "apfel-2-stuck"),
        ("abcdefghi-klm", "abcdefghi"),  # cut at ten, and no dash at the end
        ("\u732b\u732b", "empty"),
        ("", "empty"),
    ],
)
def test_a_slug_is_small_letters_digits_and_dashes(text, expected):
    assert slug(text, longest=10 if "klm" in text else 40, empty="empty") == expected
