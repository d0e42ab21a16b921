"""What must be so after every walk, whatever it was about."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from stream_app.console.store.database import open_engine, reading
from stream_app.console.store.work_tables import Case
from tests.walks.stack import Stack
from tests.walks.truth import differences, expected, found


def exact(
    stack: Stack, *, policies: Sequence[Path] = (), repeats: bool = False, set_aside: int = 0
) -> None:  # fmt: skip
    """Hold facts and state against what the rules alone make of all that was published; write it down."""
    paths = policies or [stack.folder / "policy.yaml"]
    seen = found(*stack.place(), paths)
    wanted = expected(stack.billing.told, paths)
    wanted = wanted._replace(rejected=sorted([*wanted.rejected, *["unknown_type"] * set_aside]))
    wrong = differences(seen.outcome, wanted)
    assert not wrong, f"found, and expected: {wrong}"
    assert repeats or not seen.repeated, f"{seen.repeated} facts came twice"
    outcome = seen.outcome
    again = f", {seen.repeated} of them again by the same fact_id" if seen.repeated else ", none of them twice"
    stack.transcript.note(
        f"exact: {len(stack.billing.told):,} records, {len(outcome.subscribers)} subscribers, {len(outcome.months())} "
        f"months, {sum(outcome.duplicates.values())} duplicates, {len(outcome.rejected):,} dead letters as the rules "
        f"alone make them; {len(outcome.rows) + len(outcome.changes) + len(outcome.warnings):,} facts{again}"
    )


def told_once(stack: Stack) -> None:
    """Nobody was told anything twice."""
    assert stack.ears.twice() == []
    cases = cases_of(stack)
    assert cases, "no case at the desk: nobody could have been told twice"
    assert stack.ears.heard, "nobody was told anything"
    stack.transcript.note(f"{len(cases)} cases at the desk, {len(stack.ears.heard)} messages sent, none of them twice")


def cases_of(stack: Stack) -> dict[str, str]:
    """Read the cases of the desk: by id, who they are about."""
    engine = open_engine(stack.database_url)
    try:
        with reading(engine) as connection:
            rows = connection.execute(select(Case.case_id, Case.subscriber_id))
            return {row.case_id: row.subscriber_id for row in rows}
    finally:
        engine.dispose()
