"""A month's use comes back from its packed form, in the order it had."""

from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.state import Use
from stream_app.core.usage import KINDS, cells, packed

numbers = st.integers(0, 300) | st.integers(0, 2**63 - 1)


@given(st.dictionaries(st.integers(0, len(KINDS) - 1), st.builds(Use, numbers, numbers, numbers)))
def test_a_months_use_comes_back_from_its_packed_form(used: dict[int, Use]) -> None:
    assert list(cells(packed(used)).items()) == list(used.items())


def test_what_has_the_form_asked_for_stays_as_it_is() -> None:
    used = {3: Use(60, 100, 1)}
    assert cells(used) is used
    assert packed(packed(used)) == packed(used)
