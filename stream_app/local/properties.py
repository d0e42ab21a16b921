"""What the private broker is told: one node, loopback only, single replicas, nothing forgotten by age."""

from collections.abc import Mapping

from stream_app.local.ports import LOOPBACK

NODE_ID = 1

_FIXED = {
    "process.roles": "broker,controller",
    "node.id": str(NODE_ID),
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    # One machine, one replica of everything.
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # Typos must not make topics, and groups need not wait for members that do not exist.
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    # After a kill the broker waits for its own former session to end: 4 s instead of 9.
    "broker.session.timeout.ms": "4000",
    # A replay's events are years old: age deletes nothing, neither records nor (within ten years) offsets.
    "log.retention.ms": "-1",
    "offsets.retention.minutes": str(10 * 365 * 24 * 60),
    "message.max.bytes": str(4 << 20),
    # Small: threads, buffers and files for a laptop, not a data centre.
    "num.partitions": "4",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.replica.alter.log.dirs.threads": "1",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": str(16 << 20),
    "log.segment.bytes": str(64 << 20),
    "log.index.size.max.bytes": str(1 << 20),
    "metadata.max.idle.interval.ms": "10000",
}

_LOGGING = """\
status=error
shutdownHook=disable
appender.f.type=RollingFile
appender.f.name=F
appender.f.fileName={path}
appender.f.filePattern={path}.%i
appender.f.layout.type=PatternLayout
appender.f.layout.pattern=%d %p %m (%c)%n
appender.f.policies.type=Policies
appender.f.policies.s.type=SizeBasedTriggeringPolicy
appender.f.policies.s.size=10MB
appender.f.strategy.type=DefaultRolloverStrategy
appender.f.strategy.max=2
rootLogger.level=info
rootLogger.appenderRef.f.ref=F
"""


def server_properties(log_folder: str, port: int, controller_port: int, overrides: Mapping[str, str]) -> str:
    """Write the text of server.properties; the folder is relative to where Java works, overrides win."""
    places = {
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "controller.quorum.voters": f"{NODE_ID}@{LOOPBACK}:{controller_port}",
        "log.dirs": log_folder,
    }
    lines = (f"{name}={value}" for name, value in {**_FIXED, **places, **overrides}.items())
    return "\n".join(lines) + "\n"


def logging_properties(log_path: str) -> str:
    """Write the text of log4j2.properties: everything into one file of at most 10 MB, and two older ones."""
    return _LOGGING.format(path=log_path)
