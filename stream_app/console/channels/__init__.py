"""Channels: how people are told. Messages carry pseudonymous ids and a link, never a name or a number.

`telling` queues, `sending` sends what waits, `box` gives back what could not be sent.
"""
