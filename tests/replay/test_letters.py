"""A dead letter as `dead-letters` shows it."""

from aiokafka import ConsumerRecord

from stream_app.replay.dead_letters import Letter


def test_a_letter_says_where_it_lies_why_it_was_refused_and_where_it_came_from() -> None:
    record = ConsumerRecord("dead-letters", 2, 17, 0, 0, b"k", b"v", None, -1, -1, ())
    headers = {"dl_reason": "not_json", "dl_topic": "usage-events", "dl_partition": "2", "dl_offset": "400"}
    letter = Letter(record, headers, sent_back=False)
    assert (letter.place, letter.reason, letter.origin) == ("2:17", "not_json", "usage-events[2]@400")
