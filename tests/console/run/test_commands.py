"""`stream-app desk ...` as people type it, on both databases: what it does, and what it refuses in one line."""

import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, make_url

from stream_app.cli import main
from stream_app.console.access.limits import limits, take_a_try
from stream_app.console.access.passwords import verify_password
from stream_app.console.store.access_tables import ApiToken, AuditEntry, LoginAttempt, Session
from stream_app.console.store.database import open_engine, writing
from stream_app.console.store.sole import sole
from stream_app.console.store.work_tables import User
from tests.console.moments import START, SetClock
from tests.console.readmodel.reading import rows_of

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


class Shell:
    """Runs commands on one database."""

    def __init__(self, url: str) -> None:
        self.environment = {"STREAM_APP_DESK_DATABASE_URL": url}
        self.engine = open_engine(url)

    def __call__(self, *words: str, typed: str = "") -> Result:
        """Run `stream-app desk` with words; what is typed comes on standard input."""
        return CliRunner().invoke(main, ["desk", *words], input=typed, env=self.environment)

    def done(self, *words: str, typed: str = "") -> str:
        """Run what must end well; give what it said."""
        result = self(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *words: str, typed: str = "") -> str:
        """Run what must be refused, in one line, as wrong use; give that line."""
        result = self(*words, typed=typed)
        assert result.exit_code == 2, result.output
        [line] = result.stderr.strip().splitlines()
        return line

    def user(self) -> dict[str, Any]:
        """Give the one user there is."""
        [row] = rows_of(self.engine, User)
        return row


@pytest.fixture
def fresh(empty_url: str) -> Any:
    shell = Shell(empty_url)
    yield shell
    shell.engine.dispose()


@pytest.fixture
def shell(fresh: Shell) -> Shell:
    fresh.done("migrate")
    return fresh


def add(shell: Shell, *words: str) -> str:
    given = "wang.li", "--name", "王丽", "--role", "manager"
    return shell.done("user", "add", *given, *words, typed=f"{PASSWORD}\n")


def test_tables_are_made_once_and_told_where(fresh: Shell) -> None:
    assert "has no tables yet: run `stream-app desk migrate`" in fresh.refused("user", "list")
    assert "up to date" in fresh.done("migrate")
    assert "up to date" in fresh.done("migrate")
    assert fresh.done("user", "list") == ""


def test_a_user_is_let_in_with_a_password_that_is_kept_as_a_hash(shell: Shell) -> None:
    said = add(shell, "--branch", "north", "--tier", "C1", "--tier", "C2", "--capacity", "12", "--language", "en")
    row = shell.user()
    assert said == f"added wang.li (manager) as {row['user_id']}\n"
    assert (row["name"], row["role"], row["branch_id"], row["tiers"]) == ("王丽", "manager", "north", ["C1", "C2"])
    assert (row["capacity_a_day"], row["language"], row["is_active"]) == (12, "en", True)
    assert verify_password(row["password_hash"], PASSWORD)
    assert PASSWORD not in said + str(row)
    listed = shell.done("user", "list")
    assert "wang.li" in listed
    assert "argon2" not in listed


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("wang.li", "--name", "x", "--role", "manager"), PASSWORD, "login 'wang.li' is taken"),
        (("li", "--name", "x", "--role", "manager"), "short", "10 characters or more"),
        (("li", "--name", "x", "--role", "manager"), "", "10 characters or more"),
        (("a b", "--name", "x", "--role", "manager"), PASSWORD, "write 1 to 100 letters"),
        (("li", "--name", "", "--role", "manager"), PASSWORD, "a name has 1 to 256 characters"),
        (("li", "--name", "x", "--role", "manager", "--tier", "C9"), PASSWORD, "tiers C9 are not in the policy"),
    ],
)
def test_who_cannot_be_let_in_is_told_why(shell: Shell, words: tuple[str, ...], typed: str, said: str) -> None:
    add(shell)
    assert said in shell.refused("user", "add", *words, typed=f"{typed}\n")
    assert shell.user()["login"] == "wang.li"


