"""The desk: phone managers act, supervisors see, the loop closes (DOMAIN section 6).

Facts come in from Kafka, tasks and results live in a SQL database, pages and channels show them. Rule: what is decided
is decided in `core.desk`; here is read, written, shown and sent.
"""
