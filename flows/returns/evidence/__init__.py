"""The readers of what the accounts say (huvudboken)."""
