"""The documents; the program itself shows kontrakt.md."""
