"""Migrations of docker."""
