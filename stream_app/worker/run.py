"""Starting a worker: checks first, in words a person can act on; then Faust."""

import asyncio
import socket
import sys
from collections.abc import Sequence

from stream_app.lane import LaneWorker, execute, tune
from stream_app.security.loops import LoopPolicy
from stream_app.settings import Settings
from stream_app.worker.app import TierApp
from stream_app.worker.policies import open_library
from stream_app.worker.published import Given
from stream_app.worker.secured import web_tls
from stream_app.worker.topics import Names, partition_count


class PortTaken(Exception):
    """The worker's HTTP has no port to listen on."""


def run_worker(settings: Settings, given: Sequence[Given], default: Given) -> None:
    """Run a worker until a signal ends it, on the policies of its files (the default for none) and of the topic.

    Raises:
        SettingsError: the files of TLS, or of the password, cannot be used.
        PolicyConflict: files and topic say different things of one version.
        TopicError: topics or brokers are not as needed.
        PortTaken: another program has the port of its HTTP.

    """
    tune(LoopPolicy())
    tls = web_tls(settings)
    _check_port(settings.web_host, settings.web_port)
    names = Names(settings.topic_prefix, settings.app_id)
    partitions = asyncio.run(partition_count(settings.bootstrap, names))
    library = asyncio.run(open_library(settings.bootstrap, names.policies, given, default))
    app = TierApp(settings, library, partitions, tls)
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
