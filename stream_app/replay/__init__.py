"""Replay: files of events worked as if they had come through Kafka, on the real worker or by the rules alone."""
