"""Statsbidrag: from the boards' returns to the återrapport.

What the program promises: the same files, data and as-of date give the same figures to the öre and
the same bytes in every report; every figure leads back to file, sheet and cell; what is wrong in a
return is said in Swedish, with the cell and what to do; nothing is guessed, nothing is lost, and
nothing is fetched from or sent to the net, but letters where mail is set up.
"""

__version__ = "0.1.0"

FLOORS = (
    *("base", "model", "decisions", "returns", "money"),
    *("documents", "year", "case", "running", "desk", "face"),
)
"""The floors of the house, packages here, from the ground up: a module imports from its own and
those before it."""
