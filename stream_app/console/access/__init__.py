"""Who may see and do what: passwords, sessions, roles, limits, and the log of every look (Part 4: access).

Rule: a session belongs to people at their machines, so it goes by the wall clock, whatever time it is at the desk.
"""
