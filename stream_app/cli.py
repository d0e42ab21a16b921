"""The composition root: the `stream-app` command."""

import logging

import click

from stream_app import __version__
from stream_app.commands.dead_letters import dead_letters
from stream_app.commands.demo import demo
from stream_app.commands.policy import policy
from stream_app.commands.replay import replay
from stream_app.commands.schemas import schemas
from stream_app.commands.simulate import simulate
from stream_app.commands.topics import topics
from stream_app.commands.why import why
from stream_app.commands.worker import worker


@click.group(context_settings={"max_content_width": 110})
@click.version_option(__version__, prog_name="stream-app")
def main() -> None:
    """Keep every subscriber's value tier live, right to the fen, and say why.

    Exit codes: 0 done, 1 failed, 2 wrong use, 3 finished but something was rejected (replay --strict).
    """
    logging.getLogger("aiokafka").setLevel(
        logging.CRITICAL
    )  # it logs what it then retries; what it cannot mend it raises


for command in (demo, replay, why, worker, topics, dead_letters, policy, schemas, simulate):
    main.add_command(command)
