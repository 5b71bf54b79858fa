"""Improvements about what comes to its end, and what takes its place: they look at the whole tree."""
