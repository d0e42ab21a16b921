"""The whole product on a real Kafka, held against the rules run alone."""
