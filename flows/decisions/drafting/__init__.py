"""What stands in a decision document, read into a draft of a grant file."""
