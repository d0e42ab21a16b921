"""The section `desk` of a policy file: its defaults are those of the rules, and what makes no sense is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from stream_app.core.desk.policy import DeskPolicy, Due
from stream_app.wire.policy_desk import DeskModel
from stream_app.wire.policy_file import PolicyError, load_policy, parse_policy

DEFAULT = Path(__file__).parents[2] / "deploy" / "policies" / "default.yaml"
LEAST = """\
version: test-1
effective_at: 2017-01-01T00:00:00+08:00
tiers:
  - {code: A, floor_fen: 10}
"""


def given() -> dict[str, Any]:
    section: dict[str, Any] = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))["desk"]
    return section


def test_the_section_by_default_is_what_the_rules_have_by_default() -> None:
    assert DeskModel().section() == DeskPolicy()
    assert parse_policy(LEAST, "p.yaml").desk == DeskPolicy()


def test_the_policy_by_default_tells_every_figure_and_gives_the_defaults() -> None:
    assert given().keys() == set(DeskPolicy.__struct_fields__)
    assert load_policy(DEFAULT).desk == DeskPolicy()


def test_the_section_comes_out_as_it_was_written() -> None:
    assert DeskModel.model_validate(given()).model_dump() == given()


def test_figures_told_replace_those_by_default() -> None:
    told = "desk: {risk_from: critical, due_hours: {portout: 2}, tier_due_hours: {}, never_held_out_tiers: [A]}\n"
    desk = parse_policy(LEAST + told, "p.yaml").desk
    assert (desk.risk_from, desk.due_hours, desk.tier_due_hours) == (3, (Due("portout", 2),), ())
    assert desk.never_held_out_tiers == ("A",)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("{risk_from: none}", 'desk.risk_from is "none"'),
        ("{due_hours: {portuot: 4}}", "portuot is no indicator: known are"),
        ("{due_hours: {portout: 0}}", "desk.due_hours.portout is 0"),
        ("{never_held_out_reasons: [left]}", "left is no indicator"),
        ("{win_back_classes: [rich]}", 'desk.win_back_classes.1 is "rich"'),
        ("{held_out_permille: 501}", "desk.held_out_permille is 501: it should be less than or equal to 500"),
        ("{quiet_from_hour: 25}", "desk.quiet_from_hour is 25"),
        ("{quiet_from_hour: 0, quiet_until_hour: 24}", "leave no hour for a call"),
        ("{atempts: 2}", "desk.atempts is no key of a policy: did you mean attempts?"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(told: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(f"{LEAST}desk: {told}\n", "p.yaml")
    assert message in str(caught.value)
