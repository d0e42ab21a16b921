"""Starting a worker: checks first, in words a person can act on; then Faust."""

import asyncio
import logging
import sys
from collections.abc import Sequence

import faust

from stream_app.core.policy import Policy
from stream_app.settings import Settings
from stream_app.worker.app import TierApp
from stream_app.worker.topics import Names, partition_count

log = logging.getLogger(__name__)


def run_worker(settings: Settings, policies: Sequence[Policy]) -> None:
    """Run a worker until a signal ends it; raises TopicError where topics or brokers are not as needed."""
    partitions = asyncio.run(partition_count(settings.bootstrap, Names(settings.topic_prefix, settings.app_id)))
    app = TierApp(settings, policies, partitions)
    worker = faust.Worker(app, loglevel=settings.log_level, logfile=sys.stderr, quiet=False, redirect_stdouts=False)
    worker.execute_from_commandline()
