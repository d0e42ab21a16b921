"""`stream-app demo`: everything on this machine, with simulated subscribers."""

import asyncio
from pathlib import Path

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from stream_app.commands.common import Failure, default_policy, load_policies, policy_option, until_told, worded
from stream_app.commands.words import yuan
from stream_app.core.policy import PolicySet
from stream_app.demo.desk import DeskFailed
from stream_app.demo.run import Demo
from stream_app.demo.simulation import Simulation
from stream_app.demo.watch import Watch
from stream_app.local import LocalKafka
from stream_app.local.ports import is_free
from stream_app.replay.workers import WorkerFailed
from stream_app.security.private import OF_HTTP, unsecured

KAFKA_PORT = 9092


@click.command(short_help="Run everything on this machine, with simulated subscribers.")
@click.option("--seconds", type=click.FloatRange(min=1), help="End after so long; without it, at Ctrl-C.")
@click.option(
    "--subscribers", type=click.IntRange(1, 1_000_000), default=300, show_default=True, help="How many are simulated."
)
@click.option(
    "--history-days", type=click.IntRange(1, 400), default=183, show_default=True, help="Days of history sent first."
)
@click.option(
    "--speed",
    type=click.FloatRange(min=1),
    default=600.0,
    show_default=True,
    help="Simulated seconds in a second, after the history.",
)
@click.option("--workers", type=click.IntRange(1, 4), default=1, show_default=True, help="Worker processes.")
@policy_option("Policy file; the shipped default where none is given.")
@click.option(
    "--bootstrap", metavar="HOST:PORT", help="Use this broker instead of a private one; it must have no topics of ours."
)
@worded
def demo(
    seconds: float | None,
    subscribers: int,
    history_days: int,
    speed: float,
    workers: int,
    policies: tuple[Path, ...],
    bootstrap: str | None,
) -> None:
    """Run a private Kafka, workers and a simulated operator, and watch tiers move and warnings come.

    The simulation knows who will leave: the summary says how good the warnings were.

    An event that you send yourself with any Kafka client counts like all others.

    \b
    Example:
      stream-app demo --seconds 120
    """
    paths = list(policies) or [default_policy()]
    screen = _Screen(Console())
    versions = PolicySet(load_policies(paths))

    def run(address: str) -> dict[str, object]:
        job = Demo(
            address, versions, paths, subscribers, history_days, speed, workers, seconds, screen.say, screen.show
        )
        return asyncio.run(until_told(job.run()))

    try:
        with screen:
            if bootstrap is not None:
                with unsecured(*OF_HTTP):
                    summary = run(bootstrap)
            else:
                screen.say("starting Apache Kafka (the first time it is fetched: 44 MB)")
                with unsecured(), LocalKafka(port=KAFKA_PORT if is_free(KAFKA_PORT) else 0) as kafka:
                    summary = run(kafka.bootstrap)
    except (WorkerFailed, DeskFailed) as refusal:
        raise Failure(str(refusal)) from None
    for name, value in summary.items():
        click.echo(f"{name}: {value}")


class _Screen:
    """The demo's screen: a live table on a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=2) if console.is_terminal else None
        self._shown = 0

    def __enter__(self) -> None:
        if self._live is not None:
            self._live.start()

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, line: str) -> None:
        self._console.print(Text(line))

    def show(self, watch: Watch, simulation: Simulation) -> None:
        line = self._line(watch, simulation)
        if self._live is not None:
            self._live.update(Group(Text(line), _table(watch), _risks(watch)))
        elif self._shown % 5 == 0:
            self.say(line)
        self._shown += 1

    @staticmethod
    def _line(watch: Watch, simulation: Simulation) -> str:
        heads = ", ".join(f"{tier} {count}" for tier, count in sorted(watch.heads.items()))
        return (
            f"{simulation.clock_at:%Y-%m-%d %H:%M}  sent {simulation.events:,}, worked {watch.worked:,}, "
            f"tier changes {watch.changes.total():,}, warnings {_raised(watch):,}, subscribers: {heads or '-'}"
        )


def _raised(watch: Watch) -> int:
    return sum(count for level, count in watch.warnings.levels.items() if level != "none")


def _risks(watch: Watch) -> Table:
    table = Table(
        "when", "subscriber", "from", "to", "score", "leading reason", "in truth",
        title="newest changes of churn risk", title_justify="left",
    )  # fmt: skip
    for each in reversed(watch.warnings.newest):
        row = (each.at[:19], each.subscriber_id, each.before, each.after, str(each.score), each.reason, each.truth)
        table.add_row(*map(Text, row))
    return table


def _table(watch: Watch) -> Table:
    table = Table(
        "when", "subscriber", "from", "to", "reason", "ARPU, yuan", title="newest tier changes", title_justify="left"
    )
    for fact in reversed(watch.newest):
        from_tier, to_tier = fact["from"] or "none", fact["to"] or "none"
        arpu = yuan(fact["arpu_fen"])
        row = (fact["occurred_at"][:19], fact["subscriber_id"], from_tier, to_tier, fact["reason"], arpu)
        table.add_row(*map(Text, row))
    return table
