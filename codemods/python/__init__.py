"""Improvements of Python source, written with libcst."""
