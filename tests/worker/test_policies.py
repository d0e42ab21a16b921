"""The versions that a worker knows: what it takes in, passes over, and reads on for before it works anything more."""

import pytest

from stream_app.core.policy import PolicySet
from stream_app.wire.policy_file import PolicyError, parse_policy
from stream_app.worker.published import Published, published_policies, read_policy, take_in
from tests.worker.fake_lane import POLICY_TEXT, Harness, Log, around, policy, usage


def later(version: str = "plain-2", effective_at: str = "2025-03-05T00:00:00Z", floor_fen: int = 9000) -> str:
    text = POLICY_TEXT.replace("plain-1", version).replace("2017-01-01T00:00:00Z", effective_at)
    return text.replace("5000", str(floor_fen))


def test_what_does_not_fit_is_passed_over_and_the_rest_taken_in() -> None:
    policies = PolicySet([policy()])
    take_in(
        policies,
        [
            Published(0, "plain-1", POLICY_TEXT),
            Published(1, "broken", "version: [\n"),
            Published(2, "other name", later()),
            Published(3, "plain-2", later()),
            Published(4, "plain-2", later(floor_fen=1)),
            Published(5, "moved", later("moved", "2026-01-01T00:00:00Z").replace("UTC", "Asia/Shanghai")),
        ],
    )
    assert [each.version for each in policies.versions] == ["plain-1", "plain-2"]
    assert policies.named("plain-2").tiers[0].floor_fen == 9000


def test_a_record_speaks_of_the_version_that_its_key_names() -> None:
    with pytest.raises(PolicyError, match="the key says version 'a', the policy 'plain-2'"):
        read_policy(Published(0, "a", later()))


def test_an_empty_topic_has_no_versions() -> None:
    assert published_policies([]) is None


def test_a_tick_that_knows_more_has_the_topic_read_before_anything_after_it_is_worked() -> None:
    surroundings, log = around(), Log()
    asked: list[int] = []

    def reach(offset: int) -> int:
        asked.append(offset)
        if offset > 1 and len(surroundings.policies.versions) == 1:
            surroundings.policies.add(parse_policy(later(), "later"), 1)
        return offset

    harness = Harness(surroundings._replace(reach=reach))
    harness.feed(log.put_tick("2025-03-01"))
    first, second = log.put(usage("u1", "2025-03-02", 18_000)), log.put(usage("u2", "2025-03-02", 1))
    harness.feed(log.put_tick("2025-03-06", {"usage-events": 1}, policies=2))
    harness.feed(first, second)
    harness.sweep()
    harness.commit()
    assert [(fact["to"], fact["policy_version"]) for fact in harness.facts("tier.changed")] == [
        ("GOLD", "plain-1"),
        ("SILVER", "plain-2"),
    ]
    assert asked[-1] == 2
    harness.crash()
    assert asked[-1] == 2  # the row says what its clock knows: read before it is checked
