"""What the months must come to: the accepted events added up again, straight from CONTRACTS section 3."""

from collections import defaultdict
from dataclasses import dataclass, field

from stream_app.core.events import BillAdjusted, BillIssued, Event, FeeCharged, UsageRecorded
from stream_app.core.state import Month, Subscriber


@dataclass
class Sum:
    """A subscriber's month."""

    accrued_fen: int = 0
    adjusted_fen: int = 0
    bills: dict[str, int] = field(default_factory=dict)

    def agrees(self, month: Month) -> bool:
        """Tell whether a stored month comes to the same."""
        billed_fen = sum(self.bills.values()) if self.bills else None
        return (self.accrued_fen, self.adjusted_fen, billed_fen) == (
            month.accrued_fen,
            month.adjusted_fen,
            month.billed_fen,
        )


class Sums:
    """Adds accepted events up; ids accepted twice while they should be remembered are a fault."""

    def __init__(self, usage_recent: int) -> None:
        self._usage_recent = usage_recent
        self._months: defaultdict[str, dict[int, Sum]] = defaultdict(dict)
        self._ids: dict[tuple[str, str, str], int] = {}
        self._usage_ids: defaultdict[str, list[str]] = defaultdict(list)

    def begin(self, subscriber_id: str) -> None:
        """Hear that a subscriber is new, or was forgotten."""
        self._usage_ids[subscriber_id].clear()

    def add(self, event: Event, month: int, final: int) -> None:
        """Add an accepted event to its month."""
        self._note_id(event, month, final)
        if not isinstance(event, UsageRecorded | FeeCharged | BillAdjusted | BillIssued):
            return
        found = self._months[event.subscriber_id].setdefault(month, Sum())
        if isinstance(event, UsageRecorded):
            found.accrued_fen += event.charge_fen
        elif isinstance(event, FeeCharged):
            found.accrued_fen += event.amount_fen
        elif isinstance(event, BillAdjusted):
            found.adjusted_fen += event.amount_fen
        else:
            found.bills[event.bill_id] = event.amount_fen

    def _note_id(self, event: Event, month: int, final: int) -> None:
        if isinstance(event, UsageRecorded):
            recent = self._usage_ids[event.subscriber_id]
            assert event.event_id not in recent, f"usage {event.event_id} applied twice"
            recent.append(event.event_id)
            del recent[: -self._usage_recent]
            return
        key = event.subscriber_id, event.type, event.event_id
        assert self._ids.get(key, final) <= final, f"{key} applied twice"
        self._ids[key] = month

    def check(self, subscriber_id: str, sub: Subscriber | None, final: int) -> None:
        """Compare a subscriber's months; those final may be gone, no other."""
        sums = self._months.get(subscriber_id, {})
        kept = {} if sub is None else sub.months
        for month in {*kept, *(month for month in sums if month > final)}:
            expected, found = sums.get(month, Sum()), kept.get(month, Month())
            assert expected.agrees(found), f"month {month} of {subscriber_id}: {found}, but added up {expected}"

    def forget(self, final: int) -> None:
        """Drop what can no longer be asked for, so that a course may go on for ever."""
        self._ids = {key: month for key, month in self._ids.items() if month > final}
        for sums in self._months.values():
            for month in [month for month in sums if month < final - 6]:
                del sums[month]
