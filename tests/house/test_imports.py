"""The import line: cli -> worker, sim, replay, local -> lane, wire -> core."""

import ast
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.house.sources import PACKAGE, imported, imported_at_run_time, modules

LOWER = frozenset({"core", "wire", "lane"})
# What each package may import of the others. A package not named here may import all but the command line.
MAY_IMPORT = {
    "core": frozenset(),
    "lane": frozenset(),
    "wire": frozenset({"core"}),
    "local": LOWER,
    "sim": LOWER,
}
# msgspec for records, xxhash to remember ids by: both are functions of their arguments alone.
CORE_MAY_USE = sys.stdlib_module_names | {"msgspec", "xxhash", PACKAGE}
# The rules are told the time, do no IO and draw no lots.
CORE_MUST_NOT_USE = {
    "asyncio",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "time",
}


def part_of(module: str) -> str:
    """Name the package under stream_app that a dotted name lies in."""
    return ([*module.split("."), ""])[1]


def imports_between_parts() -> Iterator[tuple[str, str]]:
    for module, tree in modules().items():
        for name in imported(tree):
            if name.startswith(f"{PACKAGE}.") and part_of(name) != part_of(module):
                yield module, name


def test_imports_follow_the_line() -> None:
    crossings = [
        (module, name)
        for module, name in imports_between_parts()
        if part_of(module) in MAY_IMPORT and part_of(name) not in MAY_IMPORT[part_of(module)]
    ]
    assert crossings == []


def test_nobody_but_python_m_imports_the_command_line() -> None:
    importers = {module for module, name in imports_between_parts() if part_of(name) == "cli"}
    assert importers <= {f"{PACKAGE}.__main__"}


def test_core_knows_the_standard_library_and_pure_functions_alone() -> None:
    used = {
        (module, name) for module, tree in modules().items() if part_of(module) == "core" for name in imported(tree)
    }
    roots = {(module, name.split(".")[0]) for module, name in used}
    assert {(module, root) for module, root in roots if root not in CORE_MAY_USE or root in CORE_MUST_NOT_USE} == set()


@pytest.mark.parametrize("part", ["core", "wire"])
def test_rules_and_contracts_know_no_framework(part: str) -> None:
    frameworks = {"aiokafka", "click", "faust", "mode", "prometheus_client", "rich", "rocksdict"}
    used = {
        name.split(".")[0] for module, tree in modules().items() if part_of(module) == part for name in imported(tree)
    }
    assert used & frameworks == set()


def test_no_module_imports_itself_by_way_of_others() -> None:
    known = modules()
    graph = {
        module: {module_of(name, known) for name in imported_at_run_time(tree)} - {module, ""}
        for module, tree in known.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


def module_of(name: str, known: Mapping[str, ast.Module]) -> str:
    """Find the module behind an imported name, which may be a module or something in one."""
    return next((candidate for candidate in (name, name.rpartition(".")[0]) if candidate in known), "")
