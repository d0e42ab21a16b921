"""Why somebody is to be called, in sentences to be said on the phone, and the names of the figures behind them."""

from collections.abc import Mapping
from typing import Final

from stream_app.console.web.language import N_

SENTENCES: Final[Mapping[str, str]] = {
    "spend_pace_percent": N_("Spending is at %(value)s%% of the usual pace."),
    "minutes_pace_percent": N_("Outgoing minutes are at %(value)s%% of the usual pace."),
    "data_pace_percent": N_("Data use is at %(value)s%% of the usual pace."),
    "active_days_percent": N_("Days of use are at %(value)s%% of the usual pace."),
    "silent_days": N_("Silent: days since the last use: %(value)s."),
    "low_spend_months": N_("Months of low spend: %(value)s."),
    "arrears_months": N_("A bill is unpaid; months since it was due: %(value)s."),
    "arrears_fen": N_("Arrears: %(value)s."),
    "balance_fen": N_("Balance of %(value)s without top-up."),
    "complaints": N_("Complaints of late: %(value)s."),
    "complaints_escalated": N_("Escalated complaints: %(value)s."),
    "hotline_calls": N_("Contacts with a competitor: %(value)s."),
    "call_forwarding": N_("Calls forwarded to another network: %(value)s."),
    "portout": N_("Asked for a port-out code; days since: %(value)s."),
    "contract_days_left": N_("Days until the plan or contract ends: %(value)s."),
    "tenure_months": N_("Months on the network: %(value)s."),
    "measures_held": N_("Stabilising measures held: %(value)s."),
    "sticky_services": N_("Sticky services held: %(value)s."),
    "tier_lost_days": N_("Lost a tier with the month %(month)s."),
    "tier_lost": N_("The tier went down from %(from)s to %(to)s."),
    "recency_days": N_("Days since the last use: %(value)s."),
    "frequency_percent": N_("Uses the phone on %(value)s%% of the days."),
    "monetary_fen": N_("Mean monthly revenue: %(value)s."),
    "left": N_("The customer left the network."),
}
MONTHS_OF: Final[Mapping[str, str]] = {"tier_lost_days": "billing_month"}  # what `month` is, of the evidence

REPEATING: Final = {"count", "owed_fen", "balance_fen", "arpu_fen"}  # evidence that says the value once more
UNITS: Final = ("_fen", "_seconds", "_bytes")
EVIDENCE: Final[Mapping[str, str]] = {  # without its unit
    "billing_month": N_("billing month"),
    "months": N_("months"),
    "days": N_("days"),
    "of_days": N_("of days"),
    "so_far": N_("so far"),
    "so_far_days": N_("days so far"),
    "expected": N_("expected by now"),
    "expected_days": N_("days expected by now"),
    "baseline": N_("mean of three months"),
    "baseline_days": N_("mean days of three months"),
    "last_use_on": N_("last use"),
    "on_network_from": N_("on the network from"),
    "highest": N_("highest month"),
    "below": N_("counted as low below"),
    "due_on": N_("due on"),
    "owed": N_("owed"),
    "balance": N_("balance"),
    "reported_on": N_("reported on"),
    "count": N_("number"),
    "last_filed_on": N_("last filed on"),
    "last_on": N_("last on"),
    "requested_on": N_("asked for on"),
    "ends_on": N_("ends on"),
    "joined_on": N_("joined on"),
    "held": N_("held"),
    "lost": N_("lost"),
    "arpu": N_("three-month ARPU"),
}
