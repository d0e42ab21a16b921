"""Settings of the desk from the environment (STREAM_APP_DESK_*), validated once at the start."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from stream_app.settings import DESK, PREFIX, FileOrNone, load_prefixed


class DeskSettings(BaseModel):
    """How the desk runs; each field is the variable STREAM_APP_DESK_<FIELD>. Kafka is found as a worker finds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_url: str = Field(
        "sqlite:///stream-app-desk.db",
        description="sqlite:///FILE or postgresql://USER@HOST/NAME; a password belongs in PGPASSFILE, not here",
    )
    web_host: str = Field("127.0.0.1", description="address of the pages; loopback unless told otherwise")
    web_port: int = Field(8080, ge=0, le=65535, description="port of the pages")
    web_tls_cert_file: FileOrNone = Field(
        None, description="certificate (PEM) of the pages, with those that vouch for it; none: HTTP without TLS"
    )
    web_tls_key_file: FileOrNone = Field(None, description="its private key (PEM, without a password)")
    public_url: str = Field("", description="how people reach the pages, for links in messages; empty: host and port")
    trusted_proxies: str = Field(
        "",
        description="addresses or networks, with commas between, of proxies that say who asks; empty: none is believed",
    )
    cookies_secure: bool = Field(
        default=True, description="cookies over HTTPS alone; false only where pages are shown on this machine without"
    )
    session_hours: int = Field(12, ge=1, le=168, description="a login lasts so long")
    clock: Literal["wall", "stream"] = Field(
        "wall", description="what time it is at the desk: the machine's, or that of the ticks (the demo's)"
    )
    act_from: Literal["now", "earliest"] = Field(
        "now", description="a new desk gives tasks for facts from now on, or for all that the topics hold"
    )
    identity_csv: Path | None = Field(None, description="CSV of subscriber_id, name, number")
    identity_sql_url: str = Field("", description="database with a table or view `identities` of the same columns")
    channels: Path | None = Field(None, description="YAML file of the channels that people are told through")
    oidc_issuer: str = Field(
        "", pattern=r"^(https://.+|http://(127\.0\.0\.1|localhost)(:\d+)?(/.*)?)?$",
        description="OpenID Connect provider to log in by; empty: passwords alone. Needs public_url",
    )  # fmt: skip
    oidc_client_id: str = Field("", description="as the provider knows the desk")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="the provider's secret for the desk; never shown")
    oidc_claim: str = Field("preferred_username", description="claim of the ID token that is the login")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for each in _listed(text):
            ip_network(each)  # its error names what is wrong
        return text

    @property
    def proxies(self) -> list[str]:
        """List the addresses and networks of proxies to believe."""
        return _listed(self.trusted_proxies)


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def load_desk_settings(**given: object) -> DeskSettings:
    """Read the environment; what is given wins. Raises SettingsError, naming the variable and what is wrong."""
    return load_prefixed(DeskSettings, PREFIX + DESK, "`stream-app desk serve --help` lists all", **given)
