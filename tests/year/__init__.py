"""Tests of the floor `year`."""
