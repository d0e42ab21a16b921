"""The contenders by name."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from tests.bench.contenders.contract import ROOT, Contender, Finals, Site, module
from tests.bench.contenders.packed import java_finals, packed_finals
from tests.bench.kafka import Record

COMPACT = {"cleanup.policy": "compact"}
PEERS_PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"
STREAMS_CLASSES = ROOT / ".venv" / "kafka-streams"

LANE_JOB = Contender(
    key="lane-job",
    title="stream_app lane with the job's rule",
    guarantee="exactly once",
    commit="100 ms",
    command=lambda site, number: module(
        "lane_job", site.bootstrap, site.app_id, site.source, site.folder / f"data-{number}", site.extra or "{}"
    ),
    changelog=lambda site: f"{site.app_id}-accounts-changelog",
    finals=packed_finals,
)

BARE = Contender(
    key="bare",
    title="bare consuming, nothing done (the limit)",
    guarantee="none",
    commit="5 s",
    command=lambda site, _number: module("bare", site.bootstrap, site.app_id, site.source),
    changelog=None,
    changes=False,
)

LOOP = Contender(
    key="loop",
    title="hand-written confluent-kafka loop: state in memory only, restores nothing; batched changelog",
    guarantee="exactly once",
    commit="100 ms",
    command=lambda site, _number: module("loop", site.bootstrap, site.app_id, site.source),
    changelog=lambda site: f"{site.app_id}-accounts",
    finals=packed_finals,
    makes={"-accounts": COMPACT},
)

FAUST = Contender(
    key="faust",
    title="stock Faust (faust-streaming), tuned, RocksDB table",
    guarantee="at least once",
    commit="1 s",
    command=lambda site, number: module(
        "stock_faust", site.bootstrap, site.app_id, site.source, site.folder / f"data-{number}"
    ),
    changelog=lambda site: f"{site.app_id}-accounts-changelog",
    finals=packed_finals,
    share=0.02,
)


def _quix_finals(record: Record) -> Finals:
    who, _, _ = record.key.partition(b"|")
    return packed_finals(Record(who, record.value))


def _quix_command(site: Site, number: int) -> Sequence[str]:
    command = module("quix", site.bootstrap, site.app_id, site.source, site.folder / f"data-{number}")
    return [str(PEERS_PYTHON), *command[1:]]


QUIX = Contender(
    key="quix",
    title="Quix Streams, RocksDB state",
    guarantee="exactly once",
    commit="100 ms",
    command=_quix_command,
    changelog=lambda site: f"changelog__{site.app_id}--{site.source}--default",
    finals=_quix_finals,
    share=0.15,
    missing=lambda: "" if PEERS_PYTHON.exists() else "Quix Streams is not installed: make bench-peers",
)


def _streams(key: str, guarantee: str, setting: str, commit_ms: int) -> Contender:
    def command(site: Site, _number: int) -> Sequence[str]:
        path = f"{STREAMS_CLASSES / 'classes'}:{STREAMS_CLASSES / 'dependency'}/*"
        arguments = [site.bootstrap, site.app_id, site.source, site.folder, site.events, setting, commit_ms]
        return ["java", "-Xmx1g", "-cp", path, "bench.Job", *map(str, arguments)]

    return Contender(
        key=key,
        title="Kafka Streams, Processor API, cached RocksDB store, one thread",
        guarantee=guarantee,
        commit=f"{commit_ms} ms" if commit_ms < 1000 else f"{commit_ms // 1000} s",
        command=command,
        changelog=lambda site: f"{site.app_id}-accounts-changelog",
        finals=java_finals,
        passes=2,
        missing=_streams_missing,
    )


def _streams_missing() -> str:
    if shutil.which("java") is None or not (STREAMS_CLASSES / "classes").exists():
        return "Kafka Streams is not built here: it takes a JDK (17 or newer) and Maven; then make bench-peers"
    return ""


STREAMS = _streams("kafka-streams", "exactly once", "exactly_once_v2", 100)
STREAMS_ALO = _streams("kafka-streams-alo", "at least once", "at_least_once", 5000)

CONTENDERS: Mapping[str, Contender] = {
    each.key: each for each in (LANE_JOB, LOOP, STREAMS, STREAMS_ALO, QUIX, FAUST, BARE)
}


def peers_versions() -> dict[str, str]:
    """Name the peers' versions, of those that are here."""
    found = {}
    for info in PEERS_PYTHON.parent.parent.glob("lib/*/site-packages/quixstreams-*.dist-info"):
        found["quixstreams"] = info.name.removeprefix("quixstreams-").removesuffix(".dist-info")
    for jar in STREAMS_CLASSES.glob("dependency/kafka-streams-*.jar"):
        java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S607
        found["Kafka Streams"] = f"{jar.stem.rpartition('-')[2]} on {java.partition(chr(10))[0]}"
    return found
