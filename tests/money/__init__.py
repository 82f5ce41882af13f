"""Tests of the floor `money`."""
