"""Every place where a repository writes a version of Python: what it says, and how another one is written there."""
