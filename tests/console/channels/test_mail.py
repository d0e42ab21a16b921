"""Mail to a real server: encrypted where it offers it, and what its refusals mean."""

from pathlib import Path

import aiohttp
import pytest

from stream_app.console.channels.sending import Sender
from stream_app.console.channels.telling import tell
from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from tests.console.channels.people import WALL, channels, deliveries, task, with_user
from tests.console.channels.sinks import Letters, make_certificate, running_mail
from tests.console.moments import SetClock

LOGIN = ", user: desk, password_env: MAIL_PASSWORD"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def letters() -> Letters:
    return Letters()


async def sent(desk: Desk, folder: Path, port: int, more: str = "", address: str = "li@example.org") -> dict[str, int]:
    text = f"channels: [{{name: post, kind: mail, host: 127.0.0.1, port: {port}, sender: desk@example.org{more}}}]"
    desk = with_user(desk, channels(folder, text), channels={"mail": address}, language="zh")
    with writing(desk.engine) as connection:
        tell(connection, desk, "task_assigned", task(tier="<b>C3</b>"), "m1")
    async with aiohttp.ClientSession() as http:
        return dict(await Sender(desk, http, SetClock(WALL), "https://desk.example").send_waiting())


async def test_a_letter_is_text_and_html_with_nothing_left_to_be_markup(
    desk: Desk, letters: Letters, tmp_path: Path
) -> None:
    async with running_mail(letters) as port:
        assert await sent(desk, tmp_path, port) == {"sent": 1}
    (letter,) = letters.received
    assert (letter["From"], letter["To"], letter["Subject"]) == (
        "desk@example.org",
        "li@example.org",
        "新任务\uff1a客户 s1",
    )
    assert letter["Auto-Submitted"] == "auto-generated"
    (row,) = deliveries(desk.engine)
    assert letter["Message-ID"] == f"<{row['delivery_id']}@example.org>"
    plain, marked = letter.iter_parts()
    assert (plain.get_content_type(), marked.get_content_type()) == ("text/plain", "text/html")
    assert "投诉" in plain.get_content()
    assert "https://desk.example/tasks/case-1" in plain.get_content()
    assert "<b>" not in marked.get_content()
    assert 'href="https://desk.example/tasks/case-1"' in marked.get_content()


async def test_mail_is_encrypted_where_the_server_offers_it(
    desk: Desk, letters: Letters, certificate: Path, tmp_path: Path
) -> None:
    async with running_mail(letters, certificate) as port:
        assert await sent(desk, tmp_path, port, f", ca_file: {certificate}") == {"sent": 1}
    assert letters.were_encrypted == [True]


async def test_a_server_that_nobody_vouches_for_gets_no_mail(
    desk: Desk, letters: Letters, certificate: Path, tmp_path: Path
) -> None:
    async with running_mail(letters, certificate) as port:
        assert await sent(desk, tmp_path, port) == {"waiting": 1}
    assert letters.received == []


async def test_where_encryption_is_required_a_server_without_it_gets_no_mail(
    desk: Desk, letters: Letters, tmp_path: Path
) -> None:
    async with running_mail(letters) as port:
        assert await sent(desk, tmp_path, port, ", tls: required") == {"waiting": 1}
    assert letters.received == []


async def test_a_password_goes_out_encrypted_alone(
    desk: Desk, letters: Letters, certificate: Path, tmp_path: Path
) -> None:
    async with running_mail(letters, certificate, asks_login=True) as port:
        assert await sent(desk, tmp_path, port, f"{LOGIN}, ca_file: {certificate}") == {"sent": 1}
    assert letters.logins == [("desk", "right", True)]


async def test_without_encryption_no_password_goes_out(desk: Desk, letters: Letters, tmp_path: Path) -> None:
    async with running_mail(letters) as port:
        assert await sent(desk, tmp_path, port, LOGIN) == {"waiting": 1}
    assert letters.received == []
    assert letters.logins == []


@pytest.mark.parametrize(
    ("reply", "became"),
    [
        ("451 try again", "waiting"),
        ("550 no such user", "dead"),
        ("530 log in first", "waiting"),
        ("421 closing", "waiting"),
    ],
)
async def test_a_refusal_is_for_now_or_for_good(
    desk: Desk, letters: Letters, tmp_path: Path, *, reply: str, became: str
) -> None:
    letters.replies.append(reply)
    async with running_mail(letters) as port:
        assert await sent(desk, tmp_path, port) == {became: 1}
    assert deliveries(desk.engine)[0]["error"] == f"SMTP {reply.replace(' ', ': ', 1)}"


async def test_a_server_that_is_not_there_is_tried_again(desk: Desk, tmp_path: Path) -> None:
    assert await sent(desk, tmp_path, 1) == {"waiting": 1}
    assert deliveries(desk.engine)[0]["error"].startswith("no mail server that can be used: ")


@pytest.mark.parametrize("address", ["li@example.org\nBcc: x@example.org", "@@", ", ,"])
async def test_an_address_that_is_none_becomes_no_header_of_its_own(
    desk: Desk, letters: Letters, tmp_path: Path, address: str
) -> None:
    async with running_mail(letters) as port:
        await sent(desk, tmp_path, port, address=address)
    assert letters.received == []
    assert deliveries(desk.engine)[0]["state"] in {"waiting", "dead"}
