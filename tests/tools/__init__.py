"""What is run by name: bench, kills, mutation, audit, the played year."""
