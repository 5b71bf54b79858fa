"""Dependency file formats: where a requirement stands, and how to change only its version."""
