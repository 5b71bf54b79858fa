"""The evaluation: what became of what was proposed, and what follows from it, in pure functions."""
