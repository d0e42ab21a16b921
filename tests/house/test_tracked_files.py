"""What must not stand in the repository: paths of a machine, addresses of package registries, secrets."""

import re
from collections.abc import Iterator

from tests.house.sources import ROOT, text_of, tracked_files

MACHINE_PATH = re.compile(r"(?<![\w.}~/])/(?:home|Users|root|work|farm)/\w")
REGISTRIES = ("pypi", "pythonhosted", "npmjs", "maven2", r"repo1?\.maven", r"proxy\.golang", "crates")
REGISTRY_ADDRESS = re.compile(rf"https?://[^\s\"']*(?:{'|'.join(REGISTRIES)})", re.IGNORECASE)
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}\b|\bxox[bap]-\w{10,}")


def lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in tracked_files():
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            if pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert list(lines_with(MACHINE_PATH)) == []


def test_no_file_names_the_address_of_a_package_registry() -> None:
    assert list(lines_with(REGISTRY_ADDRESS)) == []


def test_no_file_holds_a_secret() -> None:
    assert list(lines_with(SECRET)) == []


def test_no_file_holds_what_a_merge_left() -> None:
    assert list(lines_with(re.compile(r"^(?:<{7} |>{7} )"))) == []
