"""Migrations of NumPy."""
