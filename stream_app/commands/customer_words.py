"""A customer's value class, measures, tenure and plan fit in words (DOMAIN section 4)."""

from collections.abc import Iterator, Mapping
from typing import Any

Answer = Mapping[str, Any]


def customer_lines(answer: Answer) -> Iterator[str]:
    """Say what a customer is worth and holds, as of the last close and the clock."""
    flags = [name for name in ("dynamic", "important", "assessed") if answer[name]]
    yield f"value class            {_listed([answer['value_class'].replace('_', '-'), *flags])}"
    if answer["growth_gap_fen"] is not None:
        yield f"growth pool            {answer['growth_gap_fen'] / 100:,.2f} yuan a month below the mid-to-high end"
    held = [f"{name} until {until}" if until else name for name, until in answer["measures_until"].items()]
    yield f"measures               {_listed(held)}{' (cross-stabilised)' if answer['cross_stabilised'] else ''}"
    if answer["tenure_months"] is not None:
        yield f"tenure                 {answer['tenure_months']} months ({answer['tenure_band']})"
    if answer["plan_fit"] is not None:
        yield f"plan                   {_fit(answer['plan_fit'])}"


def _fit(fit: Answer) -> str:
    used = f"{fit['plan']}: {fit['outgoing_seconds'] // 60} of {fit['plan_minutes']} minutes in {fit['billing_month']}"
    return f"{used}, {fit['move_to']} would fit" if fit["move_to"] else used


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
