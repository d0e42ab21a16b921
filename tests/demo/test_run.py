"""How a demo is put together, as far as it needs no broker."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from stream_app.demo.desk import DemoDesk
from stream_app.demo.play import first_failure
from stream_app.demo.run import FIRST_WEB_PORT, Demo, _ports
from stream_app.settings import Settings
from stream_app.sim import Population
from tests.replay.lines import POLICIES, utc


def demo(say: Callable[[str], None] = lambda _: None) -> Demo:
    return Demo("127.0.0.1:1", POLICIES, [Path("p.yaml")], 10, 5, 60.0, 1, None, say, lambda *_: None)


def test_workers_get_settings_that_exist_and_make_no_ticks_of_their_own() -> None:
    environment = demo()._worker_environment()
    known = {f"STREAM_APP_{name.upper()}" for name in Settings.model_fields}
    assert environment.keys() <= known
    assert environment["STREAM_APP_TICK_SECONDS"] == "0"
    assert Path(environment["STREAM_APP_POLICIES"]).is_absolute()


def test_where_to_look_is_said_with_addresses_that_can_be_used(tmp_path: Path) -> None:
    said: list[str] = []
    desk = DemoDesk(tmp_path, 7003, Population(1, 40), POLICIES)
    desk.prepare(lambda: utc("2025-03-10T09:30")).engine.dispose()
    demo(said.append)._say_where([7001, 7002], desk)
    text = "\n".join(said)
    assert f"http://127.0.0.1:7003   password of everybody: {desk.password}" in text
    assert all(f"login {login} " in text for login in ("manager1", "supervisor", "management", "operations"))
    assert "http://127.0.0.1:7001/metrics" in text
    assert "stream-app why ID --bootstrap 127.0.0.1:1" in text


def test_every_worker_has_a_port_of_its_own() -> None:
    ports = _ports(4)
    assert len(set(ports)) == 4
    assert all(port >= 1024 for port in ports)
    assert Settings.model_fields["web_port"].default == FIRST_WEB_PORT


async def test_the_first_part_that_fails_ends_the_wait_and_parts_that_end_well_do_not() -> None:
    never, failed = asyncio.Event(), "the broker is gone"

    async def fails() -> None:
        await asyncio.sleep(0)
        raise OSError(failed)

    tasks = [asyncio.ensure_future(never.wait()), asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(fails())]
    with pytest.raises(OSError, match=failed):
        await first_failure(tasks)  # type: ignore[arg-type]  # what they give is not looked at
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
