"""Names that say nothing are not used."""

import ast
from collections.abc import Iterator

from tests.house.sources import modules

SAYS_NOTHING = {"process", "info", "util", "utils", "helper", "helpers", "manager"}


def words_of(name: str) -> set[str]:
    """Split snake_case and CamelCase."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return set(spaced.replace("_", " ").replace(".", " ").split())


def names_that_we_chose(tree: ast.Module) -> Iterator[str]:
    """Name functions and classes, except those that override or extend what a framework has named."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and not node.bases:
            yield node.name
            yield from (part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))
    yield from (node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def says_nothing(name: str) -> bool:
    return bool(words_of(name) & SAYS_NOTHING) and "phone_manager" not in name and "PhoneManager" not in name


def test_names_say_something() -> None:
    chosen = {name for module, tree in modules().items() for name in (module, *names_that_we_chose(tree))}
    assert {name for name in chosen if says_nothing(name) or name == "handle_data"} == set()
