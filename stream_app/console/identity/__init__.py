"""Identity: the name and the number behind a pseudonymous id, from a source of the operator's own.

Rule: looked up when it is shown, and nowhere kept: in no table, no cache of ours, no log, no export.
"""
