"""The sheets of behaviour before churn: what the indicators read before customers left, each in its own unit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stream_app.console.figures.leaving import FEWEST, QUARTERS
from stream_app.console.figures.refresh import LEAVING
from stream_app.console.figures.snapshots import NOW
from stream_app.console.figures.stored import Value
from stream_app.console.web.asked import Asked
from stream_app.console.web.language import N_
from stream_app.console.web.sheet import Cell, Chart, Column, Measured, Said, Series, Sheet, Unit, in_yuan
from stream_app.console.web.words_of_figures import told

LOOKS = ("90", "60", "30")  # days before, as time goes
HUNDRED = 100
GROUPS = (("left", N_("left")), ("stayed", N_("stayed")))
WITHHELD = {
    "left": N_("Fewer than %(fewest)s who left: their figures are withheld (—), so that none tells of a person."),
    "stayed": N_("Fewer than %(fewest)s who stayed: their figures are withheld (—), so that none tells of a person."),
}


def leaving_sheets(asked: Asked) -> Iterator[Sheet]:
    """Lay out what the indicators read before customers left, beside those who stayed."""
    found = asked.figure(LEAVING, NOW)
    indicators = found.get("indicators", {})
    withheld = _withheld(asked, found)
    name = chosen_indicator(asked)
    notes = [
        asked.say(N_("Who left: %(left)s, who stayed: %(stayed)s, of the last 180 days."),
                  left=found.get("left", 0), stayed=found.get("stayed", 0)),
        *withheld,
        asked.say(N_("What the early warning's indicators read before: mean and quartiles (25%, 50%, 75%).")),
    ]  # fmt: skip
    if name:
        yield _course(asked, name, indicators[name])._replace(notes=withheld)
    yield _looks(asked, indicators, notes)


def chosen_indicator(asked: Asked) -> str:
    """Name the indicator asked for, else the first there is; empty where there is none."""
    known = known_indicators(asked)
    return asked.choice.indicator if asked.choice.indicator in known else next(iter(known), "")


def known_indicators(asked: Asked) -> list[str]:
    """List the indicators that figures tell of."""
    return sorted(asked.figure(LEAVING, NOW).get("indicators", {}))


def _withheld(asked: Asked, found: Value) -> list[str]:
    few = [group for group in WITHHELD if 0 < found.get(group, 0) < FEWEST]
    return [asked.say(WITHHELD[group], fewest=FEWEST) for group in few]


def unit_of(name: str) -> str:
    """Tell an indicator's unit, which its name holds: fen, percent, days, months, or a number of things."""
    return next((unit for unit in ("fen", "percent", "days", "months") if unit in name.split("_")), "number")


def _measured(name: str, number: float | None) -> Measured | None:
    units: Mapping[str, Unit] = {"fen": "yuan", "percent": "percent"}
    return None if number is None else Measured(number, units.get(unit_of(name), "count"))


def _course(asked: Asked, name: str, looks: Mapping[str, Any]) -> Sheet:
    columns = [
        Column("days_before", asked.say(N_("Days before")), "text"),
        _unit_column(asked),
        *(Column(group, asked.say(title), "mean") for group, title in GROUPS),
    ]
    means = {group: [_measured(name, _mean(looks.get(days, {}).get(group))) for days in LOOKS] for group, _ in GROUPS}
    rows = [(days, _unit(asked, name), *cells) for days, *cells in zip(LOOKS, *means.values(), strict=True)]
    series = [Series(asked.say(title), [_drawn(cell) for cell in means[group]]) for group, title in GROUPS]
    title = asked.say(N_("Before churn: %(indicator)s"), indicator=asked.word("indicator", name))
    said = asked.say(N_("Mean of the indicator 90, 60 and 30 days before, of who left and who stayed."))
    drawn: Unit = next((cell.unit for cells in means.values() for cell in cells if cell), "count")
    return Sheet("before_churn", title, columns, rows, Chart("line", said, list(LOOKS), series, drawn))


def _drawn(cell: Measured | None) -> float | None:
    if cell is None:
        return None
    return in_yuan(round(cell.number)) if cell.unit == "yuan" else cell.number


def _looks(asked: Asked, indicators: Mapping[str, Any], notes: Sequence[str]) -> Sheet:
    columns = [
        Column("indicator", asked.say(N_("Indicator")), "text"),
        _unit_column(asked),
        Column("days_before", asked.say(N_("Days before")), "text"),
    ]
    for group, title in GROUPS:
        columns.append(Column(f"{group}_mean", asked.say(N_("%(group)s: mean"), group=asked.say(title)), "mean"))
        columns += [
            Column(f"{group}_p{part}", asked.say(N_("%(group)s: %(part)s%%"), group=asked.say(title), part=part))
            for part in QUARTERS
        ]
    rows = [
        (asked.word("indicator", name), _unit(asked, name), days, *_read(name, looks[days]))
        for name, looks in sorted(indicators.items())
        for days in LOOKS
        if days in looks
    ]
    return Sheet("indicators", asked.say(N_("Behaviour before churn")), columns, rows, notes=notes)


def _unit_column(asked: Asked) -> Column:
    return Column("unit", asked.say(N_("Unit")), "text")


def _unit(asked: Asked, name: str) -> Said:
    unit = unit_of(name)
    return Said(told(asked.spoken, "unit", unit), unit)


def _mean(found: Mapping[str, Any] | None) -> float | None:
    return None if found is None else found["mean_hundredths"] / HUNDRED


def _read(name: str, look: Mapping[str, Any]) -> Iterator[Cell]:
    for group, _ in GROUPS:
        found = look.get(group)
        figures = [None] * (1 + len(QUARTERS)) if found is None else [_mean(found), *found["quartiles"]]
        yield from (_measured(name, figure) for figure in figures)
