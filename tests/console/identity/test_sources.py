"""Identity sources: the same questions to each kind, and what is particular to one."""

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from stream_app.console.identity.csv_source import CsvIdentities, read_identities
from stream_app.console.identity.opening import open_source
from stream_app.console.identity.sample import identity_of, write_sample
from stream_app.console.identity.source import Identity, IdentityError, IdentitySource
from stream_app.console.identity.sql_source import SqlIdentities
from stream_app.console.settings import DeskSettings

Rows = Mapping[str, tuple[str, str]]
Open = Callable[[Rows], IdentitySource]
PEOPLE: Rows = {"s1": ("王伟", "000 1234 5678"), "s-2_B": ("O'Neil, Anne", "+0001234567")}


class Held:
    """A source that a test can fill anew; `open` gives the source over it."""

    def __init__(self, fill: Callable[[Rows], None], source: Callable[[], IdentitySource]) -> None:
        self.fill, self.open = fill, source


def of_csv(folder: Path) -> Held:
    file = folder / "identities.csv"

    def fill(rows: Rows) -> None:
        lines = [f'{key},"{name}",{number}' for key, (name, number) in rows.items()]
        file.write_text("\n".join(["subscriber_id,name,number", *lines]) + "\n", encoding="utf-8")

    return Held(fill, lambda: CsvIdentities(file))


def of_sql(url: str) -> Held:
    def fill(rows: Rows) -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(
                text("CREATE TABLE IF NOT EXISTS identities (subscriber_id VARCHAR(64), name TEXT, number TEXT)")
            )
            connection.execute(text("DELETE FROM identities"))
            for key, (name, number) in rows.items():
                values = {"key": key, "name": name, "number": number}
                connection.execute(text("INSERT INTO identities VALUES (:key, :name, :number)"), values)
        engine.dispose()

    return Held(fill, lambda: SqlIdentities(url))


