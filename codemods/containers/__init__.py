"""Improvements of Dockerfiles, written as splices on their bytes."""
