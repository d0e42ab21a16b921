"""The rules of the desk: who is called, by whom and by when, who is left alone, and what came of it (DOMAIN section 6).

Rule: everything here is a function of what it is given; the desk (`console`) reads and writes, and knows the time.
"""
