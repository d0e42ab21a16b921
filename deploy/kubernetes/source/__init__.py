"""What of deploy/kubernetes follows from the code, written down as YAML: topics, users' rights, Prometheus' rules."""
