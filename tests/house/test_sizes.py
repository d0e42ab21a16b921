"""Small rooms: modules within 300 lines, no function above 50, most far below."""

import ast
import statistics

from tests.house.sources import ROOT, functions, lines_of, modules

WRITTEN_BY_A_TOOL = "console/store/migrations/versions/"  # Alembic wrote down what the classes had
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
MEDIAN_FUNCTION = 8
NINE_OF_TEN_FUNCTIONS = 25


def ours() -> dict[str, ast.Module]:
    """Give the modules that somebody wrote."""
    written = WRITTEN_BY_A_TOOL.replace("/", ".")
    return {name: tree for name, tree in modules().items() if written not in f"{name}."}


def test_no_module_is_longer_than_300_lines() -> None:
    paths = [path for path in (ROOT / "stream_app").rglob("*.py") if WRITTEN_BY_A_TOOL not in path.as_posix()]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    lengths = {f"{name}.{f.name}": lines_of(f) for name, tree in ours().items() for f in functions(tree)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_half_the_functions_have_8_lines_at_most_and_nine_of_ten_25() -> None:
    lengths = [lines_of(function) for tree in ours().values() for function in functions(tree)]
    assert statistics.median(lengths) <= MEDIAN_FUNCTION
    assert statistics.quantiles(lengths, n=10)[-1] <= NINE_OF_TEN_FUNCTIONS
