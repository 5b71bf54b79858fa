"""Improvements about how a service is run, which no single file tells: they look at the whole tree."""
