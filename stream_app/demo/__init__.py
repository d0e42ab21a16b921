"""The demo: a private Kafka, real workers and a simulated population on this machine, watched on one screen."""
