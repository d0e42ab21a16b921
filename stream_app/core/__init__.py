"""The rules, pure: no IO, no clock, no logging, no framework.

Everything here is a function of (state, event or tick, policy). Numbers come in as integers, time comes in as a record.
"""
