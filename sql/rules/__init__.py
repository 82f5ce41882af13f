"""One rule, one SELECT: what is wrong, where and by how much."""
