"""The composition root: the `stream-app` command, which loads a command's module only when that command is called."""

import gc
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import NamedTuple

import click

from stream_app import __version__


class Entry(NamedTuple):
    """Where a command lives under `stream_app.commands`, and its line in the help."""

    place: str  # module:name
    help_line: str


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("demo:demo", "Run everything on this machine, with simulated subscribers."),
    "replay": Entry("replay:replay", "Work files of events and write the answers to a folder."),
    "why": Entry("why:why", "Say why a subscriber has the tier and the risk it has."),
    "worker": Entry("worker:worker", "Run a worker: feeds in, tiers and facts out."),
    "desk": Entry("desk:desk", "Run the phone managers' desk: pages, tasks, results."),
    "topics": Entry("topics:topics", "Make and check the topics that a worker needs."),
    "offsets": Entry("offsets:offsets", "See how far the workers are, wait for it, move it."),
    "dead-letters": Entry("dead_letters:dead_letters", "List, show and replay what was rejected."),
    "risk": Entry("risk:risk", "Fit, use and check scorecards for the warning."),
    "policy": Entry("policy:policy", "Look at policies, compare them, publish them."),
    "schemas": Entry("schemas:schemas", "Write and check the schemas of all topics."),
    "growth": Entry("growth:growth", "List the growth pool, and reckon what a target asks for."),
    "simulate": Entry("simulate:simulate", "Write a simulated population's events to a file."),
    "feed": Entry("feed:feed", "Publish a simulated population's events, live."),
    "copy": Entry("copy:copy", "Copy the feeds and policies of another cluster, by key."),
    "judge": Entry("judge:judge", "Hold warnings against who really left."),
}


class LazyGroup(click.Group):
    """Loads commands by `COMMANDS`: Faust and the Kafka client take seconds, and most commands need neither."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's protocol
        """Name the commands, the first to try first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's protocol
        """Load a command, or give None for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].place.partition(":")
        with _no_collections():
            found: click.Command = getattr(import_module(f"stream_app.commands.{module}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's protocol
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help_line) for name, entry in COMMANDS.items()])


@contextmanager
def _no_collections() -> Iterator[None]:
    """Have nothing collected: what is imported stays, and looking it through again and again takes 0.2 s."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@click.group(cls=LazyGroup, context_settings={"max_content_width": 110})
@click.version_option(__version__, prog_name="stream-app")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Keep every subscriber's value tier live, right to the fen, and say why.

    Exit codes: 0 done, 1 failed, 2 wrong use, 3 finished but something was rejected (replay --strict).
    """
    if ctx.invoked_subcommand != "worker":  # aiokafka logs what it then retries; what it cannot mend it raises
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
