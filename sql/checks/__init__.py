"""One identity of the money, one SELECT: where it fails, what was expected and what was found."""
