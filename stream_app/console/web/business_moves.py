"""The sheets of moves: snapshot cohorts and what became of them, and the tier migration matrix."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stream_app.console.figures import stored
from stream_app.console.figures.cohorts import cohorts
from stream_app.console.figures.migration import LEFT, NEW, NONE, month_before
from stream_app.console.figures.monthly import MIGRATION, RETENTION, retention_key
from stream_app.console.figures.snapshots import NOW
from stream_app.console.figures.stored import Value, of_branch
from stream_app.console.web.asked import Asked
from stream_app.console.web.language import N_
from stream_app.console.web.sheet import Chart, Column, Kind, Series, Sheet, percent, share
from stream_app.console.web.words_of_figures import told

HEADS, BEFORE_FEN, NOW_FEN = range(3)  # of a cell of the matrix
NOBODY = [0, 0, 0]
A_YEAR_DAYS = 366


def cohort_sheets(asked: Asked) -> Iterator[Sheet]:
    """Lay out the cohorts, and one of them in full."""
    known = cohorts(asked.connection)
    keys = {each.cohort: retention_key(each.cohort, NOW) for each in known}
    found = stored.several(asked.connection, RETENTION, list(keys.values()))
    now = {name: of_branch(found.get(key), asked.branch_id) for name, key in keys.items()}
    yield _list(asked, [(each, now[each.cohort].get("all", NOBODY)) for each in known])
    chosen = chosen_cohort(asked)
    if chosen:
        yield _course(asked, chosen)
        yield from _groups(asked, now[chosen])
        if asked.branch_id is None and keys[chosen] in found:
            branches = found[keys[chosen]][stored.BRANCHES]
            rows = {asked.branch(name): value["all"] for name, value in sorted(branches.items())}
            yield _retained(asked, "cohort_branches", (N_("Retention by branch"), N_("Branch")), rows)


def chosen_cohort(asked: Asked) -> str:
    """Name the cohort asked for, else the oldest of the last year, whose course is the longest; empty without any."""
    known = cohorts(asked.connection)
    if asked.choice.cohort in {each.cohort for each in known}:
        return asked.choice.cohort
    recent = [each.cohort for each in known if (asked.today - each.taken_on).days <= A_YEAR_DAYS and each.heads]
    return recent[-1] if recent else next((each.cohort for each in known), "")


def _list(asked: Asked, found: Sequence[tuple[Any, Sequence[int]]]) -> Sheet:
    first = [
        Column("cohort", asked.say(N_("Cohort")), "text"),
        Column("taken_on", asked.say(N_("Taken on")), "text"),
    ]
    rows = [(each.cohort, each.taken_on.isoformat(), *_figures(figures)) for each, figures in found]
    notes = [
        asked.say(
            N_("A cohort is who was dynamic mid-to-high-end as its day began. The base stays: who left is in it.")
        ),
        asked.say(N_("Value retention: on the network, and the last closed month's revenue above the bound.")),
    ]
    return Sheet("cohorts", asked.say(N_("Snapshot cohorts")), [*first, *_columns(asked)], rows, notes=notes)


def _course(asked: Asked, name: str) -> Sheet:
    months = asked.months()[::-1]
    keys = {month: retention_key(name, month) for month in months}
    found = stored.several(asked.connection, RETENTION, list(keys.values()))
    figures = {
        month: of_branch(found[key], asked.branch_id).get("all", NOBODY) for month, key in keys.items() if key in found
    }
    titles = (N_("Retention month by month"), N_("Month"))
    sheet = _retained(asked, "cohort_months", titles, figures)
    series = [
        Series(asked.say(title), [percent(each[place], each[0]) for each in figures.values()])
        for place, title in ((1, N_("Retention")), (2, N_("Value retention")))
    ]
    said = asked.say(N_("Retention of cohort %(name)s at each month's end, in percent."), name=name)
    title = f"{sheet.title}{asked.say(N_(': '))}{name}"
    return sheet._replace(title=title, chart=Chart("line", said, list(figures), series, "percent"))


def _groups(asked: Asked, now: Value) -> Iterator[Sheet]:
    kinds = (
        ("tenures", N_("Retention by tenure"), N_("Tenure"), lambda code: told(asked.spoken, "tenure", code)),
        (
            "measures",
            N_("Retention by measure held on the day"),
            N_("Measure"),
            lambda code: asked.word("measure", code),
        ),
        ("held", N_("Retention by stabilising measures held"), N_("Measures held"), str),
        ("tiers", N_("Retention by tier"), N_("Tier"), asked.tier),
        ("classes", N_("Retention by value class"), N_("Value class"), lambda code: asked.word("value_class", code)),
    )
    for kind, title, column, name in kinds:
        rows = {name(code): figures for code, figures in sorted(now.get(kind, {}).items())}
        yield _retained(asked, f"cohort_{kind}", (title, column), rows)


def _retained(asked: Asked, name: str, titles: tuple[str, str], rows: Mapping[str, Sequence[int]]) -> Sheet:
    first = Column("group", asked.say(titles[1]), "text")
    laid = [(group, *_figures(figures)) for group, figures in rows.items()]
    return Sheet(name, asked.say(titles[0]), [first, *_columns(asked)], laid)


def _columns(asked: Asked) -> list[Column]:
    return [
        Column("heads", asked.say(N_("Frozen"))),
        Column("on_network", asked.say(N_("On the network"))),
        Column("retention", asked.say(N_("Retention")), "share"),
        Column("above", asked.say(N_("Above the bound"))),
        Column("value_retention", asked.say(N_("Value retention")), "share"),
    ]


def _figures(found: Sequence[int]) -> tuple[Any, ...]:
    heads, on_network, above = found
    return heads, on_network, share(on_network, heads), above, share(above, heads)


# ---------------------------------------------------------------------------------------------------------- migration


def move_sheets(asked: Asked) -> Iterator[Sheet]:
    """Lay out the migration matrix of the month asked for: heads, then revenue."""
    month = asked.month()
    cells = asked.figure(MIGRATION, month).get("cells", {}) if month else {}
    span = asked.say(N_("From the tier at the end of %(before)s to that at the end of %(month)s."),
                     before=month_before(month) if month else "", month=month)  # fmt: skip
    yield _matrix(asked, cells, ("moves_heads", N_("Tier migration: customers"), "count"), HEADS)._replace(notes=[span])
    fen = asked.say(N_("Revenue of the month by who moved where; of who left, that of the month before."))
    yield _matrix(asked, cells, ("moves_revenue", N_("Tier migration: revenue"), "yuan"), NOW_FEN)._replace(notes=[fen])


def _matrix(asked: Asked, cells: Value, what: tuple[str, str, Kind], figure: int) -> Sheet:
    name, title, kind = what
    tiers = [tier.code for tier in asked.policy.tiers]
    known = {*cells, *(to for row in cells.values() for to in row)} - {NONE, NEW, LEFT}
    tiers += sorted(known - set(tiers))  # of an earlier policy
    targets = [*tiers, NONE, LEFT]
    columns = [
        Column("from", asked.say(N_("From")), "text"),
        *(Column(to, _place(asked, to), kind) for to in targets),
        Column("all", asked.say(N_("all")), kind),
    ]
    rows: list[tuple[Any, ...]] = []
    for there in (*tiers, NONE, NEW):
        found = [_cell(cells, there, to, figure) for to in targets]
        rows.append((_place(asked, there), *found, sum(found)))
    rows.append((asked.say(N_("all")), *(sum(row[place] for row in rows) for place in range(1, len(columns)))))
    return Sheet(name, asked.say(title), columns, rows if cells else [])


def _cell(cells: Value, there: str, to: str, figure: int) -> int:
    place = BEFORE_FEN if figure == NOW_FEN and to == LEFT else figure
    found: int = cells.get(there, {}).get(to, NOBODY)[place]
    return found


def _place(asked: Asked, code: str) -> str:
    return told(asked.spoken, "place", code) if code in {NONE, NEW, LEFT} else asked.tier(code)