@pytest.fixture(params=["csv", "sqlite", "postgresql"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "csv":
        yield of_csv(tmp_path)
    elif request.param == "sqlite":
        yield of_sql(f"sqlite:///{tmp_path / 'identities.db'}")
    else:
        with request.getfixturevalue("postgres").database("template0") as url:
            yield of_sql(url)


def test_a_source_tells_who_somebody_is(held: Held) -> None:
    held.fill(PEOPLE)
    source = held.open()
    assert {key: source.look_up(key) for key in PEOPLE} == {key: Identity(*known) for key, known in PEOPLE.items()}


def test_who_is_not_known_is_nobody(held: Held) -> None:
    held.fill(PEOPLE)
    source = held.open()
    assert [source.look_up(key) for key in ("s3", "S1", "s1 ", "", "' OR 1=1 --", "%")] == [None] * 6


def test_what_changes_in_the_source_is_seen_at_the_next_look(held: Held) -> None:
    held.fill(PEOPLE)
    source = held.open()
    assert source.look_up("s1") == Identity("王伟", "000 1234 5678")
    held.fill({"s1": ("王伟强", "000 8765 4321 00")})
    assert source.look_up("s1") == Identity("王伟强", "000 8765 4321 00")
    assert source.look_up("s-2_B") is None


def test_many_threads_may_ask_at_once(held: Held) -> None:
    held.fill(PEOPLE)
    source, found = held.open(), list[Identity | None]()
    threads = [Thread(target=lambda: found.append(source.look_up("s1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Identity("王伟", "000 1234 5678")] * 8


def test_a_source_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match=r"none\.csv: cannot be read: No such file"):
        CsvIdentities(tmp_path / "none.csv")
    with pytest.raises(IdentityError, match="is there a table or view identities"):
        SqlIdentities(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(IdentityError, match="is no URL of a database"):
        SqlIdentities("nonsense")


def test_a_source_shows_no_value_when_it_is_printed(held: Held) -> None:
    held.fill(PEOPLE)
    source = held.open()
    found = source.look_up("s1")
    assert "王" not in f"{source!r} {source} {found!r} {found} {[found]}"
    assert "5678" not in f"{source!r} {found!r} {found}"


@pytest.mark.parametrize("store", [pickle.dumps, orjson.dumps], ids=["pickle", "json"])
def test_an_identity_cannot_be_stored_by_accident(store: Callable[[object], bytes]) -> None:
    with pytest.raises(TypeError):
        store(Identity("王伟", "000 1234 5678"))


def test_a_url_with_a_password_stands_in_no_error(tmp_path: Path) -> None:
    with pytest.raises(IdentityError) as refused:
        SqlIdentities(f"postgresql+psycopg://u:s3cret@/none?host={tmp_path}")
    assert "s3cret" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_two_identities_of_one_subscriber_are_refused_not_guessed(tmp_path: Path) -> None:
    held = of_sql(f"sqlite:///{tmp_path / 'identities.db'}")
    held.fill(PEOPLE)
    engine = create_engine(f"sqlite:///{tmp_path / 'identities.db'}")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO identities VALUES ('s1', 'another', '1')"))
    engine.dispose()
    with pytest.raises(IdentityError, match="two identities of one subscriber"):
        held.open().look_up("s1")


def test_a_view_serves_as_well_as_a_table(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE people (id TEXT, who TEXT, phone INTEGER)"))
        connection.execute(text("INSERT INTO people VALUES ('s1', '王伟', 12345678)"))
        connection.execute(
            text("CREATE VIEW identities AS SELECT id AS subscriber_id, who AS name, phone AS number FROM people")
        )
    engine.dispose()
    assert SqlIdentities(f"sqlite:///{tmp_path / 'crm.db'}").look_up("s1") == Identity("王伟", "12345678")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_may_be_utf_8_or_gb18030(encoding: str) -> None:
    content = "姓,subscriber_id,number,name\r\n王,s1,000 1234,王伟\r\n\r\n".encode(encoding)
    assert read_identities(content, "f.csv") == {"s1": ("王伟", "000 1234")}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "f.csv:1: the first line names the columns subscriber_id, name, number"),
        (
            b"id,name,number\ns1,a,123",
            "f.csv:1: the first line names the columns subscriber_id, name, number, each once",
        ),
        (b"subscriber_id,name,number,name\n", "see to name"),
        (b"subscriber_id,name,number\ns1,a\n", "f.csv:2: 2 columns, not 3: quote values that hold a comma"),
        (b"subscriber_id,name,number\ns1,Wang, Wei,0001234\n", "f.csv:2: 4 columns, not 3"),
        (b"subscriber_id,name,number\ns1,Wang,0001234\ns1,Li,0001235\n", "f.csv:3: subscriber_id is there twice"),
        (b"subscriber_id,name,number\ns 1,Wang,0001234\n", "f.csv:2: subscriber_id is not 1 to 64"),
        (b"subscriber_id,name,number\ns1,,0001234\n", "f.csv:2: name is empty"),
        (b'subscriber_id,name,number\ns1,"Wa\nng",0001234\n', "f.csv:3: name is empty, longer"),
        (b"subscriber_id,name,number\ns1,Wang,one\n", "f.csv:2: number is not 3 to 20 digits"),
        (b"subscriber_id,name,number\ns1,0001234,Wang\n", "f.csv:2: number is not 3 to 20 digits"),
        (b'subscriber_id,name,number\ns1,"Wang" x,0001234\n', "f.csv:2: quotes that do not match"),
        (b"subscriber_id,name,number\ns1,Wang\xff\xff,0001234\n", "f.csv:2: is neither UTF-8 nor GB18030"),
    ],
)
def test_a_wrong_file_is_refused_by_its_line_without_its_values(content: bytes, words: str) -> None:
    with pytest.raises(IdentityError) as refused:
        read_identities(content, "f.csv")
    assert words in str(refused.value)
    assert "Wang" not in str(refused.value)
    assert "0001234" not in str(refused.value)


def test_many_wrong_lines_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("subscriber_id,name,number\n" + "x\n" * 30)
    with pytest.raises(IdentityError) as refused:
        CsvIdentities(file)
    assert len(str(refused.value).splitlines()) == 11
    assert str(refused.value).endswith("and 20 lines more")


def test_a_file_that_goes_wrong_gives_nobody_until_it_is_put_right(tmp_path: Path) -> None:
    held = of_csv(tmp_path)
    held.fill(PEOPLE)
    source = held.open()
    (tmp_path / "identities.csv").write_text("subscriber_id,name,number\ns1,a\n")
    for _ in range(2):
        with pytest.raises(IdentityError, match="2 columns"):
            source.look_up("s1")
    (tmp_path / "identities.csv").unlink()
    with pytest.raises(IdentityError, match="cannot be read"):
        source.look_up("s1")
    held.fill(PEOPLE)
    assert source.look_up("s1") == Identity("王伟", "000 1234 5678")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    for sent in (content, b"subscriber_id,name,number\n" + content):
        try:
            found = read_identities(sent, "f.csv")
        except IdentityError:
            continue
        assert all(name and number for name, number in found.values())


def test_made_up_people_are_the_same_each_time_and_nobodys_number(tmp_path: Path) -> None:
    ids = [f"s{number}" for number in range(500)]
    write_sample(tmp_path / "made-up.csv", ids)
    source = CsvIdentities(tmp_path / "made-up.csv")
    found = {key: source.look_up(key) for key in ids}
    assert found == {key: identity_of(key) for key in ids}
    numbers = {each.number for each in found.values() if each}
    assert len(numbers) == 500
    assert all(number.startswith("000 ") for number in numbers)


def test_a_desk_has_the_source_that_its_settings_name(tmp_path: Path) -> None:
    write_sample(tmp_path / "made-up.csv", ["s1"])
    named: Any = {"identity_csv": tmp_path / "made-up.csv"}
    none: Any = {}
    assert open_source(DeskSettings(**none)) is None
    assert isinstance(open_source(DeskSettings(**named)), CsvIdentities)
    of_sql(f"sqlite:///{tmp_path / 'identities.db'}").fill(PEOPLE)
    other: Any = {"identity_sql_url": f"sqlite:///{tmp_path / 'identities.db'}"}
    assert isinstance(open_source(DeskSettings(**other)), SqlIdentities)
    with pytest.raises(IdentityError, match="come from one source"):
        open_source(DeskSettings(**named, **other))
