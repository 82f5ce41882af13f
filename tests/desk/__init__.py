"""Tests of the floor `desk`."""
