"""Every package that is locked may be used, and the page and the list of parts say what the lock says."""

import json

import pytest

from deploy.licences.packages import READ, WEAK, Package, UnknownLicence, licence_of, locked, misfits, packages
from deploy.licences.page import PAGE, VENDORED, page, scripts
from deploy.licences.sbom import JARS, NotValid, checked, sbom


def test_every_locked_package_has_a_licence_that_fits() -> None:
    assert misfits(packages()) == []


@pytest.mark.parametrize(
    "licence",
    ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "MPL-2.0", "LicenseRef-Proprietary", "SSPL-1.0", ""],
)
def test_another_package_could_not_come_in_under_a_licence_that_does_not_fit(licence: str) -> None:
    assert misfits([Package("newcomer", "1.0", licence, "all")]) == [f"newcomer 1.0: {licence}"]


def test_a_package_that_says_nothing_has_to_be_read() -> None:
    with pytest.raises(UnknownLicence, match="no-such-package is not installed here: read its licence"):
        licence_of("no-such-package")


def test_what_was_read_or_excepted_once_is_still_locked() -> None:
    assert READ.keys() | WEAK.keys() <= locked().keys()


def test_the_page_says_what_the_lock_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make licences"


def test_every_script_kept_is_on_the_page() -> None:
    assert {each.file for each in scripts()} == {path.name for path in VENDORED.parent.glob("*.js")}


def test_the_list_of_parts_has_all_of_them_with_their_digests_and_is_valid() -> None:
    found = sbom()
    checked(json.dumps(found))
    names = [each["purl"] for each in found["components"]]
    assert {f"pkg:pypi/{name}@{version}" for name, version in locked().items()} <= set(names)
    assert len(names) == len(set(names)) == len(locked()) + len(scripts()) + len(json.loads(JARS.read_text())["jars"])
    for each in found["components"]:
        assert each.get("hashes") or each["externalReferences"][0]["hashes"], each["name"]


def test_a_list_that_is_not_as_it_should_be_is_told() -> None:
    with pytest.raises(NotValid):
        checked(json.dumps(sbom() | {"components": [{"type": "library"}]}))
