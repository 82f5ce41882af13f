"""Tests of the floor `case`."""
