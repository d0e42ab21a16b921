"""The catalogue of the desk's metrics, in the manner of the worker's; docs/desk-metrics.md is written from here.

A subscriber id, a name or a login is never a label.
"""

from stream_app.worker.catalogue import Definition, page

LAG = Definition(
    "desk_lag_records", "gauge", ("topic",), "Offsets between what the read model has read and the ends of the topic."
)
LAG_SECONDS = Definition(
    "desk_lag_seconds",
    "gauge",
    ("topic",),
    "Seconds from the Kafka timestamp of the last record read to the time at the desk, while there is more to read.",
)
RECORDS = Definition(
    "desk_records_total",
    "counter",
    ("topic", "outcome"),
    "Records taken into the read model (taken), or passed over since they could not be read (unreadable).",
)
ACTED = Definition("desk_acted_total", "counter", (), "Records that called for action, of which some open a case.")
BATCH_SECONDS = Definition(
    "desk_batch_seconds", "histogram", (), "Seconds to write a batch of records, cases among it, in its transaction."
)
CASES = Definition("desk_cases", "gauge", ("state",), "Cases by state: open, waiting, held_out, closed.")
CASE_EVENTS = Definition(
    "desk_case_events_total",
    "counter",
    ("kind", "outcome"),
    "What happened to cases since the desk started, by kind; of a call (contacted) and of a close, what came of it.",
)
OVERDUE = Definition("desk_cases_overdue", "gauge", (), "Open cases that should have been called by now.")
OUTBOX = Definition("desk_outbox_waiting", "gauge", (), "Records that wait to be published on Kafka.")
PUBLISHED = Definition("desk_outbox_sent_total", "counter", (), "Records published on Kafka.")
DELIVERIES = Definition(
    "desk_deliveries", "gauge", ("state",), "Messages to people by state: waiting, sent, digested, dead."
)
TRIES = Definition(
    "desk_tries_total",
    "counter",
    ("channel", "outcome"),
    "Tries to tell somebody through a channel of the channels' file, by what became of the message: sent, waiting "
    "(it is tried again), dead.",
)
ARPU = Definition(
    "desk_arpu_customers",
    "gauge",
    ("le",),
    "Customers on the network with an ARPU of so many yuan at most, in the last month that was closed and reckoned.",
)
ARPU_MEAN = Definition(
    "desk_arpu_mean_fen", "gauge", (), "Mean ARPU of the customers on the network in that month, in fen."
)
MIDDLE_TO_HIGH = Definition(
    "desk_customers",
    "gauge",
    ("group",),
    "Customers of today's count: on_network, middle_to_high (dynamic), assessed, pool (about to become so).",
)
DISK_FREE = Definition(
    "desk_disk_free_bytes", "gauge", (), "Bytes that are free on the disk of the SQLite file; none with PostgreSQL."
)
DISK_SIZE = Definition("desk_disk_size_bytes", "gauge", (), "Bytes that the disk of the SQLite file has in all.")
BROKER_SILENT = Definition(
    "desk_broker_silent_seconds", "gauge", (), "Seconds since a broker last said where the topics end."
)
CLOCK = Definition("desk_clock_timestamp_seconds", "gauge", (), "The time at the desk, seconds since 1970.")
CERTIFICATE_END = Definition(
    "desk_certificate_end_timestamp_seconds",
    "gauge",
    ("use",),
    "When a certificate in use ends, seconds since 1970, by use: http, kafka, kafka_ca; 0: it cannot be read.",
)

CATALOGUE: tuple[Definition, ...] = (
    LAG,
    LAG_SECONDS,
    RECORDS,
    ACTED,
    BATCH_SECONDS,
    CASES,
    CASE_EVENTS,
    OVERDUE,
    OUTBOX,
    PUBLISHED,
    DELIVERIES,
    TRIES,
    ARPU,
    ARPU_MEAN,
    MIDDLE_TO_HIGH,
    DISK_FREE,
    DISK_SIZE,
    BROKER_SILENT,
    CLOCK,
    CERTIFICATE_END,
)


def catalogue_page() -> str:
    """Write the catalogue as a Markdown table."""
    return page("Metrics of the desk 指标", "stream_app/console/catalogue.py", CATALOGUE)
