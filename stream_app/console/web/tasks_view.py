"""What the pages of tasks show, read in one go: my list, and one case with all that helps the call."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, exists, select

from stream_app.console.access.viewer import Viewer
from stream_app.console.cases import queue
from stream_app.console.cases.results import measures_known
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading
from stream_app.console.store.read_tables import Sign
from stream_app.console.store.work_tables import Case, CaseEvent, Script, User
from stream_app.console.web.customers_now import as_known_now
from stream_app.console.web.live import last_event
from stream_app.console.web.scripts_view import RatedScript, best_for
from stream_app.core.desk.heard import ground

SCRIPTS_A_CARD = 2
Signs = Mapping[str, Sequence[Row[Any]]]  # by case: what the customer did since its reasons were told
LATER = frozenset({"not_before", "try_again"})  # put off: they are shown apart


class Given(NamedTuple):
    """What somebody wrote into a form that was refused: it is shown again, with the words why."""

    fields: Mapping[str, str]
    error: str


class TaskList(NamedTuple):
    """A phone manager's day."""

    now: Sequence[queue.Task]
    later: Sequence[queue.Task]  # put off to a day agreed, or to another try
    waiting: Sequence[queue.Task]  # a measure was accepted, its enrolment is awaited
    scripts: Sequence[Row[Any]]
    shown_to: int  # the number of the last case event that it knows of
    news: Sequence[str]  # the customers whose cases moved since the event that was asked from
    signs: Signs

    def scripts_for(self, task: queue.Task) -> list[Row[Any]]:
        """Give the scripts for what is suggested, the first suggested first."""
        rank = {measure: place for place, measure in enumerate(task.suggested_measures)}
        fitting = [script for script in self.scripts if script.measure in rank]
        return sorted(fitting, key=lambda script: rank[script.measure])[:SCRIPTS_A_CARD]


class CasePage(NamedTuple):
    """One case, with all that helps the call."""

    task: queue.Task
    view: queue.CaseView
    scripts: Sequence[RatedScript]
    measures: Sequence[str]
    names: Mapping[str, str]  # of the people in its log
    is_mine: bool
    shown_to: int
    signs: Sequence[Row[Any]]  # what the customer did since the reasons were told


def read_tasks(desk: Desk, viewer: Viewer, language: str, after: int = 0) -> TaskList:
    """Read a phone manager's list, and what is new in it after a case event; scripts in the language come first."""
    now = desk.now()
    policy = desk.policies.in_force(now)
    with reading(desk.engine) as connection:
        shown_to = last_event(connection)
        mine = as_known_now(connection, desk, queue.my_tasks(connection, viewer.user_id, now, policy))
        waiting = as_known_now(connection, desk, queue.my_waiting(connection, viewer.user_id, now, policy))
        signs = _signs(connection, [*mine, *waiting])
        news = _moved(connection, [task.case_id for task in (*mine, *waiting)], after)
        scripts = connection.execute(select(*Script.__table__.c).where(Script.is_shared).order_by(Script.title)).all()
    scripts = sorted(scripts, key=lambda script: script.language != language)
    later = [task for task in mine if task.permission.why in LATER]
    at_once = [task for task in mine if task.permission.why not in LATER]
    return TaskList(at_once, later, waiting, scripts, shown_to, news, signs)


def _signs(connection: Connection, tasks: Sequence[queue.Task]) -> Signs:
    """Find what the engine counted without telling: it tells again when the level or the leading reason changes."""
    found: dict[str, list[Row[Any]]] = {task.case_id: [] for task in tasks}
    theirs = {task.subscriber_id: task for task in tasks if task.kind == "keep"}  # one case a customer is not closed
    if not theirs:
        return found
    told = {
        whose: max((each.occurred_at for each in task.reasons), default=task.opened_at)
        for whose, task in theirs.items()
    }
    wanted = select(*Sign.__table__.c).where(Sign.subscriber_id.in_(theirs), Sign.occurred_at > min(told.values()))
    for row in connection.execute(wanted.order_by(Sign.occurred_at.desc())):
        if row.occurred_at > told[row.subscriber_id]:
            found[theirs[row.subscriber_id].case_id].append(row)
    return found


def _moved(connection: Connection, case_ids: Sequence[str], after: int) -> Sequence[str]:
    moved = exists().where(CaseEvent.case_id == Case.case_id, CaseEvent.event_no > after)
    wanted = select(Case.subscriber_id).where(Case.case_id.in_(case_ids), moved).order_by(Case.case_id)
    return connection.execute(wanted).scalars().all()


def read_case(connection: Connection, desk: Desk, viewer: Viewer, case_id: str, language: str) -> CasePage | None:
    """Read one case, with scripts of the page's language first; None where there is none."""
    stands_on = ground(desk.policies, desk.now())
    task = queue.task(connection, case_id, stands_on.now, stands_on.policy)
    view = queue.case_view(connection, case_id)
    if task is None or view is None:
        return None
    task = as_known_now(connection, desk, [task])[0]
    return CasePage(
        task,
        view,
        best_for(connection, stands_on.now, task.suggested_measures, language),
        measures_known(view.case, stands_on),
        _names(connection, view),
        task.manager_id == viewer.user_id,
        last_event(connection),
        _signs(connection, [task])[task.case_id],
    )


def _names(connection: Connection, view: queue.CaseView) -> dict[str, str]:
    ids = {str(event.detail[key]) for event in view.events for key in ("from", "to") if event.detail.get(key)}
    rows = connection.execute(select(User.user_id, User.name).where(User.user_id.in_(ids)))
    return {row.user_id: row.name for row in rows}
