"""Improvements of what servers are told to do, written as splices on their configurations."""
