"""Improvements of how Dependabot is configured, written as splices on its YAML."""
