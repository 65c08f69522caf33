"""Text that wants to be drawn as something else, and what Streamlit's Markdown makes of a text."""

import re

from markdown_it import MarkdownIt

# One a kind. Short, so that none is cut where a sentence quotes a few letters.
HOSTILE = (
    "![x](//evil.tld/a)",
    "[x](//evil.tld)",
    "http://evil.tld",
    "HTTPS://evil.tld",
    "www.evil.tld",
    "me@evil.tld",
    "<http://evil.tld>",
    "&#104;ttp://evil.tld",
    "&#58;skull:",
    "&lt;b&gt;evil",
    ":material/skull:",
    ":material_skull:",
    ":streamlit:",
    ":skull:",
    ":+1:",
    ":100:",
    ":red[evil]",
    ":small",
    ":::help",
    "$evil^2$",
    "`evil`",
    "<b>evil</b>",
    "<img src=//evil.tld>",
    "**evil**",
    "_evil_",
    "__evil__",
    "~~evil~~",
    "# evil",
    "#",
    "- evil",
    "+ evil",
    "1. evil",
    "2) evil",
    "> evil",
    "a\n# evil",
    "a\n\n---",
    "a\n===",
    "|a|b|\n|-|-|\n|c|d|",
    "    evil",
    "```evil",
    "a[^1]\n\n[^1]: evil",
)
# All of them at once, for whatever holds a longer text.
ALL_HOSTILE = " ".join(HOSTILE)

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What becomes of a paragraph's text, read off Streamlit's own bundle (StreamlitMarkdown.*.js):
# links found in text (GitHub's autolinks), emoji, icons, directives, formulas.
_IN_TEXT = {
    "link": re.compile(r"https?://|www\.", re.IGNORECASE),
    "mail": re.compile(r"[-.\w+]@[-\w]+\.\w"),
    "emoji": re.compile(r":\+1:|:-1:|:(?![0-9]{2}:)[\w-]+:"),
    "directive": re.compile(r":[a-z]", re.IGNORECASE),
    "icon": re.compile(r":material[_/]|:streamlit:"),
    "formula": re.compile(r"\$[^$]+\$"),
    "entity": re.compile(r"&#?\w+;"),
}


def drawn(text: str) -> set[str]:
    """What of a text would be drawn as anything but letters: kinds of markup.

    Our own grey and bold words are left out of it.
    """
    text = re.sub(r"\*\*([A-Z0-9][^*]*)\*\*", r"\1", text.replace(":gray[", ""))
    kinds = {name for name, form in _IN_TEXT.items() if form.search(text)}
    for token in _MARKDOWN.parse(text):
        for part in token.children or [token]:
            if part.type == "text":
                kinds |= {name for name, form in _IN_TEXT.items() if form.search(part.content)}
            elif part.type not in ("inline", "hardbreak", "softbreak"):
                kinds.add(part.type)
    return kinds - {"paragraph_open", "paragraph_close"}
