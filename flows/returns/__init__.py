"""What the boards send: read, placed and judged; the workbook they fill in, and the one that goes
back."""
