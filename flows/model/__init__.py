"""The nouns of the house, frozen, a file for each family. Money is `Decimal` kronor to the öre;
days are `date`."""
