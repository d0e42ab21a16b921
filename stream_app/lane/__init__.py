"""A batch lane for Faust: lists of records instead of single ones, exactly once by Kafka transactions.

One task per partition number works all feeds of a lane; what comes of it (records to publish, states, feed offsets)
is committed in one Kafka transaction, then stored in RocksDB. Knows Kafka and Faust, and nothing of telecom.
"""

from stream_app.lane.api import (
    Batch,
    Commit,
    LaneObserver,
    LaneSettings,
    Logic,
    LogicFactory,
    NullObserver,
    Output,
    Store,
)
from stream_app.lane.app import LaneApp
from stream_app.lane.errors import EXIT_FATAL, LaneError, fatal
from stream_app.lane.header_names import OddRecord
from stream_app.lane.interpreter import LaneWorker, execute, tune
from stream_app.lane.log import Record
from stream_app.lane.seams import seams
from stream_app.lane.table import LaneTable

__all__ = [
    "EXIT_FATAL",
    "Batch",
    "Commit",
    "LaneApp",
    "LaneError",
    "LaneObserver",
    "LaneSettings",
    "LaneTable",
    "LaneWorker",
    "Logic",
    "LogicFactory",
    "NullObserver",
    "OddRecord",
    "Output",
    "Record",
    "Store",
    "execute",
    "fatal",
    "seams",
    "tune",
]
