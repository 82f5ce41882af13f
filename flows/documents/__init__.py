"""What is read of the result: pages, PDF, Word, Excel, and the same as data."""
