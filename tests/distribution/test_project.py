"""What the project declares agrees with what it uses."""

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SOURCES = ("pandanet_core", "app", "tests", "benchmarks", "tools")
OURS = {"pandanet_core", "pandanet_app", "tests", "benchmarks", "shared_data"}
INSTALLED_WITHOUT_ITS_NEEDS = {"anny"}


def declared() -> set[str]:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return {canonicalize_name(Requirement(text).name) for group in groups for text in group}


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def imported() -> set[str]:
    names: set[str] = set()
    for path in (path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names - OURS - set(sys.stdlib_module_names)


def test_every_import_is_a_declared_dependency() -> None:
    distributions = packages_distributions()
    known = declared() | INSTALLED_WITHOUT_ITS_NEEDS
    undeclared = {
        name for name in imported() if known.isdisjoint(map(canonicalize_name, distributions[name]))
    }
    assert not undeclared


def test_every_dependency_is_pinned_to_what_is_installed() -> None:
    pins = pinned()
    assert declared() | INSTALLED_WITHOUT_ITS_NEEDS <= pins.keys()
    installed = {name: version(name).split("+")[0] for name in pins}
    assert installed == pins


def test_the_layers_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
