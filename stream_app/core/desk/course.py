"""What becomes of a case as facts come in: opened, joined, cleared, closed (DOMAIN section 6).

One case that is not closed holds all of a customer's reasons. A newer risk takes the place of the one before, so the
order in which risk and tier facts meet does not matter. What managers do is `results`' and `assigning`'s.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from stream_app.core.desk import calling, heldout
from stream_app.core.desk.calling import Call, CaseKind
from stream_app.core.desk.heard import Enrolled, Ground, Heard, Known, Reason, RiskTold, Switched, TierMoved

State = Literal["open", "waiting", "held_out", "closed"]
CloseReason = Literal["accepted", "refused", "cleared", "left", "returned", "unreachable", "lapsed"]


class CaseState(Struct, kw_only=True):
    """A case; its fields are those of the table."""

    case_id: str
    subscriber_id: str
    branch_id: str | None
    kind: CaseKind
    state: State
    opened_at: datetime
    due_at: datetime
    not_before_at: datetime | None = None
    level: int
    score: int
    tier: str | None
    value_class: str
    arpu_fen: int
    leading: str
    arm: heldout.Arm = "exempt"
    reasons: tuple[Reason, ...]
    suggested_measures: tuple[str, ...] = ()
    offers: tuple[Mapping[str, Any], ...] = ()
    manager_id: str | None = None
    assigned_at: datetime | None = None
    escalated_at: datetime | None = None
    attempts: int = 0
    outcome: str | None = None
    measure: str | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    version: int = 0

    @property
    def ended(self) -> calling.Ended | None:
        """Give it as a case that is over; None while it is not."""
        if self.closed_at is None or self.close_reason is None:
            return None
        return calling.Ended(self.kind, self.closed_at, self.close_reason, self.level, self.reasons)


class Happened(NamedTuple):
    """An entry of the case's own log."""

    case_id: str
    at: datetime
    kind: str
    detail: Mapping[str, Any]


def open_case(call: Call, heard: Heard, known: Known, ground: Ground) -> tuple[CaseState, list[Happened]]:
    """Open a case for a call; who is held out gets one too, without a task."""
    arm = heldout.arm_of(heard.subscriber_id, call, known, ground.desk)
    case = CaseState(
        case_id=heard.fact_id,
        subscriber_id=heard.subscriber_id,
        branch_id=known.branch_id or heard.branch_id,
        kind=call.kind,
        state="held_out" if arm == "held_out" else "open",
        opened_at=heard.occurred_at,
        due_at=call.due_at,
        level=call.level,
        score=call.score,
        tier=call.tier,
        value_class=call.value_class,
        arpu_fen=known.arpu_fen,
        leading=calling.leading(call.reasons, ground.desk),
        arm=arm,
        reasons=call.reasons,
        suggested_measures=call.measures,
        offers=call.offers,
    )
    return case, [_happened(case, "held_out" if arm == "held_out" else "opened", heard, _standing(case))]


def hear(case: CaseState, heard: Heard, known: Known, ground: Ground) -> list[Happened]:
    """Let a case that is not closed take a fact in; nothing happened where the fact changes nothing."""
    if case.kind == "win_back":
        return _hear_of_one_who_left(case, heard, known, ground)
    if _tells_of_leaving(heard, known):
        return [close(case, "left", heard.occurred_at)]
    if isinstance(heard, Enrolled):
        return _hear_of_enrolment(case, heard)
    call = calling.call_for(heard, known, ground)
    if call is not None:
        return [_join(case, call, heard, known, ground)]
    return _drop(case, heard, _kept(case, heard, ground), ground)


def close(case: CaseState, why: CloseReason, at: datetime) -> Happened:
    """Close a case."""
    case.state, case.closed_at, case.close_reason = "closed", at, why
    case.not_before_at = None
    return Happened(case.case_id, at, "closed", {"close_reason": why})


def _tells_of_leaving(heard: Heard, known: Known) -> bool:
    if isinstance(heard, Switched):
        return not heard.is_on and known.left_at is not None
    return heard.has_left if isinstance(heard, RiskTold) else isinstance(heard, TierMoved) and heard.why == "left"


def _hear_of_one_who_left(case: CaseState, heard: Heard, known: Known, ground: Ground) -> list[Happened]:
    if _tells_of_return(case, heard, known, ground):
        return [close(case, "returned", heard.occurred_at)]
    return _hear_of_enrolment(case, heard) if isinstance(heard, Enrolled) else []


