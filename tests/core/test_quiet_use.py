"""A use that takes more than sums is not worked the short way (mutants of that way: tests/oracle/engine_mutants.py)."""

from tests.core.builders import Story, usage


def test_a_use_before_the_first_month_makes_its_own_month_the_first() -> None:
    told = Story()
    told.tick("2024-02-01T12:00")  # January is over, and not closed yet
    told.take(usage("2024-02-01", 1), usage("2024-01-30", 2))
    told.tick("2024-02-10")
    assert told.rows["2024-01"].revenue_fen == 2
