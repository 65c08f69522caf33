"""The rules that keep the house in order: which package may import which, and what has one home.

Imports are read from the source (also those inside functions), so a rule holds whether or not a
test happens to run the line that breaks it.
"""

import ast
import graphlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "aeviz"

# From the ground up: a package imports from those in front of its own in this list, and packages of
# one line not from each other. The files beside the packages count as one package, "".
LAYERS = (
    {""},
    {"text", "storage"},
    {"data"},
    {"networks"},
    {"latent", "coding"},
    {"checkpoints", "drawing"},
    {"evaluation"},
    {"training"},
    {"gallery", "sweeps"},
    {"ui/shell"},
    {"ui/catalog"},
    {"ui/pictures"},
    {"ui/film", "ui/live", "ui/own_pictures"},
    {
        "ui/learn",
        "ui/latent",
        "ui/manifold",
        "ui/meaning",
        "ui/compression",
        "ui/models",
        "ui/tour",
    },
    {"ui"},
)

PYTHON = sorted(PACKAGE.rglob("*.py"))
UI = sorted((PACKAGE / "ui").rglob("*.py"))
CORE = [path for path in PYTHON if path not in UI]
PAGES = sorted((PACKAGE / "ui").glob("*/page.py"))
DASHBOARD = PACKAGE / "ui" / "dashboard.py"
APP = [*PYTHON, ROOT / "streamlit_app.py"]
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MAY_IMPORT_TENSORFLOW = {
    f"aeviz/training/{name}.py" for name in ("forward", "loop", "noise", "ordered", "keras_models")
}
MAY_TOUCH_STATE = {"aeviz/ui/shell/state.py"}


TENSORFLOW = {"tensorflow", "keras"}
# Each of these can run code from a file it reads.
CODE_RUNNING_FORMATS = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
# A file with such a name collects whatever has no home.
NAMELESS = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
# Longer files hold two things, longer functions do two things.
FILE_LINES, FUNCTION_LINES, PARAMETERS = 400, 60, 8
# file or "file function": why it may be longer. Five at most.
LONG_FOR_A_REASON: dict[str, str] = {}
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


def package_of(path):
    """The package of a file below aeviz/ as LAYERS names it: "ui/live", "data" (with all below
    it), "" for a file beside the packages."""
    folders = path.relative_to(PACKAGE).parts[:-1]
    return "/".join(folders[:2] if folders[:1] == ("ui",) else folders[:1])


def imported_files(path):
    """The files of ours that a file imports from, anywhere in it."""
    files = {".".join(one.relative_to(ROOT).with_suffix("").parts): one for one in PYTHON}
    return {files[name] for name in imported_modules(path) if name in files} - {path}


def test_the_package_is_where_these_tests_look():
    assert {"aeviz/training/loop.py", "aeviz/networks/autoencoder.py"} <= set(map(relative, CORE))
    assert {"aeviz/ui/shell/state.py", "aeviz/ui/catalog/cache.py"} <= set(map(relative, UI))
    assert len(PAGES) == 7
    assert set(map(package_of, PYTHON)) == set().union(*LAYERS)


def test_imports_point_down():
    floor = {name: number for number, names in enumerate(LAYERS) for name in names}
    upward = {
        f"{relative(path)} imports {relative(other)}"
        for path in PYTHON
        for other in imported_files(path)
        if package_of(path) != package_of(other)
        and floor[package_of(other)] >= floor[package_of(path)]
    }
    assert upward == set()


def test_no_file_imports_itself_through_others():
    graph = {relative(path): set(map(relative, imported_files(path))) for path in PYTHON}
    tuple(graphlib.TopologicalSorter(graph).static_order())  # CycleError names the files


def test_core_knows_no_streamlit():
    assert files_importing(CORE, "streamlit") == set()


def test_only_the_loop_and_keras_models_import_tensorflow():
    assert files_importing(APP, *TENSORFLOW) <= MAY_IMPORT_TENSORFLOW


def test_session_state_and_url_have_one_home():
    assert files_naming(APP, "session_state", "query_params") <= MAY_TOUCH_STATE


def test_streamlit_caches_live_in_files_called_cache():
    caching = files_naming(APP, "cache_data", "cache_resource")
    assert {path for path in caching if not path.endswith("/cache.py")} == set()


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


def test_files_functions_and_signatures_stay_short():
    long = set()
    for path in [*PYTHON, *PACKAGE.rglob("*.js")]:
        if len(path.read_text("utf-8").splitlines()) > FILE_LINES:
            long.add(relative(path))
    for path in PYTHON:
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.FunctionDef):
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                own = [one for one in given if one.arg not in ("self", "cls")]
                if node.end_lineno - node.lineno >= FUNCTION_LINES or len(own) > PARAMETERS:
                    long.add(f"{relative(path)} {node.name}")
    assert len(LONG_FOR_A_REASON) <= 5
    assert long == set(LONG_FOR_A_REASON)


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
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in CORE
        if relative(path) not in MAY_IMPORT_TENSORFLOW and path.stem != "__main__"
    ]
    loaded = modules_after("\n".join(f"import {module}" for module in modules))
    assert loaded & {*TENSORFLOW, "sklearn", "streamlit"} == set()


@pytest.mark.parametrize(
    "page", [None, *PAGES], ids=lambda page: page.parent.name if page else "start"
)
def test_opening_a_page_loads_neither_tensorflow_nor_scikit_learn(page):
    script = (
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(DASHBOARD)!r}, default_timeout=30).run()\n"
    )
    if page:
        script += f"app.switch_page({page.relative_to(DASHBOARD.parent).as_posix()!r}).run()\n"
    script += "assert not app.exception, [error.message for error in app.exception]\n"
    assert modules_after(script) & {*TENSORFLOW, "sklearn"} == set()


def test_asking_one_hidden_control_loads_few_modules():
    script = "from aeviz.ui.shell import hidden_controls\nhidden_controls.is_hidden"
    loaded = [name for name in modules_after(script) if name.split(".")[0] == "aeviz"]
    assert len(loaded) < 30, loaded
