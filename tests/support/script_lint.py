"""Checks the browser's scripts with oxlint (pip brings its program), as the browser gets them.

A component's scripts are one module, joined in their order. So a name must come from one of them or
from the browser, may be declared once in a module, and must be used somewhere: a shared script may
hold what only some of its components need.
"""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# `({ a, ...rest }) => rest` names what it leaves out.
KEPT_OUT = ["error", {"ignoreRestSiblings": True}]
RULES = {
    "env": {"browser": True, "es2024": True},
    "categories": {"correctness": "error"},
    "rules": {"no-undef": "error", "no-redeclare": "error", "no-unused-vars": KEPT_OUT},
}


def complaints(
    components: Mapping[str, Sequence[str]], read: Callable[[str], str], folder: Path
) -> list[str]:
    """What is wrong with the components' scripts, as "file:line: sentence", sorted.

    Args:
        components: names of components, each with its scripts in their order.
        read: text of a script, by its name.
        folder: an empty one to work in.
    """
    homes: dict[str, list[tuple[str, int]]] = {}  # of each module's lines: script and line in it
    for name, scripts in components.items():
        texts = [(script, read(script).splitlines()) for script in scripts]
        homes[f"{name}.mjs"] = [(s, i) for s, lines in texts for i in range(1, len(lines) + 1)]
        module = "\n".join(line for _, lines in texts for line in lines)
        (folder / f"{name}.mjs").write_text(f"{module}\n", encoding="utf-8")
    found: dict[str, tuple[str, set[str]]] = {}
    for problem in _oxlint(folder):
        module = Path(problem["filename"]).name
        # A name that is declared twice is reported where it stood first: say where it came again.
        line = max((label["span"]["line"] for label in problem["labels"]), default=1)
        script, line = homes[module][min(line, len(homes[module])) - 1]
        complaint = f"{script}:{line}: {problem['message']}"
        found.setdefault(complaint, (script, set()))[1].add(module.removesuffix(".mjs"))
    return sorted(
        complaint
        for complaint, (script, modules) in found.items()
        if "never used" not in complaint
        or modules == {name for name, scripts in components.items() if script in scripts}
    )


def needs(
    components: Mapping[str, Sequence[str]], read: Callable[[str], str], folder: Path
) -> dict[str, list[str]]:
    """Which scripts of its components each script takes names from, sorted."""
    alone = {script: (script,) for scripts in components.values() for script in scripts}
    files = {script.replace("/", "."): (script,) for script in alone}
    foreign: dict[str, set[str]] = {script: set() for script in alone}
    for complaint in complaints(files, read, folder):
        if match := re.fullmatch(r"(.+?):\d+: '(.+)' is not defined\.", complaint):
            foreign[match[1]].add(match[2])
    declared = {
        script: set(re.findall(r"^(?:async )?(?:function|const|let) (\w+)", read(script), re.M))
        for script in alone
    }
    beside = {
        script: {other for scripts in components.values() if script in scripts for other in scripts}
        for script in alone
    }
    return {
        script: sorted(other for other in beside[script] if names & declared[other])
        for script, names in foreign.items()
    }


def _oxlint(folder: Path) -> list[dict]:
    (folder / ".oxlintrc.json").write_text(json.dumps(RULES), encoding="utf-8")
    program = Path(sysconfig.get_path("scripts"), "oxlint")
    done = subprocess.run(
        [program, "--format=json", "."], cwd=folder, capture_output=True, text=True, timeout=60
    )
    return json.loads(done.stdout)["diagnostics"]
