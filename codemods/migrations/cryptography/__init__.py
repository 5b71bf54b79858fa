"""Migrations of cryptography."""
