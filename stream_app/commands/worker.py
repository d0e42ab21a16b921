"""`stream-app worker`: run one worker until it is told to stop."""

from pathlib import Path

import click
from pydantic import BaseModel

from stream_app.commands.common import Failure, WrongUse, default_policy, given_policies, policy_option, worded
from stream_app.security.kafka import KafkaSecurity
from stream_app.settings import KAFKA, PREFIX, Settings, load_settings
from stream_app.worker.policies import PolicyConflict
from stream_app.worker.run import PortTaken, run_worker


def _settings_epilog() -> str:
    models: dict[str, type[BaseModel]] = {PREFIX: Settings, PREFIX + KAFKA: KafkaSecurity}
    lines = [
        f"{prefix}{name.upper()}  {field.description}"
        for prefix, model in models.items()
        for name, field in model.model_fields.items()
    ]
    return "\b\nSettings, from the environment:\n" + "\n".join(f"  {line}" for line in lines)


@click.command(short_help="Run a worker: feeds in, tiers and facts out.", epilog=_settings_epilog())
@click.option("--bootstrap", metavar="HOST:PORT", help="Kafka brokers [STREAM_APP_BOOTSTRAP].")
@policy_option(
    "Policy file, again for a later version [STREAM_APP_POLICIES]; "
    "without any those published, else the shipped default."
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where it keeps its RocksDB [STREAM_APP_DATA_DIR].",
)
@click.option(
    "--web-port",
    type=click.IntRange(1, 65535),
    help="Port of its HTTP: /metrics, /healthz, /readyz, /subscribers/ID [STREAM_APP_WEB_PORT].",
)
@worded
def worker(bootstrap: str | None, policies: tuple[Path, ...], data_dir: Path | None, web_port: int | None) -> None:
    """Run a worker until SIGTERM or Ctrl-C.

    Start as many as there are partitions at most; each needs its own data folder.

    \b
    Example:
      stream-app topics create && stream-app worker --bootstrap 127.0.0.1:9092 --data-dir /var/lib/stream-app
    """
    settings = load_settings(bootstrap=bootstrap, data_dir=data_dir, web_port=web_port, policies=policies or None)
    try:
        [default] = given_policies([default_policy()])
        run_worker(settings, given_policies(settings.policies), default)
    except PolicyConflict as refusal:
        raise WrongUse(str(refusal)) from None
    except PortTaken as refusal:
        raise Failure(str(refusal)) from None
