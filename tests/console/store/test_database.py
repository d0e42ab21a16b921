"""Reading, writing and upserts mean the same on both databases."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import (
    ROWS_AT_ONCE,
    DatabaseError,
    database_url,
    open_engine,
    reading,
    shown,
    upsert,
    writing,
)
from stream_app.console.store.read_tables import MeasureHeld, Position
from stream_app.console.store.work_tables import Script

AT = datetime(2025, 6, 10, 2, 0, tzinfo=UTC)


def position(partition: int, read_to: int, acted_to: int = 0) -> dict[str, Any]:
    return {"topic": "churn-risk", "partition": partition, "read_to": read_to, "acted_to": acted_to}


def positions(engine: Engine) -> dict[int, tuple[int, int]]:
    with reading(engine) as connection:
        found = connection.execute(select(Position.partition, Position.read_to, Position.acted_to))
        return {partition: (read_to, acted_to) for partition, read_to, acted_to in found}


def test_an_error_rolls_everything_back(engine: Engine) -> None:
    def fail_in_the_middle() -> None:
        with writing(engine) as connection:
            upsert(connection, Position, [position(0, 5)])
            raise KeyError

    with pytest.raises(KeyError):
        fail_in_the_middle()
    assert positions(engine) == {}


def test_no_error_of_the_database_shows_what_was_to_be_written(engine: Engine) -> None:
    secret = {"script_id": "one", "title": "hush-hush"}  # the rest, which must be there, is not
    with pytest.raises(DBAPIError) as failed, writing(engine) as connection:
        connection.execute(insert(Script).values(secret))
    assert "INSERT" in str(failed.value)
    assert "hush-hush" not in str(failed.value).replace(str(failed.value.__cause__), "")


def test_a_url_is_shown_without_its_password_and_its_query() -> None:
    url = database_url("postgresql://desk:hush@db/desk?password=hush&sslmode=require")
    assert shown(url) == "postgresql+psycopg://desk:***@db/desk"


def test_an_upsert_inserts_and_replaces(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert(connection, Position, [position(0, 5), position(1, 6)])
        upsert(connection, Position, [position(1, 7), position(2, 8)])
    assert positions(engine) == {0: (5, 0), 1: (7, 0), 2: (8, 0)}


def test_an_upsert_of_nothing_is_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert(connection, Position, [])
    assert positions(engine) == {}


def test_an_upsert_keeps_the_columns_it_is_told_to(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert(connection, Position, [position(0, 5, 3)])
        upsert(connection, Position, [position(0, 9, 9)], keep=["acted_to"])
    assert positions(engine) == {0: (9, 3)}


def test_an_upsert_with_nothing_to_change_leaves_the_row(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert(connection, Position, [position(0, 5, 3)])
        upsert(connection, Position, [position(0, 9, 9)], keep=["acted_to", "read_to"])
    assert positions(engine) == {0: (5, 3)}


def test_an_upsert_takes_the_newer_row_and_one_that_had_no_instant(engine: Engine) -> None:
    def held(measure: str, at: datetime | None, until_day: int) -> dict[str, Any]:
        until = AT.date().replace(day=until_day)
        return {"subscriber_id": "a", "measure": measure, "enrolled_at": at, "until_on": until}

    with writing(engine) as connection:
        upsert(connection, MeasureHeld, [held("older", AT, 1), held("newer", AT, 1), held("none", None, 1)])
        again = [held("older", AT - timedelta(seconds=1), 2), held("newer", AT, 2), held("none", AT, 2)]
        upsert(connection, MeasureHeld, again, newer="enrolled_at")
    with reading(engine) as connection:
        rows = connection.execute(select(MeasureHeld.measure, MeasureHeld.until_on)).all()
    assert {row.measure: row.until_on.day for row in rows if row.until_on} == {"older": 1, "newer": 2, "none": 2}


def test_more_rows_than_fit_a_statement_are_written(engine: Engine) -> None:
    count = 2 * ROWS_AT_ONCE + 7
    with writing(engine) as connection:
        upsert(connection, Position, [position(number, number) for number in range(count)])
    assert len(positions(engine)) == count


def test_a_reader_sees_one_moment_and_waits_for_no_writer(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert(connection, Position, [position(0, 1)])
    with reading(engine) as reader:
        before = reader.execute(select(Position.read_to)).scalar_one()
        with writing(engine) as writer:
            upsert(writer, Position, [position(0, 2)])
        assert reader.execute(select(Position.read_to)).scalar_one() == before == 1
    assert positions(engine)[0][0] == 2


def test_writers_that_read_first_come_one_after_another(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert(connection, Position, [position(0, 0)])

    def add(times: int) -> None:
        for _ in range(times):
            with writing(engine) as connection:
                found = select(Position.read_to).where(Position.partition == 0).with_for_update()
                read_to = connection.execute(found).scalar_one()
                connection.execute(update(Position).values(read_to=read_to + 1))

    threads = [threading.Thread(target=add, args=(10,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert positions(engine)[0][0] == 40


def test_instants_come_back_aware_and_in_utc(engine: Engine) -> None:
    shanghai = timezone(timedelta(hours=8))
    row = {"subscriber_id": "a", "measure": "m", "enrolled_at": AT.astimezone(shanghai) + timedelta(microseconds=1)}
    with writing(engine) as connection:
        upsert(connection, MeasureHeld, [row])
    with reading(engine) as connection:
        found = connection.execute(select(MeasureHeld.enrolled_at, MeasureHeld.ended_at)).one()
    assert found == (AT + timedelta(microseconds=1), None)
    assert found.enrolled_at is not None
    assert found.enrolled_at.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(engine: Engine) -> None:
    row = {"subscriber_id": "a", "measure": "m", "enrolled_at": AT.replace(tzinfo=None)}
    with pytest.raises(Exception, match="give an aware instant"), writing(engine) as connection:
        upsert(connection, MeasureHeld, [row])


def test_defaults_are_filled_in_where_many_rows_are_inserted(engine: Engine) -> None:
    script = {"measure": "family_plan", "title": "t", "text": "<b>", "language": "zh", "made_at": AT}
    with writing(engine) as connection:
        connection.execute(insert(Script).values([script | {"script_id": name} for name in ("a", "b")]))
        upsert(connection, Script, [script | {"script_id": name} for name in ("c", "d")])
        connection.execute(insert(AuditEntry), [{"at": AT, "action": "look"}, {"at": AT, "action": "login"}])
    with reading(engine) as connection:
        assert connection.execute(select(Script.is_shared)).scalars().all() == [True] * 4
        entries = connection.execute(select(AuditEntry.entry_no, AuditEntry.detail)).all()
    assert sorted(entry.entry_no for entry in entries) == [1, 2]
    assert [entry.detail for entry in entries] == [{}, {}]


def test_json_keeps_texts_of_all_kinds(engine: Engine) -> None:
    detail = {"note": "退网 <script>'\";--\u2028", "figures": [1, None, 2**40]}
    with writing(engine) as connection:
        connection.execute(insert(AuditEntry), [{"at": AT, "action": "look", "detail": detail}])
    with reading(engine) as connection:
        assert connection.execute(select(AuditEntry.detail)).scalar_one() == detail


def test_the_desk_of_a_test_has_the_shipped_policy_and_the_clock_it_sets(desk: Desk) -> None:
    assert desk.policies.in_force(desk.now()).desk.held_out_permille == 50
    with reading(desk.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Position)).scalar_one() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [("desk.db", "is no URL"), ("mysql://localhost/desk", "not in mysql"), ("postgresql://host:port/x", "is no URL")],
)
def test_a_url_that_is_of_no_use_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(DatabaseError, match=said):
        open_engine(text)
