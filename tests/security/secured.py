"""A real Kafka with TLS, SCRAM and ACLs, and the certificates for it.

It has three listeners on the loopback address: SASL_SSL for those with a password, SSL for those with a certificate,
and a plain one inside, whose anonymous user is the super user that makes users and ACLs here. No other may do anything
that no ACL allows.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import trustme
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from stream_app.local import LocalKafka
from stream_app.local.ports import free_port

BOUND_SECONDS = 30
ITERATIONS = 4096


class Files(NamedTuple):
    """Certificates in files: of the CA that signed them, of the broker, of somebody whose name is a certificate."""

    ca: Path
    server: Path
    client: Path
    other_ca: Path  # that signed none of these


class Secured(NamedTuple):
    """A broker that runs."""

    kafka: LocalKafka
    files: Files
    sasl: str  # host:port, the host as it stands in the certificate
    mutual: str

    @property
    def inside(self) -> str:
        """Where the super user is whoever comes."""
        return self.kafka.bootstrap

    def admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.inside})

    def add_user(self, name: str, password: str) -> None:
        """Make a user, or give it another password."""
        credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
        made = UserScramCredentialUpsertion(name, credential, password.encode())
        admin = self.admin()  # held: what it was asked goes with it
        for done in admin.alter_user_scram_credentials([made]).values():
            done.result(BOUND_SECONDS)


def make_files(folder: Path) -> Files:
    """Make certificates; the broker's is for the name localhost alone, not for its address."""
    ca, other = trustme.CA(), trustme.CA()
    files = Files(folder / "ca.pem", folder / "server.pem", folder / "client.pem", folder / "other-ca.pem")
    ca.cert_pem.write_to_path(files.ca)
    other.cert_pem.write_to_path(files.other_ca)
    write(ca.issue_cert("localhost"), files.server)
    write(ca.issue_cert("localhost", common_name="reader"), files.client)
    return files


def write(cert: trustme.LeafCert, path: Path) -> None:
    """Put key and certificates into one file, the key in the only form that Java reads (PKCS 8)."""
    key = load_pem_private_key(cert.private_key_pem.bytes(), password=None)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(text + b"".join(each.bytes() for each in cert.cert_chain_pems))


@contextmanager
def secured_kafka(folder: Path) -> Iterator[Secured]:
    """Run a broker with certificates made for it."""
    files = make_files(folder)
    inside, sasl, mutual, controller = distinct_ports(4)
    with LocalKafka(port=inside, overrides=_properties(files, inside, sasl, mutual, controller)) as kafka:
        yield Secured(kafka, files, f"localhost:{sasl}", f"localhost:{mutual}")


def distinct_ports(count: int) -> Sequence[int]:
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return sorted(found)


def _properties(files: Files, inside: int, sasl: int, mutual: int, controller: int) -> dict[str, str]:
    outside = {"SASL_SSL": sasl, "SSL": mutual}
    listeners = {"PLAINTEXT": inside, **outside, "CONTROLLER": controller}
    plain = f"PLAINTEXT://127.0.0.1:{inside}"
    return {
        "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in listeners.items()),
        "advertised.listeners": ",".join([plain, *(f"{name}://localhost:{port}" for name, port in outside.items())]),
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "listener.name.ssl.ssl.client.auth": "required",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(files.server),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(files.ca),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "allow.everyone.if.no.acl.found": "false",
    }
