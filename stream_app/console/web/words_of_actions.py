"""The words of what the audit log holds: who looked at or did what."""

from collections.abc import Mapping
from typing import Final

from stream_app.console.web.language import N_

ACTIONS: Final[Mapping[str, str]] = {
    "login": N_("logged in"),
    "login_refused": N_("login refused"),
    "password_changed": N_("password changed"),
    "absence_set": N_("own absence noted"),
    "script_added": N_("script added"),
    "cohort_frozen": N_("cohort frozen"),
    "team_seen": N_("team looked at"),
    "team_assigned": N_("case assigned"),
    "team_handed_over": N_("cases handed over"),
    "team_absence": N_("absence of a phone manager noted"),
    "team_absence_cleared": N_("absence of a phone manager ended"),
    "tasks_seen": N_("tasks looked at"),
    "balances_seen": N_("balance warnings looked at"),
    "book_seen": N_("customers looked at"),
    "case_seen": N_("case looked at"),
    "customer_seen": N_("customer looked at"),
    "number_shown": N_("number shown"),
    "do_not_call_set": N_("do-not-call changed"),
    "cases_listed": N_("cases listed"),
    "customers_listed": N_("customers listed"),
    "books_listed": N_("books listed"),
    "exported": N_("table exported"),
    "delivery_sent_again": N_("message sent again"),
    "delivery_requeued": N_("message queued again"),
    "channel_requeued": N_("channel's messages queued again"),
    "letter_sent_back": N_("dead letter sent back"),
    "token_made": N_("token made"),
    "token_revoked": N_("token revoked"),
    "user_added": N_("user added"),
    "user_addresses": N_("addresses of a user changed"),
    "user_absent": N_("absence of a user noted"),
    "user_active": N_("user let in"),
    "user_inactive": N_("user shut out"),
    "refused": N_("access refused"),
}
