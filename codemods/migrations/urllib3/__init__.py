"""Migrations of urllib3."""
