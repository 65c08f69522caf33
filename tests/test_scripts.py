"""The browser's scripts: no name that is not there, none twice, none that nothing uses."""

import importlib
import re

import pytest

from aeviz.ui.shell import component
from tests.support.script_lint import complaints, needs
from tests.test_architecture import ROOT, UI


@pytest.fixture(scope="module")
def components():
    """Every component's scripts, by its name."""
    for path in UI:
        if "declare(" in path.read_text("utf-8"):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return component.SCRIPTS


def test_the_scripts_of_every_component_are_sound(components, tmp_path):
    scripts = {name for names in components.values() for name in names}
    assert scripts == {
        path.relative_to(ROOT / "aeviz/ui").as_posix() for path in (ROOT / "aeviz").rglob("*.js")
    }
    assert complaints(components, component.read, tmp_path) == []


def test_a_script_begins_with_what_it_holds_and_what_it_needs(components, tmp_path):
    for script, needed in needs(components, component.read, tmp_path).items():
        head = re.match(r"(?:// ?.*\n)+", component.read(script))
        assert head, script
        words = re.sub(r"\n// ?", " ", head[0]).strip()
        said = re.search(r"Needs ([^ ]+(?:, [^ ]+)*)\.$", words)
        assert (said[1].split(", ") if said else []) == needed, script


TOOLS = "// Tools.\nconst draw = (x) => x + WIDTH;\nconst WIDTH = 3;\n"
BOTH = {"film": ("tools.js", "film.js"), "map": ("tools.js", "map.js")}


@pytest.mark.parametrize(
    "film, complaint",
    [
        ("export default () => draw(1);", None),
        ("export default () => drow(1);", "film.js:1: 'drow' is not defined."),
        ("\n\nexport default () => draw(HEIGHT);", "film.js:3: 'HEIGHT' is not defined."),
        ("const draw = 2;\nexport default () => draw;", "film.js:1: Identifier `draw` has"),
        ("function twice() {}\nfunction twice() {}\nexport default twice;", "film.js:2: "),
        ("function idle() {}\nexport default () => draw(1);", "film.js:1: Function 'idle' is"),
        ("export default (x) => { const y = x; draw(x); };", "film.js:1: Variable 'y' is"),
        ("export default () => draw(1)) + 2;", "film.js:1: "),
    ],
)
def test_made_up_scripts_are_seen_through(tmp_path, film, complaint):
    texts = {"tools.js": TOOLS, "film.js": film, "map.js": "export default () => draw(2);"}
    found = complaints(BOTH, texts.get, tmp_path)
    assert len(found) == (complaint is not None), found
    assert not complaint or found[0].startswith(complaint), found


def test_a_shared_script_may_hold_what_some_components_need(tmp_path):
    texts = {"tools.js": TOOLS, "film.js": "export default () => draw(1);", "map.js": "draw;"}
    assert complaints(BOTH, texts.get, tmp_path) == ["map.js:1: Expected expression to be used"]
    texts["map.js"] = "export default () => 0;"
    (tmp_path / "again").mkdir()
    assert complaints(BOTH, texts.get, tmp_path / "again") == []
    texts["film.js"] = texts["map.js"]
    (tmp_path / "neither").mkdir()
    found = complaints(BOTH, texts.get, tmp_path / "neither")
    assert found == ["tools.js:2: Variable 'draw' is declared but never used."]
