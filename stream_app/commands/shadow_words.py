"""What a candidate policy would change, as a table, and the option that says what a branch can do in a day."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from stream_app.commands.common import WrongUse

CALLS_A_DAY = 40  # of a branch: what one phone manager gets done
SHOWN_BRANCHES = 20
HEADING = "tasks by branch       a day     live  busiest  candidate  busiest  days over"

capacity_option = click.option(
    "--capacity",
    "capacities",
    multiple=True,
    metavar="N|BRANCH=N",
    help=f"Tasks that a branch can do in a day, for all or for one; again for another. {CALLS_A_DAY} by default.",
)


def capacity_of(given: Sequence[str]) -> Callable[[str], int]:
    """Read the capacities given; raises WrongUse."""
    found: dict[str | None, int] = {None: CALLS_A_DAY}
    for text in given:
        branch, is_for_one, number = text.rpartition("=")
        if not number.isdecimal():
            message = f"--capacity {text!r}: write a number of tasks a day, such as 40, or a branch's, such as north=60"
            raise WrongUse(message)
        found[branch if is_for_one else None] = int(number)
    return lambda branch_id: found.get(branch_id, found[None])


def shadow_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Lay a report out as text."""
    customers, changed = report["customers"], report["changed"]
    share = 100 * changed / customers if customers else 0.0
    yield f"{report['candidate']} beside {report['live']}: {changed:,} of {customers:,} customers differ ({share:.1f}%)"
    for move in report["moves"]:
        moved = f"{_name(move['live']):>9} -> {_name(move['candidate']):<9} {move['customers']:>9,}"
        yield f"  {move['of']:<5} {moved}  such as {', '.join(move['examples'])}"
    if report["branches"]:
        yield HEADING
    for branch in report["branches"][:SHOWN_BRANCHES]:
        live, candidate = branch["tasks_live"], branch["tasks_candidate"]
        yield (
            f"  {branch['branch_id'] or 'without a branch':<18} {branch['capacity_a_day']:>6} {live['total']:>8,} "
            f"{live['busiest_day']:>8,} {candidate['total']:>10,} {candidate['busiest_day']:>8,} "
            f"{candidate['days_over_capacity']:>10,}"
        )
    more = len(report["branches"]) - SHOWN_BRANCHES
    if more > 0:
        yield f"  and {more:,} more branches"


def _name(code: str | None) -> str:
    return code or "none"
