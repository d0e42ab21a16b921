"""The engine and the oracle read the same indicators, and tell the same levels, at every tick and event."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle.cases import Stream
from tests.oracle.compare import differences
from tests.oracle.warning_streams import lives
from tests.oracle.warnings import answer, engine_answer

unhurried = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(unhurried, max_examples=3)
@given(lives(paced=True))
def test_the_engine_agrees_with_the_oracle_when_weighed_each_day(stream: Stream) -> None:
    assert differences(answer(*stream), engine_answer(*stream)) == []


@settings(unhurried, max_examples=3)
@given(lives(paced=False))
def test_the_engine_weighs_no_later_than_it_matters(stream: Stream) -> None:
    assert differences(answer(*stream), engine_answer(*stream)) == []


@pytest.mark.slow
@settings(unhurried, max_examples=25)
@given(lives(paced=True))
def test_the_engine_agrees_with_the_oracle_on_many_lives_weighed_each_day(stream: Stream) -> None:
    assert differences(answer(*stream), engine_answer(*stream)) == []


@pytest.mark.slow
@settings(unhurried, max_examples=25)
@given(lives(paced=False))
def test_the_engine_weighs_no_later_than_it_matters_in_many_lives(stream: Stream) -> None:
    assert differences(answer(*stream), engine_answer(*stream)) == []
