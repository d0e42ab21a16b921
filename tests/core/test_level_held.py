"""Why a level stands that the score alone would not give any more: it is said what holds it."""

import pytest

from stream_app.commands.risk_words import risk_lines
from stream_app.core.level import HeldBy, held_by
from stream_app.core.risk_policy import RiskPolicy
from stream_app.core.state import LEVELS, Risk

RISK = RiskPolicy()
HIGH = LEVELS.index("high")
SINCE = 100
DWELL_ENDS = SINCE + RISK.min_dwell_days


@pytest.mark.parametrize(
    ("score", "day", "held"),
    [
        (RISK.high_from, SINCE, None),
        (RISK.high_from - 1, SINCE, "dwell"),
        (RISK.high_from - 1, DWELL_ENDS - 1, "dwell"),
        (RISK.high_from - 1, DWELL_ENDS, "hysteresis"),
    ],
)
def test_what_holds_a_level(score: int, day: int, held: HeldBy | None) -> None:
    assert held_by(Risk(HIGH, SINCE, "arrears_fen", 0), score, RISK, day) == held


def test_no_level_is_held_by_nothing() -> None:
    assert held_by(Risk(), 0, RISK, SINCE) is None


@pytest.mark.parametrize("held", ["dwell", "hysteresis"])
def test_why_says_it_in_both_languages(held: HeldBy) -> None:
    risk = {"level": "high", "since_on": "2025-04-01", "held_by": held, "score": 3, "reasons": [], "protections": []}
    lines = list(risk_lines({"risk": {**risk, "suggested_measures": [], "offers": []}}, []))
    assert lines[1].startswith(f"  held 保持: by the {held}")
