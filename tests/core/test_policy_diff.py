"""What differs between two policies, figure by figure."""

from msgspec import structs

from stream_app.core.policy import Tier, TierPolicy
from stream_app.core.policy_diff import Difference, differences
from tests.core.builders import GOLD, SILVER, policy


def test_a_policy_does_not_differ_from_itself() -> None:
    assert differences(policy(), policy()) == []


def test_a_figure_is_named_by_its_section_and_its_entry() -> None:
    dearer = structs.replace(policy(), tiers=(Tier("GOLD", GOLD.floor_fen + 5, GOLD.card), SILVER))
    assert differences(policy(), dearer) == [
        Difference(("tiers", "GOLD", "floor_fen"), GOLD.floor_fen, GOLD.floor_fen + 5)
    ]


def test_an_entry_that_only_one_has_is_absent_in_the_other() -> None:
    fewer = structs.replace(policy(), tiers=(SILVER,), tier_policy=TierPolicy(contract_required=True))
    assert differences(policy(), fewer) == [
        Difference(("tiers", "GOLD", "code"), "GOLD", None),
        Difference(("tiers", "GOLD", "floor_fen"), GOLD.floor_fen, None),
        Difference(("tiers", "GOLD", "card"), GOLD.card, None),
        Difference(("tier_policy", "contract_required"), before=False, after=True),
    ]
