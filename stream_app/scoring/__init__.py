"""Scorecards from labelled tables: fit, score, check. Any column, additive whole points, no library needed."""
