"""What to offer a customer at risk: the retention matrix, less what is held, out of the catalogue (DOMAIN section 4).

Tenure by contribution: each offer names the classes and tenure bands it is for; the larger reward is quoted first.
"""

from typing import NamedTuple

from stream_app.core import arrears, measures, tenure, windows
from stream_app.core.facts import QuotedOffer
from stream_app.core.policy import Policy
from stream_app.core.reading import Setting
from stream_app.core.risk_policy import Offer, RetentionRow
from stream_app.core.state import Subscriber

FALLBACK_CLASS = "ordinary"  # for classes that the matrix has no row for
NO_ROW = RetentionRow(FALLBACK_CLASS)


class Suggestion(NamedTuple):
    """The measures that fit, the first first, the offers to quote, and the channels to do it through."""

    measures: tuple[str, ...]
    offers: tuple[QuotedOffer, ...]
    channels: tuple[str, ...]


NOTHING = Suggestion((), (), ())


def suggest(sub: Subscriber, setting: Setting, level: int) -> Suggestion:
    """Suggest what fits the customer's class and is not held yet, with the offers open now; at level none nothing."""
    if not level:
        return NOTHING
    row = row_of(setting.policy, value_class(sub))
    held = measures.held(sub, setting.tick.day)
    wanted = tuple(name for name in dict.fromkeys(row.measures) if name not in held)
    quoted = [
        offer for offer in setting.policy.offers if offer.measure in wanted and is_open(sub, setting, level, offer)
    ]
    quoted.sort(key=lambda offer: (wanted.index(offer.measure), -offer.gift_fen - offer.subsidy_fen))
    return Suggestion(wanted, tuple(map(_quoted, quoted)), row.channel)


def row_of(policy: Policy, name: str) -> RetentionRow:
    """Find the row of the retention matrix for a value class."""
    rows = {row.value_class: row for row in policy.retention_matrix}
    return rows.get(name) or rows.get(FALLBACK_CLASS, NO_ROW)


def is_open(sub: Subscriber, setting: Setting, level: int, offer: Offer) -> bool:
    """Tell whether an offer is for a customer like this."""
    if offer.value_classes and value_class(sub) not in offer.value_classes:
        return False
    months = tenure.tenure_months(sub, setting.tick.day, setting.calendar)
    if offer.tenure_bands and tenure.band(months, setting.policy.measures) not in offer.tenure_bands:
        return False
    if offer.min_arpu_fen > windows.arpu_fen(windows.window_fen(sub, setting.tick.closed)):
        return False
    owes = offer.without_arrears and arrears.arrears_fen(sub, setting.tick.day, setting.policy) > 0
    return level >= offer.min_level and not owes


def value_class(sub: Subscriber) -> str:
    """Name the value class of the last close."""
    return sub.value or "none"


def _quoted(offer: Offer) -> QuotedOffer:
    return QuotedOffer(
        offer.name,
        offer.measure,
        offer.deposit_fen,
        offer.gift_fen,
        offer.months,
        offer.subsidy_fen,
        offer.budget_heads,
    )
