"""Names in archives, which mostly do not say in which encoding they are written."""

import re
import unicodedata
from collections.abc import Sequence

# What programs write where they do not write UTF-8, likelier ones first: the zip format's own
# (PKWARE APPNOTE, appendix D), Russian and Japanese Windows, its Western command line, Chinese
# Windows, and the encodings of Windows' own windows.
_ENCODINGS = ("cp437", "cp866", "cp932", "cp850", "gbk", "cp1252", "cp1251")
# So many bytes of names are enough to tell.
_SAMPLE = 20_000
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


def readable_names(names: Sequence[bytes]) -> list[str]:
    """Names as a person wrote them, by the one encoding that makes words of all of them."""
    encoding = _encoding(names)
    return [name.decode(encoding, "replace") for name in names]


def _encoding(names: Sequence[bytes]) -> str:
    if not any(map(_NOT_ASCII.search, names)):
        return "ascii"
    parts: dict[bytes, None] = {}
    utf8, size = True, 0
    for name in names:
        if not _NOT_ASCII.search(name):
            continue
        utf8 = utf8 and _decodes(name, "utf-8")
        for part in name[-1_000:].split(b"/"):
            if size < _SAMPLE and part not in parts and _NOT_ASCII.search(part):
                parts[part] = None
                size += len(part)
    if utf8:
        return "utf-8"
    return min(_ENCODINGS, key=lambda encoding: sum(_oddness(part, encoding) for part in parts))


def _decodes(name: bytes, encoding: str) -> bool:
    try:
        name.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _oddness(name: bytes, encoding: str) -> int:
    """How unlike words a name is in an encoding, 0 for words."""
    text = name.decode(encoding, "replace")
    odd = 3 * sum(_is_odd(letter) for letter in text)
    for one, other in zip(text, text[1:], strict=False):
        if (one < "\x80" and other < "\x80") or not (one.isalpha() and other.isalpha()):
            continue
        mixed = _script(one) != _script(other)
        raised = one.islower() and other.isupper()
        # Letters with accents seldom stand side by side.
        accents = one > "\x7f" and other > "\x7f" and _script(one) == "LATIN"
        odd += mixed + raised + accents
    return odd


def _is_odd(letter: str) -> bool:
    # ASCII, Japanese punctuation and full-width letters.
    if letter < "\x80" or "\u3000" <= letter <= "\u30ff" or "\uff01" <= letter <= "\uff60":
        return False
    # Half-width kana have gone out of use; what is no letter draws frames, mostly.
    return not letter.isalpha() or "\uff61" <= letter <= "\uff9f"


def _script(letter: str) -> str:
    script = unicodedata.name(letter, "").split(" ")[0]
    return script if script in _SCRIPTS else ""
