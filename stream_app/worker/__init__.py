"""The worker: a Faust app that runs the rules on Kafka, exactly once, and says how it is doing."""
