"""The rules that keep the parts apart: pages -> ui -> core, and TensorFlow in two files only.

Imports are read from the source (also those inside functions), so a rule holds whether or not a
test happens to run the line that breaks it.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "aeviz"

CORE = sorted(PACKAGE.glob("*.py"))
UI = sorted((PACKAGE / "ui").rglob("*.py"))
PAGES = sorted(path for path in (PACKAGE / "pages").glob("*.py") if path.name != "__init__.py")
APP = [*CORE, *UI, *PAGES, ROOT / "streamlit_app.py"]
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MAY_IMPORT_TENSORFLOW = {"aeviz/training.py", "aeviz/keras_export.py"}
MAY_TOUCH_STATE = {"aeviz/ui/state.py"}
MAY_CACHE = {"aeviz/ui/resources.py"}

TENSORFLOW = {"tensorflow", "keras"}
# Each of these can run code from a file it reads.
CODE_RUNNING_FORMATS = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
# A file with such a name collects whatever has no home.
NAMELESS = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
# A page longer than this has a panel in it that wants a file of its own.
PAGE_LINES = 140
TOP_LEVEL = {
    ".ci",
    ".readme",
    ".gitignore",
    ".streamlit",
    "LICENSE",
    "README.md",
    "aeviz",
    "pretrained",
    "pyproject.toml",
    "requirements.txt",
    "streamlit_app.py",
    "tests",
}


def relative(path):
    return path.relative_to(ROOT).as_posix()


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_modules(path):
    """Every module the file imports, anywhere in it, as absolute dotted names.

    `from aeviz import ui` gives both "aeviz" and "aeviz.ui"; relative imports are resolved;
    `importlib.import_module("x")` and `__import__("x")` count too.
    """
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(parse(path)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                parents = package[: len(package) - level + 1] if level else ()
                base = ".".join([*parents, *([module] if module else [])])
                yield base
                yield from (f"{base}.{alias.name}" for alias in names)
            case ast.Call(
                func=ast.Attribute(attr="import_module")
                | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def files_importing(paths, *forbidden):
    """The files among `paths` that import one of the modules (or something below it)."""
    return {
        relative(path)
        for path in paths
        for module in imported_modules(path)
        if any(module == name or module.startswith(f"{name}.") for name in forbidden)
    }


def files_naming(paths, *names):
    """The files among `paths` with `something.name` or `from something import name` in them."""
    found = set()
    for path in paths:
        for node in ast.walk(parse(path)):
            match node:
                case ast.Attribute(attr=name) if name in names:
                    found.add(relative(path))
                case ast.ImportFrom(names=aliases) if {alias.name for alias in aliases} & {*names}:
                    found.add(relative(path))
    return found


def test_the_package_is_where_these_tests_look():
    assert {"aeviz/training.py", "aeviz/autoencoder.py"} <= set(map(relative, CORE))
    assert {"aeviz/ui/state.py", "aeviz/ui/resources.py"} <= set(map(relative, UI))
    assert PAGES


def test_core_knows_neither_streamlit_nor_ui_nor_pages():
    assert files_importing(CORE, "streamlit", "aeviz.ui", "aeviz.pages") == set()


def test_ui_does_not_import_pages():
    assert files_importing(UI, "aeviz.pages") == set()


def test_only_training_and_keras_export_import_tensorflow():
    assert files_importing(APP, *TENSORFLOW) <= MAY_IMPORT_TENSORFLOW


def test_session_state_and_url_have_one_home():
    assert files_naming(APP, "session_state", "query_params") <= MAY_TOUCH_STATE


def test_streamlit_caches_have_one_home():
    assert files_naming(APP, "cache_data", "cache_resource") <= MAY_CACHE


def test_nothing_reads_a_format_that_can_run_code():
    assert files_importing(APP, *CODE_RUNNING_FORMATS) == set()
    allowing = {
        relative(path)
        for path in APP
        for node in ast.walk(parse(path))
        if isinstance(node, ast.keyword)
        and node.arg == "allow_pickle"
        and not (isinstance(node.value, ast.Constant) and node.value.value is False)
    }
    assert allowing == set()


def test_pages_stay_short():
    lengths = {relative(page): len(page.read_text("utf-8").splitlines()) for page in PAGES}
    assert {page: lines for page, lines in lengths.items() if lines > PAGE_LINES} == {}


def test_file_names_say_what_is_inside():
    nameless = {
        relative(path)
        for path in [*APP, *TESTS]
        if NAMELESS & {*path.relative_to(ROOT).parts, *path.stem.split("_")}
    }
    assert nameless == set()


def test_top_level_holds_nothing_else():
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    # A copy without its history has nothing to list; its owner's own files are not our business.
    entries = {name.split("/")[0] for name in listing.stdout.split("\0") if name}
    assert entries <= TOP_LEVEL


def modules_after(script):
    """Names of the modules loaded once a fresh Python has run `script` in the project's root."""
    script += "\nimport json, sys\nprint('modules', json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1].removeprefix("modules ")))


def test_importing_the_core_loads_neither_tensorflow_nor_scikit_learn():
    modules = [
        "aeviz" if path.stem == "__init__" else f"aeviz.{path.stem}"
        for path in CORE
        if relative(path) not in MAY_IMPORT_TENSORFLOW
    ]
    loaded = modules_after("\n".join(f"import {module}" for module in modules))
    assert loaded & {*TENSORFLOW, "sklearn", "streamlit"} == set()


@pytest.mark.parametrize("page", [None, *PAGES], ids=lambda page: page.stem if page else "start")
def test_opening_a_page_loads_neither_tensorflow_nor_scikit_learn(page):
    script = (
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'streamlit_app.py')!r}, default_timeout=30).run()\n"
    )
    if page:
        script += f"app.switch_page({relative(page)!r}).run()\n"
    script += "assert not app.exception, [error.message for error in app.exception]\n"
    assert modules_after(script) & {*TENSORFLOW, "sklearn"} == set()
