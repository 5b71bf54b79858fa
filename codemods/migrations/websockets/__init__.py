"""Migrations of websockets."""
