"""What a supervisor sees of the branch: who has how much to do, what waits, what is late, and what calls bring."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from stream_app.console.access.viewer import Viewer
from stream_app.console.cases.crew import Crew, crew
from stream_app.console.cases.queue import Load, Task, branch_load, branch_reach, overdue, unassigned
from stream_app.console.desk import Desk
from stream_app.console.figures import team
from stream_app.console.web.asked import Asked, Choice
from stream_app.console.web.business_effect import managers_sheet, measures_sheet
from stream_app.console.web.customers_now import as_known_now
from stream_app.console.web.language import N_, Language
from stream_app.console.web.sheet import Cell, Chart, Column, Series, Sheet, share
from stream_app.core.desk.assignment import Wanted, serves
from stream_app.core.desk.threshold import Reach

SHOWN, DAYS_SHOWN, MONTH = 50, 14, timedelta(days=30)


class Team(NamedTuple):
    """What the page shows."""

    loads: Sequence[Load]
    books: Mapping[str, int]
    unassigned: Sequence[Task]
    late: Sequence[Task]
    servers: Mapping[str, Sequence[Load]]  # of each case shown, who else can be given it
    more: Mapping[str, int]  # of each list, how many are not shown
    reach: Reach
    sheets: Sequence[Sheet]

    @property
    def names(self) -> dict[str, str]:
        """Give the phone managers' names."""
        return {load.user_id: load.name for load in self.loads}

    @property
    def present(self) -> list[Load]:
        """List who can be given a case."""
        return [load for load in self.loads if not load.is_absent]


def read_team(connection: Connection, desk: Desk, viewer: Viewer, spoken: Language) -> Team:
    """Read what a supervisor's page shows."""
    asked = Asked(connection, desk, spoken, viewer.branch_id, Choice())
    given = (connection, viewer.branch_id, asked.now, asked.policy)
    waiting, late = unassigned(*given), [each for each in overdue(*given) if each.manager_id is not None]
    loads, first, latest = branch_load(*given), waiting[:SHOWN], late[:SHOWN]
    servers = _servers(crew(connection, desk), loads, [*first, *latest])
    return Team(
        loads,
        team.book_sizes(connection, viewer.branch_id),
        as_known_now(connection, desk, first),
        as_known_now(connection, desk, latest),
        servers,
        {"unassigned": max(0, len(waiting) - SHOWN), "late": max(0, len(late) - SHOWN)},
        branch_reach(*given),
        _sheets(asked),
    )


def _servers(staff: Crew, loads: Sequence[Load], tasks: Sequence[Task]) -> dict[str, list[Load]]:
    """Find who can be given each case, as `assigning.assign` checks it: who is here and serves its branch and tier."""
    present = [(load, found) for load in loads if (found := staff.of(load.user_id)) and found.is_present]
    servers = {}
    for task in tasks:
        wanted = Wanted(task.subscriber_id, task.branch_id, task.tier)
        others = (pair for pair in present if pair[0].user_id != task.manager_id)
        servers[task.case_id] = [load for load, found in others if serves(found, wanted)]
    return servers


def _sheets(asked: Asked) -> list[Sheet]:
    known = team.names(asked.connection, asked.branch_id)
    return [_days(asked), _outcomes(asked, known), measures_sheet(asked), managers_sheet(asked, known)]


def _days(asked: Asked) -> Sheet:
    days: list[date] = [asked.today - timedelta(days=back) for back in range(DAYS_SHOWN - 1, -1, -1)]
    calls = team.calls_by_day(asked.connection, asked.branch_id, days, asked.desk.policies.calendar)
    columns = [
        Column("day", asked.say(N_("Day")), "text"),
        Column("calls", asked.say(N_("Calls"))),
        *_outcome_columns(asked),
    ]
    series = [
        Series(asked.word("outcome", outcome), [each.outcomes[place] for each in calls])
        for place, outcome in enumerate(team.OUTCOMES)
    ]
    said = asked.say(N_("Calls a day by what came of them, over two weeks."))
    rows: list[tuple[Cell, ...]] = [(each.group, each.all, *each.outcomes) for each in calls]
    chart = Chart("stacked", said, [each.group[5:] for each in calls], series)
    return Sheet("calls", asked.say(N_("Calls a day")), columns, rows[::-1], chart)


def _outcomes(asked: Asked, names: Mapping[str, str]) -> Sheet:
    calls = team.calls_by_phone_manager(asked.connection, asked.branch_id, asked.now - MONTH)
    columns = [
        Column("manager", asked.say(N_("Phone manager")), "text"),
        Column("calls", asked.say(N_("Calls"))),
        *_outcome_columns(asked),
        Column("accepted_share", asked.say(N_("Share accepted")), "share"),
    ]
    rows: list[tuple[Cell, ...]] = [
        (names.get(each.group, each.group), each.all, *each.outcomes, share(each.outcomes[0], each.all))
        for each in calls
    ]
    return Sheet("outcomes", asked.say(N_("Results of the last 30 days")), columns, rows)


def _outcome_columns(asked: Asked) -> list[Column]:
    return [Column(outcome, asked.word("outcome", outcome)) for outcome in team.OUTCOMES]
