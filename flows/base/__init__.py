"""What knows nothing of grants: errors, Swedish numbers and words, days, files, child processes."""
