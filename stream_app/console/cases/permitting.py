"""Whether a customer may be called now, as a call is reported: the rules are `core.desk.contact`'s."""

from sqlalchemy import Connection, func, select

from stream_app.console.cases.crew import midnight
from stream_app.console.cases.refused import Refused, Why
from stream_app.console.desk import Desk
from stream_app.console.store.work_tables import Book, Contact
from stream_app.core.desk.contact import Contacting, may_call
from stream_app.core.desk.course import CaseState


def check_may_call(connection: Connection, desk: Desk, case: CaseState) -> None:
    """Make sure that a case's customer may be called now; raises Refused, which says why not."""
    now, who = desk.now(), case.subscriber_id
    barred = connection.scalar(select(Book.do_not_call).where(Book.subscriber_id == who))
    is_another_try = case.outcome == "not_reached"
    bears = Contacting(bool(barred), calls_today(connection, desk, who), case.not_before_at, is_another_try)
    permission = may_call(bears, now, desk.policies.in_force(now).desk, desk.policies.calendar)
    if permission.why is not None:
        raise Refused(Why[permission.why.upper()])


def calls_today(connection: Connection, desk: Desk, subscriber_id: str) -> int:
    """Count the calls of a customer on the local day."""
    calls = select(func.count()).where(Contact.subscriber_id == subscriber_id, Contact.at >= midnight(desk))
    return connection.scalar(calls) or 0
