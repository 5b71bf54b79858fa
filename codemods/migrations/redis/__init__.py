"""Migrations of redis-py."""
