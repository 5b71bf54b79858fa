"""Improvements of alert rules, written as splices on their YAML."""
