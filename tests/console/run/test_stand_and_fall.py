"""The loops of the desk stand and fall together, and what falls says why."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from stream_app.console.readmodel.follow import TopicMadeAnew
from stream_app.console.run import PAGES, DeskFailed, Job, PortTaken, _listen, _stand_and_fall, public_url
from stream_app.console.settings import DeskSettings


class Pages:
    """Stands for the server: it ends when it is told to, after it has answered what was asked."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self.has_answered = False

    def end(self) -> None:
        """Tell it."""
        self._told.set()

    async def serve(self) -> None:
        """Serve until told to end."""
        await self._told.wait()
        await asyncio.sleep(0)
        self.has_answered = True


class Endless:
    """A loop that runs until it is cancelled."""

    def __init__(self) -> None:
        self.was_cancelled = False

    async def run(self) -> None:
        """Run."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


async def fails(error: Exception) -> None:
    raise error


async def ends() -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (lambda: fails(ValueError("what\nlong story")), "the sweep: ValueError: what$"),
        (ends, "the sweep: it ended by itself"),
    ],
)
async def test_a_loop_that_fails_ends_the_others_and_is_named(job: Callable[[], Job], said: str) -> None:
    pages, other = Pages(), Endless()
    with pytest.raises(DeskFailed, match=said):
        await _stand_and_fall({PAGES: pages.serve, "the topics": other.run, "the sweep": job}, pages.end)
    assert pages.has_answered
    assert other.was_cancelled


async def test_a_topic_made_anew_is_told_in_its_own_words() -> None:
    pages = Pages()
    with pytest.raises(TopicMadeAnew, match="read everything again"):
        await _stand_and_fall(
            {PAGES: pages.serve, "the topics": lambda: fails(TopicMadeAnew("read everything again"))}, pages.end
        )


async def test_who_is_told_to_end_answers_what_was_asked_and_stops_the_rest() -> None:
    pages, other = Pages(), Endless()
    desk = asyncio.create_task(_stand_and_fall({PAGES: pages.serve, "the topics": other.run}, pages.end))
    await asyncio.sleep(0)
    desk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await desk
    assert pages.has_answered
    assert other.was_cancelled


def test_a_port_that_another_has_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port} .*--web-port"):
            _listen("127.0.0.1", port)


def test_people_reach_the_pages_where_the_settings_say() -> None:
    assert public_url(DeskSettings(web_port=8081)) == "http://127.0.0.1:8081"
    assert public_url(DeskSettings(public_url="https://desk.example/")) == "https://desk.example"
