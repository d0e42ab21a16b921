"""The engine and the oracle answer alike, whatever the stream."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle import adapter
from tests.oracle.cases import Stream
from tests.oracle.compare import differences
from tests.oracle.oracle import answer
from tests.oracle.streams import streams

unhurried = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.slow
@settings(unhurried, max_examples=40)
@given(streams())
def test_the_engine_agrees_with_the_oracle(stream: Stream) -> None:
    assert differences(answer(*stream), adapter.engine_answer(*stream)) == []


@pytest.mark.slow
@settings(unhurried, max_examples=500)
@given(streams())
def test_the_engine_agrees_with_the_oracle_on_many_streams(stream: Stream) -> None:
    assert differences(answer(*stream), adapter.engine_answer(*stream)) == []
