"""The sheets of what calls bring: effect against the held-out group, and win-back."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from stream_app.console.figures.effects import (
    ABOVE,
    AFTER_FEN,
    BEFORE_FEN,
    CALLED,
    DAYS,
    EMPTY,
    EXEMPT,
    HELD_OUT,
    KEPT,
    OF,
    VALUED,
)
from stream_app.console.figures.refresh import EFFECTS, WINBACKS
from stream_app.console.figures.snapshots import NOW
from stream_app.console.web.asked import Asked
from stream_app.console.web.language import N_
from stream_app.console.web.sheet import Chart, Column, Series, Sheet, share
from stream_app.console.web.words_of_figures import told
from stream_app.core.desk.effect import FEWEST, Share, difference, is_enough, verdict, wilson

Figures = Sequence[int]
Arms = Mapping[str, Figures]
HUNDRED = 100


def effect_sheets(asked: Asked) -> Iterator[Sheet]:
    """Lay out the effect of calls."""
    found = asked.figure(EFFECTS, NOW)
    by_days = {str(days): found.get(str(days), {}) for days in DAYS}
    yield _against(asked, {_after(asked, days): each.get("arms", {}) for days, each in by_days.items()})
    yield _value(asked, {_after(asked, days): each.get("arms", {}) for days, each in by_days.items()})
    classes = by_days["30"].get("classes", {})
    title = ("effect_classes", N_("Effect after 30 days by value class"), N_("Value class"))
    yield _compared(asked, title, {asked.word("value_class", code): arms for code, arms in sorted(classes.items())})
    yield measures_sheet(asked)
    yield _winback(asked)


def measures_sheet(asked: Asked) -> Sheet:
    """Lay out who stayed, by the measure accepted."""
    found = asked.figure(EFFECTS, NOW)
    columns = [Column("measure", asked.say(N_("Measure accepted")), "text")]
    for days in DAYS:
        columns += [
            Column(f"cases_{days}", asked.say(N_("Cases, %(days)s days"), days=days)),
            Column(f"retained_{days}", asked.say(N_("Retained")), "share"),
        ]
    codes = sorted({code for days in DAYS for code in found.get(str(days), {}).get("measures", {})})
    rows = []
    for code in codes:
        name = asked.word("measure", code) if code else asked.say(N_("none accepted"))
        figures = [found[str(days)]["measures"].get(code, EMPTY) for days in DAYS]
        rows.append((name, *(cell for each in figures for cell in (each[OF], share(each[KEPT], each[OF])))))
    notes = [
        asked.say(N_("Who accepts a measure is another kind of customer: these shares compare, they do not prove.")),
        asked.say(
            N_(
                "With the cases that were never in the draw, which the comparison leaves out; after 30 days: %(cases)s."
            ),
            cases=_exempt(found),
        ),
    ]
    return Sheet("effect_measures", asked.say(N_("Retained by measure")), columns, rows, notes=notes)


def _exempt(found: Mapping[str, Any]) -> int:
    exempt: Figures = found.get("30", {}).get("arms", {}).get(EXEMPT, EMPTY)
    return exempt[OF]


def managers_sheet(asked: Asked, names: Mapping[str, str]) -> Sheet:
    """Lay out who stayed, by phone manager, beside the held-out group of the branch."""
    found = asked.figure(EFFECTS, NOW).get("30", {})
    held_out = found.get("arms", {}).get(HELD_OUT, EMPTY)
    arms = {
        names.get(user_id, user_id): {CALLED: each.get(CALLED, EMPTY), HELD_OUT: held_out}
        for user_id, each in sorted(found.get("managers", {}).items())
    }
    return _compared(asked, ("effect_managers", N_("Effect after 30 days by phone manager"), N_("Phone manager")), arms)


def _after(asked: Asked, days: str) -> str:
    return asked.say(N_("after %(days)s days"), days=days)


def _against(asked: Asked, arms: Mapping[str, Arms]) -> Sheet:
    sheet = _compared(asked, ("effect", N_("Customers retained, against the held-out group"), N_("When")), arms)
    series = [
        Series(told(asked.spoken, "arm", arm), [_percent(each.get(arm, EMPTY)) for each in arms.values()])
        for arm in (CALLED, HELD_OUT)
    ]
    said = asked.say(N_("Customers retained among those called and those held out, in percent."))
    notes = [
        asked.say(N_("A case counts where its draw put it, from the day it opened, whatever was done.")),
        asked.say(
            N_("Without the cases never in the draw (customers who are always called); after 30 days: %(cases)s."),
            cases=_exempt(asked.figure(EFFECTS, NOW)),
        ),
        asked.say(
            N_("The interval is Newcombe's at 95%%; below %(fewest)s cases on a side nothing is told."), fewest=FEWEST
        ),
    ]
    chart = Chart("bar", said, list(arms), series, "percent")
    rows = sheet.rows if any(arms.values()) else []
    return sheet._replace(chart=chart, notes=notes, rows=rows, is_open=True)


def _compared(asked: Asked, titles: tuple[str, str, str], arms: Mapping[str, Arms]) -> Sheet:
    name, title, first = titles
    columns = [
        Column("group", asked.say(first), "text"),
        Column("called", asked.say(N_("Called"))),
        Column("called_retained", asked.say(N_("Retained")), "share"),
        Column("held_out", asked.say(N_("Held out"))),
        Column("held_out_retained", asked.say(N_("Retained")), "share"),
        Column("difference", asked.say(N_("Difference, points")), "points"),
        Column("low", asked.say(N_("from")), "points"),
        Column("high", asked.say(N_("to")), "points"),
        Column("verdict", asked.say(N_("In words")), "text"),
    ]
    rows = [
        (group, *_comparison(asked, each.get(CALLED, EMPTY), each.get(HELD_OUT, EMPTY))) for group, each in arms.items()
    ]
    return Sheet(name, asked.say(title), columns, rows)


def _comparison(asked: Asked, called: Figures, held_out: Figures) -> tuple[Any, ...]:
    first, second = Share(called[KEPT], called[OF]), Share(held_out[KEPT], held_out[OF])
    found = difference(first, second) if is_enough(first, second) else None
    bounds = (None, None, None) if found is None else tuple(found)
    word = told(asked.spoken, "verdict", verdict(first, second))
    return (first.of, share(*first), second.of, share(*second), *bounds, word)


def _value(asked: Asked, arms: Mapping[str, Arms]) -> Sheet:
    columns = [
        Column("when", asked.say(N_("When")), "text"),
        Column("arm", asked.say(N_("Group of customers")), "text"),
        Column("cases", asked.say(N_("Cases"))),
        Column("above", asked.say(N_("Above the bound"))),
        Column("above_share", asked.say(N_("Value retention")), "share"),
        Column("before", asked.say(N_("ARPU as the case opened")), "yuan"),
        Column("after", asked.say(N_("Revenue of the month then")), "yuan"),
        Column("kept_share", asked.say(N_("Value kept")), "share"),
    ]
    rows = [
        (when, told(asked.spoken, "arm", arm), *_worth(each[arm]))
        for when, each in arms.items()
        for arm in (CALLED, HELD_OUT)
        if each.get(arm, EMPTY)[VALUED]
    ]
    note = asked.say(N_("Of cases whose month then has closed; who left brings 0."))
    return Sheet("effect_value", asked.say(N_("Value retained")), columns, rows, notes=[note])


def _worth(figures: Figures) -> tuple[Any, ...]:
    of, above, before_fen, after_fen = (figures[place] for place in (VALUED, ABOVE, BEFORE_FEN, AFTER_FEN))
    return of, above, share(above, of), before_fen, after_fen, share(after_fen, before_fen)


def _percent(figures: Figures) -> float | None:
    found = wilson(Share(figures[KEPT], figures[OF]))
    return None if found is None else round(HUNDRED * found.point, 1)


# ----------------------------------------------------------------------------------------------------------- win-back


def _winback(asked: Asked) -> Sheet:
    found = asked.figure(WINBACKS, NOW)
    columns = [
        Column("group", asked.say(N_("Group of customers")), "text"),
        Column("left", asked.say(N_("Left"))),
        Column("returned", asked.say(N_("Came back"))),
        Column("share", asked.say(N_("Share")), "share"),
    ]
    rows: list[tuple[Any, ...]] = []
    if found:
        rows.append((asked.say(N_("all")), *_back((found["left"], found["returned"]))))
        rows += [(told(asked.spoken, "arm", arm), *_back(each)) for arm, each in sorted(found["arms"].items())]
        rows += [
            (asked.say(N_("accepted: %(measure)s"), measure=asked.word("measure", code)), *_back(each))
            for code, each in sorted(found["measures"].items())
            if code
        ]
    days = found.get("median_days_away")
    notes = (
        []
        if days is None
        else [asked.say(N_("Half of those who came back were away %(days)s days or less."), days=days)]
    )
    return Sheet("winback", asked.say(N_("Win-back")), columns, rows, notes=notes)


def _back(found: Sequence[int]) -> tuple[int, int, Fraction | None]:
    left, returned = found
    return left, returned, share(returned, left)
