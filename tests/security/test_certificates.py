import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from prometheus_client import CollectorRegistry, Gauge

from stream_app.security.certificates import NoCertificate, first_end, show_certificates

ENDS = [
    datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
    datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2051, 6, 1, tzinfo=UTC),
]


def issued(path: Path, *ends: datetime) -> Path:
    ca = trustme.CA()
    certificates = [
        ca.issue_cert("localhost", not_after=end, not_before=datetime(2020, 1, 1, tzinfo=UTC)).cert_chain_pems[0]
        for end in ends
    ]
    path.write_bytes(b"".join(each.bytes() for each in certificates))
    return path


@pytest.mark.parametrize("end", ENDS, ids=["two digits of a year", "the last of these", "four digits"])
def test_the_end_of_a_certificate_is_read_as_a_library_reads_it(tmp_path: Path, end: datetime) -> None:
    path = issued(tmp_path / "one.pem", end)
    assert first_end(path) == x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc == end


def test_of_several_the_first_to_end_counts(tmp_path: Path) -> None:
    assert first_end(issued(tmp_path / "three.pem", *reversed(ENDS))) == ENDS[0]


def test_a_key_in_the_same_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "both.pem"
    cert = trustme.CA().issue_cert("localhost")
    cert.private_key_and_cert_chain_pem.write_to_path(path)
    assert first_end(path) > datetime.now(UTC)


def test_every_ca_that_this_machine_trusts_can_be_read() -> None:
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if not bundle.exists():
        pytest.skip("no bundle of CA certificates on this machine")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(bundle)
    ends = [ssl.cert_time_to_seconds(str(found["notAfter"])) for found in context.get_ca_certs()]
    assert first_end(bundle).timestamp() == min(ends)


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_without_one_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "none.pem"
    path.write_text(text, encoding="ascii")
    with pytest.raises(NoCertificate, match=r"none\.pem holds no certificate in PEM"):
        first_end(path)


def test_the_metric_follows_the_file_and_says_0_when_it_cannot_be_read(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    gauge = Gauge("end", "When it ends.", ["use"], registry=registry)
    path = issued(tmp_path / "renewed.pem", ENDS[0])
    show_certificates({"http": path}, gauge.labels)

    def shown() -> float | None:
        return registry.get_sample_value("end", {"use": "http"})

    assert shown() == ENDS[0].timestamp()
    issued(path, ENDS[0] + timedelta(days=90))
    assert shown() == (ENDS[0] + timedelta(days=90)).timestamp()
    path.unlink()
    assert shown() == 0.0
