"""Stored state: what is written is read again, and every row a release has written still loads."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack, structs, to_builtins

from stream_app.core.admission import BILL_BYTES, DIGEST_BYTES, bill_month, holds, lasting
from stream_app.core.state import DUE_FROM, NEVER, TRAITS, Bill, Clock, Month, Subscriber, Tick, Use
from stream_app.core.usage import packed
from stream_app.wire.stored import (
    FIRST_SUBSCRIBER_KEY,
    LAYOUT,
    PARTITION_KEY,
    PartitionRow,
    UnreadableState,
    dump_partition,
    dump_subscriber,
    glance,
    load_partition,
    load_subscriber,
)

AT = datetime(2025, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)
ids = st.binary(min_size=DIGEST_BYTES, max_size=DIGEST_BYTES)
digests = st.binary(min_size=0, max_size=4).map(lambda text: text * DIGEST_BYTES)
fen = st.integers(-(10**15), 10**15)
days = st.integers(1, NEVER)
month_numbers = st.integers(0, 120_000)
instants = st.datetimes(timezones=st.just(UTC))
texts = st.text(max_size=8)

uses = st.dictionaries(st.integers(0, 60), st.builds(Use, *[st.integers(0, 2**62)] * 3), max_size=3)
months = st.builds(
    Month,
    accrued_fen=fen,
    billed_fen=st.none() | fen,
    adjusted_fen=fen,
    usage=uses | uses.map(packed),
    official=st.none() | texts,
    misses=st.integers(0, 9),
    revision=st.integers(-1, 9),
)
bills = st.builds(Bill, month=month_numbers, amount_fen=fen, due_day=st.none() | days)
subscribers = st.builds(
    Subscriber,
    wake_day=days,
    serial=st.integers(0, 2**40),
    closed=st.integers(-1, 120_000),
    first_month=days,
    tier=st.none() | texts,
    standing=st.integers(0, 7),
    headroom_fen=fen,
    months=st.dictionaries(month_numbers, months, max_size=3),
    past=st.dictionaries(month_numbers, fen, max_size=3),
    usage_ids=digests,
    ids=st.dictionaries(month_numbers, digests, max_size=3),
    bills=st.dictionaries(ids, bills, max_size=3),
    bill_months=st.lists(st.builds(lasting, ids, month_numbers), max_size=3).map(b"".join),
    due=st.dictionaries(days, fen, max_size=3),
    overdue_fen=fen,
    credit_fen=fen,
    switches=st.lists(st.tuples(instants, st.booleans()), max_size=3),
    contracts=st.dictionaries(texts, days, max_size=3),
    traits=st.dictionaries(st.integers(0, len(TRAITS) - 1), texts, max_size=3),
    profile_at=st.none() | instants,
    measures=st.dictionaries(texts, days, max_size=3),
    activated_at=st.integers(0, 2**33),
    value=st.none() | texts,
)


@settings(max_examples=40)
@given(subscribers)
def test_a_subscriber_comes_back_as_it_was_written(sub: Subscriber) -> None:
    row = dump_subscriber(sub)
    assert load_subscriber(row) == sub
    assert dump_subscriber(load_subscriber(row)) == row


@settings(max_examples=40)
@given(subscribers)
def test_a_glance_sees_the_head_of_the_row(sub: Subscriber) -> None:
    seen = glance(dump_subscriber(sub))
    assert (seen.wake_day, seen.serial) == (sub.wake_day, sub.serial)


def partition_row() -> PartitionRow:
    tick = Tick(
        serial=7,
        at=AT,
        closed=24301,
        opened=24302,
        final=24298,
        day=739311,
        version="plain-1",
        turns=True,
        policy_changed=False,
        cause=("clock", 0, 41),
    )
    clock = Clock(at=AT, tick=tick, pending=[tick], closings=[(0, "plain-1")], heads={"": 3, "GOLD": 2})
    return PartitionRow(
        clock=clock,
        positions={"usage-events": 12, "clock": 42},
        cursor=b"s-7\0",
        target=7,
        seen=100,
        rejected=3,
        duplicates={"usage.recorded": 5},
    )


def test_a_partitions_row_comes_back_as_it_was_written() -> None:
    assert load_partition(dump_partition(partition_row())) == partition_row()


def full_subscriber() -> Subscriber:
    month = Month(100, 250, -50, {3: Use(60, 100, 1)}, "GOLD", 1, 2)
    return Subscriber(
        wake_day=739340,
        serial=7,
        closed=24301,
        first_month=24300,
        tier="GOLD",
        standing=2,
        headroom_fen=900,
        months={24301: month},
        usage_ids=b"\xff" * 6 + b"\x00" * 6,
        ids={24301: b"\x00" * 6},
        bills={b"\x00" * 6: Bill(24301, 250, 739330 - DUE_FROM)},
        bill_months=lasting(b"\x00" * 6, 24290),
        due={739000 - DUE_FROM: 40},
        overdue_fen=30,
        credit_fen=20,
        switches=[(AT, True)],
        contracts={"c-1": NEVER},
        traits={2: "b-7", 0: "a"},
        profile_at=AT,
    )


def packed_subscriber() -> Subscriber:
    closed = Month(100, 250, -50, packed({3: Use(60, 100, 1)}), "GOLD", 1, 2)
    return structs.replace(full_subscriber(), months={24301: closed}, past={24289: 501})


# Rows as releases have written them. Add the rows of a new layout or of new fields; never change those that stand here.
SUBSCRIBER_1 = bytes.fromhex(
    "01dc0014ce000b480c07cd5eedcd5eeca4474f4c4402cd0384a3622d3781cd5eed9764ccfad0ce8103933c6401a4474f4c44"
    "010292cfffffffffffffffff018105cd5eed810693cd5eedccface000b48028108cd5ee281ce000b46b8281e149192d7ff1d"
    "6f280067c2c588c381a3632d31ce4000000081a4706c616ea161d7ff1d6f280067c2c588"
)
SUBSCRIBER_2 = bytes.fromhex(
    "02dc0014ce000b480c07cd5eedcd5eeca4474f4c4402cd0384a3622d3781cd5eed9764ccfad0ce8103933c6401a4474f4c44"
    "0102c410ffffffffffffffff000000000000000181cd5eedc4080000000000000005810693cd5eedccface000b48028108cd"
    "5ee281ce000b46b8281e149192d7ff1d6f280067c2c588c381a3632d31ce4000000081a4706c616ea161d7ff1d6f280067c2"
    "c588"
)
SUBSCRIBER_3 = bytes.fromhex(
    "03dc0014ce000b480c07cd5eedcd5eeca4474f4c4402cd038481cd5eed9764ccfad0cec4068103933c6401a4474f4c440102"
    "81cd5ee1cd01f5c40cffffffffffff00000000000081cd5eedc40600000000000081c40600000000000093cd5eedccfacd4e"
    "c7c409000000000000005ee281cd4d7d281e149192d7ff1d6f280067c2c588c381a3632d31ce400000008202a3622d3700a1"
    "61d7ff1d6f280067c2c588"
)
PARTITION_1 = bytes.fromhex(
    "019795d7ff1d6f280067c2c5889a07d7ff1d6f280067c2c588cd5eedcd5eeecd5eeace000b47efa7706c61696e2d31c3c293"
    "a5636c6f636b0029919a07d7ff1d6f280067c2c588cd5eedcd5eeecd5eeace000b47efa7706c61696e2d31c3c293a5636c6f"
    "636b0029919200a7706c61696e2d3182a003a4474f4c440282ac75736167652d6576656e74730ca5636c6f636b2ac404732d"
    "370007640381ae75736167652e7265636f7264656405"
)


def test_rows_of_layout_1_still_load() -> None:
    assert load_subscriber(SUBSCRIBER_1) == full_subscriber()
    assert load_partition(PARTITION_1) == partition_row()


def test_rows_of_layout_2_still_load() -> None:
    assert load_subscriber(SUBSCRIBER_2) == full_subscriber()
    assert load_partition(b"\x02" + PARTITION_1[1:]) == partition_row()


def test_rows_of_layout_3_still_load() -> None:
    assert load_subscriber(SUBSCRIBER_3) == packed_subscriber()


WIDE_IDS = [bytes(range(at, at + 8)) for at in range(0, 64, 8)]


def test_what_layout_2_remembers_is_still_known() -> None:
    first, second, *_, last = WIDE_IDS
    head: tuple[object, ...] = (NEVER, 0, -1, NEVER, None, 0, 0, None, {})
    bills = {int.from_bytes(first): [24301, 250, None]}
    row = b"\x02" + msgpack.encode(
        [
            *head,
            first + second,
            {24301: second + last},
            bills,
            {int.from_bytes(second): 24290, int.from_bytes(last): 24289},
        ]
    )
    sub = load_subscriber(row)
    assert [holds(sub.usage_ids, wide[:DIGEST_BYTES]) for wide in (first, second, last)] == [True, True, False]
    assert [holds(sub.ids[24301], wide[:DIGEST_BYTES]) for wide in (first, second, last)] == [False, True, True]
    assert [bill_month(sub, wide[:DIGEST_BYTES]) for wide in WIDE_IDS[:3]] == [24301, 24290, None]
    assert bill_month(sub, last[:DIGEST_BYTES]) == 24289
    assert len(sub.bill_months) == 2 * BILL_BYTES


@pytest.mark.parametrize("layout", [b"\x01", b"\x02"])
@pytest.mark.parametrize("content", [b"", b"\x91\xa1x", b"\x80", SUBSCRIBER_2[1:-3], SUBSCRIBER_1[1:-3]])
def test_an_older_row_that_does_not_read_says_so_too(layout: bytes, content: bytes) -> None:
    with pytest.raises(UnreadableState, match=r"does not read as layout 0[12]"):
        load_subscriber(layout + content)


@pytest.mark.parametrize("trait", ["", "shoe_size"])
def test_an_older_row_with_a_trait_that_never_was_does_not_read(trait: str) -> None:
    row = b"\x02" + msgpack.encode(
        [NEVER, 0, -1, NEVER, None, 0, 0, None, {}, b"", {}, {}, {}, {}, 0, 0, [], {}, {trait: ""}]
    )
    with pytest.raises(UnreadableState):
        load_subscriber(row)


@pytest.mark.parametrize("row", [b"\x01\x90", b"\x01\x93\x05\x02\x07", b"\x02\x90", b"\x02\x93\x05\x02\x07"])
def test_a_short_row_of_an_older_layout_loads_with_the_defaults_of_today(row: bytes) -> None:
    assert load_subscriber(row) == load_subscriber(LAYOUT + row[1:])


def test_a_row_of_a_release_that_knew_fewer_fields_loads_with_their_defaults() -> None:
    assert load_subscriber(LAYOUT + b"\x93\x05\x02\x07") == Subscriber(wake_day=5, serial=2, closed=7)
    assert load_subscriber(LAYOUT + b"\x90") == Subscriber()
    assert load_partition(LAYOUT + b"\x90") == PartitionRow()


def test_a_row_of_a_release_that_knows_more_fields_loads_without_them() -> None:
    fields = len(to_builtins(Subscriber()))
    longer = LAYOUT + b"\xdc" + (fields + 1).to_bytes(2, "big") + dump_subscriber(Subscriber())[4:] + b"\xa3new"
    assert load_subscriber(longer) == Subscriber()


@pytest.mark.parametrize("row", [b"", b"\x04\x90", b"\x00", b"{}"])
def test_a_row_of_another_layout_says_which_release_can_read_it(row: bytes) -> None:
    with pytest.raises(
        UnreadableState, match=r"this release reads up to 03: run the release that wrote it, or a newer one"
    ):
        load_subscriber(row)


@pytest.mark.parametrize(
    "row", [LAYOUT, LAYOUT + b"\x91\xa1x", LAYOUT + b"\x80", dump_subscriber(full_subscriber())[:-3]]
)
def test_a_row_that_does_not_read_says_to_rebuild_the_state(row: bytes) -> None:
    with pytest.raises(UnreadableState, match=r"rebuild the state from its changelog"):
        load_subscriber(row)


def test_the_partitions_own_row_sorts_before_every_subscriber() -> None:
    assert PARTITION_KEY < FIRST_SUBSCRIBER_KEY < b"-"
