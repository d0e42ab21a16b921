"""The API: the pages' data as JSON and CSV, for programs with a token. The same people see the same things.

Rule: nobody's name and number stand here; who may not see something is told that it is not there.
"""
