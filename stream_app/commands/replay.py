"""`stream-app replay`: files in, answers out."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson
from aiokafka import ConsumerRecord
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from stream_app.commands.common import (
    EXIT_REJECTED,
    Failure,
    WrongUse,
    instant,
    load_policies,
    policy_option,
    until_told,
    worded,
)
from stream_app.commands.shadow_words import capacity_of, capacity_option, shadow_lines
from stream_app.core.policy import Policy, PolicySet
from stream_app.core.view import view
from stream_app.local import LocalKafka
from stream_app.replay.answers import Answers, by_id
from stream_app.replay.entries import DamagedFile, Entry, Reading
from stream_app.replay.feeding import LineTooLong, topic_of
from stream_app.replay.offline import OfflineReplay
from stream_app.replay.on_kafka import KafkaReplay
from stream_app.replay.shadowing import instead, shadow_files
from stream_app.replay.workers import WorkerFailed
from stream_app.security.private import unsecured
from stream_app.wire.decode import Decoder
from stream_app.wire.facts import encode_fact
from stream_app.wire.policy_file import load_policy

BARS_PER_SECOND = 4
SHADOW = "shadow.json"


@click.command(short_help="Work files of events and write the answers to a folder.")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE..."
)
@policy_option("Policy file; again for a later version of it.", required=True)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the answers; its files of an earlier replay are replaced.",
)
@click.option(
    "--until",
    metavar="INSTANT",
    help="Last instant of the clock, RFC 3339, such as 2019-01-04T00:00:00Z; without it the clock stops with the last "
    "event, and now bounds what is in the future.",
)
@click.option(
    "--engine",
    type=click.Choice(["kafka", "offline"]),
    default="kafka",
    show_default=True,
    help="The real worker on a broker, or the rules alone in this process.",
)
@click.option(
    "--bootstrap", metavar="HOST:PORT", help="Use this broker, on topics of its own, instead of a private one."
)
@click.option(
    "--workers", type=click.IntRange(1, 16), default=1, show_default=True, help="Worker processes (engine kafka)."
)
@click.option(
    "--shadow",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A candidate policy: say what it would have changed, in shadow.json and a table (worked by the rules alone).",
)
@capacity_option
@click.option("--strict", is_flag=True, help="Exit with 3 when anything was rejected.")
@worded
def replay(
    files: tuple[Path, ...],
    policies: tuple[Path, ...],
    out: Path,
    until: str | None,
    engine: str,
    bootstrap: str | None,
    workers: int,
    shadow: Path | None,
    capacities: tuple[str, ...],
    strict: bool,
) -> None:
    """Work the events of FILE... in the order they stand (NDJSON, gzip or plain) and write the answers to a folder.

    Nobody is notified: the kafka engine works on topics of its own, which go when it is done.

    \b
    Example:
      stream-app replay events.ndjson.gz --policy deploy/policies/default.yaml --until 2025-07-01T00:00:00Z --out out
    """
    versions = PolicySet(load_policies(policies))
    candidate, capacity = _candidate(versions, shadow), capacity_of(capacities)
    end = instant("--until", until, "2019-01-04T00:00:00Z") if until else None
    run = _Run(files, policies, versions, end, Console(stderr=True))
    started = time.monotonic()
    with Answers(out) as answers, run.progress:
        try:
            events, duplicates, more = (
                run.offline(answers) if engine == "offline" else run.on_kafka(answers, bootstrap, workers)
            )
        except (DamagedFile, LineTooLong, WorkerFailed, OSError) as refusal:
            raise Failure(str(refusal)) from None
        except asyncio.CancelledError:
            message = f"interrupted: the answers in {out} are not whole (no summary.json)"
            raise Failure(message) from None
        summary = answers.summarise(events, duplicates, time.monotonic() - started, {"engine": engine, **more})
    _say(summary, out)
    if candidate is not None:
        _say_shadow(run.beside(candidate, capacity), out)
    if strict and answers.rejected:
        raise SystemExit(EXIT_REJECTED)


class _Run:
    """One replay, with its progress bar."""

    def __init__(
        self,
        files: tuple[Path, ...],
        policy_paths: tuple[Path, ...],
        policies: PolicySet,
        until: datetime | None,
        console: Console,
    ) -> None:
        self._files, self.policy_paths, self.policies = files, policy_paths, policies
        self.stops_with_last_event = until is None
        self.until = until or datetime.now(UTC)
        self.reading = Reading(files, Decoder(policies.calendar), self.until)
        columns = (TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), *columns, console=console, refresh_per_second=BARS_PER_SECOND
        )
        self._bar = self.progress.add_task("reading", total=self.reading.total_bytes)
        self._seen = 0

    def offline(self, answers: Answers) -> tuple[int, dict[str, int], dict[str, object]]:
        """Run the rules alone."""
        run = OfflineReplay(
            self.policies,
            self.until,
            lambda fact: answers.fact(fact.topic, fact.type, encode_fact(fact).value),
            _rejecter(answers),
            ticks_until_end=not self.stops_with_last_event,
        )
        run.run(self._entries())
        clock = run.ledger.clock
        for found in by_id(view(sub, key, clock, self.policies) for key, sub in run.subscribers.items()):
            answers.subscriber(found)
        return run.events, dict(run.duplicates), {}

    def on_kafka(
        self, answers: Answers, bootstrap: str | None, workers: int
    ) -> tuple[int, dict[str, int], dict[str, object]]:
        """Run the real worker."""
        if bootstrap is not None:
            return self._on_broker(answers, bootstrap, workers)
        self._describe("starting Apache Kafka")
        with unsecured(), LocalKafka() as kafka:
            return self._on_broker(answers, kafka.bootstrap, workers)

    def _on_broker(
        self, answers: Answers, bootstrap: str, workers: int
    ) -> tuple[int, dict[str, int], dict[str, object]]:
        def output(record: ConsumerRecord, topic: str) -> None:
            _write(answers, record, topic)

        run = KafkaReplay(
            bootstrap,
            self.policies,
            self.policy_paths,
            self.until,
            workers,
            self._describe,
            output,
            ticks_until_end=not self.stops_with_last_event,
        )
        mirror, events, restarts = asyncio.run(until_told(run.run(self._entries())))
        for found in by_id(mirror.views(self.policies)):
            answers.subscriber(found)
        return events, dict(mirror.duplicates()), {"worker_restarts": restarts}

    def beside(self, candidate: Policy, capacity: Callable[[str], int]) -> dict[str, object]:
        """Work the files again, under both policies side by side."""
        reading = Reading(self._files, Decoder(self.policies.calendar), self.until)
        return shadow_files(
            reading, self.policies, candidate, self.until, capacity, ticks_until_end=not self.stops_with_last_event
        )

    def _entries(self) -> Iterator[Entry]:
        for entry in self.reading:
            self._seen += 1
            if self._seen % 1000 == 0:
                self.progress.update(self._bar, completed=self.reading.done_bytes, description=f"{self._seen:,} events")
            yield entry
        self.progress.update(self._bar, completed=self.reading.total_bytes, description=f"{self._seen:,} events")

    def _describe(self, what: str) -> None:
        self.progress.update(self._bar, description=what)


def _candidate(live: PolicySet, path: Path | None) -> Policy | None:
    if path is None:
        return None
    candidate = load_policy(path)
    try:
        instead(live, candidate)
    except ValueError as refusal:
        message = f"{path}: {refusal}"
        raise WrongUse(message) from None
    return candidate


def _say_shadow(report: dict[str, object], out: Path) -> None:
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    (out / SHADOW).write_bytes(orjson.dumps(report, option=options))
    for line in shadow_lines(report):
        click.echo(line)


def _rejecter(answers: Answers) -> Callable[[Entry, str, str], None]:
    def reject(entry: Entry, reason: str, message: str) -> None:
        answers.reject(reason, message, topic_of(entry), entry.value, file=entry.file, line=entry.line)

    return reject


def _write(answers: Answers, record: ConsumerRecord, topic: str) -> None:
    if topic != "dead-letters":
        answers.fact(topic, dict(record.headers)["ce_type"].decode(), record.value)
        return
    headers = {name: value.decode() for name, value in record.headers if name.startswith("dl_")}
    place = {"partition": int(headers["dl_partition"]), "offset": int(headers["dl_offset"])}
    answers.reject(
        headers["dl_reason"], headers["dl_message"], headers["dl_topic"].partition(".")[2], record.value or b"", **place
    )


def _say(summary: dict[str, object], out: Path) -> None:
    facts, rejected = summary["facts"], summary["rejected"]
    click.echo(
        f"{summary['events']:,} events, {summary['subscribers']:,} subscribers, facts {facts or 'none'}, "
        f"rejected {rejected or 'none'}, {summary['events_per_second']:,} events/s -> {out}"
    )
