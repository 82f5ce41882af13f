"""The identities of the money: each file gives where one does not hold, and nothing when it does."""
