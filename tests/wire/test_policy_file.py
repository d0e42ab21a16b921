"""Policy files are read, or refused in words that name file, key, value and fix."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stream_app.core.policy import (
    Billing,
    Dedup,
    MeasurePolicy,
    Plan,
    Plans,
    Policy,
    TenureBand,
    Tier,
    TierPolicy,
    ValueClasses,
)
from stream_app.wire.policy_file import PolicyError, load_policy, parse_policy

POLICIES = Path(__file__).parents[2] / "deploy" / "policies"
LEAST = """\
version: test-1
effective_at: 2017-01-01T00:00:00+08:00
tiers:
  - {code: A, floor_fen: 10}
  - {code: B, floor_fen: 5, card: blue}
"""
BAND, PLAN = "{name: x, from_months: 0}", "{name: p, price_fen: 1, minutes: 1}"


def refusal(text: str) -> str:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p.yaml")
    return str(caught.value)


def test_the_least_policy_has_defaults_for_all_else() -> None:
    assert parse_policy(LEAST, "p.yaml") == Policy(
        version="test-1",
        effective_at=datetime(2016, 12, 31, 16, tzinfo=UTC),
        tiers=(Tier("A", 10), Tier("B", 5, "blue")),
    )


def test_every_section_is_read() -> None:
    text = LEAST + (
        "billing: {zone: UTC, anchor_day: 28, grace_hours: 0, correctable_months: 1}\n"
        "tier_policy: {closes_to_downgrade: 2, contract_required: true, arrears_grace_days: 0}\n"
        "dedup: {usage_recent: 1}\n"
        "value_classes: {window_months: 4, important_group_classes: [A, B], unpaid_months: 0}\n"
        "measures: {stabilising: [a], sticky_services: [], tenure_bands: [{name: all, from_months: 0}]}\n"
        f"plans: {{known: [{PLAN}], move_over_months: 0}}\n"
    )
    policy = parse_policy(text, "p.yaml")
    assert policy.billing == Billing("UTC", 28, 0, 1)
    assert policy.tier_policy == TierPolicy(2, True, 0)
    assert policy.dedup == Dedup(1)
    assert policy.value_classes == ValueClasses(window_months=4, important_group_classes=("A", "B"), unpaid_months=0)
    assert policy.measures == MeasurePolicy(("a",), (), tenure_bands=(TenureBand("all", 0),))
    assert policy.plans == Plans((Plan("p", 1, 1),), 0)


def test_the_instant_may_be_text_or_a_timestamp_of_yaml() -> None:
    quoted = LEAST.replace("2017-01-01T00:00:00+08:00", '"2016-12-31T16:00:00Z"')
    assert parse_policy(quoted, "p.yaml") == parse_policy(LEAST, "p.yaml")


def test_the_default_policy_has_the_figures_of_the_handbook() -> None:
    policy = load_policy(POLICIES / "default.yaml")
    floors_yuan = {tier.code: tier.floor_fen // 100 for tier in policy.tiers}
    assert floors_yuan == {"C1": 3000, "C2": 1500, "C3": 800, "C4": 500, "C5": 300, "C6": 200}
    assert [tier.card for tier in policy.tiers] == ["diamond", "gold", "silver", "VIP", None, None]
    assert (policy.billing, policy.tier_policy, policy.dedup) == (Billing(), TierPolicy(), Dedup())
    assert (policy.value_classes, policy.measures) == (ValueClasses(), MeasurePolicy())


def test_sichuan_wants_a_contract_and_no_arrears() -> None:
    policy = load_policy(POLICIES / "sichuan.yaml")
    assert policy.tier_policy == TierPolicy(contract_required=True, arrears_grace_days=0)
    assert policy.tiers == load_policy(POLICIES / "default.yaml").tiers


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.yaml: holds null: write keys and values, at least version, effective_at and tiers"),
        ("[1]", "p.yaml: holds [1]: write keys"),
        ("a: [", "p.yaml:1:5: expected the node content"),
        ("a: \x01", "p.yaml: unacceptable character"),
        ("a: 1\na: 2", "p.yaml:2:1: key a is there twice: keep one"),
        ("? [a]\n: 1", "p.yaml:1:3: found unhashable key"),
        ("effective_at: 2017-13-01", "p.yaml: month must be in 1..12"),
        ("version: x", "p.yaml: tiers is missing: every policy needs it"),
        (LEAST + "teirs: 3", "p.yaml: teirs is no key of a policy: did you mean tiers?"),
        (LEAST + "colour: 3", "p.yaml: colour is no key of a policy: known are version, effective_at, tiers, billing"),
        (LEAST + "1: 2", "p.yaml: 1 is no key of a policy: write names as keys"),
        (LEAST + "billing: {anchor_dya: 3}", "billing.anchor_dya is no key of a policy: did you mean anchor_day?"),
        (LEAST.replace("card", "crad"), "tiers.2.crad is no key of a policy: did you mean card?"),
        (LEAST + "billing: {anchor_day: 29}", "billing.anchor_day is 29: it should be less than or equal to 28"),
        (LEAST + "billing: {zone: Mars}", 'billing.zone is "Mars": write a zone of the IANA database'),
        (LEAST + "billing: {grace_hours: 1.5}", "billing.grace_hours is 1.5: write an integer"),
        (LEAST + "billing: 2017-01-01", "billing is 2017-01-01: write its keys and values below it, or leave it out"),
        (LEAST + "tier_policy: {contract_required: 1}", "tier_policy.contract_required is 1: write true or false"),
        (LEAST + "dedup: {usage_recent: 0}", "dedup.usage_recent is 0: it should be greater than or equal to 1"),
        (LEAST + "value_classes: {quasi_floor_fen: 20000}", "value_classes: quasi_floor_fen (20000), dynamic_over_fen"),
        (LEAST + "value_classes: {dynamic_months: 7}", "dynamic_months (7) is more than window_months (6)"),
        (LEAST + "measures: {tenure_bands: [{name: x, from_months: 1}]}", "begin with from_months 0"),
        (LEAST + f"measures: {{tenure_bands: [{BAND}, {BAND.replace('0', '9')}]}}", "name x is there twice"),
        (LEAST + f"plans: {{known: [{PLAN}, {PLAN}]}}", "plans.known: name p is there twice"),
        (LEAST.replace("test-1", "1"), "version is 1: write text, in quotes"),
        (LEAST.replace("+08:00", ""), "effective_at is 2017-01-01T00:00:00: write RFC 3339 with an offset"),
        (LEAST.replace("T00:00:00+08:00", ""), "effective_at is 2017-01-01: write RFC 3339 with an offset"),
        (LEAST.replace("10", "5"), "p.yaml: tiers: B (5) comes after A (5): list the highest floor_fen first"),
        (LEAST.replace("code: B", "code: A"), "p.yaml: tiers: code A is there twice: give each tier its own"),
        (LEAST.replace("floor_fen: 5", "floor_fen: -5"), "tiers.2.floor_fen is -5: it should be greater than or"),
        (LEAST.replace("code: B", f"code: {'B' * 33}"), "it should have at most 32 characters"),
    ],
)
def test_a_refusal_names_file_key_value_and_fix(text: str, message: str) -> None:
    assert message in refusal(text)


def test_every_fault_of_a_file_is_named_at_once() -> None:
    assert len(refusal(LEAST + "billing: {anchor_day: 0, zone: Mars}\ncolour: 3").splitlines()) == 3


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"missing\.yaml: cannot be read"):
        load_policy(tmp_path / "missing.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff")
    with pytest.raises(PolicyError, match=r"bytes\.yaml: cannot be read"):
        load_policy(tmp_path / "bytes.yaml")


def test_two_bins_that_hold_the_same_value_are_refused() -> None:
    card = "{indicators: {silent_days: {bins: [{from: 7, to: 14, points: 10}, {from: 13, points: 25}]}}}"
    assert "two bins hold the value 13" in refusal(f"{LEAST}risk: {card}\n")
