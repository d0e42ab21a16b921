"""Settings from the environment (STREAM_APP_*), validated once at the start."""

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from stream_app.core.events import FEEDS

PREFIX = "STREAM_APP_"
DESK = "DESK_"  # what follows is the desk's, and read there: a worker beside it inherits its environment
KAFKA = "KAFKA_"  # what follows is about reaching Kafka, and read in security/: every command needs it
# Read elsewhere: by lane/seams, local/maven and the tests, whose workers inherit theirs.
OTHERS = frozenset({"CRASH", "FAULTS", "MAVEN_MIRROR", "TEST_SEED"})
# Kubernetes sets these in every pod beside a service of the name stream-app.
OF_A_SERVICE = re.compile(r"SERVICE_HOST|SERVICE_PORT(_.+)?|PORT|PORT_\d+_.+")
DEFAULT_BOOTSTRAP = "127.0.0.1:9092"
# An empty variable names no file: to a path it would be the current folder.
FileOrNone = Annotated[Path | None, BeforeValidator(lambda value: value or None)]


class SettingsError(Exception):
    """The environment holds a setting that cannot be used."""


class Settings(BaseModel):
    """How a worker runs; each field is the variable STREAM_APP_<FIELD>."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bootstrap: str = Field(DEFAULT_BOOTSTRAP, description="Kafka brokers, host:port, separated by commas")
    app_id: str = Field(
        "stream-app", pattern=r"^[a-zA-Z0-9._-]{1,100}$", description="consumer group and name of the changelog"
    )
    topic_prefix: str = Field(
        "",
        pattern=r"^[a-zA-Z0-9._-]{0,100}$",
        description="put before every topic's name; a replay keeps its own topics apart with it",
    )
    policies: tuple[Path, ...] = Field(
        (), description="policy files, separated by commas; none: the default that is shipped"
    )
    data_dir: Path = Field(
        Path("stream-app-data"), description="where the worker keeps its RocksDB; losing it costs a rebuild, never data"
    )
    web_host: str = Field("127.0.0.1", description="address of the worker's HTTP; loopback unless told otherwise")
    web_port: int = Field(6066, ge=0, le=65535, description="port of the worker's HTTP")
    web_advertised_host: str = Field(
        "", description="host by which other workers reach this one's HTTP; empty: web_host"
    )
    web_tls_cert_file: FileOrNone = Field(
        None, description="certificate (PEM) of the worker's HTTP, with those that vouch for it; none: HTTP without TLS"
    )
    web_tls_key_file: FileOrNone = Field(None, description="its private key (PEM, without a password)")
    web_tls_ca_file: FileOrNone = Field(
        None, description="CA certificates (PEM) that the other workers' are signed by; none: those the machine trusts"
    )
    web_tls_client_ca_file: FileOrNone = Field(
        None, description="CA certificates (PEM): a subscriber is shown only to who has a certificate signed by one"
    )
    instance_id: str = Field(
        "",
        pattern=r"^[a-zA-Z0-9._-]{0,100}$",
        description="static group membership: a restart within the session moves no partition",
    )
    session_timeout_seconds: float = Field(
        10.0, ge=1.0, le=600.0, description="after this silence the group gives a worker's partitions away"
    )
    commit_interval_seconds: float = Field(
        0.1, gt=0.0, le=10.0, description="a transaction at least this often while there is anything to commit"
    )
    max_changes: int = Field(
        20_000, ge=1, le=1_000_000, description="a transaction earlier when this many changes wait"
    )
    tick_seconds: float = Field(
        1.0, ge=0.0, le=3600.0, description="the leader makes a tick this often; 0: none (a replay brings its own)"
    )
    cached_subscribers: int = Field(
        100_000, ge=100, description="subscribers held decoded by the worker, about 8 KB each, shared by all partitions"
    )
    cache_bytes: int = Field(64 << 20, ge=1 << 20, description="RocksDB block cache of the worker")
    dead_letter_window: int = Field(5000, ge=10, description="records over which the share of dead letters is judged")
    dead_letter_share: float = Field(
        0.5, gt=0.0, le=1.0, description="a larger share than this stops the worker; 1: never"
    )
    accept_gap: bool = Field(
        default=False,
        description="go on although the group's offsets were moved ahead of the state: what lies between is given up",
    )
    set_aside: tuple[tuple[str, int, int], ...] = Field(
        (),
        description="records that this release cannot work, FEED:PARTITION:OFFSET, separated by commas: they go to "
        "dead-letters unworked",
    )
    hold_for_ticks: bool = Field(
        default=False,
        description="records beyond the next tick's positions wait for it, and for it to be read (set by a replay)",
    )
    parent_pid: int = Field(
        0,
        ge=0,
        description="end when this process is no longer the parent; 0: stay (set by what starts workers itself)",
    )
    log_level: str = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$", description="how much the log says")

    @field_validator("policies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("set_aside", mode="before")
    @classmethod
    def _name_records(cls, value: object) -> object:
        return tuple(_record_at(part) for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("data_dir", mode="before")
    @classmethod
    def _name_a_folder(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            message = "name a folder, or leave the variable out"  # an empty path would be the current folder
            raise ValueError(message)
        return value


def _record_at(text: str) -> tuple[str, int, int]:
    feed, _, place = text.strip().partition(":")
    numbers = place.split(":")
    if feed not in FEEDS or len(numbers) != 2 or not all(number.isdecimal() for number in numbers):  # noqa: PLR2004
        message = f"write FEED:PARTITION:OFFSET, such as {FEEDS[0]}:1:3750; the feeds are {', '.join(FEEDS)}"
        raise ValueError(message)
    return feed, int(numbers[0]), int(numbers[1])


M = TypeVar("M", bound=BaseModel)


def load_settings(**given: object) -> Settings:
    """Read the environment; what is given wins. Raises SettingsError, naming the variable and what is wrong."""
    named = {name: value for name, value in _named(PREFIX).items() if not name.startswith((DESK, KAFKA))}
    return read_settings(Settings, PREFIX, named, given, "`stream-app worker --help` lists all")


def load_prefixed(model: type[M], prefix: str, hint: str, **given: object) -> M:
    """Read the variables under a prefix of their own as `load_settings` reads the worker's. Raises SettingsError."""
    return read_settings(model, prefix, _named(prefix), given, hint)


