"""The channels' file: YAML -> channels with their secrets, or a `ChannelsError` that names the key and the fix.

Rule: the file names where a secret is to be found, never the secret; no value of the file or of a secret stands in an
error, as somebody may have put a secret where none belongs.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails

from stream_app.console.channels.keys import KeysError, check_url, check_webhook_secret, read_secret
from stream_app.wire.invalid import fix, refusal

Role = Literal["manager", "supervisor", "management", "operations"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class ChannelsError(ValueError):
    """A channels' file that cannot be used, and what to do about it."""


class _Declared(BaseModel):
    """What channels of every kind are declared by."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Name
    roles: list[Role] = ["manager", "supervisor"]
    branches: list[Text] = []  # none: all of them
    language: Literal["own", "en", "zh"] = "own"  # own: that of whom it tells
    rate_per_minute: Annotated[int, Field(ge=1, le=6000)] = 20  # of one robot, by WeCom and DingTalk
    digest_above: Annotated[int, Field(ge=1, le=1000)] = (
        5  # so many to one person within the minutes below, then a digest
    )
    digest_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    tries: Annotated[int, Field(ge=1, le=50)] = 12  # within about five hours
    timeout_seconds: Annotated[int, Field(ge=1, le=120)] = 10
    keeps_quiet: bool = True  # outside the policy's hours only what is urgent is sent


def _one_of(model: "_Declared", what: str) -> None:
    given = [name for name in (f"{what}_env", f"{what}_file") if getattr(model, name) is not None]
    if len(given) != 1:
        message = f"give one of {what}_env (a variable's name) and {what}_file (a file)"
        raise refusal(message)


class _WithUrl(_Declared):
    url_env: Variable | None = None
    url_file: Text | None = None

    @model_validator(mode="after")
    def _has_url(self) -> Self:
        _one_of(self, "url")
        return self


class WecomModel(_WithUrl):
    """A WeCom group robot 企业微信群机器人: its URL is its secret."""

    kind: Literal["wecom"]


class DingtalkModel(_WithUrl):
    """A DingTalk group robot 钉钉群机器人 with signing 加签."""

    kind: Literal["dingtalk"]
    secret_env: Variable | None = None
    secret_file: Text | None = None

    @model_validator(mode="after")
    def _has_secret(self) -> Self:
        _one_of(self, "secret")
        return self


class WebhookModel(_WithUrl):
    """A program that takes CloudEvents, signed as Standard Webhooks are."""

    kind: Literal["webhook"]
    secret_env: Variable | None = None
    secret_file: Text | None = None

    @model_validator(mode="after")
    def _has_secret(self) -> Self:
        _one_of(self, "secret")
        return self


class MailModel(_Declared):
    """Mail through a server; who has no address under `mail` or the channel's name is not served."""

    kind: Literal["mail"]
    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    sender: Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$", max_length=254)]
    tls: Literal["if_offered", "required", "implicit"] = "if_offered"  # implicit: TLS from the first byte (465)
    ca_file: Text | None = None  # who vouches for the server's certificate, where it is not one of the public ones
    user: Text | None = None
    password_env: Variable | None = None
    password_file: Text | None = None

    @model_validator(mode="after")
    def _has_password(self) -> Self:
        if self.user is not None:
            _one_of(self, "password")
        return self


ChannelModel = Annotated[WecomModel | DingtalkModel | WebhookModel | MailModel, Field(discriminator="kind")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    channels: list[ChannelModel]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [channel.name for channel in self.channels]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"the name {twice[0]} is there twice: give each channel its own"
            raise refusal(message)
        return self


class Channel(NamedTuple):
    """A channel as declared, with the secrets that its file only names."""

    declared: WecomModel | DingtalkModel | WebhookModel | MailModel
    keys: Mapping[str, SecretStr]

    @property
    def name(self) -> str:
        """Give its name, as deliveries carry it."""
        return self.declared.name

    def key(self, what: str) -> str:
        """Give a secret: url, secret or password; raises KeyError where the channel has none."""
        return self.keys[what].get_secret_value()


def load_channels(path: Path | None, environment: Mapping[str, str] = os.environ) -> tuple[Channel, ...]:
    """Read the channels' file, and the secrets it names; no path: no channels. Raises ChannelsError."""
    if path is None:
        return ()
    content = _content(path)
    try:
        declared = _File.model_validate(content).channels
    except ValidationError as found:
        lines = [f"{path}: {_words(error, content)}" for error in found.errors(include_url=False)]
        raise ChannelsError("\n".join(lines)) from None
    return tuple(_with_keys(model, path, environment) for model in declared)


def _content(path: Path) -> object:
    try:
        content: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
        raise ChannelsError(message) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        message = (
            f"{path}{f':{mark.line + 1}' if mark else ''}: is no YAML: {getattr(error, 'problem', None) or 'see there'}"
        )
        raise ChannelsError(message) from None
    if not isinstance(content, Mapping):
        message = f"{path}: write a list under the key channels"
        raise ChannelsError(message)
    return content


def _with_keys(
    model: WecomModel | DingtalkModel | WebhookModel | MailModel, path: Path, environment: Mapping[str, str]
) -> Channel:
    keys = dict[str, SecretStr]()
    for what in ("url", "secret", "password"):
        variable, file = getattr(model, f"{what}_env", None), getattr(model, f"{what}_file", None)
        if variable is None and file is None:
            continue
        key = f"{what}_env" if variable is not None else f"{what}_file"
        try:
            keys[what] = read_secret(variable, file, environment)
            _check(model, what, keys[what])
        except KeysError as error:
            message = f"{path}: channel {model.name}: {key}: {error}"
            raise ChannelsError(message) from None
    return Channel(model, keys)


def _check(model: _Declared, what: str, secret: SecretStr) -> None:
    if what == "url":
        check_url(secret)
    elif what == "secret" and isinstance(model, WebhookModel):
        check_webhook_secret(secret)


def _words(error: ErrorDetails, content: Any) -> str:  # noqa: ANN401 - whatever the file holds
    """Name the place of an error and the fix, without what stands there."""
    place = " ".join(_place(error["loc"], content)) or "the file"
    if error["type"] == "extra_forbidden":
        return f"{place} is no key of it: leave it out, or see the example for those that are"
    if error["type"] == "missing":
        return f"{place} is missing"
    if error["type"].startswith("union_tag"):
        return f"{place}: kind must be one of wecom, dingtalk, webhook, mail"
    return f"{place}: {error['msg'] if error['type'] == 'contract' else fix(error)}"


def _place(loc: tuple[int | str, ...], content: Any) -> Iterator[str]:  # noqa: ANN401
    if loc[:1] != ("channels",) or len(loc) == 1:
        yield from map(str, loc)
        return
    entry = content["channels"][loc[1]]
    name = entry.get("name") if isinstance(entry, Mapping) else None
    yield f"channel {name}:" if isinstance(name, str) and len(name) <= 64 else f"channel {int(loc[1]) + 1}:"  # noqa: PLR2004 - a name's length
    yield ".".join(str(part + 1) if isinstance(part, int) else part for part in loc[3:])  # loc[2] is the kind