def test_another_password_ends_the_sessions_of_who_is_logged_in(shell: Shell) -> None:
    add(shell)
    user_id, clock = shell.user()["user_id"], SetClock()
    with writing(shell.engine) as connection:
        session = {
            "secret_hash": "x",
            "user_id": user_id,
            "csrf": "c",
            "began_at": START,
            "ends_at": clock.advance(days=1),
        }
        connection.execute(insert(Session), [session])
    shell.done("user", "passwd", "wang.li", typed="another long one\n")
    assert verify_password(shell.user()["password_hash"], "another long one")
    assert rows_of(shell.engine, Session) == []
    assert "nobody has the login 'nobody'" in shell.refused("user", "passwd", "nobody", typed=f"{PASSWORD}\n")


def test_another_password_revokes_the_tokens_and_forgets_what_the_login_failed(shell: Shell) -> None:
    add(shell)
    shell.done("token", "make", "wang.li", "--name", "reports")
    with writing(shell.engine) as connection:
        for login in ("wang.li", f"again {shell.user()['user_id']}", "zhao"):
            assert take_a_try(connection, limits(login, "192.0.2.1"), START)
    shell.done("user", "passwd", "wang.li", typed="another long one\n")
    assert rows_of(shell.engine, ApiToken) == []
    left = {row["whose"] for row in rows_of(shell.engine, LoginAttempt)}
    assert left == {"address:192.0.2.1", "login:zhao", "login:zhao 192.0.2.1"}


def test_addresses_are_set_taken_away_shown_and_listed_by_name_alone(shell: Shell, tmp_path: Path) -> None:
    add(shell)
    assert shell.done("user", "address", "wang.li") == "wang.li has no address\n"
    file, url = tmp_path / "channels.yaml", tmp_path / "url"
    url.write_text("https://crm.test/hook")
    file.write_text(f"channels: [{{name: crm, kind: wecom, url_file: {url}}}]")
    shell.environment["STREAM_APP_DESK_CHANNELS"] = str(file)
    said = shell.done("user", "address", "wang.li", "mail=li@example.org", "wecom=zhangsan", "crm=false")
    assert said == "crm=false\nmail=li@example.org\nwecom=zhangsan\n"
    assert shell.user()["channels"] == {"mail": "li@example.org", "wecom": "zhangsan", "crm": False}
    assert shell.done("user", "address", "wang.li") == said
    assert shell.done("user", "list").endswith("  told by mail, not crm, wecom\n")
    assert "example.org" not in str(rows_of(shell.engine, AuditEntry))
    shell.done("user", "address", "wang.li", "mail=")
    assert shell.user()["channels"] == {"wecom": "zhangsan", "crm": False}


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (("mail",), "write CHANNEL=ADDRESS, such as mail=li@example.org"),
        (("fax=1",), "there is no channel 'fax': write dingtalk, mail, webhook, wecom"),
        (("mail=li",), "the address for mail is none of mail"),
        (("mail=a@b,c@d",), "the address for mail is none of mail"),
        (("wecom=zhang san",), "has a space"),
        (("wecom=a\x00b",), "has a space or a character that cannot be seen"),
        (("wecom=" + "x" * 255,), "is longer than 254 characters"),
        (("wecom=a", "wecom=b"), "a channel is there twice"),
        (("mail=li@example.org", "wecom=a b"), "the address for wecom"),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_words(shell: Shell, pairs: tuple[str, ...], said: str) -> None:
    add(shell)
    assert said in shell.refused("user", "address", "wang.li", *pairs)
    assert shell.user()["channels"] == {}


