"""Results of calls that the desk's database has lost and the topic task-results still has: taken in again.

Rule: nothing is published, nobody is told. A result counts at the instant of its call; whose call it was the topic does
not say, so it is the manager's who has the case. Notes and scripts stay lost.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from stream_app.console.cases import rows
from stream_app.console.cases.results import Called, Result, take_in
from stream_app.console.desk import Desk
from stream_app.console.store.work_tables import Contact
from stream_app.core.events import ContactResulted


def regain(connection: Connection, desk: Desk, results: Sequence[ContactResulted]) -> int:
    """Take in the results that are not there, in their order; gives how many were found to be lost.

    One of a case that is not there is passed over. `desk` must have no channels.
    """
    ids = [each.event_id for each in results]
    there = set(connection.scalars(select(Contact.event_id).where(Contact.event_id.in_(ids))))
    regained = 0
    for each in results:
        if each.event_id not in there:
            there.add(each.event_id)
            regained += _take_in(connection, desk, each)
    return regained


def _take_in(connection: Connection, desk: Desk, lost: ContactResulted) -> bool:
    case = rows.open_for_change(connection, lost.case_id)
    if case is None or case.subscriber_id != lost.subscriber_id:
        return False
    then = desk._replace(now=lambda: lost.occurred_at)
    result = Result(lost.outcome, lost.measure, lost.reason, lost.competitor_offer)
    take_in(connection, then, case, result, Called(lost.event_id, case.manager_id or "", lost.occurred_at))
    return True