def read_settings(model: type[M], prefix: str, named: Mapping[str, str], given: Mapping[str, object], hint: str) -> M:
    """Make settings of variables, named without their prefix, and of what is given, which wins. Raises SettingsError.

    `hint` is said of a name that is none, and like none.
    """
    fields = {field.upper(): field for field in model.model_fields}
    _refuse_unknown(named, list(fields), prefix, hint)
    # pydantic-settings would do it in a quarter of a second more, which every recovery of a worker waits for.
    told = {fields[name]: text for name, text in named.items() if name in fields}
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        return model.model_validate(told | wanted)
    except ValidationError as refusal:
        first = refusal.errors()[0]
        name = prefix + str(first["loc"][0]).upper()
        field = model.model_fields.get(str(first["loc"][0]))
        is_secret = field is not None and "Secret" in str(field.annotation)
        message = f"{name}: {first['msg']}" + ("" if is_secret else f" (it is {first['input']!r})")
        raise SettingsError(message) from None


def _named(prefix: str) -> dict[str, str]:
    """Give the variables under a prefix, named without it, in capitals."""
    named = {name.upper(): value for name, value in os.environ.items()}
    return {name.removeprefix(prefix): value for name, value in named.items() if name.startswith(prefix)}


def _refuse_unknown(names: Iterable[str], known: list[str], prefix: str, hint: str) -> None:
    for name in sorted({*names}.difference(known, OTHERS)):
        if not OF_A_SERVICE.fullmatch(name):
            nearest = get_close_matches(name, known, n=1)
            meant = f"do you mean {prefix}{nearest[0]}?" if nearest else hint
            message = f"{prefix}{name}: there is no such setting; {meant}"
            raise SettingsError(message)
