"""The limit: a confluent-kafka consumer that counts records and does nothing with them.

`python -m tests.bench.contenders.bare BOOTSTRAP GROUP INPUT`
"""

import sys

from confluent_kafka import Consumer

from tests.bench.contenders.saying import Seen

BATCH = 10_000


def main(bootstrap: str, group: str, source: str) -> None:
    """Count until killed."""
    seen = Seen()
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "fetch.message.max.bytes": 4 << 20,
        }
    )
    consumer.subscribe([source])
    while True:
        seen.count += len(consumer.consume(BATCH, 0.1))


if __name__ == "__main__":
    main(*sys.argv[1:])
