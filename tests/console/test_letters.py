"""Dead letters on a real Kafka, as operations see them: read newest first, and some of them sent back whole."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord

from stream_app.console.letters import KafkaLetters, LettersOutOfReach
from stream_app.local import LocalKafka
from stream_app.replay.topics_reader import TopicReader
from stream_app.wire.dead_letters import dead_letter
from stream_app.worker.topics import DEAD_LETTER_TOPIC, Names
from tests.console.brokers import OwnTopics, own_topics

FEED = "usage-events"


async def put_letters(own: OwnTopics) -> None:
    """Refuse three records of a feed."""
    feed = own.names.full(FEED)
    async with AIOKafkaProducer(bootstrap_servers=own.bootstrap, acks="all") as producer:
        for number, value in enumerate((b"no json", b'{"type": "odd"}', b"\xff\x00")):
            letter = dead_letter(feed, 1, 40 + number, 0, b"s1", value, [("h", b"1")], "not_json", "no JSON")
            topic = own.names.full(DEAD_LETTER_TOPIC)
            await producer.send_and_wait(topic, letter.value, letter.key, 0, number + 1, letter.headers)


async def arrived(own: OwnTopics) -> list[ConsumerRecord]:
    async with TopicReader(own.bootstrap, [own.names.full(FEED)], own.partitions) as reader:
        return [record async for record in reader.new_records()]


async def test_letters_are_read_and_the_chosen_one_alone_goes_back_whole(kafka: LocalKafka) -> None:
    async with own_topics(kafka.bootstrap, 2) as own:
        await put_letters(own)
        letters = KafkaLetters(own.bootstrap, own.names)
        shown = await asyncio.to_thread(letters.newest)
        sent = await asyncio.to_thread(letters.send_back, {"0:1", "0:9"})
        nothing = await asyncio.to_thread(letters.send_back, set())
        back = await arrived(own)
    assert [(each.place, each.value) for each in shown] == [
        ("0:2", "\\xff\x00"),
        ("0:1", '{"type": "odd"}'),
        ("0:0", "no json"),
    ]
    assert (shown[0].reason, shown[0].headers, shown[0].key) == ("not_json", "h: 1", "s1")
    assert shown[0].origin == f"{own.names.full(FEED)}[1]@42"
    assert (sent, nothing) == (1, 0)
    assert [(each.partition, each.key, each.value, each.headers) for each in back] == [
        (1, b"s1", b'{"type": "odd"}', (("h", b"1"),))
    ]


def test_it_is_told_where_kafka_does_not_answer() -> None:
    letters = KafkaLetters("127.0.0.1:1", Names("", "nobody"))
    with pytest.raises(LettersOutOfReach, match="no Kafka broker answers"):
        letters.newest()
