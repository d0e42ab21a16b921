"""The parts of a system on a secured broker: each with a user of its own, the ACLs that we print, and no more."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner, Result
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType

from stream_app.cli import main
from stream_app.security.acls import PARTS
from tests.security.secured import BOUND_SECONDS, Secured

STOP_SECONDS = 60
KINDS = {
    "--topic": ResourceType.TOPIC,
    "--group": ResourceType.GROUP,
    "--transactional-id": ResourceType.TRANSACTIONAL_ID,
}
OPERATIONS = {each.name.replace("_", "").lower(): each for each in AclOperation}


def password_of(part: str) -> str:
    return f"the password of {part}, 密码"


def add_parts(broker: Secured, folder: Path) -> None:
    """Make a user for each part, its password in a file, and grant what `stream-app topics acls` says."""
    for part in PARTS:
        broker.add_user(part, password_of(part))
        (folder / f"{part}.password").write_text(f"{password_of(part)}\n", encoding="utf-8")
        more = ["--group", "reader-"] if part == "reader" else []
        printed = run("topics", "acls", part, "--principal", f"User:{part}", *more).output
        grant(broker, [binding for line in printed.splitlines() for binding in bindings(line)])


def grant(broker: Secured, given: list[AclBinding]) -> None:
    admin = broker.admin()
    for made in admin.create_acls(given).values():
        made.result(BOUND_SECONDS)


def bindings(line: str) -> Iterator[AclBinding]:
    """Read a command of kafka-acls.sh: every operation on every resource, as that tool does."""
    words = shlex.split(line)
    pairs = [(words[at], words[at + 1]) for at in range(len(words) - 1) if words[at].startswith("--")]
    assert words[0] == "kafka-acls.sh"
    assert "--add" in words
    options = dict(pairs)
    pattern = ResourcePatternType[options.get("--resource-pattern-type", "literal").upper()]
    operations = [OPERATIONS[value.lower()] for name, value in pairs if name == "--operation"]
    for name, resource in pairs:
        for operation in operations if name in KINDS else ():
            yield AclBinding(
                KINDS[name], resource, pattern, options["--allow-principal"], "*", operation, AclPermissionType.ALLOW
            )


def environment(broker: Secured, folder: Path, part: str) -> dict[str, str]:
    """Give the settings by which a part is known to the broker."""
    return {
        "STREAM_APP_BOOTSTRAP": broker.sasl,
        "STREAM_APP_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "STREAM_APP_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "STREAM_APP_KAFKA_SASL_USERNAME": part,
        "STREAM_APP_KAFKA_SASL_PASSWORD_FILE": str(folder / f"{part}.password"),
        "STREAM_APP_KAFKA_SSL_CA_FILE": str(broker.files.ca),
    }


def client(broker: Secured, part: str) -> dict[str, str]:
    """Give the same for a client that shares no code with ours."""
    return {
        "bootstrap.servers": broker.sasl,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": part,
        "sasl.password": password_of(part),
        "ssl.ca.location": str(broker.files.ca),
    }


def run(*words: str, env: Mapping[str, str] | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, words, env=dict(env or {}), catch_exceptions=False)


@contextmanager
def running(folder: Path, name: str, *words: str, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command as a process of its own, its words in a file, until the block ends."""
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "stream_app", *words],
            env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()
