"""A real Apache Kafka on this machine, for demo, replay and tests: Java as a wheel, jars from Maven, no root."""

from stream_app.local.broker import LocalKafka
from stream_app.local.errors import LocalKafkaError

__all__ = ["LocalKafka", "LocalKafkaError"]
