"""Logging in by an OpenID Connect provider: the code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636).

Rule: the ID token comes from the provider's token endpoint alone, over TLS (or this very machine), which stands for its
signature (section 3.1.3.7, step 6). Who is not among the desk's users does not come in.
"""

import base64
import hashlib
import json
import secrets
from datetime import datetime
from typing import Any, NamedTuple, Self
from urllib.parse import quote_plus, urlencode

import aiohttp

from stream_app.console.settings import DeskSettings

PATIENCE = aiohttp.ClientTimeout(total=10)
LARGEST_ANSWER_BYTES = 100_000
SCOPES = "openid profile email"


class OidcError(Exception):
    """The provider did not vouch for anybody; the message is for the log, and holds no token."""


class Asked(NamedTuple):
    """What a browser takes along to the provider and back: nobody else can finish what it began."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        """Draw three secrets."""
        return cls(*(secrets.token_urlsafe(32) for _ in cls._fields))

    @classmethod
    def read(cls, cookie: str) -> Self | None:
        """Read them from the browser's cookie."""
        parts = cookie.split(".")
        return cls(*parts) if len(parts) == len(cls._fields) and all(parts) else None

    def written(self) -> str:
        """Write them for the browser's cookie."""
        return ".".join(self)

    @property
    def challenge(self) -> str:
        """Give the verifier's hash, which the provider holds the later request against."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


async def authorization_url(settings: DeskSettings, asked: Asked, back: str) -> str:
    """Give the provider's address to send a browser to. Raises OidcError."""
    endpoint = await _endpoint(settings, "authorization_endpoint")
    query = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": back,
        "scope": SCOPES,
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": asked.challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


async def login_of(settings: DeskSettings, asked: Asked, code: str, back: str, now: datetime) -> str:
    """Change the code that a browser came back with for the login of who it is. Raises OidcError."""
    endpoint = await _endpoint(settings, "token_endpoint")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": asked.verifier,
    }
    answer = await _ask("POST", endpoint, data=form, headers={"authorization": _who(settings)})
    claims = _claims(answer.get("id_token"))
    check(claims, settings, asked, now)
    login = claims.get(settings.oidc_claim)
    if not isinstance(login, str) or not login:
        message = f"the ID token has no claim {settings.oidc_claim}"
        raise OidcError(message)
    return login


def check(claims: dict[str, Any], settings: DeskSettings, asked: Asked, now: datetime) -> None:
    """Make sure that a token is the provider's, for this desk, for this browser, and of now. Raises OidcError."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    expires = claims.get("exp")
    wrong = {
        "issuer": claims.get("iss") != settings.oidc_issuer,
        "audience": settings.oidc_client_id not in audiences,
        "authorized party": len(audiences) > 1 and claims.get("azp") != settings.oidc_client_id,
        "expiry": not isinstance(expires, int | float) or expires <= now.timestamp(),
        "nonce": not secrets.compare_digest(str(claims.get("nonce")).encode(), asked.nonce.encode()),
    }
    found = [name for name, is_wrong in wrong.items() if is_wrong]
    if found:
        message = f"the ID token's {', '.join(found)} will not do"
        raise OidcError(message)


def _who(settings: DeskSettings) -> str:
    """Say who asks, as RFC 6749 section 2.3.1 has it."""
    pair = f"{quote_plus(settings.oidc_client_id)}:{quote_plus(settings.oidc_client_secret.get_secret_value())}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _claims(token: object) -> dict[str, Any]:
    try:
        payload = str(token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        claims = None
    if not isinstance(claims, dict):
        message = "the provider gave no ID token"
        raise OidcError(message)
    return claims


async def _endpoint(settings: DeskSettings, name: str) -> str:
    described = await _ask("GET", settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration")
    endpoint = described.get(name)
    is_safe = isinstance(endpoint, str) and (
        endpoint.startswith("https://") or settings.oidc_issuer.startswith("http://")
    )
    if described.get("issuer") != settings.oidc_issuer or not is_safe:
        message = f"the provider's description has no {name} of {settings.oidc_issuer} that is safe"
        raise OidcError(message)
    return str(endpoint)


async def _ask(method: str, address: str, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - as aiohttp takes it
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.request(method, address, allow_redirects=False, **how) as answer,
        ):
            text = await answer.content.read(LARGEST_ANSWER_BYTES)
            found = json.loads(text) if answer.status == 200 else None  # noqa: PLR2004 - HTTP's
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        message = f"the provider cannot be asked: {type(error).__name__}"
        raise OidcError(message) from None
    if not isinstance(found, dict):
        message = f"the provider answered {answer.status} and no object"
        raise OidcError(message)
    return found
