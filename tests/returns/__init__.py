"""Tests of the floor `returns`."""
