"""Migrations of protobuf."""
