"""The names of the environment variables that hold a secret."""

MAIL_PASSWORD = "STATSBIDRAG_SMTP_PASSWORD"
"""The environment variable with the password to the mail server; only processes that send letters
are given it."""
