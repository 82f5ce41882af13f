"""The database: what was spent, what is owed, and the proof that the money meets itself."""
