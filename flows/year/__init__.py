"""The year between the papers: deadlines, reminders, letters, and where every grant stands."""
