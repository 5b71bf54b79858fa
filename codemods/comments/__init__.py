"""Improvements that start from a comment."""
