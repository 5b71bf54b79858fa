"""Migrations of paramiko."""
