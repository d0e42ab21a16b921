"""The demo's other program takes what the desk tells, and counts it."""

import os
from pathlib import Path

import aiohttp

from stream_app.console.channels.declared import load_channels
from stream_app.demo.receiver import CHANNELS, URL_VARIABLE, Receiver


async def test_messages_are_counted_by_what_they_are_about() -> None:
    async with Receiver() as receiver, aiohttp.ClientSession() as session:
        url = receiver.environment[URL_VARIABLE]
        for kind in ("desk.task_assigned", "desk.escalated", "desk.task_assigned"):
            async with session.post(url, json={"type": kind}) as answer:
                assert answer.status == 204
    assert receiver.taken == {"desk.task_assigned": 2, "desk.escalated": 1}


async def test_its_channel_is_one_that_a_desk_takes(tmp_path: Path) -> None:
    async with Receiver() as receiver:
        path = tmp_path / "channels.yaml"
        path.write_text(CHANNELS)
        [channel] = load_channels(path, {**os.environ, **receiver.environment})
    assert channel.name == "crm"
