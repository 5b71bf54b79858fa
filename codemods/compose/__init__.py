"""Improvements of compose files, written as splices on their YAML."""
