"""The Great Expectations suites and the register of rules."""
