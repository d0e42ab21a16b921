"""Keep a telecom operator's valuable customers, live."""

__version__ = "0.1.0"
