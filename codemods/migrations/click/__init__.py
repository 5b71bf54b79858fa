"""Migrations of click."""
