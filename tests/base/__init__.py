"""Tests of the floor `base`."""
