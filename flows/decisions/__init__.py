"""The files of `data/` into nouns: grants, boards, rules, and what a run covers."""
