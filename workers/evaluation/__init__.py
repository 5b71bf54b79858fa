"""What became of proposals, and what they were good for: numbers from what the ledger knows, nothing else."""
