"""Improvements of what a project depends on; they read the whole tree."""
