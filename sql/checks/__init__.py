"""One identity of the money, one SELECT: where it does not hold, what was expected and what was found."""