def test_the_database_may_be_named_by_an_option_and_is_shown_without_secrets(
    empty_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = Shell("postgresql://desk@127.0.0.1:1/desk")
    said = nowhere.done("migrate", "--database-url", empty_url)
    assert str(make_url(empty_url).database) in said
    assert "?" not in said
    caplog.clear()
    for command in ("status", "rebuild"):
        result = nowhere(command, "--database-url", empty_url, "--bootstrap", "127.0.0.1:1")
        assert "no Kafka broker answers" in result.stderr
    assert [record.name for record in caplog.records if record.name.startswith("alembic")] == []
    nowhere.engine.dispose()


def test_absence_is_noted_and_taken_back(shell: Shell) -> None:
    add(shell)
    shell.done("user", "absent", "wang.li", "--from", "2025-07-01", "--until", "2025-07-15")
    assert "absent 2025-07-01 to 2025-07-15" in shell.done("user", "list")
    assert "is not after" in shell.refused("user", "absent", "wang.li", "--from", "2025-07-01", "--until", "2025-07-01")
    assert "--from" in shell.refused("user", "absent", "wang.li")
    shell.done("user", "absent", "wang.li", "--clear")
    assert (shell.user()["absent_from"], shell.user()["absent_until"]) == (None, None)


def test_who_may_not_log_in_any_more_may_do_so_again(shell: Shell) -> None:
    add(shell)
    shell.done("user", "active", "wang.li", "--off")
    assert not shell.user()["is_active"]
    shell.done("user", "active", "wang.li")
    assert shell.user()["is_active"]


def test_a_token_is_shown_once_kept_as_a_hash_and_taken_away(shell: Shell) -> None:
    add(shell)
    secret = shell.done("token", "make", "wang.li", "--name", "reports", "--days", "30").strip()
    [row] = rows_of(shell.engine, ApiToken)
    assert secret
    assert secret not in str(row)
    assert (row["ends_at"] - row["made_at"]).days == 30
    assert "reports" in shell.refused("token", "make", "wang.li", "--name", "reports")
    shell.done("token", "revoke", "wang.li", "--name", "reports")
    assert rows_of(shell.engine, ApiToken) == []
    assert "no token named 'reports'" in shell.refused("token", "revoke", "wang.li", "--name", "reports")


@pytest.mark.parametrize("command", ["serve", "status", "rebuild"])
def test_without_a_broker_it_is_said_in_one_line(shell: Shell, command: str) -> None:
    port = ("--web-port", "18099") if command == "serve" else ()
    result = shell(command, "--bootstrap", "127.0.0.1:1", *port)
    assert result.exit_code == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output


def test_a_database_without_tables_is_told_even_where_another_has_the_port(fresh: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = fresh.refused("serve", "--bootstrap", "127.0.0.1:1", "--web-port", str(taken.getsockname()[1]))
    assert "has no tables yet: run `stream-app desk migrate`" in said


@pytest.mark.parametrize("command", ["serve", "rebuild"])
def test_while_a_desk_works_on_a_database_no_second_one_and_no_rebuild_does(shell: Shell, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, sole(shell.engine):
        port = ("--web-port", str(taken.getsockname()[1])) if command == "serve" else ()
        result = shell(command, "--bootstrap", "127.0.0.1:1", *port)
    assert result.exit_code == 1
    [line] = result.stderr.strip().splitlines()
    assert "another desk works on this database: " in line
    assert "stop that desk first" in line


def test_a_port_that_another_program_has_is_told_and_the_database_left_free(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = shell("serve", "--bootstrap", "127.0.0.1:1", "--web-port", str(taken.getsockname()[1]))
    assert (result.exit_code, "cannot listen on" in result.stderr) == (1, True)
    with sole(shell.engine) as look:
        look()


def test_a_database_that_is_none_or_does_not_answer_is_told() -> None:
    run = CliRunner()
    said = run.invoke(main, ["desk", "migrate"], env={"STREAM_APP_DESK_DATABASE_URL": "desk.db"})
    assert (said.exit_code, "is no URL" in said.stderr) == (2, True)
    nowhere = "postgresql://desk@127.0.0.1:1/desk"
    said = run.invoke(main, ["desk", "migrate"], env={"STREAM_APP_DESK_DATABASE_URL": nowhere})
    assert (said.exit_code, "the desk's database refuses" in said.stderr) == (1, True)
    assert len(said.stderr.splitlines()) == 1
