"""A topic read to its end, by a client that shares no code with ours."""

from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, Message, TopicPartition


def messages(bootstrap: str, topic: str, partitions: int, begins: Mapping[int, int] | None = None) -> Iterator[Message]:
    """Read a topic to its end as it stands, committed records only; `begins` is where, by partition, else the start."""
    consumer = Consumer(
        {
            "log_level": 2,  # a broker that stops is no news here
            "bootstrap.servers": bootstrap,
            "group.id": "reader",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    consumer.assign([TopicPartition(topic, part, (begins or {}).get(part, 0)) for part in range(partitions)])
    ended: set[int] = set()
    while len(ended) < partitions:
        for message in consumer.consume(10_000, 1.0):
            if message.error():
                ended.add(message.partition() or 0)
            else:
                yield message
    consumer.close()
