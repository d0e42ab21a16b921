"""A data folder formatted for KRaft without starting Java each time.

Kafka's own tool formats a scratch folder once per machine; its bootstrap.checkpoint (the feature levels) names no
cluster, so each data folder gets a copy, and a meta.properties with identities of its own.
"""

import base64
import shutil
import tempfile
import uuid
from pathlib import Path

from stream_app.local.java import JavaRuntime
from stream_app.local.ports import free_port
from stream_app.local.properties import NODE_ID, server_properties

_CHECKPOINT = "bootstrap.checkpoint"
_META = "meta.properties"


def format_log_folder(log_folder: Path, cache: Path, java: JavaRuntime) -> None:
    """Format the folder unless it is formatted."""
    if (log_folder / _META).exists():
        return
    checkpoint = cache / _CHECKPOINT
    if not checkpoint.exists():
        _make_checkpoint(checkpoint, java)
    log_folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(checkpoint, log_folder / _CHECKPOINT)
    # Last: its presence says that the folder is whole.
    (log_folder / _META).write_text(
        f"version=1\nnode.id={NODE_ID}\ncluster.id={_new_id()}\ndirectory.id={_new_id()}\n", encoding="ascii"
    )


def _make_checkpoint(checkpoint: Path, java: JavaRuntime) -> None:
    with tempfile.TemporaryDirectory(prefix="format-", dir=checkpoint.parent) as scratch:
        folder = Path(scratch)
        settings = folder / "server.properties"
        settings.write_text(server_properties("log", free_port(), free_port(), {}), encoding="ascii")
        java.run("kafka.tools.StorageTool", "format", "-t", _new_id(), "-c", settings.name, folder=folder)
        (folder / "log" / _CHECKPOINT).replace(checkpoint)


def _new_id() -> str:
    # Kafka's Uuid: base64 without padding; its tools take a leading dash for an option.
    text = "-"
    while text.startswith("-"):
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode("ascii")
    return text
