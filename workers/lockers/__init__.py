"""The tools that write lock files again, one module each."""
