"""Migrations of pymongo."""
