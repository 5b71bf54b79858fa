"""The head: text in, edits out."""
