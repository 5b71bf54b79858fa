"""Migrations of kafka-python."""
