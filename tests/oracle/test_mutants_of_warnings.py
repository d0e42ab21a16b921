"""Fixed lives tell every indicator and level gone wrong from the rules; with them the judge agrees when nothing is."""

import os
from pathlib import Path

import pytest
from hypothesis import given, seed

from tests.oracle.cases import Case, Stream, save
from tests.oracle.corpus import ROUND
from tests.oracle.judge import Verdict
from tests.oracle.mutants_of_warnings import MUTANTS
from tests.oracle.mutation import Mutant, Target, copied, judged, run
from tests.oracle.warning_streams import focused_lives, lives
from tests.oracle.warnings import answer

# All mutants take some minutes, and few lives tell few of them for certain: they are tried with ALL_MUTANTS set.
IN_FULL = bool(os.environ.get("ALL_MUTANTS"))
TRIED = MUTANTS if IN_FULL else ()
STRATEGIES = (
    focused_lives(paced=False),
    focused_lives(paced=True),
    lives(paced=True),
    lives(paced=False),
    lives(paced=True, every=7),
    lives(paced=False, every=7),
)
ENGINE = Target("stream_app", "stream_app", "tests.oracle.warnings:engine_answer")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warnings") / "cases.pickle"
    save(
        path,
        [
            Case(stream, answer(*stream))
            for number in range(len(STRATEGIES) if IN_FULL else 1)
            for stream in _round(number)
        ],
    )
    return path


def _round(number: int) -> list[Stream]:
    drawn: list[Stream] = []

    @seed(number)
    @ROUND
    @given(STRATEGIES[number])
    def keep(stream: Stream) -> None:
        drawn.append(stream)

    keep()
    return drawn


@pytest.mark.slow
def test_without_a_mutation_the_judge_agrees(cases: Path, tmp_path: Path) -> None:
    copied(ENGINE, tmp_path)
    result = run(ENGINE, cases, tmp_path)
    assert result.verdict is Verdict.AGREES, result.said


@pytest.mark.slow
@pytest.mark.parametrize("mutant", TRIED, ids=lambda mutant: mutant.name)
def test_an_indicator_or_level_gone_wrong_is_told(mutant: Mutant, cases: Path, tmp_path: Path) -> None:
    result = judged(mutant, ENGINE, cases, tmp_path)
    assert result.verdict is Verdict.DIFFERS, result.said
