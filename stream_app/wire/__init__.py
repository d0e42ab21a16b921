"""The contracts: bytes <-> events, ticks and facts; the policy file; the schemas.

Knows the core and JSON, nothing of Kafka clients.
"""
