"""Small rooms: modules within 300 lines, no function above 50, most far below."""

import statistics

from tests.house.sources import ROOT, functions, lines_of, modules

LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
MEDIAN_FUNCTION = 8
NINE_OF_TEN_FUNCTIONS = 25


def test_no_module_is_longer_than_300_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "stream_app").rglob("*.py")}
    assert {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    lengths = {f"{name}.{f.name}": lines_of(f) for name, tree in modules().items() for f in functions(tree)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_half_the_functions_have_8_lines_at_most_and_nine_of_ten_25() -> None:
    lengths = [lines_of(function) for tree in modules().values() for function in functions(tree)]
    assert statistics.median(lengths) <= MEDIAN_FUNCTION
    assert statistics.quantiles(lengths, n=10)[-1] <= NINE_OF_TEN_FUNCTIONS
