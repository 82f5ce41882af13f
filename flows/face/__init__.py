"""The command, and what it answers."""
