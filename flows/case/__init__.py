"""What people decide about a final report, and what of it is kept."""
