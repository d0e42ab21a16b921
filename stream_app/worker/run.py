"""Starting a worker: checks first, in words a person can act on; then Faust."""

import asyncio
import socket
import sys
from collections.abc import Sequence

from stream_app.core.policy import Policy
from stream_app.lane import LaneWorker, execute, tune
from stream_app.settings import Settings
from stream_app.worker.app import TierApp
from stream_app.worker.topics import Names, partition_count


class PortTaken(Exception):
    """The worker's HTTP has no port to listen on."""


def run_worker(settings: Settings, policies: Sequence[Policy]) -> None:
    """Run a worker until a signal ends it.

    Raises:
        TopicError: topics or brokers are not as needed.
        PortTaken: another program has the port of its HTTP.

    """
    tune()
    _check_port(settings.web_host, settings.web_port)
    partitions = asyncio.run(partition_count(settings.bootstrap, Names(settings.topic_prefix, settings.app_id)))
    app = TierApp(settings, policies, partitions)
    worker = LaneWorker(app, loglevel=settings.log_level, logfile=sys.stderr, quiet=False, redirect_stdouts=False)
    execute(worker)


def _check_port(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            return
    except OSError as refusal:
        message = (
            f"the worker's HTTP cannot listen on {host}:{port} ({refusal.strerror}): "
            "choose another with --web-port or STREAM_APP_WEB_PORT, STREAM_APP_WEB_HOST"
        )
        raise PortTaken(message) from None
