"""The tests, and what they share; the example returns of the README are made here too."""
