"""Migrations of jsonschema."""
