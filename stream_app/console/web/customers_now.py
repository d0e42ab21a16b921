"""Tasks as pages show them: the customer as known now, whatever it was when the case was opened.

Rule: when a case is due, and who may be given it, go by what the case itself holds; nothing here changes that.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from stream_app.console.cases.knowing import know
from stream_app.console.cases.queue import Task
from stream_app.console.desk import Desk
from stream_app.core.desk.heard import Known


class Suggested(NamedTuple):
    """What can be offered to a customer."""

    measures: tuple[str, ...]
    offers: tuple[Mapping[str, Any], ...]


def as_known_now(connection: Connection, desk: Desk, tasks: Sequence[Task]) -> list[Task]:
    """Give tasks the tier, class and ARPU that their customers have now, and leave out what these hold already."""
    known = know(connection, desk, [task.subscriber_id for task in tasks]).known
    return [_shown(task, known.get(task.subscriber_id)) for task in tasks]


def without_held(measures: Sequence[str], offers: Sequence[Mapping[str, Any]], held: Collection[str]) -> Suggested:
    """Leave out of what was suggested the measures that the customer holds, and the offers of them."""
    return Suggested(
        tuple(measure for measure in measures if measure not in held),
        tuple(offer for offer in offers if offer.get("measure") not in held),
    )


def _shown(task: Task, known: Known | None) -> Task:
    if known is None or task.state == "closed":  # a closed case tells what was
        return task
    measures, offers = without_held(task.suggested_measures, task.offers, known.measures)
    shown = task._replace(tier=known.tier, value_class=known.value_class, arpu_fen=known.arpu_fen)
    return shown._replace(suggested_measures=measures, offers=offers)
