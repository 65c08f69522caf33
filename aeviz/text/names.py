"""Names that strangers gave to files and folders, made harmless and short enough to be shown."""

import re
import unicodedata

LONGEST_NAME = 60
# With these a name could draw a link, a picture, a formula, a colour or a tag where Markdown or
# HTML is drawn. Pages that draw HTML escape what is left all the same.
_MARKUP = frozenset("\\`*[]<>$|~{}")
# What GitHub's Markdown and Streamlit's make of text without any of these. A backslash would not
# help: they look for it once those are gone.
_BROKEN = (
    (re.compile(r"(?<!\w)_+|_+(?!\w)"), ""),  # emphasis; not in take_2
    (re.compile(r"&(?=#?\w+;)"), "& "),  # an entity, which may stand for any of the others
    # http://, :smile:, :red; not in a time or in 1:2.
    (re.compile(r":(?=\S)(?![0-9]{1,2}(?!\w)|[0-9]{2}(?![0-9]))"), ": "),
    (re.compile(r"(?<=[\w.+-])@(?=[\w-])"), " @"),  # me@x.example
    (re.compile(r"www(?=\.)", re.IGNORECASE), r"\g<0> "),  # www.x.example
    # A heading, a list, a rule where a sentence begins with it: not before this kind of space.
    (re.compile(r"^([#+=-]+|[0-9]{1,9}[.)])(?: |$)"), "\\1\u00a0"),
)


def plain_name(text: str, *, longest: int = LONGEST_NAME) -> str:
    """`text` on one line, without control and direction characters, without markup, and cut.

    Whatever an address, a file, a name or a label says goes through here before it is drawn or put
    into a sentence. At most `longest` characters, the last one an ellipsis where it was cut; ""
    where nothing is left.
    """
    # Cut before all else: a name may be a megabyte, and composing letters is slow.
    text = unicodedata.normalize("NFC", text[: 8 * longest])
    # Category C: control characters, those that turn the writing direction, halves of characters.
    kept = (" " if _is_gap(c) else c for c in text if c not in _MARKUP)
    name = " ".join("".join(kept).split())
    for pattern, harmless in _BROKEN:
        name = pattern.sub(harmless, name)
    return name if len(name) <= longest else f"{name[: longest - 1].rstrip(' _')}\u2026"


def plain_text(text: str, *, longest: int) -> str:
    """`text` of several lines without control and direction characters, of at most `longest`.

    Pages show it as it is and draw no markup of it; escaping is theirs.
    """
    text = unicodedata.normalize("NFC", text[: 8 * longest].replace("\r\n", "\n"))
    kept = "".join(c for c in text if c == "\n" or unicodedata.category(c)[0] != "C")
    return kept.strip()[:longest].rstrip()


def file_name(path: str) -> str:
    """The last part of a path, as `plain_name`; "a file without a name" where there is none."""
    last = path[-2_000:].replace("\\", "/").rstrip("/").rpartition("/")[2]
    return plain_name(last) or "a file without a name"


def slug(text: str, *, longest: int, empty: str) -> str:
    """`text` in small letters, digits and dashes; `empty` where nothing is left."""
    # Cut before all else, as in plain_name.
    text = unicodedata.normalize("NFKD", text[:1_000])
    letters = text.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:longest].rstrip("-") or empty


def _is_gap(character: str) -> bool:
    return unicodedata.category(character)[0] in "CZ"


def plain_cell(text: str) -> str:
    """Text as a spreadsheet shows it: what it would take for a formula is quoted.

    OWASP, "CSV Injection": cells that begin with = + - @, also in full width, or with a tab or the
    end of a line.
    """
    return f"'{text}" if text.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")) else text
