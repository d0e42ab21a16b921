"""The fixed streams tell every mutant from the contract."""

from pathlib import Path

import pytest

from tests.oracle.cases import save
from tests.oracle.corpus import cases as drawn_cases
from tests.oracle.engine_mutants import ENGINE_MUTANTS
from tests.oracle.judge import Verdict
from tests.oracle.mutants import ORACLE_MUTANTS
from tests.oracle.mutation import ENGINE, ORACLE, Mutant, Target, copied, judged, patch, run

CASES = 300
TARGETS = [ENGINE, ORACLE]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("oracle") / "cases.pickle"
    save(path, drawn_cases(CASES))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.folder)
def test_without_a_mutation_the_judge_agrees(target: Target, cases: Path, tmp_path: Path) -> None:
    copied(target, tmp_path)
    result = run(target, cases, tmp_path)
    assert result.verdict is Verdict.AGREES, result.said


@pytest.mark.slow
@pytest.mark.parametrize("mutant", ENGINE_MUTANTS, ids=lambda mutant: mutant.name)
def test_a_rule_of_the_engine_gone_wrong_is_told(mutant: Mutant, cases: Path, tmp_path: Path) -> None:
    result = judged(mutant, ENGINE, cases, tmp_path)
    assert result.verdict is Verdict.DIFFERS, result.said


@pytest.mark.slow
@pytest.mark.parametrize("mutant", ORACLE_MUTANTS, ids=lambda mutant: mutant.name)
def test_a_rule_of_the_oracle_gone_wrong_is_told(mutant: Mutant, cases: Path, tmp_path: Path) -> None:
    result = judged(mutant, ORACLE, cases, tmp_path)
    assert result.verdict is Verdict.DIFFERS, result.said


def test_a_mutant_whose_snippet_is_gone_is_no_mutant(tmp_path: Path) -> None:
    copied(ORACLE, tmp_path)
    with pytest.raises(ValueError, match="0 times"):
        patch(Mutant("gone", "tests/oracle/rules.py", "no such snippet", ""), tmp_path)
