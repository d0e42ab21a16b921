"""The sheets of counts: mid-to-high-end customers day by day and month by month, their make-up, growth to a target."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stream_app.console.figures import stored
from stream_app.console.figures.cohorts import cohorts
from stream_app.console.figures.daily import DAY
from stream_app.console.figures.monthly import MONTH, RETENTION, retention_key
from stream_app.console.figures.snapshots import NOW
from stream_app.console.figures.stored import Value, of_branch
from stream_app.console.web.asked import Asked
from stream_app.console.web.language import N_
from stream_app.console.web.sheet import Chart, Column, Series, Sheet, share
from stream_app.console.web.words_of_figures import told
from stream_app.core.desk.growth import Growth, YearToGo, growth, year_to_go, yearly_average
from stream_app.core.months import month_name, month_number

CLASSES = ("important", "ordinary", "irregular", "churn_inclined")
DAYS_SHOWN, MONTHS_SHOWN = 90, 24
MOST = 10**9
PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]+)?")


def count_sheets(asked: Asked) -> Iterator[Sheet]:
    """Lay out the counts."""
    days = {key: of_branch(value, asked.branch_id) for key, value in _latest(asked, DAY, DAYS_SHOWN).items()}
    days = {key: value for key, value in days.items() if value}
    yield _days(asked, days)
    yield from _make_up(asked, days)
    yield _months(asked)
    yield _years(asked)


def _latest(asked: Asked, name: str, count: int) -> dict[str, Value]:
    return stored.latest(asked.connection, name, count)


def _days(asked: Asked, days: Mapping[str, Value]) -> Sheet:
    dynamic, assessed = asked.say(N_("dynamic mid-to-high-end")), asked.say(N_("assessed mid-to-high-end"))
    pool = asked.say(N_("growth pool"))
    columns = [
        Column("day", asked.say(N_("Day")), "text"),
        Column("dynamic", dynamic),
        Column("assessed", assessed),
        Column("pool", pool),
        *(Column(name, asked.word("value_class", name)) for name in CLASSES),
    ]
    counts = ("dynamic", "assessed", "pool")
    rows = [
        (day, *(value[name] for name in counts), *(value["classes"].get(name, 0) for name in CLASSES))
        for day, value in days.items()
    ]
    series = [Series(title, [row[place] for row in rows]) for place, title in enumerate((dynamic, assessed, pool), 1)]
    said = asked.say(N_("Mid-to-high-end customers day by day; the figures are in the table below."))
    notes = [asked.say(N_("Counted as each day ends; the last day so far. On the network, by the last closed month."))]
    return Sheet(
        "days", asked.say(N_("Daily count")), columns, rows[::-1], Chart("line", said, list(days), series), notes
    )


def _make_up(asked: Asked, days: Mapping[str, Value]) -> Iterator[Sheet]:
    last = days[max(days)] if days else {}
    ranks = {tier.code: place for place, tier in enumerate(asked.policy.tiers)}
    kinds = (
        ("classes", N_("Make-up by value class"), N_("Value class"), lambda code: asked.word("value_class", code)),
        ("tiers", N_("Make-up by tier"), N_("Tier"), asked.tier),
        ("tenures", N_("Make-up by tenure"), N_("Tenure"), lambda code: told(asked.spoken, "tenure", code)),
    )
    for kind, title, column, name in kinds:
        groups = last.get(kind, {})
        ordered = sorted(groups, key=lambda code: (ranks.get(code, len(ranks)), -groups[code], code))
        yield _shares(asked, f"make_up_{kind}", (title, column), {name(code): groups[code] for code in ordered})
    if asked.branch_id is None:
        latest: dict[str, Value] = next(iter(_latest(asked, DAY, 1).values()), {}).get(stored.BRANCHES, {})
        heads = {asked.branch(name): value["dynamic"] for name, value in sorted(latest.items())}
        yield _shares(asked, "make_up_branches", (N_("Make-up by branch"), N_("Branch")), heads)


def _shares(asked: Asked, name: str, titles: tuple[str, str], heads: Mapping[str, int]) -> Sheet:
    whole = sum(heads.values())
    columns = [
        Column("group", asked.say(titles[1]), "text"),
        Column("heads", asked.say(N_("Customers"))),
        Column("share", asked.say(N_("Share")), "share"),
    ]
    rows = [(group, count, share(count, whole)) for group, count in heads.items()]
    title = asked.say(titles[0])
    series = [Series(columns[1].title, list(heads.values()))]
    return Sheet(name, title, columns, rows, Chart("bar", title, list(heads), series))


def _months(asked: Asked) -> Sheet:
    found = {key: of_branch(value, asked.branch_id) for key, value in _latest(asked, MONTH, MONTHS_SHOWN).items()}
    found = {key: value for key, value in found.items() if value}
    columns = [
        Column("month", asked.say(N_("Month")), "text"),
        Column("heads", asked.say(N_("Customers on the network"))),
        Column("dynamic", asked.say(N_("dynamic mid-to-high-end"))),
        Column("assessed", asked.say(N_("assessed mid-to-high-end"))),
        Column("pool", asked.say(N_("growth pool"))),
        Column("revenue", asked.say(N_("Revenue")), "yuan"),
        Column("dynamic_revenue", asked.say(N_("of dynamic mid-to-high-end")), "yuan"),
        Column("share", asked.say(N_("Share of revenue")), "share"),
    ]
    rows = [(month, *_month(value)) for month, value in found.items()]
    series = [Series(columns[place].title, [row[place] for row in rows]) for place in (2, 3)]
    said = asked.say(N_("Mid-to-high-end customers at each month's end; the figures are in the table below."))
    notes = [asked.say(N_("Customers and revenue are of those on the network as the month ended."))]
    chart = Chart("bar", said, list(found), series)
    return Sheet("months", asked.say(N_("Monthly count")), columns, rows[::-1], chart, notes)


def _month(value: Value) -> tuple[Any, ...]:
    counts = (value[name] for name in ("heads", "dynamic", "assessed", "pool", "revenue_fen", "dynamic_fen"))
    return (*counts, share(value["dynamic_fen"], value["revenue_fen"]))


def _years(asked: Asked) -> Sheet:
    columns = [
        Column("year", asked.say(N_("Year")), "text"),
        Column("months", asked.say(N_("Months so far"))),
        Column("assessed_mean", asked.say(N_("assessed, mean of the months")), "mean"),
    ]
    rows = [(year, len(heads), yearly_average(heads)) for year, heads in _assessed_by_year(asked).items()]
    note = asked.say(N_("The yearly figure is the mean of the monthly counts; a month without one takes no part."))
    return Sheet("years", asked.say(N_("Yearly figure")), columns, rows[::-1], notes=[note])


def _assessed_by_year(asked: Asked) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for month, heads in _assessed(asked).items():
        found.setdefault(month[:4], []).append(heads)
    return found


def _assessed(asked: Asked) -> dict[str, int]:
    months = _latest(asked, MONTH, MONTHS_SHOWN)
    return {month: of_branch(value, asked.branch_id).get("assessed", 0) for month, value in months.items()}


# ------------------------------------------------------------------------------------------------------------- growth


def usual_loss(asked: Asked) -> float:
    """Give what share of the oldest cohort of the last year has left the network by now, in percent; 0 without one."""
    recent = [each for each in cohorts(asked.connection) if each.heads and (asked.today - each.taken_on).days < 366]  # noqa: PLR2004
    if not recent:
        return 0.0
    found = asked.figure(RETENTION, retention_key(recent[-1].cohort, NOW)).get("all", [0, 0, 0])
    return round(100 * (1 - found[1] / found[0]), 1) if found[0] else 0.0


def asked_growth(asked: Asked) -> Growth | None:
    """Reckon what the target asked for takes; None without one."""
    target, loss = _whole(asked.choice.target), _percent(asked.choice.loss)
    if growth_refused(asked):
        return None
    latest = of_branch(next(iter(_latest(asked, DAY, 1).values()), None), asked.branch_id)
    if target is None or not latest:
        return None
    pool = latest["pool"] + latest["classes"].get("irregular", 0)
    return growth(target, latest["dynamic"], usual_loss(asked) if loss is None else loss, pool)


def year_asked(asked: Asked) -> tuple[str, YearToGo] | None:
    """Tell the year that is being counted, and what its months left must reach; None without a target or counts."""
    target, months = _whole(asked.choice.target), _assessed(asked)
    if target is None or not months:
        return None
    # The year of the month that comes next: with December counted, a new one begins.
    year = month_name(month_number(max(months)) + 1)[:4]
    found = year_to_go(target, {int(month[5:]): heads for month, heads in months.items() if month[:4] == year})
    return None if found is None else (year, found)


def growth_refused(asked: Asked) -> dict[str, str]:
    """Say what is wrong with the target and the loss asked for, by the name of the field."""
    given = asked.choice
    refused = {}
    if given.target and _whole(given.target) is None:
        refused["target"] = asked.say(N_("Write whole customers in digits, such as 1200."))
    if given.loss and _percent(given.loss) is None:
        refused["loss"] = asked.say(N_("Write a percentage from 0 to 100, such as 4.5."))
    return refused


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= MOST else None


def _percent(text: str) -> float | None:
    found = float(text) if PERCENT.fullmatch(text) else None
    return found if found is not None and found <= 100 else None  # noqa: PLR2004
