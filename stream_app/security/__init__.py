"""Who we are to Kafka and to those who ask us over HTTP: TLS, users and passwords, and what each part may do.

Rule: what is secret stands in files and is read from there; no setting, message or log line holds it.
"""
