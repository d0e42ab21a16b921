"""The sheets of revenue: how it is spread over customers, and over services, by tier and by industry."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from stream_app.console.figures.mix import SERVICES
from stream_app.console.figures.monthly import INDUSTRIES, MIX, SPREAD
from stream_app.console.figures.spread import PERMYRIAD
from stream_app.console.figures.stored import Value
from stream_app.console.web.asked import Asked
from stream_app.console.web.language import N_
from stream_app.console.web.sheet import Chart, Column, Series, Sheet, percent, share
from stream_app.console.web.words_of_figures import told

TOP_PERCENT, TENTH = 20, 10
Charges = Mapping[str, Mapping[str, int]]
WHO = N_("Of all customers who have figures for the month: also those who were off the network as it ended.")


def revenue_sheets(asked: Asked) -> Iterator[Sheet]:
    """Lay out the revenue of the month asked for."""
    month = asked.month()
    found = asked.figure(SPREAD, month) if month else {}
    yield _curve(asked, found)
    yield _top(asked, found)
    mixed = asked.figure(MIX, month) if month else {}
    ranks = {tier.code: place for place, tier in enumerate(asked.policy.tiers)}
    tiers = dict(sorted(mixed.get("tiers", {}).items(), key=lambda item: (ranks.get(item[0], len(ranks)), item[0])))
    yield _services(asked, ("mix_tiers", N_("Service mix by tier"), N_("Tier")), tiers, asked.tier)
    yield _industries(asked, asked.figure(INDUSTRIES, month) if month else {})
    by_industry = dict(sorted(mixed.get("industries", {}).items()))
    titles = ("mix_industries", N_("Service mix by industry"), N_("Industry"))
    yield _services(asked, titles, by_industry, lambda code: _industry(asked, code))


def top_share(asked: Asked) -> Fraction | None:
    """Give the share of revenue that the top 20% of customers bring in the month asked for."""
    found = asked.figure(SPREAD, asked.month()) if asked.month() else {}
    fen = next((fen for part, _, fen in found.get("percents", []) if part == TOP_PERCENT), None)
    return None if fen is None else share(fen, found["revenue_fen"])


def gini(asked: Asked) -> float | None:
    """Give the Gini coefficient of the month asked for."""
    found = asked.figure(SPREAD, asked.month()) if asked.month() else {}
    permyriad = found.get("gini_permyriad")
    return None if permyriad is None else permyriad / PERMYRIAD


def _curve(asked: Asked, found: Value) -> Sheet:
    columns = [
        Column("customers_percent", asked.say(N_("Top customers")), "text"),
        Column("heads", asked.say(N_("Customers"))),
        Column("revenue", asked.say(N_("Revenue")), "yuan"),
        Column("share", asked.say(N_("Share of revenue")), "share"),
    ]
    points, whole = found.get("percents", []), found.get("revenue_fen", 0)
    rows = [(f"{part}%", heads, fen, share(fen, whole)) for part, heads, fen in points]
    # The steps of the axis are even: it begins with nobody, and the first percents stand in the table alone.
    drawn = [(part, percent(fen, whole)) for part, _, fen in points if part % TENTH == 0]
    series = [
        Series(asked.say(N_("share of revenue")), [0.0, *(found for _, found in drawn)]),
        Series(asked.say(N_("if all brought the same")), [0.0, *(float(part) for part, _ in drawn)]),
    ]
    said = asked.say(N_("What share of revenue the top customers bring, from the top 1% to all."))
    refunded = N_("Customers with more refunded than billed count as 0: %(count)s.")
    notes = [asked.say(WHO), asked.say(refunded, count=found.get("below_0", 0))]
    chart = Chart("line", said, ["0%", *(f"{part}%" for part, _ in drawn)], series, "percent")
    return Sheet(
        "concentration", asked.say(N_("Concentration of revenue")), columns, rows, chart, notes if rows else ()
    )


def _top(asked: Asked, found: Value) -> Sheet:
    columns = [
        Column("top", asked.say(N_("Top customers")), "text"),
        Column("revenue", asked.say(N_("Revenue")), "yuan"),
        Column("share", asked.say(N_("Share of revenue")), "share"),
    ]
    whole = found.get("revenue_fen", 0)
    rows = [(f"{number:,}", fen, share(fen, whole)) for number, heads, fen in found.get("top", []) if heads == number]
    return Sheet("top", asked.say(N_("The largest customers")), columns, rows, notes=[asked.say(WHO)])


def _services(asked: Asked, titles: tuple[str, str, str], charges: Charges, name: Callable[[str], str]) -> Sheet:
    columns = [
        Column("group", asked.say(titles[2]), "text"),
        *(Column(service, told(asked.spoken, "service", service), "share") for service in SERVICES),
        Column("charges", asked.say(N_("Usage charges")), "yuan"),
    ]
    rows = [
        (name(code), *(share(found.get(service, 0), sum(found.values())) for service in SERVICES), sum(found.values()))
        for code, found in charges.items()
    ]
    series = [
        Series(
            columns[place + 1].title,
            [percent(found.get(service, 0), sum(found.values())) for found in charges.values()],
        )
        for place, service in enumerate(SERVICES)
    ]
    title = asked.say(titles[1])
    notes = [asked.say(WHO), asked.say(N_("In percent of usage charges, fees aside."))]
    return Sheet(
        titles[0], title, columns, rows, Chart("stacked", title, list(map(name, charges)), series, "percent"), notes
    )


def _industries(asked: Asked, found: Value) -> Sheet:
    columns = [
        Column("industry", asked.say(N_("Industry")), "text"),
        Column("heads", asked.say(N_("Customers"))),
        Column("revenue", asked.say(N_("Revenue")), "yuan"),
        Column("share", asked.say(N_("Share of revenue")), "share"),
        Column("top_five", asked.say(N_("Share of the top five in it")), "share"),
    ]
    whole = sum(each["revenue_fen"] for each in found.values())
    ordered = sorted(found.items(), key=lambda item: (-item[1]["revenue_fen"], item[0]))
    rows = [
        (_industry(asked, code), each["heads"], each["revenue_fen"], share(each["revenue_fen"], whole), _within(each))
        for code, each in ordered
    ]
    notes = [asked.say(WHO), asked.say(N_("A group counts as one customer among the top five."))]
    return Sheet("industries", asked.say(N_("Revenue by industry")), columns, rows, notes=notes)


def _within(each: Mapping[str, int]) -> Fraction | None:
    return share(each["top_fen"], each["revenue_fen"]) if each["revenue_fen"] > 0 else None


def _industry(asked: Asked, code: str) -> str:
    return code or asked.say(N_("not told"))
