"""What worked: how often a script was used, accepted, and the customer kept (DOMAIN section 6)."""

from typing import NamedTuple

from sqlalchemy import Connection, and_, case, func, select

from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Contact


class Rating(NamedTuple):
    """Calls that used a script, those that were accepted, and those whose customer is on the network now."""

    uses: int = 0
    accepted: int = 0
    kept: int = 0


def ratings(connection: Connection) -> dict[str, Rating]:
    """Rate the scripts that were used, by their ids."""
    accepted = func.sum(case((Contact.outcome == "accepted", 1), else_=0))
    kept = func.sum(case((and_(Customer.subscriber_id.is_not(None), Customer.on_network), 1), else_=0))
    query = (
        select(Contact.script_id, func.count(), accepted, kept)
        .outerjoin(Customer, Customer.subscriber_id == Contact.subscriber_id)
        .where(Contact.script_id.is_not(None))
        .group_by(Contact.script_id)
    )
    return {script_id: Rating(uses, int(yes), int(stay)) for script_id, uses, yes, stay in connection.execute(query)}
