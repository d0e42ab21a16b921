"""A desk with people, customers and cases in it; every text can be made hostile, to see that it stays text."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, insert

from stream_app.console.access.passwords import hash_password
from stream_app.console.store.read_tables import (
    Customer,
    MeasureChange,
    MeasureHeld,
    MonthRow,
    NetworkChange,
    RiskChange,
    Sign,
    TierChange,
)
from stream_app.console.store.work_tables import Book, Case, CaseEvent, Contact, Script, User

PASSWORD = "correct horse battery"  # noqa: S105 - of the test's people alone
HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>{{ 333 * 333667 }}"
BRANCH, OTHER_BRANCH = "chengdu", "leshan"


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


def seed(connection: Connection, now: datetime, hostile: str = "") -> None:
    """Two managers of one branch and one of another, a supervisor each, and people without customers.

    c-li is Li's with an open case, c-wang Wang's; c-held is of Li's book and held out; c-far is another branch's.
    `hostile` is put into every text and every name that is not the key of a row.
    """
    connection.execute(insert(User), [*users(now, hostile)])
    connection.execute(insert(Customer), [customer(key, branch, now, hostile) for key, branch in WHERE.items()])
    books = [
        {"subscriber_id": key, "manager_id": user, "since_at": now, "do_not_call_note": hostile}
        for key, user in BOOKS.items()
    ]
    connection.execute(insert(Book), books)
    connection.execute(insert(Script), scripts(now, hostile))
    connection.execute(insert(Case), [case(key, now, hostile) for key in CASES])
    for table, rows in history("c-li", now, hostile):
        connection.execute(insert(table), rows)


WHERE = {"c-li": BRANCH, "c-wang": BRANCH, "c-held": BRANCH, "c-far": OTHER_BRANCH, "c-free": BRANCH}
BOOKS = {"c-li": "u-li", "c-wang": "u-wang", "c-held": "u-li", "c-far": "u-zhao"}
# case: customer, manager, state
CASES = {
    "case-li": ("c-li", "u-li", "open"),
    "case-wang": ("c-wang", "u-wang", "open"),
    "case-held": ("c-held", None, "held_out"),
    "case-far": ("c-far", "u-zhao", "open"),
    "case-free": ("c-free", None, "open"),
}


def users(now: datetime, hostile: str) -> list[dict[str, Any]]:
    people = {
        "li": ("manager", BRANCH),
        "wang": ("manager", BRANCH),
        "zhao": ("manager", OTHER_BRANCH),
        "sun": ("supervisor", BRANCH),
        "zhou": ("supervisor", OTHER_BRANCH),
        "wu": ("supervisor", None),
        "boss": ("management", None),
        "ops": ("operations", None),
    }
    return [
        {
            "user_id": f"u-{login}",
            "login": login,
            "name": f"{login.title()} {hostile}",
            "password_hash": password_hash(),
            "role": role,
            "branch_id": branch,
            "language": "en",
            "created_at": now,
        }
        for login, (role, branch) in people.items()
    ]


def customer(key: str, branch: str, now: datetime, hostile: str) -> dict[str, Any]:
    texts = dict.fromkeys(("plan", "brand", "customer_class", "group_id", "group_class", "industry"), f"x{hostile}")
    return texts | {
        "subscriber_id": key,
        "seen_at": now,
        "branch_id": branch,
        "tier": hostile[:32] or "C2",
        "official_tier": "C3",
        "closed_month": "2025-05",
        "arpu_fen": 161_234,
        "value_class": hostile[:32] or "important",
        "important": True,
        "risk_level": 2,
        "risk_score": 61,
        "joined_on": date(2020, 2, 3),
        "on_network": True,
        "balance_fen": 512,
        "balance_at": now,
    }


def reasons(now: datetime, hostile: str) -> list[dict[str, Any]]:
    at = now.isoformat().replace("+00:00", "Z")
    common = {"kind": "risk", "fact_id": f"f{hostile}", "occurred_at": at}
    evidence: Mapping[str, Any] = {"requested_on": f"2025-06-09{hostile}", f"odd{hostile}": 3, "so_far_fen": 1234}
    told = [{**common, "indicator": "portout", "points": 75, "value": 1, "evidence": evidence}]
    if hostile:
        told.append({**common, "indicator": hostile, "points": 1, "value": hostile, "evidence": {hostile: hostile}})
    return [
        *told,
        {"kind": "tier_lost", "fact_id": "g", "occurred_at": at, "from": hostile or "C1", "to": None, "why": "close"},
    ]


def case(key: str, now: datetime, hostile: str) -> dict[str, Any]:
    subscriber_id, manager_id, state = CASES[key]
    return {
        "case_id": key,
        "subscriber_id": subscriber_id,
        "branch_id": WHERE[subscriber_id],
        "kind": "keep",
        "state": state,
        "arm": "held_out" if state == "held_out" else "called",
        "opened_at": now - timedelta(hours=3),
        "due_at": now + timedelta(hours=1),
        "level": 3,
        "score": 80,
        "tier": hostile[:32] or "C2",
        "value_class": hostile[:32] or "important",
        "arpu_fen": 161_234,
        "leading": hostile[:64] or "portout",
        "reasons": reasons(now, hostile),
        "suggested_measures": ["deposit_gift", *([hostile] if hostile else [])],
        "offers": [offer(hostile)],
        "manager_id": manager_id,
        "assigned_at": now if manager_id else None,
        "version": 1,
    }


def offer(hostile: str) -> dict[str, Any]:
    return {
        "offer": f"deposit_long{hostile}",
        "measure": hostile or "deposit_gift",
        "deposit_fen": 120_000,
        "gift_fen": 60_000,
        "months": 24,
        "subsidy_fen": 0,
        "budget_heads": None,
    }


def scripts(now: datetime, hostile: str) -> list[dict[str, Any]]:
    row = {"measure": "deposit_gift", "language": "en", "user_id": "u-wang", "made_at": now, "is_shared": True}
    texts = {"title": f"Ask first{hostile}", "text": f"What would make you stay?\nThen the gift.{hostile}"}
    return [{**row, **texts, "script_id": "script-one"}]


def history(key: str, now: datetime, hostile: str) -> list[tuple[Any, list[dict[str, Any]]]]:
    """What happened to a customer."""
    held = {"subscriber_id": key, "measure": f"family_plan{hostile}"}
    earlier = now - timedelta(days=9)
    return [
        (TierChange, [tier_change(key, now, hostile)]),
        (RiskChange, [risk_change(key, now, hostile)]),
        (MonthRow, [month_row(key, hostile)]),
        (MeasureHeld, [{**held, "enrolled_at": earlier}]),
        (MeasureChange, [{**held, "enrolled": True, "occurred_at": earlier}]),
        (
            NetworkChange,
            [{"subscriber_id": key, "on_network": True, "reason": f"new{hostile}", "occurred_at": earlier}],
        ),
        (Sign, [{"subscriber_id": key, "kind": f"complaints{hostile}"[:64], "occurred_at": earlier}]),
        (Contact, [contact(key, now, hostile)]),
        (CaseEvent, case_events(now, hostile)),
    ]


def tier_change(key: str, now: datetime, hostile: str) -> dict[str, Any]:
    window = [
        {"billing_month": month, "revenue_fen": fen, "billed": True, "closed": month < "2025-06"}
        for month, fen in (("2025-04", 150_000), ("2025-05", 160_000), ("2025-06", 173_702))
    ]
    return {
        "fact_id": "t1",
        "subscriber_id": key,
        "branch_id": BRANCH,
        "policy_version": hostile or "default-1",
        "occurred_at": now - timedelta(days=20),
        "from_tier": "C3",
        "to_tier": hostile[:32] or "C2",
        "direction": "up",
        "reason": hostile[:16] or "live",
        "provisional": True,
        "arpu_fen": 161_234,
        "window": window,
    }


def risk_change(key: str, now: datetime, hostile: str) -> dict[str, Any]:
    held = {"indicator": "measures_held", "points": -5, "value": 1, "evidence": {"held": f"family_plan{hostile}"}}
    return {
        "fact_id": "r1",
        "subscriber_id": key,
        "branch_id": BRANCH,
        "policy_version": hostile or "default-1",
        "occurred_at": now - timedelta(hours=3),
        "from_level": 0,
        "to_level": 3,
        "score": 80,
        "tier": "C2",
        "value_class": "important",
        "reasons": reasons(now, hostile)[:-1],
        "protections": [held],
        "suggested_measures": ["deposit_gift"],
        "offers": [offer(hostile)],
        "channels": ["phone_manager"],
    }


def contact(key: str, now: datetime, hostile: str) -> dict[str, Any]:
    return {
        "event_id": "e1",
        "case_id": "case-li",
        "subscriber_id": key,
        "user_id": "u-li",
        "at": now - timedelta(days=2),
        "outcome": "refused",
        "reason": f"price{hostile}",
        "competitor_offer": f"200 minutes{hostile}",
        "script_id": "script-one",
    }


def month_row(key: str, hostile: str) -> dict[str, Any]:
    return {
        "subscriber_id": key,
        "billing_month": "2025-05",
        "revision": 0,
        "branch_id": BRANCH,
        "revenue_fen": 160_000,
        "billed": True,
        "arpu_fen": 151_000,
        "official_tier": hostile[:32] or "C2",
        "on_network": True,
        "value_class": hostile[:32] or "important",
        "dynamic": True,
        "important": True,
        "assessed": True,
        "tenure_months": 60,
        "measures": 1,
        "usage": [],
    }


def case_events(now: datetime, hostile: str) -> list[dict[str, Any]]:
    told = [
        ("opened", {"leading": "portout", "level": 3}, ""),
        ("assigned", {"to": "u-li", "why": hostile}, f"take care{hostile}"),
        (
            "contacted",
            {"outcome": "refused", "reason": f"price{hostile}", "competitor_offer": f"x{hostile}"},
            f"angry{hostile}",
        ),
        ("note", {}, f"call after six{hostile}"),
    ]
    return [
        {
            "case_id": "case-li",
            "at": now - timedelta(hours=2),
            "user_id": "u-li",
            "kind": kind,
            "detail": detail,
            "note": note,
        }
        for kind, detail, note in told
    ]
