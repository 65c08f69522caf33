"""Words from addresses, files, names and labels, as a real browser draws them: as words."""

from urllib.parse import urlencode

import pytest

from tests.support.hostile_names import MODELS, NO_MODEL, hostile_names
from tests.support.hostile_text import ALL_HOSTILE

# What is on the page, in the shadows of components too, that only markup could have brought.
DRAWN = """() => {
    const found = [];
    const look = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) look(node.shadowRoot);
            const tag = node.localName;
            const words = node.textContent.trim();
            const to = node.getAttribute("src") || node.getAttribute("href") ||
                node.getAttribute("xlink:href") || "";
            if (to && /evil|^mailto/.test(new URL(to, location).host + to.slice(0, 6)))
                found.push(`${tag} to ${to}`);
            if (["b", "strong", "em", "i", "del", "code", "h1", "li"].includes(tag) &&
                words === "evil") found.push(`${tag} of it`);
            if (node.classList.contains("katex")) found.push("a formula");
            if (/skull icon/.test(node.getAttribute("aria-label") || "")) found.push("an icon");
            if (node.getAttribute("alt") === "Streamlit logo") found.push("a logo");
            if (/stMarkdownColored/.test(node.className) && /evil/.test(words) && words.length < 6)
                found.push("a colour");
        }
    };
    look(document);
    if (/\\u{1F480}|\\u{1F4AF}|\\u{1F44D}/u.test(document.body.innerText)) found.push("an emoji");
    return found;
}"""


@pytest.fixture
def evil_server(open_page, run_app, tmp_path):
    """A dashboard of one's own whose models and pictures have hostile names; these pictures."""
    folder, shared = tmp_path / "models", open_page.server
    folder.mkdir()
    kept = hostile_names(folder)
    with run_app(folder) as server:
        open_page.server = server
        yield kept
    open_page.server = shared


def test_no_page_draws_what_names_and_addresses_say(open_page, evil_server):
    one, other = MODELS
    views = [
        ("", {"model": one, "data": evil_server, "recipe": one, "own": "open"}),
        ("", {"like": one, "advanced": "open", "data": evil_server}),
        ("", {"like": "www.evil.tld.", "hide": ALL_HOSTILE}),
        ("latent", {"model": one}),
        ("manifold", {"model": other}),
        ("compression", {"data": evil_server}),
        *(
            ("compression", {"sweep": "own", f"sweep.{field}": text})
            for field, text in (
                ("seeds", "http://evil.tld"),
                ("sizes", "![x](//evil.tld/a)"),
                ("noise", "www.evil.tld"),
                ("l2", ":skull:"),
            )
        ),
        ("models", {"model": one}),
        ("models", {"model": NO_MODEL}),
        ("models", {"model": one, "beside": other}),
        ("tour", {"tour": ALL_HOSTILE}),
    ]
    for path, query in views:
        page = open_page(f"/{path}?{urlencode(query)}")
        page.wait_for_timeout(1_500)
        assert page.evaluate(DRAWN) == [], page.url
        page.context.close()
    # And that nothing was asked of another host: `open_page` says so at its end.