def _tells_of_return(case: CaseState, heard: Heard, known: Known, ground: Ground) -> bool:
    if heard.occurred_at < case.opened_at:
        return False
    if isinstance(heard, Switched):  # at equal instants activation wins
        return heard.is_on
    call = calling.call_for(heard, known, ground)  # who is warned of is on the network
    return (call is not None and call.kind == "keep") or (isinstance(heard, TierMoved) and heard.why == "returned")


def _hear_of_enrolment(case: CaseState, heard: Enrolled) -> list[Happened]:
    """Close a case whose measure was accepted, also where it was enrolled after its time."""
    if case.measure != heard.measure or heard.occurred_at < case.opened_at:
        return []
    return [close(case, "accepted", heard.occurred_at)]


def _join(case: CaseState, call: Call, heard: Heard, known: Known, ground: Ground) -> Happened:
    desk = ground.desk
    is_news = calling.is_news(call, case.level, case.reasons, desk)
    if case.outcome is None or is_news:  # after a contact only what is new hurries
        case.due_at = min(case.due_at, call.due_at)
    if is_news:
        case.not_before_at = None
        case.state = "open" if case.state == "waiting" else case.state
    case.reasons = _in_order(case.reasons, call.reasons)
    case.level, case.score = max(case.level, call.level), _score(case, call, heard)
    case.tier = ground.higher(case.tier, call.tier)
    if isinstance(heard, RiskTold):
        case.suggested_measures, case.offers = call.measures or case.suggested_measures, call.offers
    case.leading = calling.leading(case.reasons, desk)
    if case.state == "held_out" and heldout.is_exempt(call, known, (case.tier, known.tier), desk):
        return release(case, heard.occurred_at)
    return _happened(case, "reason", heard, {**_standing(case), "news": is_news})


def release(case: CaseState, at: datetime) -> Happened:
    """Make a task of a case that was held out, as a reason came not to leave the customer alone."""
    case.state = "open"
    return Happened(case.case_id, at, "opened", {"was": "held_out", **_standing(case)})


def _score(case: CaseState, call: Call, heard: Heard) -> int:
    return call.score if isinstance(heard, RiskTold) else max(case.score, call.score)


def _in_order(standing: Sequence[Reason], told: Sequence[Reason]) -> tuple[Reason, ...]:
    """Put a newer risk in the place of the one before; risks come first, then tiers lost as they were lost."""
    kinds, ids = {reason.kind for reason in told}, {reason.fact_id for reason in told}
    stays = [each for each in standing if each.fact_id not in ids and not (each.kind == "risk" and "risk" in kinds)]
    others = [each for each in (*stays, *told) if each.kind != "risk"]
    others.sort(key=lambda reason: (reason.occurred_at, reason.fact_id))
    return (*(each for each in (*stays, *told) if each.kind == "risk"), *others)


def _kept(case: CaseState, heard: Heard, ground: Ground) -> tuple[Reason, ...]:
    """Give the reasons that a fact which calls for nothing leaves standing."""
    if isinstance(heard, RiskTold):
        return tuple(reason for reason in case.reasons if reason.kind != "risk")
    if isinstance(heard, TierMoved) and heard.direction == "up":
        rank = ground.rank(heard.to_tier)
        return tuple(each for each in case.reasons if each.kind != "tier_lost" or ground.rank(each.says["from"]) > rank)
    return case.reasons


def _drop(case: CaseState, heard: Heard, kept: tuple[Reason, ...], ground: Ground) -> list[Happened]:
    if isinstance(heard, RiskTold):
        case.score = heard.score
    if case.state == "waiting" and isinstance(heard, RiskTold):
        return [close(case, "accepted", heard.occurred_at)]
    if kept == case.reasons:
        return []
    if not kept:
        return [close(case, "accepted" if case.state == "waiting" else "cleared", heard.occurred_at)]
    case.reasons, case.leading = kept, calling.leading(kept, ground.desk)
    return [_happened(case, "reason", heard, _standing(case))]


def _standing(case: CaseState) -> dict[str, Any]:
    names = list(dict.fromkeys(reason.name for reason in case.reasons))
    return {"leading": case.leading, "level": case.level, "score": case.score, "reasons": names}


def _happened(case: CaseState, kind: str, heard: Heard, detail: Mapping[str, Any]) -> Happened:
    return Happened(case.case_id, heard.occurred_at, kind, {"fact_id": heard.fact_id, **detail})
