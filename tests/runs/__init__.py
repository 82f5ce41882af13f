"""Whole ways: the command from end to end, the documents followed, the year played."""
