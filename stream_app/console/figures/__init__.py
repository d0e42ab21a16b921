"""Figures for supervisors and management: reckoned from the read model and the desk's own records (DOMAIN 4 to 8).

Rule: what is heavy is reckoned once, by `refresh`, and stored; a page reads what is stored. No figure names a customer.
"""
